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
		return downloadFile(c, func(w io.Writer, o tableau.DownloadOptions) (*tableau.Download, error) {
			return c.client.Workbooks.Download(ctx, c.args.text("workbook_id"), w, o)
		}, func(path string, o tableau.DownloadOptions) (*tableau.Download, error) {
			return c.client.Workbooks.DownloadFile(ctx, c.args.text("workbook_id"), path, o)
		})
	},
	"workbooks.publish": publishWorkbook,
	"model.WorkbookItem": func(context.Context, *call) (any, error) {
		return nil, noCounterpart("reading an attribute that was not fetched")
	},
	"model.ConnectionCredentials": func(_ context.Context, c *call) (any, error) {
		return connectionCredentials(c.args.item("item"))
	},
})

// downloadFile downloads to where the call wants it.
func downloadFile(c *call, toWriter func(io.Writer, tableau.DownloadOptions) (*tableau.Download, error), toPath func(string, tableau.DownloadOptions) (*tableau.Download, error)) (any, error) {
	if err := c.args.only("workbook_id", "revision_number", "filepath", "include_extract"); err != nil {
		return nil, err
	}
	// Python leaves the extract in unless told otherwise.
	without := c.args.has("include_extract") && !c.args.flag("include_extract")
	options := tableau.DownloadOptions{WithoutExtract: without}
	if c.args.item("filepath").has("$writer") {
		var buffer bytes.Buffer
		_, err := toWriter(&buffer, options)
		return fileResult{Content: buffer.Bytes()}, err
	}
	return downloaded(c, func(path string) (*tableau.Download, error) { return toPath(path, options) })
}

// downloaded downloads to the path of a call.
func downloaded(c *call, toPath func(string) (*tableau.Download, error)) (any, error) {
	asked := c.args.item("filepath").text("$tmpdir")
	done, err := toPath(filepath.Join(c.t.TempDir(), asked))
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
