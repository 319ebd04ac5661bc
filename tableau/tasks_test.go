package tableau_test

import (
	"errors"
	"testing"

	"github.com/tabctl/tableau-go/tableau"
)

func TestRealTasks(t *testing.T) {
	t.Parallel()
	all, err := tableau.Collect(serveAsset(t, "tasks_with_interval.xml").Tasks.List(t.Context(), tableau.TaskExtractRefresh, tableau.Query{}), -1)
	decoded(t, []*tableau.Task{{
		Kind: tableau.TaskExtractRefresh, ID: "12b07582-7c8b-4f1b-318b-51f6e58e4517", Type: "RefreshExtractTask", Priority: 50,
		DataSource: tableau.Ref{ID: "e4de0575-fcc7-4232-5659-be09bb8e7654"},
		Schedule: tableau.Schedule{Frequency: tableau.FrequencyDaily, NextRunAt: at("2024-02-21T02:20:00Z"), Details: tableau.FrequencyDetails{
			Start: "18:20:00", End: "18:20:00", Intervals: []tableau.Interval{{Hours: 24}, {WeekDay: tableau.Tuesday}},
		}},
	}}, all, err)
	all, err = tableau.Collect(serveAsset(t, "tasks_with_dataacceleration_task.xml").Tasks.List(t.Context(), tableau.TaskDataAcceleration, tableau.Query{}), -1)
	decoded(t, []*tableau.Task{{
		Kind: tableau.TaskDataAcceleration, ID: "2b217acb-194a-4291-ae90-7d5ec360395d", Type: "MaterializeViewsTask",
		Workbook: tableau.Ref{ID: "a462c148-fc40-4670-a8e4-39b7f0c58c7f"}, LastRunAt: at("2019-12-09T20:45:04Z"),
		Schedule: tableau.Schedule{
			ID: "b22190b4-6ac2-4eed-9563-4afc03444413", Name: "Hourly4-Schedule", State: tableau.ScheduleActive, Priority: 75,
			Type: tableau.ScheduleDataAcceleration, Frequency: tableau.FrequencyHourly,
			CreatedAt: at("2019-12-06T03:27:35Z"), UpdatedAt: at("2019-12-09T20:30:59Z"), NextRunAt: at("2019-12-09T22:30:00Z"),
			Details: tableau.FrequencyDetails{Start: "02:30:00", End: "23:00:00", Intervals: []tableau.Interval{{Hours: 2}}},
		},
	}}, all, err)
	task, err := serveAsset(t, "tasks_without_schedule.xml").Tasks.Get(t.Context(), "", "t")
	decoded(t, &tableau.Task{
		Kind: tableau.TaskExtractRefresh, ID: "f84901ac-72ad-4f9b-a87e-7a3500402ad6", Type: "RefreshExtractTask", Priority: 50,
		DataSource: tableau.Ref{ID: "c7a9327e-1cda-4504-b026-ddb43b976d1d"},
	}, task, err)
	all, err = tableau.Collect(serveAsset(t, "tasks_no_workbook_or_datasource.xml").Tasks.List(t.Context(), "", tableau.Query{}), 2)
	if err != nil || len(all) != 2 || all[1].Schedule.Name != "Refresh daily [15:00 - 17:00, Pacific US]" || all[1].Workbook.ID+all[1].DataSource.ID != "" {
		t.Errorf("tasks = %v, %v", all, err)
	}
}

func TestRealRunOfATask(t *testing.T) {
	t.Parallel()
	job, err := serveAsset(t, "tasks_run_now_response.xml").Tasks.Run(t.Context(), tableau.TaskExtractRefresh, "t")
	decoded(t, &tableau.Job{ID: "7b6b59a8-ac3c-4d1d-2e9e-0b5b4ba8a7b6", Mode: "Asynchronous", Type: "RefreshExtract"}, job, err)
}

func TestRealNewTasks(t *testing.T) {
	t.Parallel()
	task, err := serveAsset(t, "tasks_create_extract_task.xml").Tasks.CreateExtractRefresh(t.Context(), tableau.CreateExtractRefresh{
		WorkbookID: "workbook_id", Recurrence: tableau.Monthly{Start: "23:30:00", Days: []tableau.MonthDay{"15"}},
	})
	decoded(t, &tableau.Task{
		Kind: tableau.TaskExtractRefresh, ID: "task_id", Type: "FullRefresh", Workbook: tableau.Ref{ID: "workbook_id"},
		Schedule: tableau.Schedule{
			Frequency: tableau.FrequencyMonthly,
			Details:   tableau.FrequencyDetails{Start: "23:30:00", Intervals: []tableau.Interval{{MonthDay: "15"}}},
			CreatedAt: at("2023-08-17T15:36:37-07:00"), UpdatedAt: at("2023-08-17T15:36:37-07:00"), NextRunAt: at("2023-09-15T23:30:00-07:00"),
		},
	}, task, err)
	task, err = serveAsset(t, "tasks_create_flow_task.xml").Tasks.CreateFlowRun(t.Context(), tableau.CreateFlowRun{
		FlowID: "flow_id", Recurrence: tableau.Monthly{Start: "23:30:00", Days: []tableau.MonthDay{"15"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if task.Kind != tableau.TaskRunFlow || task.ID != "flow_run_id" || task.Flow.Name != "olympic 1" || task.Schedule.ID != "schedule_id" ||
		len(task.FlowRun.OutputSteps) != 1 || task.FlowRun.OutputSteps[0].Name != "Output" {
		t.Errorf("task = %+v", task)
	}
}

func TestNewTaskIsSentAsCloudWantsIt(t *testing.T) {
	t.Parallel()
	body, err := sentTo(t, func(c *tableau.Client) error {
		_, err := c.Tasks.CreateExtractRefresh(t.Context(), tableau.CreateExtractRefresh{
			Type: tableau.IncrementalRefresh, DataSourceID: "d", Recurrence: tableau.Daily{Start: "04:30:00", Days: []tableau.WeekDay{tableau.Sunday}},
		})
		return err
	})
	want := `<tsRequest><extractRefresh type="IncrementalRefresh"><datasource id="d"></datasource></extractRefresh>` +
		`<schedule frequency="Daily"><frequencyDetails start="04:30:00"><intervals><interval weekDay="Sunday"></interval></intervals></frequencyDetails></schedule></tsRequest>`
	if err != nil || body != want {
		t.Errorf("sent %s, %v; want %s", body, err, want)
	}
}

func TestTaskRefusals(t *testing.T) {
	t.Parallel()
	weekly := tableau.Weekly{Start: "07:00:00", Days: []tableau.WeekDay{tableau.Monday}}
	for name, call := range map[string]func(*tableau.Client) error{
		"no content": func(c *tableau.Client) error {
			_, err := c.Tasks.CreateExtractRefresh(t.Context(), tableau.CreateExtractRefresh{Recurrence: weekly})
			return err
		},
		"two contents": func(c *tableau.Client) error {
			_, err := c.Tasks.CreateExtractRefresh(t.Context(), tableau.CreateExtractRefresh{WorkbookID: "w", DataSourceID: "d", Recurrence: weekly})
			return err
		},
		"no flow": func(c *tableau.Client) error {
			_, err := c.Tasks.CreateFlowRun(t.Context(), tableau.CreateFlowRun{Recurrence: weekly})
			return err
		},
		"another kind": func(c *tableau.Client) error {
			_, err := c.Tasks.Get(t.Context(), "coffee", "t")
			return err
		},
	} {
		if body, err := sentTo(t, call); !errors.Is(err, tableau.ErrInvalidArgument) || body != "" {
			t.Errorf("%s: error %v after sending %q; want ErrInvalidArgument after nothing", name, err, body)
		}
	}
}

func TestKindsOfTasksHaveTheirOwnVersions(t *testing.T) {
	t.Parallel()
	for version, kind := range map[string]tableau.TaskKind{"3.7": tableau.TaskDataAcceleration, "3.2": tableau.TaskRunFlow} {
		client := serveAsset(t, "tasks_with_workbook.xml")
		older, err := tableau.New(client.URL(), tableau.WithSession(signedIn), tableau.WithAPIVersion(version))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := older.Tasks.Page(t.Context(), kind, tableau.Query{}); !errors.Is(err, tableau.ErrUnsupportedVersion) {
			t.Errorf("%s at %s: %v, want ErrUnsupportedVersion", kind, version, err)
		}
	}
}
