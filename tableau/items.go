package tableau

import (
	"encoding/json"
	"encoding/xml"
	"time"
)

// Ref names an item of another resource.
type Ref struct {
	ID    string     `xml:"id,attr"`
	Name  string     `xml:"name,attr"`
	Extra Attributes `xml:",any,attr"`
}

// ProjectRef names the project that holds an item.
type ProjectRef struct {
	ID          string     `xml:"id,attr"`
	Name        string     `xml:"name,attr"`
	Description string     `xml:"description,attr"`
	Extra       Attributes `xml:",any,attr"`
}

// UserRef names the user who owns an item. Only ID is there unless the query
// asks for more fields.
type UserRef struct {
	ID        string     `xml:"id,attr"`
	Name      string     `xml:"name,attr"`
	FullName  string     `xml:"fullName,attr"`
	Email     string     `xml:"email,attr"`
	SiteRole  string     `xml:"siteRole,attr"`
	LastLogin time.Time  `xml:"lastLogin,attr"`
	Extra     Attributes `xml:",any,attr"`
}

// Location is where an item lives: a project or a user's personal space.
type Location struct {
	ID    string     `xml:"id,attr"`
	Name  string     `xml:"name,attr"`
	Type  string     `xml:"type,attr"` // "Project" or "PersonalSpace"
	Extra Attributes `xml:",any,attr"`
}

// Tag is a label on an item.
type Tag struct {
	Label string     `xml:"label,attr"`
	Extra Attributes `xml:",any,attr"`
}

// Attributes are what a newer server sends and this library does not know yet,
// in the server's order.
type Attributes []xml.Attr

// Get returns the value of the attribute, "" when it is absent.
func (a Attributes) Get(name string) string {
	for _, attribute := range a {
		if attribute.Name.Local == name {
			return attribute.Value
		}
	}
	return ""
}

// MarshalJSON writes the attributes as one object.
func (a Attributes) MarshalJSON() ([]byte, error) {
	object := make(map[string]string, len(a))
	for _, attribute := range a {
		object[attribute.Name.Local] = attribute.Value
	}
	return json.Marshal(object)
}
