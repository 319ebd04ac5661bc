package wiretest

import (
	"bytes"
	"context"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/tabctl/tableau-go/tableau"
)

var _ = register(listAdapters("views", func(c *call) (lister, error) {
	usage := c.args.flag("usage") || strings.Contains(c.c.Call, "usage=True")
	service := c.client.Views
	return listing(func(ctx context.Context, q tableau.Query) (*tableau.Page[tableau.View], error) {
		return service.Page(ctx, tableau.ViewQuery{Query: q, IncludeUsage: usage})
	}, func(ctx context.Context, q tableau.Query) iter.Seq2[*tableau.View, error] {
		return service.List(ctx, tableau.ViewQuery{Query: q, IncludeUsage: usage})
	}), nil
}))

var _ = register(map[string]adapter{
	"views.get_by_id": func(ctx context.Context, c *call) (any, error) {
		if c.args.flag("usage") {
			return c.client.Views.GetWithUsage(ctx, c.args.text("view_id"))
		}
		return c.client.Views.Get(ctx, c.args.text("view_id"))
	},
	"views.populate_preview_image": func(ctx context.Context, c *call) (any, error) {
		item := c.args.item("view_item")
		return rendered(func(w io.Writer) error {
			return c.client.Views.PreviewImage(ctx, item.text("workbook_id"), item.text("id"), w)
		})
	},
	"views.populate_image": func(ctx context.Context, c *call) (any, error) {
		return image(ctx, c, c.args.id("view_item"), c.args.item("req_options"))
	},
	"views.populate_csv": func(ctx context.Context, c *call) (any, error) {
		return csv(ctx, c, c.args.id("view_item"), c.args.item("req_options"))
	},
	"views.populate_excel": func(ctx context.Context, c *call) (any, error) {
		return excel(ctx, c, c.args.id("view_item"), c.args.item("req_options"))
	},
	"views.update": func(ctx context.Context, c *call) (any, error) {
		// Python changes nothing but the tags.
		item := c.args.item("view_item")
		tags, err := updateTags(ctx, c, "views.update_tags", item)
		return &tableau.View{ID: item.text("id"), Tags: tags}, err
	},
	"views.delete": func(ctx context.Context, c *call) (any, error) {
		return nil, c.client.Views.Delete(ctx, c.args.id("view"))
	},
	"views.populate_pdf": func(ctx context.Context, c *call) (any, error) {
		return pdf(ctx, c.client.Views.PDF, c.args.id("view_item"), c.args.item("req_options"))
	},
	// Options that Python refuses are refused here by the call that takes them.
	"model.ImageRequestOptions": func(ctx context.Context, c *call) (any, error) {
		return image(ctx, c, "v", c.args.item("item"))
	},
	"model.CSVRequestOptions": func(ctx context.Context, c *call) (any, error) {
		return csv(ctx, c, "v", c.args.item("item"))
	},
	"model.ExcelRequestOptions": func(ctx context.Context, c *call) (any, error) {
		return excel(ctx, c, "v", c.args.item("item"))
	},
	"model.PPTXRequestOptions": func(ctx context.Context, c *call) (any, error) {
		return powerPoint(ctx, c, "w", c.args.item("item"))
	},
	"model.PDFRequestOptions": func(ctx context.Context, c *call) (any, error) {
		return pdf(ctx, c.client.Views.PDF, "v", c.args.item("item"))
	},
	"model.ViewItem": func(context.Context, *call) (any, error) {
		return nil, noCounterpart("reading an attribute that was not fetched")
	},
})

// rendered collects what is written.
func rendered(write func(io.Writer) error) (any, error) {
	var buffer bytes.Buffer
	if err := write(&buffer); err != nil {
		return nil, err
	}
	return buffer.Bytes(), nil
}

func image(ctx context.Context, c *call, id string, options arguments) (any, error) {
	data, err := viewData(options, "image_resolution", "viz_height", "viz_width")
	if err != nil {
		return nil, err
	}
	if resolution := options.text("image_resolution"); resolution != "" && resolution != "high" {
		return nil, noCounterpart("the image resolution " + resolution)
	}
	return rendered(func(w io.Writer) error {
		return c.client.Views.Image(ctx, id, w, tableau.ImageOptions{
			ViewData: data, Size: vizSize(options), HighResolution: options.text("image_resolution") == "high",
		})
	})
}

func csv(ctx context.Context, c *call, id string, options arguments) (any, error) {
	data, err := viewData(options)
	if err != nil {
		return nil, err
	}
	return rendered(func(w io.Writer) error { return c.client.Views.CSV(ctx, id, w, tableau.CSVOptions{ViewData: data}) })
}

func excel(ctx context.Context, c *call, id string, options arguments) (any, error) {
	data, err := viewData(options)
	if err != nil {
		return nil, err
	}
	return rendered(func(w io.Writer) error {
		return c.client.Views.Excel(ctx, id, w, tableau.ExcelOptions{ViewData: data})
	})
}

func powerPoint(ctx context.Context, c *call, id string, options arguments) (any, error) {
	data, err := viewData(options)
	if err != nil {
		return nil, err
	}
	if data.Language != "" || data.Filters != nil || data.Parameters != nil {
		return nil, noCounterpart("a PowerPoint file of chosen rows")
	}
	return rendered(func(w io.Writer) error {
		return c.client.Workbooks.PowerPoint(ctx, id, w, tableau.PowerPointOptions{MaxAge: data.MaxAge})
	})
}

// pdf renders a view or a workbook.
func pdf(ctx context.Context, render func(context.Context, string, io.Writer, tableau.PDFOptions) error, id string, options arguments) (any, error) {
	data, err := viewData(options, "page_type", "orientation", "viz_height", "viz_width")
	if err != nil {
		return nil, err
	}
	return rendered(func(w io.Writer) error {
		return render(ctx, id, w, tableau.PDFOptions{
			ViewData: data, Size: vizSize(options),
			PageType: tableau.PageType(options.text("page_type")), Orientation: tableau.Orientation(options.text("orientation")),
		})
	})
}

// viewData reads what all renderings have in common.
func viewData(options arguments, own ...string) (tableau.ViewData, error) {
	var data tableau.ViewData
	if err := options.only(append(own, "max_age", "language", "vf", "parameters")...); err != nil {
		return data, err
	}
	if options.has("max_age") {
		// -1 is Python's way to say unset.
		if minutes, _ := options.number("max_age"); minutes != -1 {
			data.MaxAge = new(time.Duration(minutes) * time.Minute)
		}
	}
	data.Language = options.text("language")
	for _, filter := range elements(options["vf"]) {
		pair := elements(filter)
		// Python writes the value as it is: commas in it part several values.
		data.Filters = append(data.Filters, tableau.ViewFilter{Field: plainText(pair[0]), Values: strings.Split(plainText(pair[1]), ",")})
	}
	for _, parameter := range elements(options["parameters"]) {
		pair := elements(parameter)
		data.Parameters = append(data.Parameters, tableau.ViewParameter{Name: plainText(pair[0]), Value: plainText(pair[1])})
	}
	return data, nil
}

func vizSize(options arguments) tableau.VizSize {
	width, _ := options.number("viz_width")
	height, _ := options.number("viz_height")
	return tableau.VizSize{Width: width, Height: height}
}
