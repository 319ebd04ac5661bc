package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/tabctl/tableau-go/tableau"
)

// spinner shows that something goes on.
const spinner = `|/-\`

// waitForJob waits until the job has ended and tells how far it is; what names its work, such as "Refresh Sales".
func (a *app) waitForJob(ctx context.Context, c *tableau.Client, id, what string) (*tableau.Job, error) {
	started, line := time.Now(), a.status()
	looks := make(chan *tableau.Job, 1)
	told := make(chan struct{})
	go func() {
		defer close(told)
		ticker := time.NewTicker(pauseAtTerminal)
		defer ticker.Stop()
		var job *tableau.Job
		for turn := 0; ; turn++ {
			select {
			case seen, more := <-looks:
				if !more {
					return
				}
				job = seen
			case <-ticker.C:
			}
			line.tell(func() string {
				text := fmt.Sprintf("%s: %s, %s", what, jobState(job), duration(time.Since(started)))
				if a.errTerminal {
					text = spinner[turn%len(spinner):][:1] + " " + text
				}
				return text
			})
		}
	}()
	job, err := c.Jobs.Wait(ctx, id, tableau.WaitOptions{Progress: func(job *tableau.Job) { looks <- job }})
	close(looks)
	<-told
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
