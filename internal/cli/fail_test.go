package cli

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestExitCodes(t *testing.T) {
	t.Parallel()
	const secret = "a-secret-never-to-be-shown"
	tests := []struct {
		name         string
		status       int
		code, detail string
		want         int
		text         string
	}{
		{"done", 200, "", "", exitDone, ""},
		{"bad request", 400, "400000", "The request is bad", exitFailed, "tabctl: 400000 Summary: The request is bad\n"},
		{"sign-in", 401, "401001", "Wrong", exitSignIn, "tabctl: 401001 Summary: Wrong\n"},
		{"not found", 404, "404006", "No such workbook", exitNotFound, "tabctl: 404006 Summary: No such workbook\n"},
		{"conflict", 409, "409006", "Taken", exitConflict, "tabctl: 409006 Summary: Taken\n"},
		{"overwriting refused", 403, "403007", "Taken", exitConflict, "tabctl: 403007 Summary: Taken\n"},
		{"forbidden", 403, "403004", "Not yours", exitForbidden, "  try: ask the item's owner"},
		{"version", 404, "404001", "Unknown version", exitFailed, "tabctl: 404001"},
		{"wrong address", 404, "", "", exitFailed, "the answer is not Tableau's"},
		{"terminal control", 400, "400000", "\u009b2Jrewritten", exitFailed, "400000 Summary: \ufffd2Jrewritten\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case strings.HasSuffix(r.URL.Path, "/auth/signin") && test.code != "401001":
					fmt.Fprint(w, `<tsResponse><credentials token="t"><site id="s" contentUrl=""/><user id="u"/></credentials></tsResponse>`)
				case strings.HasSuffix(r.URL.Path, "/auth/signout"):
					w.WriteHeader(http.StatusNoContent)
				case test.status == 200:
					fmt.Fprint(w, `<tsResponse><workbooks/></tsResponse>`)
				case test.code == "":
					w.WriteHeader(test.status)
					fmt.Fprint(w, `<html>nothing here</html>`)
				default:
					w.WriteHeader(test.status)
					fmt.Fprintf(w, `<tsResponse><error code="%s"><summary>Summary</summary><detail>%s</detail></error></tsResponse>`, test.code, test.detail)
				}
			}))
			defer server.Close()
			env := map[string]string{"TABLEAU_TOKEN_NAME": "ci", "TABLEAU_TOKEN_VALUE": secret}
			code, stdout, stderr := runApp(t, env, "", "workbooks", "list", "--server", server.URL, "--api-version", "3.20")
			if code != test.want {
				t.Errorf("exit code %d, want %d; standard error: %s", code, test.want, stderr)
			}
			if !strings.Contains(stderr, test.text) {
				t.Errorf("standard error is %q, without %q", stderr, test.text)
			}
			if strings.Contains(stdout+stderr, secret) {
				t.Error("the secret is shown")
			}
		})
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer server.Close()
	env := map[string]string{"TABLEAU_TOKEN_NAME": "ci", "TABLEAU_TOKEN_VALUE": "x"}
	code, _, stderr := runApp(t, env, "", "workbooks", "list", "--server", server.URL, "--timeout", "20ms")
	if code != exitTimeout || !strings.Contains(stderr, "try: a longer --timeout") {
		t.Errorf("exit code %d, want %d; standard error: %s", code, exitTimeout, stderr)
	}
}
