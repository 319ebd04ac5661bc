package cli

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/tableau"
)

// A refused sign-in says what to do instead.
func TestRefusedSignIn(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `<tsResponse><error code="401001"><summary>Signin Error</summary><detail>Error signing in to Tableau Server</detail></error></tsResponse>`)
	}))
	defer server.Close()
	for _, test := range []struct {
		name, try string
		env       map[string]string
	}{
		{"token", "make a new one in My Account Settings", map[string]string{"TABLEAU_TOKEN_NAME": "ci", "TABLEAU_TOKEN_VALUE": "never-shown"}},
		{"password", "where people sign in by single sign-on, a personal access token instead", map[string]string{"TABLEAU_USERNAME": "ann", "TABLEAU_PASSWORD": "never-shown"}},
		{"JSON Web Token", "each is good for one sign-in and ten minutes", map[string]string{"TABLEAU_JWT": "never-shown"}},
	} {
		for _, command := range []string{"login", "whoami"} {
			code, stdout, stderr := runApp(t, with(test.env), "", command, "--server", server.URL, "--api-version", "3.20")
			if code != exitSignIn || !strings.Contains(stderr, "401001") || !strings.Contains(stderr, "  try: ") || !strings.Contains(stderr, test.try) {
				t.Errorf("%s with a %s: exit code %d, standard error %q", command, test.name, code, stderr)
			}
			if strings.Contains(stdout+stderr, "never-shown") {
				t.Errorf("%s with a %s shows the secret", command, test.name)
			}
		}
	}
}

func TestPasswordOnCloud(t *testing.T) {
	t.Parallel()
	refused := &tableau.Error{StatusCode: http.StatusUnauthorized, Code: "401001"}
	for server, cloud := range map[string]bool{
		"https://10ax.online.tableau.com": true, "prod-useast-a.online.tableau.com/#/site/acme": true,
		"https://tableau.example.com": false, "https://online.tableau.com.example.com": false,
	} {
		err := target{server: server, credentials: tableau.Password{Name: "ann", Password: "x"}}.explain(refused)
		if got := strings.Contains(hintFor(err, exitCode(err)), "multi-factor"); got != cloud {
			t.Errorf("%s: taken for Tableau Cloud: %v, want %v", server, got, cloud)
		}
	}
}

func TestSessionTakenOver(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		&tableau.Error{StatusCode: http.StatusUnauthorized, Code: "401002"},
		fmt.Errorf("list workbooks: %w", tableau.ErrSessionReplaced),
	} {
		err = target{}.explain(err)
		if hint := hintFor(err, exitCode(err)); !strings.Contains(hint, "personal access token") {
			t.Errorf("%v: try %q", err, hint)
		}
	}
}

// Pages of single sign-on and of proxies are told from Tableau's answers.
func TestWebPage(t *testing.T) {
	t.Parallel()
	const page = "<!DOCTYPE html>\n<html><title>Sign in to Example</title></html>"
	for name, answer := range map[string]http.HandlerFunc{
		"page":      func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, page) },
		"forbidden": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden); fmt.Fprint(w, page) },
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://login.example.com/saml", http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(answer)
			defer server.Close()
			env := map[string]string{"TABLEAU_TOKEN_NAME": "ci", "TABLEAU_TOKEN_VALUE": "x"}
			for _, command := range []string{"login", "whoami"} {
				code, _, stderr := runApp(t, with(env), "", command, "--server", server.URL)
				if code != exitFailed || !strings.Contains(stderr, "single sign-on page or proxy before it must let requests below /api through") {
					t.Errorf("%s: exit code %d, standard error %q", command, code, stderr)
				}
			}
		})
	}
}
