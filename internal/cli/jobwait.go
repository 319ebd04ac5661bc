package cli

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

// spinner shows that something goes on.
const spinner = `|/-\`

// waitForJob waits until the job has ended and tells how far it is; what names its work, such as "Refresh Sales".
func (a *app) waitForJob(ctx context.Context, c *tableau.Client, id, what string) (*tableau.Job, error) {
	started, line := time.Now(), a.status()
	var seen atomic.Pointer[tableau.Job]
	stop := line.follow(func() string {
		elapsed := time.Since(started)
		text := fmt.Sprintf("%s: %s, %s", what, jobState(seen.Load()), duration(elapsed))
		if a.errTerminal {
			text = spinner[elapsed/pauseAtTerminal%time.Duration(len(spinner)):][:1] + " " + text
		}
		return text
	})
	job, err := c.Jobs.Wait(ctx, id, tableau.WaitOptions{Progress: seen.Store})
	stop()
	if err != nil {
		line.end("")
		if ctx.Err() != nil {
			a.say("The job %s goes on: tabctl jobs wait %s", id, id)
			err = ctx.Err()
		}
		return job, fmt.Errorf("%s: %w", what, err)
	}
	line.end(fmt.Sprintf("%s: done after %s", what, duration(time.Since(started))))
	return job, nil
}

// startedJobColumns are those of a job that a command has started.
var startedJobColumns = []column{
	{title: "ID", path: "id"}, {title: "TYPE", path: "type"}, {title: "PROGRESS", path: "progress"}, {title: "CREATED", path: "createdAt"},
	{title: "COMPLETED", path: "completedAt"},
}

// jobFlags are those of a command that starts a job.
type jobFlags struct{ wait bool }

func (f *jobFlags) add(command *cobra.Command) {
	command.Flags().BoolVar(&f.wait, "wait", false, "wait until the job has ended, and fail when the job fails")
}

// printJob prints a job that was started, when the user wants to wait, as it has ended.
func (a *app) printJob(ctx context.Context, c *tableau.Client, f *jobFlags, job *tableau.Job, what string) error {
	if f.wait && job.ID != "" {
		var err error
		if job, err = a.waitForJob(ctx, c, job.ID, what); err != nil {
			return err
		}
	}
	return printList(a, []*tableau.Job{job}, startedJobColumns)
}

// jobState is how far a job is, in a word.
func jobState(job *tableau.Job) string {
	switch {
	case job == nil || job.StartedAt.IsZero() && !job.Done():
		return "waiting"
	case job.Done():
		return "ended"
	}
	return fmt.Sprintf("%d%%", job.Progress)
}
