package tableau

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sendable reports whether a server of the version reads the filter as it is
// meant: it takes a comma for the end of a condition, and before 3.7 an
// ampersand for the end of the filter, encoded or not.
func (f Filter) sendable(v Version) bool {
	return !slices.ContainsFunc(f.Values, func(value string) bool {
		return strings.Contains(value, ",") || strings.Contains(value, "&") && v.Less("3.7")
	})
}

// split parts the filters that can be sent from those that cannot. The version
// is only asked for when it matters.
func (c *Client) split(ctx context.Context, filters []Filter) (send, keep []Filter, err error) {
	if !slices.ContainsFunc(filters, func(f Filter) bool { return strings.ContainsAny(strings.Join(f.Values, ""), ",&") }) {
		return filters, nil, nil
	}
	version, err := c.APIVersion(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range filters {
		if f.sendable(version) {
			send = append(send, f)
		} else {
			keep = append(keep, f)
		}
	}
	return send, keep, nil
}

// localFilter applies one filter to items.
type localFilter struct {
	filter Filter
	index  []int  // of the field in the item
	needed string // what the answer must tell, in the words of [Query.Fields]
	labels bool   // the field is a list of tags
}

// takeLocal takes the filters that cannot be sent out of the query, to be
// applied to items of the type, and lets the answer tell what that takes.
func (q *Query) takeLocal(ctx context.Context, c *Client, item reflect.Type) ([]localFilter, error) {
	if err := q.check(); err != nil {
		return nil, err
	}
	send, keep, err := c.split(ctx, q.Filter)
	if err != nil {
		return nil, err
	}
	q.Filter = send
	var local []localFilter
	for _, f := range keep {
		l := localFilter{filter: f}
		if f.Operator != OpEqual && f.Operator != OpEqualFold && f.Operator != OpIn {
			return nil, invalid(fmt.Sprintf("the filter %s cannot be sent, because of its comma or ampersand: use Eq or In, which are then applied to what the server sends", f))
		}
		if !l.find(item) {
			return nil, invalid(fmt.Sprintf("the filter %s cannot be sent, because of its comma or ampersand, and the answer does not tell %s as a text", f, f.Field))
		}
		q.tell(l.needed)
		local = append(local, l)
	}
	return local, nil
}

// tell makes sure that the answer tells a field.
func (q *Query) tell(field string) {
	if slices.Contains(q.Fields, "_all_") || slices.Contains(q.Fields, field) {
		return
	}
	if field == "name" && (len(q.Fields) == 0 || slices.Contains(q.Fields, "_default_")) {
		return // every list tells it
	}
	if len(q.Fields) == 0 {
		q.Fields = []string{"_default_"}
	}
	q.Fields = append(slices.Clone(q.Fields), field)
}

// find finds the field by the names that it has in XML: "name" is an attribute,
// "ownerName" the attribute name of the element owner.
func (l *localFilter) find(item reflect.Type) bool {
	field := l.filter.Field
	for f := range item.Fields() {
		name, isAttribute := xmlName(f)
		switch {
		case isAttribute && name == field && f.Type.Kind() == reflect.String:
			l.index, l.needed = f.Index, name
			return true
		case f.Type == reflect.TypeFor[[]Tag]() && field == "tags":
			l.index, l.needed, l.labels = f.Index, field, true
			return true
		case f.Type.Kind() == reflect.Struct && strings.HasPrefix(field, name) && !isAttribute && name != "":
			for inner := range f.Type.Fields() {
				attribute, isAttribute := xmlName(inner)
				if isAttribute && attribute != "" && name+upperFirst(attribute) == field && inner.Type.Kind() == reflect.String {
					l.index, l.needed = append(slices.Clone(f.Index), inner.Index...), name+"."+attribute
					return true
				}
			}
		}
	}
	return false
}

// xmlName is the name that a field has in XML, "" for one that has none.
func xmlName(f reflect.StructField) (name string, isAttribute bool) {
	name, option, _ := strings.Cut(f.Tag.Get("xml"), ",")
	return name, option == "attr"
}

func upperFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// holds applies the filter to an item.
func (l localFilter) holds(item reflect.Value) (bool, error) {
	if l.labels {
		tags, _ := reflect.TypeAssert[[]Tag](item.FieldByIndex(l.index))
		return slices.ContainsFunc(tags, func(t Tag) bool { return l.matches(t.Label) }), nil
	}
	value := item.FieldByIndex(l.index).String()
	if parent := item.Field(l.index[0]); value == "" && len(l.index) > 1 && !parent.IsZero() {
		return false, invalid(fmt.Sprintf("the filter %s cannot be applied: the server does not tell %s", l.filter, l.needed))
	}
	return l.matches(value), nil
}

func (l localFilter) matches(value string) bool {
	return slices.ContainsFunc(l.filter.Values, func(wanted string) bool {
		return wanted == value || l.filter.Operator == OpEqualFold && strings.EqualFold(wanted, value)
	})
}

// keeps reports whether all filters hold for an item.
func keeps[T any](local []localFilter, item *T) (bool, error) {
	for _, l := range local {
		if ok, err := l.holds(reflect.ValueOf(item).Elem()); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}
