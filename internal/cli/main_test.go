package cli

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes tabctl a program on the PATH of the tests.
func TestMain(m *testing.M) {
	main := func() { os.Exit(Main()) }
	testscript.Main(m, map[string]func(){"tabctl": main, "tabcmd": main})
}

// runApp runs a command line in this process, without a terminal.
func runApp(t *testing.T, env map[string]string, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	env = maps.Clone(env)
	if env["TABCTL_CONFIG_DIR"] == "" {
		env["TABCTL_CONFIG_DIR"] = t.TempDir()
	}
	env["TABCTL_KEYRING"] = "off" // the tester's own is no place for tests
	a := &app{in: strings.NewReader(stdin), out: &out, err: &err, getenv: func(name string) string { return env[name] }}
	code = a.run(t.Context(), args)
	return code, out.String(), err.String()
}

// asset returns the path of a file beside the repository, which may be absent.
func asset(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("../../../shared/assets", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Skipf("%s is not there", name)
	}
	return path
}
