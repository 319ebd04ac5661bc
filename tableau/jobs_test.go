package tableau_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/tableau"
)

func isJobFailed(err error) bool {
	_, ok := errors.AsType[*tableau.JobError](err)
	return ok && errors.Is(err, tableau.ErrJobFailed)
}

func TestWaitForAJob(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		end    string
		looks  int
		failed bool
		says   string
	}{
		"success":        {`completedAt="2026-01-02T03:04:05Z" finishCode="0"`, 4, false, ""},
		"bridge":         {`completedAt="2026-01-02T03:04:05Z" finishCode="3"`, 4, false, ""},
		"failure":        {`completedAt="2026-01-02T03:04:05Z" finishCode="1"`, 4, true, "failed: the database is away"},
		"cancelled":      {`completedAt="2026-01-02T03:04:05Z" finishCode="2"`, 4, true, "was cancelled"},
		"unknown":        {`completedAt="2026-01-02T03:04:05Z" finishCode="9"`, 4, true, "unknown finish code 9"},
		"no finish code": {`completedAt="2026-01-02T03:04:05Z"`, 4, true, "without a finish code"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				looks := 0
				client := serveInMemory(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if looks++; looks < test.looks {
						answer(w, 200, `<job id="j" mode="Asynchronous" type="RefreshExtract" progress="50"/>`)
						return
					}
					answer(w, 200, `<job id="j" progress="100" `+test.end+`><extractRefreshJob><notes>the database is away</notes></extractRefreshJob></job>`)
				}))
				c, err := tableau.New("http://tableau.test", tableau.WithHTTPClient(client), tableau.WithSession(signedIn), tableau.WithAPIVersion("3.27"))
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				var progress []int
				job, err := c.Jobs.Wait(t.Context(), "j", tableau.WaitOptions{Progress: func(j *tableau.Job) { progress = append(progress, j.Progress) }})
				if job == nil || job.ID != "j" || (err != nil) != test.failed {
					t.Fatalf("Wait = %v, %v", job, err)
				}
				if test.failed && (!strings.Contains(err.Error(), test.says) || !isJobFailed(err)) {
					t.Errorf("error = %v, want ErrJobFailed that says %q", err, test.says)
				}
				if diff := cmp.Diff([]int{50, 50, 50, 100}, progress); diff != "" {
					t.Errorf("progress (-want +got)\n%s", diff)
				}
				if waited := time.Since(start); waited != 500*time.Millisecond+750*time.Millisecond+1125*time.Millisecond {
					t.Errorf("waited %v: each pause should be half longer than the one before", waited)
				}
			})
		})
	}
}

func TestWaitEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := serveInMemory(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer(w, 200, `<job id="j" progress="50"/>`)
		}))
		c, err := tableau.New("http://tableau.test", tableau.WithHTTPClient(client), tableau.WithSession(signedIn), tableau.WithAPIVersion("3.27"))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		job, err := c.Jobs.Wait(ctx, "j", tableau.WaitOptions{})
		if !errors.Is(err, context.DeadlineExceeded) || job == nil || isJobFailed(err) {
			t.Errorf("Wait = %v, %v; want the job and context.DeadlineExceeded", job, err)
		}
	})
}
