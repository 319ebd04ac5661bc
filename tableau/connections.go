package tableau

import (
	"context"
	"slices"
	"strings"

	"github.com/tabctl/tableau-go/internal/tsxml"
)

// Connection is a connection of a workbook or data source to its data.
type Connection struct {
	ID                  string     `xml:"id,attr"`
	Type                string     `xml:"type,attr"` // such as "sqlserver"
	ServerAddress       string     `xml:"serverAddress,attr"`
	ServerPort          string     `xml:"serverPort,attr"`
	UserName            string     `xml:"userName,attr"`
	AuthenticationType  string     `xml:"authenticationType,attr"`
	EmbedPassword       bool       `xml:"embedPassword,attr"`
	QueryTaggingEnabled bool       `xml:"queryTaggingEnabled,attr"`
	DataSource          Ref        `xml:"datasource"`
	Extra               Attributes `xml:",any,attr"`
}

// ConnectionUpdate says what to change of a connection; what is nil stays as it
// is.
type ConnectionUpdate struct {
	ServerAddress       *string `xml:"serverAddress,attr"` // host names are sent in lower case
	ServerPort          *string `xml:"serverPort,attr"`
	UserName            *string `xml:"userName,attr"`
	Password            *string `xml:"password,attr"`
	AuthenticationType  *string `xml:"authenticationType,attr"`  // such as "auth-user-pass"
	EmbedPassword       *bool   `xml:"embedPassword,attr"`       // keeps the password with the item
	QueryTaggingEnabled *bool   `xml:"queryTaggingEnabled,attr"` // marks queries with who asks and where
}

// String tells nothing of the credentials.
func (u ConnectionUpdate) String() string { return "tableau.ConnectionUpdate" }

// GoString keeps the password out of %#v.
func (u ConnectionUpdate) GoString() string { return u.String() }

// ConnectionsUpdate says which connections get what way to sign in; what is
// nil stays as it is.
type ConnectionsUpdate struct {
	ConnectionIDs      []string
	AuthenticationType *string // such as "auth-user-pass"
	UserName           *string
	Password           *string
	EmbedPassword      *bool // keeps the password with the item
}

// String tells nothing of the credentials.
func (u ConnectionsUpdate) String() string {
	return "tableau.ConnectionsUpdate(" + strings.Join(u.ConnectionIDs, ", ") + ")"
}

// GoString keeps the password out of %#v.
func (u ConnectionsUpdate) GoString() string { return u.String() }

type connectionIDsRequest struct {
	IDs []string `xml:"connectionLUID"`
}

// updateConnections sends the change of several connections.
func (c *Client) updateConnections(ctx context.Context, r request, u ConnectionsUpdate) ([]*Connection, error) {
	r = r.since("3.26").sendAll(
		tsxml.Child{Name: "connectionLUIDs", Value: connectionIDsRequest{u.ConnectionIDs}},
		tsxml.Child{Name: "connection", Value: ConnectionUpdate{
			AuthenticationType: u.AuthenticationType, UserName: u.UserName, Password: u.Password, EmbedPassword: u.EmbedPassword,
		}},
	)
	if len(u.ConnectionIDs) == 0 || slices.Contains(u.ConnectionIDs, "") {
		r = r.fail(invalid("update connections: ConnectionIDs must name the connections to change"))
	}
	return fetchAll[Connection](ctx, c, "connections>connection", r)
}

// updateConnection sends the change of one connection. Servers answer with it,
// with a list of all that the item has, or with nothing: then only the ID is
// known.
func (c *Client) updateConnection(ctx context.Context, r request, id string, u ConnectionUpdate) (*Connection, error) {
	// Host names have no case, and some servers compare them as written; paths
	// and addresses of services have.
	if u.ServerAddress != nil && !strings.ContainsAny(*u.ServerAddress, `/\`) {
		u.ServerAddress = new(strings.ToLower(*u.ServerAddress))
	}
	r = r.since("2.3").send("connection", u)
	var one *Connection
	var all []*Connection
	if err := c.decode(ctx, r, tsxml.At("connection", &one), tsxml.At("connections>connection", &all)); err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(all, func(a *Connection) bool { return a.ID == id }); i >= 0 {
		one = all[i]
	} else if len(all) == 1 {
		one = all[0]
	}
	if one == nil && len(all) == 0 { // the change is made: an error would have it made again
		return &Connection{ID: id}, nil
	}
	if one == nil {
		return nil, c.unreadable(r, "it holds no connection "+id)
	}
	return one, nil
}
