package tableau

import (
	"context"
	"io"
	"iter"
	"net/url"
	"time"
)

// ViewsService calls the view methods.
type ViewsService service

// View is a sheet, dashboard or story of a published workbook.
type View struct {
	ID             string       `xml:"id,attr"`
	Name           string       `xml:"name,attr"`
	ContentURL     string       `xml:"contentUrl,attr"`
	ViewURLName    string       `xml:"viewUrlName,attr"`
	SheetType      string       `xml:"sheetType,attr"`
	Hidden         bool         `xml:"hidden,attr"`
	FavoritesTotal int          `xml:"favoritesTotal,attr"`
	CreatedAt      time.Time    `xml:"createdAt,attr"`
	UpdatedAt      time.Time    `xml:"updatedAt,attr"`
	Workbook       Ref          `xml:"workbook"`
	Project        ProjectRef   `xml:"project"`
	Location       Location     `xml:"location"`
	Owner          UserRef      `xml:"owner"`
	Tags           []Tag        `xml:"tags>tag"`
	Usage          ViewUsage    `xml:"usage"` // only when asked for
	Acceleration   Acceleration `xml:"dataAccelerationConfig"`
	Extra          Attributes   `xml:",any,attr"`
}

func (v *View) id() string { return v.ID }

// ViewUsage counts how often a view has been looked at.
type ViewUsage struct {
	TotalViewCount int64 `xml:"totalViewCount,attr"`
}

// ViewQuery is a Query for views.
type ViewQuery struct {
	Query
	IncludeUsage bool // asks for [View.Usage]
}

func (q ViewQuery) request() request {
	r := get("views")
	if q.IncludeUsage {
		r = r.param("includeUsageStatistics", "true")
	}
	return r.since("2.2")
}

// List returns the views of the site that the query chooses.
//
//tableau:op GET /sites/{site}/views since=2.2 retry=safe tsc=views.get,views.filter
func (s *ViewsService) List(ctx context.Context, q ViewQuery) iter.Seq2[*View, error] {
	return list[View](ctx, s.client, "views>view", q.request(), q.Query)
}

// Page returns one page of the list.
//
//tableau:op GET /sites/{site}/views since=2.2 retry=safe tsc=views.get
func (s *ViewsService) Page(ctx context.Context, q ViewQuery) (*Page[View], error) {
	return fetchPage[View](ctx, s.client, "views>view", q.request(), q.Query)
}

// Get returns one view.
//
//tableau:op GET /sites/{site}/views/{view} since=3.1 retry=safe tsc=views.get_by_id
func (s *ViewsService) Get(ctx context.Context, id string) (*View, error) {
	return fetch[View](ctx, s.client, "view", get("views", id).since("3.1"))
}

// GetWithUsage returns one view with its view count.
//
//tableau:op GET /sites/{site}/views/{view} since=3.1 retry=safe tsc=views.get_by_id
func (s *ViewsService) GetWithUsage(ctx context.Context, id string) (*View, error) {
	return fetch[View](ctx, s.client, "view", get("views", id).since("3.1").param("includeUsageStatistics", "true"))
}

// PreviewImage writes the view's thumbnail to w, a PNG.
//
//tableau:op GET /sites/{site}/workbooks/{workbook}/views/{view}/previewImage since=2.0 retry=safe tsc=views.populate_preview_image
func (s *ViewsService) PreviewImage(ctx context.Context, workbookID, viewID string, w io.Writer) error {
	return s.client.copyTo(ctx, w, get("workbooks", workbookID, "views", viewID, "previewImage"))
}

// Image writes a picture of the view to w, a PNG. Minimum version 2.5; sizes
// need 3.23.
//
//tableau:op GET /sites/{site}/views/{view}/image since=2.5 retry=safe tsc=views.populate_image
func (s *ViewsService) Image(ctx context.Context, id string, w io.Writer, o ImageOptions) error {
	return s.client.copyTo(ctx, w, o.apply(get("views", id, "image").since("2.5")))
}

// CSV writes the data of the view to w. Minimum version 2.7.
//
//tableau:op GET /sites/{site}/views/{view}/data since=2.7 retry=safe tsc=views.populate_csv
func (s *ViewsService) CSV(ctx context.Context, id string, w io.Writer, o CSVOptions) error {
	return s.client.copyTo(ctx, w, o.apply(get("views", id, "data").since("2.7")))
}

// PDF writes the view to w, a PDF. Minimum version 2.7; sizes need 3.23.
//
//tableau:op GET /sites/{site}/views/{view}/pdf since=2.7 retry=safe tsc=views.populate_pdf
func (s *ViewsService) PDF(ctx context.Context, id string, w io.Writer, o PDFOptions) error {
	return s.client.copyTo(ctx, w, o.apply(get("views", id, "pdf").since("2.7")))
}

// Excel writes the view's crosstab to w, an .xlsx file. Minimum version 3.8.
//
//tableau:op GET /sites/{site}/views/{view}/crosstab/excel since=3.8 retry=safe tsc=views.populate_excel
func (s *ViewsService) Excel(ctx context.Context, id string, w io.Writer, o ExcelOptions) error {
	return s.client.copyTo(ctx, w, o.apply(get("views", id, "crosstab", "excel").since("3.8")))
}

// Delete deletes a view from its workbook. Minimum version 3.27.
//
//tableau:op DELETE /sites/{site}/views/{view} since=3.27 retry=safe tsc=views.delete
func (s *ViewsService) Delete(ctx context.Context, id string) error {
	return s.client.run(ctx, del("views", id).since("3.27"))
}

func setIf(values url.Values, name, value string) {
	if value != "" {
		values.Set(name, value)
	}
}
