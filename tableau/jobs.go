package tableau

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"
)

// JobsService calls the job methods.
type JobsService service

// BackgroundJob is a job as the list of jobs tells it.
type BackgroundJob struct {
	ID        string     `xml:"id,attr"`
	Status    JobStatus  `xml:"status,attr"`
	Type      string     `xml:"jobType,attr"` // such as "refresh_extracts"
	Title     string     `xml:"title,attr"`
	Subtitle  string     `xml:"subtitle,attr"`
	Priority  int        `xml:"priority,attr"` // 1 to 100, 1 first
	CreatedAt time.Time  `xml:"createdAt,attr"`
	StartedAt time.Time  `xml:"startedAt,attr"`
	EndedAt   time.Time  `xml:"endedAt,attr"`
	Extra     Attributes `xml:",any,attr"`
}

func (j *BackgroundJob) id() string { return j.ID }

// JobStatus is how far a job is.
type JobStatus string

// The states of a job.
const (
	JobPending    JobStatus = "Pending"
	JobInProgress JobStatus = "InProgress"
	JobSuccess    JobStatus = "Success"
	JobFailed     JobStatus = "Failed"
	JobCancelled  JobStatus = "Cancelled"
)

// Job is a job as asking for it tells it.
type Job struct {
	ID           string             `xml:"id,attr"`
	Mode         string             `xml:"mode,attr"`
	Type         string             `xml:"type,attr"`       // such as "PublishWorkbook"
	Progress     int                `xml:"progress,attr"`   // percent
	FinishCode   *FinishCode        `xml:"finishCode,attr"` // nil while the job runs
	CreatedAt    time.Time          `xml:"createdAt,attr"`
	StartedAt    time.Time          `xml:"startedAt,attr"`
	UpdatedAt    time.Time          `xml:"updatedAt,attr"`
	CompletedAt  time.Time          `xml:"completedAt,attr"` // zero while the job runs
	StatusNotes  []StatusNote       `xml:"statusNotes>statusNote"`
	Refresh      RefreshJob         `xml:"extractRefreshJob"`
	DataUpdate   DataUpdateJob      `xml:"updateUploadedFileJob"`
	Flow         FlowJob            `xml:"runFlowJobType"`
	Subscription SubscriptionJob    `xml:"subscriptionJobType"`
	Creation     ExtractCreationJob `xml:"extractCreationJob"`
	Thumbnails   ThumbnailsJob      `xml:"thumbnailsRefreshJob"`
	Extra        Attributes         `xml:",any,attr"`
}

// FinishCode says how a job ended.
type FinishCode int

// The ways a job ends. Tableau Bridge uses 3 for a refresh that it completed.
const (
	FinishSuccess   FinishCode = 0
	FinishFailed    FinishCode = 1
	FinishCancelled FinishCode = 2
	FinishBridge    FinishCode = 3
)

// StatusNote is a remark of a job on what it did.
type StatusNote struct {
	Type  string `xml:"type,attr"`
	Value string `xml:"value,attr"`
	Text  string `xml:"text,attr"`
}

// RefreshJob says what extract a job refreshes.
type RefreshJob struct {
	Workbook          Ref      `xml:"workbook"`
	DataSource        Ref      `xml:"datasource"`
	View              Ref      `xml:"view"`
	VirtualConnection Ref      `xml:"virtualConnection"`
	Notes             []string `xml:"notes"`
}

// DataUpdateJob says what hyper data a job changes.
type DataUpdateJob struct {
	DataSource   Ref      `xml:"datasource"`
	ConnectionID string   `xml:"connectionLuid"`
	Notes        []string `xml:"notes"`
}

// FlowJob says what flow a job runs.
type FlowJob struct {
	FlowRunID string   `xml:"flowRunId,attr"`
	Flow      Ref      `xml:"flow"`
	Notes     []string `xml:"notes"`
}

// SubscriptionJob says what subscription a job sends.
type SubscriptionJob struct {
	SubscriptionID string   `xml:"subscriptionId"`
	Subject        string   `xml:"subscriptionSubject"`
	Notes          []string `xml:"notes"`
}

// ExtractCreationJob says of what a job creates an extract.
type ExtractCreationJob struct {
	Workbook   Ref      `xml:"workbook"`
	DataSource Ref      `xml:"datasource"`
	JobID      string   `xml:"jobLuid"`
	Notes      []string `xml:"notes"`
}

// ThumbnailsJob says of what workbook a job refreshes the thumbnails.
type ThumbnailsJob struct {
	Workbook Ref    `xml:"workbook"`
	JobID    string `xml:"jobLuid"`
}

// Notes are all remarks on what the job did or why it failed.
func (j *Job) Notes() []string {
	notes := slices.Concat(j.Refresh.Notes, j.DataUpdate.Notes, j.Flow.Notes, j.Subscription.Notes, j.Creation.Notes)
	for _, note := range j.StatusNotes {
		notes = append(notes, note.Text)
	}
	return notes
}

// Done reports whether the job has ended.
func (j *Job) Done() bool { return !j.CompletedAt.IsZero() }

// JobError says that a job did not succeed. It matches [ErrJobFailed].
type JobError struct{ Job *Job }

func (e *JobError) Error() string {
	how := "failed"
	switch {
	case e.Job.FinishCode == nil:
		how = "ended without a finish code"
	case *e.Job.FinishCode == FinishCancelled:
		how = "was cancelled"
	case *e.Job.FinishCode != FinishFailed:
		how = fmt.Sprintf("ended with the unknown finish code %d", *e.Job.FinishCode)
	}
	text := "tableau: job " + e.Job.ID + " " + how
	if notes := e.Job.Notes(); len(notes) > 0 {
		text += ": " + strings.Join(notes, "; ")
	}
	return text
}

// Is matches [ErrJobFailed].
func (e *JobError) Is(target error) bool { return target == ErrJobFailed }

// List returns the jobs of the site that the query chooses. Minimum version 3.1.
//
//tableau:op GET /sites/{site}/jobs since=3.1 retry=safe tsc=jobs.get,jobs.filter
func (s *JobsService) List(ctx context.Context, q Query) iter.Seq2[*BackgroundJob, error] {
	return list[BackgroundJob](ctx, s.client, "backgroundJobs>backgroundJob", get("jobs").since("3.1"), q)
}

// Page returns one page of the list. Minimum version 3.1.
//
//tableau:op GET /sites/{site}/jobs since=3.1 retry=safe tsc=jobs.get
func (s *JobsService) Page(ctx context.Context, q Query) (*Page[BackgroundJob], error) {
	return fetchPage[BackgroundJob](ctx, s.client, "backgroundJobs>backgroundJob", get("jobs").since("3.1"), q)
}

// Get returns one job. Some jobs, such as those that create extracts, are known
// to the list only: they are found there, from version 3.1 on, and come without
// notes and with the list's word for their Type. Minimum version 2.6.
//
//tableau:op GET /sites/{site}/jobs/{job} since=2.6 retry=safe tsc=jobs.get_by_id
func (s *JobsService) Get(ctx context.Context, id string) (*Job, error) {
	job, err := fetch[Job](ctx, s.client, "job", get("jobs", id).since("2.6"))
	if e, ok := errors.AsType[*Error](err); ok && (e.Code == codeJobQuery || e.StatusCode == http.StatusNotFound) {
		// Listing can fail, too; then what the job's own path said counts.
		for listed, listErr := range s.List(ctx, Query{}) {
			if listErr == nil && listed.ID == id {
				return listed.job(), nil
			}
		}
	}
	return job, err
}

// job is what the list knows of a job.
func (j *BackgroundJob) job() *Job {
	job := &Job{ID: j.ID, Mode: "Asynchronous", Type: j.Type, CreatedAt: j.CreatedAt, StartedAt: j.StartedAt, CompletedAt: j.EndedAt}
	switch j.Status {
	case JobSuccess:
		job.FinishCode = new(FinishSuccess)
	case JobFailed:
		job.FinishCode = new(FinishFailed)
	case JobCancelled:
		job.FinishCode = new(FinishCancelled)
	}
	if job.Done() {
		job.Progress = 100
	}
	return job
}

// Cancel stops a job that waits or runs. Minimum version 3.1.
//
//tableau:op PUT /sites/{site}/jobs/{job} since=3.1 retry=safe tsc=jobs.cancel
func (s *JobsService) Cancel(ctx context.Context, id string) error {
	return s.client.run(ctx, put("jobs", id).since("3.1"))
}

// WaitOptions say how to wait for a job.
type WaitOptions struct {
	// Interval is the first pause between two looks; it grows by half each time
	// up to ten seconds, or stays where it is when longer. 0 means half a second.
	Interval time.Duration
	// Progress is called after each look. Optional.
	Progress func(*Job)
}

const (
	firstLook   = 500 * time.Millisecond
	longestLook = 10 * time.Second
)

// Wait looks at the job until it has ended or the context has, and returns it.
// A job that failed or was cancelled is a [*JobError], which matches
// [ErrJobFailed]. Minimum version 2.6.
//
//tableau:op GET /sites/{site}/jobs/{job} since=2.6 retry=safe tsc=jobs.wait_for_job
func (s *JobsService) Wait(ctx context.Context, id string, o WaitOptions) (*Job, error) {
	interval := o.Interval
	if interval <= 0 {
		interval = firstLook
	}
	for {
		job, err := s.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		if o.Progress != nil {
			o.Progress(job)
		}
		if job.Done() {
			if job.FinishCode != nil && (*job.FinishCode == FinishSuccess || *job.FinishCode == FinishBridge) {
				return job, nil
			}
			return job, &JobError{job}
		}
		select {
		case <-time.After(interval):
		case <-ctx.Done():
			return job, fmt.Errorf("tableau: job %s is still running at %d %%: %w", id, job.Progress, context.Cause(ctx))
		}
		interval = max(interval, min(interval*3/2, longestLook))
	}
}
