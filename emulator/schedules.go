package emulator

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

var scheduleTypes = []string{"Extract", "Subscription", "Flow", "DataAcceleration", "ActiveDirectorySync"}

// scheduleElement is a schedule without its frequencyDetails, as lists and tasks show it.
func (s *Server) scheduleElement(one store.Schedule) *tsxml.Element {
	e := tsxml.New("schedule", "id", one.ID, "name", one.Name, "state", one.State).SetInt("priority", one.Priority)
	e.SetTime("createdAt", one.Created)
	e.SetTime("updatedAt", one.Updated)
	e.Set("type", one.Type).Set("frequency", one.Frequency)
	e.SetTime("nextRunAt", nextRun(one, s.now()))
	return e.Set("executionOrder", one.ExecutionOrder)
}

func listSchedules(c *call) (*tsxml.Element, error) {
	q, err := c.listQuery()
	if err != nil {
		return nil, err
	}
	var found []store.Schedule
	var total int64
	err = c.store.Read(c.ctx(), func(tx *store.Tx) error {
		found, total, err = tx.Schedules(q)
		return err
	})
	if err != nil {
		return nil, err
	}
	list := tsxml.List("schedules")
	for _, s := range found {
		list.Add(c.scheduleElement(s))
	}
	return list, c.counted(total)
}

// pathSchedule returns the schedule of the path.
func (c *call) pathSchedule(tx *store.Tx) (store.Schedule, error) {
	return findSchedule(tx, c.id("schedule"))
}

func findSchedule(tx *store.Tx, id string) (store.Schedule, error) {
	s, err := tx.Schedule(id)
	return s, orNotFound(err, resourceNotFound, "Schedule", id)
}

func getSchedule(c *call) (*tsxml.Element, error) {
	var s store.Schedule
	err := c.store.Read(c.ctx(), func(tx *store.Tx) (err error) {
		s, err = c.pathSchedule(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return c.scheduleElement(s).Add(detailsElement(s)), nil
}

// changeSchedule takes over what a request says about a schedule.
func changeSchedule(tx *store.Tx, s *store.Schedule, change *tsxml.Element) error {
	if name, ok := change.Lookup("name"); ok {
		s.Name = name
	}
	if strings.TrimSpace(s.Name) == "" {
		return fail(badPayload, "Payload is either malformed or incomplete. A schedule needs a name.")
	}
	if text, ok := change.Lookup("priority"); ok {
		var err error
		if s.Priority, err = strconv.ParseInt(text, 10, 64); err != nil || s.Priority < 1 || s.Priority > 100 {
			return fail(badRequest, "The priority '%s' is not a number from 1 to 100.", text)
		}
	}
	for _, one := range []struct {
		name  string
		into  *string
		known []string
	}{{"executionOrder", &s.ExecutionOrder, []string{"Parallel", "Serial"}}, {"state", &s.State, []string{"Active", "Suspended"}}} {
		if value, ok := change.Lookup(one.name); ok {
			if !slices.Contains(one.known, value) {
				return fail(badRequest, "The value '%s' of '%s' is not valid: use %s.", value, one.name, strings.Join(one.known, " or "))
			}
			*one.into = value
		}
	}
	frequency, hasFrequency := change.Lookup("frequency")
	details := change.Child("frequencyDetails")
	switch {
	case details != nil:
		if !hasFrequency {
			frequency = s.Frequency
		}
		if err := readRecurrence(s, frequency, details); err != nil {
			return err
		}
	case hasFrequency && frequency != s.Frequency:
		return fail(scheduleInvalid, "The frequency '%s' needs frequencyDetails.", frequency)
	}
	other, err := tx.ScheduleNamed(s.Name)
	if err == nil && other.Seq != s.Seq {
		return fail(scheduleInvalid, "There is a schedule named '%s' already.", other.Name)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return nil
}

func createSchedule(c *call) (*tsxml.Element, error) {
	wanted, err := c.payload("schedule")
	if err != nil {
		return nil, err
	}
	s := store.Schedule{ID: newID(), Type: wanted.Attr("type"), State: "Active", Priority: 50, ExecutionOrder: "Parallel",
		Created: c.now(), Updated: c.now()}
	if s.Type == "" || wanted.Attr("frequency") == "" || wanted.Child("frequencyDetails") == nil {
		return nil, fail(badPayload, "Payload is either malformed or incomplete. A schedule needs a type, a frequency and frequencyDetails.")
	}
	if !slices.Contains(scheduleTypes, s.Type) {
		return nil, fail(badRequest, "The schedule type '%s' is not valid: use one of %s.", s.Type, strings.Join(scheduleTypes, ", "))
	}
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		if err := changeSchedule(tx, &s, wanted); err != nil {
			return err
		}
		return tx.AddSchedule(&s)
	})
	if err != nil {
		return nil, err
	}
	c.status = http.StatusCreated
	return c.scheduleElement(s).Add(detailsElement(s)), nil
}

func updateSchedule(c *call) (*tsxml.Element, error) {
	change, err := c.payload("schedule")
	if err != nil {
		return nil, err
	}
	var s store.Schedule
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		if s, err = c.pathSchedule(tx); err != nil {
			return err
		}
		if kind, ok := change.Lookup("type"); ok && kind != s.Type {
			return fail(badRequest, "The type of a schedule cannot be changed.")
		}
		if err := changeSchedule(tx, &s, change); err != nil {
			return err
		}
		s.Updated = c.now()
		return tx.UpdateSchedule(s)
	})
	if err != nil {
		return nil, err
	}
	return c.scheduleElement(s).Add(detailsElement(s)), nil
}

func deleteSchedule(c *call) (*tsxml.Element, error) {
	return nil, c.store.Write(c.ctx(), func(tx *store.Tx) error {
		s, err := c.pathSchedule(tx)
		if err != nil {
			return err
		}
		return tx.DeleteSchedule(s.Seq)
	})
}

func addWorkbookToSchedule(c *call) (*tsxml.Element, error) {
	wanted, err := c.payload("task")
	if err != nil {
		return nil, err
	}
	id := wanted.Child("extractRefresh").Child("workbook").Attr("id")
	if id == "" {
		return nil, fail(badPayload, "Payload is either malformed or incomplete. The task needs an <extractRefresh> with a workbook.")
	}
	var task store.ExtractRefresh
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		s, err := c.pathSchedule(tx)
		if err != nil {
			return err
		}
		w, err := c.workbookByID(tx, id, "ExtractRefresh")
		if err != nil {
			return err
		}
		if s.Type != "Extract" {
			return fail(scheduleInvalid, "The schedule '%s' is of the type %s: extracts are refreshed by one of the type Extract.", s.Name, s.Type)
		}
		task, err = tx.AddExtractRefresh(c.site.Seq, newID(), s.Seq, w.Seq)
		return err
	})
	if err != nil {
		return nil, err
	}
	return c.taskElement(task), nil
}

// listScheduleExtracts lists the extract refresh tasks that a schedule has on the site.
func listScheduleExtracts(c *call) (*tsxml.Element, error) {
	q, err := c.listQuery()
	if err != nil {
		return nil, err
	}
	var found []store.ExtractRefresh
	var total int64
	err = c.store.Read(c.ctx(), func(tx *store.Tx) error {
		s, err := c.pathSchedule(tx)
		if err != nil {
			return err
		}
		found, total, err = tx.ExtractRefreshes(c.site.Seq, s.Seq, c.ownTasks(), q)
		return err
	})
	if err != nil {
		return nil, err
	}
	list := tsxml.List("extracts")
	for _, t := range found {
		list.Add(tsxml.New("extract", "id", t.ID).SetInt("priority", t.Schedule.Priority).Set("type", "FullRefresh").
			Add(tsxml.New("workbook", "id", t.Workbook.ID)))
	}
	return list, c.counted(total)
}
