package cli

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A shell gets names or nothing: no message, no question, no long wait.
func TestCompletionIsSilent(t *testing.T) {
	t.Parallel()
	stuck := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(stuck.Close)
	refusing := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(refusing.Close)
	signedIn := map[string]string{"TABLEAU_TOKEN_NAME": "ci", "TABLEAU_TOKEN_VALUE": "x"}
	tests := []struct {
		name string
		env  map[string]string
		args []string
	}{
		{"no server", map[string]string{}, []string{"workbooks", "get", ""}},
		{"no credentials", map[string]string{"TABLEAU_SERVER_URL": refusing.URL}, []string{"workbooks", "get", ""}},
		{"failure", signedIn, []string{"workbooks", "get", "--server", refusing.URL, ""}},
		{"stuck", signedIn, []string{"workbooks", "get", "--server", stuck.URL, ""}},
		{"flag", signedIn, []string{"workbooks", "publish", "--server", refusing.URL, "--project", ""}},
		{"insecure", signedIn, []string{"workbooks", "get", "--insecure", "--server", refusing.URL, ""}},
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
