package tableau

import (
	"context"
	"slices"

	"github.com/tabctl/tableau-go/internal/tsxml"
)

// ConnectionUpdate says what to change of a connection; what is nil stays as
// it is.
type ConnectionUpdate struct {
	ServerAddress       *string `xml:"serverAddress,attr"`
	ServerPort          *string `xml:"serverPort,attr"`
	UserName            *string `xml:"userName,attr"`
	Password            *string `xml:"password,attr"`
	EmbedPassword       *bool   `xml:"embedPassword,attr"` // keep the password with the content
	AuthenticationType  *string `xml:"authenticationType,attr"`
	QueryTaggingEnabled *bool   `xml:"queryTaggingEnabled,attr"` // minimum version 3.13
}

// String keeps the password out of what is printed.
func (u ConnectionUpdate) String() string { return "tableau.ConnectionUpdate" }

// GoString keeps the password out of %#v.
func (u ConnectionUpdate) GoString() string { return u.String() }

// ConnectionsUpdate says what to change of several connections at once; what is
// nil stays as it is.
type ConnectionsUpdate struct {
	ConnectionIDs      []string
	AuthenticationType *string
	UserName           *string
	Password           *string
	EmbedPassword      *bool // keep the password with the content
}

// String keeps the password out of what is printed.
func (u ConnectionsUpdate) String() string { return "tableau.ConnectionsUpdate" }

// GoString keeps the password out of %#v.
func (u ConnectionsUpdate) GoString() string { return u.String() }

type connectionIDsRequest struct {
	IDs []string `xml:"connectionLUID"`
}

// updateConnection changes one connection. Servers answer with it alone or with
// all that the content has.
func (c *Client) updateConnection(ctx context.Context, r request, id string, u ConnectionUpdate) (*Connection, error) {
	r = r.since("2.3").send("connection", u)
	var one *Connection
	var all []*Connection
	if err := c.decode(ctx, r, tsxml.At("connection", &one), tsxml.At("connections>connection", &all)); err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(all, func(a *Connection) bool { return a.ID == id }); i >= 0 {
		one = all[i]
	}
	if one == nil {
		return nil, c.unreadable(r, "it holds no connection "+id)
	}
	return one, nil
}

// updateConnections changes several connections.
func (c *Client) updateConnections(ctx context.Context, r request, u ConnectionsUpdate) ([]*Connection, error) {
	r = r.since("3.26").sendAll(
		tsxml.Child{Name: "connectionLUIDs", Value: connectionIDsRequest{u.ConnectionIDs}},
		tsxml.Child{Name: "connection", Value: ConnectionUpdate{
			AuthenticationType: u.AuthenticationType, UserName: u.UserName, Password: u.Password, EmbedPassword: u.EmbedPassword,
		}},
	)
	if len(u.ConnectionIDs) == 0 || slices.Contains(u.ConnectionIDs, "") {
		r = r.fail(invalid("ConnectionIDs must name the connections to change"))
	}
	return fetchAll[Connection](ctx, c, "connections>connection", r)
}
