package cli

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/tabctl/tableau-go/tableau"
)

// object is an item as it is printed: Tableau's own names for what it has, in Tableau's order.
type object []member

type member struct {
	name  string
	value any // string, bool, int64, float64, object or []any
}

// objectOf makes an object of a struct whose fields carry xml or json tags. Attributes that this version does not know
// are among its members; unset times and empty lists and parts are not.
func objectOf(item any) object {
	return structObject(reflect.Indirect(reflect.ValueOf(item)))
}

func structObject(v reflect.Value) object {
	var o object
	for field, value := range v.Fields() {
		if attributes, ok := value.Interface().(tableau.Attributes); ok {
			for _, attribute := range attributes {
				o = append(o, member{attribute.Name.Local, attribute.Value})
			}
			continue
		}
		if field.Anonymous {
			if value = reflect.Indirect(value); value.IsValid() {
				o = append(o, structObject(value)...)
			}
			continue
		}
		if printed, ok := printedValue(value); ok {
			o = append(o, member{fieldName(field), printed})
		}
	}
	return o
}

// fieldPaths are the paths of all that items of a type may have, down to a depth: those that columns are chosen from.
func fieldPaths(t reflect.Type, depth int) []string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	var paths []string
	for field := range t.Fields() {
		if !field.IsExported() || field.Type == reflect.TypeFor[tableau.Attributes]() {
			continue
		}
		if field.Anonymous {
			paths = append(paths, fieldPaths(field.Type, depth)...)
			continue
		}
		name := fieldName(field)
		paths = append(paths, name)
		if depth > 1 && field.Type != reflect.TypeFor[time.Time]() {
			for _, inner := range fieldPaths(field.Type, depth-1) {
				paths = append(paths, name+"."+inner)
			}
		}
	}
	return paths
}

// fieldName is the attribute's or element's name; of a path such as "tags>tag", its first part.
func fieldName(field reflect.StructField) string {
	tag, ok := field.Tag.Lookup("json")
	if !ok {
		tag = field.Tag.Get("xml")
	}
	name, _, _ := strings.Cut(tag, ",")
	name, _, _ = strings.Cut(name, ">")
	if name == "-" || name == "" { // what no document of the server holds
		return strings.ToLower(field.Name[:1]) + field.Name[1:]
	}
	return name
}

// printedValue returns false for what there is nothing to say about.
func printedValue(v reflect.Value) (any, bool) {
	if t, ok := v.Interface().(time.Time); ok {
		return t.UTC().Format(time.RFC3339), !t.IsZero()
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil, false
		}
		return printedValue(v.Elem())
	case reflect.Struct:
		return structObject(v), !v.IsZero()
	case reflect.Slice:
		list := make([]any, 0, v.Len())
		for i := range v.Len() {
			if printed, ok := printedValue(v.Index(i)); ok {
				list = append(list, printed)
			}
		}
		return list, len(list) > 0
	case reflect.Bool:
		return v.Bool(), true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int(), true
	case reflect.Float64, reflect.Float32:
		return v.Float(), true
	case reflect.String:
		return v.String(), true
	}
	panic("cli: cannot print a " + v.Type().String())
}

// at returns the member at a path such as "project.name"; nil when there is none.
func (o object) at(path string) any {
	name, rest, deeper := strings.Cut(path, ".")
	for _, m := range o {
		if m.name != name {
			continue
		}
		if !deeper {
			return m.value
		}
		if inner, ok := m.value.(object); ok {
			return inner.at(rest)
		}
	}
	return nil
}

// MarshalJSON keeps the order of the members.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := encoder.Encode(m.name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := encoder.Encode(m.value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// MarshalYAML keeps the order of the members.
func (o object) MarshalYAML() (any, error) {
	slice := make(yaml.MapSlice, len(o))
	for i, m := range o {
		slice[i] = yaml.MapItem{Key: m.name, Value: yamlValue(m.value)}
	}
	return slice, nil
}

func yamlValue(value any) any {
	switch value := value.(type) {
	case string:
		if !plainYAML().MatchString(value) {
			return quotedYAML(value)
		}
	case []any:
		quoted := make([]any, len(value))
		for i, v := range value {
			quoted[i] = yamlValue(v)
		}
		return quoted
	}
	return value
}

// plainYAML are the texts that the encoder may be trusted with. It leaves control characters as they are, and takes
// "1e3" for a text, which other readers do not.
var plainYAML = pattern(`^[A-Za-z][A-Za-z0-9 _./-]*$`)

// quotedYAML is a text in double quotes.
type quotedYAML string

func (s quotedYAML) MarshalYAML() ([]byte, error) { return strconv.AppendQuote(nil, string(s)), nil }
