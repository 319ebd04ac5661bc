package tsxml

import (
	"io"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Attr is one attribute of an Element.
type Attr struct{ Name, Value string }

// Element is one element of a document: a small tree that is written as XML or JSON.
// Names are local names, without prefix or namespace. The methods that read are safe on a nil Element.
type Element struct {
	Name     string
	Attrs    []Attr // in the order they are written
	Children []*Element
	Text     string // character data; it is written before the children
	List     bool   // the children are items of lists: JSON renders them as arrays even when there is one of a kind
	Repeated bool   // there may be several of its name beside it: as List, for one name among others
}

// New returns an element with attributes given as name, value, name, value.
// It panics when a value is missing.
func New(name string, nameValuePairs ...string) *Element {
	if len(nameValuePairs)%2 != 0 {
		panic("tsxml.New: attribute " + strconv.Quote(nameValuePairs[len(nameValuePairs)-1]) + " of <" + name + "> has no value")
	}
	e := &Element{Name: name}
	if len(nameValuePairs) > 0 {
		e.Attrs = make([]Attr, 0, len(nameValuePairs)/2)
	}
	for i := 0; i < len(nameValuePairs); i += 2 {
		e.Attrs = append(e.Attrs, Attr{nameValuePairs[i], nameValuePairs[i+1]})
	}
	return e
}

// List returns an element whose children are the items of a list. Nil children are skipped.
func List(name string, children ...*Element) *Element {
	e := &Element{Name: name, List: true}
	return e.Add(children...)
}

// Set adds the attribute or replaces its value, and returns e.
func (e *Element) Set(name, value string) *Element {
	for i := range e.Attrs {
		if e.Attrs[i].Name == name {
			e.Attrs[i].Value = value
			return e
		}
	}
	e.Attrs = append(e.Attrs, Attr{name, value})
	return e
}

// SetIf sets the attribute unless the value is empty, and returns e.
func (e *Element) SetIf(name, value string) *Element {
	if value == "" {
		return e
	}
	return e.Set(name, value)
}

// SetBool sets the attribute to "true" or "false", and returns e.
func (e *Element) SetBool(name string, v bool) *Element {
	return e.Set(name, strconv.FormatBool(v))
}

// SetInt sets the attribute to a decimal number, and returns e.
func (e *Element) SetInt(name string, v int64) *Element {
	return e.Set(name, strconv.FormatInt(v, 10))
}

// SetTime sets the attribute to a time in UTC with whole seconds, and returns e. The zero time sets nothing.
func (e *Element) SetTime(name string, t time.Time) *Element {
	if t.IsZero() {
		return e
	}
	return e.Set(name, t.UTC().Format("2006-01-02T15:04:05Z"))
}

// Attr returns the value of an attribute, "" when it is absent.
func (e *Element) Attr(name string) string {
	value, _ := e.Lookup(name)
	return value
}

// Lookup returns the value of an attribute and whether it is present.
func (e *Element) Lookup(name string) (string, bool) {
	if e == nil {
		return "", false
	}
	for _, a := range e.Attrs {
		if a.Name == name {
			return a.Value, true
		}
	}
	return "", false
}

// Child returns the first child of that name, nil when there is none.
func (e *Element) Child(name string) *Element {
	if e == nil {
		return nil
	}
	for _, c := range e.Children {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Add appends children, skipping nil ones, and returns e.
func (e *Element) Add(children ...*Element) *Element {
	for _, c := range children {
		if c != nil {
			e.Children = append(e.Children, c)
		}
	}
	return e
}

// Equal reports whether two trees say the same. The order of attributes, List and Repeated do not matter.
func (e *Element) Equal(other *Element) bool {
	if e == nil || other == nil {
		return e == other
	}
	if e.Name != other.Name || e.Text != other.Text || len(e.Attrs) != len(other.Attrs) || len(e.Children) != len(other.Children) {
		return false
	}
	for _, a := range e.Attrs {
		if v, ok := other.Lookup(a.Name); !ok || v != a.Value {
			return false
		}
	}
	for i := range e.Children {
		if !e.Children[i].Equal(other.Children[i]) {
			return false
		}
	}
	return true
}

// String returns the tree as XML without declaration and namespace.
func (e *Element) String() string {
	if e == nil {
		return "<nil>"
	}
	return string(e.appendXML(nil, ""))
}

const responseNamespace = ` xmlns="http://tableau.com/api" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"` +
	` xsi:schemaLocation="http://tableau.com/api https://help.tableau.com/samples/en-us/rest_api/ts-api_3_29.xsd"`

// WriteXML writes the tree as a document, in one Write. A tsResponse is put in Tableau's namespace.
// Characters that XML cannot carry are written as U+FFFD.
func (e *Element) WriteXML(w io.Writer) error {
	namespace := ""
	if e.Name == "tsResponse" {
		namespace = responseNamespace
	}
	return writeBuffered(w, func(buf []byte) []byte {
		return e.appendXML(append(buf, `<?xml version="1.0" encoding="UTF-8"?>`...), namespace)
	})
}

// buffers are kept for documents to come: pages of lists are large, and growing a buffer to their size costs more than
// filling it.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// maxKept is the size of the largest buffer that is kept.
const maxKept = 4 << 20

func writeBuffered(w io.Writer, fill func(buf []byte) []byte) error {
	kept := buffers.Get().(*[]byte)
	buf := fill((*kept)[:0])
	_, err := w.Write(buf)
	if cap(buf) <= maxKept {
		*kept = buf
		buffers.Put(kept)
	}
	return err
}

func (e *Element) appendXML(buf []byte, namespace string) []byte {
	buf = append(buf, '<')
	buf = append(buf, e.Name...)
	buf = append(buf, namespace...)
	for _, a := range e.Attrs {
		buf = append(buf, ' ')
		buf = append(buf, a.Name...)
		buf = append(buf, '=', '"')
		buf = appendEscaped(buf, a.Value, true)
		buf = append(buf, '"')
	}
	if len(e.Children) == 0 && e.Text == "" {
		return append(buf, '/', '>')
	}
	buf = append(buf, '>')
	buf = appendEscaped(buf, e.Text, false)
	for _, c := range e.Children {
		buf = c.appendXML(buf, "")
	}
	buf = append(buf, '<', '/')
	buf = append(buf, e.Name...)
	return append(buf, '>')
}

// appendEscaped escapes text for an element's content, or for a value in double quotes,
// where a parser would turn a plain tab or line end into a space.
func appendEscaped(buf []byte, s string, attribute bool) []byte {
	done := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c < utf8.RuneSelf && c != '&' && c != '<' && c != '>' && c != '"' {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		replacement := ""
		switch {
		case c == '&':
			replacement = "&amp;"
		case c == '<':
			replacement = "&lt;"
		case c == '>':
			replacement = "&gt;"
		case c == '"' && attribute:
			replacement = "&quot;"
		case c == '\t' && attribute:
			replacement = "&#9;"
		case c == '\n' && attribute:
			replacement = "&#10;"
		case c == '\r':
			replacement = "&#13;"
		case r == utf8.RuneError && size == 1, !isCharacter(r):
			replacement = "\uFFFD"
		}
		if replacement != "" {
			buf = append(buf, s[done:i]...)
			buf = append(buf, replacement...)
			done = i + size
		}
		i += size
	}
	return append(buf, s[done:]...)
}

// isCharacter reports whether XML 1.0 can carry the character.
func isCharacter(r rune) bool {
	switch {
	case r < 0x20:
		return r == '\t' || r == '\n' || r == '\r'
	case r < 0xD800:
		return true
	default:
		return r >= 0xE000 && r != 0xFFFE && r != 0xFFFF && r <= utf8.MaxRune
	}
}

// isBlank reports whether text is nothing but XML's white space.
func isBlank(s string) bool { return strings.Trim(s, " \t\r\n") == "" }
