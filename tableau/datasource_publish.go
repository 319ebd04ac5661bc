package tableau

import (
	"context"
	"io"
	"strings"
)

// PublishDataSource says how to publish a data source.
type PublishDataSource struct {
	// Name of the data source on the server. PublishFile takes the file's name
	// when it is empty.
	Name        string
	ProjectID   string
	Description string
	Mode        PublishMode // CreateNew when empty
	// FileName is what the file is called on the way; Name and its type when
	// empty. A stream of Parquet needs it, for nothing else tells its type.
	FileName            string
	Certified           bool
	CertificationNote   string
	UseRemoteQueryAgent *bool // let Tableau Bridge query it; nil leaves it as it is
	AskData             AskDataEnablement
	// Credentials are those of the file's only connection.
	Credentials *ConnectionCredentials
	// Connections give each of the file's connections its address and
	// credentials. Not together with Credentials. Minimum version 2.8.
	Connections []PublishConnection
	// Progress is called as the file is sent, with bytes; total is -1 when the
	// size is not known. sent goes back when an attempt is repeated.
	Progress func(sent, total int64)
}

type dataSourcePublishRequest struct {
	Name                string                   `xml:"name,attr"`
	Description         string                   `xml:"description,attr,omitempty"`
	Certified           bool                     `xml:"isCertified,attr,omitempty"`
	CertificationNote   string                   `xml:"certificationNote,attr,omitempty"`
	UseRemoteQueryAgent *bool                    `xml:"useRemoteQueryAgent,attr"`
	AskData             *askDataRequest          `xml:"askData"`
	Credentials         *credentialsRequest      `xml:"connectionCredentials"`
	Project             *idRequest               `xml:"project"`
	Connections         []connectionPublishEntry `xml:"connections>connection"`
}

// dataSourceTypes are the files that can be published as data sources.
var dataSourceTypes = []string{"tds", "tdsx", "tde", "hyper", "parquet"}

// Publish publishes the data source that r holds, a .tds, .tdsx, .tde, .hyper
// or .parquet file, and returns it. A reader that can seek is read again when
// an attempt fails, and is sent in one request up to 64 MiB; anything else is
// sent in blocks. Errors: [ErrConflict] when the name is taken and the mode is
// CreateNew, [ErrUploadIncomplete] when a block may or may not have arrived.
//
//tableau:op POST /sites/{site}/datasources since=2.0 retry=unsent tsc=datasources.publish
func (s *DataSourcesService) Publish(ctx context.Context, r io.Reader, p PublishDataSource) (*DataSource, error) {
	upload, err := p.upload(r)
	if err != nil {
		return nil, err
	}
	return publish[DataSource](ctx, s.client, "datasource", upload)
}

// PublishAsJob hands the data source over like Publish and returns the job that
// publishes it; wait for it with [JobsService.Wait]. Minimum version 3.0.
//
//tableau:op POST /sites/{site}/datasources since=3.0 retry=unsent tsc=datasources.publish
func (s *DataSourcesService) PublishAsJob(ctx context.Context, r io.Reader, p PublishDataSource) (*Job, error) {
	upload, err := p.upload(r)
	if err != nil {
		return nil, err
	}
	upload.request = upload.request.since("3.0").param("asJob", "true")
	return publish[Job](ctx, s.client, "job", upload)
}

// PublishFile publishes the .tds, .tdsx, .tde, .hyper or .parquet file at path.
//
//tableau:op POST /sites/{site}/datasources since=2.0 retry=unsent tsc=datasources.publish
func (s *DataSourcesService) PublishFile(ctx context.Context, path string, p PublishDataSource) (*DataSource, error) {
	file, err := openToPublish(path, &p.Name, &p.FileName, dataSourceTypes...)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return s.Publish(ctx, file, p)
}

// upload checks the instructions and makes them a request.
func (p PublishDataSource) upload(r io.Reader) (upload, error) {
	var none upload
	if p.Name == "" {
		return none, invalid("publish: the data source needs a name")
	}
	mode := p.Mode
	switch mode {
	case CreateNew, Overwrite, Append, Replace:
	case "":
		mode = CreateNew
	default:
		return none, invalid("publish: the mode " + string(mode) + " is none of CreateNew, Overwrite, Append and Replace")
	}
	if p.Credentials != nil && len(p.Connections) > 0 {
		return none, invalid("publish: Credentials and Connections exclude each other")
	}
	source, err := newSource(r, p.FileName, dataSourceTypes...)
	if err != nil {
		return none, err
	}
	credentials, err := credentialsEntry(p.Credentials, "the data source")
	if err != nil {
		return none, err
	}
	connections, err := connectionEntries(p.Connections)
	if err != nil {
		return none, err
	}
	payload := dataSourcePublishRequest{
		Name: p.Name, Description: p.Description,
		Certified: p.Certified, CertificationNote: p.CertificationNote, UseRemoteQueryAgent: p.UseRemoteQueryAgent,
		Credentials: credentials, Connections: connections, Project: refTo(p.ProjectID),
	}
	if p.AskData != "" {
		payload.AskData = &askDataRequest{p.AskData}
	}
	fileName := p.FileName
	if fileName == "" {
		fileName = p.Name + "." + source.fileType
	}
	return upload{
		request: post("datasources").param("datasourceType", source.fileType).param(strings.ToLower(string(mode)), "true"),
		element: "datasource", payload: payload,
		part: "tableau_datasource", fileName: fileName, source: source, progress: p.Progress,
	}, nil
}
