package house

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// leftOut is a line of an example that stands for others.
var leftOut = regexp.MustCompile(`(?m)^\s*// ….*\n`)

// TestExamplesCompile looks for the Go of README.md and docs in files that are compiled.
func TestExamplesCompile(t *testing.T) {
	t.Parallel()
	documents, compiled := glob(t, "README.md", "docs/*.md"), ""
	for _, path := range glob(t, "tableau/*_test.go", "emulator/*_test.go", "tableau/*.go") {
		compiled += unindented(read(t, path))
	}
	count := 0
	for _, path := range documents {
		for _, block := range strings.Split(read(t, path), "```go\n")[1:] {
			code, _, _ := strings.Cut(block, "```")
			count++
			for _, piece := range leftOut.Split(unindented(code), -1) {
				if !strings.Contains(compiled, piece) {
					t.Errorf("%s: in no file that is compiled:\n%s", filepath.Base(path), piece)
				}
			}
		}
	}
	if count < 6 {
		t.Errorf("README.md and docs have %d examples in Go", count)
	}
}

func glob(t *testing.T, patterns ...string) (found []string) {
	t.Helper()
	for _, pattern := range patterns {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, paths...)
	}
	return found
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func unindented(code string) string {
	lines := strings.Split(code, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimLeft(line, "\t")
	}
	return strings.Join(lines, "\n")
}
