package house

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the tables into docs")

// keep compares the table of that name in a file of docs with the one that the
// code gives, or writes it there with -update.
func keep(t *testing.T, name, tableName, table string) {
	t.Helper()
	path := filepath.Join(root, "docs", name)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- begin "+tableName+" -->\n", "<!-- end "+tableName+" -->\n"
	before, rest, ok := strings.Cut(string(data), begin)
	got, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table: %s%s", path, begin, end)
	}
	if got == table {
		return
	}
	if !*update {
		t.Fatalf("the table in %s is not what the code says: run make docs", path)
	}
	if err := os.WriteFile(path, []byte(before+begin+table+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
