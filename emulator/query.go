package emulator

import (
	"strconv"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

const (
	defaultPageSize = 100
	maxPageSize     = 1000
)

// page is which part of a list a caller asks for.
type page struct{ number, size int64 }

// listQuery reads pageNumber, pageSize, filter and sort, for what the caller may read. The answer will be one page, with pagination.
func (c *call) listQuery() (store.Query, error) {
	var q store.Query
	p := page{1, defaultPageSize}
	var err error
	if text := c.query.Get("pageNumber"); c.query.Has("pageNumber") {
		if p.number, err = strconv.ParseInt(text, 10, 32); err != nil || p.number < 1 {
			return q, fail(badPageNumber, "The page number '%s' is not an integer greater than 0.", text)
		}
	}
	if text := c.query.Get("pageSize"); c.query.Has("pageSize") {
		if p.size, err = strconv.ParseInt(text, 10, 32); err != nil || p.size < 1 {
			return q, fail(badPageSize, "The page size '%s' is not an integer greater than 0.", text)
		}
		if p.size > maxPageSize {
			return q, fail(pageSizeExceeded, "The page size %d is greater than the limit of %d.", p.size, maxPageSize)
		}
	}
	q.Reader = c.reader()
	q.Limit, q.Offset = p.size, (p.number-1)*p.size
	for _, text := range c.query["filter"] {
		filters, err := parseFilter(text)
		if err != nil {
			return q, err
		}
		q.Filters = append(q.Filters, filters...)
	}
	if q.Sorts, err = parseSort(c.query.Get("sort")); err != nil {
		return q, err
	}
	c.page = &p
	return q, nil
}

// counted ends a list: a page beyond the last one is an error, save for the first.
func (c *call) counted(total int64) error {
	c.total = total
	if c.page.number > 1 && (c.page.number-1)*c.page.size >= total {
		return fail(badPageNumber, "The page number %d is beyond the last page: the list has %d items.", c.page.number, total)
	}
	return nil
}

// pageOf answers with one page of a list, of which find returns the items and how many there are in all.
func pageOf[T any](c *call, name string, element func(T) *tsxml.Element, find func(*store.Tx, store.Query) ([]T, int64, error)) (*tsxml.Element, error) {
	q, err := c.listQuery()
	if err != nil {
		return nil, err
	}
	var found []T
	var total int64
	err = c.store.Read(c.ctx(), func(tx *store.Tx) error {
		found, total, err = find(tx, q)
		return err
	})
	if err != nil {
		return nil, err
	}
	list := tsxml.List(name)
	for _, one := range found {
		list.Add(element(one))
	}
	return list, c.counted(total)
}

// parseFilter reads field:operator:value[,field:operator:value]. The values of "in" stand in brackets.
func parseFilter(text string) ([]store.Filter, error) {
	var filters []store.Filter
	for text != "" {
		var f store.Filter
		var ok1, ok2 bool
		var rest string
		f.Field, rest, ok1 = strings.Cut(text, ":")
		f.Operator, rest, ok2 = strings.Cut(rest, ":")
		if !ok1 || !ok2 || f.Field == "" {
			return nil, fail(badFilter, "The filter '%s' is not of the form field:operator:value.", text)
		}
		var value string
		if list, isList := strings.CutPrefix(rest, "["); f.Operator == "in" && isList {
			var closed bool
			if value, text, closed = strings.Cut(list, "]"); !closed {
				return nil, fail(badFilter, "The list of values after '%s:in:' has no closing bracket.", f.Field)
			}
			if text != "" && !strings.HasPrefix(text, ",") {
				return nil, fail(badFilter, "A comma must follow the list of values after '%s:in:'.", f.Field)
			}
			text = strings.TrimPrefix(text, ",")
			f.Values = strings.Split(value, ",")
		} else {
			value, text = cutValue(rest)
			f.Values = []string{value}
		}
		if value == "" {
			return nil, fail(badFilter, "The filter on '%s' has no value.", f.Field)
		}
		filters = append(filters, f)
	}
	return filters, nil
}

// cutValue splits at the first comma that starts another condition, one that two colons follow: any other stays in the value.
func cutValue(s string) (value, rest string) {
	colon := strings.LastIndexByte(s[:max(strings.LastIndexByte(s, ':'), 0)], ':')
	if comma := strings.IndexByte(s, ','); comma >= 0 && comma < colon {
		return s[:comma], s[comma+1:]
	}
	return s, ""
}

// parseSort reads field:asc|desc[,field:asc|desc].
func parseSort(text string) ([]store.Sort, error) {
	if text == "" {
		return nil, nil
	}
	var sorts []store.Sort
	for one := range strings.SplitSeq(text, ",") {
		name, direction, _ := strings.Cut(one, ":")
		if name == "" || direction != "asc" && direction != "desc" && direction != "" {
			return nil, fail(badFilter, "The sort '%s' is not of the form field:asc or field:desc.", one)
		}
		sorts = append(sorts, store.Sort{Field: name, Descending: direction == "desc"})
	}
	return sorts, nil
}
