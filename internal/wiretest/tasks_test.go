package wiretest

import (
	"context"
	"iter"
	"maps"

	"github.com/tabctl/tableau-go/tableau"
)

func init() {
	ourValues["TaskItem.Type"] = texts(tableau.TaskExtractRefresh, tableau.TaskDataAcceleration, tableau.TaskRunFlow)
}

// A taskResult is a task with what it is about as Python shows it.
type taskResult struct {
	*tableau.Task
	TaskType     tableau.TaskKind
	Target       *targetResult
	ScheduleID   string
	ScheduleItem *scheduleResult
}

type targetResult struct{ ID, Type string }

func taskOf(t *tableau.Task) *taskResult {
	result := &taskResult{Task: t, TaskType: t.Kind, ScheduleID: t.Schedule.ID}
	switch {
	case t.Workbook.ID != "":
		result.Target = &targetResult{t.Workbook.ID, "workbook"}
	case t.DataSource.ID != "":
		result.Target = &targetResult{t.DataSource.ID, "datasource"}
	}
	if t.Schedule.ID != "" || t.Schedule.Frequency != "" {
		result.ScheduleItem = scheduleOf(&t.Schedule)
	}
	return result
}

// taskLister lists tasks of one kind.
func taskLister(kind tableau.TaskKind) func(*call) (lister, error) {
	return func(c *call) (lister, error) {
		return listingAs(
			func(ctx context.Context, q tableau.Query) (*tableau.Page[tableau.Task], error) {
				return c.client.Tasks.Page(ctx, kind, q)
			},
			func(ctx context.Context, q tableau.Query) iter.Seq2[*tableau.Task, error] {
				return c.client.Tasks.List(ctx, kind, q)
			}, taskOf), nil
	}
}

var _ = register(taskAdapters())

func taskAdapters() map[string]adapter {
	all := listAdapters("tasks", taskLister(tableau.TaskExtractRefresh))
	all["tasks.get"] = func(ctx context.Context, c *call) (any, error) {
		kind := tableau.TaskKind(c.args.text("task_type"))
		rest := *c
		rest.args = maps.Clone(c.args)
		delete(rest.args, "task_type")
		return listAdapters("tasks", taskLister(kind))["tasks.get"](ctx, &rest)
	}
	return all
}

var _ = register(map[string]adapter{
	// Python gets and runs nothing but extract refreshes.
	"tasks.get_by_id": func(ctx context.Context, c *call) (any, error) {
		task, err := c.client.Tasks.Get(ctx, tableau.TaskExtractRefresh, c.args.text("task_id"))
		if err != nil {
			return nil, err
		}
		return taskOf(task), nil
	},
	"tasks.run": func(ctx context.Context, c *call) (any, error) {
		id := c.args.item("task_item").text("id")
		if before, ok := c.previous.(*taskResult); ok {
			id = before.ID
		}
		return c.client.Tasks.Run(ctx, tableau.TaskExtractRefresh, id)
	},
	"tasks.delete": func(ctx context.Context, c *call) (any, error) {
		return nil, c.client.Tasks.Delete(ctx, tableau.TaskKind(c.args.text("task_type")), c.args.text("task_id"))
	},
	"tasks.create": func(ctx context.Context, c *call) (any, error) {
		item := c.args.item("extract_item")
		task := tableau.CreateExtractRefresh{
			Type: tableau.RefreshType(item.text("task_type")), Recurrence: item.item("schedule_item").recurrence("interval_item"),
		}
		switch target := item.item("target"); target.text("type") {
		case "workbook":
			task.WorkbookID = target.text("id")
		case "datasource":
			task.DataSourceID = target.text("id")
		}
		return c.client.Tasks.CreateExtractRefresh(ctx, task)
	},
	"flow_tasks.create": func(ctx context.Context, c *call) (any, error) {
		item := c.args.item("flow_item")
		return c.client.Tasks.CreateFlowRun(ctx, tableau.CreateFlowRun{
			FlowID: item.item("target").text("id"), Recurrence: item.item("schedule_item").recurrence("interval_item"),
		})
	},
})
