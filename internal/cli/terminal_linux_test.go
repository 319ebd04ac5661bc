package cli

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/tabctl/tableau-go/emulator"
)

// terminal is a tabctl that runs in a pseudo-terminal.
type terminal struct {
	*exec.Cmd
	t      *testing.T
	master *os.File
	chunks chan []byte
	text   bytes.Buffer // what has been shown
}

func startTerminal(t *testing.T, columns int, env []string, args ...string) *terminal {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("there are no pseudo-terminals: %v", err)
	}
	t.Cleanup(func() { master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(int(master.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: uint16(columns)}); err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer slave.Close()
	p := &terminal{Cmd: exec.CommandContext(t.Context(), "tabctl", args...), t: t, master: master, chunks: make(chan []byte, 1000)}
	p.Stdin, p.Stdout, p.Stderr = slave, slave, slave
	p.Env = append(append(os.Environ(), "TABCTL_CONFIG_DIR="+t.TempDir(), "TABCTL_KEYRING=off", "NO_COLOR=", "TERM=xterm"), env...)
	p.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.chunks)
		for {
			chunk := make([]byte, 4096)
			n, err := master.Read(chunk)
			p.chunks <- chunk[:n]
			if err != nil { // the program has ended
				return
			}
		}
	}()
	return p
}

// until waits for a text to be shown.
func (p *terminal) until(text string) {
	p.t.Helper()
	deadline := time.After(30 * time.Second)
	for !strings.Contains(p.text.String(), text) {
		select {
		case chunk, more := <-p.chunks:
			if !more {
				p.t.Fatalf("the program ended without showing %q: %q", text, p.text.String())
			}
			p.text.Write(chunk)
		case <-deadline:
			p.t.Fatalf("%q was not shown: %q", text, p.text.String())
		}
	}
}

func (p *terminal) enter(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.master, text); err != nil {
		p.t.Fatal(err)
	}
}

// end waits for the program to end, and returns all that was shown, with line ends as usual.
func (p *terminal) end(code int) string {
	p.t.Helper()
	for chunk := range p.chunks {
		p.text.Write(chunk)
	}
	err := p.Wait()
	if p.ProcessState == nil {
		p.t.Fatal(err)
	}
	if got := p.ProcessState.ExitCode(); got != code {
		p.t.Errorf("the exit code is %d, want %d: %q", got, code, p.text.String())
	}
	return strings.ReplaceAll(p.text.String(), "\r\n", "\n")
}

// served returns an emulator's site, and the variables that sign in there.
func served(t *testing.T) (url string, site emulator.Site, env []string) {
	server := emulator.Start(t)
	site = server.NewSite(t)
	return server.URL, site, []string{
		"TABLEAU_SERVER_URL=" + server.URL, "TABLEAU_SITE=" + site.ContentURL, "TABLEAU_TOKEN_NAME=" + site.TokenName, "TABLEAU_TOKEN_VALUE=" + site.TokenSecret,
	}
}

func TestTerminalTable(t *testing.T) {
	t.Parallel()
	_, _, env := served(t)
	const bold = "\x1b[1m"
	for _, test := range []struct {
		name    string
		columns int
		env     []string
		bold    bool
	}{
		{"narrow", 70, nil, true},
		{"wide", 300, nil, true},
		{"NO_COLOR", 70, []string{"NO_COLOR=1"}, false},
		{"dumb", 70, []string{"TERM=dumb"}, false},
	} {
		t.Run(test.name, func(t *testing.T) { // one after the other: they have one token
			text := startTerminal(t, test.columns, append(env, test.env...), "projects", "list").end(exitDone)
			if strings.Contains(text, bold) != test.bold || !test.bold && strings.Contains(text, "\x1b") {
				t.Errorf("bold: %v, want %v: %q", strings.Contains(text, bold), test.bold, text)
			}
			longest := 0
			for line := range strings.Lines(regexp.MustCompile("\x1b\\[[0-9]*m").ReplaceAllString(text, "")) {
				longest = max(longest, utf8.RuneCountInString(strings.TrimRight(line, "\n")))
			}
			if longest > test.columns {
				t.Errorf("a line is %d wide in a terminal of %d", longest, test.columns)
			}
			if cut := strings.Contains(text, "…"); cut != (test.columns < 100) {
				t.Errorf("something is cut: %v: %q", cut, text)
			}
		})
	}
}

func TestTerminalLogin(t *testing.T) {
	t.Parallel()
	url, site, _ := served(t)
	none := []string{"TABLEAU_SERVER_URL=", "TABLEAU_SITE=", "TABLEAU_TOKEN_NAME=", "TABLEAU_TOKEN_VALUE="}
	p := startTerminal(t, 200, none, "login", "--site", site.ContentURL)
	p.until("Server URL: ")
	p.enter(url + "\n")
	p.until("Name of your personal access token")
	p.enter(site.TokenName + "\n")
	p.until("Enter the secret of the personal access token " + site.TokenName + ": ")
	p.enter(site.TokenSecret + "\n")
	p.until("Signed in to " + url)
	if text := p.end(exitDone); strings.Contains(text, site.TokenSecret) || !strings.Contains(text, site.TokenName+"\n") {
		t.Errorf("the secret is to be hidden, the name is not: %q", text)
	}

	p = startTerminal(t, 200, none, "login", "--server", url, "--site", site.ContentURL)
	p.until("(empty to use a user name and password): ")
	p.enter("\n")
	p.until("User name: ")
	p.enter(site.AdminName + "\n")
	p.until("Enter the password of " + site.AdminName + ": ")
	p.enter(site.AdminPassword + "\n")
	if text := p.end(exitDone); strings.Contains(text, site.AdminPassword) {
		t.Errorf("the password is shown: %q", text)
	}
}

// Ctrl-C ends a question at once, and leaves a terminal that shows what is typed.
func TestTerminalInterrupt(t *testing.T) {
	t.Parallel()
	url, site, env := served(t)
	for question, p := range map[string]*terminal{
		"Enter the password of ann: ": startTerminal(t, 80, []string{"TABLEAU_TOKEN_NAME=", "TABLEAU_PASSWORD="}, "login", "--server", url, "--site", site.ContentURL, "--username", "ann"),
		"[y/N] ":                      startTerminal(t, 80, env, "projects", "delete", "Default"),
	} {
		p.until(question)
		p.enter("\x03")
		if text := p.end(exitFailed); !strings.Contains(text, "interrupted") {
			t.Errorf("%q: %q", question, text)
		}
		state, err := unix.IoctlGetTermios(int(p.master.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		if state.Lflag&unix.ECHO == 0 {
			t.Errorf("after %q the terminal hides what is typed", question)
		}
	}
}

func TestTerminalProgress(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	site := server.NewSite(t)
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = struct {
			io.Reader
			io.Closer
		}{slowReader{r.Body, new(int)}, r.Body}
		server.ServeHTTP(w, r)
	}))
	t.Cleanup(slow.Close)
	env := []string{
		"TABLEAU_SERVER_URL=" + slow.URL, "TABLEAU_SITE=" + site.ContentURL, "TABLEAU_TOKEN_NAME=" + site.TokenName, "TABLEAU_TOKEN_VALUE=" + site.TokenSecret,
	}
	file := filepath.Join(t.TempDir(), "Big.hyper")
	if err := os.WriteFile(file, append([]byte("Hyper"), make([]byte, 16<<20)...), 0o600); err != nil {
		t.Fatal(err)
	}
	publish := []string{"datasources", "publish", file, "--project", "Default", "--overwrite"}
	text := startTerminal(t, 90, env, publish...).end(exitDone)
	if !regexp.MustCompile(`\r\x1b\[K….*Big\.hyper: [1-9]?[0-9]%, [0-9.]+ [kM]B of 16\.8 MB  \[#* *\]`).MatchString(text) {
		t.Errorf("there is no bar on the way: %q", text)
	}
	for _, line := range strings.Split(text, "\r\x1b[K")[1:] {
		if line, _, _ = strings.Cut(line, "\n"); utf8.RuneCountInString(line) >= 90 {
			t.Errorf("a line wraps: %q", line)
		}
	}
	if text := startTerminal(t, 60, append(env, "TERM=dumb"), publish...).end(exitDone); strings.Contains(text, "\x1b") {
		t.Errorf("a dumb terminal cannot do that: %q", text)
	}
	if text := startTerminal(t, 60, env, append(publish, "--quiet")...).end(exitDone); strings.Contains(text, "Uploading") {
		t.Errorf("--quiet is not quiet: %q", text)
	}
}

// slowReader takes its time, as a network does.
type slowReader struct {
	io.Reader
	unpaid *int
}

func (r slowReader) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	if *r.unpaid += n; *r.unpaid > 128<<10 {
		*r.unpaid = 0
		time.Sleep(5 * time.Millisecond)
	}
	return n, err
}
