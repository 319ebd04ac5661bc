package content

import (
	"cmp"
	"strconv"
	"strings"
	"time"
)

// cell is a value as it is shown, with what it is sorted by.
type cell struct {
	text  string
	order float64 // of numbers and dates; texts are all 0
}

func compareCells(a, b cell) int {
	return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(strings.ToLower(a.text), strings.ToLower(b.text)),
		cmp.Compare(a.text, b.text))
}

// parseNumber reads a decimal number, with or without thousands separators.
func parseNumber(s string, decimalComma bool) (float64, bool) {
	s = strings.TrimSpace(s)
	if s == "" || strings.Trim(s, "0123456789.,+-eE") != "" {
		return 0, false
	}
	if strings.Contains(s, ",") {
		if decimalComma {
			s = strings.ReplaceAll(strings.ReplaceAll(s, ".", ""), ",", ".")
		} else {
			s = strings.ReplaceAll(s, ",", "")
		}
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

// formatNumber writes a number with at most twelve digits that count, as Tableau does: enough to hide what binary
// fractions add up to.
func formatNumber(n float64) string {
	if n == float64(int64(n)) && n < 1e15 && n > -1e15 {
		return strconv.FormatInt(int64(n), 10)
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(n, 'g', 12, 64), 64)
	if err != nil { // rounded up beyond what a float64 holds
		rounded = n
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

var dateLayouts = []string{
	time.DateOnly, time.DateTime, time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04", "2006/01/02",
	"1/2/2006", "1/2/2006 15:04:05", "1/2/2006 3:04:05 PM", "1/2/2006 15:04", "2.1.2006", "2.1.2006 15:04:05",
}

func parseDate(s string) (time.Time, bool) {
	if s = strings.TrimSpace(s); s == "" || s[0] < '0' || s[0] > '9' {
		return time.Time{}, false
	}
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// dateCell returns a date, or the part of it that a derivation keeps, as Tableau shows it in English.
func dateCell(t time.Time, derivation string) cell {
	year, month, day := t.Date()
	midnight := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	quarter := (int(month)-1)/3 + 1
	part := func(n int, text string) cell { return cell{text, float64(n)} }
	at := func(t time.Time, layout string) cell { return cell{t.Format(layout), float64(t.Unix())} }
	switch derivation {
	case "yr", "tyr":
		return part(year, strconv.Itoa(year))
	case "qr":
		return part(quarter, "Q"+strconv.Itoa(quarter))
	case "tqr":
		return part(year*4+quarter, strconv.Itoa(year)+" Q"+strconv.Itoa(quarter))
	case "mn":
		return part(int(month), month.String())
	case "tmn", "my":
		return at(time.Date(year, month, 1, 0, 0, 0, 0, time.UTC), "January 2006")
	case "wk":
		week := (t.YearDay()-1+int(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Weekday()))/7 + 1
		return part(week, strconv.Itoa(week))
	case "twk":
		return at(midnight.AddDate(0, 0, -int(midnight.Weekday())), "January 2, 2006")
	case "dy":
		return part(day, strconv.Itoa(day))
	case "tdy":
		return at(midnight, "January 2, 2006")
	case "wd":
		return part(int(t.Weekday()), t.Weekday().String())
	case "hr":
		return part(t.Hour(), strconv.Itoa(t.Hour()))
	case "thr":
		return at(t.Truncate(time.Hour), "1/2/2006 3:04:05 PM")
	}
	if t.Equal(midnight) || derivation == "mdy" {
		return at(midnight, "1/2/2006")
	}
	return at(t, "1/2/2006 3:04:05 PM")
}

// isDatePart reports whether a derivation takes a date apart.
func isDatePart(derivation string) bool {
	d, ok := derivations[derivation]
	return ok && !d.measure && derivation != "none" && derivation != "attr"
}
