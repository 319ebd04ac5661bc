package emulator

import (
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func connectionRoutes() []route {
	const connections = "passwords are not kept, and the file stays as it was published"
	return []route{
		answered("PUT", "/sites/{site}/workbooks/{workbook}/connections", "Update Workbook Connections", "3.26", SignedIn, updateWorkbookConnections).
			but(connections),
		answered("PUT", "/sites/{site}/workbooks/{workbook}/connections/{connection}", "Update Workbook Connection", "2.3", SignedIn, updateWorkbookConnection).
			but(connections),
		answered("PUT", "/sites/{site}/datasources/{datasource}/connections", "Update Data Source Connections", "3.26", SignedIn, updateDataSourceConnections).
			but(connections),
		answered("PUT", "/sites/{site}/datasources/{datasource}/connections/{connection}", "Update Data Source Connection", "2.3", SignedIn, updateDataSourceConnection).
			but(connections),
	}
}

// connectionParts are what can be changed of a connection. A password is not among them: nothing here would use it.
type connectionParts struct {
	server, port, userName, authentication *string
	embedPassword, queryTagging            *bool
}

func partsOfConnection(one *store.Connection) connectionParts {
	return connectionParts{&one.Server, &one.Port, &one.UserName, &one.Authentication, &one.EmbedPassword, &one.QueryTagging}
}

func partsOfDataSourceConnection(one *store.DataSourceConnection) connectionParts {
	return connectionParts{&one.Server, &one.Port, &one.UserName, &one.Authentication, &one.EmbedPassword, &one.QueryTagging}
}

// change takes over what a request says about a connection.
func (p connectionParts) change(e *tsxml.Element) (err error) {
	if port, ok := e.Lookup("serverPort"); ok && portNumber(port) != port {
		return fail(badRequest, "The serverPort '%s' is not a number.", port)
	}
	for name, into := range map[string]*string{"serverAddress": p.server, "serverPort": p.port, "userName": p.userName,
		"authenticationType": p.authentication} {
		if value, ok := e.Lookup(name); ok {
			*into = value
		}
	}
	for name, into := range map[string]*bool{"embedPassword": p.embedPassword, "queryTaggingEnabled": p.queryTagging} {
		if *into, err = flag(e, name, *into); err != nil {
			return err
		}
	}
	return nil
}

func (c *call) workbookConnectionElement(one store.Connection) *tsxml.Element {
	e := connectionElement(one.ID, one.Class, partsOfConnection(&one))
	return e.Add(tsxml.New("datasource", "id", one.DataSourceID, "name", one.DataSourceName))
}

func dataSourceConnectionElement(d store.DataSource, one store.DataSourceConnection) *tsxml.Element {
	e := connectionElement(one.ID, one.Class, partsOfDataSourceConnection(&one))
	return e.Add(tsxml.New("datasource", "id", d.ID, "name", d.Name))
}

func connectionElement(id, class string, p connectionParts) *tsxml.Element {
	e := tsxml.New("connection", "id", id, "type", class, "serverAddress", *p.server).SetIf("serverPort", *p.port).Set("userName", *p.userName)
	e.SetBool("embedPassword", *p.embedPassword)
	e.SetIf("authenticationType", *p.authentication)
	return e.SetBool("queryTaggingEnabled", *p.queryTagging)
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
		return wanted, fail(badPayload, "Payload is either malformed or incomplete. No <connectionLUID> says which connections to change.")
	}
	return wanted, nil
}

// changeConnections changes those of all connections that the request names, and returns their places.
func changeConnections[C any](all []C, id func(*C) string, parts func(*C) connectionParts, wanted connectionsChange) (changed []int, err error) {
	for _, wantedID := range wanted.ids {
		found := false
		for i := range all {
			if id(&all[i]) != wantedID {
				continue
			}
			found = true
			if err := parts(&all[i]).change(wanted.change); err != nil {
				return nil, err
			}
			changed = append(changed, i)
		}
		if !found {
			return nil, fail(resourceNotFound, "Connection '%s' could not be found.", wantedID)
		}
	}
	return changed, nil
}

// changeWorkbookConnections returns the connections that a request has changed.
func (c *call) changeWorkbookConnections(wanted connectionsChange) (changed []*tsxml.Element, err error) {
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		w, err := c.changeableWorkbook(tx)
		if err != nil {
			return err
		}
		all, err := tx.Connections(w.Seq)
		if err != nil {
			return err
		}
		places, err := changeConnections(all, func(one *store.Connection) string { return one.ID }, partsOfConnection, wanted)
		if err != nil {
			return err
		}
		for _, i := range places {
			changed = append(changed, c.workbookConnectionElement(all[i]))
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
func (c *call) changeDataSourceConnections(wanted connectionsChange) (changed []*tsxml.Element, err error) {
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		d, err := c.changeableDataSource(tx)
		if err != nil {
			return err
		}
		all, err := tx.DataSourceConnections(d.Seq)
		if err != nil {
			return err
		}
		places, err := changeConnections(all, func(one *store.DataSourceConnection) string { return one.ID }, partsOfDataSourceConnection, wanted)
		if err != nil {
			return err
		}
		for _, i := range places {
			changed = append(changed, dataSourceConnectionElement(d, all[i]))
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
func (c *call) updateOne(apply func(connectionsChange) ([]*tsxml.Element, error)) (*tsxml.Element, error) {
	wanted, err := c.oneConnection()
	if err != nil {
		return nil, err
	}
	changed, err := apply(wanted)
	if err != nil {
		return nil, err
	}
	return changed[0], nil
}

// updateNamed changes the connections that the request names.
func (c *call) updateNamed(apply func(connectionsChange) ([]*tsxml.Element, error)) (*tsxml.Element, error) {
	wanted, err := c.namedConnections()
	if err != nil {
		return nil, err
	}
	changed, err := apply(wanted)
	return tsxml.List("connections", changed...), err
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
