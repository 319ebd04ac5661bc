package emulator_test

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mapping is what Tableau's JSON takes from its schema: which elements can occur more than once inside which.
type mapping struct {
	types map[string]xsdNode
	root  xsdNode // of tsResponse
}

// xsdNode is a node of the official schema.
type xsdNode struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []xsdNode  `xml:",any"`
}

func (n xsdNode) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func readMapping(t *testing.T) *mapping {
	t.Helper()
	data, err := os.ReadFile(shared(t, "reference/ts-api_3_29.xsd"))
	if err != nil {
		t.Fatal(err)
	}
	var root xsdNode
	if err := xml.Unmarshal(data, &root); err != nil {
		t.Fatal(err)
	}
	m := &mapping{types: map[string]xsdNode{}}
	for _, child := range root.Children {
		if child.XMLName.Local == "element" && child.attr("name") == "tsResponse" {
			m.root = child.Children[0]
		} else if child.XMLName.Local != "element" {
			m.types[child.attr("name")] = child
		}
	}
	return m
}

// child returns the declaration of an element inside a type.
func (m *mapping) child(inside xsdNode, name string) (found xsdNode, ok bool) {
	for _, c := range inside.Children {
		switch c.XMLName.Local {
		case "element":
			if c.attr("name") == name {
				return c, true
			}
			continue
		case "group":
			c = m.types[c.attr("ref")]
		case "extension":
			if found, ok := m.child(m.types[c.attr("base")], name); ok {
				return found, true
			}
		}
		if found, ok := m.child(c, name); ok {
			return found, true
		}
	}
	return xsdNode{}, false
}

// toJSON is how Tableau shows an element in JSON: attributes as texts, children by name, in an array where the schema allows
// several, and an element that is only a text as that.
func (m *mapping) toJSON(t *testing.T, n node, declared xsdNode) any {
	object := map[string]any{}
	for _, a := range n.Attrs {
		if a.Name.Space == "" && a.Name.Local != "xmlns" {
			object[a.Name.Local] = a.Value
		}
	}
	if text := strings.TrimSpace(n.Text); text != "" {
		if len(object) == 0 {
			return text
		}
		object["value"] = text
	}
	for _, c := range n.Children {
		name := c.XMLName.Local
		element, ok := m.child(declared, name)
		if !ok {
			t.Errorf("the schema has no <%s> in <%s>", name, n.XMLName.Local)
		}
		inside := m.types[element.attr("type")]
		if element.attr("type") == "" && len(element.Children) > 0 {
			inside = element.Children[0]
		}
		value := m.toJSON(t, c, inside)
		if most := element.attr("maxOccurs"); most != "" && most != "1" {
			list, _ := object[name].([]any)
			object[name] = append(list, value)
		} else {
			object[name] = value
		}
	}
	return object
}

// compareWithJSON asks again for JSON, which must say what the answer in XML says.
func compareWithJSON(t *testing.T, m *mapping, one request, answer reply) {
	t.Helper()
	if !strings.HasPrefix(answer.header.Get("Content-Type"), "application/xml") {
		return
	}
	path := "/api/" + version + strings.ReplaceAll(one.path, "{site}", one.by.site)
	r := one.by.send("GET", path, http.Header{"Accept": {"application/json"}}, nil)
	if got := r.header.Get("Content-Type"); got != "application/json;charset=UTF-8" {
		t.Errorf("%s: Content-Type %q", one.path, got)
	}
	var got any
	if err := json.Unmarshal(r.body, &got); err != nil {
		t.Errorf("%s: %v in %s", one.path, err, r.body)
	}
	if diff := cmp.Diff(m.toJSON(t, answer.must(t, 200), m.root), got); diff != "" {
		t.Errorf("%s: %s", one.path, diff)
	}
}
