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

func TestJobsThatOnlyTheListKnows(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		version string
		code    string
		status  int
		list    string
		looks   int
		want    *tableau.Job
		says    string
	}{
		"success": {"3.27", "400031", 400, `<backgroundJob id="other"/><backgroundJob id="j" status="Success" jobType="create_extracts" createdAt="2026-01-02T03:04:05Z" startedAt="2026-01-02T03:04:06Z" endedAt="2026-01-02T03:04:07Z"/>`, 2,
			&tableau.Job{ID: "j", Mode: "Asynchronous", Type: "create_extracts", Progress: 100, FinishCode: new(tableau.FinishSuccess),
				CreatedAt: at("2026-01-02T03:04:05Z"), StartedAt: at("2026-01-02T03:04:06Z"), CompletedAt: at("2026-01-02T03:04:07Z")}, ""},
		"failed": {"3.27", "404018", 404, `<backgroundJob id="j" status="Failed" endedAt="2026-01-02T03:04:07Z"/>`, 2,
			&tableau.Job{ID: "j", Mode: "Asynchronous", Progress: 100, FinishCode: new(tableau.FinishFailed), CompletedAt: at("2026-01-02T03:04:07Z")}, ""},
		"running":           {"3.27", "400031", 400, `<backgroundJob id="j" status="InProgress"/>`, 2, &tableau.Job{ID: "j", Mode: "Asynchronous"}, ""},
		"unknown":           {"3.27", "404018", 404, `<backgroundJob id="other"/>`, 2, nil, "404018"},
		"without a list":    {"3.0", "400031", 400, `<backgroundJob id="j"/>`, 1, nil, "400031"},
		"another bad thing": {"3.27", "400000", 400, `<backgroundJob id="j"/>`, 1, nil, "400000"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/jobs") {
					answer(w, 200, `<pagination pageNumber="1" pageSize="1000" totalAvailable="2"/><backgroundJobs>`+test.list+`</backgroundJobs>`)
					return
				}
				fault(w, test.status, test.code)
			})
			job, err := server.client(t, tableau.WithAPIVersion(test.version)).Jobs.Get(t.Context(), "j")
			if diff := cmp.Diff(test.want, job); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if test.says == "" && err != nil || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)) {
				t.Errorf("error = %v, want one that says %q", err, test.says)
			}
			if got := len(server.requests()); got != test.looks {
				t.Errorf("%d requests, want %d", got, test.looks)
			}
		})
	}
}

func TestJobsOfEveryContent(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		content string
		want    tableau.Job
		notes   []string
	}{
		"subscription": {`<subscriptionJobType><notes>sent</notes><subscriptionId>s</subscriptionId><subscriptionSubject>News</subscriptionSubject></subscriptionJobType>`,
			tableau.Job{Subscription: tableau.SubscriptionJob{SubscriptionID: "s", Subject: "News", Notes: []string{"sent"}}}, []string{"sent"}},
		"extract creation": {`<extractCreationJob><notes>made</notes><datasource id="d" name="Sales"/><jobLuid>other</jobLuid></extractCreationJob>`,
			tableau.Job{Creation: tableau.ExtractCreationJob{DataSource: tableau.Ref{ID: "d", Name: "Sales"}, JobID: "other", Notes: []string{"made"}}}, []string{"made"}},
		"thumbnails": {`<thumbnailsRefreshJob><jobLuid>other</jobLuid><workbook id="w"/></thumbnailsRefreshJob>`,
			tableau.Job{Thumbnails: tableau.ThumbnailsJob{Workbook: tableau.Ref{ID: "w"}, JobID: "other"}}, nil},
		"virtual connection": {`<extractRefreshJob><notes>read</notes><virtualConnection id="v" name="Lake"/></extractRefreshJob>`,
			tableau.Job{Refresh: tableau.RefreshJob{VirtualConnection: tableau.Ref{ID: "v", Name: "Lake"}, Notes: []string{"read"}}}, []string{"read"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, 200, `<job id="j">`+test.content+`</job>`) }).client(t)
			job, err := client.Jobs.Get(t.Context(), "j")
			if err != nil {
				t.Fatal(err)
			}
			test.want.ID = "j"
			if diff := cmp.Diff(&test.want, job); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(test.notes, job.Notes()); diff != "" {
				t.Errorf("notes (-want +got)\n%s", diff)
			}
		})
	}
}
