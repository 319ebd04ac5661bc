package wiretest

import (
	"context"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tabctl/tableau-go/tableau"
)

// A lister is one paged list of our client, its items as any.
type lister struct {
	page func(context.Context, tableau.Query) (pageResult, error)
	list func(context.Context, tableau.Query) iter.Seq2[any, error]
}

// listing makes a lister of a resource's Page and List.
func listing[T any](page func(context.Context, tableau.Query) (*tableau.Page[T], error), list func(context.Context, tableau.Query) iter.Seq2[*T, error]) lister {
	return lister{
		page: func(ctx context.Context, q tableau.Query) (pageResult, error) {
			p, err := page(ctx, q)
			if err != nil {
				return pageResult{}, err
			}
			return pageResult{p.Items, p.Number, p.Size, p.Total}, nil
		},
		list: func(ctx context.Context, q tableau.Query) iter.Seq2[any, error] {
			if q.PageSize == 0 {
				q.PageSize = 100 // what Python asks for when its caller does not say
			}
			return func(yield func(any, error) bool) {
				for value, err := range list(ctx, q) {
					if !yield(value, err) {
						return
					}
				}
			}
		},
	}
}

// listAdapters adapts what Python has for each list: get with options, Pager,
// and the six methods of query sets.
func listAdapters(resource string, of func(c *call) (lister, error)) map[string]adapter {
	all := map[string]adapter{
		resource + ".get": func(ctx context.Context, c *call) (any, error) {
			l, err := of(c)
			if err != nil {
				return nil, err
			}
			if strings.Contains(c.c.Call, "Pager(") {
				return pageThrough(ctx, c, l)
			}
			if err := c.args.only("req_options", "usage"); err != nil {
				return nil, err
			}
			q, err := optionsQuery(c.args.item("req_options"))
			if err != nil {
				return nil, err
			}
			fluentQuery(c.c.Call, &q)
			if q.PageSize == 0 { // what Python reads from the environment, a caller says here
				q.PageSize, _ = strconv.Atoi(c.c.Env["TSC_PAGE_SIZE"])
			}
			return l.page(ctx, q)
		},
		"pager." + resource: func(ctx context.Context, c *call) (any, error) {
			l, err := of(c)
			if err != nil {
				return nil, err
			}
			return pageThrough(ctx, c, l)
		},
	}
	for _, method := range []string{"all", "filter", "order_by", "paginate", "fields", "only_fields"} {
		all[resource+"."+method] = func(ctx context.Context, c *call) (any, error) {
			l, err := of(c)
			if err != nil {
				return nil, err
			}
			return useQuerySet(ctx, c, l, method)
		}
	}
	return all
}

// pageThrough does what Pager does; the Python expression says how it is used.
func pageThrough(ctx context.Context, c *call, l lister) (any, error) {
	if err := c.args.only("request_opts"); err != nil {
		return nil, err
	}
	q, err := optionsQuery(c.args.item("request_opts"))
	if err != nil {
		return nil, err
	}
	switch {
	case strings.HasPrefix(c.c.Call, "next(iter("):
		for value, err := range l.list(ctx, q) {
			return value, err
		}
		return nil, nil
	case strings.Count(c.c.Call, "list(p)") > 1:
		var lengths []int
		for range strings.Count(c.c.Call, "list(p)") {
			values, err := collect(l.list(ctx, q))
			if err != nil {
				return nil, err
			}
			lengths = append(lengths, len(values))
		}
		return lengths, nil
	}
	return collect(l.list(ctx, q))
}

// collect reads a whole list.
func collect(list iter.Seq2[any, error]) ([]any, error) {
	var values []any
	for value, err := range list {
		if err != nil {
			return values, err
		}
		values = append(values, value)
	}
	return values, nil
}

var fluentSetter = regexp.MustCompile(`\.(page_size|page_number)\((\d+)\)`)

// fluentQuery reads RequestOptions().page_size(5) from the Python expression.
func fluentQuery(expression string, q *tableau.Query) {
	for _, m := range fluentSetter.FindAllStringSubmatch(expression, -1) {
		n, _ := strconv.Atoi(m[2])
		if m[1] == "page_size" {
			q.PageSize = n
		} else {
			q.PageNumber = n
		}
	}
}

// optionsQuery makes our query of Python's RequestOptions.
func optionsQuery(options arguments) (tableau.Query, error) {
	var q tableau.Query
	if err := options.only("pagenumber", "pagesize", "sort", "filter", "fields", "all_fields"); err != nil {
		return q, err
	}
	q.PageNumber, _ = options.number("pagenumber")
	q.PageSize, _ = options.number("pagesize")
	for _, filter := range options.items("filter") {
		q.Filter = append(q.Filter, filterOf(filter.text("field"), filter.text("operator"), filter["value"]))
	}
	for _, sort := range options.items("sort") {
		q.Sort = append(q.Sort, tableau.Sort{Field: sort.text("field"), Descending: sort.text("direction") == "desc"})
	}
	q.Fields = options.texts("fields")
	switch {
	case slices.Contains(q.Fields, "_all_"), len(q.Fields) == 0 && options.flag("all_fields"):
		q.Fields = []string{"_all_"}
	}
	return q, nil
}

// filterOf makes one filter of a Python value.
func filterOf(field, operator string, value any) tableau.Filter {
	filter := tableau.Filter{Field: field, Operator: tableau.Operator(operator)}
	values := elements(value)
	if values == nil {
		if _, isList := value.([]any); !isList {
			values = []any{value}
		}
	}
	for _, v := range values {
		if at, ok := moment(v); ok {
			filter.Values = append(filter.Values, at.UTC().Format("2006-01-02T15:04:05Z"))
			continue
		}
		filter.Values = append(filter.Values, plainText(v))
	}
	return filter
}

// camel turns created_at into createdAt.
func camel(name string) string {
	words := strings.Split(name, "_")
	for i := 1; i < len(words); i++ {
		if words[i] != "" {
			words[i] = strings.ToUpper(words[i][:1]) + words[i][1:]
		}
	}
	return strings.Join(words, "")
}

// useQuerySet builds a query from a chain of query-set methods and uses it as
// $then says.
func useQuerySet(ctx context.Context, c *call, l lister, method string) (any, error) {
	var q tableau.Query
	named := map[string]any{}
	for name, value := range c.args {
		if !strings.HasPrefix(name, "$") {
			named[name] = value
		}
	}
	if err := chainStep(&q, method, elements(c.args["$args"]), named); err != nil {
		return nil, err
	}
	for _, step := range elements(c.args["$chain"]) {
		parts := elements(step)
		if len(parts) != 2 {
			return nil, fmt.Errorf("a chain step %v of unknown form", step)
		}
		inner, _ := parts[1].(map[string]any)
		if err := chainStep(&q, plainText(parts[0]), elements(parts[1]), inner); err != nil {
			return nil, err
		}
	}
	switch then := c.args["$then"].(type) {
	case nil:
		if strings.Contains(c.c.Call, ";") {
			return nil, noCounterpart("several uses of one query set")
		}
		unused := l.list(ctx, q)
		if _, kind := c.c.method(); kind == "refused" { // what Python refuses when it is made is refused here when it is used
			_, err := collect(unused)
			return nil, err
		}
		return nil, nil
	case string:
		switch then {
		case "iterate", "list":
			return collect(l.list(ctx, q))
		case "len", "total_available":
			page, err := l.page(ctx, q)
			return page.Total, err
		case "page_size":
			page, err := l.page(ctx, q)
			return page.Size, err
		case "page_number":
			page, err := l.page(ctx, q)
			return page.Number, err
		}
	case map[string]any:
		return pick(ctx, l, q, then)
	}
	return nil, noCounterpart(fmt.Sprintf("a query set used as %v", c.args["$then"]))
}

// pick reads a list as far as an index or a slice needs it.
func pick(ctx context.Context, l lister, q tableau.Query, then arguments) (any, error) {
	first, last, isSlice := 0, 0, false
	if index, ok := then.number("index"); ok {
		first, last = index, index+1
	} else if bounds := elements(then["slice"]); len(bounds) >= 2 {
		isSlice = true
		a := arguments{"first": bounds[0], "last": bounds[1]}
		first, _ = a.number("first")
		last, ok = a.number("last")
		if len(bounds) > 2 && bounds[2] != nil || !ok {
			return nil, noCounterpart("a slice with a step, or without an end")
		}
	}
	if first < 0 || last <= first {
		return nil, noCounterpart("an index from the end")
	}
	if q.PageSize == 0 {
		q.PageSize = 100 // Python's page
	}
	var picked []any
	at := 0
	for value, err := range l.list(ctx, q) {
		if err != nil {
			return nil, err
		}
		if at >= first {
			picked = append(picked, value)
		}
		if at++; at == last {
			break
		}
	}
	switch {
	case isSlice:
		return picked, nil
	case len(picked) == 0:
		return nil, fmt.Errorf("the list has no element %d", first)
	}
	return picked[0], nil
}

// chainStep adds one query-set method to a query.
func chainStep(q *tableau.Query, method string, positional []any, named map[string]any) error {
	a := arguments(named)
	if n, ok := a.number("page_size"); ok {
		q.PageSize = n
	}
	if n, ok := a.number("page_number"); ok {
		q.PageNumber = n
	}
	words := func() []string {
		var list []string
		for _, value := range positional {
			list = append(list, plainText(value))
		}
		return list
	}
	switch method {
	case "filter":
		if len(positional) > 0 {
			return noCounterpart("a filter without a field")
		}
		for _, name := range sortedKeys(named, nil) {
			if name == "page_size" || name == "page_number" {
				continue
			}
			field, operator, ok := strings.Cut(name, "__")
			if !ok {
				operator = "eq"
			}
			q.Filter = append(q.Filter, filterOf(camel(field), operator, named[name]))
		}
		return nil
	case "order_by":
		for _, word := range words() {
			field, descending := strings.CutPrefix(word, "-")
			q.Sort = append(q.Sort, tableau.Sort{Field: camel(field), Descending: descending})
		}
	case "fields":
		q.Fields = append([]string{"_default_"}, words()...)
	case "only_fields":
		q.Fields = words()
	case "all", "paginate":
	default:
		return noCounterpart("the query-set method " + method)
	}
	return a.only("page_size", "page_number")
}

var _ = register(map[string]adapter{
	// Filters that Python refuses are refused here by the list that is asked for.
	"model.Filter": func(ctx context.Context, c *call) (any, error) {
		q, err := optionsQuery(c.args.item("item"))
		if err != nil {
			return nil, err
		}
		return c.client.Workbooks.Page(ctx, q)
	},
})
