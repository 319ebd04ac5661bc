package tableau

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Query chooses, orders and shapes what a list holds. The zero Query is
// everything in the server's order, which may change between pages: sort when
// order matters.
type Query struct {
	Filter []Filter // all must hold
	Sort   []Sort   // the first decides, the next break ties
	// Fields names what each item shall carry: "_default_", "_all_", or fields
	// such as "owner.name". Empty is the server's default.
	Fields []string
	// PageSize is how many items a page has, 1 to 1000. 0 means 1000 for List
	// and the server's default, 100, for Page.
	PageSize int
	// PageNumber is the page that Page returns, from 1; 0 is the first. List
	// begins at it.
	PageNumber int
}

// Filter is one condition on a field. Which fields and operators a list knows
// is in Tableau's reference; the server refuses others.
//
// The server cannot read a value with a comma, nor before version 3.7 one with
// an ampersand. List applies such an [Eq] or [In] itself, exactly, to all that
// the other filters let through; Page refuses it, since its totals would be
// those of another list. Errors: [ErrInvalidArgument] when the answer does not
// tell the field.
type Filter struct {
	Field    string
	Operator Operator
	Values   []string // one, or several for [In]
}

// Operator compares a field with a value.
type Operator string

// The operators of filters.
const (
	OpEqual          Operator = "eq"
	OpEqualFold      Operator = "cieq" // without regard to case
	OpGreater        Operator = "gt"
	OpGreaterOrEqual Operator = "gte"
	OpLess           Operator = "lt"
	OpLessOrEqual    Operator = "lte"
	OpIn             Operator = "in"
	OpHas            Operator = "has" // contains, for jobs

)

// mostItemsPerPage is the greatest page size that Tableau allows.
const mostItemsPerPage = 1000

// Eq holds when the field has the value.
func Eq(field, value string) Filter { return Filter{field, OpEqual, []string{value}} }

// In holds when the field has one of the values.
func In(field string, values ...string) Filter { return Filter{field, OpIn, values} }

// After holds when the field's time is later than t.
func After(field string, t time.Time) Filter {
	return Filter{field, OpGreater, []string{formatTime(t)}}
}

// Before holds when the field's time is earlier than t.
func Before(field string, t time.Time) Filter {
	return Filter{field, OpLess, []string{formatTime(t)}}
}

func formatTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

func (f Filter) String() string {
	value := strings.Join(f.Values, ",")
	if f.Operator == OpIn {
		value = "[" + value + "]"
	}
	return f.Field + ":" + string(f.Operator) + ":" + value
}

func (f Filter) check() error {
	switch {
	case f.Field == "":
		return invalid("a filter names no field")
	case f.Operator == "":
		return invalid(fmt.Sprintf("the filter on %s has no operator", f.Field))
	case len(f.Values) == 0:
		return invalid(fmt.Sprintf("the filter on %s has no value", f.Field))
	case len(f.Values) > 1 && f.Operator != OpIn:
		return invalid(fmt.Sprintf("the filter on %s has several values: use In", f.Field))
	}
	return nil
}

// Sort is one order of a list.
type Sort struct {
	Field      string
	Descending bool
}

// Asc sorts by the field, smallest first.
func Asc(field string) Sort { return Sort{Field: field} }

// Desc sorts by the field, greatest first.
func Desc(field string) Sort { return Sort{Field: field, Descending: true} }

func (s Sort) String() string {
	if s.Descending {
		return s.Field + ":desc"
	}
	return s.Field + ":asc"
}

func (q Query) check() error {
	if q.PageSize < 0 || q.PageSize > mostItemsPerPage {
		return invalid(fmt.Sprintf("a page size of %d is outside 1 to %d", q.PageSize, mostItemsPerPage))
	}
	if q.PageNumber < 0 {
		return invalid(fmt.Sprintf("the page number %d is negative: pages count from 1", q.PageNumber))
	}
	for _, f := range q.Filter {
		if err := f.check(); err != nil {
			return err
		}
	}
	for _, s := range q.Sort {
		if s.Field == "" {
			return invalid("a sort names no field")
		}
	}
	return nil
}

// values returns the query as URL parameters.
func (q Query) values() url.Values {
	v := url.Values{}
	set := func(name string, parts []string) {
		if len(parts) > 0 {
			v.Set(name, strings.Join(parts, ","))
		}
	}
	set("filter", texts(q.Filter))
	set("sort", texts(q.Sort))
	set("fields", q.Fields)
	if q.PageSize > 0 {
		v.Set("pageSize", strconv.Itoa(q.PageSize))
	}
	if q.PageNumber > 0 {
		v.Set("pageNumber", strconv.Itoa(q.PageNumber))
	}
	return v
}

func texts[T fmt.Stringer](items []T) []string {
	var out []string
	for _, item := range items {
		out = append(out, item.String())
	}
	return out
}
