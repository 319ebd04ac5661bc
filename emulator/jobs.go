package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func jobRoutes() []route {
	return []route{
		answered("GET", "/sites/{site}/jobs", "Query Jobs", "2.6", SignedIn, listJobs),
		answered("GET", "/sites/{site}/jobs/{job}", "Query Job", "2.0", SignedIn, getJob),
		answered("PUT", "/sites/{site}/jobs/{job}", "Cancel Job", "3.1", SignedIn, cancelJob),
	}
}

// jobKind is a kind of work that the server does in the background.
type jobKind struct {
	jobType string // in lists; it tells the kinds apart
	single  string // the type of one job by itself; "": the schema has no name for it
	failing string // what rules of [WithFailure] call it
	hidden  bool   // Query Job does not know it: only the list does

	// work does it. It notes in the job what it has made, and returns what it has done.
	work func(s *Server, ctx context.Context, owner store.User, j *store.Job) (done string, err error)
	// ended is called when the job's end is written; nil: there is nothing more to note.
	ended func(tx *store.Tx, j store.Job) error
	// show adds to the job's element what it works on; item is that workbook or data source, nil when it is not there.
	show func(e *tsxml.Element, j store.Job, item *tsxml.Element)
}

// jobKinds lists what the server can do in the background.
func jobKinds() []jobKind {
	return []jobKind{
		{jobType: "publish_workbook", single: "PublishWorkbook", failing: "publish", work: (*Server).publishContent, show: showPublished},
		{jobType: "publish_datasource", single: "PublishDatasource", failing: "publish", work: (*Server).publishContent, show: showPublished},
		{jobType: refreshFull, single: "RefreshExtract", failing: "refresh", work: (*Server).refreshExtracts, ended: countRefresh, show: showItem},
		{jobType: refreshIncrement, single: "RefreshExtract", failing: "refresh", work: (*Server).refreshExtracts, ended: countRefresh, show: showItem},
		{jobType: changeHyperData, single: "UpdateUploadedFile", failing: "refresh", work: (*Server).applyHyperChange, show: showHyperData},
		{jobType: "create_extracts", failing: "extract", hidden: true, work: (*Server).makeExtracts, show: showItem},
		{jobType: "delete_extracts", failing: "extract", hidden: true, work: (*Server).dropExtracts, show: showItem},
		{jobType: "encrypt_extracts", failing: "encryption", hidden: true, work: (*Server).encryptSite},
		{jobType: "decrypt_extracts", failing: "encryption", hidden: true, work: (*Server).encryptSite},
		{jobType: "reencrypt_extracts", failing: "encryption", hidden: true, work: (*Server).encryptSite},
		{jobType: "group_sync", single: "GroupSync", failing: "import", work: (*Server).runGroupSync, show: showStatusNotes},
		{jobType: "create_site_users_csv", single: "CreateSiteUsersCsv", failing: "import", work: (*Server).runUsersImport, show: showStatusNotes},
		{jobType: "single_subscription_notify", failing: "subscription", work: (*Server).sendSubscription, show: showSubscription},
	}
}

func jobKindOf(j store.Job) jobKind {
	for _, kind := range jobKinds() {
		if kind.jobType == j.JobType {
			return kind
		}
	}
	return jobKind{jobType: j.JobType, single: j.Type, work: func(*Server, context.Context, store.User, *store.Job) (string, error) {
		return "", fmt.Errorf("nothing here does jobs of the type %q", j.JobType)
	}}
}

// addJob adds a job that waits. The caller says its JobType, Site, User and Title; what to do is kept as JSON until then.
// Call wake when the transaction has ended.
func (s *Server) addJob(tx *store.Tx, j store.Job, request any) (store.Job, error) {
	text, err := json.Marshal(request)
	if err != nil {
		return j, err
	}
	j.ID, j.Type, j.Status, j.Request, j.Created, j.Updated = newID(), jobKindOf(j).single, store.Pending, string(text), s.now(), s.now()
	if j.Priority == 0 {
		j.Priority = 50
	}
	err = tx.AddJob(&j)
	return j, err
}

// addOnlyJob adds a job, unless one of these types waits or runs for the same workbook or data source.
func (s *Server) addOnlyJob(tx *store.Tx, j store.Job, request any, jobTypes ...string) (store.Job, error) {
	open, err := tx.HasOpenJob(j.Site, j.WorkbookID, j.DataSourceID, jobTypes...)
	if err != nil {
		return j, err
	}
	if open {
		return j, fail(jobQueued, "Job for '%s' is already queued. Not queuing a duplicate.", j.Title)
	}
	return s.addJob(tx, j, request)
}

// startJob answers with the job that add adds.
func (c *call) startJob(add func(tx *store.Tx) (store.Job, error)) (*tsxml.Element, error) {
	var j store.Job
	err := c.store.Write(c.ctx(), func(tx *store.Tx) (err error) {
		j, err = add(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.jobs.wake()
	return c.jobElement(j, nil), nil
}

// lastPercent is the progress of a job that does its work: it is too late to cancel it.
const lastPercent = 99

// jobElement is a job by itself; item is the workbook or data source that it works on, or nil.
func (s *Server) jobElement(j store.Job, item *tsxml.Element) *tsxml.Element {
	progress := j.Progress
	if j.Status == store.InProgress && progress == 0 && s.config.jobTime > 0 {
		progress = int64(s.Now().Sub(j.Started) * 100 / s.config.jobTime)
		progress = min(max(progress, 0), lastPercent-1)
	}
	e := tsxml.New("job", "id", j.ID, "mode", "Asynchronous").SetIf("type", j.Type).SetInt("progress", progress)
	e.SetTime("createdAt", j.Created)
	e.SetTime("startedAt", j.Started)
	e.SetTime("updatedAt", j.Updated)
	e.SetTime("completedAt", j.Completed)
	if code, ok := finishCodes[j.Status]; ok {
		e.Set("finishCode", strconv.Itoa(code))
	}
	if kind := jobKindOf(j); kind.show != nil {
		kind.show(e, j, item)
	}
	return e
}

// finishCodes are those of jobs that have ended.
var finishCodes = map[string]int{store.Success: 0, store.Failed: 1, store.Cancelled: 2}

// notesElement is never empty: the schema wants it, and in JSON empty notes would be no text.
func notesElement(j store.Job) *tsxml.Element {
	text := j.Notes
	switch {
	case text != "":
	case j.Status == store.Pending:
		text = "The job is waiting."
	default:
		text = "The job is running."
	}
	return &tsxml.Element{Name: "notes", Text: text}
}

// showItem shows notes and what a job works on.
func showItem(e *tsxml.Element, j store.Job, item *tsxml.Element) {
	if item == nil && j.WorkbookID == "" {
		item = tsxml.New("datasource", "id", j.DataSourceID, "name", j.Title)
	} else if item == nil {
		item = tsxml.New("workbook", "id", j.WorkbookID, "name", j.Title)
	}
	e.Add(tsxml.New("extractRefreshJob").Add(notesElement(j), item))
}

// showPublished shows what has been published. The schema has no element for that: extractRefreshJob is where it keeps
// content and notes.
func showPublished(e *tsxml.Element, j store.Job, item *tsxml.Element) {
	if j.Notes == "" && item == nil {
		return
	}
	if item == nil {
		item = tsxml.New(strings.TrimPrefix(j.JobType, "publish_"), "name", j.Title)
	}
	e.Add(tsxml.New("extractRefreshJob").Add(notesElement(j), item))
}

func listJobs(c *call) (*tsxml.Element, error) {
	return pageOf(c, "backgroundJobs", backgroundJobElement, func(tx *store.Tx, q store.Query) ([]store.Job, int64, error) {
		return tx.Jobs(c.site.Seq, c.ownOnly(), q)
	})
}

func backgroundJobElement(j store.Job) *tsxml.Element {
	e := tsxml.New("backgroundJob", "id", j.ID, "status", j.Status)
	e.SetTime("createdAt", j.Created).SetTime("startedAt", j.Started).SetTime("endedAt", j.Completed)
	return e.SetInt("priority", j.Priority).Set("jobType", j.JobType).Set("title", j.Title).SetIf("subtitle", j.Subtitle)
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
	return read(c, func(tx *store.Tx) (*tsxml.Element, error) {
		j, err := c.pathJob(tx)
		if err != nil {
			return nil, err
		}
		if jobKindOf(j).hidden {
			return nil, fail(jobUnreadable, "There was a problem querying job '%s': the list of jobs knows jobs of this type.", j.ID)
		}
		item, err := c.jobItem(tx, j)
		return c.jobElement(j, item), err
	})
}

// jobItem returns what a job works on or has published, or nil when that is not there.
func (c *call) jobItem(tx *store.Tx, j store.Job) (*tsxml.Element, error) {
	var item *tsxml.Element
	var err error
	switch {
	case j.WorkbookID != "":
		var w store.Workbook
		w, err = tx.Workbook(c.site.Seq, j.WorkbookID)
		item = tsxml.New("workbook", "id", w.ID, "name", w.Name, "contentUrl", w.ContentURL)
	case j.DataSourceID != "":
		var d store.DataSource
		d, err = tx.DataSource(c.site.Seq, j.DataSourceID)
		item = tsxml.New("datasource", "id", d.ID, "name", d.Name, "contentUrl", d.ContentURL)
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return item, err
}

// cancelJob cancels a job that waits or runs. One that does its work at this moment, or has ended, stays as it is.
func cancelJob(c *call) (*tsxml.Element, error) {
	var j store.Job
	unused := ""
	err := c.store.Write(c.ctx(), func(tx *store.Tx) (err error) {
		if j, err = c.pathJob(tx); err != nil {
			return err
		}
		if j.Status != store.Pending && (j.Status != store.InProgress || j.Progress == lastPercent) {
			return nil
		}
		unused = c.end(&j, store.Cancelled, "The job was cancelled.")
		return tx.UpdateJob(j)
	})
	if err != nil {
		return nil, err
	}
	if unused != "" {
		c.collect(unused)
	}
	c.jobs.wake() // the next one of the site can start
	return c.jobElement(j, nil), nil
}

// end notes in a job how it has ended, and returns the content that it needs no more.
func (s *Server) end(j *store.Job, status, notes string) (unused string) {
	unused = j.Blob
	j.Status, j.Notes, j.Blob, j.Progress, j.Updated, j.Completed = status, notes, "", 100, s.now(), s.now()
	return unused
}

// endJob does the work of a job that is in progress, and writes how it ended.
func (s *Server) endJob(ctx context.Context, seq int64) error {
	var j store.Job
	var owner store.User
	err := s.store.Write(ctx, func(tx *store.Tx) (err error) {
		if j, err = tx.JobBySeq(seq); err != nil || j.Status != store.InProgress {
			return err
		}
		if owner, err = tx.JobOwner(j); err != nil {
			return err
		}
		j.Progress, j.Updated = lastPercent, s.now()
		return tx.UpdateJob(j)
	})
	if errors.Is(err, store.ErrNotFound) || err == nil && j.Status != store.InProgress {
		return nil // it was cancelled, or its site or its user is gone
	}
	if err != nil {
		return err
	}
	kind := jobKindOf(j)
	done, err := "", s.injectedFailure(kind, j)
	if err == nil {
		done, err = kind.work(s, ctx, owner, &j)
	}
	if ctx.Err() != nil {
		return ctx.Err() // the next start runs it again
	}
	status := store.Success
	if err != nil {
		told := asAPIError(err)
		if told.code == internalError {
			s.config.logger.Error("a job failed", "id", j.ID, "error", err)
		}
		status, done = store.Failed, told.detail
	}
	unused := s.end(&j, status, done)
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		if kind.ended != nil {
			if err := kind.ended(tx, j); err != nil {
				return err
			}
		}
		return tx.UpdateJob(j)
	})
	if err == nil && unused != "" {
		s.collect(unused)
	}
	return err
}

// publishContent publishes a file that was received before.
func (s *Server) publishContent(ctx context.Context, owner store.User, j *store.Job) (done string, err error) {
	var p publication
	if err := json.Unmarshal([]byte(j.Request), &p); err != nil {
		return "", err
	}
	what := publishableNamed(p.Element)
	made := &j.WorkbookID
	if what.element == dataSourcePublishing.element {
		made = &j.DataSourceID
	}
	done = "The " + what.title + " was published."
	p.published = func(tx *store.Tx, id string) error {
		*made = id
		return s.succeed(tx, *j, done)
	}
	_, err = what.publish(s, ctx, owner, p)
	return done, err
}

// succeed writes a job's success in the transaction that does its work, so that after a crash it is not done again.
func (s *Server) succeed(tx *store.Tx, j store.Job, done string) error {
	s.end(&j, store.Success, done)
	return tx.UpdateJob(j)
}
