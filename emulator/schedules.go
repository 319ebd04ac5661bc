package emulator

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func scheduleRoutes() []route {
	return []route{
		answered("GET", "/schedules", "List Server Schedules", "2.3", SignedIn, listSchedules),
		answered("POST", "/schedules", "Create Server Schedule", "2.3", ServerAdministrator, createSchedule),
		answered("PUT", "/schedules", "Batch Update Schedule State", "3.27", ServerAdministrator, setScheduleStates),
		answered("GET", "/schedules/{schedule}", "Get Server Schedule", "3.8", SignedIn, getSchedule),
		answered("PUT", "/schedules/{schedule}", "Update Server Schedule", "2.3", ServerAdministrator, updateSchedule),
		answered("DELETE", "/schedules/{schedule}", "Delete Server Schedule", "2.3", ServerAdministrator, deleteSchedule),
		answered("PUT", "/sites/{site}/schedules/{schedule}/workbooks", "Add Workbook to Server Schedule", "2.8", SignedIn, addToSchedule),
		answered("PUT", "/sites/{site}/schedules/{schedule}/datasources", "Add Data Source to Server Schedule", "2.8", SignedIn, addToSchedule),
		answered("GET", "/sites/{site}/schedules/{schedule}/extracts", "List Extract Refresh Tasks in Server Schedule", "2.3", SignedIn, listScheduleExtracts),
	}
}

var scheduleTypes = []string{"Extract", "Subscription", "Flow", "DataAcceleration", "ActiveDirectorySync"}

// scheduleElement is a schedule without its frequencyDetails, as lists and tasks show it.
func (s *Server) scheduleElement(one store.Schedule) *tsxml.Element {
	if one.Site != 0 {
		e := tsxml.New("schedule", "frequency", one.Frequency)
		e.SetTime("nextRunAt", nextRun(one, s.now()))
		return e.Add(detailsElement(one))
	}
	e := tsxml.New("schedule", "id", one.ID, "name", one.Name, "state", one.State).SetInt("priority", one.Priority)
	e.SetTime("createdAt", one.Created)
	e.SetTime("updatedAt", one.Updated)
	e.Set("type", one.Type).Set("frequency", one.Frequency)
	e.SetTime("nextRunAt", nextRun(one, s.now()))
	return e.Set("executionOrder", one.ExecutionOrder)
}

// ownScheduleElement is the schedule of one task or subscription by itself.
func (s *Server) ownScheduleElement(one store.Schedule) *tsxml.Element {
	e := tsxml.New("schedule")
	e.SetTime("createdAt", one.Created)
	e.SetTime("updatedAt", one.Updated)
	e.Set("frequency", one.Frequency)
	e.SetTime("nextRunAt", nextRun(one, s.now()))
	return e.Add(detailsElement(one))
}

func listSchedules(c *call) (*tsxml.Element, error) {
	return pageOf(c, "schedules", c.scheduleElement, (*store.Tx).Schedules)
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
	s, err := read(c, c.pathSchedule)
	return c.scheduleElement(s).Add(detailsElement(s)), err
}

// changeSchedule takes over what a request says about a schedule.
func changeSchedule(tx *store.Tx, s *store.Schedule, change *tsxml.Element) error {
	if name, ok := change.Lookup("name"); ok {
		s.Name = name
	}
	if strings.TrimSpace(s.Name) == "" {
		return incomplete("A schedule needs a name.")
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
	return unlessNotFound(err)
}

func createSchedule(c *call) (*tsxml.Element, error) {
	wanted, err := c.payload("schedule")
	if err != nil {
		return nil, err
	}
	s := store.Schedule{ID: newID(), Type: wanted.Attr("type"), State: "Active", Priority: 50, ExecutionOrder: "Parallel",
		Created: c.now(), Updated: c.now()}
	if s.Type == "" || wanted.Attr("frequency") == "" || wanted.Child("frequencyDetails") == nil {
		return nil, incomplete("A schedule needs a type, a frequency and frequencyDetails.")
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
	c.jobs.expect(s)
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

// setScheduleStates activates or suspends the schedules that a request names, or all.
func setScheduleStates(c *call) (*tsxml.Element, error) {
	state := matching([]string{"Active", "Suspended"}, c.query.Get("state"))
	if state == "" {
		return nil, fail(badRequest, "The state '%s' is neither active nor suspended.", c.query.Get("state"))
	}
	all, err := c.queryFlag("updateAll")
	if err != nil {
		return nil, err
	}
	root, err := c.documentIfAny()
	if err != nil {
		return nil, err
	}
	named := root.Child("scheduleLuids")
	if !all && named == nil {
		return nil, incomplete("Name schedules in <scheduleLuids>, or set updateAll.")
	}
	var found []store.Schedule
	err = c.store.Write(c.ctx(), func(tx *store.Tx) (err error) {
		if all {
			found, _, err = tx.Schedules(store.Query{})
		} else {
			found, err = findSchedules(tx, named.Children)
		}
		for _, s := range found {
			if err == nil && s.State != state {
				s.State, s.Updated = state, c.now()
				err = tx.UpdateSchedule(s)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	c.jobs.reschedule()
	list := tsxml.List("scheduleLuids")
	for _, s := range found {
		list.Add(&tsxml.Element{Name: "scheduleLuid", Text: s.ID})
	}
	return list, nil
}

func findSchedules(tx *store.Tx, named []*tsxml.Element) (found []store.Schedule, err error) {
	for _, e := range named {
		s, err := findSchedule(tx, strings.TrimSpace(e.Text))
		if err != nil {
			return nil, err
		}
		found = append(found, s)
	}
	return found, nil
}

// addToSchedule adds the task of a request to the schedule of the path.
func addToSchedule(c *call) (*tsxml.Element, error) {
	wanted, err := c.payload("task")
	if err != nil {
		return nil, err
	}
	if wanted.Child("dataAcceleration") != nil {
		return nil, fail(featureDisabled, "This server does not have data acceleration tasks.")
	}
	task := store.ExtractRefresh{ID: newID(), Site: c.site.Seq}
	err = c.store.Write(c.ctx(), func(tx *store.Tx) (err error) {
		if task.Schedule, err = c.pathSchedule(tx); err != nil {
			return err
		}
		workbook, dataSource, err := c.findRefreshed(tx, &task, wanted.Child("extractRefresh"))
		if err != nil {
			return err
		}
		if s := task.Schedule; s.Type != "Extract" {
			return fail(scheduleInvalid, "The schedule '%s' is of the type %s: extracts are refreshed by one of the type Extract.", s.Name, s.Type)
		}
		task, err = tx.AddExtractRefresh(task, workbook, dataSource)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.jobs.expect(task.Schedule)
	return c.taskElement(task), nil
}

// listScheduleExtracts lists the extract refresh tasks that a schedule has on the site.
func listScheduleExtracts(c *call) (*tsxml.Element, error) {
	element := func(t store.ExtractRefresh) *tsxml.Element {
		return tsxml.New("extract", "id", t.ID).SetInt("priority", t.Schedule.Priority).Set("type", refreshType(t)).Add(refreshedElement(t))
	}
	return pageOf(c, "extracts", element, func(tx *store.Tx, q store.Query) ([]store.ExtractRefresh, int64, error) {
		s, err := c.pathSchedule(tx)
		if err != nil {
			return nil, 0, err
		}
		return tx.ExtractRefreshes(c.site.Seq, s.Seq, c.ownOnly(), q)
	})
}
