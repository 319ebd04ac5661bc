package tableau

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/tabctl/tableau-go/internal/tsxml"
)

// SchedulesService calls the schedule methods. Schedules belong to a Tableau
// Server, not to a site, and Tableau Cloud has none: there each task has its
// own [Recurrence].
type SchedulesService service

// Schedule says when tasks run that are added to it. On Tableau Cloud, where a
// task or subscription has its own schedule, it has no ID and no name.
type Schedule struct {
	ID             string           `xml:"id,attr"`
	Name           string           `xml:"name,attr"`
	State          ScheduleState    `xml:"state,attr"`
	Priority       int              `xml:"priority,attr"` // 1 to 100, 1 first
	Type           ScheduleType     `xml:"type,attr"`
	ExecutionOrder ExecutionOrder   `xml:"executionOrder,attr"`
	Frequency      Frequency        `xml:"frequency,attr"`
	Details        FrequencyDetails `xml:"frequencyDetails"` // not in lists
	CreatedAt      time.Time        `xml:"createdAt,attr"`
	UpdatedAt      time.Time        `xml:"updatedAt,attr"`
	NextRunAt      time.Time        `xml:"nextRunAt,attr"`
	EndScheduleAt  time.Time        `xml:"endScheduleAt,attr"` // when it ends for good; zero when never
	Extra          Attributes       `xml:",any,attr"`
}

func (s *Schedule) id() string { return s.ID }

// Recurrence says when the schedule runs. It is nil when the server does not
// tell, as in lists, or tells something that the four types cannot say; see
// Details then.
func (s *Schedule) Recurrence() Recurrence { return recurrenceOf(s.Frequency, s.Details) }

// ScheduleState says whether a schedule runs.
type ScheduleState string

// The states of a schedule.
const (
	ScheduleActive    ScheduleState = "Active"
	ScheduleSuspended ScheduleState = "Suspended"
)

// ScheduleType says what a schedule can run.
type ScheduleType string

// The types of schedules.
const (
	ScheduleExtract             ScheduleType = "Extract"
	ScheduleSubscription        ScheduleType = "Subscription"
	ScheduleFlow                ScheduleType = "Flow"
	ScheduleDataAcceleration    ScheduleType = "DataAcceleration"
	ScheduleActiveDirectorySync ScheduleType = "ActiveDirectorySync"
	ScheduleSystem              ScheduleType = "System"
)

var scheduleTypes = []ScheduleType{
	ScheduleExtract, ScheduleSubscription, ScheduleFlow, ScheduleDataAcceleration, ScheduleActiveDirectorySync, ScheduleSystem,
}

// ExecutionOrder says how the tasks of a schedule run.
type ExecutionOrder string

// The execution orders.
const (
	Parallel ExecutionOrder = "Parallel" // side by side
	Serial   ExecutionOrder = "Serial"   // one after the other
)

// CreateSchedule says what schedule to make.
type CreateSchedule struct {
	Name           string
	Type           ScheduleType
	Priority       int            // 1 to 100, 1 first; 0 for the server's default, 50
	ExecutionOrder ExecutionOrder // "" for the server's default, [Parallel]
	Recurrence     Recurrence
}

// ScheduleUpdate says what to change; what is nil stays as it is. The type of a
// schedule cannot be changed.
type ScheduleUpdate struct {
	Name           *string
	Priority       *int // 1 to 100, 1 first
	ExecutionOrder *ExecutionOrder
	State          *ScheduleState
	Recurrence     Recurrence
}

type scheduleRequest struct {
	Name           *string         `xml:"name,attr"`
	Priority       *int            `xml:"priority,attr"`
	Type           ScheduleType    `xml:"type,attr,omitempty"`
	ExecutionOrder *ExecutionOrder `xml:"executionOrder,attr"`
	State          *ScheduleState  `xml:"state,attr"`
	recurrenceRequest
}

// recur sets the recurrence when there is one.
func (r *scheduleRequest) recur(recurrence Recurrence) error {
	if recurrence == nil {
		return nil
	}
	r.recurrenceRequest = requestOf(recurrence)
	return recurrence.checkForServer()
}

// List returns the schedules of the server that the query chooses, without
// their Details. Minimum version 2.3.
//
//tableau:op GET /schedules since=2.3 retry=safe tsc=schedules.get
func (s *SchedulesService) List(ctx context.Context, q Query) iter.Seq2[*Schedule, error] {
	return list[Schedule](ctx, s.client, "schedules>schedule", get("schedules").onServer().since("2.3"), q)
}

// Page returns one page of the list. Minimum version 2.3.
//
//tableau:op GET /schedules since=2.3 retry=safe tsc=schedules.get
func (s *SchedulesService) Page(ctx context.Context, q Query) (*Page[Schedule], error) {
	return fetchPage[Schedule](ctx, s.client, "schedules>schedule", get("schedules").onServer().since("2.3"), q)
}

// Get returns one schedule with its Details. Minimum version 3.8.
//
//tableau:op GET /schedules/{schedule} since=3.8 retry=safe tsc=schedules.get_by_id
func (s *SchedulesService) Get(ctx context.Context, id string) (*Schedule, error) {
	return fetch[Schedule](ctx, s.client, "schedule", get("schedules", id).onServer().since("3.8"))
}

// Create makes a schedule. It takes a server administrator. Errors:
// [ErrInvalidArgument] when the recurrence breaks Tableau Server's rules,
// [ErrConflict] when there is a schedule of that name. Minimum version 2.3.
//
//tableau:op POST /schedules since=2.3 retry=unsent tsc=schedules.create
func (s *SchedulesService) Create(ctx context.Context, c CreateSchedule) (*Schedule, error) {
	payload, err := c.request()
	return fetch[Schedule](ctx, s.client, "schedule", post("schedules").onServer().since("2.3").send("schedule", payload).fail(err))
}

func (c CreateSchedule) request() (*scheduleRequest, error) {
	payload := &scheduleRequest{Name: &c.Name, Type: c.Type, Priority: unlessZero(c.Priority), ExecutionOrder: unlessZero(c.ExecutionOrder)}
	switch {
	case c.Name == "":
		return nil, invalid("the schedule needs a Name")
	case !slices.Contains(scheduleTypes, c.Type):
		return nil, invalid(fmt.Sprintf("CreateSchedule.Type: %q is none of %v", string(c.Type), scheduleTypes))
	case c.Recurrence == nil:
		return nil, invalid("the schedule needs a Recurrence")
	}
	return payload, cmp.Or(checkExecutionOrder(payload.ExecutionOrder), payload.recur(c.Recurrence))
}

func checkExecutionOrder(order *ExecutionOrder) error {
	if order != nil && *order != Parallel && *order != Serial {
		return invalid(fmt.Sprintf("ExecutionOrder: %q is neither Parallel nor Serial", string(*order)))
	}
	return nil
}

// Update changes what is set in u and leaves the rest alone. It takes a server
// administrator. Errors: as of Create. Minimum version 2.3.
//
//tableau:op PUT /schedules/{schedule} since=2.3 retry=safe tsc=schedules.update
func (s *SchedulesService) Update(ctx context.Context, id string, u ScheduleUpdate) (*Schedule, error) {
	payload := &scheduleRequest{Name: u.Name, Priority: u.Priority, ExecutionOrder: u.ExecutionOrder, State: u.State}
	err := cmp.Or(checkExecutionOrder(u.ExecutionOrder), payload.recur(u.Recurrence))
	return fetch[Schedule](ctx, s.client, "schedule", put("schedules", id).onServer().since("2.3").send("schedule", payload).fail(err))
}

// Delete deletes a schedule; what it ran no longer runs. Minimum version 2.3.
//
//tableau:op DELETE /schedules/{schedule} since=2.3 retry=safe tsc=schedules.delete
func (s *SchedulesService) Delete(ctx context.Context, id string) error {
	return s.client.run(ctx, del("schedules", id).onServer().since("2.3"))
}

// SetState activates or suspends schedules, and returns the IDs of those that
// were changed. Minimum version 3.27.
//
//tableau:op PUT /schedules since=3.27 retry=safe tsc=schedules.batch_update_state
func (s *SchedulesService) SetState(ctx context.Context, state ScheduleState, ids ...string) ([]string, error) {
	payload := struct {
		IDs []string `xml:"scheduleLuid"`
	}{ids}
	r := put("schedules").send("scheduleLuids", payload)
	if len(ids) == 0 || slices.Contains(ids, "") {
		r = r.fail(invalid("the ID of a schedule is empty, or there is none"))
	}
	return s.setState(ctx, state, r)
}

// SetStateOfAll activates or suspends all schedules of the server, and returns
// the IDs of those that were changed. Minimum version 3.27.
//
//tableau:op PUT /schedules since=3.27 retry=safe tsc=schedules.batch_update_state
func (s *SchedulesService) SetStateOfAll(ctx context.Context, state ScheduleState) ([]string, error) {
	return s.setState(ctx, state, put("schedules").sendAll().param("updateAll", "true"))
}

func (s *SchedulesService) setState(ctx context.Context, state ScheduleState, r request) ([]string, error) {
	if state == "" {
		r = r.fail(invalid("the state is empty: Active or Suspended"))
	}
	var changed []string
	err := s.client.decode(ctx, r.onServer().since("3.27").param("state", strings.ToLower(string(state))), tsxml.At("scheduleLuids>scheduleLuid", &changed))
	return changed, err
}

// AddedTask is a task that was added to a schedule.
type AddedTask struct {
	Task     Task
	Warnings []Warning // what may keep it from running, such as a missing password
}

// Warning is what the server remarks on something that it did.
type Warning struct {
	ID      string     `xml:"id,attr"`
	Code    string     `xml:"errorCode,attr"`
	Message string     `xml:"message,attr"`
	Extra   Attributes `xml:",any,attr"`
}

// AddWorkbook adds a task for a workbook to a schedule of Tableau Server:
// kind is [TaskExtractRefresh] or [TaskDataAcceleration], "" means the first.
// Minimum version 2.8.
//
//tableau:op PUT /sites/{site}/schedules/{schedule}/workbooks since=2.8 retry=unsent tsc=schedules.add_to_schedule,workbooks.schedule_extract_refresh
func (s *SchedulesService) AddWorkbook(ctx context.Context, scheduleID, workbookID string, kind TaskKind) (*AddedTask, error) {
	task := addTaskRequest{}
	content := &contentRequest{Workbook: &idRequest{workbookID}}
	var err error
	switch kind {
	case "", TaskExtractRefresh:
		task.ExtractRefresh = content
	case TaskDataAcceleration:
		task.DataAcceleration = content
	default:
		err = invalid(fmt.Sprintf("kind: a workbook cannot have a task of the kind %q", string(kind)))
	}
	return s.add(ctx, put("schedules", scheduleID, "workbooks").since("2.8").fail(err), workbookID, task)
}

// AddDataSource adds a task that refreshes the extract of a data source to a
// schedule of Tableau Server. Minimum version 2.8.
//
//tableau:op PUT /sites/{site}/schedules/{schedule}/datasources since=2.8 retry=unsent tsc=schedules.add_to_schedule,datasources.schedule_extract_refresh
func (s *SchedulesService) AddDataSource(ctx context.Context, scheduleID, dataSourceID string) (*AddedTask, error) {
	task := addTaskRequest{ExtractRefresh: &contentRequest{DataSource: &idRequest{dataSourceID}}}
	return s.add(ctx, put("schedules", scheduleID, "datasources").since("2.8"), dataSourceID, task)
}

// AddFlow adds a task that runs a flow to a schedule of Tableau Server. Minimum
// version 3.3.
//
//tableau:op PUT /sites/{site}/schedules/{schedule}/flows since=3.3 retry=unsent tsc=schedules.add_to_schedule,flows.schedule_flow_run
func (s *SchedulesService) AddFlow(ctx context.Context, scheduleID, flowID string) (*AddedTask, error) {
	task := addTaskRequest{RunFlow: &contentRequest{Flow: &idRequest{flowID}}}
	return s.add(ctx, put("schedules", scheduleID, "flows").since("3.3"), flowID, task)
}

type addTaskRequest struct {
	DataAcceleration *contentRequest `xml:"dataAcceleration"`
	ExtractRefresh   *contentRequest `xml:"extractRefresh"`
	RunFlow          *contentRequest `xml:"runFlow"`
}

// contentRequest names what a task works on: one of its fields is set.
type contentRequest struct {
	Type       string     `xml:"type,attr,omitempty"`
	DataSource *idRequest `xml:"datasource"`
	Workbook   *idRequest `xml:"workbook"`
	Flow       *idRequest `xml:"flow"`
}

func (s *SchedulesService) add(ctx context.Context, r request, contentID string, task addTaskRequest) (*AddedTask, error) {
	if contentID == "" {
		r = r.fail(invalid("the ID of what is added to the schedule is empty"))
	}
	var answer taskElement
	added := &AddedTask{}
	err := s.client.decode(ctx, r.send("task", task).retry(retryUnsent), tsxml.At("task", &answer), tsxml.At("warnings>warning", &added.Warnings))
	if err != nil {
		return nil, err
	}
	if task := answer.task(); task != nil {
		added.Task = *task
	}
	return added, nil
}

// ScheduledExtract is the refresh of an extract that belongs to a schedule.
type ScheduledExtract struct {
	ID         string      `xml:"id,attr"` // of the task
	Type       RefreshType `xml:"type,attr"`
	Priority   int         `xml:"priority,attr"` // 1 to 100, 1 first
	Workbook   Ref         `xml:"workbook"`
	DataSource Ref         `xml:"datasource"`
	Extra      Attributes  `xml:",any,attr"`
}

func (e *ScheduledExtract) id() string { return e.ID }

// ExtractRefreshes returns the extract refresh tasks of a schedule on the site.
// Minimum version 2.3.
//
//tableau:op GET /sites/{site}/schedules/{schedule}/extracts since=2.3 retry=safe tsc=schedules.get_extract_refresh_tasks
func (s *SchedulesService) ExtractRefreshes(ctx context.Context, id string, q Query) iter.Seq2[*ScheduledExtract, error] {
	return list[ScheduledExtract](ctx, s.client, "extracts>extract", get("schedules", id, "extracts").since("2.3"), q)
}

// ExtractRefreshesPage returns one page of the extract refresh tasks. Minimum
// version 2.3.
//
//tableau:op GET /sites/{site}/schedules/{schedule}/extracts since=2.3 retry=safe tsc=schedules.get_extract_refresh_tasks
func (s *SchedulesService) ExtractRefreshesPage(ctx context.Context, id string, q Query) (*Page[ScheduledExtract], error) {
	return fetchPage[ScheduledExtract](ctx, s.client, "extracts>extract", get("schedules", id, "extracts").since("2.3"), q)
}
