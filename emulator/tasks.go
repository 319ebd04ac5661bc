package emulator

import (
	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func taskRoutes() []route {
	return []route{
		answered("GET", "/sites/{site}/tasks/extractRefreshes", "List Extract Refresh Tasks in Site", "2.6", SignedIn, listTasks),
		answered("POST", "/sites/{site}/tasks/extractRefreshes", "Create Cloud Extract Refresh Task", "3.19", SignedIn, createTask).
			but("served beside server schedules, which Tableau Cloud does not have"),
		answered("GET", "/sites/{site}/tasks/extractRefreshes/{task}", "Get Extract Refresh Task", "2.6", SignedIn, getTask),
		answered("POST", "/sites/{site}/tasks/extractRefreshes/{task}", "Update Cloud Extract Refresh Task", "3.20", SignedIn, updateTask),
		answered("POST", "/sites/{site}/tasks/extractRefreshes/{task}/runNow", "Run Extract Refresh Task", "2.6", SignedIn, runTask).
			but("the data stays as it was published: no database stands behind it"),
		answered("DELETE", "/sites/{site}/tasks/extractRefreshes/{task}", "Delete Extract Refresh Task", "3.6", SignedIn, deleteTask),
		answered("GET", "/sites/{site}/tasks/dataAcceleration", "List Data Acceleration Tasks in Site", "3.8", SignedIn, listNoTasks).
			but("there are none"),
		answered("GET", "/sites/{site}/tasks/runFlow", "Get Flow Run Tasks", "3.3", SignedIn, listNoTasks).but("there are none"),
		answered("GET", "/sites/{site}/tasks/linked", "Get Linked Tasks", "3.15", SignedIn, listLinkedTasks).but("there are none"),
	}
}

// refreshedElement is what a task refreshes.
func refreshedElement(t store.ExtractRefresh) *tsxml.Element {
	if t.DataSourceID != "" {
		return tsxml.New("datasource", "id", t.DataSourceID)
	}
	return tsxml.New("workbook", "id", t.WorkbookID)
}

func (s *Server) taskElement(t store.ExtractRefresh) *tsxml.Element {
	e := tsxml.New("extractRefresh", "id", t.ID).SetInt("priority", t.Schedule.Priority)
	e.SetInt("consecutiveFailedCount", t.Failures).Set("type", "RefreshExtractTask")
	return tsxml.New("task").Add(e.Add(s.scheduleElement(t.Schedule), refreshedElement(t)))
}

// What requests and the tasks of one schedule call what a refresh does.
const (
	fullRefresh        = "FullRefresh"
	incrementalRefresh = "IncrementalRefresh"
)

func refreshType(t store.ExtractRefresh) string {
	if t.Incremental {
		return incrementalRefresh
	}
	return fullRefresh
}

// listTasks answers in one piece, as Tableau does.
func listTasks(c *call) (*tsxml.Element, error) {
	list := tsxml.List("tasks")
	found, err := read(c, func(tx *store.Tx) ([]store.ExtractRefresh, error) {
		all, _, err := tx.ExtractRefreshes(c.site.Seq, 0, c.ownOnly(), store.Query{})
		return all, err
	})
	for _, t := range found {
		list.Add(c.taskElement(t))
	}
	return list, err
}

// listNoTasks answers for the kinds of tasks that this server does not have.
func listNoTasks(*call) (*tsxml.Element, error) { return tsxml.List("tasks"), nil }

func listLinkedTasks(c *call) (*tsxml.Element, error) { return c.emptyPage("linkedTasks") }

// pathTask returns the task of the path, which is for the caller's content or an administrator asks for.
func (c *call) pathTask(tx *store.Tx) (store.ExtractRefresh, error) {
	t, err := tx.ExtractRefresh(c.site.Seq, c.id("task"))
	if own := c.ownOnly(); err == nil && own != 0 && t.Owner != own {
		err = store.ErrNotFound
	}
	return t, orNotFound(err, resourceNotFound, "Task", c.id("task"))
}

// changeableTask returns the task of the path when the caller may refresh what it refreshes.
func (c *call) changeableTask(tx *store.Tx) (store.ExtractRefresh, error) {
	t, err := c.pathTask(tx)
	if err == nil {
		_, err = c.refreshable(tx, t.WorkbookID, t.DataSourceID)
	}
	return t, err
}

func getTask(c *call) (*tsxml.Element, error) {
	t, err := read(c, c.pathTask)
	return c.taskElement(t), err
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

func runTask(c *call) (*tsxml.Element, error) {
	return c.startJob(func(tx *store.Tx) (j store.Job, err error) {
		t, err := c.changeableTask(tx)
		if err != nil {
			return j, err
		}
		return c.queueRefresh(tx, c.site.Seq, c.user.Seq, refreshOf(t))
	})
}

// findRefreshed finds the workbook or the data source that a task is to refresh, puts it into the task, and returns its seq;
// the other's is 0.
func (c *call) findRefreshed(tx *store.Tx, t *store.ExtractRefresh, wanted *tsxml.Element) (workbook, dataSource int64, err error) {
	t.WorkbookID, t.DataSourceID = wanted.Child("workbook").Attr("id"), wanted.Child("datasource").Attr("id")
	if (t.WorkbookID == "") == (t.DataSourceID == "") {
		return 0, 0, incomplete("The task needs an <extractRefresh> with a workbook or a data source.")
	}
	item, err := c.refreshable(tx, t.WorkbookID, t.DataSourceID)
	t.Name = item.name
	return item.workbook, item.dataSource, err
}

// ownSchedule reads the schedule that a task or a subscription has for itself, as on Tableau Cloud.
func (c *call) ownSchedule(kind string, wanted *tsxml.Element) (store.Schedule, error) {
	s := store.Schedule{ID: newID(), Site: c.site.Seq, Type: kind, State: "Active", Priority: 50, ExecutionOrder: "Parallel",
		Created: c.now(), Updated: c.now()}
	s.Name = s.ID // names are unique, and nobody sees this one
	details := wanted.Child("frequencyDetails")
	if wanted.Attr("frequency") == "" || details == nil {
		return s, incomplete("The schedule needs a frequency and frequencyDetails.")
	}
	return s, readCloudRecurrence(&s, wanted.Attr("frequency"), details)
}

// ownTaskElement answers with a task and, beside it, its own schedule.
func (c *call) ownTaskElement(t store.ExtractRefresh) *tsxml.Element {
	c.beside = c.ownScheduleElement(t.Schedule)
	return tsxml.New("extractRefresh", "id", t.ID).SetInt("priority", t.Schedule.Priority).SetInt("consecutiveFailedCount", t.Failures).
		Set("type", refreshType(t)).Add(refreshedElement(t))
}

// readTask reads the extractRefresh and the schedule of a request, and the type of the refresh, "" when it says none.
func (c *call) readTask() (wanted, schedule *tsxml.Element, kind string, err error) {
	root, err := c.documentIfAny()
	if err != nil {
		return nil, nil, "", err
	}
	if wanted, err = childOf(root, "extractRefresh"); err != nil {
		return nil, nil, "", err
	}
	if kind = wanted.Attr("type"); kind != "" && kind != fullRefresh && kind != incrementalRefresh {
		return nil, nil, "", fail(badRequest, "The type '%s' of the refresh is neither %s nor %s.", kind, fullRefresh, incrementalRefresh)
	}
	return wanted, root.Child("schedule"), kind, nil
}

func createTask(c *call) (*tsxml.Element, error) {
	wanted, schedule, kind, err := c.readTask()
	if err != nil {
		return nil, err
	}
	t := store.ExtractRefresh{ID: newID(), Site: c.site.Seq, Incremental: kind == incrementalRefresh}
	if t.Schedule, err = c.ownSchedule("Extract", schedule); err != nil {
		return nil, err
	}
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		workbook, dataSource, err := c.findRefreshed(tx, &t, wanted)
		if err != nil {
			return err
		}
		if err := tx.AddSchedule(&t.Schedule); err != nil {
			return err
		}
		t, err = tx.AddExtractRefresh(t, workbook, dataSource)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.jobs.expect(t.Schedule)
	return c.ownTaskElement(t), nil
}

// updateTask changes a task that has a schedule of its own: what it refreshes, how, or when.
func updateTask(c *call) (*tsxml.Element, error) {
	wanted, schedule, kind, err := c.readTask()
	if err != nil {
		return nil, err
	}
	var t store.ExtractRefresh
	err = c.store.Write(c.ctx(), func(tx *store.Tx) (err error) {
		if t, err = c.changeableTask(tx); err != nil {
			return err
		}
		if t.Schedule.Site == 0 {
			return fail(badRequest, "The task belongs to the schedule '%s' of the server: change that.", t.Schedule.Name)
		}
		if kind != "" {
			t.Incremental = kind == incrementalRefresh
		}
		if wanted.Child("workbook") != nil || wanted.Child("datasource") != nil {
			workbook, dataSource, err := c.findRefreshed(tx, &t, wanted)
			if err != nil {
				return err
			}
			if err := tx.SetRefreshed(t.Seq, workbook, dataSource); err != nil {
				return err
			}
		}
		if err := tx.SetIncremental(t.Seq, t.Incremental); err != nil {
			return err
		}
		if schedule != nil {
			changed, err := c.ownSchedule("Extract", schedule)
			if err != nil {
				return err
			}
			t.Schedule.Frequency, t.Schedule.Start, t.Schedule.End, t.Schedule.Intervals = changed.Frequency, changed.Start, changed.End, changed.Intervals
			t.Schedule.Updated = c.now()
		}
		return tx.UpdateSchedule(t.Schedule)
	})
	if err != nil {
		return nil, err
	}
	c.jobs.expect(t.Schedule)
	return c.ownTaskElement(t), nil
}
