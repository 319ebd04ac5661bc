package emulator

import (
	"errors"
	"strconv"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/content"
	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func datasourceRoutes() []route {
	return []route{
		listed("/sites/{site}/datasources", "Query Data Sources", "2.0", SignedIn, &datasourceFields, listDatasources),
		answered("GET", "/sites/{site}/datasources/{datasource}", "Query Data Source", "2.0", SignedIn, getDatasource),
		answered("PUT", "/sites/{site}/datasources/{datasource}", "Update Data Source", "2.0", SignedIn, updateDatasource),
		answered("DELETE", "/sites/{site}/datasources/{datasource}", "Delete Data Source", "2.0", SignedIn, deleteDatasource),
		streamed("/sites/{site}/datasources/{datasource}/content", "Download Data Source", "2.0", downloadDatasource),
		answered("GET", "/sites/{site}/datasources/{datasource}/connections", "Query Data Source Connections", "2.0", SignedIn, listDatasourceConnections),
		answered("PUT", "/sites/{site}/datasources/{datasource}/tags", "Add Tags to Data Source", "2.6", SignedIn, addDatasourceTags),
		answered("DELETE", "/sites/{site}/datasources/{datasource}/tags/{tag}", "Delete Tag from Data Source", "2.6", SignedIn, deleteDatasourceTag).
			but("who added a tag is not kept: deleting one takes the right to change the item"),
	}
}

var datasourceFields = fields{
	item: "datasource",
	defaults: append([]string{"id", "name", "description", "contentUrl", "webpageUrl", "type", "size", "createdAt", "updatedAt",
		"isCertified", "certificationNote", "encryptExtracts", "hasExtracts", "useRemoteQueryAgent", "project.id", "project.name", "location",
		"tags"}, ownerFields("id", "name")...),
	others: append([]string{"databaseName", "serverName", "isPublished", "hasAlert", "connectedWorkbooksCount", "favoritesTotal",
		"project.description"}, ownerFields("fullName", "email", "siteRole", "lastLogin")...),
}

func (c *call) datasourceElement(d store.Datasource) *tsxml.Element {
	e := tsxml.New("datasource", "id", d.ID, "name", d.Name, "description", d.Description, "contentUrl", d.ContentURL,
		"webpageUrl", c.webpageURL("datasources", d.Seq), "type", d.Type)
	e.SetInt("size", d.Megabytes())
	e.SetTime("createdAt", d.Created)
	e.SetTime("updatedAt", d.Updated)
	e.SetBool("isCertified", d.Certified)
	e.SetIf("certificationNote", d.CertificationNote)
	e.SetBool("encryptExtracts", d.EncryptExtracts)
	e.SetBool("hasExtracts", d.HasExtracts)
	e.SetBool("useRemoteQueryAgent", d.UseBridge)
	e.SetIf("databaseName", d.DatabaseName)
	e.SetIf("serverName", d.ServerName)
	e.SetBool("isPublished", true)
	e.SetBool("hasAlert", false)
	e.SetInt("connectedWorkbooksCount", d.ConnectedWorkbooks)
	e.SetInt("favoritesTotal", d.Favorites)
	return e.Add(
		tsxml.New("project", "id", d.Project.ID, "name", d.Project.Name, "description", d.Project.Description),
		tsxml.New("location", "id", d.Project.ID, "type", "Project", "name", d.Project.Name),
		ownerElement(d.Owner),
		tagsElement(d.Tags))
}

func listDatasources(c *call) (*tsxml.Element, error) {
	q, err := c.listQuery()
	if err != nil {
		return nil, err
	}
	var found []store.Datasource
	var total int64
	err = c.store.Read(c.ctx(), func(tx *store.Tx) error {
		found, total, err = tx.Datasources(c.site.Seq, q)
		return err
	})
	if err != nil {
		return nil, err
	}
	list := tsxml.List("datasources")
	for _, d := range found {
		list.Add(c.datasourceElement(d))
	}
	return list, c.counted(total)
}

func getDatasource(c *call) (*tsxml.Element, error) {
	var e *tsxml.Element
	err := c.store.Read(c.ctx(), func(tx *store.Tx) error {
		d, err := c.pathDatasource(tx)
		e = c.datasourceElement(d)
		return err
	})
	return e, err
}

func listDatasourceConnections(c *call) (*tsxml.Element, error) {
	list := tsxml.List("connections")
	err := c.store.Read(c.ctx(), func(tx *store.Tx) error {
		d, err := c.changeableDatasource(tx)
		if err != nil {
			return err
		}
		connections, err := tx.DatasourceConnections(d.Seq)
		for _, one := range connections {
			list.Add(datasourceConnectionElement(d, one))
		}
		return err
	})
	return list, err
}

func updateDatasource(c *call) (*tsxml.Element, error) {
	change, err := c.payload("datasource")
	if err != nil {
		return nil, err
	}
	var d store.Datasource
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		if d, err = c.changeableDatasource(tx); err != nil {
			return err
		}
		if err := c.changeDatasource(tx, &d, change); err != nil {
			return err
		}
		d.Updated = c.now()
		return tx.UpdateDatasource(d)
	})
	if err != nil {
		return nil, err
	}
	return c.datasourceElement(d), nil
}

// changeDatasource takes over what a request says about a data source.
func (c *call) changeDatasource(tx *store.Tx, d *store.Datasource, change *tsxml.Element) (err error) {
	if name, ok := change.Lookup("name"); ok {
		if d.Name = name; strings.TrimSpace(name) == "" {
			return fail(badRequest, "A data source needs a name.")
		}
	}
	if description, ok := change.Lookup("description"); ok {
		d.Description = description
	}
	if note, ok := change.Lookup("certificationNote"); ok {
		d.CertificationNote = note
	}
	if certified := change.Attr("isCertified"); certified == "none" {
		change.Set("isCertified", strconv.FormatBool(d.Certified)) // what the Python client sends for one that it does not know
	}
	for name, value := range map[string]*bool{"isCertified": &d.Certified, "encryptExtracts": &d.EncryptExtracts, "useRemoteQueryAgent": &d.UseBridge} {
		if *value, err = flag(change, name, *value); err != nil {
			return err
		}
	}
	if id := change.Child("project").Attr("id"); id != "" {
		if d.Project, err = c.moved(tx, securedDatasource(*d), id); err != nil {
			return err
		}
	}
	if id := change.Child("owner").Attr("id"); id != "" {
		if d.Owner, err = c.newOwner(tx, securedDatasource(*d), id); err != nil {
			return err
		}
	}
	other, err := tx.DatasourceNamed(d.Project.Seq, d.Name)
	if err == nil && other.Seq != d.Seq {
		return fail(overwriteForbidden, "The project '%s' has another data source named '%s'.", d.Project.Name, d.Name)
	}
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return err
}

func deleteDatasource(c *call) (*tsxml.Element, error) {
	var unused string
	err := c.store.Write(c.ctx(), func(tx *store.Tx) error {
		d, err := c.datasourceFor(tx, "Delete")
		if err != nil {
			return err
		}
		unused = d.Blob
		return tx.DeleteDatasource(d.Seq)
	})
	if err != nil {
		return nil, err
	}
	return nil, c.store.Collect(c.ctx(), unused)
}

func downloadDatasource(c *call) error {
	var d store.Datasource
	f, err := c.openBlob(func(tx *store.Tx) (_ string, err error) {
		d, err = c.datasourceFor(tx, "ExportXml")
		return d.Blob, err
	})
	if err != nil {
		return err
	}
	defer f.Close()
	return c.sendFile(f, attachment("tableau_datasource", d.Name+"."+d.Kind), d.Blob, d.Updated,
		d.HasExtracts && d.Kind == content.KindTDSX)
}

func taggedDatasource(c *call, tx *store.Tx) (string, int64, error) {
	d, err := c.pathDatasource(tx)
	return "datasources", d.Seq, err
}

func untaggedDatasource(c *call, tx *store.Tx) (string, int64, error) {
	d, err := c.changeableDatasource(tx)
	return "datasources", d.Seq, err
}

func addDatasourceTags(c *call) (*tsxml.Element, error)   { return c.addTags(taggedDatasource) }
func deleteDatasourceTag(c *call) (*tsxml.Element, error) { return c.deleteTag(untaggedDatasource) }
