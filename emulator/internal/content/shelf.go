package content

import (
	"slices"
	"strings"
)

// Names that Tableau gives to the fields that stand for several measures.
const (
	measureNames  = ":Measure Names"
	measureValues = "Multiple Values"
)

// maxShelfFields bounds what is read of one shelf, and the fields of one worksheet.
const maxShelfFields = 1000

// reference is a field on a shelf, such as [data source].[sum:Sales:qk].
type reference struct{ dataSource, name string }

// parseReferences finds the fields in a shelf's expression, such as ([a].[none:Region:nk] / [a].[sum:Sales:qk]).
func parseReferences(expression string) []reference {
	var references []reference
	var parts []string
	flush := func() {
		if n := len(parts); n > 0 {
			r := reference{name: parts[n-1]}
			if n > 1 {
				r.dataSource = parts[0]
			}
			references = append(references, r)
		}
		parts = nil
	}
	for i := 0; i < len(expression) && len(references) < maxShelfFields; {
		switch {
		case expression[i] == '[':
			name, next := bracketed(expression, i)
			parts = append(parts, name)
			i = next
		case expression[i] == '.':
			i++
		default:
			flush()
			i++
		}
	}
	flush()
	return references
}

// bracketed reads the name in brackets at start, where "]]" stands for "]", and returns where it ends.
func bracketed(s string, start int) (name string, end int) {
	var b strings.Builder
	for i := start + 1; i < len(s); i++ {
		if s[i] == ']' {
			if i+1 == len(s) || s[i+1] != ']' {
				return b.String(), i + 1
			}
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String(), len(s)
}

// bare returns a name without its brackets. Of "[a].[b]" it is "b".
func bare(name string) string {
	references := parseReferences(name)
	if len(references) == 0 {
		return name
	}
	return references[len(references)-1].name
}

// derivations are Tableau's short codes for what is done to a column, with the heading it gives.
var derivations = map[string]struct {
	label   string
	measure bool
}{
	"none": {label: "%s"},
	"attr": {label: "%s"},
	"sum":  {label: "%s", measure: true},
	"usr":  {label: "%s", measure: true},
	"avg":  {label: "Avg. %s", measure: true},
	"min":  {label: "Min. %s", measure: true},
	"max":  {label: "Max. %s", measure: true},
	"med":  {label: "Median %s", measure: true},
	"cnt":  {label: "Count of %s", measure: true},
	"ctd":  {label: "Distinct count of %s", measure: true},
	"std":  {label: "Std. dev. of %s", measure: true},
	"stp":  {label: "Std. dev. (pop.) of %s", measure: true},
	"var":  {label: "Variance of %s", measure: true},
	"vrp":  {label: "Variance (pop.) of %s", measure: true},
	"yr":   {label: "Year of %s"}, "tyr": {label: "Year of %s"},
	"qr": {label: "Quarter of %s"}, "tqr": {label: "Quarter of %s"},
	"mn": {label: "Month of %s"}, "tmn": {label: "Month of %s"},
	"my": {label: "Month, Year of %s"},
	"wk": {label: "Week of %s"}, "twk": {label: "Week of %s"},
	"dy": {label: "Day of %s"}, "tdy": {label: "Day of %s"}, "mdy": {label: "Month, Day, Year of %s"},
	"wd": {label: "Weekday of %s"},
	"hr": {label: "Hour of %s"}, "thr": {label: "Hour of %s"},
}

// tableCalculations may come before a derivation; the values behind them are those of the derivation.
var tableCalculations = []string{"rank", "pcto", "cum", "diff", "pcdf", "win", "rtot", "ytd", "pcrk"}

// splitInstance splits an instance's name, such as "rank:sum:Sales:qk:1", into derivation and column.
func splitInstance(name string) (derivation, columnName string) {
	derivation = "none"
	rest := name
	for {
		code, after, ok := strings.Cut(rest, ":")
		if !ok {
			break
		}
		if _, known := derivations[code]; known {
			derivation = code
		} else if !slices.Contains(tableCalculations, code) {
			break
		}
		rest = after
	}
	if rest == name { // no derivation: the name is the column's own
		return derivation, name
	}
	for {
		i := strings.LastIndexByte(rest, ':')
		if i < 0 {
			return derivation, rest
		}
		switch suffix := rest[i+1:]; {
		case suffix == "nk", suffix == "ok", suffix == "qk":
			return derivation, rest[:i]
		case strings.Trim(suffix, "0123456789") == "":
			rest = rest[:i]
		default:
			return derivation, rest
		}
	}
}

// field turns a reference into the field that people see.
func (wb *Workbook) field(s sheetText, r reference) Field {
	derivation, columnName := splitInstance(r.name)
	if name, ok := s.instances[instanceKey(r)]; ok {
		columnName = name
	}
	f := Field{Column: columnName, Caption: columnName, Derivation: derivation}
	switch r.name {
	case measureNames:
		f.Caption, f.Label = "Measure Names", "Measure Names"
		return f
	case measureValues:
		f.Caption, f.Label, f.Measure = "Measure Values", "Measure Values", true
		return f
	case "Latitude (generated)", "Longitude (generated)": // Tableau looks these up by the place's name
		f.Label, f.Derivation, f.Measure = r.name, "usr", true
		return f
	}
	role := ""
	if ds := wb.byName[r.dataSource]; ds != nil && ds.columns[columnName] != nil {
		c := ds.columns[columnName]
		role, f.DataType, f.Formula = c.role, c.dataType, c.formula
		if c.caption != "" {
			f.Caption = c.caption
		}
		if c.remoteName != "" {
			f.Column = c.remoteName
		}
	}
	f.Label = strings.Replace(derivations[derivation].label, "%s", f.Caption, 1)
	f.Measure = derivations[derivation].measure
	if derivation == "none" && role == "measure" { // a measure that is not aggregated: there is one row a mark
		f.Measure, f.Derivation = true, "sum"
	}
	return f
}

// worksheetView resolves a worksheet's shelves.
func (wb *Workbook) worksheetView(s sheetText) View {
	v := s.view
	if len(s.dataSources) > 0 {
		v.DataSource = s.dataSources[0]
	}
	add := func(references []reference) (captions []string) {
		for _, r := range references {
			f := wb.field(s, r)
			captions = append(captions, f.Caption)
			if len(v.Fields) < maxShelfFields && !slices.ContainsFunc(v.Fields, func(o Field) bool { return o.Label == f.Label && o.Column == f.Column }) {
				v.Fields = append(v.Fields, f)
			}
		}
		return captions
	}
	v.Rows = add(parseReferences(s.rows))
	v.Columns = add(parseReferences(s.columns))
	for _, mark := range s.marks {
		add(parseReferences(mark))
	}
	if slices.ContainsFunc(v.Fields, isMeasureNames) {
		v.Measures = wb.measures(s)
	}
	return v
}

func isMeasureNames(f Field) bool { return f.Column == measureNames || f.Column == measureValues }

// measures returns the fields that Measure Values stands for: those its filter names, or else all that are at hand.
func (wb *Workbook) measures(s sheetText) []Field {
	var references []reference
	for _, member := range s.measureNames {
		references = append(references, parseReferences(member)...)
	}
	if references == nil {
		for _, key := range s.instancesInFile {
			references = append(references, reference(key))
		}
	}
	var fields []Field
	for _, r := range references {
		f := wb.field(s, r)
		listed := slices.ContainsFunc(fields, func(o Field) bool { return o.Label == f.Label })
		if f.Measure && !isMeasureNames(f) && !listed && len(fields) < maxShelfFields {
			fields = append(fields, f)
		}
	}
	return fields
}
