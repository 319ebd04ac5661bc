package tableau

import (
	"context"
	"io"
	"iter"
	"strconv"
	"time"
)

// DataSourcesService calls the data source methods.
type DataSourcesService service

// DataSource is a published data source.
type DataSource struct {
	ID                         string     `xml:"id,attr"`
	Name                       string     `xml:"name,attr"`
	Description                string     `xml:"description,attr"`
	ContentURL                 string     `xml:"contentUrl,attr"`
	WebpageURL                 string     `xml:"webpageUrl,attr"`
	Type                       string     `xml:"type,attr"` // of the connection, such as "sqlserver"
	Size                       int64      `xml:"size,attr"` // in megabytes, rounded up
	Certified                  bool       `xml:"isCertified,attr"`
	CertificationNote          string     `xml:"certificationNote,attr"`
	HasExtracts                bool       `xml:"hasExtracts,attr"`
	EncryptExtracts            bool       `xml:"encryptExtracts,attr"`
	UseRemoteQueryAgent        bool       `xml:"useRemoteQueryAgent,attr"` // Tableau Bridge queries it
	HasSemanticLayerConnection bool       `xml:"hasSemanticLayerConnection,attr"`
	AskData                    AskData    `xml:"askData"`
	CreatedAt                  time.Time  `xml:"createdAt,attr"`
	UpdatedAt                  time.Time  `xml:"updatedAt,attr"`
	ParentType                 string     `xml:"parentType,attr"`
	ParentDataSourceURLs       []string   `xml:"parentDataSourceUrls"`
	Project                    ProjectRef `xml:"project"`
	Location                   Location   `xml:"location"`
	Owner                      UserRef    `xml:"owner"`
	Tags                       []Tag      `xml:"tags>tag"`

	// Only there when the query asks for all fields.
	DatabaseName            string `xml:"databaseName,attr"`
	ServerName              string `xml:"serverName,attr"`
	Published               bool   `xml:"isPublished,attr"`
	HasAlert                bool   `xml:"hasAlert,attr"`
	ConnectedWorkbooksCount int    `xml:"connectedWorkbooksCount,attr"`
	FavoritesTotal          int    `xml:"favoritesTotal,attr"`

	Extra Attributes `xml:",any,attr"`
}

func (d *DataSource) id() string { return d.ID }

// AskData says whether a data source can be asked in natural language. Tableau
// has retired it; servers before 2024.1 know it.
type AskData struct {
	Enablement AskDataEnablement `xml:"enablement,attr"`
	Extra      Attributes        `xml:",any,attr"`
}

// AskDataEnablement is a state of Ask Data.
type AskDataEnablement string

// The states of Ask Data.
const (
	AskDataEnabled     AskDataEnablement = "Enabled"
	AskDataDisabled    AskDataEnablement = "Disabled"
	AskDataSiteDefault AskDataEnablement = "SiteDefault"
)

// DataSourceUpdate says what to change; what is nil stays as it is.
type DataSourceUpdate struct {
	Name                *string
	Description         *string
	ProjectID           *string // moves it
	OwnerID             *string // below version 3.15 ProjectID must be given with it
	Certified           *bool
	CertificationNote   *string
	EncryptExtracts     *bool
	UseRemoteQueryAgent *bool
	AskData             *AskDataEnablement
}

type dataSourceUpdateRequest struct {
	Name                *string         `xml:"name,attr"`
	Description         *string         `xml:"description,attr"`
	Certified           *bool           `xml:"isCertified,attr"`
	CertificationNote   *string         `xml:"certificationNote,attr"`
	EncryptExtracts     *bool           `xml:"encryptExtracts,attr"`
	UseRemoteQueryAgent *bool           `xml:"useRemoteQueryAgent,attr"`
	AskData             *askDataRequest `xml:"askData"`
	Project             *idRequest      `xml:"project"`
	Owner               *idRequest      `xml:"owner"`
}

type askDataRequest struct {
	Enablement AskDataEnablement `xml:"enablement,attr"`
}

// List returns the data sources of the site that the query chooses.
//
//tableau:op GET /sites/{site}/datasources since=2.0 retry=safe tsc=datasources.get,datasources.filter
func (s *DataSourcesService) List(ctx context.Context, q Query) iter.Seq2[*DataSource, error] {
	return list[DataSource](ctx, s.client, "datasources>datasource", get("datasources"), q)
}

// Page returns one page of the list.
//
//tableau:op GET /sites/{site}/datasources since=2.0 retry=safe tsc=datasources.get
func (s *DataSourcesService) Page(ctx context.Context, q Query) (*Page[DataSource], error) {
	return fetchPage[DataSource](ctx, s.client, "datasources>datasource", get("datasources"), q)
}

// Get returns one data source.
//
//tableau:op GET /sites/{site}/datasources/{datasource} since=2.0 retry=safe tsc=datasources.get_by_id
func (s *DataSourcesService) Get(ctx context.Context, id string) (*DataSource, error) {
	return fetch[DataSource](ctx, s.client, "datasource", get("datasources", id))
}

// Update changes what is set in u and leaves the rest alone. Errors:
// [ErrInvalidArgument] for an owner without a project below version 3.15.
//
//tableau:op PUT /sites/{site}/datasources/{datasource} since=2.0 retry=safe tsc=datasources.update
func (s *DataSourcesService) Update(ctx context.Context, id string, u DataSourceUpdate) (*DataSource, error) {
	payload := dataSourceUpdateRequest{
		Name: u.Name, Description: u.Description, Certified: u.Certified, CertificationNote: u.CertificationNote,
		EncryptExtracts: u.EncryptExtracts, UseRemoteQueryAgent: u.UseRemoteQueryAgent, Project: refIf(u.ProjectID), Owner: refIf(u.OwnerID),
	}
	if u.AskData != nil {
		payload.AskData = &askDataRequest{*u.AskData}
	}
	if u.OwnerID != nil && u.ProjectID == nil {
		version, err := s.client.APIVersion(ctx)
		if err != nil {
			return nil, err
		}
		if version.Less("3.15") {
			return nil, invalid("below REST API version 3.15 a data source gets an owner only together with its ProjectID")
		}
	}
	return fetch[DataSource](ctx, s.client, "datasource", put("datasources", id).send("datasource", payload))
}

// Delete deletes a data source.
//
//tableau:op DELETE /sites/{site}/datasources/{datasource} since=2.0 retry=safe tsc=datasources.delete
func (s *DataSourcesService) Delete(ctx context.Context, id string) error {
	return s.client.run(ctx, del("datasources", id))
}

// Refresh starts a full refresh of the data source's extracts and returns its
// job; wait for it with [JobsService.Wait]. Errors: [ErrConflict] when one is
// waiting or running. Minimum version 2.8.
//
//tableau:op POST /sites/{site}/datasources/{datasource}/refresh since=2.8 retry=unsent tsc=datasources.refresh
func (s *DataSourcesService) Refresh(ctx context.Context, id string) (*Job, error) {
	return s.client.refresh(ctx, post("datasources", id, "refresh"))
}

// RefreshIncremental starts an incremental refresh, as Refresh does a full one.
// Minimum version 3.25.
//
//tableau:op POST /sites/{site}/datasources/{datasource}/refresh since=3.25 retry=unsent tsc=datasources.refresh
func (s *DataSourcesService) RefreshIncremental(ctx context.Context, id string) (*Job, error) {
	return fetch[Job](ctx, s.client, "job", incremental(post("datasources", id, "refresh")))
}

// CreateExtract makes an extract of the data source's data, encrypted or not,
// and returns the job that does it. Minimum version 3.5.
//
//tableau:op POST /sites/{site}/datasources/{datasource}/createExtract since=3.5 retry=unsent tsc=datasources.create_extract
func (s *DataSourcesService) CreateExtract(ctx context.Context, id string, encrypt bool) (*Job, error) {
	r := post("datasources", id, "createExtract").since("3.5").param("encrypt", strconv.FormatBool(encrypt)).sendAll()
	return fetch[Job](ctx, s.client, "job", r)
}

// DeleteExtract deletes the data source's extract: it is live again. Minimum
// version 3.5.
//
//tableau:op POST /sites/{site}/datasources/{datasource}/deleteExtract since=3.5 retry=unsent tsc=datasources.delete_extract
func (s *DataSourcesService) DeleteExtract(ctx context.Context, id string) error {
	return s.client.run(ctx, post("datasources", id, "deleteExtract").since("3.5").sendAll())
}

// Connections returns the connections of a data source to its data.
//
//tableau:op GET /sites/{site}/datasources/{datasource}/connections since=2.0 retry=safe tsc=datasources.populate_connections
func (s *DataSourcesService) Connections(ctx context.Context, id string) ([]*Connection, error) {
	return fetchAll[Connection](ctx, s.client, "connections>connection", get("datasources", id, "connections"))
}

// UpdateConnection changes what is set in u of one connection, leaves the rest
// alone, and returns it as it is then; only its ID where the server tells no
// more. Minimum version 2.3.
//
//tableau:op PUT /sites/{site}/datasources/{datasource}/connections/{connection} since=2.3 retry=safe tsc=datasources.update_connection
func (s *DataSourcesService) UpdateConnection(ctx context.Context, id, connectionID string, u ConnectionUpdate) (*Connection, error) {
	return s.client.updateConnection(ctx, put("datasources", id, "connections", connectionID), connectionID, u)
}

// UpdateConnections changes what is set in u of several connections at once and
// returns them. Minimum version 3.26.
//
//tableau:op PUT /sites/{site}/datasources/{datasource}/connections since=3.26 retry=safe tsc=datasources.update_connections
func (s *DataSourcesService) UpdateConnections(ctx context.Context, id string, u ConnectionsUpdate) ([]*Connection, error) {
	return s.client.updateConnections(ctx, put("datasources", id, "connections"), u)
}

// Download writes the data source's file to w and says what the server calls
// it. What has reached w when an error is returned is not the whole file.
//
//tableau:op GET /sites/{site}/datasources/{datasource}/content since=2.0 retry=safe tsc=datasources.download
func (s *DataSourcesService) Download(ctx context.Context, id string, w io.Writer, o DownloadOptions) (*Download, error) {
	return s.client.download(ctx, w, o.apply(get("datasources", id, "content")), o.Progress)
}

// DownloadFile downloads the data source's file to path: an existing directory,
// where it gets the server's name for it, or the name of the file to write.
// The file appears only when it is whole; one of that name is replaced.
//
//tableau:op GET /sites/{site}/datasources/{datasource}/content since=2.0 retry=safe tsc=datasources.download
func (s *DataSourcesService) DownloadFile(ctx context.Context, id, path string, o DownloadOptions) (*Download, error) {
	return s.client.downloadFile(ctx, path, o.apply(get("datasources", id, "content")), o.Progress)
}
