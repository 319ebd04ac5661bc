package schema

import (
	"encoding/xml"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write request.txt from the official schema")

// shared returns the path of reference material, or skips the test where it is absent.
func shared(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "..", "shared", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the reference material is absent: %v", err)
	}
	return path
}

// TestRequestTable holds request.txt equal to the official schema.
func TestRequestTable(t *testing.T) {
	data, err := os.ReadFile(shared(t, "reference/ts-api_3_29.xsd"))
	if err != nil {
		t.Fatal(err)
	}
	var root xsdNode
	if err := xml.Unmarshal(data, &root); err != nil {
		t.Fatal(err)
	}
	want := convert(t, root)
	if *update {
		if err := os.WriteFile("request.txt", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != official {
		t.Error("request.txt differs from the official schema: run go test ./emulator/internal/schema -update")
	}
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

// converter writes types in the notation of request.txt.
type converter struct {
	t     *testing.T
	named map[string]xsdNode // types and groups of attributes
	done  map[string]bool
	lines []string
}

func convert(t *testing.T, root xsdNode) string {
	c := &converter{t: t, named: map[string]xsdNode{}, done: map[string]bool{}}
	var request xsdNode
	for _, child := range root.Children {
		switch kind := child.XMLName.Local; {
		case kind == "element" && child.attr("name") == "tsRequest":
			request = child.Children[0]
		case kind != "element":
			c.named[child.attr("name")] = child
		}
	}
	c.complexType("tsRequest", request)
	slices.Sort(c.lines)
	return "# What Tableau's schema of REST API 3.29 says of requests. Written by go test -update; see table.go.\n" + strings.Join(c.lines, "\n") + "\n"
}

// reference returns how a type is called, and has it written.
func (c *converter) reference(name string) string {
	if base, ok := strings.CutPrefix(name, "xs:"); ok {
		return base
	}
	if !c.done[name] {
		c.done[name] = true
		switch n := c.named[name]; n.XMLName.Local {
		case "complexType":
			c.complexType(name, n)
		case "simpleType":
			c.simpleType(name, n)
		default:
			c.t.Fatalf("no type %q", name)
		}
	}
	return name
}

// typeOf returns the type of an element or attribute, which may be given in place.
func (c *converter) typeOf(n xsdNode, owner string) string {
	if name := n.attr("type"); name != "" {
		return c.reference(name)
	}
	if len(n.Children) == 0 {
		return "string" // no type: any text
	}
	name := owner + "." + n.attr("name")
	if n.Children[0].XMLName.Local == "complexType" {
		c.complexType(name, n.Children[0])
	} else {
		c.simpleType(name, n.Children[0])
	}
	return name
}

func (c *converter) simpleType(name string, n xsdNode) {
	literals, rules := c.alternatives(n)
	c.lines = append(c.lines, name+" = "+strings.Join(append(literals, rules...), " "))
}

func (c *converter) alternatives(n xsdNode) (literals, rules []string) {
	inner := n.Children[0]
	if inner.XMLName.Local == "union" {
		for _, member := range inner.Children {
			l, r := c.alternatives(member)
			literals, rules = append(literals, l...), append(rules, r...)
		}
		return literals, rules
	}
	rule := strings.TrimPrefix(inner.attr("base"), "xs:")
	least, most := "", ""
	for _, facet := range inner.Children {
		value := facet.attr("value")
		switch facet.XMLName.Local {
		case "enumeration":
			if strings.ContainsAny(value, " '") {
				c.t.Fatalf("the notation has no room for %q", value)
			}
			literals = append(literals, "'"+value+"'")
		case "pattern":
			rule += "/" + value + "/"
		case "minInclusive", "minLength":
			least = value
		case "maxInclusive", "maxLength":
			most = value
		case "whiteSpace":
		default:
			c.t.Fatalf("unknown facet %s", facet.XMLName.Local)
		}
	}
	if least != "" || most != "" {
		rule += "[" + least + "," + most + "]"
	}
	if len(literals) > 0 {
		return literals, nil
	}
	return nil, []string{rule}
}

func (c *converter) complexType(name string, n xsdNode) {
	var attributes, children []string
	c.content(name, n, &attributes, &children)
	line := name
	if n.attr("abstract") == "true" {
		line += " abstract"
	}
	line += " { " + strings.Join(append(attributes, "}"), " ")
	c.lines = append(c.lines, strings.Join(append([]string{line}, children...), " "))
}

func (c *converter) content(owner string, n xsdNode, attributes, children *[]string) {
	for _, child := range n.Children {
		switch child.XMLName.Local {
		case "attribute":
			mark := ""
			if child.attr("use") == "required" {
				mark = "!"
			}
			*attributes = append(*attributes, child.attr("name")+mark+":"+c.typeOf(child, owner))
		case "attributeGroup":
			c.content(owner, c.named[child.attr("ref")], attributes, children)
		case "sequence":
			if occurs := c.occurs(child); occurs != "" {
				*children = append(*children, c.particle(owner, child))
				continue
			}
			for _, part := range child.Children {
				*children = append(*children, c.particle(owner, part))
			}
		case "choice":
			*children = append(*children, c.particle(owner, child))
		default:
			c.t.Fatalf("%s: unknown content %s", owner, child.XMLName.Local)
		}
	}
}

func (c *converter) particle(owner string, n xsdNode) string {
	switch n.XMLName.Local {
	case "element":
		return n.attr("name") + ":" + c.typeOf(n, owner) + c.occurs(n)
	case "sequence", "choice":
		var parts []string
		for _, part := range n.Children {
			parts = append(parts, c.particle(owner, part))
		}
		open := "( "
		if n.XMLName.Local == "choice" {
			open = "(| "
		}
		return open + strings.Join(parts, " ") + " )" + c.occurs(n)
	}
	c.t.Fatalf("%s: unknown particle %s", owner, n.XMLName.Local)
	return ""
}

func (c *converter) occurs(n xsdNode) string {
	least, most := n.attr("minOccurs"), n.attr("maxOccurs")
	if least == "" {
		least = "1"
	}
	if most == "" {
		most = "1"
	}
	known := map[string]string{"1 1": "", "0 1": "?", "0 unbounded": "*", "1 unbounded": "+"}
	if mark, ok := known[least+" "+most]; ok {
		return mark
	}
	return fmt.Sprintf("{%s,%s}", least, most)
}
