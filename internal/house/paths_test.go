package house

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

var goFile = regexp.MustCompile(`\b(?:[a-z]+/)+[a-z_]+\.go\b`)

// TestNamedFilesExist looks for the files that the documents about the code name.
func TestNamedFilesExist(t *testing.T) {
	t.Parallel()
	count := 0
	for _, document := range []string{"docs/architecture.md", "CONTRIBUTING.md"} {
		for _, name := range goFile.FindAllString(read(t, filepath.Join(root, document)), -1) {
			count++
			if _, err := os.Stat(filepath.Join(root, name)); err != nil {
				t.Errorf("%s: %v", document, err)
			}
		}
	}
	if count < 20 {
		t.Errorf("only %d files are named", count)
	}
}
