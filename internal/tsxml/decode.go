package tsxml

import (
	"encoding/xml"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Target says where one element of an answer goes.
type Target struct {
	Path string // the element's name below the root, or names joined by ">": "workbooks>workbook"
	Into any    // **T or *T for one element, *[]T or *[]*T for repeated ones
}

// At returns a Target.
func At(path string, into any) Target { return Target{path, into} }

// Decode reads one tsResponse document and fills the targets. Elements without a target are passed over,
// and a target without an element is left alone. After an error the targets may be partly filled.
//
// Fields carry encoding/xml tags: "name,attr", "name", "a>b", ",chardata", ",any,attr" into a slice of xml.Attr, "-".
// They hold strings, booleans, numbers, time.Time, structs, pointers to these and, for elements, slices of all of them;
// structs may be embedded. A type that asks for more is refused with an error. Names are compared without namespace.
//
// Values and errors are those of encoding/xml, in which ",any,attr" also takes namespace declarations, save that
//   - times are in UTC, an offset may lack its colon ("-0700"), and what is no time becomes the zero time, since servers
//     send impossible dates;
//   - document type declarations, documents nested deeper than 64 elements, documents with more than 256
//     namespace declarations in scope and those whose elements and attributes would fill more than 256 MiB, strings not
//     counted, are refused;
//   - the root must be a tsResponse.
//
// The error of a document that ends too early matches io.ErrUnexpectedEOF.
//
// Memory: strings are parts of data, which must not be changed after Decode; pointed-to structs of one type come from
// common blocks of up to 64. Whoever keeps one short string or one item for long should clone it.
// Only what the targets hold is allocated.
func Decode(data []byte, targets ...Target) error {
	root, err := rootOf(targets)
	if err != nil {
		return err
	}
	d := decoder{scanner: newScanner(data)}
	for {
		token, err := d.next()
		if err != nil {
			return err
		}
		switch token {
		case endOfInput:
			return d.failEnd()
		case startElement:
			if string(d.local(d.name)) != "tsResponse" {
				return d.fail("the document is a <%s>, not a <tsResponse>", d.show(d.name))
			}
			return d.container(reflect.Value{}, root)
		}
	}
}

// rootOf returns the targets as the places below the root element.
func rootOf(targets []Target) (*node, error) {
	root := new(node)
	for _, t := range targets {
		into := reflect.ValueOf(t.Into)
		if into.Kind() != reflect.Pointer || into.IsNil() {
			return nil, fmt.Errorf("decoding %s: the target is a %T, not a pointer to something", t.Path, t.Into)
		}
		s, err := shapeOf(into.Type().Elem())
		if err == nil {
			err = root.add(t.Path, &node{field: &field{name: t.Path, shape: s}, target: into.Elem()})
		}
		if err != nil {
			return nil, fmt.Errorf("decoding %s: %w", t.Path, err)
		}
	}
	return root, nil
}

type decoder struct {
	*scanner
	blocks   []block // one for each type in use, which are few
	filled   uintptr // bytes that what was read takes in the targets
	timeText []byte
}

// maxFilled bounds the memory that an answer of many tiny elements, each a large struct here, can take.
const maxFilled = 256 << 20

// fill counts memory that what was read takes.
func (d *decoder) fill(bytes uintptr) error {
	if d.filled += bytes; d.filled > maxFilled {
		return d.fail("the elements and attributes are too many")
	}
	return nil
}

// block is a run of zero structs of one type, handed out one by one.
type block struct {
	plan   *plan
	values reflect.Value // a slice
	used   int
}

// newStruct returns a pointer to a zero struct of type t, whose plan is p.
func (d *decoder) newStruct(t reflect.Type, p *plan) reflect.Value {
	var b *block
	for i := range d.blocks {
		if d.blocks[i].plan == p {
			b = &d.blocks[i]
			break
		}
	}
	if b == nil {
		d.blocks = append(d.blocks, block{plan: p, values: reflect.MakeSlice(reflect.SliceOf(t), 1, 1)})
		b = &d.blocks[len(d.blocks)-1]
	} else if b.used == b.values.Len() {
		size := min(4*b.used, 64)
		b.values, b.used = reflect.MakeSlice(b.values.Type(), size, size), 0
	}
	b.used++
	return b.values.Index(b.used - 1).Addr()
}

// container reads the rest of an element that has no place itself: v is the struct, if any, that the places below are in.
func (d *decoder) container(v reflect.Value, n *node) error {
	for {
		token, err := d.next()
		if err != nil {
			return err
		}
		switch token {
		case startElement:
			if err := d.child(v, n); err != nil {
				return err
			}
		case endElement:
			return nil
		}
	}
}

// child reads the element just started below n.
func (d *decoder) child(v reflect.Value, n *node) error {
	next := n.child(d.local(d.name))
	switch {
	case next == nil:
		return d.skip()
	case next.field == nil:
		return d.container(v, next)
	case next.target.IsValid():
		return d.element(next.target, next.field)
	default:
		return d.element(fieldOf(v, next.field), next.field)
	}
}

// element reads the rest of the element just started into v.
func (d *decoder) element(v reflect.Value, f *field) error {
	s := &f.shape
	if s.slice || s.pointer && v.IsNil() {
		if err := d.fill(s.value.Size()); err != nil {
			return err
		}
	}
	if s.slice {
		n := v.Len()
		v.Grow(1)
		v.SetLen(n + 1)
		v = v.Index(n)
	}
	if s.pointer {
		if v.IsNil() {
			if s.plan != nil {
				v.Set(d.newStruct(s.value, s.plan))
			} else {
				v.Set(reflect.New(s.value))
			}
		}
		v = v.Elem()
	}
	if s.plan != nil {
		return d.structure(v, s.plan)
	}
	var text text
	for {
		token, err := d.next()
		if err != nil {
			return err
		}
		switch token {
		case characters:
			text.add(d.scanner)
		case startElement:
			if err := d.skip(); err != nil {
				return err
			}
		case endElement:
			return d.setString(v, f, text.string())
		}
	}
}

// structure reads the rest of the element just started into the struct v.
func (d *decoder) structure(v reflect.Value, p *plan) error {
	memory := v.Addr().UnsafePointer()
	prefixed := -1 // the first extra attribute with a prefix
	guess := &p.first
	for {
		f := guess.Load()
		if f != nil && d.opens(f.opening) {
			if err := d.attributeValue('"'); err != nil {
				return err
			}
		} else {
			more, err := d.attribute()
			if err != nil {
				return err
			}
			if !more {
				break
			}
			f = nil
			if i := p.attributes.find(d.local(d.name)); i >= 0 {
				f = p.fields[i]
				guess.Store(f)
			}
		}
		if f != nil {
			guess = &f.next
			if f.isString {
				*at[string](memory, f.offset) = d.string(d.value)
			} else if f.isTime {
				setTime(at[time.Time](memory, f.offset), d.bytes(d.value))
			} else if err := d.set(fieldOf(v, f), f, d.value); err != nil {
				return err
			}
		} else if p.extra != nil {
			if err := d.fill(4 * reflect.TypeFor[xml.Attr]().Size()); err != nil { // their slice is copied as it grows
				return err
			}
			extra := fieldOf(v, p.extra)
			n := extra.Len()
			extra.Grow(1)
			extra.SetLen(n + 1)
			a, _ := reflect.TypeAssert[*xml.Attr](extra.Index(n).Addr())
			*a = xml.Attr{Name: xml.Name{Space: d.prefix(d.name), Local: d.localString(d.name)}, Value: d.string(d.value)}
			if a.Name.Space != "" && prefixed < 0 {
				prefixed = n
			}
		}
	}
	if prefixed >= 0 { // only now are all declarations of the tag known
		extra := fieldOf(v, p.extra)
		for i := prefixed; i < extra.Len(); i++ {
			a, _ := reflect.TypeAssert[*xml.Attr](extra.Index(i).Addr())
			a.Name.Space = d.resolve(a.Name.Space)
		}
	}
	var text text
	for {
		token, err := d.next()
		if err != nil {
			return err
		}
		switch token {
		case characters:
			if p.text != nil {
				text.add(d.scanner)
			}
		case startElement:
			if err := d.child(v, p.children); err != nil {
				return err
			}
		case endElement:
			if p.text != nil {
				return d.setString(fieldOf(v, p.text), p.text, text.string())
			}
			return nil
		}
	}
}

func fieldOf(v reflect.Value, f *field) reflect.Value {
	for _, i := range f.index {
		v = v.Field(i)
	}
	return v
}

// text gathers the character data of one element, which comments and children may interrupt.
type text struct {
	pieces int
	first  string
	all    []byte // from the second piece on
}

func (t *text) add(s *scanner) {
	switch t.pieces {
	case 0:
		t.first = s.string(s.value)
	case 1:
		t.all = append(append(t.all, t.first...), s.bytes(s.value)...)
	default:
		t.all = append(t.all, s.bytes(s.value)...)
	}
	t.pieces++
}

func (t *text) string() string {
	if t.pieces > 1 {
		return string(t.all)
	}
	return t.first
}

// set stores an attribute's value.
func (d *decoder) set(v reflect.Value, f *field, value value) error {
	if f.shape.pointer {
		if v.IsNil() {
			v.Set(reflect.New(f.shape.value))
		}
		v = v.Elem()
	}
	return d.setString(v, f, d.string(value))
}

// setString stores text in a place that is no pointer.
func (d *decoder) setString(v reflect.Value, f *field, s string) error {
	var err error
	switch f.shape.kind {
	case reflect.String:
		v.SetString(s)
		return nil
	case reflect.Struct:
		t, _ := reflect.TypeAssert[*time.Time](v.Addr())
		d.timeText = append(d.timeText[:0], s...)
		setTime(t, d.timeText)
		return nil
	}
	if s == "" {
		v.SetZero()
		return nil
	}
	s = strings.TrimSpace(s)
	switch f.shape.kind {
	case reflect.Bool:
		var b bool
		if b, err = strconv.ParseBool(s); err == nil {
			v.SetBool(b)
		}
	case reflect.Int64:
		var n int64
		if n, err = strconv.ParseInt(s, 10, v.Type().Bits()); err == nil {
			v.SetInt(n)
		}
	case reflect.Uint64:
		var n uint64
		if n, err = strconv.ParseUint(s, 10, v.Type().Bits()); err == nil {
			v.SetUint(n)
		}
	case reflect.Float64:
		var n float64
		if n, err = strconv.ParseFloat(s, v.Type().Bits()); err == nil {
			v.SetFloat(n)
		}
	}
	if err != nil {
		return d.fail("%s is %q, which is no %s", f.name, s[:min(len(s), 100)], f.shape.value.Kind())
	}
	return nil
}

// setTime reads a time, in UTC. The offset is written as in RFC 3339, or without
// the colon, as some answers have it; anything else is the zero time.
func setTime(t *time.Time, text []byte) {
	if t.UnmarshalText(text) == nil {
		*t = t.UTC()
		return
	}
	*t = time.Time{}
	if other, err := time.Parse("2006-01-02T15:04:05-0700", string(text)); err == nil {
		*t = other.UTC()
	}
}
