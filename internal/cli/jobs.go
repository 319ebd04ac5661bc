package cli

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

var jobs = kind[tableau.BackgroundJob]{
	name: "job", group: "jobs",
	columns: []column{
		{title: "ID", path: "id"}, {title: "STATUS", path: "status"}, {title: "TYPE", path: "jobType"}, {title: "TITLE", path: "title"}, {title: "CREATED", path: "createdAt"},
		{title: "ENDED", path: "endedAt", wide: true}, {title: "PRIORITY", path: "priority", wide: true},
	},
	list: func(ctx context.Context, c *tableau.Client, q tableau.Query) itemsOf[tableau.BackgroundJob] {
		return c.Jobs.List(ctx, q)
	},
	id:    func(j *tableau.BackgroundJob) string { return j.ID },
	names: func(j *tableau.BackgroundJob) []string { return []string{j.ID} },
	order: []tableau.Sort{tableau.Desc("createdAt")},
}

func (a *app) jobsCommand() *cobra.Command {
	return a.groupCommand("jobs", "List jobs of the server, wait for them, cancel them",
		jobs.listCommand(a, "  tabctl jobs list --limit 20\n  tabctl jobs list --filter status=Failed -o json"),
		a.jobsGetCommand(), a.jobsWaitCommand(), a.jobsCancelCommand())
}

func (a *app) jobsGetCommand() *cobra.Command {
	return &cobra.Command{
		Use: "get ID", Short: "Show all about a job", Args: cobra.ExactArgs(1), ValidArgsFunction: jobs.completeFirst(a),
		Example: "  tabctl jobs get 7b3b1e5c-6f0e-4d3c-9d0f-2f0b5a1c9e11 -o json",
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			job, err := c.Jobs.Get(ctx, args[0])
			if err != nil {
				return err
			}
			return printOne(a, job, startedJobColumns)
		}),
	}
}

// endedJobColumns are those of a job that has been waited for.
var endedJobColumns = append(slices.Clone(startedJobColumns), column{title: "FINISH CODE", path: "finishCode"})

// mostWaits is how many jobs are looked at side by side.
const mostWaits = 16

func (a *app) jobsWaitCommand() *cobra.Command {
	return &cobra.Command{
		Use: "wait ID...", Short: "Wait until jobs have ended", Args: cobra.MinimumNArgs(1), ValidArgsFunction: jobs.complete(a),
		Long: `Wait until all the jobs have ended, and print each, also those that failed. A
finish code is 0 for success, 1 for failure, 2 for a job that was cancelled.

A job that failed or was cancelled is an error that tells the server's notes; the
exit code is 8 when others went well. With --timeout, waiting ends with 7.`,
		Example: "  tabctl jobs wait 7b3b1e5c-6f0e-4d3c-9d0f-2f0b5a1c9e11 --timeout 10m\n" +
			"  tabctl jobs wait $(tabctl jobs list --filter status=InProgress -o name)",
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			var items []batchItem[*tableau.Job]
			seen := make([]*tableau.Job, len(args))
			for i, id := range args {
				items = append(items, batchItem[*tableau.Job]{name: id, work: func(ctx context.Context, _ *progress) (job *tableau.Job, err error) {
					seen[i], err = c.Jobs.Wait(ctx, id, tableau.WaitOptions{})
					return nil, err // seen keeps those that failed, too
				}})
			}
			var err error
			if len(args) == 1 { // which can tell how far it is
				seen[0], err = a.waitForJob(ctx, c, args[0], "job "+args[0])
			} else {
				_, err = runBatch(ctx, a, &batchFlags{parallel: mostWaits, continueOnError: true}, "Waiting for jobs", items)
			}
			seen = slices.DeleteFunc(seen, func(job *tableau.Job) bool { return job == nil })
			return printDone(a, err, seen, endedJobColumns)
		}),
	}
}

func (a *app) jobsCancelCommand() *cobra.Command {
	command := &cobra.Command{
		Use: "cancel ID...", Short: "Cancel jobs that wait or run", Args: cobra.MinimumNArgs(1), ValidArgsFunction: jobs.complete(a),
		Example: "  tabctl jobs cancel 7b3b1e5c-6f0e-4d3c-9d0f-2f0b5a1c9e11",
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			for _, id := range args {
				if err := a.change("cancel the job "+id, "Cancelled the job "+id, func() error { return c.Jobs.Cancel(ctx, id) }); err != nil {
					return err
				}
			}
			return nil
		}),
	}
	a.dryRunFlag(command)
	return command
}
