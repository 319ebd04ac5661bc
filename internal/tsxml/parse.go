package tsxml

import (
	"fmt"
	"io"
)

// ParseXML reads one XML document of at most limit bytes. Prefixes, namespace declarations and attributes with
// a prefix are dropped, and so is text that is nothing but white space. It refuses what is not well-formed and,
// so that no input can exhaust memory or time, document type declarations, entities other than XML's own five,
// more than 64 levels and more than 1,000 attributes of one element. The tree shares the
// document's memory and takes at most some 30 times as much. The error says what is wrong for a person.
func ParseXML(r io.Reader, limit int64) (*Element, error) {
	data, err := readLimited(r, limit)
	if err != nil {
		return nil, err
	}
	s := newScanner(data)
	var root *Element
	var open [maxDepth]*Element
	var texts [maxDepth]text
	for {
		token, err := s.next()
		if err != nil {
			return nil, err
		}
		switch token {
		case endOfInput:
			if root == nil {
				return nil, s.failEnd()
			}
			return root, nil
		case characters:
			if s.depth > 0 {
				texts[s.depth-1].add(s)
			} else if !isBlank(s.string(s.value)) && s.string(s.value) != "\uFEFF" {
				return nil, s.fail("text outside of the root element")
			}
		case startElement:
			level := s.depth - 1
			e, err := parseTag(s)
			if err != nil {
				return nil, err
			}
			open[level], texts[level] = e, text{}
			if level > 0 {
				open[level-1].Add(e)
			} else if root == nil {
				root = e
			} else {
				return nil, s.fail("a second root element <%s>", s.show(s.name))
			}
		case endElement:
			if t := texts[s.depth].string(); !isBlank(t) {
				open[s.depth].Text = t
			}
		}
	}
}

// parseTag returns the element just started with its attributes.
func parseTag(s *scanner) (*Element, error) {
	e := &Element{Name: s.localString(s.name)}
	shown := s.show(s.name)
	if s.prefix(s.name) != "" && !isName(s.local(s.name)) {
		return nil, s.fail("%q is not a name", shown) // without its prefix, which is how it would be written again
	}
	for {
		more, err := s.attribute()
		if err != nil {
			return nil, err
		}
		if !more {
			return e, nil
		}
		name := s.localString(s.name)
		if s.prefix(s.name) != "" || name == "xmlns" {
			continue
		}
		if _, twice := e.Lookup(name); twice {
			return nil, s.fail("<%s> has two attributes %s", shown, s.show(s.name))
		}
		if len(e.Attrs) == maxAttributes {
			return nil, s.fail("<%s> has more than %d attributes", shown, maxAttributes)
		}
		e.Attrs = append(e.Attrs, Attr{name, s.string(s.value)})
	}
}

// readLimited reads everything, or fails when there is more than limit bytes.
func readLimited(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading the document: %w", err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("the document is larger than the %d bytes allowed", limit)
	}
	return data, nil
}
