package content

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// Limits on a document.
const (
	maxDepth = 512
	maxItems = 100_000 // sheets, fields, columns and connections that are kept
)

// document walks an XML document by recursive descent, in one pass.
type document struct {
	decoder *xml.Decoder
	source  *boundedReader
	depth   int
	items   int
}

type element struct{ xml.StartElement }

func newDocument(r io.Reader) *document {
	source := &boundedReader{Reader: r}
	return &document{decoder: xml.NewDecoder(source), source: source}
}

// root returns the document's root element.
func (d *document) root() (element, error) {
	for {
		token, err := d.token()
		if err == io.EOF {
			return element{}, invalid("The file is no XML document.")
		}
		if err != nil {
			return element{}, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			return element{t}, nil
		case xml.CharData:
			if text := strings.TrimSpace(strings.TrimPrefix(string(t), "\ufeff")); text != "" {
				return element{}, invalid("The file is no XML document.")
			}
		}
	}
}

func (d *document) token() (xml.Token, error) {
	d.source.piece = 0
	token, err := d.decoder.Token()
	if err != nil {
		if _, ok := errors.AsType[*InvalidError](err); ok || err == io.EOF {
			return nil, err
		}
		return nil, invalid("The file is damaged or no XML document (%v).", err)
	}
	switch t := token.(type) {
	case xml.StartElement:
		if d.depth++; d.depth > maxDepth {
			return nil, invalid("The file's XML is nested deeper than %d elements.", maxDepth)
		}
	case xml.EndElement:
		d.depth--
	case xml.Directive:
		if strings.Contains(strings.ToLower(string(t[:min(len(t), 64)])), "html") {
			return nil, invalid("The file is an HTML page.")
		}
		return nil, invalid("The file has a document type declaration, which is not allowed.")
	}
	return token, nil
}

// children calls visit for each child of the element that was entered last; what visit leaves unread is skipped.
// visit may be nil.
func (d *document) children(visit func(child element) error) error {
	inside := d.depth
	for {
		token, err := d.token()
		if err == io.EOF {
			return invalid("The file ends in the middle of its XML.")
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			child := d.depth
			if visit != nil {
				if err := visit(element{t}); err != nil {
					return err
				}
			}
			if d.depth == child {
				if err := d.children(nil); err != nil {
					return err
				}
			}
		case xml.EndElement:
			if d.depth < inside {
				return nil
			}
		}
	}
}

// text returns the character data of the element that was entered last, without that of its children.
func (d *document) text() (string, error) {
	inside := d.depth
	var b strings.Builder
	for {
		token, err := d.token()
		if err == io.EOF {
			return "", invalid("The file ends in the middle of its XML.")
		}
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.CharData:
			if d.depth == inside {
				b.Write(t)
			}
		case xml.EndElement:
			if d.depth < inside {
				return b.String(), nil
			}
		}
	}
}

// keep counts something that will be kept in memory.
func (d *document) keep() error {
	if d.items++; d.items > maxItems {
		return invalid("The file has more than %d sheets, fields and columns.", maxItems)
	}
	return nil
}

// compatible strips the marker that newer versions of Tableau put before names whose meaning depends on a feature.
func compatible(name string) string {
	if i := strings.LastIndex(name, "..."); i >= 0 && strings.HasPrefix(name, "_.fcp.") {
		return name[i+len("..."):]
	}
	return name
}

func (e element) name() string { return compatible(e.Name.Local) }

// attr returns an attribute's value, or "".
func (e element) attr(name string) string {
	for _, a := range e.Attr {
		if a.Name.Space == "" && compatible(a.Name.Local) == name {
			return a.Value
		}
	}
	return ""
}
