package house

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// row finds the module of a row of the table, and the first version in it.
var row = regexp.MustCompile(`(?m)^\| ([a-z0-9.]+\.[a-z]+/\S+) \|(.*)\|$`)

var versionInRow = regexp.MustCompile(`\bv[0-9]+\.[0-9]+\.[0-9]+\S*\b`)

// TestDependenciesAreJustified compares go.mod with docs/dependencies.md: each
// module that we require is there, with its version, and no other.
func TestDependenciesAreJustified(t *testing.T) {
	t.Parallel()
	read := func(parts ...string) string {
		data, err := os.ReadFile(filepath.Join(append([]string{root}, parts...)...))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	required := map[string]string{}
	for line := range strings.Lines(read("go.mod")) {
		fields := strings.Fields(strings.TrimPrefix(line, "require"))
		if len(fields) == 2 && strings.HasPrefix(fields[1], "v") {
			required[fields[0]] = fields[1]
		}
	}
	listed := map[string]string{}
	for _, found := range row.FindAllStringSubmatch(read("docs", "dependencies.md"), -1) {
		listed[found[1]] = versionInRow.FindString(found[2])
		for n, cell := range strings.Split(found[2], "|") {
			if strings.TrimSpace(cell) == "" {
				t.Errorf("%s: the cell %d of its row is empty", found[1], n+2)
			}
		}
	}
	if len(required) < 5 {
		t.Fatalf("only %d modules are in go.mod: %v", len(required), required)
	}
	if diff := cmp.Diff(required, listed); diff != "" {
		t.Errorf("what go.mod requires (-), docs/dependencies.md (+):\n%s", diff)
	}
}
