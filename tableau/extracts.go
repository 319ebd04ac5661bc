package tableau

import (
	"bytes"
	"context"

	"github.com/tabctl/tableau-go/internal/tsxml"
)

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

// refresh starts a full refresh. The element for it came with incremental
// refreshes.
func (c *Client) refresh(ctx context.Context, r request) (*Job, error) {
	version, err := c.APIVersion(ctx)
	if err != nil {
		return nil, err
	}
	r = r.since("2.8").sendAll()
	if !version.Less("3.25") {
		r = r.send("extractRefresh", struct{}{})
	}
	return fetch[Job](ctx, c, "job", r)
}

// incremental makes a refresh an incremental one.
func incremental(r request) request {
	return r.since("3.25").send("extractRefresh", struct {
		Incremental bool `xml:"incremental,attr"`
	}{true})
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
