package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFileStems(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, want string }{
		{"Overview", "Overview"},
		{"overview", "overview (2)"}, // one file for Windows and macOS
		{"../../etc/passwd", "_.._etc_passwd"},
		{`a/b\c:d*e?f"g<h>i|j`, "a_b_c_d_e_f_g_h_i_j"},
		{"Sales\x00\n\x1b", "Sales___"},
		{"..", "_"},
		{"", "_ (2)"},
		{"con", "_con"},
		{"LPT1.x", "_LPT1.x"},
		{"Com¹", "_Com¹"},
		{"CONOUT$", "_CONOUT$"},
		{"COM10", "COM10"},
		{"Comma", "Comma"},
		{"Größe 大", "Größe 大"},
		{"OVERVIEW", "OVERVIEW (3)"},
		{strings.Repeat("é", 100), strings.Repeat("é", 60)},
	}
	stems := fileStems{}
	for _, test := range tests {
		if got := stems.unique(test.name); got != test.want {
			t.Errorf("unique(%q) = %q, want %q", test.name, got, test.want)
		}
	}
}

// A file that cannot be finished leaves the one before it alone.
func TestWriteFileIsWholeOrNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "view.png")
	write := func(text string, fail error) error {
		_, err := writeFile(path, func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return errors.Join(err, fail)
		})
		return err
	}
	if err := write("whole", nil); err != nil {
		t.Fatal(err)
	}
	if err := write("torn", io.ErrUnexpectedEOF); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the error is %v, want the writer's", err)
	}
	if content, err := os.ReadFile(path); string(content) != "whole" || err != nil {
		t.Errorf("the file holds %q (%v), want what was whole", content, err)
	}
	if entries, err := os.ReadDir(dir); len(entries) != 1 || err != nil {
		t.Errorf("%d files are there (%v), want 1", len(entries), err)
	}
}
