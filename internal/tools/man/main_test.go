package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/internal/cli"
)

func TestPages(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1790000000")
	dir := t.TempDir()
	if err := writeAll(cli.Commands(), dir); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"tabctl.1":                   {`.TH "TABCTL" "1"`, "tabctl-login(1)"},
		"tabctl-workbooks-publish.1": {"\\fB--project\\fP", "EXAMPLE"},
		"tabctl-environment.7":       {"TABLEAU_TOKEN_VALUE"},
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
	for _, name := range []string{"spf13/cobra\n", "!spf13/cobra/doc\n", "!md2man"} {
		unwanted := strings.HasPrefix(name, "!")
		if name = strings.TrimPrefix(name, "!"); strings.Contains(string(packages), name) == unwanted {
			t.Errorf("tabctl depends on %q: %v", strings.TrimSpace(name), unwanted)
		}
	}
}
