package tsxml

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"reflect"
)

// Child is one element of a request. Value is a struct or a pointer to one, with encoding/xml tags,
// or a plain value that becomes the element's text. A nil Value leaves the child out.
type Child struct {
	Name  string
	Value any
}

// EncodeRequest returns <tsRequest>…</tsRequest> with the children in it, without namespace and declaration.
// It returns nil when there is no child. A field with a path such as "tags>tag" writes its container even when it is
// empty, so an optional list is a pointer to a struct. Characters that XML cannot carry become U+FFFD. It fails when encoding/xml cannot marshal a value.
func EncodeRequest(children ...Child) ([]byte, error) {
	var buf bytes.Buffer
	buf.WriteString("<tsRequest>")
	empty := buf.Len()
	encoder := xml.NewEncoder(&buf)
	for _, c := range children {
		if v := reflect.ValueOf(c.Value); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
			continue
		}
		if err := encoder.EncodeElement(c.Value, xml.StartElement{Name: xml.Name{Local: c.Name}}); err != nil {
			return nil, fmt.Errorf("encoding <%s> of the request: %w", c.Name, err)
		}
	}
	if buf.Len() == empty {
		return nil, nil
	}
	buf.WriteString("</tsRequest>")
	return buf.Bytes(), nil
}
