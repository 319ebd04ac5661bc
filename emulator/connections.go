package emulator

import (
	"slices"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func connectionRoutes() []route {
	const connections = "passwords are not kept, and the file stays as it was published"
	return []route{
		answered("GET", "/sites/{site}/workbooks/{workbook}/connections", "Query Workbook Connections", "2.0", SignedIn, listWorkbookConnections),
		answered("PUT", "/sites/{site}/workbooks/{workbook}/connections", "Update Workbook Connections", "3.26", SignedIn, updateWorkbookConnections).
			but(connections),
		answered("PUT", "/sites/{site}/workbooks/{workbook}/connections/{connection}", "Update Workbook Connection", "2.3", SignedIn, updateWorkbookConnection).
			but(connections),
		answered("GET", "/sites/{site}/datasources/{datasource}/connections", "Query Data Source Connections", "2.0", SignedIn, listDataSourceConnections),
		answered("PUT", "/sites/{site}/datasources/{datasource}/connections", "Update Data Source Connections", "3.26", SignedIn, updateDataSourceConnections).
			but(connections),
		answered("PUT", "/sites/{site}/datasources/{datasource}/connections/{connection}", "Update Data Source Connection", "2.3", SignedIn, updateDataSourceConnection).
			but(connections),
	}
}

// changeConnection takes over what a request says about a connection. A password is not kept: nothing here would use it.
func changeConnection(one *store.Connection, e *tsxml.Element) (err error) {
	if port, ok := e.Lookup("serverPort"); ok && portNumber(port) != port {
		return fail(badRequest, "The serverPort '%s' is not a number.", port)
	}
	for name, into := range map[string]*string{"serverAddress": &one.Server, "serverPort": &one.Port, "userName": &one.UserName,
		"authenticationType": &one.Authentication} {
		if value, ok := e.Lookup(name); ok {
			*into = value
		}
	}
	for name, into := range map[string]*bool{"embedPassword": &one.EmbedPassword, "queryTaggingEnabled": &one.QueryTagging} {
		if *into, err = flag(e, name, *into); err != nil {
			return err
		}
	}
	return nil
}

func connectionElement(one store.Connection) *tsxml.Element {
	e := tsxml.New("connection", "id", one.ID, "type", one.Class, "serverAddress", one.Server).SetIf("serverPort", one.Port)
	e.Set("userName", one.UserName).SetBool("embedPassword", one.EmbedPassword).SetIf("authenticationType", one.Authentication)
	e.SetBool("queryTaggingEnabled", one.QueryTagging)
	return e.Add(tsxml.New("datasource", "id", one.DataSourceID, "name", one.DataSourceName))
}

func connectionsElement(all []store.Connection) *tsxml.Element {
	list := tsxml.List("connections")
	for _, one := range all {
		list.Add(connectionElement(one))
	}
	return list
}

func listWorkbookConnections(c *call) (*tsxml.Element, error) {
	found, err := read(c, func(tx *store.Tx) ([]store.Connection, error) {
		w, err := c.workbookFor(tx, "Write")
		if err != nil {
			return nil, err
		}
		return tx.Connections(w.Seq)
	})
	return connectionsElement(found), err
}

func listDataSourceConnections(c *call) (*tsxml.Element, error) {
	found, err := read(c, func(tx *store.Tx) ([]store.Connection, error) {
		d, err := c.dataSourceFor(tx, "Write")
		if err != nil {
			return nil, err
		}
		return tx.DataSourceConnections(d.Seq)
	})
	return connectionsElement(found), err
}

// connectionsChange is a request that changes connections.
type connectionsChange struct {
	ids    []string
	change *tsxml.Element
}

// oneConnection reads the change of the connection of the path.
func (c *call) oneConnection() (connectionsChange, error) {
	change, err := c.payload("connection")
	return connectionsChange{[]string{c.id("connection")}, change}, err
}

// namedConnections reads the change of the connections that the request names.
func (c *call) namedConnections() (connectionsChange, error) {
	var wanted connectionsChange
	root, err := c.document()
	if err != nil {
		return wanted, err
	}
	if wanted.change, err = childOf(root, "connection"); err != nil {
		return wanted, err
	}
	ids, err := childOf(root, "connectionLUIDs")
	if other := root.Child("connectionLuids"); other != nil { // as the schema spells it
		ids, err = other, nil
	}
	if err != nil {
		return wanted, err
	}
	for _, one := range ids.Children {
		wanted.ids = append(wanted.ids, strings.TrimSpace(one.Text))
	}
	if len(wanted.ids) == 0 {
		return wanted, incomplete("No <connectionLUID> says which connections to change.")
	}
	return wanted, nil
}

// apply changes those of all connections that the request names, and returns them.
func (w connectionsChange) apply(all []store.Connection) (changed []store.Connection, err error) {
	for _, id := range w.ids {
		i := slices.IndexFunc(all, func(one store.Connection) bool { return one.ID == id })
		if i < 0 {
			return nil, fail(resourceNotFound, "Connection '%s' could not be found.", id)
		}
		if err := changeConnection(&all[i], w.change); err != nil {
			return nil, err
		}
		changed = append(changed, all[i])
	}
	return changed, nil
}

// changeWorkbookConnections returns the connections that a request has changed.
func (c *call) changeWorkbookConnections(wanted connectionsChange) (changed []store.Connection, err error) {
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		w, err := c.workbookFor(tx, "Write")
		if err != nil {
			return err
		}
		all, err := tx.Connections(w.Seq)
		if err != nil {
			return err
		}
		if changed, err = wanted.apply(all); err != nil {
			return err
		}
		if err := tx.SetConnections(w.Seq, all); err != nil {
			return err
		}
		w.Updated = c.now()
		return tx.UpdateWorkbook(w)
	})
	return changed, err
}

// changeDataSourceConnections returns the connections that a request has changed.
func (c *call) changeDataSourceConnections(wanted connectionsChange) (changed []store.Connection, err error) {
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		d, err := c.dataSourceFor(tx, "Write")
		if err != nil {
			return err
		}
		all, err := tx.DataSourceConnections(d.Seq)
		if err != nil {
			return err
		}
		if changed, err = wanted.apply(all); err != nil {
			return err
		}
		if err := tx.SetDataSourceConnections(d.Seq, all); err != nil {
			return err
		}
		d.Updated = c.now()
		return tx.UpdateDataSource(d)
	})
	return changed, err
}

// updateOne changes the connection of the path.
func (c *call) updateOne(apply func(connectionsChange) ([]store.Connection, error)) (*tsxml.Element, error) {
	wanted, err := c.oneConnection()
	if err != nil {
		return nil, err
	}
	changed, err := apply(wanted)
	if err != nil {
		return nil, err
	}
	return connectionElement(changed[0]), nil
}

// updateNamed changes the connections that the request names.
func (c *call) updateNamed(apply func(connectionsChange) ([]store.Connection, error)) (*tsxml.Element, error) {
	wanted, err := c.namedConnections()
	if err != nil {
		return nil, err
	}
	changed, err := apply(wanted)
	return connectionsElement(changed), err
}

func updateWorkbookConnection(c *call) (*tsxml.Element, error) {
	return c.updateOne(c.changeWorkbookConnections)
}
func updateWorkbookConnections(c *call) (*tsxml.Element, error) {
	return c.updateNamed(c.changeWorkbookConnections)
}
func updateDataSourceConnection(c *call) (*tsxml.Element, error) {
	return c.updateOne(c.changeDataSourceConnections)
}
func updateDataSourceConnections(c *call) (*tsxml.Element, error) {
	return c.updateNamed(c.changeDataSourceConnections)
}
