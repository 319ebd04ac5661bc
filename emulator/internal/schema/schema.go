// Package schema checks request documents against Tableau's schema of the REST API.
//
// It knows what the schema says of tsRequest: elements, how often they may occur, attributes, and the values of both. Two
// things differ from a validator. The order of elements is not looked at, since real servers do not look at it and Tableau's
// own clients do not keep to it. And what lenient.txt lists is allowed beyond the schema, because real clients send it.
package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tabctl/tableau-go/internal/tsxml"
)

// Error says where a document departs from the schema, and how.
type Error struct {
	Path   string // such as tsRequest/tags/tag[2]
	Reason string
	Flag   bool // a value is neither true nor false
}

func (e *Error) Error() string { return e.Path + ": " + e.Reason }

// Check returns an [*Error] for the first thing in a tsRequest that the schema does not allow. It writes values as the schema
// has them where lenient.txt knows other ways to write them, such as True for true.
func Check(request *tsxml.Element) error { return requests().check(request) }

// check looks at a whole document.
func (t *table) check(request *tsxml.Element) error {
	if request.Name != "tsRequest" {
		return &Error{Path: request.Name, Reason: "the root element must be <tsRequest>"}
	}
	return t.element(request, "tsRequest", request.Name)
}

func (t *table) element(e *tsxml.Element, typeName, path string) error {
	complexType, known := t.complexTypes[typeName]
	if !known {
		return t.simpleElement(e, typeName, path)
	}
	if complexType.abstract {
		return &Error{Path: path, Reason: "the element is not supported"}
	}
	if e.Text != "" {
		return &Error{Path: path, Reason: fmt.Sprintf("the text '%s' is not allowed here", short(e.Text))}
	}
	for _, a := range e.Attrs {
		attribute, known := complexType.attributes[a.Name]
		if !known {
			return &Error{Path: path, Reason: fmt.Sprintf("the attribute '%s' is not known", short(a.Name))}
		}
		if reason := t.value(attribute.typeName, a.Value); reason != "" {
			return &Error{Path: path, Reason: fmt.Sprintf("the attribute '%s' has the value '%s', which %s", a.Name, short(a.Value), reason),
				Flag: attribute.typeName == "boolean"}
		}
	}
	e.Attrs = slices.DeleteFunc(e.Attrs, func(a tsxml.Attr) bool {
		instead, replaced := t.simpleTypes[complexType.attributes[a.Name].typeName].instead[a.Value]
		return replaced && instead == ""
	})
	for i, a := range e.Attrs {
		if instead, replaced := t.simpleTypes[complexType.attributes[a.Name].typeName].instead[a.Value]; replaced {
			e.Attrs[i].Value = instead
		}
	}
	for _, name := range complexType.required {
		if _, ok := e.Lookup(name); !ok {
			return &Error{Path: path, Reason: fmt.Sprintf("the attribute '%s' is missing", name)}
		}
	}
	counts := make(map[string]int, len(e.Children))
	for _, child := range e.Children {
		if complexType.children[child.Name] == "" {
			return &Error{Path: path, Reason: fmt.Sprintf("the element <%s> is not known", short(child.Name))}
		}
		counts[child.Name]++
	}
	if reason := complexType.content.misfit(counts); reason != "" {
		return &Error{Path: path, Reason: reason}
	}
	seen := make(map[string]int, len(counts))
	for _, child := range e.Children {
		inner := path + "/" + child.Name
		if seen[child.Name]++; counts[child.Name] > 1 {
			inner += fmt.Sprintf("[%d]", seen[child.Name])
		}
		if err := t.element(child, complexType.children[child.Name], inner); err != nil {
			return err
		}
	}
	return nil
}

// simpleElement checks an element that holds a text.
func (t *table) simpleElement(e *tsxml.Element, typeName, path string) error {
	if len(e.Attrs) > 0 {
		return &Error{Path: path, Reason: fmt.Sprintf("the attribute '%s' is not known", short(e.Attrs[0].Name))}
	}
	if len(e.Children) > 0 {
		return &Error{Path: path, Reason: fmt.Sprintf("the element <%s> is not known", short(e.Children[0].Name))}
	}
	if reason := t.value(typeName, e.Text); reason != "" {
		return &Error{Path: path, Reason: fmt.Sprintf("the text is '%s', which %s", short(e.Text), reason)}
	}
	if instead, replaced := t.simpleTypes[typeName].instead[e.Text]; replaced {
		e.Text = instead
	}
	return nil
}

// misfit says how often-enough and not-too-often is missed by the children of an element, or "".
func (p *particle) misfit(counts map[string]int) string {
	if p.name != "" {
		switch n := counts[p.name]; {
		case n < p.min:
			return fmt.Sprintf("the element <%s> is missing", p.name)
		case n > p.max:
			return fmt.Sprintf("the element <%s> occurs %d times; at most %d are allowed", p.name, n, p.max)
		}
		return ""
	}
	if p.min == 0 && !p.presentIn(counts) {
		return ""
	}
	if !p.choice {
		for _, part := range p.parts {
			if reason := part.misfit(counts); reason != "" {
				return reason
			}
		}
		return ""
	}
	var chosen []*particle
	for _, part := range p.parts {
		if part.presentIn(counts) {
			chosen = append(chosen, part)
		}
	}
	switch {
	case len(chosen) == 1:
		return chosen[0].misfit(counts)
	case len(chosen) > 1:
		return fmt.Sprintf("%s and %s exclude one another", chosen[0], chosen[1])
	case slices.ContainsFunc(p.parts, func(part *particle) bool { return part.misfit(counts) == "" }):
		return ""
	}
	return "one of these elements is missing: " + strings.Join(p.names(), ", ")
}

func (p *particle) presentIn(counts map[string]int) bool {
	if p.name != "" {
		return counts[p.name] > 0
	}
	return slices.ContainsFunc(p.parts, func(part *particle) bool { return part.presentIn(counts) })
}

// names lists the elements in a particle.
func (p *particle) names() []string {
	if p.name != "" {
		return []string{p.name}
	}
	var all []string
	for _, part := range p.parts {
		all = append(all, part.names()...)
	}
	return all
}

func (p *particle) String() string { return "<" + p.names()[0] + ">" }

// ScalarsToElements turns members of a JSON request into elements where the schema has an element that is only a text: JSON
// does not tell them from attributes.
func ScalarsToElements(request *tsxml.Element) { requests().scalarsToElements(request, "tsRequest") }

func (t *table) scalarsToElements(e *tsxml.Element, typeName string) {
	complexType := t.complexTypes[typeName]
	if complexType == nil {
		return
	}
	e.Attrs = slices.DeleteFunc(e.Attrs, func(a tsxml.Attr) bool {
		if _, isAttribute := complexType.attributes[a.Name]; isAttribute || complexType.children[a.Name] == "" {
			return false
		}
		e.Add(&tsxml.Element{Name: a.Name, Text: a.Value})
		return true
	})
	for _, child := range e.Children {
		t.scalarsToElements(child, complexType.children[child.Name])
	}
}

// short keeps messages readable, whatever was sent.
func short(s string) string {
	if len(s) <= 100 {
		return s
	}
	return strings.ToValidUTF8(s[:100], "") + "…"
}
