package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Query says which rows of a list to return, and in what order.
type Query struct {
	Filters       []Filter
	Sorts         []Sort
	Limit, Offset int64 // Limit 0: all
	Reader        *User // who may read the rows; nil: an administrator, who may read all
}

// Filter is one condition of a query, as in filter=name:eq:Sales.
type Filter struct {
	Field, Operator string
	Values          []string // one, or any number for the operator "in"
}

// Sort is one key of an order.
type Sort struct {
	Field      string
	Descending bool
}

// QueryError says what is wrong with a filter or a sort; its text is meant for the caller of the API.
type QueryError struct{ Reason string }

func (e *QueryError) Error() string { return e.Reason }

func queryErrorf(format string, args ...any) error { return &QueryError{fmt.Sprintf(format, args...)} }

// kind is the type of a field's values.
type kind int

const (
	text kind = iota
	number
	boolean
	moment
	labels // of the item in tags; the column is the item's kind and seq
)

// field is what a list can be filtered and sorted by.
type field struct {
	column string // or an expression
	kind   kind
	only   string // operators, separated by blanks; "": those of the kind
}

var kindOperators = map[kind]string{
	text:    "eq in cieq",
	number:  "eq gt gte lt lte",
	boolean: "eq",
	moment:  "eq gt gte lt lte",
	labels:  "eq in",
}

var sqlOperators = map[string]string{"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}

// list is everything the query builder needs to know of one kind of row.
type list[T any] struct {
	columns string           // what scan reads
	from    string           // tables and joins
	fields  map[string]field // nil: the list takes no notice of filters and sorts
	order   string           // makes every order total
	// readable is the condition on rows that a reader may read, in terms of [readerTables]; "": everybody may read all.
	readable string
	scan     func(scanner) (T, error)
}

// where is a condition that every row must meet, whatever the caller filters by. In lists that have readable its parameters
// have no numbers, because the reader's comes before them.
type where struct {
	condition string
	args      []any
}

// What one list may be asked for. SQLite refuses statements of more than about a thousand conditions or sorts, or 32,766 values.
const (
	maxTerms  = 100
	maxValues = 10_000
)

// page returns the rows that q asks for and how many there are in all.
func (l *list[T]) page(tx *Tx, must where, q Query) ([]T, int64, error) {
	if l.fields == nil {
		q.Filters, q.Sorts = nil, nil
	}
	if len(q.Filters) > maxTerms || len(q.Sorts) > maxTerms {
		return nil, 0, queryErrorf("A list takes at most %d filters and %d sorts.", maxTerms, maxTerms)
	}
	with, conditions, args := "", []string{"(" + must.condition + ")"}, must.args
	if q.Reader != nil && l.readable != "" {
		with, conditions, args = readerTables, append(conditions, "("+l.readable+")"), append([]any{q.Reader.Seq}, args...)
	}
	for _, f := range q.Filters {
		condition, values, err := l.condition(f)
		if err != nil {
			return nil, 0, err
		}
		conditions, args = append(conditions, condition), append(args, values...)
	}
	if len(args) > maxValues {
		return nil, 0, queryErrorf("A list takes at most %d filter values.", maxValues)
	}
	var order strings.Builder
	for _, s := range q.Sorts {
		by, known := l.fields[s.Field]
		if !known || by.kind == labels {
			return nil, 0, queryErrorf("The list cannot be sorted by '%s'.", s.Field)
		}
		order.WriteString(by.column)
		if by.kind == text {
			order.WriteString(" COLLATE NOCASE") // people look for "default" beside "Default"
		}
		if s.Descending {
			order.WriteString(" DESC")
		}
		order.WriteString(", ")
	}
	order.WriteString(l.order)
	matching := " WHERE " + strings.Join(conditions, " AND ")
	if q.Limit == 0 {
		found, err := query(tx, l.scan, with+"SELECT "+l.columns+" FROM "+l.from+matching+" ORDER BY "+order.String(), args...)
		return found, int64(len(found)), err
	}
	// Which rows is found out first, from as few tables as will do: what is skipped costs little then.
	narrow := " FROM " + tablesFor(l.from, matching+order.String()) + matching
	alias := tableAlias(l.from)
	rows := with + "SELECT " + l.columns + " FROM " + l.from + " WHERE " + alias + ".seq IN (SELECT " + alias + ".seq" + narrow +
		" ORDER BY " + order.String() + " LIMIT ? OFFSET ?) ORDER BY " + order.String()
	found, err := queryInto(tx, make([]T, 0, q.Limit), l.scan, rows, append(slices.Clip(args), q.Limit, q.Offset)...)
	if err != nil {
		return nil, 0, err
	}
	if n := int64(len(found)); n > 0 && n < q.Limit {
		return found, q.Offset + n, nil
	}
	total, err := tx.count(with+"SELECT count(*)"+narrow, args)
	return found, total, err
}

// one returns the row that meets the condition, or [ErrNotFound].
func (l *list[T]) one(tx *Tx, condition string, args ...any) (T, error) {
	return queryOne(tx, l.scan, "SELECT "+l.columns+" FROM "+l.from+" WHERE "+condition, args...)
}

func (l *list[T]) condition(f Filter) (string, []any, error) {
	by, known := l.fields[f.Field]
	if !known {
		return "", nil, queryErrorf("The list cannot be filtered by '%s'.", f.Field)
	}
	operators := by.only
	if operators == "" {
		operators = kindOperators[by.kind]
	}
	if !strings.Contains(" "+operators+" ", " "+f.Operator+" ") {
		return "", nil, queryErrorf("The filter operator '%s' is not valid for '%s': use one of %s.", f.Operator, f.Field, operators)
	}
	args := make([]any, len(f.Values))
	for i, value := range f.Values {
		var err error
		if args[i], err = by.value(value); err != nil {
			return "", nil, queryErrorf("The filter value '%s' is not valid for '%s': %s.", value, f.Field, err)
		}
	}
	column := by.column
	if by.kind == labels {
		return "EXISTS (SELECT 1 FROM tags WHERE (kind, item) = (" + column + ") AND label IN (" + marks(len(args)) + "))", args, nil
	}
	switch f.Operator {
	case "in": // filters are case-sensitive, whatever the column's own collation
		return column + " COLLATE BINARY IN (" + marks(len(args)) + ")", args, nil
	case "cieq":
		return column + " = ? COLLATE NOCASE", args, nil
	case "has":
		return "instr(lower(" + column + "), lower(?)) > 0", args, nil
	}
	return column + " " + sqlOperators[f.Operator] + " ? COLLATE BINARY", args, nil
}

func (f field) value(s string) (any, error) {
	switch f.kind {
	case number:
		n, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return nil, fmt.Errorf("a number is needed")
		}
		return n, nil
	case boolean:
		switch strings.ToLower(s) { // Python writes True
		case "true":
			return 1, nil
		case "false":
			return 0, nil
		}
		return nil, fmt.Errorf("true or false is needed")
	case moment:
		t, err := time.Parse(time.RFC3339, s)
		if err != nil {
			return nil, fmt.Errorf("a time like 2016-05-04T21:24:49Z is needed")
		}
		return t.Unix(), nil
	}
	return s, nil
}

// seconds is a time as rows keep it; the zero time is 0.
func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// timeColumn reads what seconds wrote.
type timeColumn struct{ into *time.Time }

func (c timeColumn) Scan(value any) error {
	n, ok := value.(int64)
	if !ok {
		return fmt.Errorf("a time is kept as an integer, not as %T", value)
	}
	*c.into = time.Time{}
	if n != 0 {
		*c.into = time.Unix(n, 0).UTC()
	}
	return nil
}

// marks are n placeholders of a statement.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }
