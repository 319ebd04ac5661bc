package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// simpleType is a set of texts: the literals, and what any of the rules allows.
type simpleType struct {
	literals []string
	instead  map[string]string // other literals, and what is meant; "" means that the attribute is left out
	rules    []rule
}

// rule is one of the schema's own types, narrowed.
type rule struct {
	base    string // "string", "integer", …
	min     string // least number, or least length of a string; "": none
	max     string
	pattern *regexp.Regexp // nil: any
}

// value says what is wrong with a text of a simple type, or "".
func (t *table) value(typeName, text string) string {
	simple, known := t.simpleTypes[typeName]
	if !known {
		return rule{base: typeName}.misfit(text)
	}
	if _, replaced := simple.instead[text]; replaced || slices.Contains(simple.literals, text) {
		return ""
	}
	var reasons []string
	if len(simple.literals) > 0 {
		reasons = append(reasons, "is none of "+strings.Join(simple.literals, ", "))
	}
	for _, r := range simple.rules {
		reason := r.misfit(text)
		if reason == "" {
			return ""
		}
		reasons = append(reasons, reason)
	}
	return strings.Join(reasons, " and ")
}

// plain holds how the schema's own types are written and called; those that are absent take any text.
var plain = map[string]struct {
	form func() *regexp.Regexp
	name string
}{
	"boolean":            {form(`^(true|false|1|0)$`), "true or false"},
	"dateTime":           {form(`^-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$`), "a time like 2016-05-04T21:24:49Z"},
	"decimal":            {form(`^[+-]?(\d+(\.\d*)?|\.\d+)$`), "a number"},
	"int":                {form(`^[+-]?\d+$`), "a whole number"},
	"integer":            {form(`^[+-]?\d+$`), "a whole number"},
	"long":               {form(`^[+-]?\d+$`), "a whole number"},
	"nonNegativeInteger": {form(`^(\+?\d+|-0+)$`), "a whole number from 0 on"},
	"positiveInteger":    {form(`^\+?0*[1-9]\d*$`), "a whole number from 1 on"},
	"time":               {form(`^\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$`), "a time of the day like 06:30:00"},
}

// form is compiled when it is first needed.
func form(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

func (r rule) misfit(text string) string {
	if r.base != "string" {
		text = strings.Trim(text, " \t\r\n")
	}
	if r.pattern != nil && !r.pattern.MatchString(text) {
		return "does not have the form " + strings.TrimSuffix(strings.TrimPrefix(r.pattern.String(), "^(?:"), ")$")
	}
	kind, written := plain[r.base]
	if written && (!kind.form().MatchString(text) || !exists(r.base, text)) {
		return "is not " + kind.name
	}
	size, isNumber := int64(utf8.RuneCountInString(text)), false
	if written && r.base != "boolean" {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			size, isNumber = n, true
		}
	}
	what := "number"
	if !isNumber {
		what = "length"
	}
	if least, err := strconv.ParseInt(r.min, 10, 64); err == nil && size < least {
		return fmt.Sprintf("is less than the least %s, %d", what, least)
	}
	if most, err := strconv.ParseInt(r.max, 10, 64); err == nil && size > most {
		return fmt.Sprintf("is more than the greatest %s, %d", what, most)
	}
	return ""
}

// exists tells whether a well-formed value can be: there is no 30 February.
func exists(base, text string) bool {
	switch base {
	case "int":
		_, err := strconv.ParseInt(text, 10, 32)
		return err == nil
	case "long":
		_, err := strconv.ParseInt(text, 10, 64)
		return err == nil
	case "time":
		text = "2000-01-01T" + text
	case "dateTime":
	default:
		return true
	}
	if day, ok := strings.CutSuffix(text[:min(len(text), 19)], "T24:00:00"); ok {
		text = day + "T00:00:00" + text[19:]
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05"} {
		if _, err := time.Parse(layout, text); err == nil {
			return true
		}
	}
	return false
}
