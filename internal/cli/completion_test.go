package cli

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/tableau"
)

// A shell gets names or nothing: no message, no question, no long wait.
func TestCompletionIsSilent(t *testing.T) {
	t.Parallel()
	stuck := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(stuck.Close)
	refusing := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(refusing.Close)
	signedIn := func(server string) map[string]string {
		env := map[string]string{"TABCTL_CONFIG_DIR": t.TempDir()}
		saveProfile(t, env, profile{Server: server, Session: &tableau.Session{Token: "x", SiteID: "1"}})
		return env
	}
	tests := []struct {
		name string
		env  map[string]string
		args []string
	}{
		{"no server", map[string]string{}, []string{"workbooks", "get", ""}},
		{"no session", map[string]string{"TABLEAU_SERVER_URL": refusing.URL}, []string{"workbooks", "get", ""}},
		{"failure", signedIn(refusing.URL), []string{"workbooks", "get", ""}},
		{"stuck", signedIn(stuck.URL), []string{"workbooks", "get", ""}},
		{"flag", signedIn(refusing.URL), []string{"workbooks", "publish", "--project", ""}},
		{"insecure", signedIn(refusing.URL), []string{"workbooks", "get", "--insecure", ""}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			started := time.Now()
			code, stdout, stderr := runApp(t, test.env, "", append([]string{"__complete"}, test.args...)...)
			if code != exitDone || stdout != ":4\n" { // 4: and no file names
				t.Errorf("exit code %d, standard output %q", code, stdout)
			}
			if lines := strings.Count(stderr, "\n"); lines != 1 || !strings.HasPrefix(stderr, "Completion ended with directive") {
				t.Errorf("standard error is %q", stderr)
			}
			if took := time.Since(started); took > completionTime+2*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// saveProfile saves the profile named default.
func saveProfile(t *testing.T, env map[string]string, p profile) {
	t.Helper()
	store := profileStore{dir: filepath.Join(env["TABCTL_CONFIG_DIR"], "profiles")}
	unlock, err := store.lock(t.Context(), "default")
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if err := store.save("default", p); err != nil {
		t.Fatal(err)
	}
}

// Completing uses a session that is there, and does not sign in for one.
func TestCompletionDoesNotSignIn(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	site, other := server.NewSite(t), server.NewSite(t)
	env := map[string]string{
		"TABLEAU_SERVER_URL": server.URL, "TABLEAU_SITE": site.ContentURL,
		"TABLEAU_TOKEN_NAME": site.TokenName, "TABLEAU_TOKEN_VALUE": site.TokenSecret, "TABCTL_CONFIG_DIR": t.TempDir(),
	}
	const nothing, offer = ":4\n", "Default\n:4\n"
	complete := func(env map[string]string, want string, asked int) {
		t.Helper()
		server.ClearRequests()
		_, stdout, _ := runApp(t, env, "", "__complete", "projects", "get", "")
		if stdout != want {
			t.Errorf("the shell is offered %q, want %q", stdout, want)
		}
		requests := server.Requests()
		if len(requests) > asked {
			t.Errorf("there are %d requests, want at most %d", len(requests), asked)
		}
		for _, r := range requests {
			if strings.HasPrefix(r.Route, "Sign") {
				t.Errorf("completing asks for %s %s", r.Method, r.Path)
			}
		}
	}
	complete(env, nothing, 0)
	if code, _, stderr := runApp(t, env, "", "login"); code != exitDone {
		t.Fatal(stderr)
	}
	complete(env, offer, 2)
	elsewhere := maps.Clone(env)
	elsewhere["TABLEAU_SITE"] = other.ContentURL
	complete(elsewhere, nothing, 0)
	p, _, err := profileStore{dir: filepath.Join(env["TABCTL_CONFIG_DIR"], "profiles")}.load("default")
	if err != nil {
		t.Fatal(err)
	}
	living := *p.Session
	p.Session = &tableau.Session{Token: living.Token, SiteID: living.SiteID, ExpiresAt: time.Now().Add(-time.Second)}
	saveProfile(t, env, p)
	complete(env, nothing, 0)
	p.Session = &tableau.Session{Token: "not-" + living.Token, SiteID: living.SiteID}
	saveProfile(t, env, p)
	complete(env, nothing, 2)
}
