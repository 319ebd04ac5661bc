package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

var tasks = kind[tableau.Task]{
	name: "task", group: "tasks",
	columns: []column{
		{title: "ID", path: "id"}, {title: "TYPE", path: "type"}, {title: "WORKBOOK ID", path: "workbook.id"}, {title: "DATA SOURCE ID", path: "datasource.id"},
		{title: "SCHEDULE", path: "schedule.name"}, {title: "NEXT RUN", path: "schedule.nextRunAt"}, {title: "FAILURES", path: "consecutiveFailedCount", wide: true},
	},
	list: func(ctx context.Context, c *tableau.Client, q tableau.Query) itemsOf[tableau.Task] {
		return c.Tasks.List(ctx, tableau.TaskExtractRefresh, q)
	},
	get: func(ctx context.Context, c *tableau.Client, id string) (*tableau.Task, error) {
		return c.Tasks.Get(ctx, tableau.TaskExtractRefresh, id)
	},
	delete: func(ctx context.Context, c *tableau.Client, id string) error {
		return c.Tasks.Delete(ctx, tableau.TaskExtractRefresh, id)
	},
	id:    func(t *tableau.Task) string { return t.ID },
	names: func(t *tableau.Task) []string { return []string{t.ID} },
}

func (a *app) tasksCommand() *cobra.Command {
	return a.groupCommand("tasks", "List, create, run and delete tasks that refresh extracts",
		tasks.listCommand(a, "  tabctl tasks list"),
		tasks.getCommand(a, "  tabctl tasks get 7b3b1e5c-6f0e-4d3c-9d0f-2f0b5a1c9e11"),
		a.tasksCreateCommand(), a.tasksRunCommand(),
		tasks.deleteCommand(a, "", "  tabctl tasks delete 7b3b1e5c-6f0e-4d3c-9d0f-2f0b5a1c9e11 --yes"))
}

func (a *app) tasksCreateCommand() *cobra.Command {
	var when recurrenceFlags
	var incremental bool
	command := &cobra.Command{
		Use: "create workbook|datasource NAME", Short: "Create a task with times of its own, on Tableau Cloud", Args: cobra.ExactArgs(2),
		Long: `Create a task that refreshes the extracts of a workbook or data source at times
of its own, as Tableau Cloud has them. On Tableau Server use "tabctl schedules add".`,
		Example:           "  tabctl tasks create workbook Finance/Sales --frequency weekly --start 06:00 --week-days Monday\n  tabctl tasks create datasource Stock --frequency daily --start 02:00 --week-days Monday,Friday --incremental",
		ValidArgsFunction: a.completeContent,
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			recurrence, err := when.recurrence(a)
			if err != nil {
				return err
			}
			item, label, err := content(ctx, c, args[0], args[1])
			if err != nil {
				return err
			}
			create := tableau.CreateExtractRefresh{Type: tableau.FullRefresh, Recurrence: recurrence}
			if incremental {
				create.Type = tableau.IncrementalRefresh
			}
			switch item.Type {
			case tableau.ContentWorkbook:
				create.WorkbookID = item.ID
			case tableau.ContentDataSource:
				create.DataSourceID = item.ID
			default:
				return usage("a task refreshes workbooks and data sources, not %s", label)
			}
			if a.left("create a task that refreshes %s", label) {
				return nil
			}
			task, err := c.Tasks.CreateExtractRefresh(ctx, create)
			if err != nil {
				return fmt.Errorf("create a task that refreshes %s: %w", label, err)
			}
			return printList(a, []*tableau.Task{task}, tasks.columns)
		}),
	}
	when.add(command)
	command.Flags().BoolVar(&incremental, "incremental", false, "add only the rows that are new")
	a.dryRunFlag(command)
	mustAdd(command.MarkFlagRequired("frequency"))
	return command
}

func (a *app) tasksRunCommand() *cobra.Command {
	var job jobFlags
	command := &cobra.Command{
		Use: "run ID", Short: "Run a task now", Args: cobra.ExactArgs(1), ValidArgsFunction: tasks.completeFirst(a),
		Example: "  tabctl tasks run 7b3b1e5c-6f0e-4d3c-9d0f-2f0b5a1c9e11 --wait",
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			if a.left("run the task %s", args[0]) {
				return nil
			}
			started, err := c.Tasks.Run(ctx, tableau.TaskExtractRefresh, args[0])
			if err != nil {
				return fmt.Errorf("run the task %s: %w", args[0], err)
			}
			return a.printJob(ctx, c, &job, started, "run the task "+args[0])
		}),
	}
	job.add(command)
	a.dryRunFlag(command)
	return command
}
