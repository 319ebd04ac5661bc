package emulator

import (
	"strconv"

	"github.com/tabctl/tableau-go/emulator/internal/content"
	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func revisionRoutes() []route {
	return []route{
		answered("GET", "/sites/{site}/workbooks/{workbook}/revisions", "Get Workbook Revisions", "2.3", SignedIn, listWorkbookRevisions),
		streamed("/sites/{site}/workbooks/{workbook}/revisions/{revision}/content", "Download Workbook Revision", "2.3", downloadWorkbookRevision).
			but("the current revision can be downloaded by its number, too"),
		answered("DELETE", "/sites/{site}/workbooks/{workbook}/revisions/{revision}", "Remove Workbook Revision", "2.3", SignedIn, deleteWorkbookRevision),
		answered("GET", "/sites/{site}/datasources/{datasource}/revisions", "Get Data Source Revisions", "2.3", SignedIn, listDataSourceRevisions),
		streamed("/sites/{site}/datasources/{datasource}/revisions/{revision}/content", "Download Data Source Revision", "2.3", downloadDataSourceRevision).
			but("the current revision can be downloaded by its number, too"),
		answered("DELETE", "/sites/{site}/datasources/{datasource}/revisions/{revision}", "Remove Data Source Revision", "2.3", SignedIn, deleteDataSourceRevision),
	}
}

// revised is an item with revisions.
type revised struct {
	kind    string // its table
	title   string // in sentences
	file    string // the name of its file in Content-Disposition
	name    string
	seq     int64
	current int64 // number of the current revision
	secured secured
}

// findRevised finds the item of the path, whose revisions the caller may see.
type findRevised func(*call, *store.Tx) (revised, error)

func revisedWorkbook(c *call, tx *store.Tx) (revised, error) {
	w, err := c.workbookFor(tx, "Write")
	return revised{"workbooks", "workbook", "tableau_workbook", w.Name, w.Seq, w.Revision, securedWorkbook(w)}, err
}

func revisedDataSource(c *call, tx *store.Tx) (revised, error) {
	d, err := c.dataSourceFor(tx, "Write")
	return revised{"datasources", "data source", "tableau_datasource", d.Name, d.Seq, d.Revision, securedDataSource(d)}, err
}

func (c *call) listRevisions(find findRevised) (*tsxml.Element, error) {
	var item revised
	element := func(r store.Revision) *tsxml.Element { return revisionElement(r, r.Number == item.current) }
	return pageOf(c, "revisions", element, func(tx *store.Tx, q store.Query) (_ []store.Revision, _ int64, err error) {
		if item, err = find(c, tx); err != nil {
			return nil, 0, err
		}
		return tx.Revisions(item.kind, item.seq, q)
	})
}

func revisionElement(r store.Revision, current bool) *tsxml.Element {
	e := tsxml.New("revision").SetInt("revisionNumber", r.Number).SetTime("publishedAt", r.Published)
	e.SetBool("deleted", r.Deleted).SetBool("current", current).SetInt("sizeInBytes", r.Bytes)
	if r.PublisherID != "" {
		e.Add(tsxml.New("publisher", "id", r.PublisherID, "name", r.PublisherName))
	}
	return e
}

// pathRevision returns the revision of the path, whose file is there.
func (c *call) pathRevision(tx *store.Tx, item revised) (store.Revision, error) {
	number, err := strconv.ParseInt(c.id("revision"), 10, 32)
	if err != nil {
		return store.Revision{}, fail(resourceNotFound, "Revision '%s' could not be found: revisions have numbers.", c.id("revision"))
	}
	r, err := tx.Revision(item.kind, item.seq, number)
	if err == nil && r.Deleted {
		err = store.ErrNotFound
	}
	return r, orNotFound(err, resourceNotFound, "Revision", c.id("revision"))
}

func (c *call) downloadRevision(find findRevised) error {
	var item revised
	var r store.Revision
	f, err := c.openBlob(func(tx *store.Tx) (_ string, err error) {
		if item, err = find(c, tx); err != nil {
			return "", err
		}
		if err := must(tx, c.user, "ExportXml", item.secured); err != nil {
			return "", err
		}
		r, err = c.pathRevision(tx, item)
		return r.Blob, err
	})
	if err != nil {
		return err
	}
	defer f.Close()
	return c.sendFile(f, attachment(item.file, item.name+"."+r.Kind), r.Blob, r.Published,
		r.HasExtracts && (r.Kind == content.KindTWBX || r.Kind == content.KindTDSX))
}

func (c *call) deleteRevision(find findRevised) (*tsxml.Element, error) {
	err := c.store.Write(c.ctx(), func(tx *store.Tx) error {
		item, err := find(c, tx)
		if err != nil {
			return err
		}
		r, err := c.pathRevision(tx, item)
		if err != nil {
			return err
		}
		if r.Number == item.current {
			return fail(deleteFailed, "Revision %d is the current one of the %s '%s', which cannot be deleted.", r.Number, item.title, item.name)
		}
		return tx.DeleteRevision(item.kind, item.seq, r.Number)
	})
	if err != nil {
		return nil, err
	}
	return nil, c.store.Collect(c.ctx())
}

func listWorkbookRevisions(c *call) (*tsxml.Element, error) { return c.listRevisions(revisedWorkbook) }
func downloadWorkbookRevision(c *call) error                { return c.downloadRevision(revisedWorkbook) }
func deleteWorkbookRevision(c *call) (*tsxml.Element, error) {
	return c.deleteRevision(revisedWorkbook)
}

func listDataSourceRevisions(c *call) (*tsxml.Element, error) {
	return c.listRevisions(revisedDataSource)
}
func downloadDataSourceRevision(c *call) error { return c.downloadRevision(revisedDataSource) }
func deleteDataSourceRevision(c *call) (*tsxml.Element, error) {
	return c.deleteRevision(revisedDataSource)
}

// keepRevision notes a published state of an item. The site says how many are kept, the current one included.
func keepRevision(tx *store.Tx, publisher store.User, kind string, item int64, r store.Revision) error {
	settings, err := tx.SiteSettings(publisher.Site)
	if err != nil {
		return err
	}
	keep, err := strconv.ParseInt(siteSetting(settings, "revisionLimit"), 10, 32)
	if err != nil {
		return err
	}
	if siteSetting(settings, "revisionHistoryEnabled") == "false" {
		keep = 1
	}
	return tx.AddRevision(kind, item, publisher.Seq, r, keep) // -1 keeps all
}
