package tableau_test

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tabctl/tableau-go/tableau"
)

// complexType is what the official schema says of one element's content.
type complexType struct {
	Name       string            `xml:"name,attr"`
	Attributes []schemaAttribute `xml:"attribute"`
	Sequence   particle          `xml:"sequence"`
	Choice     particle          `xml:"choice"`
	All        particle          `xml:"all"`
	Mixed      bool              `xml:"mixed,attr"`
	Simple     *struct {
		Extension struct {
			Base       string            `xml:"base,attr"`
			Attributes []schemaAttribute `xml:"attribute"`
		} `xml:"extension"`
	} `xml:"simpleContent"`
}

type particle struct {
	Elements  []schemaElement `xml:"element"`
	Choices   []particle      `xml:"choice"`
	Sequences []particle      `xml:"sequence"`
}

type schemaAttribute struct {
	Name string `xml:"name,attr"`
}

type schemaElement struct {
	Name   string       `xml:"name,attr"`
	Type   string       `xml:"type,attr"`
	Inline *complexType `xml:"complexType"`
}

func (p particle) find(name string) (schemaElement, bool) {
	for _, element := range p.Elements {
		if element.Name == name {
			return element, true
		}
	}
	for _, inner := range append(p.Choices, p.Sequences...) {
		if element, ok := inner.find(name); ok {
			return element, true
		}
	}
	return schemaElement{}, false
}

func (c complexType) element(name string) (schemaElement, bool) {
	for _, p := range []particle{c.Sequence, c.Choice, c.All} {
		if element, ok := p.find(name); ok {
			return element, true
		}
	}
	return schemaElement{}, false
}

func (c complexType) hasAttribute(name string) bool {
	attributes := c.Attributes
	if c.Simple != nil {
		attributes = append(attributes, c.Simple.Extension.Attributes...)
	}
	for _, attribute := range attributes {
		if attribute.Name == name {
			return true
		}
	}
	return false
}

// Names that servers use although the newest schema does not have them.
var unknownToSchema = map[string]string{
	"dataSourceType askData":             "older servers have Ask Data",
	"siteType statusReason":              "older servers tell why a site is suspended",
	"taskExtractRefreshType flow":        "of a task that runs a flow, which shares the type",
	"taskExtractRefreshType flowRunSpec": "of a task that runs a flow, which shares the type",
	"taskExtractRefreshType lastRunAt":   "of data acceleration, which shares the type",
}

// TestTypesAgainstSchema walks every answer type and holds its names against
// Tableau's schema: a name that the schema does not know is a mistake.
func TestTypesAgainstSchema(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("..", "..", "shared", "reference", "ts-api_3_29.xsd"))
	if err != nil {
		t.Skipf("the official schema is not here: %v", err)
	}
	var schema struct {
		Types []complexType `xml:"complexType"`
	}
	if err := xml.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	walk := schemaWalk{t: t, types: map[string]complexType{}, needed: map[string]bool{}}
	for _, c := range schema.Types {
		walk.types[c.Name] = c
	}
	for name, value := range map[string]any{
		"workbookType": tableau.Workbook{}, "viewType": tableau.View{}, "projectType": tableau.Project{},
		"siteType": tableau.Site{}, "connectionType": tableau.Connection{}, "jobType": tableau.Job{},
		"permissionsType": tableau.PermissionsXML{}, "tagBatchType": tableau.TagBatchXML{},
		"userType": tableau.User{}, "groupType": tableau.Group{}, "favoriteType": tableau.Favorite{},
		"siteAuthConfigurationType": tableau.AuthConfiguration{},
		"fileUploadType":            tableau.FileUpload{},
		"dataSourceType":            tableau.DataSource{}, "revisionType": tableau.Revision{},
		"dataQualityWarningType": tableau.QualityWarning{},
		"backgroundJobType":      tableau.BackgroundJob{},
		"scheduleType":           tableau.Schedule{}, "extractType": tableau.ScheduledExtract{}, "warningType": tableau.Warning{},
		"taskExtractRefreshType": tableau.Task{}, "subscriptionType": tableau.Subscription{},
	} {
		if _, ok := walk.types[name]; !ok {
			t.Errorf("the schema has no %s", name)
			continue
		}
		walk.check(reflect.TypeOf(value), walk.types[name], 0)
	}
	for name := range unknownToSchema {
		if !walk.needed[name] {
			t.Errorf("the exception for %q is not needed", name)
		}
	}
	if walk.checked < 200 {
		t.Errorf("only %d names were checked", walk.checked)
	}
}

type schemaWalk struct {
	t       *testing.T
	types   map[string]complexType
	needed  map[string]bool // exceptions met
	checked int
}

func (w *schemaWalk) check(goType reflect.Type, c complexType, depth int) {
	if depth > 4 {
		return
	}
	for field := range goType.Fields() {
		name, option, _ := strings.Cut(field.Tag.Get("xml"), ",")
		switch {
		case name == "" && strings.Contains(option, "any"), strings.Contains(option, "chardata"), name == "-":
			continue
		case name == "":
			w.t.Errorf("%s.%s has no xml name", goType.Name(), field.Name)
			continue
		}
		w.checked++
		if strings.Contains(option, "attr") {
			if !c.hasAttribute(name) {
				w.unknown(goType, c, name)
			}
			continue
		}
		at, missing := c, false
		for _, step := range strings.Split(name, ">") {
			element, ok := at.element(step)
			if !ok {
				w.unknown(goType, c, name)
				missing = true
				break
			}
			at = w.types[element.Type]
			if element.Inline != nil {
				at = *element.Inline
				at.Name = c.Name + "/" + step
			}
		}
		inner := field.Type
		for inner.Kind() == reflect.Slice || inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if !missing && inner.Kind() == reflect.Struct && inner != reflect.TypeFor[time.Time]() {
			w.check(inner, at, depth+1)
		}
	}
}

func (w *schemaWalk) unknown(goType reflect.Type, c complexType, name string) {
	key := c.Name + " " + name
	if _, ok := unknownToSchema[key]; ok {
		w.needed[key] = true
		return
	}
	w.t.Errorf("%s: the schema's %s has no %s", goType.Name(), c.Name, name)
}
