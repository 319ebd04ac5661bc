package content

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// shared returns a file that is not part of this project, and skips the test where it is absent.
func shared(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "shared", "assets", name))
	if err != nil {
		t.Skipf("needs a file that is not part of this project: %v", err)
	}
	return data
}

type entry struct{ name, data string }

// zipOf returns a package with these entries.
func zipOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		out, err := w.Create(e.name)
		if err == nil {
			_, err = out.Write([]byte(e.data))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(t *testing.T, data []byte, kind string) *Workbook {
	t.Helper()
	wb, err := ReadWorkbook(bytes.NewReader(data), int64(len(data)), kind)
	if err != nil {
		t.Fatal(err)
	}
	return wb
}

func table(t *testing.T, data []byte, wb *Workbook, view string, filters map[string][]string) *Table {
	t.Helper()
	got, err := ViewTable(bytes.NewReader(data), int64(len(data)), wb, view, filters)
	if err != nil {
		t.Fatal(err)
	}
	return got
}
