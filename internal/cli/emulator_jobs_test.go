package cli

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tabctl/tableau-go/internal/sample"
	"github.com/tabctl/tableau-go/tableau"
)

// TestEmulatorJobs has jobs take their time, and some of them fail.
func TestEmulatorJobs(t *testing.T) {
	needSignals(t)
	t.Parallel()
	p := start(t, nil, "emulator", "--addr", "127.0.0.1:0", "--pat", "ci:secret", "--job-time", "20ms", "--fail", "publish:Bad*",
		"--fail", "refresh:*", "--smtp", "127.0.0.1:1", "--smtp-from", "a@example.com", "--maildir", t.TempDir())
	first, err := p.out.ReadString('\n')
	if err != nil {
		t.Fatalf("no first line: %v\n%s", err, p.err.String())
	}
	c, err := tableau.New(strings.TrimSpace(strings.TrimPrefix(first, "listening on ")),
		tableau.WithCredentials(tableau.PersonalAccessToken{Name: "ci", Secret: "secret"}))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]error{"Good": nil, "Bad one": tableau.ErrJobFailed} {
		projects, err := tableau.Collect(c.Projects.List(t.Context(), tableau.Query{}), -1)
		if err != nil {
			t.Fatal(err)
		}
		job, err := c.Workbooks.PublishAsJob(t.Context(), bytes.NewReader(sample.Workbook()), tableau.PublishWorkbook{Name: name, ProjectID: projects[0].ID})
		if err != nil {
			t.Fatal(err)
		}
		done, err := c.Jobs.Wait(t.Context(), job.ID, tableau.WaitOptions{Interval: 10 * time.Millisecond})
		if !errors.Is(err, want) {
			t.Errorf("%s: the job %+v ended with %v, want %v", name, done, err, want)
		}
	}
	p.interrupt(t)
	if _, code := p.end(t); code != 0 {
		t.Errorf("after an interrupt: exit code %d", code)
	}
}

func TestEmulatorJobFlags(t *testing.T) {
	t.Parallel()
	for _, flags := range [][]string{{"--job-time", "-1s"}, {"--job-time", "soon"}, {"--smtp", "localhost"}} {
		p := start(t, nil, append([]string{"emulator", "--addr", "127.0.0.1:0", "--pat", "ci:secret"}, flags...)...)
		if _, code := p.end(t); code != 2 {
			t.Errorf("%v: exit code %d, want 2: %s", flags, code, p.err.String())
		}
	}
}
