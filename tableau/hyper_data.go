package tableau

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
)

// HyperDataUpdate says how to change the data of a data source that was
// published from a Hyper or Parquet file, without publishing it anew.
type HyperDataUpdate struct {
	// RequestID names the request, any text. For a day the server ignores
	// another request of the same name, so that a caller may repeat one whose
	// answer was lost. Empty makes one up.
	RequestID string
	// Actions are done in their order, all or none.
	Actions []HyperAction
	// Payload is the Hyper or Parquet file that the actions take rows from. nil
	// when they take none.
	Payload io.Reader
	// Progress is called as the payload is sent, with bytes; total is -1 when
	// the size is not known.
	Progress func(sent, total int64)
}

// HyperAction changes one table.
type HyperAction struct {
	Action       HyperActionKind `json:"action"`
	TargetSchema string          `json:"target-schema,omitempty"` // in the data source
	TargetTable  string          `json:"target-table,omitempty"`
	SourceSchema string          `json:"source-schema,omitempty"` // in the payload
	SourceTable  string          `json:"source-table,omitempty"`
	// Condition chooses the rows: those to delete, or which row of the source
	// belongs to which of the target.
	Condition *HyperCondition `json:"condition,omitempty"`
}

// HyperActionKind is what an action does.
type HyperActionKind string

// The kinds of actions.
const (
	HyperInsert  HyperActionKind = "insert"  // adds the rows of the source
	HyperUpdate  HyperActionKind = "update"  // changes the rows that belong together
	HyperUpsert  HyperActionKind = "upsert"  // changes those, and adds the others
	HyperDelete  HyperActionKind = "delete"  // deletes the rows that the condition chooses
	HyperReplace HyperActionKind = "replace" // puts the source in place of the target
)

// HyperCondition compares a column of the target with a column of the source or
// with a constant, or combines other conditions. Make it with [HyperColumns],
// [HyperValue], [HyperAnd], [HyperOr] and [HyperNot].
type HyperCondition struct {
	Operator     HyperOperator     `json:"op"`
	TargetColumn string            `json:"target-col,omitempty"`
	SourceColumn string            `json:"source-col,omitempty"`
	Constant     *HyperConstant    `json:"const,omitempty"`
	Conditions   []*HyperCondition `json:"args,omitempty"` // what "and", "or" and "not" combine
}

// HyperOperator compares or combines.
type HyperOperator string

// The operators of conditions.
const (
	HyperEqual          HyperOperator = "eq"
	HyperNotEqual       HyperOperator = "neq"
	HyperGreater        HyperOperator = "gt"
	HyperGreaterOrEqual HyperOperator = "gte"
	HyperLess           HyperOperator = "lt"
	HyperLessOrEqual    HyperOperator = "lte"
)

// HyperConstant is a value with its type.
type HyperConstant struct {
	Type  string `json:"type"` // such as "string", "integer", "double", "boolean" or "datetime"
	Value any    `json:"v"`    // what JSON can write; times as text
}

// HyperColumns compares a column of the target with one of the source.
func HyperColumns(target string, operator HyperOperator, source string) *HyperCondition {
	return &HyperCondition{Operator: operator, TargetColumn: target, SourceColumn: source}
}

// HyperValue compares a column of the target with a constant of the type, such
// as "string", "integer" or "datetime".
func HyperValue(target string, operator HyperOperator, constantType string, value any) *HyperCondition {
	return &HyperCondition{Operator: operator, TargetColumn: target, Constant: &HyperConstant{constantType, value}}
}

// HyperAnd holds when all conditions hold.
func HyperAnd(conditions ...*HyperCondition) *HyperCondition {
	return &HyperCondition{Operator: "and", Conditions: conditions}
}

// HyperOr holds when one of the conditions holds.
func HyperOr(conditions ...*HyperCondition) *HyperCondition {
	return &HyperCondition{Operator: "or", Conditions: conditions}
}

// HyperNot holds when the condition does not.
func HyperNot(condition *HyperCondition) *HyperCondition {
	return &HyperCondition{Operator: "not", Conditions: []*HyperCondition{condition}}
}

// UpdateHyperData changes the data of a data source with one connection and
// returns the job that does it; wait for it with [JobsService.Wait]. Minimum
// version 3.13.
//
//tableau:op PATCH /sites/{site}/datasources/{datasource}/data since=3.13 retry=unsent tsc=datasources.update_hyper_data
func (s *DataSourcesService) UpdateHyperData(ctx context.Context, id string, u HyperDataUpdate) (*Job, error) {
	return s.client.updateHyperData(ctx, patch("datasources", id, "data"), u)
}

// UpdateConnectionHyperData does the same for one of several connections.
// Minimum version 3.13.
//
//tableau:op PATCH /sites/{site}/datasources/{datasource}/connections/{connection}/data since=3.13 retry=unsent tsc=datasources.update_hyper_data
func (s *DataSourcesService) UpdateConnectionHyperData(ctx context.Context, id, connectionID string, u HyperDataUpdate) (*Job, error) {
	return s.client.updateHyperData(ctx, patch("datasources", id, "connections", connectionID, "data"), u)
}

func (c *Client) updateHyperData(ctx context.Context, r request, u HyperDataUpdate) (*Job, error) {
	if u.Actions == nil {
		u.Actions = []HyperAction{} // an empty list in JSON
	}
	for i, action := range u.Actions {
		if action.Action == "" {
			return nil, invalid(fmt.Sprintf("update hyper data: Actions[%d] does not say what to do", i))
		}
	}
	if u.RequestID == "" {
		u.RequestID = rand.Text()
	}
	r = r.since("3.13").sendJSON(struct {
		Actions []HyperAction `json:"actions"`
	}{u.Actions})
	r.header = http.Header{"Requestid": {u.RequestID}}
	if u.Payload != nil {
		var err error
		if r, err = c.permitted(ctx, r); err != nil {
			return nil, err
		}
		payload, err := sized(u.Payload)
		if err != nil {
			return nil, err
		}
		session, err := c.uploadBlocks(ctx, payload, u.Progress)
		if err != nil {
			return nil, err
		}
		r = r.param("uploadSessionId", session)
	}
	return fetch[Job](ctx, c, "job", r)
}
