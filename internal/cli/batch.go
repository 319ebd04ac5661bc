package cli

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/spf13/cobra"
)

// batchFlags say how a command works on many items.
type batchFlags struct {
	parallel        int
	continueOnError bool
	resume          string
	resumable       bool // the command has the flag for it
}

func (f *batchFlags) add(command *cobra.Command) {
	f.resumable = true
	flags := command.Flags()
	flags.IntVar(&f.parallel, "parallel", 4, "work on this `number` of items at a time")
	flags.BoolVar(&f.continueOnError, "continue-on-error", false, "go on with the others when one fails")
	flags.StringVar(&f.resume, "resume", "", "`file` that remembers what is done: a later run with it leaves that out, and tries again what failed")
}

// batchItem is a piece of work, whose result is an R.
type batchItem[R any] struct {
	name  string // for people
	key   string // what is done to what, and where to
	state string // what it is like: after a change it is done again
	// work does it. Its progress is nil when there are others beside it.
	work func(ctx context.Context, p *progress) (R, error)
	file func(R) string // what was written; nil for nothing
}

// The outcomes of an item.
const (
	outcomeDone       = "done"
	outcomeSkipped    = "skipped" // done by an earlier run
	outcomeFailed     = "failed"
	outcomeNotStarted = "not started"
)

// itemOutcome is what became of an item.
type itemOutcome struct {
	Item    string `json:"item"`
	Outcome string `json:"outcome"`
	Error   string `json:"error,omitempty"`
}

var outcomeColumns = []column{{title: "ITEM", path: "item"}, {title: "OUTCOME", path: "outcome"}, {title: "ERROR", path: "error"}}

// batchError is a batch that did not do all. What it wraps decides the exit code.
type batchError struct {
	error
	outcomes []itemOutcome // of those that are not done
}

func (e *batchError) Unwrap() error { return e.error }

// runBatch works on the items, some at a time, and returns the results of those that went well, in the items' order;
// doing names the work, such as "Publishing". A single item fails with its own error.
func runBatch[R any](ctx context.Context, a *app, f *batchFlags, doing string, items []batchItem[R]) (results []R, err error) {
	if f.parallel < 1 {
		return nil, usage("--parallel %d: give a number from 1 on", f.parallel)
	}
	var remembered *journal
	if f.resume != "" {
		if remembered, err = openJournal(f.resume); err != nil {
			return nil, err
		}
		defer remembered.close()
	}
	b := &batch{doing: doing, outcomes: make([]itemOutcome, len(items)), errs: make([]error, len(items)), status: a.status(), started: time.Now()}
	all := make([]R, len(items))
	stopTelling := func() {}
	if len(items) > 1 { // a single one has its own progress
		stopTelling = b.status.follow(b.line)
	}
	var next int
	var workers sync.WaitGroup
	for range min(f.parallel, len(items)) {
		workers.Go(func() {
			for {
				b.mu.Lock()
				i := next
				next++
				stop := i >= len(items) || b.stopped || ctx.Err() != nil
				b.mu.Unlock()
				if stop {
					return
				}
				item := items[i]
				if remembered.has(item.key, item.state) {
					b.ended(i, itemOutcome{Outcome: outcomeSkipped}, nil, false)
					continue
				}
				entry := journalEntry{Key: item.key, State: item.state, Outcome: outcomeDone}
				var p *progress
				if len(items) == 1 {
					p = a.progress(doing + " " + item.name)
				} else {
					b.began()
				}
				result, err := item.work(ctx, p)
				if err != nil {
					p.abandon()
					entry.Outcome, entry.Error = outcomeFailed, failureOf(err).Message
				} else {
					all[i] = result
					if item.file != nil {
						entry.File = item.file(result)
					}
				}
				if journalErr := remembered.add(entry); journalErr != nil {
					err = cmp.Or(err, fmt.Errorf("write %s: %w", f.resume, journalErr))
				}
				// A sign-in that is refused would be refused for all, and may lock the account.
				b.ended(i, itemOutcome{Outcome: entry.Outcome, Error: entry.Error}, err,
					err != nil && (!f.continueOnError || exitCode(err) == exitSignIn))
			}
		})
	}
	workers.Wait()
	stopTelling()
	for i, item := range items {
		b.outcomes[i].Item = item.name
		switch b.outcomes[i].Outcome {
		case outcomeDone:
			results = append(results, all[i])
		case "":
			b.outcomes[i].Outcome = outcomeNotStarted
		}
	}
	return results, a.endBatch(ctx, f, b)
}

// batch is how far a batch is.
type batch struct {
	doing   string
	status  *status
	started time.Time

	mu       sync.Mutex
	outcomes []itemOutcome
	errs     []error // the reasons of those that failed
	running  int
	stopped  bool
}

func (b *batch) began() {
	b.mu.Lock()
	b.running++
	b.mu.Unlock()
}

func (b *batch) ended(i int, outcome itemOutcome, err error, stop bool) {
	b.mu.Lock()
	if outcome.Outcome != outcomeSkipped && len(b.outcomes) > 1 {
		b.running--
	}
	b.outcomes[i], b.errs[i] = outcome, err
	b.stopped = b.stopped || stop
	b.mu.Unlock()
}

func (b *batch) count(outcome string) (n int) {
	for _, o := range b.outcomes {
		if o.Outcome == outcome {
			n++
		}
	}
	return n
}

func (b *batch) line() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	done, skipped, failed := b.count(outcomeDone), b.count(outcomeSkipped), b.count(outcomeFailed)
	total := len(b.outcomes)
	line := fmt.Sprintf("%s: %d/%d done, %d failed, %d running", b.doing, done+skipped, total, failed, b.running)
	if b.status.app.errTerminal {
		line += "  " + bar(int64(done+skipped+failed), int64(total))
	}
	return line + leftText(int64(done+failed), int64(total-skipped), time.Since(b.started))
}

// endBatch tells the outcome and makes it an error when not all is done.
func (a *app) endBatch(ctx context.Context, f *batchFlags, b *batch) error {
	b.status.end("")
	total, done, failed := len(b.outcomes), b.count(outcomeDone)+b.count(outcomeSkipped), b.count(outcomeFailed)
	var first error
	same := true
	var open []itemOutcome
	for i, o := range b.outcomes {
		if o.Outcome == outcomeFailed || o.Outcome == outcomeNotStarted || b.errs[i] != nil {
			open = append(open, o)
		}
		if err := b.errs[i]; err != nil {
			first = cmp.Or(first, err)
			same = same && exitCode(err) == exitCode(first)
		}
	}
	if total == 1 && first != nil {
		return first
	}
	text := fmt.Sprintf("%s: %d of %d done", b.doing, done, total)
	if skipped := b.count(outcomeSkipped); skipped > 0 {
		text += fmt.Sprintf(", %d of them before", skipped)
	}
	if failed > 0 {
		text += fmt.Sprintf(", %d failed", failed)
	}
	if left := b.count(outcomeNotStarted); left > 0 {
		text += fmt.Sprintf(", %d not started", left)
	}
	if total > 1 || b.count(outcomeSkipped) > 0 {
		a.say("%s", text)
	}
	if len(open) == 0 {
		return nil
	}
	if !a.output.isJSON() { // else they are in the error
		a.printOutcomes(open)
	}
	switch {
	case ctx.Err() != nil:
		return &batchError{ctx.Err(), open}
	case done == 0 && same:
		return &batchError{fmt.Errorf("%d of %d failed: %w", failed, total, first), open}
	case done == 0:
		return &batchError{fmt.Errorf("%d of %d failed", failed, total), open}
	}
	var err error = &partlyError{failed, total}
	switch {
	case f.resume != "":
		err = withHint(err, "the same command again: "+f.resume+" knows what is done")
	case f.resumable:
		err = withHint(err, "--resume FILE from the start, to go on where such a command stopped")
	}
	return &batchError{err, open}
}

// printOutcomes writes a table of what is not done to standard error.
func (a *app) printOutcomes(outcomes []itemOutcome) {
	table := &tablePrinter{out: a.err, columns: outcomeColumns}
	for _, o := range outcomes {
		table.print(objectOf(o)) // which only keeps it
	}
	table.end() // there is nobody else to tell
}
