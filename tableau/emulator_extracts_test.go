package tableau_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/tableau"
)

// ended waits for a job that must succeed.
func ended(t *testing.T, c *tableau.Client, job *tableau.Job, err error) *tableau.Job {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	done, err := c.Jobs.Wait(t.Context(), job.ID, tableau.WaitOptions{Interval: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func TestExtractsEndToEnd(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), site(t)
	project, workbook := publishSample(t, c)
	if _, err := c.Workbooks.Refresh(ctx, workbook.ID); !hasCode(err, "409090") {
		t.Errorf("refreshing what has no extract: %v, want 409090", err)
	}
	job, err := c.Workbooks.CreateExtract(ctx, workbook.ID, tableau.EmbeddedDataSources{All: true}, true)
	ended(t, c, job, err)
	if got, err := c.Workbooks.Get(ctx, workbook.ID); err != nil || !got.HasExtracts || !got.EncryptExtracts {
		t.Errorf("the workbook = %+v, %v; want it with encrypted extracts", got, err)
	}
	job, err = c.Workbooks.Refresh(ctx, workbook.ID)
	if done := ended(t, c, job, err); done.Type != "RefreshExtract" || done.Refresh.Workbook.ID != workbook.ID || len(done.Notes()) != 1 {
		t.Errorf("the refresh = %+v", done)
	}
	job, err = c.Workbooks.RefreshIncremental(ctx, workbook.ID)
	ended(t, c, job, err)
	job, err = c.Workbooks.DeleteExtract(ctx, workbook.ID, tableau.EmbeddedDataSources{All: true})
	ended(t, c, job, err)
	if got, err := c.Workbooks.Get(ctx, workbook.ID); err != nil || got.HasExtracts || got.EncryptExtracts {
		t.Errorf("the workbook = %+v, %v; want it without extracts", got, err)
	}

	source, err := c.DataSources.Publish(ctx, strings.NewReader(liveSource), tableau.PublishDataSource{Name: "Live", ProjectID: project.ID, FileName: "live.tds"})
	if err != nil {
		t.Fatal(err)
	}
	job, err = c.DataSources.CreateExtract(ctx, source.ID, false)
	ended(t, c, job, err)
	job, err = c.DataSources.Refresh(ctx, source.ID)
	if done := ended(t, c, job, err); done.Refresh.DataSource.ID != source.ID {
		t.Errorf("the refresh = %+v", done)
	}
	session, _ := c.Session()
	if err := c.Sites.EncryptExtracts(ctx, session.SiteID); err != nil {
		t.Error(err)
	}
	if err := c.DataSources.DeleteExtract(ctx, source.ID); err != nil {
		t.Error(err)
	}
	if got, err := c.DataSources.Get(ctx, source.ID); err != nil || got.HasExtracts {
		t.Errorf("the data source = %+v, %v; want it without an extract", got, err)
	}
}

const liveSource = `<?xml version="1.0"?><datasource version="18.1"><connection class="postgres" server="db" dbname="x"/></datasource>`

// TestOwnClock has a task with its own schedule, on a server whose clock is moved.
func TestOwnClock(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	start := time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC)
	own := emulator.Start(t, emulator.WithClock(func() time.Time { return start }), emulator.WithSessionTimeout(1000*time.Hour),
		emulator.WithJobTime(time.Minute), emulator.WithFailure("refresh:Bakery*"))
	its := own.NewSite(t)
	c, err := tableau.New(own.URL, tableau.WithSite(its.ContentURL),
		tableau.WithCredentials(tableau.PersonalAccessToken{Name: its.TokenName, Secret: its.TokenSecret}))
	if err != nil {
		t.Fatal(err)
	}
	_, workbook := publishSample(t, c)
	task, err := c.Tasks.CreateExtractRefresh(ctx, tableau.CreateExtractRefresh{WorkbookID: workbook.ID,
		Recurrence: tableau.Monthly{Start: "22:00:00", Days: []tableau.MonthDay{tableau.LastDay}}})
	if err != nil {
		t.Fatal(err)
	}
	if at := time.Date(2024, 2, 29, 22, 0, 0, 0, time.UTC); !task.Schedule.NextRunAt.Equal(at) || task.Schedule.Recurrence() == nil {
		t.Errorf("the task = %+v, want it to run next at %v", task, at)
	}
	own.SetNow(time.Date(2024, 2, 29, 22, 0, 30, 0, time.UTC))
	jobs, err := tableau.Collect(c.Jobs.List(ctx, tableau.Query{}), -1)
	if err != nil || len(jobs) != 1 || jobs[0].Status != tableau.JobInProgress {
		t.Fatalf("the jobs = %+v, %v; want one in progress", jobs, err)
	}
	if job, err := c.Jobs.Get(ctx, jobs[0].ID); err != nil || job.Progress != 50 || job.Done() {
		t.Errorf("the job = %+v, %v; want it half done", job, err)
	}
	own.Advance(time.Minute)
	if _, err := c.Jobs.Wait(ctx, jobs[0].ID, tableau.WaitOptions{}); !errors.Is(err, tableau.ErrJobFailed) {
		t.Errorf("Wait = %v, want ErrJobFailed", err)
	}
	got, err := c.Tasks.Get(ctx, "", task.ID)
	if err != nil || got.ConsecutiveFailedCount != 1 || got.Workbook.ID != workbook.ID {
		t.Errorf("the task = %+v, %v; want one failure", got, err)
	}
}

func TestScheduleStatesEndToEnd(t *testing.T) {
	t.Parallel()
	ctx, own := t.Context(), emulator.Start(t)
	admin := own.DefaultSite()
	c, err := tableau.New(own.URL, tableau.WithCredentials(tableau.Password{Name: admin.AdminName, Password: admin.AdminPassword}))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, name := range []string{"A", "B"} {
		s, err := c.Schedules.Create(ctx, tableau.CreateSchedule{Name: name, Type: tableau.ScheduleExtract, Recurrence: tableau.Daily{Start: "02:00:00"}})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, s.ID)
	}
	changed, err := c.Schedules.SetState(ctx, tableau.ScheduleSuspended, ids[1])
	if diff := cmp.Diff(ids[1:], changed); err != nil || diff != "" {
		t.Errorf("SetState: %v (-want +got)\n%s", err, diff)
	}
	if s, err := c.Schedules.Get(ctx, ids[1]); err != nil || s.State != tableau.ScheduleSuspended {
		t.Errorf("the schedule = %+v, %v; want it suspended", s, err)
	}
	if changed, err = c.Schedules.SetStateOfAll(ctx, tableau.ScheduleActive); err != nil || len(changed) != 2 {
		t.Errorf("SetStateOfAll = %v, %v", changed, err)
	}
	for _, kind := range []tableau.TaskKind{tableau.TaskRunFlow, tableau.TaskDataAcceleration} {
		if tasks, err := tableau.Collect(c.Tasks.List(ctx, kind, tableau.Query{}), -1); err != nil || len(tasks) != 0 {
			t.Errorf("tasks of the kind %s = %v, %v; want none", kind, tasks, err)
		}
	}
}
