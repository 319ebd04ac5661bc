package tableau

import (
	"bytes"
	"context"
	"strconv"

	"github.com/tabctl/tableau-go/internal/tsxml"
)

// RefreshOptions say how to refresh extracts. The zero value is a full refresh.
type RefreshOptions struct {
	// Incremental adds only the new rows, to extracts that are made for it.
	// Needs REST API 3.25.
	Incremental bool
}

// ExtractOptions say how to make extracts.
type ExtractOptions struct {
	Encrypt bool // keeps them encrypted; the site must allow it
}

func (o ExtractOptions) apply(r request) request {
	return r.param("encrypt", strconv.FormatBool(o.Encrypt))
}

// EmbeddedDataSources choose among the data sources that are embedded in a
// workbook: all of them, or those with the IDs.
type EmbeddedDataSources struct {
	All bool
	IDs []string
}

type dataSourcesRequest struct {
	IncludeAll  bool        `xml:"includeAll,attr,omitempty"`
	DataSources []idRequest `xml:"datasource"`
}

func (d EmbeddedDataSources) apply(r request) request {
	if d.All == (len(d.IDs) > 0) {
		return r.fail(invalid("embedded data sources: either All or IDs must be set"))
	}
	payload := dataSourcesRequest{IncludeAll: d.All}
	for _, id := range d.IDs {
		if id == "" {
			return r.fail(invalid("embedded data sources: an ID in IDs is empty"))
		}
		payload.DataSources = append(payload.DataSources, idRequest{id})
	}
	return r.send("datasources", payload)
}

type extractRefreshRequest struct {
	Incremental bool `xml:"incremental,attr,omitempty"`
}

// refresh starts a refresh. What it says in XML only newer servers understand.
func (c *Client) refresh(ctx context.Context, r request, o RefreshOptions) (*Job, error) {
	r = r.since("2.8")
	if o.Incremental {
		r = r.since("3.25")
	}
	if err := c.permits(ctx, r); err != nil {
		return nil, err
	}
	version, err := c.APIVersion(ctx)
	if err != nil {
		return nil, err
	}
	if version.Less("3.25") {
		return fetch[Job](ctx, c, "job", r.sendAll())
	}
	return fetch[Job](ctx, c, "job", r.send("extractRefresh", extractRefreshRequest(o)))
}

// fetchJob sends the request and decodes the job of the answer, nil when there
// is none.
func (c *Client) fetchJob(ctx context.Context, r request) (*Job, error) {
	resp, data, err := c.read(ctx, r)
	if err != nil || len(bytes.TrimSpace(data)) == 0 {
		return nil, err
	}
	var job *Job
	err = decodeAnswer(resp, data, tsxml.At("job", &job))
	return job, err
}
