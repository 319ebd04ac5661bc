package tableau_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/tableau"
)

func init() {
	everything = append(everything,
		`<schedule id="s"/><scheduleLuids><scheduleLuid>s</scheduleLuid></scheduleLuids><subscription id="s"/>`,
		`<task><extractRefresh id="t"/></task>`,
	)
	arguments[reflect.TypeFor[tableau.CreateSchedule]()] = tableau.CreateSchedule{
		Name: "Nightly", Type: tableau.ScheduleExtract, Recurrence: tableau.Daily{Start: "04:30:00"},
	}
	arguments[reflect.TypeFor[tableau.ScheduleState]()] = tableau.ScheduleActive
	arguments[reflect.TypeFor[tableau.TaskKind]()] = tableau.TaskExtractRefresh
	arguments[reflect.TypeFor[tableau.CreateExtractRefresh]()] = tableau.CreateExtractRefresh{
		WorkbookID: "w", Recurrence: tableau.Weekly{Start: "04:30:00", Days: []tableau.WeekDay{tableau.Monday}},
	}
	arguments[reflect.TypeFor[tableau.CreateFlowRun]()] = tableau.CreateFlowRun{
		FlowID: "f", Recurrence: tableau.Weekly{Start: "04:30:00", Days: []tableau.WeekDay{tableau.Monday}},
	}
	arguments[reflect.TypeFor[tableau.CreateSubscription]()] = tableau.CreateSubscription{
		Subject: "News", ContentID: "v", ContentType: tableau.SubscribeToView, UserID: "u", ScheduleID: "s",
	}
}

func TestRealSchedules(t *testing.T) {
	t.Parallel()
	page, err := serveAsset(t, "schedule_get.xml").Schedules.Page(t.Context(), tableau.Query{})
	if err != nil || len(page.Items) != 4 {
		t.Fatalf("page = %v, %v; want four schedules", page, err)
	}
	want := &tableau.Schedule{
		ID: "bcb79d07-6e47-472f-8a65-d7f51f40c36c", Name: "Saturday night", State: tableau.ScheduleActive, Priority: 80,
		Type: tableau.ScheduleSubscription, Frequency: tableau.FrequencyWeekly,
		CreatedAt: at("2016-07-07T20:19:00Z"), UpdatedAt: at("2016-09-12T16:39:38Z"), NextRunAt: at("2016-09-18T06:00:00Z"),
	}
	decoded(t, want, page.Items[1], nil)
	if got := page.Items[3].Type; got != tableau.ScheduleSystem {
		t.Errorf("type = %q", got)
	}
	if got := page.Items[0].Recurrence(); got != nil {
		t.Errorf("recurrence = %v although lists do not tell it", got)
	}
	schedule, err := serveAsset(t, "schedule_get_daily_id.xml").Schedules.Get(t.Context(), "s")
	if err != nil {
		t.Fatal(err)
	}
	wantDetails := tableau.FrequencyDetails{Start: "14:00:00", End: "01:00:00", Intervals: []tableau.Interval{{WeekDay: tableau.Monday}, {Hours: 2}}}
	decoded(t, wantDetails, schedule.Details, nil)
}

func TestRealSchedulesThroughTheIterator(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"schedule_get.xml": 4, "schedule_get_empty.xml": 0} {
		all, err := tableau.Collect(serveAsset(t, name).Schedules.List(t.Context(), tableau.Query{}), -1)
		if err != nil || len(all) != want {
			t.Errorf("%s: %d schedules, %v; want %d", name, len(all), err, want)
		}
	}
}

func TestRealExtractsOfASchedule(t *testing.T) {
	t.Parallel()
	all, err := tableau.Collect(serveAsset(t, "schedule_get_extract_refresh_tasks.xml").Schedules.ExtractRefreshes(t.Context(), "s", tableau.Query{}), -1)
	want := []*tableau.ScheduledExtract{
		{ID: "task1", Priority: 1, Type: tableau.IncrementalRefresh, Workbook: tableau.Ref{ID: "workbook-id"}},
		{ID: "task2", Priority: 2, Type: tableau.IncrementalRefresh, DataSource: tableau.Ref{ID: "datasource-id"}},
	}
	decoded(t, want, all, err)
}

func TestRealAdditionsToASchedule(t *testing.T) {
	t.Parallel()
	added, err := serveAsset(t, "schedule_add_workbook_with_warnings.xml").Schedules.AddWorkbook(t.Context(), "s", "w", tableau.TaskDataAcceleration)
	decoded(t, &tableau.AddedTask{
		Task:     tableau.Task{Kind: tableau.TaskDataAcceleration, Schedule: tableau.Schedule{ID: "schedule-id"}, Workbook: tableau.Ref{ID: "workbook-id"}},
		Warnings: []tableau.Warning{{Message: "warning 1"}, {Message: "warning 2"}},
	}, added, err)
	added, err = serveAsset(t, "schedule_add_datasource.xml").Schedules.AddDataSource(t.Context(), "s", "d")
	decoded(t, &tableau.AddedTask{
		Task: tableau.Task{Kind: tableau.TaskExtractRefresh, Schedule: tableau.Schedule{ID: "schedule-id"}, DataSource: tableau.Ref{ID: "datasource-id"}},
	}, added, err)
	added, err = serveAsset(t, "schedule_add_flow.xml").Schedules.AddFlow(t.Context(), "s", "f")
	decoded(t, &tableau.AddedTask{
		Task: tableau.Task{Kind: tableau.TaskRunFlow, Schedule: tableau.Schedule{ID: "schedule-id"}, Flow: tableau.Ref{ID: "flow-id"}},
	}, added, err)
}

func TestScheduleRefusals(t *testing.T) {
	t.Parallel()
	weekly := tableau.Weekly{Start: "07:00:00", Days: []tableau.WeekDay{tableau.Monday}}
	tests := map[string]struct {
		call func(*tableau.Client) error
		says string
	}{
		"no name": {func(c *tableau.Client) error {
			_, err := c.Schedules.Create(t.Context(), tableau.CreateSchedule{Type: tableau.ScheduleExtract, Recurrence: weekly})
			return err
		}, "Name"},
		"no type": {func(c *tableau.Client) error {
			_, err := c.Schedules.Create(t.Context(), tableau.CreateSchedule{Name: "n", Recurrence: weekly})
			return err
		}, "CreateSchedule.Type"},
		"another order": {func(c *tableau.Client) error {
			_, err := c.Schedules.Create(t.Context(), tableau.CreateSchedule{Name: "n", Type: tableau.ScheduleFlow, ExecutionOrder: "Random", Recurrence: weekly})
			return err
		}, "ExecutionOrder"},
		"another order in an update": {func(c *tableau.Client) error {
			_, err := c.Schedules.Update(t.Context(), "s", tableau.ScheduleUpdate{ExecutionOrder: new(tableau.ExecutionOrder("Random"))})
			return err
		}, "ExecutionOrder"},
		"a recurrence in an update": {func(c *tableau.Client) error {
			_, err := c.Schedules.Update(t.Context(), "s", tableau.ScheduleUpdate{Recurrence: tableau.Weekly{Start: "07:00:00"}})
			return err
		}, "Weekly.Days"},
		"state of none": {func(c *tableau.Client) error {
			_, err := c.Schedules.SetState(t.Context(), tableau.ScheduleActive)
			return err
		}, "the ID of a schedule"},
		"no state": {func(c *tableau.Client) error {
			_, err := c.Schedules.SetStateOfAll(t.Context(), "")
			return err
		}, "the state is empty"},
		"a workbook without an ID": {func(c *tableau.Client) error {
			_, err := c.Schedules.AddWorkbook(t.Context(), "s", "", "")
			return err
		}, "the ID of what is added"},
		"a workbook that runs": {func(c *tableau.Client) error {
			_, err := c.Schedules.AddWorkbook(t.Context(), "s", "w", tableau.TaskRunFlow)
			return err
		}, "kind"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, err := sentTo(t, test.call)
			if !errors.Is(err, tableau.ErrInvalidArgument) || !strings.Contains(err.Error(), test.says) || body != "" {
				t.Errorf("error %v after sending %q; want ErrInvalidArgument that says %q after nothing", err, body, test.says)
			}
		})
	}
}

func TestScheduleUpdateSendsWhatIsSet(t *testing.T) {
	t.Parallel()
	body, err := sentTo(t, func(c *tableau.Client) error {
		_, err := c.Schedules.Update(t.Context(), "s", tableau.ScheduleUpdate{State: new(tableau.ScheduleSuspended)})
		return err
	})
	if want := `<tsRequest><schedule state="Suspended"></schedule></tsRequest>`; err != nil || body != want {
		t.Errorf("sent %s, %v; want %s", body, err, want)
	}
}
