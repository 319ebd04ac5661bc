package emulator

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/content"
	"github.com/tabctl/tableau-go/emulator/internal/render"
	"github.com/tabctl/tableau-go/emulator/internal/store"
)

func renderRoutes() []route {
	// drawn is what all renderings of views have in common.
	const drawn = "drawn from text files packaged in the workbook; views of extracts and databases have columns and no rows; " +
		"parameters, language and maxAge change nothing"
	return []route{
		streamed("/sites/{site}/workbooks/{workbook}/previewImage", "Query Workbook Preview Image", "2.0", workbookPreview).
			but(drawn),
		streamed("/sites/{site}/workbooks/{workbook}/pdf", "Download Workbook PDF", "3.4", workbookPDF).
			but(drawn),
		streamed("/sites/{site}/workbooks/{workbook}/powerpoint", "Download Workbook PowerPoint", "3.8", workbookPowerPoint).
			but(drawn),
		streamed("/sites/{site}/workbooks/{workbook}/views/{view}/previewImage", "Query View Preview Image", "2.0", viewPreview).
			but(drawn),
		streamed("/sites/{site}/views/{view}/image", "Query View Image", "2.5", viewImage).
			but(drawn),
		streamed("/sites/{site}/views/{view}/data", "Query View Data", "2.7", viewData).
			but(drawn),
		streamed("/sites/{site}/views/{view}/crosstab/excel", "Download View Crosstab Excel", "3.8", viewExcel).
			but(drawn + "; the rows are those of the data, not pivoted"),
		streamed("/sites/{site}/views/{view}/pdf", "Query View PDF", "2.7", viewPDF).
			but(drawn),
		streamed("/sites/{site}/views/{view}/previewImage", "Query View Preview Image", "2.2", viewPreview).
			but(drawn),
	}
}

// Sizes of images in pixels, as Tableau makes them. High resolution doubles them.
const (
	imageWidth, imageHeight     = 784, 588
	previewWidth, previewHeight = 300, 225
	maxImageSide                = 8192
)

// rendered answers with what draw writes for a view of the path, on which the caller must have a capability, and counts that.
// Nothing is sent when draw fails.
func (c *call) rendered(capability, contentType, extension string, draw func(w io.Writer, s *sheets, view string) error) error {
	if err := c.checkMaxAge(); err != nil {
		return err
	}
	var view store.View
	s, err := c.openSheets(func(tx *store.Tx) (store.Workbook, error) {
		var err error
		view, err = c.viewFor(tx, capability)
		return view.Workbook, err
	})
	if err != nil {
		return err
	}
	defer s.close()
	var out bytes.Buffer
	if err := draw(&out, s, view.Name); err != nil {
		return err
	}
	c.countHit(view.Seq)
	return c.send(contentType, view.URLName+extension, &out)
}

func (c *call) send(contentType, fileName string, out *bytes.Buffer) error {
	header := c.writer.Header()
	header.Set("Content-Type", contentType)
	header.Set("Content-Disposition", attachment("tableau_file", fileName))
	header.Set("Content-Length", strconv.Itoa(out.Len()))
	c.writer.WriteHeader(http.StatusOK)
	out.WriteTo(c.writer) // the caller has gone
	return nil
}

// maxMaxAge is the longest that Tableau keeps what it has rendered, in minutes.
const maxMaxAge = 240

// checkMaxAge checks maxAge. It changes nothing else: this server does not cache what it renders.
func (c *call) checkMaxAge() error {
	if text := c.query.Get("maxAge"); text != "" {
		if minutes, err := strconv.Atoi(text); err != nil || minutes < 0 || minutes > maxMaxAge {
			return fail(badRequest, "The maxAge '%s' is not a number of minutes from 0 to %d.", text, maxMaxAge)
		}
	}
	return nil
}

func viewData(c *call) error { return c.renderedTable("text/csv;charset=UTF-8", ".csv", render.CSV) }
func viewExcel(c *call) error {
	return c.renderedTable("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", render.XLSX)
}

// renderedTable answers with what draw writes for the data that people may take away from a view of the path.
func (c *call) renderedTable(contentType, extension string, draw func(io.Writer, *content.Table) error) error {
	return c.rendered("ExportData", contentType, extension, func(w io.Writer, s *sheets, view string) error {
		t, err := s.firstTable(view)
		if err != nil {
			return err
		}
		return draw(w, t)
	})
}

func viewImage(c *call) error {
	width, err := c.side("vizWidth", imageWidth)
	if err != nil {
		return err
	}
	height, err := c.side("vizHeight", imageHeight)
	if err != nil {
		return err
	}
	switch resolution := c.query.Get("resolution"); resolution {
	case "":
	case "high":
		width, height = 2*width, 2*height
	case "standard":
	default:
		return fail(badRequest, "The resolution '%s' is not known: use high, or leave it out.", resolution)
	}
	if c.query.Has("format") && !c.version.before(mustVersion("3.29")) { // versions before knew nothing but PNG
		switch format := c.query.Get("format"); strings.ToUpper(format) {
		case "SVG":
			return c.rendered("ExportImage", "image/svg+xml", ".svg", drawImage(render.SVG, width, height))
		case "PNG":
		default:
			return fail(badRequest, "The format '%s' is neither PNG nor SVG.", format)
		}
	}
	return c.rendered("ExportImage", "image/png", ".png", drawImage(render.PNG, width, height))
}

// side reads a width or a height in pixels.
func (c *call) side(name string, fallback int) (int, error) {
	text := c.query.Get(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxImageSide/2 {
		return 0, fail(badRequest, "The %s '%s' is not a number of pixels from 1 to %d.", name, text, maxImageSide/2)
	}
	return n, nil
}

func drawImage(draw func(io.Writer, string, []*content.Table, int, int) error, width, height int) func(io.Writer, *sheets, string) error {
	return func(w io.Writer, s *sheets, view string) error {
		tables, err := s.tables(view)
		if err != nil {
			return err
		}
		return draw(w, view, tables, width, height)
	}
}

func viewPreview(c *call) error {
	var view store.View
	return c.preview(func(tx *store.Tx) (store.Workbook, error) {
		var err error
		view, err = c.viewFor(tx, "Read")
		return view.Workbook, err
	}, func(*content.Workbook) string { return view.Name })
}

func workbookPreview(c *call) error {
	find := func(tx *store.Tx) (store.Workbook, error) { return c.workbookFor(tx, "Read") }
	return c.preview(find, func(file *content.Workbook) string {
		for _, v := range file.Views {
			if !v.Hidden {
				return v.Name
			}
		}
		return ""
	})
}

// preview answers with a small picture, which does not count as a view.
func (c *call) preview(find func(*store.Tx) (store.Workbook, error), name func(*content.Workbook) string) error {
	s, err := c.openSheets(find)
	if err != nil {
		return err
	}
	defer s.close()
	var out bytes.Buffer
	if err := drawImage(render.PNG, previewWidth, previewHeight)(&out, s, name(s.file)); err != nil {
		return err
	}
	return c.send("image/png", "preview.png", &out)
}

var pageTypes = []string{"A3", "A4", "A5", "B4", "B5", "Executive", "Folio", "Ledger", "Legal", "Letter", "Note", "Quarto", "Tabloid", "Unspecified"}

// pdfPage reads type and orientation; Tableau's own defaults are Legal and Portrait.
func (c *call) pdfPage() (render.Page, error) {
	page := render.Page{Type: "Legal", Orientation: "Portrait"}
	if text := c.query.Get("type"); text != "" {
		if page.Type = matching(pageTypes, text); page.Type == "" {
			return page, fail(badRequest, "The page type '%s' is not known: use one of %s.", text, pageTypes)
		}
	}
	if text := c.query.Get("orientation"); text != "" {
		if page.Orientation = matching([]string{"Portrait", "Landscape"}, text); page.Orientation == "" {
			return page, fail(badRequest, "The orientation '%s' is neither Portrait nor Landscape.", text)
		}
	}
	if c.query.Has("vizWidth") || c.query.Has("vizHeight") {
		for name, into := range map[string]*int{"vizWidth": &page.Width, "vizHeight": &page.Height} {
			var err error
			if *into, err = c.side(name, 0); err != nil {
				return page, err
			}
		}
		if page.Width == 0 || page.Height == 0 {
			return page, fail(badRequest, "Give both vizWidth and vizHeight, or neither.")
		}
	}
	return page, nil
}

func viewPDF(c *call) error {
	page, err := c.pdfPage()
	if err != nil {
		return err
	}
	return c.rendered("ExportImage", "application/pdf", ".pdf", func(w io.Writer, s *sheets, view string) error {
		tables, err := s.tables(view)
		if err != nil {
			return err
		}
		return render.PDF(w, page, []render.Sheet{{Title: view, Tables: tables}})
	})
}

func workbookPDF(c *call) error {
	page, err := c.pdfPage()
	if err != nil {
		return err
	}
	return c.renderedWorkbook("application/pdf", ".pdf", func(w io.Writer, sheets []render.Sheet) error { return render.PDF(w, page, sheets) })
}

func workbookPowerPoint(c *call) error {
	return c.renderedWorkbook("application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx", render.PPTX)
}

// renderedWorkbook answers with what draw writes for the views of the workbook of the path.
func (c *call) renderedWorkbook(contentType, extension string, draw func(w io.Writer, sheets []render.Sheet) error) error {
	if err := c.checkMaxAge(); err != nil {
		return err
	}
	var views []store.View
	s, err := c.openSheets(func(tx *store.Tx) (store.Workbook, error) {
		w, err := c.workbookFor(tx, "ExportImage")
		if err != nil {
			return w, err
		}
		views, _, err = tx.Views(c.site.Seq, w.Seq, store.Query{Reader: c.reader()})
		return w, err
	})
	if err != nil {
		return err
	}
	defer s.close()
	pages, err := s.pages(views)
	if err != nil {
		return err
	}
	if len(pages) == 0 {
		return fail(badRequest, "The workbook '%s' has no sheet that is shown.", s.workbook.Name)
	}
	var out bytes.Buffer
	if err := draw(&out, pages); err != nil {
		return err
	}
	return c.send(contentType, s.workbook.ContentURL+extension, &out)
}

// matching returns the name that equals text in any case, or "".
func matching(names []string, text string) string {
	i := slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, text) })
	if i < 0 {
		return ""
	}
	return names[i]
}
