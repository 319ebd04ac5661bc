package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/internal/sample"
)

// TestScripts runs the files in testdata/script, each on a site of its own.
func TestScripts(t *testing.T) {
	server := emulator.Start(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			site := server.NewSite(t)
			env.Setenv("TABLEAU_SERVER_URL", server.URL)
			env.Setenv("TABLEAU_SITE", site.ContentURL)
			env.Setenv("TABLEAU_TOKEN_NAME", site.TokenName)
			env.Setenv("TABLEAU_TOKEN_VALUE", site.TokenSecret)
			env.Setenv("SITE_ID", site.ID)
			env.Setenv("ADMIN", site.AdminName)
			env.Setenv("SECRET_PASSWORD", site.AdminPassword)
			env.Setenv("SECRET_TOKEN", site.TokenSecret)
			env.Setenv("TABCTL_KEYRING", "off") // the tester's own is no place for tests
			env.Setenv("SERVER_ADMIN", server.DefaultSite().AdminName)
			env.Setenv("SECRET_SERVER_PASSWORD", server.DefaultSite().AdminPassword)
			env.Setenv("TABCTL_CONFIG_DIR", filepath.Join(env.WorkDir, "config"))
			return os.WriteFile(filepath.Join(env.WorkDir, "Bakery.twbx"), sample.Workbook(), 0o600)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits, "mode": mode, "value": value, "unsetenv": unsetenv,
		},
	})
}

// exits runs a program that must end with the code, and must not show a secret: exits CODE PROGRAM ARGS...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		failed, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = failed.ExitCode()
	}
	if got != want {
		ts.Fatalf("the exit code is %d, want %d", got, want)
	}
	for _, stream := range []string{"stdout", "stderr"} {
		for _, name := range []string{"SECRET_PASSWORD", "SECRET_TOKEN", "SECRET_SERVER_PASSWORD"} {
			if strings.Contains(ts.ReadFile(stream), ts.Getenv(name)) {
				ts.Fatalf("%s shows $%s", stream, name)
			}
		}
	}
}

// mode checks a file's permissions: mode 0600 FILE
func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode PERMISSIONS FILE")
	}
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[0] {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}

// value puts what stands between two texts in the last output into a variable: value NAME PREFIX SUFFIX
func value(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: value NAME PREFIX SUFFIX")
	}
	_, rest, found := strings.Cut(ts.ReadFile("stdout"), args[1])
	text, _, ended := strings.Cut(rest, args[2])
	if !found || !ended {
		ts.Fatalf("there is nothing between %q and %q", args[1], args[2])
	}
	ts.Setenv(args[0], text)
}

// unsetenv empties variables, which counts as not set: unsetenv NAME...
func unsetenv(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		ts.Setenv(name, "")
	}
}
