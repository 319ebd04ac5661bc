package content

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// maxCells bounds the cells of a table, and the distinct values that are counted for it.
const maxCells = 2_000_000

// aggregation groups the records of a view's data by its dimensions.
type aggregation struct {
	title        string
	dimensions   []source
	measures     []source
	pivot        bool     // Measure Names and Measure Values: a row for each measure
	pivoted      []source // the measures behind them
	filters      []filter
	decimalComma bool
	distinct     int
	groups       map[string]*group
}

// source is a field with the place of its column in a record, -1 if the data does not have it.
type source struct {
	Field
	index int
}

type group struct {
	dimensions []cell
	totals     []total // of measures, then pivoted
}

// total gathers the values of one measure in one group.
type total struct {
	count     int // of values
	numbers   int // of values that are numbers
	sum       float64
	low, high float64
	distinct  map[string]struct{}
}

type filter struct {
	source
	values []string
}

// newAggregation prepares a view's aggregation; text may be nil.
func newAggregation(wb *Workbook, view View, text *textData, filters map[string][]string) *aggregation {
	a := &aggregation{title: view.Name, groups: map[string]*group{}}
	at := func(f Field) source {
		s := source{f, -1}
		if text == nil {
			return s
		}
		if i, ok := text.header[f.Column]; ok {
			s.index = i
		}
		return s
	}
	for _, f := range view.Fields {
		switch {
		case isMeasureNames(f):
			a.pivot = true
		case f.Measure:
			a.measures = append(a.measures, at(f))
		default:
			a.dimensions = append(a.dimensions, at(f))
		}
	}
	for _, f := range view.Measures {
		a.pivoted = append(a.pivoted, at(f))
	}
	if text == nil {
		return a
	}
	a.decimalComma = text.decimalComma
	for name, values := range filters {
		if f, ok := filterField(wb, view, text, name); ok {
			a.filters = append(a.filters, filter{at(f), values})
		}
	}
	return a
}

// filterField finds the field that a filter names: one in the view, or else any column of the data.
func filterField(wb *Workbook, view View, text *textData, name string) (Field, bool) {
	for _, f := range view.Fields {
		if strings.EqualFold(f.Label, name) && !f.Measure {
			return f, true
		}
	}
	if ds := wb.byName[view.DataSource]; ds != nil {
		for _, columnName := range slices.Sorted(maps.Keys(ds.columns)) {
			c := ds.columns[columnName]
			if strings.EqualFold(c.caption, name) || strings.EqualFold(columnName, name) {
				f := Field{Column: columnName, Derivation: "none", DataType: c.dataType}
				if c.remoteName != "" {
					f.Column = c.remoteName
				}
				if _, ok := text.header[f.Column]; ok {
					return f, true
				}
			}
		}
	}
	for _, heading := range slices.Sorted(maps.Keys(text.header)) {
		if strings.EqualFold(heading, name) {
			return Field{Column: heading, Derivation: "none"}, true
		}
	}
	return Field{}, false
}

// value returns the raw value of a field in a record.
func (s source) value(record []string) string {
	if s.index < 0 || s.index >= len(record) {
		return ""
	}
	return record[s.index]
}

// cell returns the value of a dimension in a record.
func (a *aggregation) cell(s source, record []string) cell {
	raw := s.value(record)
	if isDatePart(s.Derivation) || s.DataType == "date" || s.DataType == "datetime" {
		if t, ok := parseDate(raw); ok {
			return dateCell(t, s.Derivation)
		}
	}
	c := cell{text: strings.ToValidUTF8(raw, "\uFFFD")}
	if s.DataType == "integer" || s.DataType == "real" {
		c.order, _ = parseNumber(raw, a.decimalComma)
	}
	return c
}

// keeps reports whether a record passes the filter.
func (a *aggregation) keeps(f filter, record []string) bool {
	raw, shown := f.value(record), a.cell(f.source, record).text
	if slices.Contains(f.values, raw) || slices.Contains(f.values, shown) {
		return true
	}
	if n, ok := parseNumber(raw, a.decimalComma); ok {
		return slices.ContainsFunc(f.values, func(value string) bool {
			other, ok := parseNumber(value, false)
			return ok && other == n
		})
	}
	if t, ok := parseDate(raw); ok {
		return slices.ContainsFunc(f.values, func(value string) bool {
			other, ok := parseDate(value)
			return ok && other.Equal(t)
		})
	}
	return false
}

func (a *aggregation) add(record []string) error {
	for _, f := range a.filters {
		if !a.keeps(f, record) {
			return nil
		}
	}
	cells := make([]cell, len(a.dimensions))
	var key strings.Builder
	for i, d := range a.dimensions {
		cells[i] = a.cell(d, record)
		key.WriteString(strconv.Itoa(len(cells[i].text)))
		key.WriteByte(':')
		key.WriteString(cells[i].text)
	}
	g := a.groups[key.String()]
	if g == nil {
		if (len(a.groups)+1)*(len(cells)+len(a.measures)+len(a.pivoted)) > maxCells {
			return a.tooLarge()
		}
		g = &group{dimensions: cells, totals: make([]total, len(a.measures)+len(a.pivoted))}
		for i := range cells { // the record is reused
			g.dimensions[i].text = strings.Clone(cells[i].text)
		}
		a.groups[key.String()] = g
	}
	for i := range g.totals {
		if err := a.addTo(&g.totals[i], a.measure(i), record); err != nil {
			return err
		}
	}
	return nil
}

func (a *aggregation) tooLarge() error {
	return invalid("The view %q has too much data: at most %d values are shown.", a.title, maxCells)
}

func (a *aggregation) measure(i int) source {
	if i < len(a.measures) {
		return a.measures[i]
	}
	return a.pivoted[i-len(a.measures)]
}

func (a *aggregation) addTo(t *total, s source, record []string) error {
	if s.countsRows() {
		t.count++
		return nil
	}
	raw := s.value(record)
	if raw == "" {
		return nil
	}
	t.count++
	switch s.Derivation {
	case "ctd":
		if _, ok := t.distinct[raw]; ok {
			return nil
		}
		if a.distinct++; a.distinct > maxCells {
			return a.tooLarge()
		}
		if t.distinct == nil {
			t.distinct = map[string]struct{}{}
		}
		t.distinct[strings.Clone(raw)] = struct{}{}
	case "sum", "avg", "min", "max":
		n, ok := parseNumber(raw, a.decimalComma)
		if !ok {
			return nil
		}
		t.sum += n
		t.numbers++
		if t.numbers == 1 || n < t.low {
			t.low = n
		}
		if t.numbers == 1 || n > t.high {
			t.high = n
		}
	}
	return nil
}

// countsRows reports whether a measure is the number of records, which is no column of the data.
func (s source) countsRows() bool {
	return s.Formula == "1" || (s.index < 0 && s.Derivation == "cnt" && s.DataType == "table")
}

// text returns the aggregated value, "" if there is none.
func (t total) text(s source) string {
	switch {
	case s.countsRows():
		return strconv.Itoa(t.count)
	case s.index < 0:
		return ""
	}
	result := math.NaN()
	switch s.Derivation {
	case "cnt":
		result = float64(t.count)
	case "ctd":
		result = float64(len(t.distinct))
	}
	if t.numbers > 0 {
		switch s.Derivation {
		case "sum":
			result = t.sum
		case "avg":
			result = t.sum / float64(t.numbers)
		case "min":
			result = t.low
		case "max":
			result = t.high
		}
	}
	if math.IsNaN(result) || math.IsInf(result, 0) {
		return ""
	}
	return formatNumber(result)
}

// table returns the groups, sorted by their dimensions.
func (a *aggregation) table() (*Table, error) {
	t := &Table{Title: a.title}
	if a.pivot {
		t.Columns = append(t.Columns, Column{Name: "Measure Names"})
	}
	for _, d := range a.dimensions {
		date := isDatePart(d.Derivation) || d.DataType == "date" || d.DataType == "datetime"
		t.Columns = append(t.Columns, Column{Name: d.Label, Date: date})
	}
	for _, m := range a.measures {
		t.Columns = append(t.Columns, Column{Name: m.Label, Numeric: true})
	}
	if a.pivot {
		t.Columns = append(t.Columns, Column{Name: "Measure Values", Numeric: true})
	}
	groups := make([]*group, 0, len(a.groups))
	for _, g := range a.groups {
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(x, y *group) int {
		return slices.CompareFunc(x.dimensions, y.dimensions, compareCells)
	})
	for _, g := range groups {
		var row []string
		for _, d := range g.dimensions {
			row = append(row, d.text)
		}
		for i, m := range a.measures {
			row = append(row, g.totals[i].text(m))
		}
		if !a.pivot {
			t.Rows = append(t.Rows, row)
			continue
		}
		for i, m := range a.pivoted {
			if len(t.Rows)*len(t.Columns) > maxCells {
				return nil, a.tooLarge()
			}
			pivoted := append([]string{m.Label}, row...)
			t.Rows = append(t.Rows, append(pivoted, g.totals[len(a.measures)+i].text(m)))
		}
	}
	return t, nil
}
