package tsxml

import (
	"encoding"
	"encoding/xml"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// plan says how a struct type is filled; it is made once per type.
type plan struct {
	attributes names
	fields     []*field // of the attributes, by number
	first      guess    // which attribute comes first
	extra      *field   // takes the attributes without a field; a slice of xml.Attr
	text       *field   // takes the character data
	children   *node
}

// node is a step on the way to elements that have a place: names below one element.
// An element either has a place itself or leads to places.
type node struct {
	field  *field        // where the element goes, nil when it only leads on
	target reflect.Value // for the targets of Decode, which are no fields: where it goes
	names  names
	below  []*node // by number
}

// field is a place in a struct, and how what goes there is made.
type field struct {
	name  string // in the document, for error messages
	index []int
	shape shape

	opening string // of the attribute as it is commonly written: name, = and quote; "" when it is never looked for
	next    guess  // which attribute comes after this one

	isString bool    // an attribute's field that is a string itself, as most are
	isTime   bool    // or a time.Time
	offset   uintptr // then: where it lies in the struct
}

// guess is what came at some place of an element of this type the last time, in whatever document: servers write
// the attributes of all elements in one order.
type guess = atomic.Pointer[field]

// shape says what kind of Go value stands for an element or attribute.
type shape struct {
	slice   bool // repeated elements: a slice of the rest
	pointer bool
	value   reflect.Type // the type itself
	kind    reflect.Kind // its kind: String, Bool, Int64 for all signed, Uint64 for all unsigned, Float64 for both floats, Struct
	plan    *plan        // of a struct; nil for a time.Time
}

var (
	timeType       = reflect.TypeFor[time.Time]()
	nameType       = reflect.TypeFor[xml.Name]()
	attributeType  = reflect.TypeFor[xml.Attr]()
	ownDecodeTypes = []reflect.Type{
		reflect.TypeFor[xml.Unmarshaler](),
		reflect.TypeFor[xml.UnmarshalerAttr](),
		reflect.TypeFor[encoding.TextUnmarshaler](),
	}
)

// compiler holds the plans under way, since a type may contain itself.
type compiler map[reflect.Type]*plan

func (c compiler) plan(t reflect.Type) (*plan, error) {
	if p, ok := c[t]; ok {
		return p, nil
	}
	p := &plan{children: new(node)}
	c[t] = p
	if err := c.addFields(p, t, nil, 0); err != nil {
		return nil, err
	}
	return p, nil
}

// addFields adds the fields of t, which lies at index inside the planned type.
func (c compiler) addFields(p *plan, t reflect.Type, index []int, offset uintptr) error {
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("xml")
		if tag == "-" || !f.IsExported() && !f.Anonymous {
			continue
		}
		at := append(index[:len(index):len(index)], i)
		var err error
		if f.Anonymous {
			if f.Type.Kind() != reflect.Struct || tag != "" || f.Type == timeType {
				err = errors.New("only structs may be embedded, and without a tag")
			} else {
				err = c.addFields(p, f.Type, at, offset+f.Offset)
			}
		} else {
			err = c.addField(p, f, tag, at, offset)
		}
		if err != nil {
			return fmt.Errorf("%s.%s: %w", t, f.Name, err)
		}
	}
	return nil
}

func (c compiler) addField(p *plan, f reflect.StructField, tag string, index []int, offset uintptr) error {
	path, options, _ := strings.Cut(tag, ",")
	if strings.Contains(path, " ") || f.Name == "XMLName" {
		return errors.New("namespaces and XMLName are not supported")
	}
	named := path != ""
	if !named {
		path = f.Name
	}
	var attribute, text, rest bool
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "", "omitempty":
		case "attr":
			attribute = true
		case "chardata":
			text = true
		case "any":
			rest = true
		default:
			return fmt.Errorf("the option %q is not supported", option)
		}
	}
	if rest {
		if !attribute || text || named || f.Type.Kind() != reflect.Slice || f.Type.Elem() != attributeType || decodesItself(f.Type) {
			return errors.New(`",any,attr" needs a []xml.Attr, and ",any" alone is not supported`)
		}
		if p.extra != nil {
			return errors.New(`a second ",any,attr"`)
		}
		p.extra = &field{index: index}
		return nil
	}
	s, err := c.shape(f.Type)
	if err != nil {
		return err
	}
	place := &field{name: path, index: index, shape: s}
	if !attribute && !text {
		return p.children.add(path, &node{field: place})
	}
	if s.slice || s.plan != nil || attribute && (text || strings.Contains(path, ">")) || text && (s.pointer || named) {
		return fmt.Errorf("an attribute or character data cannot go into a %s", f.Type)
	}
	if text {
		if p.text != nil {
			return errors.New(`a second ",chardata"`)
		}
		p.text = place
		return nil
	}
	if p.attributes.find([]byte(path)) >= 0 {
		return fmt.Errorf("attribute %q has two fields", path)
	}
	place.isString = s.kind == reflect.String && !s.pointer
	place.isTime = s.value == timeType && !s.pointer
	place.offset = offset + f.Offset
	if !strings.Contains(path, ":") && path[0] != 'x' { // neither a prefix nor perhaps xmlns, which say more
		place.opening = " " + path + `="`
	}
	p.attributes.add(path)
	p.fields = append(p.fields, place)
	return nil
}

// add puts a leaf at a path such as "a" or "a>b".
func (n *node) add(path string, leaf *node) error {
	steps := strings.Split(path, ">")
	for i, step := range steps {
		if step == "" {
			return fmt.Errorf("the path %q has an empty step", path)
		}
		next := n.child([]byte(step))
		last := i == len(steps)-1
		if next != nil && (last || next.field != nil) {
			return fmt.Errorf("the path %q meets another one", path)
		}
		if next == nil {
			next = new(node)
			if last {
				next = leaf
			}
			n.names.add(step)
			n.below = append(n.below, next)
		}
		n = next
	}
	return nil
}

// child returns the next step for an element of that name, nil when it is not wanted.
func (n *node) child(name []byte) *node {
	i := n.names.find(name)
	if i < 0 {
		return nil
	}
	return n.below[i]
}

func (c compiler) shape(t reflect.Type) (shape, error) {
	s := shape{value: t}
	if t.Kind() == reflect.Slice && !decodesItself(t) {
		s.slice = true
		s.value = t.Elem()
	}
	if s.value.Kind() == reflect.Pointer {
		s.pointer = true
		s.value = s.value.Elem()
	}
	switch kind := s.value.Kind(); kind {
	case reflect.String, reflect.Bool:
		s.kind = kind
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		s.kind = reflect.Int64
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		s.kind = reflect.Uint64
	case reflect.Float32, reflect.Float64:
		s.kind = reflect.Float64
	case reflect.Struct:
		s.kind = kind
	}
	bytes := s.slice && !s.pointer && s.value.Kind() == reflect.Uint8
	if s.kind == reflect.Invalid || bytes || s.value == nameType || s.value != timeType && decodesItself(s.value) {
		return shape{}, fmt.Errorf("the type %s is not supported", t)
	}
	if s.kind == reflect.Struct && s.value != timeType {
		var err error
		if s.plan, err = c.plan(s.value); err != nil {
			return shape{}, err
		}
	}
	return s, nil
}

// decodesItself reports whether encoding/xml would leave the decoding to the type's own method.
func decodesItself(t reflect.Type) bool {
	for _, own := range ownDecodeTypes {
		if t.Implements(own) || reflect.PointerTo(t).Implements(own) {
			return true
		}
	}
	return false
}

// shapeOf returns the shape of a target's type, with the plans it needs.
func shapeOf(t reflect.Type) (shape, error) {
	if s, ok := shapes.Load(t); ok {
		return s.(shape), nil
	}
	s, err := make(compiler).shape(t)
	if err == nil {
		shapes.Store(t, s)
	}
	return s, err
}

var shapes sync.Map // of shape by reflect.Type, for the types of targets
