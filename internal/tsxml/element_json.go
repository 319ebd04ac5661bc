package tsxml

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// ParseJSON reads one JSON object, such as {"credentials":{"name":"…"}}, of at most limit bytes and returns it
// as a tsRequest element. Texts, numbers and booleans become attributes, objects become children,
// arrays become repeated children of one name, and null is left out. The error says what is wrong for a person.
func ParseJSON(r io.Reader, limit int64) (*Element, error) {
	data, err := readLimited(r, limit)
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(data) {
		return nil, errors.New("the JSON document is not valid UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	first, err := d.Token()
	if err != nil {
		return nil, jsonError(err)
	}
	if first != json.Delim('{') {
		return nil, errors.New("the JSON document must be one object, such as {\"credentials\": {…}}")
	}
	root := New("tsRequest")
	if err := parseJSONObject(d, root, 1); err != nil {
		return nil, jsonError(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("the JSON document goes on after its object")
	}
	return root, nil
}

func jsonError(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errors.New("the JSON document ends too early")
	}
	return fmt.Errorf("the JSON document is not usable: %w", err)
}

// parseJSONObject reads members up to the closing brace into e.
func parseJSONObject(d *json.Decoder, e *Element, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("it is nested deeper than %d levels", maxDepth)
	}
	for {
		token, err := d.Token()
		if err != nil {
			return err
		}
		name, isName := token.(string)
		if !isName { // the decoder has made sure that it is the closing brace
			return nil
		}
		if !isPlainName(name) {
			return fmt.Errorf("%q cannot be the name of an element or attribute", name[:min(len(name), 100)])
		}
		token, err = d.Token()
		if err != nil {
			return err
		}
		if token != json.Delim('[') {
			if err := parseJSONValue(d, e, name, token, depth); err != nil {
				return err
			}
			continue
		}
		e.List = true
		for d.More() {
			item := New(name)
			token, err := d.Token()
			if err != nil {
				return err
			}
			switch token {
			case json.Delim('['):
				return fmt.Errorf("the array %q holds another array", name[:min(len(name), 100)])
			case json.Delim('{'):
				if err := parseJSONObject(d, item, depth+1); err != nil {
					return err
				}
			case nil:
				continue
			default:
				item.Text = scalar(token)
			}
			e.Add(item)
		}
		if _, err := d.Token(); err != nil {
			return err
		}
	}
}

// parseJSONValue stores a value that is no array.
func parseJSONValue(d *json.Decoder, e *Element, name string, token json.Token, depth int) error {
	switch token {
	case nil:
		return nil
	case json.Delim('{'):
		child := New(name)
		e.Add(child)
		return parseJSONObject(d, child, depth+1)
	}
	if name == "xmlns" {
		return nil
	}
	e.Set(name, scalar(token))
	if len(e.Attrs) > maxAttributes {
		return fmt.Errorf("%q has more than %d members", e.Name[:min(len(e.Name), 100)], maxAttributes)
	}
	return nil
}

// scalar returns a text, number or boolean as an attribute shows it.
func scalar(token json.Token) string { return fmt.Sprint(token) }

// isPlainName reports whether a JSON key can be written as the name of an element or attribute.
func isPlainName(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_':
		case i > 0 && ('0' <= c && c <= '9' || c == '-' || c == '.'):
		default:
			return false
		}
	}
	return s != ""
}

// WriteJSON writes the content of the tree, without the root's own name, as one JSON object in one Write.
// Attributes are strings. Children of one name become an array when there are several, e is a List or they are Repeated.
// An element that holds nothing but text becomes a string; text beside attributes becomes "value".
func (e *Element) WriteJSON(w io.Writer) error {
	return writeBuffered(w, e.appendJSONObject)
}

func (e *Element) appendJSONObject(buf []byte) []byte {
	buf = append(buf, '{')
	comma := false
	key := func(name string) {
		if comma {
			buf = append(buf, ',')
		}
		comma = true
		buf = append(appendJSONString(buf, name), ':')
	}
	for _, a := range e.Attrs {
		key(a.Name)
		buf = appendJSONString(buf, a.Value)
	}
	if e.Text != "" {
		key("value")
		buf = appendJSONString(buf, e.Text)
	}
	for _, group := range groupByName(e.Children) {
		key(group[0].Name)
		if len(group) == 1 && !e.List && !group[0].Repeated {
			buf = group[0].appendJSON(buf)
			continue
		}
		buf = append(buf, '[')
		for i, c := range group {
			if i > 0 {
				buf = append(buf, ',')
			}
			buf = c.appendJSON(buf)
		}
		buf = append(buf, ']')
	}
	return append(buf, '}')
}

func (e *Element) appendJSON(buf []byte) []byte {
	if e.Text != "" && len(e.Attrs) == 0 && len(e.Children) == 0 {
		return appendJSONString(buf, e.Text)
	}
	return e.appendJSONObject(buf)
}

// groupByName gathers the elements of one name, in the order in which the names first occur.
func groupByName(elements []*Element) [][]*Element {
	var groups [][]*Element
	place := make(map[string]int)
	for _, e := range elements {
		g, known := place[e.Name]
		if !known {
			g = len(groups)
			place[e.Name] = g
			groups = append(groups, nil)
		}
		groups[g] = append(groups[g], e)
	}
	return groups
}

// appendJSONString quotes a string; bytes that are not UTF-8 become U+FFFD.
func appendJSONString(buf []byte, s string) []byte {
	const hex = "0123456789abcdef"
	buf = append(buf, '"')
	done := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				buf = append(append(buf, s[done:i]...), "\uFFFD"...)
				done = i + size
			}
			i += size
			continue
		}
		buf = append(buf, s[done:i]...)
		switch c {
		case '"', '\\':
			buf = append(buf, '\\', c)
		case '\n':
			buf = append(buf, '\\', 'n')
		case '\r':
			buf = append(buf, '\\', 'r')
		case '\t':
			buf = append(buf, '\\', 't')
		default:
			buf = append(buf, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		done = i
	}
	return append(append(buf, s[done:]...), '"')
}
