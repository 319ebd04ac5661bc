package cli

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/internal/sample"
	"github.com/tabctl/tableau-go/tableau"
)

func TestNameTemplates(t *testing.T) {
	t.Parallel()
	tests := []struct{ template, want string }{
		{"{workbook}/{view}", "Sales/East - West"},
		{"{project}/{workbook}/{view}.png", "Finance/E_MEA/Sales/East - West"},
		{"{id}.PNG", "7.PNG"}, // only the usual spelling is the extension
		{"all in {view}", "all in East - West"},
		{"{", "{"},
	}
	for _, test := range tests {
		template, err := parseNameTemplate(test.template, ".png")
		if err != nil {
			t.Errorf("%s: %v", test.template, err)
			continue
		}
		if got := template.stem("Finance/E:MEA", "Sales", "East - West", "7"); got != test.want {
			t.Errorf("%s makes %q, want %q", test.template, got, test.want)
		}
	}
	hostile, _ := parseNameTemplate("{project}/{workbook}/{view}", ".png")
	if got := hostile.stem("../..", "..", "/etc/passwd", "7"); got != "_/_/_/_etc_passwd" {
		t.Errorf("names that lead elsewhere make %q", got)
	}
	for _, refused := range []string{"", "{nothing}", "{}", "/{view}", "../{view}", "a/../../{view}", "{view}/"} {
		if template, err := parseNameTemplate(refused, ".png"); exitCode(err) != exitUsage {
			t.Errorf("%q is read as %q with error %v, want a usage error", refused, template, err)
		}
	}
}

func TestTimeLeft(t *testing.T) {
	t.Parallel()
	tests := []struct {
		done, total int64
		elapsed     time.Duration
		want        string
	}{
		{25, 100, 10 * time.Second, ", 30s left"},
		{1, 1000, 10 * time.Second, ", 2h46m left"},
		{50, 100, 125 * time.Second, ", 2m05s left"},
		{0, 100, 10 * time.Second, ""},   // nothing to go by
		{50, 100, time.Second, ""},       // too little to go by
		{100, 100, 10 * time.Second, ""}, // done
		{100, -1, 10 * time.Second, ""},  // of an unknown size
	}
	for _, test := range tests {
		if got := leftText(test.done, test.total, test.elapsed); got != test.want {
			t.Errorf("%d of %d after %v: %q, want %q", test.done, test.total, test.elapsed, got, test.want)
		}
	}
}

func TestJournal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, output := filepath.Join(dir, "journal"), filepath.Join(dir, "output")
	write := func(entries ...journalEntry) {
		t.Helper()
		j, err := openJournal(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if err := j.add(entry); err != nil {
				t.Fatal(err)
			}
		}
		if err := j.close(); err != nil {
			t.Fatal(err)
		}
	}
	has := func(key, state string) bool {
		t.Helper()
		j, err := openJournal(path)
		if err != nil {
			t.Fatal(err)
		}
		defer j.close()
		return j.has(key, state)
	}
	if err := os.WriteFile(output, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	write(journalEntry{Key: "a", State: "1", Outcome: outcomeDone}, journalEntry{Key: "b", State: "1", Outcome: outcomeFailed, Error: "why"},
		journalEntry{Key: "c", State: "1", Outcome: outcomeDone, File: output})
	if !has("a", "1") || has("a", "2") || has("b", "1") || !has("c", "1") || has("d", "1") {
		t.Error("what is remembered is not what was written")
	}
	write(journalEntry{Key: "a", State: "2", Outcome: outcomeFailed}, journalEntry{Key: "b", State: "1", Outcome: outcomeDone})
	if has("a", "1") || !has("b", "1") {
		t.Error("the last entry does not count")
	}
	write(journalEntry{Key: "d", State: "1", Outcome: outcomeDone, File: output})
	if has("c", "1") || !has("d", "1") {
		t.Error("a file that another item has overwritten counts as there")
	}
	if err := os.Remove(output); err != nil {
		t.Fatal(err)
	}
	if has("d", "1") {
		t.Error("a file that is gone counts as there")
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content[:len(content)-9], 0o600); err != nil { // torn
		t.Fatal(err)
	}
	write(journalEntry{Key: "e", State: "1", Outcome: outcomeDone})
	if !has("b", "1") || !has("e", "1") || has("d", "1") {
		t.Error("a torn line takes others with it")
	}
}

// What fails is told apart from what was not begun, and decides the exit code.
func TestBatchOutcomes(t *testing.T) {
	t.Parallel()
	missing, conflict := &missingError{"view", "x"}, &tableau.Error{StatusCode: 409, Code: "409004"}
	refused := &signInError{"no"}
	tests := map[string]struct {
		errs     []error
		goOn     bool
		code     int
		outcomes []string // of those that are not done
	}{
		"all well":                   {errs: []error{nil, nil}, code: exitDone},
		"none":                       {code: exitDone},
		"one fails":                  {errs: []error{nil, missing, nil}, code: exitPartly, outcomes: []string{"failed", "not started"}},
		"one fails, others go on":    {errs: []error{nil, missing, nil}, goOn: true, code: exitPartly, outcomes: []string{"failed"}},
		"the first fails":            {errs: []error{missing, nil}, code: exitNotFound, outcomes: []string{"failed", "not started"}},
		"all fail alike":             {errs: []error{missing, missing}, goOn: true, code: exitNotFound, outcomes: []string{"failed", "failed"}},
		"all fail in their own way":  {errs: []error{missing, conflict}, goOn: true, code: exitFailed, outcomes: []string{"failed", "failed"}},
		"the only one fails":         {errs: []error{missing}, code: exitNotFound},
		"the sign-in is refused":     {errs: []error{refused, nil}, goOn: true, code: exitSignIn, outcomes: []string{"failed", "not started"}},
		"refused after one was done": {errs: []error{nil, refused, nil}, goOn: true, code: exitPartly, outcomes: []string{"failed", "not started"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var items []batchItem[int]
			for i, err := range test.errs {
				items = append(items, batchItem[int]{name: "item", work: func(context.Context, *progress) (int, error) { return i, err }})
			}
			var stderr strings.Builder
			a := &app{err: &stderr}
			results, err := runBatch(t.Context(), a, &batchFlags{parallel: 1, continueOnError: test.goOn}, "Testing", items)
			code := exitDone
			if err != nil {
				code = exitCode(err)
			}
			if code != test.code {
				t.Errorf("the exit code is %d (%v), want %d", code, err, test.code)
			}
			var outcomes []string
			if failed, ok := errors.AsType[*batchError](err); ok {
				for _, o := range failed.outcomes {
					outcomes = append(outcomes, o.Outcome)
				}
			}
			if diff := cmp.Diff(test.outcomes, outcomes); diff != "" {
				t.Errorf("outcomes (-want +got):\n%s", diff)
			}
			if len(results)+len(outcomes) != len(test.errs) && len(test.errs) != 1 {
				t.Errorf("%d results and %d others do not make %d items", len(results), len(outcomes), len(test.errs))
			}
		})
	}
}

// At a terminal one line tells how far a batch is.
func TestBatchAtTerminal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var items []batchItem[int]
		for i := range 4 {
			items = append(items, batchItem[int]{name: "item", work: func(context.Context, *progress) (int, error) {
				time.Sleep(10*time.Second + time.Millisecond)
				if i == 0 {
					return 0, io.ErrUnexpectedEOF
				}
				return i, nil
			}})
		}
		var stderr strings.Builder
		a := &app{err: &stderr, errTerminal: true, errWidth: 100}
		_, err := runBatch(t.Context(), a, &batchFlags{parallel: 1, continueOnError: true}, "Testing", items)
		if exitCode(err) != exitPartly {
			t.Errorf("the error is %v", err)
		}
		for _, want := range []string{
			"\r\x1b[KTesting: 0/4 done, 0 failed, 1 running  [                    ]",
			"\r\x1b[KTesting: 1/4 done, 1 failed, 1 running  [##########          ], 21s left",
			"\nTesting: 3 of 4 done, 1 failed\n",
		} {
			if !strings.Contains(stderr.String(), want) {
				t.Errorf("%q was not shown", want)
			}
		}
	})
}

// Ctrl-C ends a batch with a journal that the next run takes up.
func TestBatchIsInterrupted(t *testing.T) {
	t.Parallel()
	needSignals(t)
	server := emulator.Start(t)
	site := server.NewSite(t)
	target, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	reached := make(chan struct{}, 1)
	var held atomic.Value // ID of the workbook whose file is held back
	held.Store("none")
	front := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, held.Load().(string)+"/content") {
			select {
			case reached <- struct{}{}:
			default:
			}
			<-r.Context().Done()
			return
		}
		proxy.ServeHTTP(w, r)
	})
	local := httptest.NewServer(front)
	t.Cleanup(local.CloseClientConnections)
	t.Cleanup(local.Close)
	address := local.URL
	dir := t.TempDir()
	file := filepath.Join(dir, sample.FileName)
	if err := os.WriteFile(file, sample.Workbook(), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{
		"TABLEAU_SERVER_URL": address, "TABLEAU_SITE": site.ContentURL, "TABLEAU_TOKEN_NAME": site.TokenName, "TABLEAU_TOKEN_VALUE": site.TokenSecret,
	}
	must := func(args ...string) string {
		t.Helper()
		code, out, stderr := runApp(t, env, "", args...)
		if code != exitDone {
			t.Fatalf("tabctl %v: %d\n%s", args, code, stderr)
		}
		return strings.TrimSpace(out)
	}
	must("projects", "create", "Sales")
	must("workbooks", "publish", file, "--project", "Sales", "--name", "A")
	held.Store(must("workbooks", "publish", file, "--project", "Sales", "--name", "B", "--jq", ".[].id"))
	journal := filepath.Join(dir, "journal")
	args := []string{"workbooks", "download", "--all", "--directory", filepath.Join(dir, "out"), "--parallel", "1", "--resume", journal}
	var variables []string
	for name, value := range env {
		if name != "TABCTL_CONFIG_DIR" {
			variables = append(variables, name+"="+value)
		}
	}
	p := start(t, variables, args...)
	<-reached
	p.interrupt(t)
	out, code := p.end(t)
	if code != exitFailed || !strings.Contains(p.err.String(), "tabctl: interrupted") || !strings.Contains(out, "A.twbx") {
		t.Errorf("the exit code is %d, want %d\n%s\n%s", code, exitFailed, out, p.err.String())
	}
	content, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(content)) {
		var entry journalEntry
		if err := json.Unmarshal([]byte(line), &entry); err != nil || !strings.HasSuffix(line, "\n") {
			t.Errorf("the journal holds %q (%v)", line, err)
		}
	}
	if parts, err := filepath.Glob(filepath.Join(dir, "out", "*")); len(parts) != 1 || err != nil {
		t.Errorf("there are %v (%v), want only what is whole", parts, err)
	}
	held.Store("none")
	if again := must(append(args, "-o", "name")...); again != filepath.Join(dir, "out", "B.twbx") {
		t.Errorf("the next run wrote %q, want only what was missing", again)
	}
}
