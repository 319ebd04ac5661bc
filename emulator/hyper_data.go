package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func hyperDataRoutes() []route {
	return []route{
		answered("PATCH", "/sites/{site}/datasources/{datasource}/data", "Update Data in Hyper Data Source", "3.12", SignedIn, updateHyperData).
			but("actions and file are checked, and the rows stay as they are"),
		answered("PATCH", "/sites/{site}/datasources/{datasource}/connections/{connection}/data", "Update Data in Hyper Connection", "3.12", SignedIn, updateHyperData).
			but("actions and file are checked, and the rows stay as they are"),
	}
}

// changeHyperData is the job type of the jobs that change the rows of a data source.
const changeHyperData = "update_uploaded_file"

// hyperChange is what a job of the type changeHyperData does. Jobs keep it as JSON until they run.
type hyperChange struct {
	DataSourceID string
	ConnectionID string
	RequestID    string
	Adds         bool // rows come out of the payload
	Bytes        int64
}

// hyperAction is one action of a request.
type hyperAction struct {
	Action       string          `json:"action"`
	TargetTable  string          `json:"target-table"`
	TargetSchema string          `json:"target-schema"`
	SourceTable  string          `json:"source-table"`
	SourceSchema string          `json:"source-schema"`
	Condition    *hyperCondition `json:"condition"`
}

type hyperCondition struct {
	Op        string            `json:"op"`
	Args      []*hyperCondition `json:"args"`
	TargetCol string            `json:"target-col"`
	SourceCol string            `json:"source-col"`
	Const     json.RawMessage   `json:"const"`
}

func (a hyperAction) check() error {
	switch a.Action {
	case "insert", "replace":
	case "delete", "update", "upsert", "update-or-insert":
		if a.Condition == nil && a.Action != "delete" {
			return fail(badRequest, "The action '%s' needs a condition.", a.Action)
		}
	default:
		return fail(badRequest, "The action '%s' is not known: use insert, update, upsert, delete or replace.", a.Action)
	}
	if a.TargetTable == "" {
		return fail(badRequest, "The action '%s' has no target-table.", a.Action)
	}
	if a.Action != "delete" && a.SourceTable == "" {
		return fail(badRequest, "The action '%s' has no source-table.", a.Action)
	}
	if a.Condition != nil {
		return a.Condition.check()
	}
	return nil
}

func (k *hyperCondition) check() error {
	switch {
	case k == nil:
		return fail(badRequest, "A condition is null.")
	case slices.Contains([]string{"and", "or", "not"}, k.Op):
		if len(k.Args) == 0 || k.Op == "not" && len(k.Args) != 1 {
			return fail(badRequest, "The condition '%s' needs args: one for not, one or more for and and or.", k.Op)
		}
		for _, inner := range k.Args {
			if err := inner.check(); err != nil {
				return err
			}
		}
		return nil
	case k.Op == "is-null":
	case !slices.Contains([]string{"eq", "neq", "gt", "gte", "lt", "lte"}, k.Op):
		return fail(badRequest, "The condition '%s' is not known.", k.Op)
	case k.SourceCol == "" && k.Const == nil:
		return fail(badRequest, "The condition '%s' on '%s' compares with nothing: give a source-col or a const.", k.Op, k.TargetCol)
	}
	if k.TargetCol == "" && k.SourceCol == "" {
		return fail(badRequest, "The condition '%s' has no target-col.", k.Op)
	}
	return nil
}

// hyperActions reads the actions of the request, which is JSON whatever its Content-Type says.
func (c *call) hyperActions() ([]hyperAction, error) {
	var request struct {
		Actions []hyperAction `json:"actions"`
	}
	data, err := io.ReadAll(http.MaxBytesReader(c.writer, c.request.Body, maxPayload))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &request); err != nil {
		return nil, fail(badRequest, "The request document cannot be read: it is not the JSON that is wanted (%s).", err)
	}
	if request.Actions == nil {
		return nil, incomplete("The actions are missing.")
	}
	for _, a := range request.Actions {
		if err := a.check(); err != nil {
			return nil, err
		}
	}
	return request.Actions, nil
}

// repeatsFor is how long a request is told from others by its RequestID.
const repeatsFor = 24 * time.Hour

func updateHyperData(c *call) (*tsxml.Element, error) {
	change := hyperChange{RequestID: c.request.Header.Get("RequestID")}
	if change.RequestID == "" {
		return nil, fail(badRequest, "The header RequestID is missing.")
	}
	actions, err := c.hyperActions()
	if err != nil {
		return nil, err
	}
	change.Adds = slices.ContainsFunc(actions, func(a hyperAction) bool { return a.Action == "insert" || strings.HasSuffix(a.Action, "sert") })
	var upload store.Upload
	var payload *store.Stored
	if id := c.query.Get("uploadSessionId"); id != "" {
		if upload, payload, err = c.assemble(id); err != nil {
			return nil, err
		}
		defer c.collect(payload.Name)
		defer payload.Done()
		if err := c.checkHyperFile(payload.Name); err != nil {
			return nil, err
		}
		change.Bytes = payload.Bytes
	} else if slices.ContainsFunc(actions, func(a hyperAction) bool { return a.Action == "insert" || a.Action == "replace" }) {
		return nil, fail(badRequest, "The actions take rows from a file, and no uploadSessionId says which.")
	}
	var j store.Job
	var d store.DataSource
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		if d, err = c.dataSourceFor(tx, "Write"); err != nil {
			return err
		}
		if change.DataSourceID, change.ConnectionID = d.ID, c.id("connection"); change.ConnectionID == "" {
			change.ConnectionID, err = onlyConnection(tx, d)
		} else {
			err = hasConnection(tx, d, change.ConnectionID)
		}
		if err != nil {
			return err
		}
		if !d.HasExtracts {
			return fail(badRequest, "The data source '%s' is not made from a Hyper or Parquet file: its data cannot be changed.", d.Name)
		}
		before, err := tx.JobsSince(c.site.Seq, changeHyperData, c.now().Add(-repeatsFor))
		if err != nil {
			return err
		}
		for _, old := range before {
			var same hyperChange
			if json.Unmarshal([]byte(old.Request), &same) == nil && same.RequestID == change.RequestID && same.DataSourceID == d.ID {
				j = old
				return nil
			}
		}
		j = store.Job{Site: c.site.Seq, User: c.user.Seq, JobType: changeHyperData, Title: d.Name, Subtitle: "Datasource", DataSourceID: d.ID}
		if upload.Seq != 0 {
			if err := tx.DeleteUpload(upload.Seq); err != nil {
				return err
			}
		}
		j, err = c.addJob(tx, j, change)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.jobs.wake()
	c.status = http.StatusAccepted
	return c.jobElement(j, tsxml.New("datasource", "id", d.ID, "name", d.Name)), nil
}

// onlyConnection returns the id of a data source's connection, which must be the only one.
func onlyConnection(tx *store.Tx, d store.DataSource) (string, error) {
	all, err := tx.DataSourceConnections(d.Seq)
	if err != nil {
		return "", err
	}
	if len(all) != 1 {
		return "", fail(badRequest, "The data source '%s' has %d connections: say which one to change.", d.Name, len(all))
	}
	return all[0].ID, nil
}

func hasConnection(tx *store.Tx, d store.DataSource, id string) error {
	all, err := tx.DataSourceConnections(d.Seq)
	if err == nil && !slices.ContainsFunc(all, func(one store.Connection) bool { return one.ID == id }) {
		err = fail(resourceNotFound, "Connection '%s' could not be found.", id)
	}
	return err
}

// checkHyperFile refuses a file that does not begin like a Hyper or Parquet file.
func (c *call) checkHyperFile(blob string) error {
	f, err := c.store.Blobs.Open(blob)
	if err != nil {
		return err
	}
	defer f.Close()
	begin := make([]byte, 8)
	n, err := f.ReadAt(begin, 0)
	if err != nil && err != io.EOF {
		return err
	}
	for _, kind := range []string{kindHyper, kindParquet} {
		if bytes.HasPrefix(begin[:n], []byte(firstBytes[kind])) {
			return nil
		}
	}
	return fail(badPublish, "The file to take rows from is neither a Hyper nor a Parquet file: it does not begin like one.")
}

// showHyperData shows notes and whose rows a job changes.
func showHyperData(e *tsxml.Element, j store.Job, d *tsxml.Element) {
	var change hyperChange
	json.Unmarshal([]byte(j.Request), &change) // what was marshalled here
	if d == nil {
		d = tsxml.New("datasource", "id", change.DataSourceID, "name", j.Title)
	}
	e.Add(tsxml.New("updateUploadedFileJob").Add(d, &tsxml.Element{Name: "connectionLuid", Text: change.ConnectionID}, notesElement(j)))
}

// applyHyperChange does what the job is for: the size grows by what was sent. The rows stay as they are.
func (s *Server) applyHyperChange(ctx context.Context, owner store.User, j *store.Job) (done string, err error) {
	var change hyperChange
	if err := json.Unmarshal([]byte(j.Request), &change); err != nil {
		return "", err
	}
	done = "The data was updated."
	return done, s.store.Write(ctx, func(tx *store.Tx) error {
		d, err := tx.DataSource(owner.Site, change.DataSourceID)
		if err != nil {
			return orNotFound(err, dataSourceNotFound, "Data source", change.DataSourceID)
		}
		if change.Adds {
			d.Appended += change.Bytes
		}
		d.Updated = s.now()
		if err := tx.UpdateDataSource(d); err != nil {
			return err
		}
		return s.succeed(tx, *j, done)
	})
}
