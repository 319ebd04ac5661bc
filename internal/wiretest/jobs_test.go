package wiretest

import (
	"context"
	"time"

	"github.com/tabctl/tableau-go/tableau"
)

var _ = register(jobAdapters())

func jobAdapters() map[string]adapter {
	all := listAdapters("jobs", func(c *call) (lister, error) {
		return listing(c.client.Jobs.Page, c.client.Jobs.List), nil
	})
	list := all["jobs.get"]
	all["jobs.get"] = func(ctx context.Context, c *call) (any, error) {
		if c.args.has("job_id") { // the old form of get_by_id
			return c.client.Jobs.Get(ctx, c.args.text("job_id"))
		}
		return list(ctx, c)
	}
	all["jobs.get_by_id"] = func(ctx context.Context, c *call) (any, error) {
		return c.client.Jobs.Get(ctx, c.args.text("job_id"))
	}
	all["jobs.cancel"] = func(ctx context.Context, c *call) (any, error) {
		return nil, c.client.Jobs.Cancel(ctx, c.args.id("job_id"))
	}
	all["jobs.wait_for_job"] = func(ctx context.Context, c *call) (any, error) {
		if err := c.args.only("job_id", "timeout"); err != nil {
			return nil, err
		}
		options := tableau.WaitOptions{Interval: time.Millisecond}
		if c.args.has("timeout") {
			// How long to wait is the context's business, and how often to look
			// meanwhile differs on purpose: the time is up after the recorded looks.
			waiting, giveUp := context.WithCancelCause(ctx)
			defer giveUp(nil)
			looks := 0
			options.Progress = func(*tableau.Job) {
				if looks++; looks == len(c.c.Requests) {
					giveUp(context.DeadlineExceeded)
				}
			}
			ctx = waiting
		}
		return c.client.Jobs.Wait(ctx, c.args.id("job_id"), options)
	}
	return all
}
