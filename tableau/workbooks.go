package tableau

import (
	"context"
	"io"
	"iter"
	"strconv"
	"time"
)

// WorkbooksService calls the workbook methods.
type WorkbooksService service

// Workbook is a published workbook.
type Workbook struct {
	ID               string          `xml:"id,attr"`
	Name             string          `xml:"name,attr"`
	Description      string          `xml:"description,attr"`
	ContentURL       string          `xml:"contentUrl,attr"`
	WebpageURL       string          `xml:"webpageUrl,attr"`
	ShowTabs         bool            `xml:"showTabs,attr"`
	Size             int64           `xml:"size,attr"` // in megabytes, rounded up
	SheetCount       int             `xml:"sheetCount,attr"`
	HasExtracts      bool            `xml:"hasExtracts,attr"`
	EncryptExtracts  bool            `xml:"encryptExtracts,attr"`
	DefaultViewID    string          `xml:"defaultViewId,attr"`
	ShareDescription string          `xml:"shareDescription,attr"`
	CreatedAt        time.Time       `xml:"createdAt,attr"`
	UpdatedAt        time.Time       `xml:"updatedAt,attr"`
	LastPublishedAt  time.Time       `xml:"lastPublishedAt,attr"`
	ThumbnailsUserID string          `xml:"thumbnailsUserId,attr"`
	ThumbnailsGroup  string          `xml:"thumbnailsGroupId,attr"`
	Project          ProjectRef      `xml:"project"`
	Location         Location        `xml:"location"`
	Owner            UserRef         `xml:"owner"`
	Tags             []Tag           `xml:"tags>tag"`
	Views            []View          `xml:"views>view"` // in the answers of Get and Publish only
	Acceleration     Acceleration    `xml:"dataAccelerationConfig"`
	Freshness        FreshnessPolicy `xml:"dataFreshnessPolicy"`
	Extra            Attributes      `xml:",any,attr"`
}

func (w *Workbook) id() string { return w.ID }

// List returns the workbooks of the site that the query chooses.
//
//tableau:op GET /sites/{site}/workbooks since=2.0 retry=safe tsc=workbooks.get,workbooks.filter
func (s *WorkbooksService) List(ctx context.Context, q Query) iter.Seq2[*Workbook, error] {
	return list[Workbook](ctx, s.client, "workbooks>workbook", get("workbooks"), q)
}

// Page returns one page of the list.
//
//tableau:op GET /sites/{site}/workbooks since=2.0 retry=safe tsc=workbooks.get
func (s *WorkbooksService) Page(ctx context.Context, q Query) (*Page[Workbook], error) {
	return fetchPage[Workbook](ctx, s.client, "workbooks>workbook", get("workbooks"), q)
}

// Get returns one workbook, with its views.
//
//tableau:op GET /sites/{site}/workbooks/{workbook} since=2.0 retry=safe tsc=workbooks.get_by_id
func (s *WorkbooksService) Get(ctx context.Context, id string) (*Workbook, error) {
	return fetch[Workbook](ctx, s.client, "workbook", get("workbooks", id))
}

// Delete deletes a workbook and its views.
//
//tableau:op DELETE /sites/{site}/workbooks/{workbook} since=2.0 retry=safe tsc=workbooks.delete
func (s *WorkbooksService) Delete(ctx context.Context, id string) error {
	return s.client.run(ctx, del("workbooks", id))
}

// Update changes what is set in u and leaves the rest alone. Errors:
// [ErrConflict] when the project holds a workbook of the new name. A
// description needs REST API 3.21.
//
//tableau:op PUT /sites/{site}/workbooks/{workbook} since=2.0 retry=safe tsc=workbooks.update
func (s *WorkbooksService) Update(ctx context.Context, id string, u WorkbookUpdate) (*Workbook, error) {
	return fetch[Workbook](ctx, s.client, "workbook", u.apply(put("workbooks", id)))
}

// Refresh starts a full refresh of a workbook's extracts and returns the job
// that does it; wait for it with [JobsService.Wait]. Errors: [ErrConflict] when
// such a job waits already. Minimum version 2.8.
//
//tableau:op POST /sites/{site}/workbooks/{workbook}/refresh since=2.8 retry=unsent tsc=workbooks.refresh
func (s *WorkbooksService) Refresh(ctx context.Context, id string) (*Job, error) {
	return s.client.refresh(ctx, post("workbooks", id, "refresh"))
}

// RefreshIncremental starts a refresh that adds only the new rows, as Refresh
// does a full one, for extracts that are made for it. Minimum version 3.25.
//
//tableau:op POST /sites/{site}/workbooks/{workbook}/refresh since=3.25 retry=unsent tsc=workbooks.refresh
func (s *WorkbooksService) RefreshIncremental(ctx context.Context, id string) (*Job, error) {
	return fetch[Job](ctx, s.client, "job", incremental(post("workbooks", id, "refresh")))
}

// CreateExtract makes extracts, encrypted or not, of data sources that are
// embedded in a workbook and returns the job that does it. Some servers know
// that job only in their list of jobs. Minimum version 3.5.
//
//tableau:op POST /sites/{site}/workbooks/{workbook}/createExtract since=3.5 retry=unsent tsc=workbooks.create_extract
func (s *WorkbooksService) CreateExtract(ctx context.Context, id string, sources EmbeddedDataSources, encrypt bool) (*Job, error) {
	r := post("workbooks", id, "createExtract").since("3.5").param("encrypt", strconv.FormatBool(encrypt))
	return fetch[Job](ctx, s.client, "job", sources.apply(r))
}

// DeleteExtract deletes the extracts of data sources that are embedded in a
// workbook, which then ask their databases. It returns the job that does it,
// nil when the server names none. Minimum version 3.3.
//
//tableau:op POST /sites/{site}/workbooks/{workbook}/deleteExtract since=3.3 retry=unsent tsc=workbooks.delete_extract
func (s *WorkbooksService) DeleteExtract(ctx context.Context, id string, sources EmbeddedDataSources) (*Job, error) {
	return s.client.fetchJob(ctx, sources.apply(post("workbooks", id, "deleteExtract").since("3.3")))
}

// Views returns the views of a workbook.
//
//tableau:op GET /sites/{site}/workbooks/{workbook}/views since=2.0 retry=safe tsc=workbooks.populate_views
func (s *WorkbooksService) Views(ctx context.Context, id string) ([]*View, error) {
	return fetchAll[View](ctx, s.client, "views>view", get("workbooks", id, "views"))
}

// ViewsWithUsage returns the views of a workbook with their view counts.
//
//tableau:op GET /sites/{site}/workbooks/{workbook}/views since=2.0 retry=safe tsc=workbooks.populate_views
func (s *WorkbooksService) ViewsWithUsage(ctx context.Context, id string) ([]*View, error) {
	return fetchAll[View](ctx, s.client, "views>view", get("workbooks", id, "views").param("includeUsageStatistics", "true"))
}

// Connections returns the data connections of a workbook.
//
//tableau:op GET /sites/{site}/workbooks/{workbook}/connections since=2.0 retry=safe tsc=workbooks.populate_connections
func (s *WorkbooksService) Connections(ctx context.Context, id string) ([]*Connection, error) {
	return fetchAll[Connection](ctx, s.client, "connections>connection", get("workbooks", id, "connections"))
}

// UpdateConnection changes what is set in u of one connection of a workbook and
// returns it as it is then; only its ID where the server tells no more. Minimum
// version 2.3.
//
//tableau:op PUT /sites/{site}/workbooks/{workbook}/connections/{connection} since=2.3 retry=safe tsc=workbooks.update_connection
func (s *WorkbooksService) UpdateConnection(ctx context.Context, id, connectionID string, u ConnectionUpdate) (*Connection, error) {
	return s.client.updateConnection(ctx, put("workbooks", id, "connections", connectionID), connectionID, u)
}

// UpdateConnections gives several connections of a workbook the same way to
// sign in and returns them. Minimum version 3.26.
//
//tableau:op PUT /sites/{site}/workbooks/{workbook}/connections since=3.26 retry=safe tsc=workbooks.update_connections
func (s *WorkbooksService) UpdateConnections(ctx context.Context, id string, u ConnectionsUpdate) ([]*Connection, error) {
	return s.client.updateConnections(ctx, put("workbooks", id, "connections"), u)
}

// PreviewImage writes the workbook's thumbnail to w, a PNG.
//
//tableau:op GET /sites/{site}/workbooks/{workbook}/previewImage since=2.0 retry=safe tsc=workbooks.populate_preview_image
func (s *WorkbooksService) PreviewImage(ctx context.Context, id string, w io.Writer) error {
	return s.client.copyTo(ctx, w, get("workbooks", id, "previewImage"))
}

// PDF writes the workbook's sheets to w, a PDF. Minimum version 3.4; filters,
// parameters and sizes need 3.23.
//
//tableau:op GET /sites/{site}/workbooks/{workbook}/pdf since=3.4 retry=safe tsc=workbooks.populate_pdf
func (s *WorkbooksService) PDF(ctx context.Context, id string, w io.Writer, o PDFOptions) error {
	r := get("workbooks", id, "pdf").since("3.4")
	if o.filtered() {
		r = r.since("3.23")
	}
	return s.client.copyTo(ctx, w, o.apply(r))
}

// PowerPoint writes pictures of the workbook's sheets to w, a .pptx file.
// Minimum version 3.8.
//
//tableau:op GET /sites/{site}/workbooks/{workbook}/powerpoint since=3.8 retry=safe tsc=workbooks.populate_powerpoint
func (s *WorkbooksService) PowerPoint(ctx context.Context, id string, w io.Writer, o PowerPointOptions) error {
	return s.client.copyTo(ctx, w, o.apply(get("workbooks", id, "powerpoint").since("3.8")))
}

// Download writes the workbook's file to w and says what the server calls it.
// What has reached w when an error is returned is not the whole file.
//
//tableau:op GET /sites/{site}/workbooks/{workbook}/content since=2.0 retry=safe tsc=workbooks.download
func (s *WorkbooksService) Download(ctx context.Context, id string, w io.Writer, o DownloadOptions) (*Download, error) {
	return s.client.download(ctx, w, o.apply(get("workbooks", id, "content")), o.Progress)
}

// DownloadFile downloads the workbook's file to path: an existing directory,
// where it gets the server's name for it, or the name of the file to write.
// The file appears only when it is whole; one of that name is replaced.
//
//tableau:op GET /sites/{site}/workbooks/{workbook}/content since=2.0 retry=safe tsc=workbooks.download
func (s *WorkbooksService) DownloadFile(ctx context.Context, id, path string, o DownloadOptions) (*Download, error) {
	return s.client.downloadFile(ctx, path, o.apply(get("workbooks", id, "content")), o.Progress)
}

// Revisions returns the revisions of a workbook, the oldest first. Minimum
// version 2.3.
//
//tableau:op GET /sites/{site}/workbooks/{workbook}/revisions since=2.3 retry=safe tsc=workbooks.populate_revisions
func (s *WorkbooksService) Revisions(ctx context.Context, id string) iter.Seq2[*Revision, error] {
	return s.client.revisions(ctx, get("workbooks", id, "revisions"))
}

// DownloadRevision writes the file of one revision to w, like
// [WorkbooksService.Download]. Minimum version 2.3.
//
//tableau:op GET /sites/{site}/workbooks/{workbook}/revisions/{revision}/content since=2.3 retry=safe tsc=workbooks.download_revision
func (s *WorkbooksService) DownloadRevision(ctx context.Context, id string, number int, w io.Writer, o DownloadOptions) (*Download, error) {
	return s.client.download(ctx, w, o.apply(revision(get, "workbooks", id, number, "content")), o.Progress)
}

// DownloadRevisionFile downloads the file of one revision to path, like
// [WorkbooksService.DownloadFile]. Minimum version 2.3.
//
//tableau:op GET /sites/{site}/workbooks/{workbook}/revisions/{revision}/content since=2.3 retry=safe tsc=workbooks.download_revision
func (s *WorkbooksService) DownloadRevisionFile(ctx context.Context, id string, number int, path string, o DownloadOptions) (*Download, error) {
	return s.client.downloadFile(ctx, path, o.apply(revision(get, "workbooks", id, number, "content")), o.Progress)
}

// DeleteRevision deletes one revision of a workbook; the server refuses for the
// current one. Minimum version 2.3.
//
//tableau:op DELETE /sites/{site}/workbooks/{workbook}/revisions/{revision} since=2.3 retry=safe tsc=workbooks.delete_revision
func (s *WorkbooksService) DeleteRevision(ctx context.Context, id string, number int) error {
	return s.client.run(ctx, revision(del, "workbooks", id, number))
}

// PublishWorkbook says how to publish a workbook.
type PublishWorkbook struct {
	// Name of the workbook on the server. PublishFile takes the file's name
	// when it is empty.
	Name        string
	ProjectID   string
	Description string
	Mode        PublishMode // CreateNew when empty
	// FileName is what the file is called on the way; Name and its type when
	// empty.
	FileName string
	ShowTabs bool
	// EncryptExtracts keeps the workbook's extracts encrypted; the site must
	// allow it.
	EncryptExtracts bool
	// HiddenViews are the names of sheets that the server shall not show.
	HiddenViews []string
	// ThumbnailsUserID and ThumbnailsGroupID say with whose eyes thumbnails are
	// drawn. When both are given the user's count.
	ThumbnailsUserID    string
	ThumbnailsGroupID   string
	Connections         []PublishConnection
	SkipConnectionCheck bool
	// Progress is called as the file is sent, with bytes; total is -1 when the
	// size is not known. sent goes back when an attempt is repeated.
	Progress func(sent, total int64)
}

type workbookPublishRequest struct {
	Name              string                   `xml:"name,attr,omitempty"`
	ShowTabs          bool                     `xml:"showTabs,attr,omitempty"`
	Description       string                   `xml:"description,attr,omitempty"`
	EncryptExtracts   bool                     `xml:"encryptExtracts,attr,omitempty"`
	ThumbnailsUserID  string                   `xml:"thumbnailsUserId,attr,omitempty"`
	ThumbnailsGroupID string                   `xml:"thumbnailsGroupId,attr,omitempty"`
	Connections       []connectionPublishEntry `xml:"connections>connection"`
	Project           *idRequest               `xml:"project"`
	Views             []viewPublishEntry       `xml:"views>view"`
}

type viewPublishEntry struct {
	Name   string `xml:"name,attr"`
	Hidden bool   `xml:"hidden,attr"`
}

// Publish publishes the workbook that r holds, a .twb or .twbx, and returns it.
// A reader that can seek is read again when an attempt fails, and is sent in
// one request up to 64 MiB; anything else is sent in blocks. Errors:
// [ErrConflict] when the name is taken and the mode is CreateNew,
// [ErrUploadIncomplete] when a block may or may not have arrived.
//
//tableau:op POST /sites/{site}/workbooks since=2.0 retry=unsent tsc=workbooks.publish
func (s *WorkbooksService) Publish(ctx context.Context, r io.Reader, p PublishWorkbook) (*Workbook, error) {
	upload, err := p.upload(r)
	if err != nil {
		return nil, err
	}
	return publish[Workbook](ctx, s.client, "workbook", upload)
}

// PublishAsJob hands the workbook over like Publish and returns the job that
// publishes it; wait for it with [JobsService.Wait]. Minimum version 3.0.
//
//tableau:op POST /sites/{site}/workbooks since=3.0 retry=unsent tsc=workbooks.publish
func (s *WorkbooksService) PublishAsJob(ctx context.Context, r io.Reader, p PublishWorkbook) (*Job, error) {
	upload, err := p.upload(r)
	if err != nil {
		return nil, err
	}
	upload.request = upload.request.since("3.0").param("asJob", "true")
	return publish[Job](ctx, s.client, "job", upload)
}

// PublishFile publishes the .twb or .twbx file at path.
//
//tableau:op POST /sites/{site}/workbooks since=2.0 retry=unsent tsc=workbooks.publish
func (s *WorkbooksService) PublishFile(ctx context.Context, path string, p PublishWorkbook) (*Workbook, error) {
	file, err := openToPublish(path, &p.Name, &p.FileName, "twb", "twbx")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return s.Publish(ctx, file, p)
}

// upload checks the instructions and makes them a request.
func (p PublishWorkbook) upload(r io.Reader) (upload, error) {
	var none upload
	if p.Name == "" {
		return none, invalid("publish: the workbook needs a name")
	}
	switch p.Mode {
	case "", CreateNew, Overwrite:
	case Append:
		return none, invalid("publish: a workbook cannot be appended to")
	default:
		return none, invalid("publish: the mode " + string(p.Mode) + " is none of CreateNew and Overwrite")
	}
	source, err := newSource(r, p.FileName, "twb", "twbx")
	if err != nil {
		return none, err
	}
	connections, err := connectionEntries(p.Connections)
	if err != nil {
		return none, err
	}
	payload := workbookPublishRequest{
		Name: p.Name, ShowTabs: p.ShowTabs, Description: p.Description, EncryptExtracts: p.EncryptExtracts,
		ThumbnailsUserID: p.ThumbnailsUserID, ThumbnailsGroupID: p.ThumbnailsGroupID,
		Connections: connections, Project: refTo(p.ProjectID),
	}
	if p.ThumbnailsUserID != "" {
		payload.ThumbnailsGroupID = ""
	}
	for _, name := range p.HiddenViews {
		payload.Views = append(payload.Views, viewPublishEntry{name, true})
	}
	request := post("workbooks").param("workbookType", source.fileType)
	if p.Mode == Overwrite {
		request = request.param("overwrite", "true")
	}
	if p.SkipConnectionCheck {
		request = request.param("skipConnectionCheck", "true")
	}
	fileName := p.FileName
	if fileName == "" {
		fileName = p.Name + "." + source.fileType
	}
	return upload{
		request: request, element: "workbook", payload: payload,
		part: "tableau_workbook", fileName: fileName, source: source, progress: p.Progress,
	}, nil
}
