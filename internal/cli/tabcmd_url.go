package cli

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tabctl/tableau-go/tableau"
)

// tabcmdURL is what the address in a command line says: a path, and how to render what is there.
type tabcmdURL struct {
	segments []string
	data     tableau.ViewData
	size     tableau.VizSize
	ignored  []string // options that mean nothing here
}

// parseTabcmdURL reads an address such as /views/Sales/Overview.png?Region=East&:refresh=yes&:size=640,480. It may also
// be that of a page in a browser, and its filters may be percent-encoded or not.
func parseTabcmdURL(text string) (tabcmdURL, error) {
	u := tabcmdURL{data: tableau.ViewData{MaxAge: new(time.Minute)}}
	if isAddress(text) {
		_, text, _ = strings.Cut(text, "://")
		_, text, _ = strings.Cut(text, "/")
		text = strings.TrimPrefix(text, "#/")
	}
	path, query, _ := strings.Cut(strings.TrimLeft(text, "/"), "?")
	if strings.Contains(path, " ") {
		return u, withHint(fmt.Errorf("%q is no address: it holds a space", path), "the names that the address in a browser has, which leave out spaces")
	}
	u.segments = strings.Split(strings.TrimRight(path, "/"), "/")
	if len(u.segments) > 2 && (u.segments[0] == "t" || u.segments[0] == "site") {
		u.segments = u.segments[2:]
	}
	for i, segment := range u.segments {
		if plain, err := url.PathUnescape(segment); err == nil {
			u.segments[i] = plain
		}
	}
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		if err := u.take(unescapedOrAsIs(name), unescapedOrAsIs(value)); err != nil {
			return u, err
		}
	}
	return u, nil
}

// unescapedOrAsIs undoes percent-encoding where there is one: 50% is a value, too.
func unescapedOrAsIs(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}

// take takes one parameter of the address.
func (u *tabcmdURL) take(name, value string) error {
	switch {
	case !strings.HasPrefix(name, ":"):
		u.filter(name, value)
	case name == ":iid": // counts how often a browser has shown the page
	case name == ":refresh":
		if isTrue(value) {
			u.data.MaxAge = new(time.Duration(0))
		}
	case name == ":size":
		width, height, _ := strings.Cut(value, ",")
		w, err := strconv.Atoi(strings.TrimSpace(width))
		h, err2 := strconv.Atoi(strings.TrimSpace(height))
		if err != nil || err2 != nil || w < 1 || h < 1 {
			return fmt.Errorf(":size=%s is not of the form :size=WIDTH,HEIGHT", value)
		}
		u.size = tableau.VizSize{Width: w, Height: h}
	default:
		u.ignored = append(u.ignored, name)
	}
	return nil
}

// filter keeps the rows with one of the values, or sets a parameter of the workbook. Values are parted by commas, and a
// comma with a backslash before it is one itself.
func (u *tabcmdURL) filter(field, value string) {
	if name, ok := strings.CutPrefix(field, "Parameters."); ok {
		u.data.Parameters = append(u.data.Parameters, tableau.ViewParameter{Name: name, Value: value})
		return
	}
	var values []string
	for i, part := range splitEscaped(value, ',') {
		if i > 0 && part != "" && part[0] == ' ' && len(values) > 0 { // "Portland, OR" is prose, not a list
			values[len(values)-1] += "," + part
			continue
		}
		values = append(values, part)
	}
	u.data.Filters = append(u.data.Filters, tableau.ViewFilter{Field: field, Values: values})
}

// filters reads the value of --filter: FIELD=VALUE, or several with an ampersand between them. One that does not begin
// another FIELD= belongs to the value, and so does each that has a backslash before it.
func (u *tabcmdURL) filters(text string) error {
	var conditions []string
	for _, part := range splitEscaped(text, '&') {
		if n := len(conditions); n > 0 && !strings.Contains(part, "=") {
			conditions[n-1] += "&" + part
			continue
		}
		conditions = append(conditions, part)
	}
	for _, condition := range conditions {
		field, value, ok := strings.Cut(condition, "=")
		if !ok || field == "" {
			return fmt.Errorf("the filter %q is not of the form FIELD=VALUE", condition)
		}
		u.filter(field, value)
	}
	return nil
}

// splitEscaped splits where the separator stands without a backslash before it; with one, it stands for itself.
func splitEscaped(text string, separator byte) []string {
	parts := []string{""}
	for i := 0; i < len(text); i++ {
		last := &parts[len(parts)-1]
		switch {
		case text[i] == '\\' && i+1 < len(text) && text[i+1] == separator:
			i++
			*last += string(separator)
		case text[i] == separator:
			parts = append(parts, "")
		default:
			*last += text[i : i+1]
		}
	}
	return parts
}
