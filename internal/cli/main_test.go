package cli

import (
	"bytes"
	"log"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes tabctl a program on the PATH of the tests: this one by another name, which counts what it covers. With the
// race detector it would take several times as long to start, hundreds of times, and is built without it.
func TestMain(m *testing.M) {
	if raceDetector {
		os.Exit(runWithPlainTabctl(m))
	}
	main := func() { os.Exit(Main()) }
	testscript.Main(m, map[string]func(){"tabctl": main, "tabcmd": main})
}

func runWithPlainTabctl(m *testing.M) int {
	dir, err := os.MkdirTemp("", "tabctl-test-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ending := ""
	if runtime.GOOS == "windows" {
		ending = ".exe"
	}
	tabctl := filepath.Join(dir, "tabctl"+ending)
	if output, err := exec.Command("go", "build", "-race=false", "-buildvcs=false", "-o", tabctl, "../../cmd/tabctl").CombinedOutput(); err != nil {
		log.Fatalf("building tabctl: %v\n%s", err, output)
	}
	if err := os.Link(tabctl, filepath.Join(dir, "tabcmd"+ending)); err != nil {
		log.Fatal(err)
	}
	os.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	return m.Run()
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
