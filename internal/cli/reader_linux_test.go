package cli

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/emulator"
)

// commandLines print data of all kinds.
var commandLines = []string{
	"projects list", "projects list -o wide", "projects list -o json", "projects list -o jsonl", "projects list -o yaml", "projects list -o csv",
	"projects list -o name", "projects list --jq .[].name", "projects get Default", "projects get Default -o json", "projects get Default -o yaml",
	"projects get Default --jq .name", "whoami", "config list", "version", "help environment", "projects --help", "completion bash",
	"tabcmd list projects", "tabcmd help", "tabcmd version",
}

// A disk that is full is a failure, of whatever is printed; a reader that has seen enough is none.
func TestOutputThatEnds(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("there is no /dev/full: %v", err)
	}
	defer full.Close()
	server := emulator.Start(t)
	site := server.NewSite(t)
	env := append(os.Environ(), "TABLEAU_SERVER_URL="+server.URL, "TABLEAU_SITE="+site.ContentURL, "TABLEAU_TOKEN_NAME="+site.TokenName,
		"TABLEAU_TOKEN_VALUE="+site.TokenSecret, "TABCTL_KEYRING=off", "TABCTL_CONFIG_DIR="+t.TempDir())
	run := func(stdout io.Writer, line string) (code int, stderr string) {
		var messages bytes.Buffer
		p := exec.CommandContext(t.Context(), "tabctl", strings.Fields(line)...)
		p.Dir, p.Env, p.Stdout, p.Stderr = t.TempDir(), env, stdout, &messages
		if err := p.Run(); p.ProcessState == nil {
			t.Fatal(err)
		}
		return p.ProcessState.ExitCode(), messages.String()
	}
	for _, line := range commandLines {
		if code, stderr := run(full, line); code != exitFailed || !strings.Contains(stderr, "the output is not whole: ") || !strings.Contains(stderr, "no space left") {
			t.Errorf("%s to a full disk: exit code %d, standard error %q", line, code, stderr)
		}
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		server.ClearRequests()
		code, stderr := run(w, line)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if code != exitDone || strings.Contains(stderr, "tabctl:") || strings.Contains(stderr, "tabcmd:") {
			t.Errorf("%s to nobody: exit code %d, standard error %q", line, code, stderr)
		}
		if requests := server.Requests(); len(requests) > 0 && requests[len(requests)-1].Route != "Sign Out" {
			t.Errorf("%s to nobody: the session is left open", line)
		}
	}
	// What failed before the reader went is told all the same.
	_, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if code, stderr := run(w, "projects get None"); code != exitNotFound || !strings.Contains(stderr, "None") {
		t.Errorf("exit code %d, standard error %q", code, stderr)
	}
}

// Of several errors, those that are not about the reader stay.
func TestWithoutReaderGone(t *testing.T) {
	t.Parallel()
	other := errors.New("other")
	for _, test := range []struct{ err, want error }{
		{nil, nil}, {errReaderGone, nil}, {withHint(errReaderGone, "none"), nil}, {other, other},
		{errors.Join(errReaderGone, nil), nil}, {errors.Join(other, errReaderGone), other},
	} {
		if got := withoutReaderGone(test.err); !errors.Is(got, test.want) || errors.Is(got, errReaderGone) {
			t.Errorf("of %v there remains %v, want %v", test.err, got, test.want)
		}
	}
}
