package emulator

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/tabctl/tableau-go/emulator/internal/store"
)

// jobRunner does in the background what is to be done later: it starts what schedules run when its time has come, and does
// the jobs. A site has one job running at a time, so that no site waits for another.
type jobRunner struct {
	server *Server
	signal chan struct{}
	moved  chan chan time.Time // by settle
	cancel context.CancelFunc
	ended  sync.WaitGroup
	closed <-chan struct{}

	mu    sync.Mutex
	stale bool      // due is to be found anew
	due   time.Time // when a schedule has something to run next, or may have; zero: never

	// The rest belongs to the goroutine.
	running []running
	started time.Time // until when schedules have started what they run
}

// running is a job under way.
type running struct {
	seq  int64
	ends time.Time
}

// startJobs starts the background work. What was due while there was no server has been missed.
func startJobs(s *Server) *jobRunner {
	ctx, cancel := context.WithCancel(context.Background())
	r := &jobRunner{server: s, signal: make(chan struct{}, 1), moved: make(chan chan time.Time), cancel: cancel, closed: ctx.Done(),
		stale: true, started: s.Now()}
	r.ended.Go(func() { r.run(ctx) })
	return r
}

// reschedule says that schedules have changed.
func (r *jobRunner) reschedule() {
	r.mu.Lock()
	r.stale = true
	r.mu.Unlock()
	r.wake()
}

// expect says that a schedule has something more to run, or runs at other times.
func (r *jobRunner) expect(s store.Schedule) {
	r.lookAt(nextRun(s, r.server.now()))
	r.wake()
}

// lookAt makes sure that it looks what is due at a time, if not before.
func (r *jobRunner) lookAt(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !at.IsZero() && (r.due.IsZero() || at.Before(r.due)) {
		r.due = at
	}
}

// wantsLook reports whether it is time to look what is due. If so, due is found from nothing.
func (r *jobRunner) wantsLook(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.stale && (r.due.IsZero() || r.due.After(now)) {
		return false
	}
	r.stale, r.due = false, time.Time{}
	return true
}

// wake says that there is a job to run.
func (r *jobRunner) wake() {
	select {
	case r.signal <- struct{}{}:
	default: // it has been told already
	}
}

// settle waits until all that can be done at this time has been done. It returns when there is more to do, zero for never,
// and false when the runner has been stopped.
func (r *jobRunner) settle() (next time.Time, open bool) {
	settled := make(chan time.Time, 1)
	select {
	case r.moved <- settled:
	case <-r.closed:
		return time.Time{}, false
	}
	select {
	case next = <-settled:
		return next, true
	case <-r.closed:
		return time.Time{}, false
	}
}

func (r *jobRunner) stop() {
	r.cancel()
	r.ended.Wait()
}

// longestNap bounds how long it sleeps when something is due: a clock given by [WithClock] may jump.
const longestNap = time.Second

// retryPause is how long it waits with what could not be written.
const retryPause = time.Second

func (r *jobRunner) run(ctx context.Context) {
	logger := r.server.config.logger
	// What ran when the server stopped has changed nothing: it runs again.
	if err := r.server.store.Write(ctx, (*store.Tx).RestartJobs); err != nil && ctx.Err() == nil {
		logger.Error("jobs cannot be run again", "error", err)
	}
	var settled chan time.Time
	for {
		did, err := r.step(ctx)
		if err != nil && ctx.Err() == nil {
			logger.Error("a job cannot be run", "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(retryPause):
			}
		}
		if did && err == nil {
			continue
		}
		if settled != nil {
			settled <- r.next()
			settled = nil
		}
		if settled = r.sleep(ctx); ctx.Err() != nil {
			return
		}
	}
}

// sleep waits until there may be something to do. It returns who is to be told when that is done, or nil.
func (r *jobRunner) sleep(ctx context.Context) (settled chan time.Time) {
	for {
		var alarm <-chan time.Time
		if next := r.next(); !next.IsZero() {
			left := next.Sub(r.server.Now())
			alarm = time.After(min(max(left, 0), longestNap))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-r.signal:
			return nil
		case settled = <-r.moved:
			return settled
		case <-alarm:
			if !r.next().After(r.server.Now()) {
				return nil
			}
		}
	}
}

// next is when a job ends or a schedule has something to run; zero: never.
func (r *jobRunner) next() time.Time {
	r.mu.Lock()
	next := r.due
	r.mu.Unlock()
	for _, one := range r.running {
		if next.IsZero() || one.ends.Before(next) {
			next = one.ends
		}
	}
	return next
}

// step does some of what can be done now and reports whether there was anything.
func (r *jobRunner) step(ctx context.Context) (did bool, err error) {
	for _, part := range []func(context.Context) (bool, error){r.startDue, r.startJobs, r.endJobs} {
		one, err := part(ctx)
		if err != nil {
			return did, err
		}
		did = did || one
	}
	return did, nil
}

// startDue adds the jobs of the schedules whose time has come. When several times have passed at once it takes the first.
func (r *jobRunner) startDue(ctx context.Context) (bool, error) {
	now := r.server.Now()
	if now.Before(r.started) {
		r.started = now // the clock was moved back
		r.reschedule()
	}
	if !r.wantsLook(now) {
		r.started = now
		return false, nil
	}
	did, err := r.findDue(ctx, now)
	if err != nil {
		r.mu.Lock()
		r.stale = true
		r.mu.Unlock()
	}
	return did, err
}

func (r *jobRunner) findDue(ctx context.Context, now time.Time) (bool, error) {
	var first time.Time
	err := r.server.store.Read(ctx, func(tx *store.Tx) (err error) {
		_, first, err = r.firstDue(tx)
		return err
	})
	if err != nil {
		return false, err
	}
	r.lookAt(first)
	if first.IsZero() || first.After(now) {
		r.started = now
		return false, nil
	}
	err = r.server.store.Write(ctx, func(tx *store.Tx) error {
		due, at, err := r.firstDue(tx) // somebody may have changed a schedule meanwhile
		if err != nil || at.IsZero() || at.After(now) {
			return err
		}
		first = at
		for _, schedule := range due {
			if err := r.server.queueSchedule(tx, schedule); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		r.started = first
	}
	return true, err
}

// firstDue returns the schedules that are the first to have something to run, and when that is; zero: never.
func (r *jobRunner) firstDue(tx *store.Tx) (due []store.Schedule, first time.Time, err error) {
	busy, err := tx.BusySchedules()
	for _, schedule := range busy {
		since := r.started
		if schedule.Updated.After(since) {
			since = schedule.Updated // it did not run like this before
		}
		at := nextRun(schedule, since)
		switch {
		case at.IsZero():
		case first.IsZero() || at.Before(first):
			due, first = []store.Schedule{schedule}, at
		case at.Equal(first):
			due = append(due, schedule)
		}
	}
	return due, first, err
}

// queueSchedule adds the jobs for all that a schedule runs. What still waits or runs since the last time is left out.
func (s *Server) queueSchedule(tx *store.Tx, schedule store.Schedule) error {
	refreshes, err := tx.RefreshesDue(schedule.Seq)
	if err != nil {
		return err
	}
	for _, one := range refreshes {
		_, err := s.queueRefresh(tx, one.Site, one.Owner, refreshOf(one))
		if told, ok := errors.AsType[*apiError](err); ok && told.code == jobQueued {
			err = nil
		}
		if err != nil {
			return err
		}
	}
	subscriptions, err := tx.SubscriptionsDue(schedule.Seq)
	if err != nil {
		return err
	}
	for _, one := range subscriptions {
		if err := s.queueSubscription(tx, one); err != nil {
			return err
		}
	}
	return nil
}

// startJobs starts the next job of each site where none runs.
func (r *jobRunner) startJobs(ctx context.Context) (bool, error) {
	s := r.server
	var next []store.Job
	err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
		next, err = tx.NextJobs()
		return err
	})
	if err != nil || len(next) == 0 {
		return false, err
	}
	err = s.store.Write(ctx, func(tx *store.Tx) (err error) {
		if next, err = tx.NextJobs(); err != nil {
			return err
		}
		for i := range next {
			j := &next[i]
			j.Status, j.Started, j.Updated = store.InProgress, s.now(), s.now()
			if err := tx.UpdateJob(*j); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	ends := s.Now().Add(s.config.jobTime)
	for _, j := range next {
		r.running = append(r.running, running{j.Seq, ends})
	}
	return true, nil
}

// endJobs does the jobs whose time is over. A job does all of its work in its last moment: one that is cancelled has
// changed nothing.
func (r *jobRunner) endJobs(ctx context.Context) (bool, error) {
	now := r.server.Now()
	var left []running
	var failed error
	for _, one := range r.running {
		if one.ends.After(now) {
			left = append(left, one)
		} else if err := r.server.endJob(ctx, one.seq); err != nil {
			failed = err
			left = append(left, running{one.seq, now.Add(retryPause)})
		}
	}
	did := len(left) < len(r.running)
	r.running = left
	return did, failed
}
