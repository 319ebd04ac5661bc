package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

// listFlags say which items of a list are shown, and in which order.
type listFlags struct {
	filters []string
	sort    []string
	limit   int
	all     bool
}

// shownAtTerminal is how many items a table at a terminal has without --limit or --all.
const shownAtTerminal = 500

func (f *listFlags) add(command *cobra.Command) {
	flags := command.Flags()
	flags.StringArrayVar(&f.filters, "filter", nil, "keep what fits the `condition`, such as name=Sales or size>=100; may be repeated (see: tabctl help filters)")
	flags.StringSliceVar(&f.sort, "sort", nil, "`fields` to sort by, such as name or -updatedAt, the last first")
	flags.IntVar(&f.limit, "limit", 0, fmt.Sprintf("show at most this `number` (default all; %d in a table at a terminal)", shownAtTerminal))
	flags.BoolVar(&f.all, "all", false, "show all, also at a terminal")
	command.MarkFlagsMutuallyExclusive("limit", "all")
}

// query is what the flags ask the server for; order is used when they ask for none.
func (f *listFlags) query(order []tableau.Sort) (tableau.Query, error) {
	query := tableau.Query{}
	for _, text := range f.filters {
		filter, err := parseFilter(text)
		if err != nil {
			return query, err
		}
		query.Filter = append(query.Filter, filter)
	}
	if query.Sort = order; f.sort != nil {
		query.Sort = nil
	}
	for _, text := range f.sort {
		if field, descending := strings.CutPrefix(text, "-"); descending {
			query.Sort = append(query.Sort, tableau.Desc(field))
		} else {
			query.Sort = append(query.Sort, tableau.Asc(text))
		}
	}
	if f.limit < 0 {
		return query, usage("--limit %d: give a number from 1 on", f.limit)
	}
	if f.limit > 0 {
		query.PageSize = min(f.limit, 1000)
	}
	return query, nil
}

var (
	// condition is a field, an operator as people write it, and a value.
	condition = pattern(`(?s)^([A-Za-z_][\w.]*)(>=|<=|=|>|<)(.*)$`)
	// restCondition is a condition as the REST API writes it: field:operator:value.
	restCondition = pattern(`(?s)^([A-Za-z_][\w.]*):(eq|cieq|gt|gte|lt|lte|in|has):(.*)$`)
)

var operators = map[string]tableau.Operator{
	"=": tableau.OpEqual, ">": tableau.OpGreater, ">=": tableau.OpGreaterOrEqual, "<": tableau.OpLess, "<=": tableau.OpLessOrEqual,
}

// parseFilter reads a condition: name=Sales, size>=100, or name:in:[a,b].
func parseFilter(text string) (tableau.Filter, error) {
	if m := restCondition().FindStringSubmatch(text); m != nil {
		filter := tableau.Filter{Field: m[1], Operator: tableau.Operator(m[2]), Values: []string{m[3]}}
		if filter.Operator == tableau.OpIn {
			filter.Values = strings.Split(strings.TrimSuffix(strings.TrimPrefix(m[3], "["), "]"), ",")
		}
		return filter, nil
	}
	m := condition().FindStringSubmatch(text)
	if m == nil {
		return tableau.Filter{}, withHint(usage("--filter %q is no condition", text), "name=Sales, or see: tabctl help filters")
	}
	return tableau.Filter{Field: m[1], Operator: operators[m[2]], Values: []string{m[3]}}, nil
}

// limited ends a list where the flags say. At a terminal it tells when there is more.
func limited[T any](a *app, items itemsOf[T], f *listFlags) itemsOf[T] {
	limit, cut := f.limit, false
	if limit == 0 && !f.all && a.width > 0 && a.output.isTable() {
		limit, cut = shownAtTerminal, true
	}
	return func(yield func(*T, error) bool) {
		n := 0
		for item, err := range items {
			if limit > 0 && n == limit && err == nil {
				if cut {
					defer a.say("There are more than these %d: --all shows them, --filter fewer.", limit)
				}
				return
			}
			n++
			if !yield(item, err) {
				return
			}
			if limit > 0 && n == limit && !cut {
				return // without asking for a page that nobody wants
			}
		}
	}
}
