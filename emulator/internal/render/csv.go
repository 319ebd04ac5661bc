// Package render turns the data behind a view into CSV, Excel, PNG, SVG, PDF and PowerPoint. The same data give the same bytes.
package render

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/content"
)

// CSV writes t as Tableau does: a header, then the rows, with commas, "\n" and quotes where they are needed. Measures
// have their thousands separated, as Tableau shows them.
func CSV(w io.Writer, t *content.Table) error {
	out := csv.NewWriter(w)
	record := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		record[i] = c.Name
	}
	if err := out.Write(record); err != nil {
		return fmt.Errorf("write the CSV: %w", err)
	}
	for _, row := range t.Rows {
		for i, c := range t.Columns {
			record[i] = cellText(c, row[i])
		}
		if err := out.Write(record); err != nil {
			return fmt.Errorf("write the CSV: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write the CSV: %w", err)
	}
	return nil
}

// cellText returns a cell as people read it.
func cellText(c content.Column, value string) string {
	if !c.Numeric {
		return value
	}
	return thousands(value)
}

// thousands separates the thousands of a plain decimal number with commas.
func thousands(number string) string {
	whole, fraction, hasFraction := strings.Cut(number, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if hasFraction {
		fraction = "." + fraction
	}
	return sign + whole + fraction
}
