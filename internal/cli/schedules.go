package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

var schedules = kind[tableau.Schedule]{
	name: "schedule", group: "schedules", holder: "the server",
	columns: []column{
		{title: "NAME", path: "name"}, {title: "TYPE", path: "type"}, {title: "FREQUENCY", path: "frequency"}, {title: "STATE", path: "state"},
		{title: "NEXT RUN", path: "nextRunAt"}, {title: "PRIORITY", path: "priority", wide: true}, {title: "ID", path: "id"},
	},
	list: func(ctx context.Context, c *tableau.Client, q tableau.Query) itemsOf[tableau.Schedule] {
		return c.Schedules.List(ctx, q)
	},
	get: func(ctx context.Context, c *tableau.Client, id string) (*tableau.Schedule, error) {
		return c.Schedules.Get(ctx, id)
	},
	delete: func(ctx context.Context, c *tableau.Client, id string) error { return c.Schedules.Delete(ctx, id) },
	id:     func(s *tableau.Schedule) string { return s.ID },
	names:  func(s *tableau.Schedule) []string { return []string{s.Name} },
}

func (a *app) schedulesCommand() *cobra.Command {
	return a.groupCommand("schedules", "List, create, change and delete schedules of Tableau Server, and what they run",
		schedules.listCommand(a, "  tabctl schedules list"),
		schedules.getCommand(a, "  tabctl schedules get Nightly -o json"),
		a.schedulesCreateCommand(), a.schedulesUpdateCommand(),
		schedules.deleteCommand(a, " with the tasks that it runs", "  tabctl schedules delete Nightly --yes"),
		subListCommand(a, &schedules, "tasks", "List the extract refreshes that a schedule runs", "  tabctl schedules tasks Nightly", scheduledColumns,
			func(ctx context.Context, c *tableau.Client, s *tableau.Schedule, q tableau.Query) itemsOf[tableau.ScheduledExtract] {
				return c.Schedules.ExtractRefreshes(ctx, s.ID, q)
			}),
		a.schedulesAddCommand())
}

var scheduledColumns = []column{
	{title: "WORKBOOK ID", path: "workbook.id"}, {title: "DATA SOURCE ID", path: "datasource.id"}, {title: "TYPE", path: "type"}, {title: "ID", path: "id"},
}

func (a *app) schedulesCreateCommand() *cobra.Command {
	var when recurrenceFlags
	kinds := choice{value: string(tableau.ScheduleExtract), allowed: []string{string(tableau.ScheduleExtract), string(tableau.ScheduleSubscription), string(tableau.ScheduleFlow)}}
	order := choice{allowed: []string{string(tableau.Parallel), string(tableau.Serial)}}
	var priority int
	command := &cobra.Command{
		Use: "create NAME", Short: "Create a schedule", Args: cobra.ExactArgs(1),
		Example: `  tabctl schedules create Nightly --frequency daily --start 02:00
  tabctl schedules create Working --type subscription --frequency hourly --start 08:00 --end 18:00 --every 2h
  tabctl schedules create Paydays --frequency monthly --start 06:30 --month-days 15,LastDay`,
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			recurrence, err := when.recurrence(a)
			if err != nil {
				return err
			}
			if a.left("create the schedule %q", args[0]) {
				return nil
			}
			schedule, err := c.Schedules.Create(ctx, tableau.CreateSchedule{
				Name: args[0], Type: tableau.ScheduleType(kinds.value), Priority: priority, ExecutionOrder: tableau.ExecutionOrder(order.value), Recurrence: recurrence,
			})
			if err != nil {
				return fmt.Errorf("create the schedule %q: %w", args[0], err)
			}
			return printList(a, []*tableau.Schedule{schedule}, schedules.columns)
		}),
	}
	choiceFlag(command, &kinds, "type", "what it runs")
	choiceFlag(command, &order, "execution-order", "whether its tasks run side by side")
	command.Flags().IntVar(&priority, "priority", 0, "`number` from 1 to 100, 1 first (default 50)")
	when.add(command)
	a.dryRunFlag(command)
	mustAdd(command.MarkFlagRequired("frequency"))
	return command
}

func (a *app) schedulesUpdateCommand() *cobra.Command {
	var when recurrenceFlags
	state := choice{allowed: []string{string(tableau.ScheduleActive), string(tableau.ScheduleSuspended)}}
	order := choice{allowed: []string{string(tableau.Parallel), string(tableau.Serial)}}
	var name string
	var priority int
	command := schedules.updateCommand(a, "  tabctl schedules update Nightly --state suspended\n  tabctl schedules update Nightly --frequency weekly --start 02:00 --week-days Saturday",
		func(ctx context.Context, c *tableau.Client) (func(id string) (*tableau.Schedule, error), error) {
			recurrence, err := when.recurrence(a)
			update := tableau.ScheduleUpdate{
				Name: given(a, "name", name), Priority: given(a, "priority", priority), Recurrence: recurrence,
				State: given(a, "state", tableau.ScheduleState(state.value)), ExecutionOrder: given(a, "execution-order", tableau.ExecutionOrder(order.value)),
			}
			return func(id string) (*tableau.Schedule, error) { return c.Schedules.Update(ctx, id, update) }, err
		})
	command.Flags().StringVar(&name, "name", "", "new `name`")
	command.Flags().IntVar(&priority, "priority", 0, "`number` from 1 to 100, 1 first")
	choiceFlag(command, &state, "state", "whether it runs")
	choiceFlag(command, &order, "execution-order", "whether its tasks run side by side")
	when.add(command)
	return command
}

func (a *app) schedulesAddCommand() *cobra.Command {
	command := &cobra.Command{
		Use: "add SCHEDULE workbook|datasource NAME", Short: "Let a schedule refresh the extracts of a workbook or data source", Args: cobra.ExactArgs(3),
		Example: "  tabctl schedules add Nightly workbook Finance/Sales\n  tabctl schedules add Nightly datasource Stock",
		ValidArgsFunction: func(command *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return schedules.complete(a)(command, args, typed)
			}
			return a.completeContent(command, args[1:], typed)
		},
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			schedule, err := schedules.find(ctx, c, args[0])
			if err != nil {
				return err
			}
			item, label, err := content(ctx, c, args[1], args[2])
			if err != nil {
				return err
			}
			if item.Type != tableau.ContentWorkbook && item.Type != tableau.ContentDataSource {
				return usage("a schedule refreshes workbooks and data sources, not %s", label)
			}
			if a.left("add %s to the schedule %q", label, schedule.Name) {
				return nil
			}
			var added *tableau.AddedTask
			if item.Type == tableau.ContentWorkbook {
				added, err = c.Schedules.AddWorkbook(ctx, schedule.ID, item.ID, tableau.TaskExtractRefresh)
			} else {
				added, err = c.Schedules.AddDataSource(ctx, schedule.ID, item.ID)
			}
			if err != nil {
				return fmt.Errorf("add %s to the schedule %q: %w", label, schedule.Name, err)
			}
			for _, warning := range added.Warnings {
				a.say("warning: %s", warning.Message)
			}
			return printList(a, []*tableau.Task{&added.Task}, tasks.columns)
		}),
	}
	a.dryRunFlag(command)
	return command
}
