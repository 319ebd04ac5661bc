package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestPages(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1790000000")
	dir := t.TempDir()
	if err := write(dir); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"tabctl.1":                   {`.TH "TABCTL" "1"`, "tabctl-login(1)"},
		"tabctl-workbooks-publish.1": {"\\fB--project\\fP", "EXAMPLE"},
	} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, text := range want {
			if !strings.Contains(string(content), text) {
				t.Errorf("%s lacks %q", name, text)
			}
		}
	}
}

// TestProgramHasNoPageWriter holds what this program is apart for.
func TestProgramHasNoPageWriter(t *testing.T) {
	packages, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "github.com/tabctl/tableau-go/cmd/tabctl").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, packages)
	}
	if text := string(packages); !strings.Contains(text, "github.com/spf13/cobra\n") || strings.Contains(text, "spf13/cobra/doc") || strings.Contains(text, "md2man") {
		t.Error("tabctl is to have cobra, without its writer of pages")
	}
}
