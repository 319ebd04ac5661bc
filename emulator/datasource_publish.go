package emulator

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"

	"github.com/tabctl/tableau-go/emulator/internal/content"
	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func dataSourcePublishRoutes() []route {
	return []route{
		answered("POST", "/sites/{site}/datasources", "Publish Data Source", "2.0", SignedIn, publishDataSource).
			but("connections are not checked, passwords not kept; append keeps the file that is there and adds to its size"),
	}
}

// Files that hold nothing but data.
const (
	kindTDE     = "tde"
	kindHyper   = "hyper"
	kindParquet = "parquet"
)

// firstBytes is what these files begin with.
var firstBytes = map[string]string{kindTDE: "\x20\x02\x01\x62", kindHyper: "Hyper", kindParquet: "PAR1"}

var dataSourcePublishing = publishable{
	element: "datasource", title: "data source", kinds: []string{content.KindTDS, content.KindTDSX, kindTDE, kindHyper, kindParquet},
	describe: describeDataSource,
	publish:  (*Server).putDataSource,
	show: func(c *call, tx *store.Tx, id string) (*tsxml.Element, error) {
		d, err := tx.DataSource(c.site.Seq, id)
		return c.dataSourceElement(d), err
	},
}

func publishDataSource(c *call) (*tsxml.Element, error) { return c.receive(dataSourcePublishing) }

// describeDataSource reads what only data sources have.
func describeDataSource(p *publication, e *tsxml.Element) error {
	if note, ok := e.Lookup("certificationNote"); ok {
		p.CertificationNote = &note
	}
	for name, into := range map[string]**bool{"isCertified": &p.Certified, "useRemoteQueryAgent": &p.UseBridge} {
		if _, given := e.Lookup(name); !given {
			continue
		}
		value, err := flag(e, name, false)
		if err != nil {
			return err
		}
		*into = &value
	}
	return nil
}

// readDataSource returns what is in a stored file. Of a file that holds nothing but data only the first bytes are read.
func (s *Server) readDataSource(p publication) (*content.DataSource, error) {
	f, err := s.store.Blobs.Open(p.Blob)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	first, ok := firstBytes[p.Kind]
	if !ok {
		return content.ReadDataSource(f, p.Bytes, p.Kind)
	}
	begin := make([]byte, len(first))
	if n, err := f.ReadAt(begin, 0); err != nil && err != io.EOF {
		return nil, err
	} else if !bytes.Equal(begin[:n], []byte(first)) {
		return nil, &content.InvalidError{Reason: "The file is no ." + p.Kind + " file: it does not begin like one."}
	}
	class := "hyper" // which Parquet is made into
	if p.Kind == kindTDE {
		class = "dataengine"
	}
	return &content.DataSource{Name: p.Name, HasExtract: true, Connections: []content.Connection{{Class: class}}}, nil
}

// putDataSource reads the stored file and makes it a data source. It returns the data source's id. The caller guards
// the file.
func (s *Server) putDataSource(ctx context.Context, user store.User, p publication) (id string, err error) {
	if p.Append && p.Overwrite {
		return "", fail(badRequest, "Either append or overwrite can be true, not both.")
	}
	if p.Append && p.Kind != kindHyper && p.Kind != kindTDE {
		return "", fail(badPublish, "Only a .hyper or .tde file can be appended, not a .%s file.", p.Kind)
	}
	file, err := s.readDataSource(p)
	if err != nil {
		return "", p.unreadable(err)
	}
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		project, err := publishProject(tx, user, p.ProjectID)
		if err != nil {
			return err
		}
		d, err := tx.DataSourceNamed(project.Seq, p.Name)
		isNew := errors.Is(err, store.ErrNotFound)
		switch {
		case err != nil && !isNew:
			return err
		case isNew && p.Append:
			return fail(dataSourceNotFound, "The project '%s' has no data source named '%s' to append to.", project.Name, p.Name)
		case isNew:
			d = store.DataSource{ID: newID(), Name: p.Name, Project: project, Owner: user, Created: s.now()}
		case !p.Overwrite && !p.Append:
			return fail(overwriteForbidden, "The project '%s' has a data source named '%s': publish with overwrite=true to replace it.", project.Name, p.Name)
		default:
			if err := mayOverwrite(tx, user, securedDataSource(d)); err != nil {
				return err
			}
			if p.Append && !d.HasExtracts {
				return fail(badPublish, "The data source '%s' has no extract to append to.", d.Name)
			}
		}
		more := p.Bytes
		if !p.Append {
			more -= d.Bytes + d.Appended
		}
		if err := checkStorage(tx, user.Site, more); err != nil {
			return err
		}
		id = d.ID
		d.Updated = s.now()
		d.Revision++
		if p.Append {
			d.Appended += p.Bytes // the file itself stays: there is nothing here that could join the rows of two
		} else {
			p.describe(&d)
			d.HasExtracts, d.Type = file.HasExtract, ""
			if len(file.Connections) > 0 {
				d.Type = file.Connections[0].Class
			}
			d.Kind, d.Blob, d.Bytes, d.Appended = p.Kind, p.Blob, p.Bytes, 0
		}
		if isNew {
			if d.ContentURL, err = tx.FreeContentURL("datasources", user.Site, urlName(p.Name, "Datasource")); err != nil {
				return err
			}
			if err = tx.AddDataSource(user.Site, &d); err == nil {
				err = grantDefaults(tx, "datasources", d.Seq, project.Seq)
			}
		} else {
			err = tx.UpdateDataSource(d)
		}
		if err != nil {
			return err
		}
		err = keepRevision(tx, user, "datasources", d.Seq, store.Revision{Number: d.Revision, Published: d.Updated, Kind: d.Kind, Blob: d.Blob,
			Bytes: d.Bytes, HasExtracts: d.HasExtracts})
		if err == nil && !p.Append {
			err = setDataSourceConnections(tx, d.Seq, file, p)
		}
		if err != nil {
			return err
		}
		return p.wrote(tx, id)
	})
	return id, err
}

// describe takes over what the publisher says about a data source.
func (p *publication) describe(d *store.DataSource) {
	if p.Description != nil {
		d.Description = *p.Description
	}
	if p.Certified != nil {
		d.Certified = *p.Certified
	}
	if p.CertificationNote != nil {
		d.CertificationNote = *p.CertificationNote
	}
	if p.UseBridge != nil {
		d.UseBridge = *p.UseBridge
	}
	d.EncryptExtracts = p.EncryptExtracts
}

// setDataSourceConnections keeps the ids of connections that were there before.
func setDataSourceConnections(tx *store.Tx, dataSource int64, file *content.DataSource, p publication) error {
	before, err := tx.DataSourceConnections(dataSource)
	if err != nil {
		return err
	}
	var connections []store.Connection
	for _, one := range file.Connections {
		made := store.Connection{ID: newID(), Class: one.Class, Server: one.Server, Port: portNumber(one.Port),
			UserName: one.UserName, DatabaseName: one.DatabaseName}
		for i, old := range before {
			if old.Class == made.Class && old.Server == made.Server {
				made.ID = old.ID
				before = slices.Delete(before, i, i+1)
				break
			}
		}
		p.apply(&made)
		connections = append(connections, made)
	}
	return tx.SetDataSourceConnections(dataSource, connections)
}
