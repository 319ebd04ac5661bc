package cli

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/internal/sample"
)

// onEmulator is the environment that signs in to a site of its own on the server.
func onEmulator(t *testing.T, server *emulator.Server) map[string]string {
	t.Helper()
	site := server.NewSite(t)
	return map[string]string{
		"TABLEAU_SERVER_URL": server.URL, "TABLEAU_SITE": site.ContentURL,
		"TABLEAU_TOKEN_NAME": site.TokenName, "TABLEAU_TOKEN_VALUE": site.TokenSecret,
	}
}

// All jobs are waited for and printed, whatever becomes of one of them.
func TestJobsWait(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t, emulator.WithJobTime(time.Hour), emulator.WithFailure("publish:Bad*"))
	env := onEmulator(t, server)
	file := t.TempDir() + "/Bakery.twbx"
	if err := os.WriteFile(file, sample.Workbook(), 0o600); err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{"missing": "00000000-0000-4000-8000-000000000000"}
	for _, name := range []string{"good", "other", "bad", "bad too", "cancelled"} {
		code, stdout, stderr := runApp(t, env, "", "workbooks", "publish", file, "--project", "Default", "--name", upperFirst(name), "--as-job", "-o", "name")
		if code != exitDone {
			t.Fatal(stderr)
		}
		ids[name] = strings.TrimSpace(stdout)
	}
	if code, stdout, stderr := runApp(t, env, "", "jobs", "wait", ids["good"], ids["bad"], "--timeout", "1s"); code != exitTimeout ||
		!strings.Contains(stdout, ids["good"]) || !strings.Contains(stdout, ids["bad"]) {
		t.Errorf("while they run: exit code %d, want %d; standard output %s; standard error %s", code, exitTimeout, stdout, stderr)
	}
	if code, _, stderr := runApp(t, env, "", "jobs", "cancel", ids["cancelled"]); code != exitDone {
		t.Fatal(stderr)
	}
	server.Advance(24 * time.Hour)
	tests := []struct {
		jobs []string
		code int
		says string
	}{
		{[]string{"good"}, exitDone, ""},
		{[]string{"good", "other"}, exitDone, "2 of 2 done"},
		{[]string{"bad"}, exitFailed, ids["bad"] + " failed"},
		{[]string{"cancelled"}, exitFailed, ids["cancelled"] + " was cancelled"},
		{[]string{"bad", "good", "cancelled", "other"}, exitPartly, "2 of 4 failed"},
		{[]string{"bad", "bad too"}, exitFailed, "2 of 2 failed"},
		{[]string{"missing"}, exitNotFound, "could not be found"},
		{[]string{"missing", "bad"}, exitFailed, "2 of 2 failed"},
		{[]string{"missing", "good"}, exitPartly, "1 of 2 failed"},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.jobs, ","), func(t *testing.T) {
			args := []string{"jobs", "wait", "-o", "csv", "--columns", "id,finishCode"}
			want := "id,finishCode\n"
			for _, name := range test.jobs {
				args = append(args, ids[name])
				switch {
				case strings.HasPrefix(name, "bad"):
					want += ids[name] + ",1\n"
				case name == "cancelled":
					want += ids[name] + ",2\n"
				case name != "missing":
					want += ids[name] + ",0\n"
				}
			}
			if want == "id,finishCode\n" {
				want = "" // there is nothing to print
			}
			code, stdout, stderr := runApp(t, env, "", args...)
			if code != test.code || stdout != want || !strings.Contains(stderr, test.says) {
				t.Errorf("exit code %d, want %d with %q; standard output %q, want %q; standard error %s", code, test.code, test.says, stdout, want, stderr)
			}
		})
	}
}
