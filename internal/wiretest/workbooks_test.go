package wiretest

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"os"
	"path/filepath"

	"github.com/tabctl/tableau-go/tableau"
)

var _ = register(listAdapters("workbooks", func(c *call) (lister, error) {
	return listing(c.client.Workbooks.Page, c.client.Workbooks.List), nil
}))

// A viewOfWorkbook is a view with the ID that Python copies from its argument
// where the answer holds none.
type viewOfWorkbook struct {
	*tableau.View
	WorkbookID string
}

var _ = register(map[string]adapter{
	"workbooks.get_by_id": func(ctx context.Context, c *call) (any, error) {
		return c.client.Workbooks.Get(ctx, c.args.text("workbook_id"))
	},
	"workbooks.delete": func(ctx context.Context, c *call) (any, error) {
		return nil, c.client.Workbooks.Delete(ctx, c.args.text("workbook_id"))
	},
	"workbooks.populate_views": func(ctx context.Context, c *call) (any, error) {
		id := c.args.id("workbook_item")
		fetch := c.client.Workbooks.Views
		if c.args.flag("usage") {
			fetch = c.client.Workbooks.ViewsWithUsage
		}
		views, err := fetch(ctx, id)
		var of []*viewOfWorkbook
		for _, view := range views {
			of = append(of, &viewOfWorkbook{view, cmp.Or(view.Workbook.ID, id)})
		}
		return of, err
	},
	"workbooks.populate_connections": func(ctx context.Context, c *call) (any, error) {
		return c.client.Workbooks.Connections(ctx, c.args.id("workbook_item"))
	},
	"workbooks.populate_preview_image": func(ctx context.Context, c *call) (any, error) {
		return rendered(func(w io.Writer) error {
			return c.client.Workbooks.PreviewImage(ctx, c.args.id("workbook_item"), w)
		})
	},
	"workbooks.populate_pdf": func(ctx context.Context, c *call) (any, error) {
		return pdf(ctx, c.client.Workbooks.PDF, c.args.id("workbook_item"), c.args.item("req_options"))
	},
	"workbooks.download": func(ctx context.Context, c *call) (any, error) {
		return downloaded(ctx, c, c.client.Workbooks, "workbook_id")
	},
	"workbooks.publish": publishWorkbook,
	"model.WorkbookItem": func(context.Context, *call) (any, error) {
		return nil, noCounterpart("reading an attribute that was not fetched")
	},
	"model.ConnectionCredentials": func(_ context.Context, c *call) (any, error) {
		return connectionCredentials(c.args.item("item"))
	},
})

// downloadable is a service of the client with files to download.
type downloadable interface {
	Download(ctx context.Context, id string, w io.Writer, o tableau.DownloadOptions) (*tableau.Download, error)
	DownloadFile(ctx context.Context, id, path string, o tableau.DownloadOptions) (*tableau.Download, error)
	DownloadRevision(ctx context.Context, id string, revision int, w io.Writer, o tableau.DownloadOptions) (*tableau.Download, error)
	DownloadRevisionFile(ctx context.Context, id string, revision int, path string, o tableau.DownloadOptions) (*tableau.Download, error)
}

// downloaded is the item or the revision that a call names, written to where
// the call wants it.
func downloaded(ctx context.Context, c *call, service downloadable, idName string) (any, error) {
	if err := c.args.only(idName, "revision_number", "filepath", "include_extract"); err != nil {
		return nil, err
	}
	revision, err := revisionNumber(c)
	if err != nil {
		return nil, err
	}
	id, current := c.args.text(idName), revision == 0
	// Python leaves the extract in unless told otherwise.
	options := tableau.DownloadOptions{WithoutExtract: c.args.has("include_extract") && !c.args.flag("include_extract")}
	if c.args.item("filepath").has("$writer") {
		var buffer bytes.Buffer
		if current {
			_, err = service.Download(ctx, id, &buffer, options)
		} else {
			_, err = service.DownloadRevision(ctx, id, revision, &buffer, options)
		}
		return fileResult{Content: buffer.Bytes()}, err
	}
	path := filepath.Join(c.t.TempDir(), c.args.item("filepath").text("$tmpdir"))
	var done *tableau.Download
	if current {
		done, err = service.DownloadFile(ctx, id, path, options)
	} else {
		done, err = service.DownloadRevisionFile(ctx, id, revision, path, options)
	}
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(done.Path)
	return fileResult{Name: filepath.Base(done.Path), Content: content}, err
}

func publishWorkbook(ctx context.Context, c *call) (any, error) {
	if err := c.args.only("workbook_item", "file", "mode", "connections", "as_job", "skip_connection_check"); err != nil {
		return nil, err
	}
	item := c.args.item("workbook_item")
	file, err := c.args.file(c.c, "file")
	if err != nil {
		return nil, err
	}
	connections, err := publishConnections(c.args.items("connections"))
	if err != nil {
		return nil, err
	}
	instructions := tableau.PublishWorkbook{
		Name:                item.text("name"),
		ProjectID:           item.text("project_id"),
		Description:         item.text("description"),
		ShowTabs:            item.flag("show_tabs"),
		HiddenViews:         item.texts("hidden_views"),
		ThumbnailsUserID:    item.text("thumbnails_user_id"),
		ThumbnailsGroupID:   item.text("thumbnails_group_id"),
		Mode:                tableau.PublishMode(c.args.text("mode")),
		Connections:         connections,
		SkipConnectionCheck: c.args.flag("skip_connection_check"),
	}
	if !file.AsFile {
		if c.args.flag("as_job") {
			return c.client.Workbooks.PublishAsJob(ctx, file.open(), instructions)
		}
		return c.client.Workbooks.Publish(ctx, file.open(), instructions)
	}
	path := file.onDisk(c.t)
	if !c.args.flag("as_job") {
		return c.client.Workbooks.PublishFile(ctx, path, instructions)
	}
	opened, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	instructions.FileName = filepath.Base(path)
	return c.client.Workbooks.PublishAsJob(ctx, opened, instructions)
}

// publishConnections makes ours of Python's ConnectionItems.
func publishConnections(items []arguments) ([]tableau.PublishConnection, error) {
	var connections []tableau.PublishConnection
	for _, item := range items {
		if err := item.only("server_address", "server_port", "connection_credentials", "username", "password", "embed_password"); err != nil {
			return nil, err
		}
		connection := tableau.PublishConnection{ServerAddress: item.text("server_address"), ServerPort: item.text("server_port")}
		switch who := item.item("connection_credentials"); {
		case who != nil:
			var err error
			if connection.Credentials, err = connectionCredentials(who); err != nil {
				return nil, err
			}
		case item.has("username") && item.has("password") && item.has("embed_password"): // Python drops anything less
			connection.Credentials = &tableau.ConnectionCredentials{
				Name: item.text("username"), Password: item.text("password"), Embed: item.flag("embed_password"),
			}
		}
		connections = append(connections, connection)
	}
	return connections, nil
}

// connectionCredentials reads a ConnectionCredentials item.
func connectionCredentials(who arguments) (*tableau.ConnectionCredentials, error) {
	if err := who.only("name", "password", "embed", "oauth"); err != nil {
		return nil, err
	}
	return &tableau.ConnectionCredentials{
		Name: who.text("name"), Password: who.text("password"), Embed: who.flag("embed"), OAuth: who.flag("oauth"),
	}, nil
}
