package emulator

import (
	"strconv"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/content"
	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func dataSourceRoutes() []route {
	return []route{
		listed("/sites/{site}/datasources", "Query Data Sources", "2.0", SignedIn, &dataSourceFields, listDataSources),
		answered("GET", "/sites/{site}/datasources/{datasource}", "Query Data Source", "2.0", SignedIn, getDataSource),
		answered("PUT", "/sites/{site}/datasources/{datasource}", "Update Data Source", "2.0", SignedIn, updateDataSource),
		answered("DELETE", "/sites/{site}/datasources/{datasource}", "Delete Data Source", "2.0", SignedIn, deleteDataSource),
		streamed("/sites/{site}/datasources/{datasource}/content", "Download Data Source", "2.0", downloadDataSource),
	}
}

var dataSourceFields = fields{
	item: "datasource",
	defaults: append([]string{"id", "name", "description", "contentUrl", "webpageUrl", "type", "size", "createdAt", "updatedAt",
		"isCertified", "certificationNote", "encryptExtracts", "hasExtracts", "useRemoteQueryAgent", "project.id", "project.name", "location",
		"tags"}, ownerFields("id", "name")...),
	others: append([]string{"databaseName", "serverName", "isPublished", "hasAlert", "connectedWorkbooksCount", "favoritesTotal",
		"project.description"}, ownerFields("fullName", "email", "siteRole", "lastLogin")...),
}

func (c *call) dataSourceElement(d store.DataSource) *tsxml.Element {
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

func listDataSources(c *call) (*tsxml.Element, error) {
	return pageOf(c, "datasources", c.dataSourceElement, func(tx *store.Tx, q store.Query) ([]store.DataSource, int64, error) {
		return tx.DataSources(c.site.Seq, q)
	})
}

func getDataSource(c *call) (*tsxml.Element, error) {
	d, err := read(c, func(tx *store.Tx) (store.DataSource, error) { return c.dataSourceFor(tx, "Read") })
	return c.dataSourceElement(d), err
}

func updateDataSource(c *call) (*tsxml.Element, error) {
	change, err := c.payload("datasource")
	if err != nil {
		return nil, err
	}
	var d store.DataSource
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		if d, err = c.dataSourceFor(tx, "Write"); err != nil {
			return err
		}
		if err := c.changeDataSource(tx, &d, change); err != nil {
			return err
		}
		d.Updated = c.now()
		return tx.UpdateDataSource(d)
	})
	if err != nil {
		return nil, err
	}
	return c.dataSourceElement(d), nil
}

// changeDataSource takes over what a request says about a data source.
func (c *call) changeDataSource(tx *store.Tx, d *store.DataSource, change *tsxml.Element) (err error) {
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
		if d.Project, err = c.moved(tx, securedDataSource(*d), id); err != nil {
			return err
		}
	}
	if id := change.Child("owner").Attr("id"); id != "" {
		if d.Owner, err = c.newOwner(tx, securedDataSource(*d), id); err != nil {
			return err
		}
	}
	other, err := tx.DataSourceNamed(d.Project.Seq, d.Name)
	if err == nil && other.Seq != d.Seq {
		return fail(overwriteForbidden, "The project '%s' has another data source named '%s'.", d.Project.Name, d.Name)
	}
	return unlessNotFound(err)
}

func deleteDataSource(c *call) (*tsxml.Element, error) {
	var unused string
	err := c.store.Write(c.ctx(), func(tx *store.Tx) error {
		d, err := c.dataSourceFor(tx, "Delete")
		if err != nil {
			return err
		}
		unused = d.Blob
		return tx.DeleteDataSource(d.Seq)
	})
	if err != nil {
		return nil, err
	}
	return nil, c.store.Collect(c.ctx(), unused)
}

func downloadDataSource(c *call) error {
	var d store.DataSource
	f, err := c.openBlob(func(tx *store.Tx) (_ string, err error) {
		d, err = c.dataSourceFor(tx, "ExportXml")
		return d.Blob, err
	})
	if err != nil {
		return err
	}
	defer f.Close()
	return c.sendFile(f, attachment("tableau_datasource", d.Name+"."+d.Kind), d.Blob, d.Updated,
		d.HasExtracts && d.Kind == content.KindTDSX)
}
