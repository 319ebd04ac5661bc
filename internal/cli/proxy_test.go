package cli

import (
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// HTTPS_PROXY leads to the server, its password unseen, unless NO_PROXY names the server.
func TestThroughProxyOfTheEnvironment(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	const name = "tableau.invalid" // which only the proxy can reach
	url, signIn := secureServer(t, ca, &x509.Certificate{DNSNames: []string{name}}, false)
	proxy, tunnels := proxyFor(t, strings.TrimPrefix(url, "https://"))
	env := []string{"TABLEAU_CA_CERT=" + ca.file}
	for key, value := range signIn {
		env = append(env, key+"="+value)
	}
	env = append(env, "TABLEAU_SERVER_URL=https://"+name, "HTTPS_PROXY=http://me:proxy-secret@"+proxy, "NO_PROXY=")
	tests := []struct {
		name    string
		env     []string
		args    []string
		done    bool
		through bool
		says    string
	}{
		{"HTTPS_PROXY", nil, nil, true, true, ""},
		{"lower case", []string{"HTTPS_PROXY=", "https_proxy=http://me:proxy-secret@" + proxy}, nil, true, true, ""},
		{"NO_PROXY", []string{"NO_PROXY=.invalid"}, nil, false, false, "tableau.invalid"},
		{"NO_PROXY of another", []string{"NO_PROXY=example.com,localhost"}, nil, true, true, ""},
		{"wrong password", []string{"HTTPS_PROXY=http://me:proxy-secret-2@" + proxy}, nil, false, false, "the proxy " + proxy + " refuses: 407"},
		{"flag first", nil, []string{"--proxy", "127.0.0.1:1"}, false, false, "proxy"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			before := tunnels.Load()
			p := start(t, append(env, test.env...), append([]string{"projects", "list", "--debug"}, test.args...)...)
			stdout, code := p.end(t)
			stderr := p.err.String()
			if (code == exitDone) != test.done || (tunnels.Load() > before) != test.through || !strings.Contains(stderr, test.says) {
				t.Errorf("exit code %d with %d tunnels; want %q in %s", code, tunnels.Load()-before, test.says, stderr)
			}
			if strings.Contains(stdout+stderr, "proxy-secret") {
				t.Error("the proxy's password is shown")
			}
		})
	}
}

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
