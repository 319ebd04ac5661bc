package tableau

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/tabctl/tableau-go/internal/tsxml"
)

// TasksService calls the task methods. On Tableau Server a task belongs to a
// schedule, see [SchedulesService.AddWorkbook]; on Tableau Cloud it has its own.
type TasksService service

// TaskKind is what a task does.
type TaskKind string

// The kinds of tasks.
const (
	TaskExtractRefresh   TaskKind = "extractRefresh"
	TaskDataAcceleration TaskKind = "dataAcceleration" // minimum version 3.8; retired after 3.16
	TaskRunFlow          TaskKind = "runFlow"          // minimum version 3.3
)

// path is the kind's part of the path and the first version that has it. ""
// means an extract refresh.
func (k TaskKind) path() (segment string, since Version, err error) {
	switch k {
	case "", TaskExtractRefresh:
		return "extractRefreshes", "2.6", nil
	case TaskDataAcceleration:
		return string(k), "3.8", nil
	case TaskRunFlow:
		return string(k), "3.3", nil
	}
	return string(k), "2.6", invalid(fmt.Sprintf("kind: %q is no kind of task", string(k)))
}

// request completes a request of tasks of this kind.
func (k TaskKind) request(verb func(...string) request, since Version, segments ...string) request {
	segment, first, err := k.path()
	return verb(append([]string{"tasks", segment}, segments...)...).since(since).since(first).fail(err)
}

// Task does something when its schedule says so.
type Task struct {
	Kind                   TaskKind    `xml:"-"`
	ID                     string      `xml:"id,attr"`
	Type                   string      `xml:"type,attr"` // such as "RefreshExtractTask", or of a new one "FullRefresh"
	Priority               int         `xml:"priority,attr"`
	ConsecutiveFailedCount int         `xml:"consecutiveFailedCount,attr"`
	Incremental            bool        `xml:"incremental,attr"`
	Schedule               Schedule    `xml:"schedule"`
	Workbook               Ref         `xml:"workbook"` // one of the four is set
	DataSource             Ref         `xml:"datasource"`
	View                   Ref         `xml:"view"`
	Flow                   Ref         `xml:"flow"`
	FlowRun                FlowRunSpec `xml:"flowRunSpec"`
	LastRunAt              time.Time   `xml:"lastRunAt"` // only of data acceleration
	Extra                  Attributes  `xml:",any,attr"`
}

// FlowRunSpec says how a task runs its flow.
type FlowRunSpec struct {
	FlowID      string          `xml:"flowId,attr"`
	RunMode     string          `xml:"runMode,attr"` // "full" or "incremental"
	OutputSteps []Ref           `xml:"flowOutputSteps>flowOutputStep"`
	Parameters  []FlowParameter `xml:"flowParameterSpecs>flowParameterSpec"`
	Extra       Attributes      `xml:",any,attr"`
}

// FlowParameter is a value that a task gives to a parameter of its flow.
type FlowParameter struct {
	ID    string     `xml:"parameterId,attr"`
	Value string     `xml:"overrideValue,attr"`
	Extra Attributes `xml:",any,attr"`
}

// taskElement is a task as it comes: what it does is the name of its element.
type taskElement struct {
	ExtractRefresh   *Task `xml:"extractRefresh"`
	DataAcceleration *Task `xml:"dataAcceleration"`
	Materialize      *Task `xml:"materializeView"` // what data acceleration was called
	FlowRun          *Task `xml:"flowRun"`
	RunFlow          *Task `xml:"runFlow"`
}

func (e *taskElement) id() string {
	if task := e.task(); task != nil {
		return task.ID
	}
	return ""
}

// task is what the element holds; nil when it is nothing that is known.
func (e *taskElement) task() *Task {
	for _, candidate := range []struct {
		kind TaskKind
		task *Task
	}{
		{TaskExtractRefresh, e.ExtractRefresh}, {TaskDataAcceleration, e.DataAcceleration}, {TaskDataAcceleration, e.Materialize},
		{TaskRunFlow, e.FlowRun}, {TaskRunFlow, e.RunFlow},
	} {
		if candidate.task != nil {
			candidate.task.Kind = candidate.kind
			return candidate.task
		}
	}
	return nil
}

// RefreshType says what a refresh of an extract does.
type RefreshType string

// The types of refreshes.
const (
	FullRefresh        RefreshType = "FullRefresh"
	IncrementalRefresh RefreshType = "IncrementalRefresh"
)

// List returns the tasks of the site of one kind; "" means extract refreshes.
// Minimum version 2.6, or the kind's.
//
//tableau:op GET /sites/{site}/tasks/{kind} since=2.6 retry=safe tsc=tasks.get
func (s *TasksService) List(ctx context.Context, kind TaskKind, q Query) iter.Seq2[*Task, error] {
	elements := list[taskElement](ctx, s.client, "tasks>task", kind.request(get, "2.6"), q)
	return func(yield func(*Task, error) bool) {
		for element, err := range elements {
			if err != nil {
				yield(nil, err)
				return
			}
			if task := element.task(); task != nil && !yield(task, nil) {
				return
			}
		}
	}
}

// Page returns one page of the list. Tableau sends it in one piece. Minimum
// version 2.6, or the kind's.
//
//tableau:op GET /sites/{site}/tasks/{kind} since=2.6 retry=safe tsc=tasks.get
func (s *TasksService) Page(ctx context.Context, kind TaskKind, q Query) (*Page[Task], error) {
	elements, err := fetchPage[taskElement](ctx, s.client, "tasks>task", kind.request(get, "2.6"), q)
	if err != nil {
		return nil, err
	}
	page := &Page[Task]{Number: elements.Number, Size: elements.Size, Total: elements.Total}
	for _, element := range elements.Items {
		if task := element.task(); task != nil {
			page.Items = append(page.Items, task)
		}
	}
	return page, nil
}

// Get returns one task; the kind "" means an extract refresh. Minimum version
// 2.6, or the kind's.
//
//tableau:op GET /sites/{site}/tasks/{kind}/{task} since=2.6 retry=safe tsc=tasks.get_by_id
func (s *TasksService) Get(ctx context.Context, kind TaskKind, id string) (*Task, error) {
	r := kind.request(get, "2.6", id)
	var one taskElement
	var several []taskElement // some servers answer with a list of one
	if err := s.client.decode(ctx, r, tsxml.At("task", &one), tsxml.At("tasks>task", &several)); err != nil {
		return nil, err
	}
	for _, element := range append([]taskElement{one}, several...) {
		if task := element.task(); task != nil {
			return task, nil
		}
	}
	return nil, s.client.unreadable(r, "it holds no task")
}

// Run starts a task now, whatever its schedule says, and returns the job; see
// [JobsService.Wait]. The kind "" means an extract refresh. Minimum version
// 2.6, or the kind's.
//
//tableau:op POST /sites/{site}/tasks/{kind}/{task}/runNow since=2.6 retry=unsent tsc=tasks.run
func (s *TasksService) Run(ctx context.Context, kind TaskKind, id string) (*Job, error) {
	return fetch[Job](ctx, s.client, "job", kind.request(post, "2.6", id, "runNow").sendAll())
}

// Delete deletes a task; the kind "" means an extract refresh. Minimum version
// 3.6, or the kind's.
//
//tableau:op DELETE /sites/{site}/tasks/{kind}/{task} since=3.6 retry=safe tsc=tasks.delete
func (s *TasksService) Delete(ctx context.Context, kind TaskKind, id string) error {
	return s.client.run(ctx, kind.request(del, "3.6", id))
}

// CreateExtractRefresh says what extract to refresh, and when.
type CreateExtractRefresh struct {
	Type         RefreshType // "" means [FullRefresh]
	WorkbookID   string      // one of the two
	DataSourceID string
	Recurrence   Recurrence // by the rules of Tableau Cloud
}

// CreateExtractRefresh makes a task on Tableau Cloud that refreshes the extract
// of a workbook or data source. On Tableau Server add them to a schedule. The
// Schedule of the answer is the task's own. Errors: [ErrInvalidArgument] when
// the recurrence breaks Cloud's rules. Minimum version 3.19.
//
//tableau:op POST /sites/{site}/tasks/extractRefreshes since=3.19 retry=unsent tsc=tasks.create
func (s *TasksService) CreateExtractRefresh(ctx context.Context, c CreateExtractRefresh) (*Task, error) {
	content := &contentRequest{
		Type: string(cmp.Or(c.Type, FullRefresh)), Workbook: refTo(c.WorkbookID), DataSource: refTo(c.DataSourceID),
	}
	var err error
	if (c.WorkbookID == "") == (c.DataSourceID == "") {
		err = invalid("the task needs a WorkbookID or a DataSourceID, and not both")
	}
	schedule, scheduleErr := ownRecurrence("the task", c.Recurrence, Recurrence.checkForCloud)
	return s.create(ctx, post("tasks", "extractRefreshes").since("3.19").fail(cmp.Or(err, scheduleErr)), "extractRefresh", content, schedule)
}

// CreateFlowRun says what flow to run, and when.
type CreateFlowRun struct {
	FlowID     string
	Recurrence Recurrence // by the rules of Tableau Server: for flows, no narrower ones of Cloud are known
}

// CreateFlowRun makes a task on Tableau Cloud that runs a flow. On Tableau
// Server add the flow to a schedule. Errors: [ErrInvalidArgument] when the
// recurrence breaks the rules. Minimum version 3.22.
//
//tableau:op POST /sites/{site}/tasks/flows since=3.22 retry=unsent tsc=flow_tasks.create
func (s *TasksService) CreateFlowRun(ctx context.Context, c CreateFlowRun) (*Task, error) {
	content := &contentRequest{Type: "RunFlow", Flow: &idRequest{c.FlowID}}
	var err error
	if c.FlowID == "" {
		err = invalid("the task needs a FlowID")
	}
	schedule, scheduleErr := ownRecurrence("the task", c.Recurrence, Recurrence.checkForServer)
	return s.create(ctx, post("tasks", "flows").since("3.22").fail(cmp.Or(err, scheduleErr)), "runFlow", content, schedule)
}

func (s *TasksService) create(ctx context.Context, r request, element string, content *contentRequest, schedule *recurrenceRequest) (*Task, error) {
	r = r.sendAll(tsxml.Child{Name: element, Value: content}, tsxml.Child{Name: "schedule", Value: schedule})
	var inTask, bare taskElement
	var own *Schedule
	err := s.client.decode(ctx, r, tsxml.At("task", &inTask), tsxml.At("extractRefresh", &bare.ExtractRefresh), tsxml.At("schedule", &own))
	if err != nil {
		return nil, err
	}
	task := inTask.task()
	if task == nil {
		task = bare.task()
	}
	if task == nil {
		return nil, s.client.unreadable(r, "it holds no task")
	}
	if own != nil {
		task.Schedule = *own
	}
	return task, nil
}
