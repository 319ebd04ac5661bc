package wiretest

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
)

// A node is an element without its namespace.
type node struct {
	name     string
	attrs    map[string]string
	text     string
	children []*node
}

// parseXML reads a document and drops what means nothing: namespaces, the order
// of attributes, the case of booleans and host names, blanks around text, empty
// elements, and IDs that Python makes up.
func parseXML(text string) (*node, error) {
	decoder := xml.NewDecoder(strings.NewReader(text))
	root := &node{}
	open := []*node{root}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		top := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			child := &node{name: token.Name.Local, attrs: map[string]string{}}
			for _, attr := range token.Attr {
				if attr.Value == "{random-uuid}" || attr.Name.Space == "xmlns" || attr.Name.Local == "xmlns" || attr.Name.Local == "schemaLocation" {
					continue
				}
				child.attrs[attr.Name.Local] = lowerBoolean(attr.Value)
				if attr.Name.Local == "serverAddress" {
					child.attrs[attr.Name.Local] = strings.ToLower(attr.Value)
				}
			}
			top.children = append(top.children, child)
			open = append(open, child)
		case xml.EndElement:
			top.text = lowerBoolean(strings.TrimSpace(top.text))
			open = open[:len(open)-1]
		case xml.CharData:
			top.text += string(token)
		}
	}
	if len(root.children) != 1 {
		return nil, fmt.Errorf("%d root elements", len(root.children))
	}
	document := root.children[0]
	document.dropEmpty()
	document.sortSets()
	return document, nil
}

// dropEmpty removes elements that hold nothing.
func (n *node) dropEmpty() {
	var kept []*node
	for _, child := range n.children {
		child.dropEmpty()
		if len(child.attrs) > 0 || len(child.children) > 0 || child.text != "" {
			kept = append(kept, child)
		}
	}
	n.children = kept
}

// setElements are elements whose order means nothing, with the attribute that
// names them: the Python client keeps tags in a set and capabilities in a
// dictionary.
var setElements = map[string]string{"tag": "label", "capability": "name"}

// sortSets orders these elements.
func (n *node) sortSets() {
	sort.SliceStable(n.children, func(i, j int) bool {
		a, b := n.children[i], n.children[j]
		key := setElements[a.name]
		return key != "" && a.name == b.name && a.attrs[key] < b.attrs[key]
	})
	for _, child := range n.children {
		child.sortSets()
	}
}

// flatten lists every value of the document by its path. Elements of one name
// are counted in their order. The order of elements of different names says
// nothing: the schema prescribes it, and [compareOrder] holds ours to it.
func (n *node) flatten(path string, into map[string]string) {
	into[path] = n.text
	for name, value := range n.attrs {
		into[path+"@"+name] = value
	}
	seen := map[string]int{}
	for _, child := range n.children {
		seen[child.name]++
		step := child.name
		if seen[child.name] > 1 {
			step = fmt.Sprintf("%s[%d]", child.name, seen[child.name])
		}
		child.flatten(path+"/"+step, into)
	}
}

// compareXML lists the differences of two documents, "body tsRequest/x@y".
func compareXML(part, want, got string) []difference {
	if strings.TrimSpace(want) == "" && strings.TrimSpace(got) == "" {
		return nil
	}
	wantDocument, err := parseXML(want)
	if err != nil {
		return []difference{{Part: part, Want: want, Got: got}}
	}
	gotDocument, err := parseXML(got)
	if err != nil {
		return []difference{{Part: part, Want: want, Got: "no XML (" + err.Error() + "): " + got}}
	}
	wantValues, gotValues := map[string]string{}, map[string]string{}
	wantDocument.flatten(wantDocument.name, wantValues)
	gotDocument.flatten(gotDocument.name, gotValues)
	var found []difference
	for _, key := range sortedKeys(wantValues, gotValues) {
		w, inWant := wantValues[key]
		g, inGot := gotValues[key]
		if !inWant {
			w = absent
		}
		if !inGot {
			g = absent
		}
		if w != g {
			found = append(found, difference{Part: part + " " + key, Want: w, Got: g})
		}
	}
	return found
}

// sortedKeys returns the keys of both maps in order.
func sortedKeys[V any](a, b map[string]V) []string {
	var keys []string
	for key := range a {
		keys = append(keys, key)
	}
	for key := range b {
		if _, ok := a[key]; !ok {
			keys = append(keys, key)
		}
	}
	sort.Strings(keys)
	return keys
}

// lowerBoolean lower-cases True and False and leaves other text alone.
func lowerBoolean(text string) string {
	if strings.EqualFold(text, "true") || strings.EqualFold(text, "false") {
		return strings.ToLower(text)
	}
	return text
}
