package cli

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// program is a tabctl that runs beside the test.
type program struct {
	*exec.Cmd
	out *bufio.Reader
	err bytes.Buffer
}

// start starts tabctl in an empty directory, with the given variables and no profile.
func start(t *testing.T, env []string, args ...string) *program {
	t.Helper()
	p := &program{Cmd: exec.CommandContext(t.Context(), "tabctl", args...)}
	p.Dir = t.TempDir()
	p.Env = append(append(os.Environ(), "TABCTL_KEYRING=off", "TABCTL_CONFIG_DIR="+t.TempDir()), env...)
	p.Stderr = &p.err
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewReader(out)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// until reads standard output up to a line that holds the text.
func (p *program) until(t *testing.T, text string) string {
	t.Helper()
	var read strings.Builder
	for {
		line, err := p.out.ReadString('\n')
		read.WriteString(line)
		if err != nil {
			t.Fatalf("standard output ended before %q came: %v\n%s\n%s", text, err, read.String(), p.err.String())
		}
		if strings.Contains(line, text) {
			return read.String()
		}
	}
}

// end reads the rest of standard output and returns it with the exit code.
func (p *program) end(t *testing.T) (stdout string, code int) {
	t.Helper()
	var rest bytes.Buffer
	if _, err := rest.ReadFrom(p.out); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); p.ProcessState == nil {
		t.Fatal(err)
	}
	return rest.String(), p.ProcessState.ExitCode()
}

// interrupt presses Ctrl-C.
func (p *program) interrupt(t *testing.T) {
	t.Helper()
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
}

func needSignals(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be interrupted from outside on Windows")
	}
}
