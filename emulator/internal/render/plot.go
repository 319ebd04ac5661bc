package render

import (
	"math"
	"strconv"

	"github.com/go-analyze/charts"

	"github.com/tabctl/tableau-go/emulator/internal/content"
)

const (
	maxSeries   = 8
	maxMeasures = 3 // drawn one below the other
	maxPoints   = 5000
)

// plot is one measure of a table, ready to be drawn.
type plot struct {
	measure    string
	category   string // heading of the categories
	categories []string
	series     []series
	overTime   bool
}

type series struct {
	name   string // "" if there is only one
	values []float64
}

// plots returns the charts that show a table, or none if a text table shows it better: without measures, with more
// than two dimensions, with the pseudo-dimension Measure Names, or with more series or points than can be told apart.
func plots(t *content.Table) []plot {
	var dimensions, measures []int
	for i, c := range t.Columns {
		switch {
		case c.Numeric && hasValue(t, i):
			measures = append(measures, i)
		case c.Numeric:
		case c.Name == "Measure Names":
			return nil
		default:
			dimensions = append(dimensions, i)
		}
	}
	if len(dimensions) == 0 || len(dimensions) > 2 || len(measures) == 0 {
		return nil
	}
	category, split := dimensions[0], -1
	if len(dimensions) == 2 {
		split = dimensions[1]
		if t.Columns[split].Date && !t.Columns[category].Date {
			category, split = split, category
		}
	}
	categories, categoryOf := distinct(t, category)
	names, seriesOf := distinct(t, split)
	if len(names) > maxSeries || nested(t, category, split) {
		if t.Columns[category].Date {
			return nil
		}
		// One bar for each pair, as under two headings.
		categories, categoryOf = pairs(t, category, split)
		names, seriesOf = distinct(t, -1)
	}
	if t.Columns[category].Date && len(categories) > maxPoints {
		return nil
	}
	var all []plot
	for _, measure := range measures[:min(len(measures), maxMeasures)] {
		p := plot{
			measure: t.Columns[measure].Name, category: t.Columns[category].Name,
			categories: categories, overTime: t.Columns[category].Date && len(categories) > 1,
		}
		for _, name := range names {
			values := make([]float64, len(categories))
			for i := range values {
				values[i] = charts.GetNullValue()
			}
			p.series = append(p.series, series{name, values})
		}
		for i, row := range t.Rows {
			if n, err := strconv.ParseFloat(row[measure], 64); err == nil && math.Abs(n) < 1e300 {
				p.series[seriesOf[i]].values[categoryOf[i]] = n
			}
		}
		all = append(all, p)
	}
	return all
}

func hasValue(t *content.Table, column int) bool {
	for _, row := range t.Rows {
		if row[column] != "" {
			return true
		}
	}
	return false
}

// distinct returns a column's values in order of appearance, and the place of each row's value among them. Of column
// -1, each row has the value "".
func distinct(t *content.Table, column int) (values []string, of []int) {
	return places(t, func(row []string) string {
		if column < 0 {
			return ""
		}
		return row[column]
	})
}

func pairs(t *content.Table, a, b int) (values []string, of []int) {
	return places(t, func(row []string) string { return row[a] + " / " + row[b] })
}

func places(t *content.Table, value func(row []string) string) (values []string, of []int) {
	place := map[string]int{}
	of = make([]int, len(t.Rows))
	for i, row := range t.Rows {
		v := value(row)
		p, ok := place[v]
		if !ok {
			p = len(values)
			place[v] = p
			values = append(values, v)
		}
		of[i] = p
	}
	return values, of
}

// nested reports whether each value of column b goes with one value of column a only, as products do with categories:
// side by side, most of the bars would be missing.
func nested(t *content.Table, a, b int) bool {
	if b < 0 {
		return false
	}
	parent := map[string]string{}
	parents := map[string]bool{}
	for _, row := range t.Rows {
		if p, ok := parent[row[b]]; ok && p != row[a] {
			return false
		}
		parent[row[b]] = row[a]
		parents[row[a]] = true
	}
	return len(parents) > 1
}
