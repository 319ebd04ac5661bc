package cli

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// column is a column of a table or CSV file: a heading for people, and the path of the value, which heads the CSV column.
type column struct{ title, path string }

func (a *app) outputFlag(command *cobra.Command, flags *pflag.FlagSet) {
	a.output = choice{value: "table", allowed: []string{"table", "json", "yaml", "csv"}}
	flags.VarP(&a.output, "output", "o", "how to print data")
	if err := command.RegisterFlagCompletionFunc("output", a.output.complete); err != nil {
		panic(err) // the flag has just been added
	}
}

// printList prints items in the format that the user chose.
func printList[T any](a *app, items []T, columns []column) error {
	objects := make([]object, len(items))
	for i, item := range items {
		objects[i] = objectOf(item)
	}
	switch a.output.value {
	case "json":
		return writeJSON(a.out, objects)
	case "yaml":
		return yaml.NewEncoder(a.out).Encode(objects)
	case "csv":
		return writeCSV(a.out, objects, columns)
	}
	return writeTable(a.out, objects, columns)
}

// printOne prints one item: as a table, everything that is known about it.
func printOne[T any](a *app, item T, columns []column) error {
	o := objectOf(item)
	switch a.output.value {
	case "json":
		return writeJSON(a.out, o)
	case "yaml":
		return yaml.NewEncoder(a.out).Encode(o)
	case "csv":
		return writeCSV(a.out, []object{o}, columns)
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	writeMembers(w, "", o)
	return w.Flush()
}

func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

func writeCSV(w io.Writer, objects []object, columns []column) error {
	csv := csv.NewWriter(w)
	row := make([]string, len(columns))
	for i, c := range columns {
		row[i] = c.path
	}
	csv.Write(row) // Error tells it
	for _, o := range objects {
		for i, c := range columns {
			row[i] = plain(o.at(c.path))
		}
		csv.Write(row) // Error tells it
	}
	csv.Flush()
	return csv.Error()
}

func writeTable(out io.Writer, objects []object, columns []column) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = c.title
	}
	fmt.Fprintln(w, strings.Join(cells, "\t"))
	for _, o := range objects {
		for i, c := range columns {
			cells[i] = cell(o.at(c.path))
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	return w.Flush()
}

// writeMembers writes one line for each member that says something.
func writeMembers(w io.Writer, prefix string, o object) {
	for _, m := range o {
		if inner, ok := m.value.(object); ok {
			writeMembers(w, prefix+m.name+".", inner)
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
