package tableau

import (
	"context"
	"io"
	"iter"
)

// Revisions returns the revisions of a data source, oldest first. Minimum
// version 2.3.
//
//tableau:op GET /sites/{site}/datasources/{datasource}/revisions since=2.3 retry=safe tsc=datasources.populate_revisions
func (s *DataSourcesService) Revisions(ctx context.Context, id string) iter.Seq2[*Revision, error] {
	return s.client.revisions(ctx, get("datasources", id, "revisions"))
}

// DownloadRevision writes the file of one revision to w, as Download does that
// of the current one. Minimum version 2.3.
//
//tableau:op GET /sites/{site}/datasources/{datasource}/revisions/{revision}/content since=2.3 retry=safe tsc=datasources.download_revision
func (s *DataSourcesService) DownloadRevision(ctx context.Context, id string, number int, w io.Writer, o DownloadOptions) (*Download, error) {
	return s.client.download(ctx, w, o.apply(revision(get, "datasources", id, number, "content")), o.Progress)
}

// DownloadRevisionFile downloads the file of one revision to path, as
// DownloadFile does that of the current one. Minimum version 2.3.
//
//tableau:op GET /sites/{site}/datasources/{datasource}/revisions/{revision}/content since=2.3 retry=safe tsc=datasources.download_revision
func (s *DataSourcesService) DownloadRevisionFile(ctx context.Context, id string, number int, path string, o DownloadOptions) (*Download, error) {
	return s.client.downloadFile(ctx, path, o.apply(revision(get, "datasources", id, number, "content")), o.Progress)
}

// DeleteRevision deletes one revision. The current one cannot be deleted.
// Minimum version 2.3.
//
//tableau:op DELETE /sites/{site}/datasources/{datasource}/revisions/{revision} since=2.3 retry=safe tsc=datasources.delete_revision
func (s *DataSourcesService) DeleteRevision(ctx context.Context, id string, number int) error {
	return s.client.run(ctx, revision(del, "datasources", id, number))
}
