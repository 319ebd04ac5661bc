package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"sync"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

// jobElement is a job by itself; made is the workbook or data source it has published, or nil.
func jobElement(j store.Job, made *tsxml.Element) *tsxml.Element {
	e := tsxml.New("job", "id", j.ID, "mode", "Asynchronous", "type", j.Type).SetInt("progress", j.Progress)
	e.SetTime("createdAt", j.Created)
	e.SetTime("startedAt", j.Started)
	e.SetTime("updatedAt", j.Updated)
	e.SetTime("completedAt", j.Completed)
	if code, ok := finishCodes[j.Status]; ok {
		e.Set("finishCode", strconv.Itoa(code))
	}
	if hasStatusNotes(j) {
		if j.Notes != "" {
			e.Add(statusNotesElement(j.Notes))
		}
		return e
	}
	if j.Type == changeHyperData {
		return e.Add(hyperJob(j, made))
	}
	if j.Notes != "" || made != nil {
		if made == nil {
			name := workbookPublishing.element
			if j.Type == datasourcePublishing.job {
				name = datasourcePublishing.element
			}
			made = tsxml.New(name, "name", j.Title)
		}
		// The schema has no element for a publish job: this is where it keeps what is published and notes.
		e.Add(tsxml.New("extractRefreshJob").Add(&tsxml.Element{Name: "notes", Text: j.Notes}, made))
	}
	return e
}

// finishCodes are those of jobs that have ended.
var finishCodes = map[string]int{store.Success: 0, store.Failed: 1, store.Cancelled: 2}

func listJobs(c *call) (*tsxml.Element, error) {
	q, err := c.listQuery()
	if err != nil {
		return nil, err
	}
	own := c.user.Seq
	if isSiteAdmin(c.user) {
		own = 0
	}
	var found []store.Job
	var total int64
	err = c.store.Read(c.ctx(), func(tx *store.Tx) error {
		found, total, err = tx.Jobs(c.site.Seq, own, q)
		return err
	})
	if err != nil {
		return nil, err
	}
	list := tsxml.List("backgroundJobs")
	for _, j := range found {
		e := tsxml.New("backgroundJob", "id", j.ID, "status", j.Status)
		e.SetTime("createdAt", j.Created)
		e.SetTime("startedAt", j.Started)
		e.SetTime("endedAt", j.Completed)
		list.Add(e.SetInt("priority", j.Priority).Set("jobType", j.JobType).Set("title", j.Title).SetIf("subtitle", j.Subtitle))
	}
	return list, c.counted(total)
}

// pathJob returns the job of the path, which is the caller's or an administrator asks for.
func (c *call) pathJob(tx *store.Tx) (store.Job, error) {
	j, err := tx.Job(c.site.Seq, c.id("job"))
	if err == nil && j.User != c.user.Seq && !isSiteAdmin(c.user) {
		err = store.ErrNotFound
	}
	return j, orNotFound(err, jobNotFound, "Job", c.id("job"))
}

func getJob(c *call) (*tsxml.Element, error) {
	var e *tsxml.Element
	err := c.store.Read(c.ctx(), func(tx *store.Tx) error {
		j, err := c.pathJob(tx)
		if err != nil {
			return err
		}
		made, err := c.publishedBy(tx, j)
		e = jobElement(j, made)
		return err
	})
	return e, err
}

// publishedBy returns what a job has published, or nil when that is not there.
func (c *call) publishedBy(tx *store.Tx, j store.Job) (*tsxml.Element, error) {
	var made *tsxml.Element
	var err error
	switch {
	case j.WorkbookID != "":
		var w store.Workbook
		w, err = tx.Workbook(c.site.Seq, j.WorkbookID)
		made = tsxml.New("workbook", "id", w.ID, "name", w.Name, "contentUrl", w.ContentURL)
	case j.DatasourceID != "":
		var d store.Datasource
		d, err = tx.Datasource(c.site.Seq, j.DatasourceID)
		made = tsxml.New("datasource", "id", d.ID, "name", d.Name, "contentUrl", d.ContentURL)
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return made, err
}

// cancelJob cancels a job that waits. One that runs or has ended stays as it is.
func cancelJob(c *call) (*tsxml.Element, error) {
	var j store.Job
	unused := ""
	err := c.store.Write(c.ctx(), func(tx *store.Tx) (err error) {
		if j, err = c.pathJob(tx); err != nil || j.Status != store.Pending {
			return err
		}
		unused, j.Blob = j.Blob, ""
		j.Status, j.Progress, j.Updated, j.Completed = store.Cancelled, 100, c.now(), c.now()
		return tx.UpdateJob(j)
	})
	if err != nil {
		return nil, err
	}
	if unused != "" {
		c.collect(unused)
	}
	return jobElement(j, nil), nil
}

// jobRunner runs jobs in the background, one after the other.
type jobRunner struct {
	server *Server
	signal chan struct{}
	cancel context.CancelFunc
	ended  sync.WaitGroup
}

func startJobs(s *Server) *jobRunner {
	ctx, cancel := context.WithCancel(context.Background())
	r := &jobRunner{server: s, signal: make(chan struct{}, 1), cancel: cancel}
	r.ended.Go(func() { r.run(ctx) })
	return r
}

// wake says that there is a job to run.
func (r *jobRunner) wake() {
	select {
	case r.signal <- struct{}{}:
	default: // it has been told already
	}
}

func (r *jobRunner) stop() {
	r.cancel()
	r.ended.Wait()
}

func (r *jobRunner) run(ctx context.Context) {
	logger := r.server.config.logger
	// What ran when the server stopped has changed nothing: it runs again.
	if err := r.server.store.Write(ctx, (*store.Tx).RestartJobs); err != nil && ctx.Err() == nil {
		logger.Error("jobs cannot be run again", "error", err)
	}
	for {
		ran, err := r.runNext(ctx)
		if err != nil && ctx.Err() == nil {
			logger.Error("a job cannot be run", "error", err)
		}
		if ran && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-r.signal:
		}
	}
}

// runNext runs the job that has waited longest and reports whether there was one.
func (r *jobRunner) runNext(ctx context.Context) (bool, error) {
	s := r.server
	var j store.Job
	var owner store.User
	err := s.store.Write(ctx, func(tx *store.Tx) (err error) {
		if j, err = tx.NextJob(); err != nil {
			return err
		}
		if owner, err = tx.JobOwner(j); err != nil {
			return err
		}
		j.Status, j.Started, j.Updated = store.InProgress, s.now(), s.now()
		return tx.UpdateJob(j)
	})
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	done, err := s.work(ctx, owner, &j)
	if ctx.Err() != nil {
		return false, ctx.Err() // the next start runs it again
	}
	j.Status, j.Notes = store.Success, done
	if err != nil {
		told := asAPIError(err)
		if told.code == internalError {
			s.config.logger.Error("a job failed", "id", j.ID, "error", err)
		}
		j.Status, j.Notes = store.Failed, told.detail
	}
	unused := j.Blob
	j.Blob, j.Progress, j.Updated, j.Completed = "", 100, s.now(), s.now()
	if err := s.store.Write(ctx, func(tx *store.Tx) error { return tx.UpdateJob(j) }); err != nil {
		return false, err
	}
	s.collect(unused)
	return true, nil
}

// work does what a job is for, notes in it what it worked on, and returns what it has done.
func (s *Server) work(ctx context.Context, owner store.User, j *store.Job) (done string, err error) {
	switch j.Type {
	case refreshExtract:
		return s.refreshExtracts(ctx, owner, j)
	case syncGroup:
		return s.runGroupSync(ctx, owner, j)
	case importUsers:
		return s.runUsersImport(ctx, owner, j)
	case changeHyperData:
		return s.applyHyperChange(ctx, owner, j)
	}
	var p publication
	if err := json.Unmarshal([]byte(j.Request), &p); err != nil {
		return "", err
	}
	what := publishableNamed(p.Element)
	made := &j.WorkbookID
	if what.element == datasourcePublishing.element {
		made = &j.DatasourceID
	}
	*made, err = what.publish(s, ctx, owner, p)
	return "The " + what.title + " was published.", err
}
