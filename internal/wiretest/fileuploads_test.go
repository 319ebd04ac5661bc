package wiretest

import (
	"context"
	"io"
	"mime"
	"mime/multipart"
	"strings"
)

var _ = register(map[string]adapter{
	"fileuploads.initiate": func(ctx context.Context, c *call) (any, error) {
		started, err := c.client.FileUploads.Start(ctx)
		if err != nil {
			return nil, err
		}
		return started.SessionID, nil
	},
	"fileuploads.append": func(ctx context.Context, c *call) (any, error) {
		if err := c.args.only("upload_id", "chunk", "data", "content_type"); err != nil {
			return nil, err
		}
		block := []byte(c.args.item("chunk").text("$bytes"))
		if c.args.has("data") {
			var err error
			if block, err = blockIn(c.args.item("data").text("$bytes"), c.args.text("content_type")); err != nil {
				return nil, err
			}
		}
		return c.client.FileUploads.Append(ctx, c.args.text("upload_id"), block)
	},
	"fileuploads.upload": func(ctx context.Context, c *call) (any, error) {
		file, err := c.args.file(c.c, "file")
		if err != nil {
			return nil, err
		}
		return c.client.FileUploads.Upload(ctx, file.open(), nil)
	},
})

// blockIn finds the block in a body that Python was given ready-made.
func blockIn(body, contentType string) ([]byte, error) {
	_, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, err
	}
	reader := multipart.NewReader(strings.NewReader(body), parameters["boundary"])
	for {
		part, err := reader.NextPart()
		if err != nil {
			return nil, err
		}
		if part.FormName() == "tableau_file" {
			return io.ReadAll(part)
		}
	}
}
