package cli

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// column is a column of a table or CSV file: a heading for people, and the path of the value, which heads the CSV
// column. A wide one is left out of tables unless they are asked to be wide.
type column struct {
	title, path string
	wide        bool
}

// outputFormats are what -o takes.
var outputFormats = []string{"table", "wide", "json", "jsonl", "yaml", "csv", "name"}

// outputFlags say how data is printed.
type outputFlags struct {
	format  choice
	columns []string
	jq      string
}

func (o *outputFlags) isJSON() bool { return o.format.value == "json" || o.format.value == "jsonl" }

func (o *outputFlags) isTable() bool {
	return (o.format.value == "table" || o.format.value == "wide") && o.jq == ""
}

func (a *app) outputFlag(command *cobra.Command, flags *pflag.FlagSet) {
	a.output.format = choice{value: "table", allowed: outputFormats}
	flags.VarP(&a.output.format, "output", "o", "how to print data")
	flags.StringSliceVar(&a.output.columns, "columns", nil, "the `columns` of a table or CSV, by their JSON names, such as name,owner.name")
	flags.StringVar(&a.output.jq, "jq", "", "print what this jq `expression` makes of the JSON")
	mustAdd(command.RegisterFlagCompletionFunc("output", a.output.format.complete))
}

// printList prints items in the format that the user chose.
func printList[T any](a *app, items []T, columns []column) error {
	p, err := newPrinter[T](a, columns)
	if err != nil {
		return err
	}
	for _, item := range items {
		if err := p.print(objectOf(item)); err != nil {
			return err
		}
	}
	return p.end()
}

// printEach prints items as they come, where the format allows it.
func printEach[T any](a *app, items itemsOf[T], columns []column) error {
	p, err := newPrinter[T](a, columns)
	if err != nil {
		return err
	}
	for item, err := range items {
		if err != nil {
			return err
		}
		if err := p.print(objectOf(item)); err != nil {
			return err
		}
	}
	return p.end()
}

// printOne prints one item: as a table, everything that is known about it.
func printOne[T any](a *app, item T, columns []column) error {
	o := objectOf(item)
	switch {
	case a.output.jq != "":
		return a.printQuery(o)
	case a.output.format.value == "json":
		return writeJSON(a.out, o)
	case a.output.format.value == "yaml":
		return writeYAML(a.out, o)
	case a.output.isTable() && a.output.columns == nil:
		return writeMembers(a.out, o)
	}
	return printList(a, []T{item}, columns)
}

// printer prints one object after the other. Without a call of end the output is not whole.
type printer interface {
	print(object) error
	end() error
}

// newPrinter returns a printer of items of type T; the columns are those that a table has unless the user chooses.
func newPrinter[T any](a *app, columns []column) (printer, error) {
	if chosen := a.output.columns; chosen != nil {
		columns = nil
		known := fieldPaths(reflect.TypeFor[T](), 2)
		for _, path := range chosen {
			if !slices.Contains(known, path) {
				return nil, usage("--columns: there is no %q; there are %s", path, strings.Join(known, ", "))
			}
			columns = append(columns, column{title: strings.ToUpper(path), path: path})
		}
	}
	if a.output.jq != "" {
		return newQueryPrinter(a)
	}
	switch a.output.format.value {
	case "json":
		return &jsonPrinter{out: a.out}, nil
	case "jsonl":
		return &linePrinter{a.out}, nil
	case "yaml":
		return &yamlPrinter{out: a.out}, nil
	case "csv":
		return newCSVPrinter(a.out, columns)
	case "name":
		return &namePrinter{a.out, columns[0].path}, nil
	case "wide":
		return &tablePrinter{out: a.out, columns: columns, bold: a.colour}, nil
	}
	if a.output.columns == nil {
		columns = slices.DeleteFunc(slices.Clone(columns), func(c column) bool { return c.wide })
	}
	return &tablePrinter{out: a.out, columns: columns, width: a.width, bold: a.colour}, nil
}

// say tells people what was done. It is no data, and --quiet silences it.
func (a *app) say(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintln(a.err, printable(fmt.Sprintf(format, args...)))
	}
}

// left reports whether a change is to be left at telling it, which --dry-run asks for.
func (a *app) left(format string, args ...any) bool {
	if a.dryRun {
		fmt.Fprintln(a.err, printable("Would "+fmt.Sprintf(format, args...)))
	}
	return a.dryRun
}
