package tableau_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/internal/sample"
	"github.com/tabctl/tableau-go/tableau"
)

// hyperFile begins like a Hyper file, which is all that is looked at.
func hyperFile(rows string) io.ReadSeeker {
	return strings.NewReader("Hyper\x08\x00\x00\x01\x00\x00\x00" + rows)
}

func TestRevisionsEndToEnd(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), site(t)
	project, workbook := publishSample(t, c)
	again := tableau.PublishWorkbook{Name: sample.Name, ProjectID: project.ID, Mode: tableau.Overwrite}
	if _, err := c.Workbooks.Publish(ctx, bytes.NewReader(sample.Workbook()), again); err != nil {
		t.Fatal(err)
	}
	var numbers []int
	var current []bool
	for r, err := range c.Workbooks.Revisions(ctx, workbook.ID) {
		if err != nil {
			t.Fatal(err)
		}
		numbers, current = append(numbers, r.Number), append(current, r.Current)
		if r.Size != int64(len(sample.Workbook())) || r.Publisher.ID == "" || r.PublishedAt.IsZero() {
			t.Errorf("revision %+v", r)
		}
	}
	if diff := cmp.Diff([]int{1, 2}, numbers) + cmp.Diff([]bool{false, true}, current); diff != "" {
		t.Error(diff)
	}
	var file bytes.Buffer
	if d, err := c.Workbooks.DownloadRevision(ctx, workbook.ID, 1, &file, tableau.DownloadOptions{}); err != nil || !bytes.Equal(file.Bytes(), sample.Workbook()) {
		t.Errorf("download = %+v, %v", d, err)
	}
	if err := c.Workbooks.DeleteRevision(ctx, workbook.ID, 1); err != nil {
		t.Error(err)
	}
	if err := c.Workbooks.DeleteRevision(ctx, workbook.ID, 2); !hasCode(err, "400032") {
		t.Errorf("deleting the current revision: %v", err)
	}
}

func TestConnectionsEndToEnd(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), site(t)
	project, workbook := publishSample(t, c)
	d, err := c.DataSources.Publish(ctx, strings.NewReader(stock), tableau.PublishDataSource{Name: "Stock", ProjectID: project.ID})
	if err != nil {
		t.Fatal(err)
	}
	for name, of := range map[string]struct {
		list func() ([]*tableau.Connection, error)
		one  func(id string, u tableau.ConnectionUpdate) (*tableau.Connection, error)
		many func(u tableau.ConnectionsUpdate) ([]*tableau.Connection, error)
	}{
		"workbook": {
			func() ([]*tableau.Connection, error) { return c.Workbooks.Connections(ctx, workbook.ID) },
			func(id string, u tableau.ConnectionUpdate) (*tableau.Connection, error) {
				return c.Workbooks.UpdateConnection(ctx, workbook.ID, id, u)
			},
			func(u tableau.ConnectionsUpdate) ([]*tableau.Connection, error) {
				return c.Workbooks.UpdateConnections(ctx, workbook.ID, u)
			},
		},
		"data source": {
			func() ([]*tableau.Connection, error) { return c.DataSources.Connections(ctx, d.ID) },
			func(id string, u tableau.ConnectionUpdate) (*tableau.Connection, error) {
				return c.DataSources.UpdateConnection(ctx, d.ID, id, u)
			},
			func(u tableau.ConnectionsUpdate) ([]*tableau.Connection, error) {
				return c.DataSources.UpdateConnections(ctx, d.ID, u)
			},
		},
	} {
		before, err := of.list()
		if err != nil || len(before) == 0 {
			t.Fatalf("%s: %v, %v", name, before, err)
		}
		id := before[0].ID
		one, err := of.one(id, tableau.ConnectionUpdate{ServerAddress: new("DB.two"), ServerPort: new("5433"), UserName: new("writer"), Password: new("hush"),
			EmbedPassword: new(true), QueryTaggingEnabled: new(true)})
		if err != nil || one.ID != id || one.ServerAddress != "db.two" || one.ServerPort != "5433" || one.UserName != "writer" || !one.EmbedPassword || !one.QueryTaggingEnabled {
			t.Errorf("%s: %+v, %v", name, one, err)
		}
		many, err := of.many(tableau.ConnectionsUpdate{ConnectionIDs: []string{id}, AuthenticationType: new("auth-user-pass"), UserName: new("robot"), EmbedPassword: new(false)})
		if err != nil || len(many) != 1 || many[0].UserName != "robot" || many[0].AuthenticationType != "auth-user-pass" || many[0].EmbedPassword || many[0].ServerPort != "5433" {
			t.Errorf("%s: %+v, %v", name, many, err)
		}
	}
}

func TestHyperDataEndToEnd(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), site(t)
	d, err := c.DataSources.Publish(ctx, hyperFile("a"), tableau.PublishDataSource{Name: "Rows", ProjectID: defaultProject(t, c)})
	if err != nil {
		t.Fatal(err)
	}
	insert := tableau.HyperAction{Action: tableau.HyperInsert, TargetSchema: "Extract", TargetTable: "Extract", SourceSchema: "Extract", SourceTable: "Extract"}
	remove := tableau.HyperAction{Action: tableau.HyperDelete, TargetTable: "Extract", Condition: tableau.HyperAnd(
		tableau.HyperValue("day", tableau.HyperLess, "datetime", "2026-01-01T00:00:00Z"), tableau.HyperNot(tableau.HyperColumns("a", tableau.HyperEqual, "b")))}
	update := tableau.HyperDataUpdate{RequestID: "first", Actions: []tableau.HyperAction{remove, insert}, Payload: hyperFile("b")}
	job, err := c.DataSources.UpdateHyperData(ctx, d.ID, update)
	if err != nil {
		t.Fatal(err)
	}
	done, err := c.Jobs.Wait(ctx, job.ID, tableau.WaitOptions{})
	if err != nil || done.DataUpdate.DataSource.ID != d.ID || done.DataUpdate.ConnectionID == "" {
		t.Errorf("job %+v, %v", done, err)
	}
	update.Actions, update.Payload = []tableau.HyperAction{remove}, nil
	repeated, err := c.DataSources.UpdateConnectionHyperData(ctx, d.ID, done.DataUpdate.ConnectionID, update)
	if err != nil || repeated.ID != job.ID {
		t.Errorf("a request of the same name = %+v, %v; want the job that it has started", repeated, err)
	}
}

func defaultProject(t *testing.T, c *tableau.Client) string {
	t.Helper()
	for p, err := range c.Projects.List(t.Context(), tableau.Query{Filter: []tableau.Filter{tableau.Eq("name", "Default")}}) {
		if err != nil {
			t.Fatal(err)
		}
		return p.ID
	}
	t.Fatal("the site has no default project")
	return ""
}

func TestQualityWarningsAndTagBatchesEndToEnd(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), site(t)
	project, workbook := publishSample(t, c)
	d, err := c.DataSources.Publish(ctx, strings.NewReader(stock), tableau.PublishDataSource{Name: "Stock", ProjectID: project.ID})
	if err != nil {
		t.Fatal(err)
	}
	added, err := c.DataSources.AddQualityWarning(ctx, d.ID, tableau.AddQualityWarning{Type: tableau.WarningStale, Message: "a week old", Severe: true})
	if err != nil || len(added) != 1 || added[0].Message != "a week old" || !added[0].Active || !added[0].Severe {
		t.Errorf("added %+v, %v", added, err)
	}
	updated, err := c.DataSources.UpdateQualityWarning(ctx, d.ID, tableau.QualityWarningUpdate{Active: new(false)})
	if err != nil || len(updated) != 1 || updated[0].Active || updated[0].Type != tableau.WarningStale {
		t.Errorf("updated %+v, %v", updated, err)
	}
	if err := c.DataSources.DeleteQualityWarnings(ctx, d.ID); err != nil {
		t.Error(err)
	}
	if left, err := c.DataSources.QualityWarnings(ctx, d.ID); err != nil || len(left) != 0 {
		t.Errorf("left %+v, %v", left, err)
	}

	items := []tableau.Content{{Type: tableau.ContentWorkbook, ID: workbook.ID}, {Type: tableau.ContentDataSource, ID: d.ID}}
	if tags, err := c.Tags.AddBatch(ctx, []string{"a", "b c"}, items...); err != nil || len(tags) != 2 {
		t.Errorf("tags %v, %v", tags, err)
	}
	if _, err := c.Tags.DeleteBatch(ctx, []string{"a"}, items...); err != nil {
		t.Error(err)
	}
	tagged, err := c.DataSources.Get(ctx, d.ID)
	if err != nil || len(tagged.Tags) != 1 || tagged.Tags[0].Label != "b c" {
		t.Errorf("%+v, %v", tagged, err)
	}
}

func TestRenderedDocumentsEndToEnd(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), site(t)
	_, workbook := publishSample(t, c)
	views, err := c.Workbooks.Views(ctx, workbook.ID)
	if err != nil {
		t.Fatal(err)
	}
	view := views[1]
	for name, write := range map[string]func(io.Writer) error{
		"xl/worksheets/sheet1.xml": func(w io.Writer) error {
			return c.Views.Excel(ctx, view.ID, w, tableau.ExcelOptions{ViewData: tableau.ViewData{MaxAge: new(time.Minute),
				Filters: []tableau.ViewFilter{{Field: "Region", Values: []string{"East, or West", "West"}}}}})
		},
		"ppt/slides/slide5.xml": func(w io.Writer) error {
			return c.Workbooks.PowerPoint(ctx, workbook.ID, w, tableau.PowerPointOptions{})
		},
	} {
		var document bytes.Buffer
		if err := write(&document); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		z, err := zip.NewReader(bytes.NewReader(document.Bytes()), int64(document.Len()))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if _, err := z.Open(name); err != nil {
			t.Error(err)
		}
	}
	seen, err := c.Views.GetWithUsage(ctx, view.ID)
	if err != nil || seen.Usage.TotalViewCount != 1 {
		t.Errorf("seen %+v, %v; want once", seen, err)
	}
	if err := c.Views.Delete(ctx, view.ID); err != nil {
		t.Error(err)
	}
	if left, err := c.Workbooks.Views(ctx, workbook.ID); err != nil || len(left) != len(views)-1 {
		t.Errorf("%d views are left, %v", len(left), err)
	}
}
