package cli

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

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
