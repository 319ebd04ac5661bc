package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/tableau"
)

func TestEmulatorCommand(t *testing.T) {
	needSignals(t)
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	serve := func(work func(url string)) {
		p := start(t, nil, "emulator", "--addr", "127.0.0.1:0", "--data", data, "--user", "boss", "--password", "local password", "--pat", "ci:part:one")
		first, err := p.out.ReadString('\n')
		if err != nil {
			t.Fatalf("no first line: %v\n%s", err, p.err.String())
		}
		match := regexp.MustCompile(`^listening on (http://127\.0\.0\.1:[1-9][0-9]*)\n$`).FindStringSubmatch(first)
		if match == nil {
			t.Fatalf("the first line is %q", first)
		}
		work(match[1])
		p.interrupt(t)
		if rest, code := p.end(t); code != 0 || rest != "" || p.err.String() != "" {
			t.Errorf("after an interrupt: exit code %d, more output %q, errors %q; want 0 and nothing", code, rest, p.err.String())
		}
	}
	signIn := func(url string, credentials tableau.Credentials) *tableau.Client {
		c, err := tableau.New(url, tableau.WithCredentials(credentials))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.SignIn(t.Context()); err != nil {
			t.Fatalf("sign in with %v: %v", credentials, err)
		}
		return c
	}

	serve(func(url string) {
		signIn(url, tableau.Password{Name: "boss", Password: "local password"})
		c := signIn(url, tableau.PersonalAccessToken{Name: "ci", Secret: "part:one"})
		if _, err := c.Projects.Create(t.Context(), tableau.CreateProject{Name: "Kept"}); err != nil {
			t.Fatal(err)
		}
	})
	serve(func(url string) { // the directory keeps what was there
		c := signIn(url, tableau.PersonalAccessToken{Name: "ci", Secret: "part:one"})
		found, err := tableau.Collect(c.Projects.List(t.Context(), tableau.Query{Filter: []tableau.Filter{tableau.Eq("name", "Kept")}}), -1)
		if err != nil || len(found) != 1 {
			t.Errorf("after a restart: %d projects, error %v; want the one created before", len(found), err)
		}
	})
}

func TestEmulatorCommandWarns(t *testing.T) {
	needSignals(t)
	t.Parallel()
	p := start(t, nil, "emulator", "--addr", "0.0.0.0:0", "--pat", "ci:secret")
	p.until(t, "listening on http://")
	p.interrupt(t)
	if _, code := p.end(t); code != 0 || !strings.Contains(p.err.String(), "other machines can reach this server") {
		t.Errorf("exit code %d, errors %q; want 0 and a warning", code, p.err.String())
	}
}

func TestEmulatorCommandWithoutPort(t *testing.T) {
	t.Parallel()
	p := start(t, nil, "emulator", "--addr", "127.0.0.1:0", "--pat", "ci:secret", "--data", os.DevNull)
	if out, code := p.end(t); code != exitFailed || out != "" {
		t.Errorf("with a directory that cannot be: exit code %d, output %q; want %d and nothing", code, out, exitFailed)
	}
}

func TestEmulatorCommandOfAnEarlierVersion(t *testing.T) {
	needSignals(t)
	t.Parallel()
	p := start(t, nil, "emulator", "--addr", "127.0.0.1:0", "--pat", "ci:secret", "--api-version", "3.4")
	url := strings.TrimSpace(strings.TrimPrefix(p.until(t, "listening on http://"), "listening on "))
	c, err := tableau.New(url, tableau.WithCredentials(tableau.PersonalAccessToken{Name: "ci", Secret: "secret"}))
	if err != nil {
		t.Fatal(err)
	}
	info, err := c.Server.Info(t.Context())
	if err != nil || info.RESTAPIVersion != "3.4" {
		t.Errorf("the server says %+v, error %v; want version 3.4", info, err)
	}
	p.interrupt(t)
	p.end(t)

	bad := start(t, nil, "emulator", "--addr", "127.0.0.1:0", "--pat", "ci:secret", "--api-version", "9.9")
	if _, code := bad.end(t); code != exitFailed || !strings.Contains(bad.err.String(), `"9.9"`) {
		t.Errorf("with a version that is not known: exit code %d, errors %q", code, bad.err.String())
	}
}

// TestEmulatorCommandIsForThisMachine looks at where the server listens when it is not told.
func TestEmulatorCommandIsForThisMachine(t *testing.T) {
	t.Parallel()
	_, stdout, _ := runApp(t, map[string]string{}, "", "emulator", "--help")
	if !strings.Contains(stdout, `(default "127.0.0.1:8850")`) {
		t.Errorf("the help says %s", stdout)
	}
}
