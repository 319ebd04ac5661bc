package wiretest

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// schemaFile is Tableau's official schema, seen from this package.
const schemaFile = "../../../shared/reference/ts-api_3_29.xsd"

// A contentModel is the order in which the schema wants an element's children.
type contentModel struct {
	place map[string]int           // equal where the schema leaves the order open
	inner map[string]*contentModel // of each child
}

// requestModel is the content model of tsRequest, nil where the schema is absent.
var requestModel = sync.OnceValue(func() *contentModel {
	text, err := os.ReadFile(filepath.FromSlash(schemaFile))
	if err != nil {
		return nil
	}
	return readModel(string(text))
})

// readModel reads the content model of tsRequest from a schema.
func readModel(text string) *contentModel {
	schema, err := parseXML(text)
	if err != nil {
		return nil
	}
	types := map[string]*node{}
	for _, child := range schema.children {
		if child.name == "complexType" {
			types[child.attrs["name"]] = child
		}
	}
	known := map[string]*contentModel{}
	for _, child := range schema.children {
		if child.name == "element" && child.attrs["name"] == "tsRequest" {
			return modelOf(child, types, known)
		}
	}
	return nil
}

// modelOf is the content model of an element, nil when it has no children.
func modelOf(element *node, types map[string]*node, known map[string]*contentModel) *contentModel {
	name := element.attrs["type"]
	if _, local, ok := strings.Cut(name, ":"); ok {
		name = local
	}
	definition := types[name]
	if definition == nil {
		for _, child := range element.children {
			if child.name == "complexType" {
				definition = child
			}
		}
	} else if model := known[name]; model != nil {
		return model
	}
	if definition == nil {
		return nil
	}
	model := &contentModel{map[string]int{}, map[string]*contentModel{}}
	if name != "" {
		known[name] = model
	}
	model.read(definition, 0, false, types, known)
	return model
}

// read places the elements of a sequence one after the other and those of a
// choice, or of anything that repeats, side by side. It returns the next place.
func (m *contentModel) read(particle *node, place int, sideBySide bool, types map[string]*node, known map[string]*contentModel) int {
	last := place
	for _, child := range particle.children {
		next := place
		switch child.name {
		case "element":
			name := child.attrs["name"]
			m.place[name], m.inner[name] = place, modelOf(child, types, known)
			next = place + 1
		case "sequence", "choice", "all":
			repeats := child.attrs["maxOccurs"] != "" && child.attrs["maxOccurs"] != "1"
			next = m.read(child, place, sideBySide || repeats || child.name != "sequence", types, known)
		default:
			continue
		}
		last = max(last, next)
		if !sideBySide {
			place = next
		}
	}
	return last
}

// misplaced lists the elements of a document that stand before one that the
// schema puts first, as "workbook: project before connections".
func (m *contentModel) misplaced(n *node) []string {
	if m == nil {
		return nil
	}
	var found []string
	before := ""
	for _, child := range n.children {
		place, ok := m.place[child.name]
		if !ok {
			continue
		}
		if before != "" && m.place[before] > place {
			found = append(found, n.name+": "+before+" before "+child.name)
		}
		before = child.name
		found = append(found, m.inner[child.name].misplaced(child)...)
	}
	return found
}

// compareOrder lists where one of our documents leaves the order of the schema.
func compareOrder(part, text string) []difference {
	document, err := parseXML(text)
	if err != nil || document.name != "tsRequest" {
		return nil
	}
	var found []difference
	for _, what := range requestModel().misplaced(document) {
		found = append(found, difference{Part: part + " order", Want: "the order of the schema", Got: what})
	}
	return found
}

func TestOrderOfTheSchema(t *testing.T) {
	t.Parallel()
	model := readModel(`<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
		<xs:element name="tsRequest"><xs:complexType><xs:choice>
			<xs:sequence><xs:element name="a" type="t"/><xs:element name="b" type="xs:string"/></xs:sequence>
			<xs:element name="c" type="t"/>
		</xs:choice></xs:complexType></xs:element>
		<xs:complexType name="t"><xs:sequence>
			<xs:element name="first" type="t" minOccurs="0"/>
			<xs:choice><xs:element name="left" type="xs:string"/><xs:element name="right" type="xs:string"/></xs:choice>
			<xs:element name="last" type="xs:string" maxOccurs="unbounded"/>
		</xs:sequence></xs:complexType>
	</xs:schema>`)
	for text, want := range map[string]string{
		`<tsRequest><a><first x="1"/><left x="1"/><last x="1"/><last x="2"/></a></tsRequest>`:         "",
		`<tsRequest><a><right x="1"/><left x="1"/></a></tsRequest>`:                                   "",
		`<tsRequest><a><last x="1"/><left x="1"/></a></tsRequest>`:                                    "a: last before left",
		`<tsRequest><c><first><last x="1"/><right x="1"/></first><other x="1"/></c></tsRequest>`:      "first: last before right",
		`<tsRequest><c><left x="1"/><first x="1"/></c><a><last x="1"/><first x="1"/></a></tsRequest>`: "c: left before first; a: last before first",
	} {
		document, err := parseXML(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(model.misplaced(document), "; "); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	if requestModel() == nil {
		t.Skipf("no schema in %s", schemaFile)
	}
	found := compareOrder("body", `<tsRequest><workbook><project id="p"/><connections><connection serverAddress="s"/></connections></workbook></tsRequest>`)
	if len(found) != 1 || found[0].Got != "workbook: project before connections" {
		t.Errorf("differences %v, want that the project stands before the connections", found)
	}
}
