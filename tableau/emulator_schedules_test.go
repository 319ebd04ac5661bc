package tableau_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/tableau"
)

// scheduler returns a client of the server administrator, who alone may make schedules.
func scheduler(t *testing.T) *tableau.Client {
	t.Helper()
	admin := server().DefaultSite()
	c, err := tableau.New(server().URL, tableau.WithCredentials(tableau.Password{Name: admin.AdminName, Password: admin.AdminPassword}))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSchedulesEndToEnd(t *testing.T) {
	t.Parallel()
	ctx, root, c := t.Context(), scheduler(t), site(t)
	wanted := tableau.Hourly{Start: "06:30:00", End: "18:00:00", Every: 2 * time.Hour, Days: []tableau.WeekDay{tableau.Monday, tableau.Friday}}
	create := tableau.CreateSchedule{Name: t.Name(), Type: tableau.ScheduleExtract, ExecutionOrder: tableau.Serial, Recurrence: wanted}
	if _, err := c.Schedules.Create(ctx, create); !errors.Is(err, tableau.ErrForbidden) {
		t.Errorf("a site administrator makes a schedule: %v, want ErrForbidden", err)
	}
	made, err := root.Schedules.Create(ctx, create)
	if err != nil {
		t.Fatal(err)
	}
	if made.State != tableau.ScheduleActive || made.Priority != 50 || !made.NextRunAt.After(made.CreatedAt) {
		t.Errorf("made %+v; want it active, of priority 50, with a next run", made)
	}
	if _, err := root.Schedules.Create(ctx, create); !errors.Is(err, tableau.ErrConflict) {
		t.Errorf("a second schedule of that name: %v, want ErrConflict", err)
	}
	got, err := c.Schedules.Get(ctx, made.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tableau.Recurrence(wanted), got.Recurrence()); diff != "" {
		t.Errorf("recurrence (-want +got)\n%s", diff)
	}
	monthly := tableau.Monthly{Start: "23:30:00", Days: []tableau.MonthDay{"1", tableau.LastDay}}
	updated, err := root.Schedules.Update(ctx, made.ID, tableau.ScheduleUpdate{State: new(tableau.ScheduleSuspended), Recurrence: monthly})
	if err != nil || updated.State != tableau.ScheduleSuspended || updated.ExecutionOrder != tableau.Serial {
		t.Errorf("updated %+v, %v; want it suspended, and serial as before", updated, err)
	}
	if diff := cmp.Diff(tableau.Recurrence(monthly), updated.Recurrence()); diff != "" {
		t.Errorf("new recurrence (-want +got)\n%s", diff)
	}
	found := false
	for schedule, err := range c.Schedules.List(ctx, tableau.Query{PageSize: 1}) {
		if err != nil {
			t.Fatal(err)
		}
		found = found || schedule.ID == made.ID && schedule.Recurrence() == nil
	}
	if !found {
		t.Error("the list does not hold the schedule, or tells its details")
	}
	if err := root.Schedules.Delete(ctx, made.ID); err != nil {
		t.Error(err)
	}
	if _, err := c.Schedules.Get(ctx, made.ID); !errors.Is(err, tableau.ErrNotFound) {
		t.Errorf("a deleted schedule: %v, want ErrNotFound", err)
	}
}

func TestTasksEndToEnd(t *testing.T) {
	t.Parallel()
	ctx, root, c := t.Context(), scheduler(t), site(t)
	_, workbook := publishSample(t, c)
	schedule, err := root.Schedules.Create(ctx, tableau.CreateSchedule{
		Name: t.Name(), Type: tableau.ScheduleExtract, Priority: 7, Recurrence: tableau.Daily{Start: "02:00:00"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Schedules.Delete(context.Background(), schedule.ID) })
	added, err := c.Schedules.AddWorkbook(ctx, schedule.ID, workbook.ID, "")
	if err != nil || added.Task.Workbook.ID != workbook.ID || added.Task.Schedule.ID != schedule.ID {
		t.Fatalf("added %+v, %v", added, err)
	}
	task, err := c.Tasks.Get(ctx, "", added.Task.ID)
	if err != nil || task.Kind != tableau.TaskExtractRefresh || task.Priority != 7 || !task.Schedule.NextRunAt.Equal(schedule.NextRunAt) {
		t.Errorf("Get = %+v, %v; want a refresh at the schedule's priority and time %v", task, err, schedule.NextRunAt)
	}
	tasks, err := tableau.Collect(c.Tasks.List(ctx, "", tableau.Query{}), -1)
	if err != nil || len(tasks) != 1 || tasks[0].ID != added.Task.ID {
		t.Errorf("List = %v, %v", tasks, err)
	}
	extracts, err := tableau.Collect(c.Schedules.ExtractRefreshes(ctx, schedule.ID, tableau.Query{}), -1)
	if err != nil || len(extracts) != 1 || extracts[0].ID != added.Task.ID || extracts[0].Workbook.ID != workbook.ID {
		t.Errorf("ExtractRefreshes = %v, %v", extracts, err)
	}
	extract, err := c.Workbooks.CreateExtract(ctx, workbook.ID, tableau.EmbeddedDataSources{All: true}, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Jobs.Wait(ctx, extract.ID, tableau.WaitOptions{Interval: 10 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	job, err := c.Tasks.Run(ctx, "", added.Task.ID)
	if err != nil || job.Type != "RefreshExtract" {
		t.Fatalf("Run = %+v, %v", job, err)
	}
	done, err := c.Jobs.Wait(ctx, job.ID, tableau.WaitOptions{Interval: 10 * time.Millisecond})
	if err != nil || done.Progress != 100 || done.Refresh.Workbook.ID != workbook.ID {
		t.Errorf("job = %+v, %v; want it done, of the workbook", done, err)
	}
	if err := c.Tasks.Delete(ctx, "", added.Task.ID); err != nil {
		t.Error(err)
	}
	if _, err := c.Tasks.Get(ctx, "", added.Task.ID); !errors.Is(err, tableau.ErrNotFound) {
		t.Errorf("a deleted task: %v, want ErrNotFound", err)
	}
}

func TestSubscriptionsEndToEnd(t *testing.T) {
	t.Parallel()
	ctx, root, c := t.Context(), scheduler(t), site(t)
	_, workbook := publishSample(t, c)
	views, err := c.Workbooks.Views(ctx, workbook.ID)
	if err != nil || len(views) == 0 {
		t.Fatal(views, err)
	}
	user, err := c.Users.Add(ctx, tableau.AddUser{Name: t.Name(), SiteRole: tableau.RoleViewer})
	if err != nil {
		t.Fatal(err)
	}
	var schedules [2]*tableau.Schedule
	for i, start := range []tableau.TimeOfDay{"07:00:00", "19:00:00"} {
		if schedules[i], err = root.Schedules.Create(ctx, tableau.CreateSchedule{
			Name: t.Name() + string(start), Type: tableau.ScheduleSubscription, Recurrence: tableau.Daily{Start: start},
		}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { root.Schedules.Delete(context.Background(), schedules[i].ID) })
	}
	made, err := c.Subscriptions.Create(ctx, tableau.CreateSubscription{
		Subject: "News", Message: "a & b", ContentID: views[0].ID, ContentType: tableau.SubscribeToView, UserID: user.ID,
		ScheduleID: schedules[0].ID, AttachPDF: new(true), PageType: tableau.PageA4, SendIfViewEmpty: new(false),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := tableau.SubscriptionContent{ID: views[0].ID, Type: tableau.SubscribeToView, Name: views[0].Name}
	if diff := cmp.Diff(want, made.Content); diff != "" || made.Message != "a & b" || !*made.AttachImage || !*made.AttachPDF {
		t.Errorf("made %+v; content (-want +got)\n%s", made, diff)
	}
	if _, err := c.Subscriptions.Create(ctx, tableau.CreateSubscription{
		Subject: "All", ContentID: workbook.ID, ContentType: tableau.SubscribeToWorkbook, UserID: user.ID, ScheduleID: schedules[0].ID,
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Subscriptions.Update(ctx, made.ID, tableau.SubscriptionUpdate{
		Subject: new("Olds"), Suspended: new(true), ScheduleID: &schedules[1].ID, AttachPDF: new(false),
	}); err != nil {
		t.Fatal(err)
	}
	got, err := c.Subscriptions.Get(ctx, made.ID)
	if err != nil || got.Subject != "Olds" || !got.Suspended || got.Schedule.ID != schedules[1].ID || *got.AttachPDF || got.Message != "a & b" || got.User.ID != user.ID {
		t.Errorf("Get = %+v, %v; want the changes, and the rest as before", got, err)
	}
	all, err := tableau.Collect(c.Subscriptions.List(ctx, tableau.Query{}), -1)
	if err != nil || len(all) != 2 {
		t.Errorf("List = %v, %v; want two", all, err)
	}
	if err := c.Subscriptions.Delete(ctx, made.ID); err != nil {
		t.Error(err)
	}
	if _, err := c.Subscriptions.Get(ctx, made.ID); !hasCode(err, "404025") {
		t.Errorf("a deleted subscription: %v, want 404025", err)
	}
}
