package cli

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A proxy of the environment may have a password, which nothing shows; what it refuses is told as its doing.
func TestProxyOfTheEnvironment(t *testing.T) {
	t.Parallel()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "who are you?", http.StatusProxyAuthRequired)
	}))
	defer proxy.Close()
	host := strings.TrimPrefix(proxy.URL, "http://")
	env := []string{"TABLEAU_SERVER_URL=https://tableau.example.com", "TABLEAU_TOKEN_NAME=ci", "TABLEAU_TOKEN_VALUE=x", "NO_PROXY="}
	for address, says := range map[string]string{
		"http://ann:never-shown@" + host: "try: HTTPS_PROXY=http://USER:PASSWORD@" + host,
		"http://127.0.0.1:1":             "the network and the proxy",
	} {
		p := start(t, append(env, "HTTPS_PROXY="+address), "projects", "list", "--debug")
		stdout, code := p.end(t)
		if stderr := p.err.String(); code == exitDone || !strings.Contains(stderr, says) || strings.Contains(stdout+stderr, "never-shown") {
			t.Errorf("exit code %d: %s", code, stderr)
		}
	}
}
