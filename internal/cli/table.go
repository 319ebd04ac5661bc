package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode/utf8"
)

// gap stands between the columns of a table.
const gap = "  "

// narrowest is how far a column may be cut to make a table fit.
const narrowest = 8

// tablePrinter writes a table for people once it knows how wide its columns are.
type tablePrinter struct {
	out     io.Writer
	columns []column
	width   int // of the terminal; 0: as wide as need be
	bold    bool
	rows    [][]string
}

func (p *tablePrinter) print(o object) error {
	row := make([]string, len(p.columns))
	for i, c := range p.columns {
		row[i] = cell(o.at(c.path))
	}
	p.rows = append(p.rows, row)
	return nil
}

func (p *tablePrinter) end() error {
	widths := make([]int, len(p.columns))
	titles := make([]string, len(p.columns))
	for i, c := range p.columns {
		titles[i], widths[i] = c.title, utf8.RuneCountInString(c.title)
		for _, row := range p.rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	p.fit(widths)
	var text bytes.Buffer
	if p.bold {
		text.WriteString("\x1b[1m")
	}
	writeRow(&text, titles, widths)
	if p.bold {
		text.WriteString("\x1b[0m")
	}
	for _, row := range p.rows {
		writeRow(&text, row, widths)
	}
	_, err := p.out.Write(text.Bytes())
	return err
}

// fit takes from the widest columns until the table fits the terminal, or all are narrow.
func (p *tablePrinter) fit(widths []int) {
	if p.width == 0 {
		return
	}
	total := len(gap) * (len(widths) - 1)
	for _, width := range widths {
		total += width
	}
	for ; total > p.width; total-- {
		widest := 0
		for i, width := range widths {
			if width >= widths[widest] && p.columns[i].path != "id" { // an ID that is cut is of no use
				widest = i
			}
		}
		if widths[widest] <= narrowest {
			return
		}
		widths[widest]--
	}
}

func writeRow(out *bytes.Buffer, cells []string, widths []int) {
	var line strings.Builder
	for i, text := range cells {
		length := utf8.RuneCountInString(text)
		if length > widths[i] {
			text, length = string([]rune(text)[:widths[i]-1])+"…", widths[i]
		}
		if i > 0 {
			line.WriteString(gap)
		}
		line.WriteString(text + strings.Repeat(" ", widths[i]-length))
	}
	out.WriteString(strings.TrimRight(line.String(), " ") + "\n")
}

// writeMembers writes one line for each member that says something.
func writeMembers(out io.Writer, o object) error {
	w := tabwriter.NewWriter(out, 0, 0, len(gap), ' ', 0)
	writeInner(w, "", o)
	return w.Flush()
}

func writeInner(w io.Writer, prefix string, o object) {
	for _, m := range o {
		if inner, ok := m.value.(object); ok {
			writeInner(w, prefix+m.name+".", inner)
			continue
		}
		if text := cell(m.value); text != "" {
			fmt.Fprintf(w, "%s\t%s\n", prefix+m.name, text)
		}
	}
}

// cell is a value as text on one line.
func cell(value any) string {
	return strings.ReplaceAll(printable(plain(value)), "\n", " ")
}

// plain is a value as text. An item in a list is shown by what people call it.
func plain(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case []any:
		texts := make([]string, len(value))
		for i, v := range value {
			texts[i] = plain(v)
		}
		return strings.Join(texts, ", ")
	case object:
		for _, name := range []string{"name", "label", "id"} {
			if text := plain(value.at(name)); text != "" {
				return text
			}
		}
		return ""
	}
	return fmt.Sprint(value)
}
