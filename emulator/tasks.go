package emulator

import (
	"context"
	"encoding/json"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func (s *Server) taskElement(t store.ExtractRefresh) *tsxml.Element {
	e := tsxml.New("extractRefresh", "id", t.ID).SetInt("priority", t.Schedule.Priority)
	e.SetInt("consecutiveFailedCount", 0).Set("type", "RefreshExtractTask")
	return tsxml.New("task").Add(e.Add(s.scheduleElement(t.Schedule), tsxml.New("workbook", "id", t.Workbook.ID)))
}

// ownTasks is whose tasks the caller sees: administrators see all, which is 0.
func (c *call) ownTasks() int64 {
	if isSiteAdmin(c.user) {
		return 0
	}
	return c.user.Seq
}

// listTasks answers in one piece, as Tableau does.
func listTasks(c *call) (*tsxml.Element, error) {
	var found []store.ExtractRefresh
	err := c.store.Read(c.ctx(), func(tx *store.Tx) (err error) {
		found, _, err = tx.ExtractRefreshes(c.site.Seq, 0, c.ownTasks(), store.Query{})
		return err
	})
	if err != nil {
		return nil, err
	}
	list := tsxml.List("tasks")
	for _, t := range found {
		list.Add(c.taskElement(t))
	}
	return list, nil
}

// pathTask returns the task of the path, which is for the caller's workbook or an administrator asks for.
func (c *call) pathTask(tx *store.Tx) (store.ExtractRefresh, error) {
	t, err := tx.ExtractRefresh(c.site.Seq, c.id("task"))
	if own := c.ownTasks(); err == nil && own != 0 && t.Workbook.Owner.Seq != own {
		err = store.ErrNotFound
	}
	return t, orNotFound(err, resourceNotFound, "Task", c.id("task"))
}

// changeableTask returns the task of the path when the caller may refresh its workbook.
func (c *call) changeableTask(tx *store.Tx) (store.ExtractRefresh, error) {
	t, err := c.pathTask(tx)
	if err == nil {
		_, err = c.workbookByID(tx, t.Workbook.ID, "ExtractRefresh")
	}
	return t, err
}

func getTask(c *call) (*tsxml.Element, error) {
	var t store.ExtractRefresh
	err := c.store.Read(c.ctx(), func(tx *store.Tx) (err error) {
		t, err = c.pathTask(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return c.taskElement(t), nil
}

func deleteTask(c *call) (*tsxml.Element, error) {
	return nil, c.store.Write(c.ctx(), func(tx *store.Tx) error {
		t, err := c.changeableTask(tx)
		if err != nil {
			return err
		}
		return tx.DeleteExtractRefresh(t.Seq)
	})
}

// refreshExtract is the type of the jobs that refresh extracts.
const refreshExtract = "RefreshExtract"

// refresh is what a job of the type refreshExtract does. Jobs keep it as JSON until they run.
type refresh struct{ WorkbookID string }

func runTask(c *call) (*tsxml.Element, error) {
	var j store.Job
	err := c.store.Write(c.ctx(), func(tx *store.Tx) error {
		t, err := c.changeableTask(tx)
		if err != nil {
			return err
		}
		request, err := json.Marshal(refresh{t.Workbook.ID})
		if err != nil {
			return err
		}
		j = store.Job{ID: newID(), Site: c.site.Seq, User: c.user.Seq, Type: refreshExtract, JobType: "refresh_extracts", Status: store.Pending,
			Title: t.Workbook.Name, Subtitle: "Workbook", Priority: t.Schedule.Priority, Request: string(request), Created: c.now(), Updated: c.now()}
		open, err := tx.HasOpenJob(j.Site, j.Type, j.Request)
		if err != nil {
			return err
		}
		if open {
			return fail(jobQueued, "The refresh of workbook '%s' is queued already.", t.Workbook.Name)
		}
		return tx.AddJob(&j)
	})
	if err != nil {
		return nil, err
	}
	c.jobs.wake()
	return jobElement(j, nil), nil
}

// refreshExtracts refreshes the extracts of a workbook. Its data stays as it was published: nothing stands behind it.
func (s *Server) refreshExtracts(ctx context.Context, owner store.User, j *store.Job) (done string, err error) {
	var r refresh
	if err := json.Unmarshal([]byte(j.Request), &r); err != nil {
		return "", err
	}
	j.WorkbookID = r.WorkbookID
	return "The extracts of the workbook were refreshed.", s.store.Write(ctx, func(tx *store.Tx) error {
		w, err := tx.Workbook(owner.Site, r.WorkbookID)
		if err != nil {
			return orNotFound(err, workbookNotFound, "Workbook", r.WorkbookID)
		}
		w.Updated = s.now()
		return tx.UpdateWorkbook(w)
	})
}
