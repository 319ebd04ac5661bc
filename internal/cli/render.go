package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

// renderFlags say how views are rendered.
type renderFlags struct {
	filters, parameters []string
	maxAge              time.Duration
	size                string
	high                bool
	pageType            choice
	orientation         choice
}

func (f *renderFlags) addData(command *cobra.Command, filter string) {
	flags := command.Flags()
	flags.StringArrayVar(&f.filters, filter, nil, "keep the rows whose field has the value, as `FIELD=VALUE`; may be repeated")
	flags.StringArrayVar(&f.parameters, "parameter", nil, "set a parameter of the workbook, as `NAME=VALUE`; may be repeated")
	f.addMaxAge(command)
}

func (f *renderFlags) addMaxAge(command *cobra.Command) {
	command.Flags().DurationVar(&f.maxAge, "max-age", 0, "take a rendering from the server's cache when it is not older than this `time`, such as 5m")
}

func (f *renderFlags) addSize(command *cobra.Command) {
	command.Flags().StringVar(&f.size, "size", "", "size in pixels, as `WIDTHxHEIGHT`")
}

func (f *renderFlags) addImage(command *cobra.Command) {
	command.Flags().BoolVar(&f.high, "high-resolution", false, "twice the pixels")
}

func (f *renderFlags) addPages(command *cobra.Command) {
	f.pageType = pageTypeChoice()
	f.orientation = choice{allowed: []string{"Portrait", "Landscape"}}
	choiceFlag(command, &f.pageType, "page-type", "`size` of the pages")
	choiceFlag(command, &f.orientation, "orientation", "how the pages are turned")
}

func pageTypeChoice() choice {
	return choice{allowed: []string{
		"A3", "A4", "A5", "B4", "B5", "Executive", "Folio", "Ledger", "Legal", "Letter", "Note", "Quarto", "Tabloid", "Unspecified",
	}}
}

// data reads filters and parameters: values of one field are alternatives.
func (f *renderFlags) data(a *app) (tableau.ViewData, error) {
	data := tableau.ViewData{MaxAge: given(a, "max-age", f.maxAge)}
	for _, text := range f.filters {
		field, value, ok := strings.Cut(text, "=")
		if !ok || field == "" {
			return data, usage("the filter %q is not of the form FIELD=VALUE", text)
		}
		i := slices.IndexFunc(data.Filters, func(known tableau.ViewFilter) bool { return known.Field == field })
		if i < 0 {
			i = len(data.Filters)
			data.Filters = append(data.Filters, tableau.ViewFilter{Field: field})
		}
		data.Filters[i].Values = append(data.Filters[i].Values, value)
	}
	for _, text := range f.parameters {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return data, usage("the parameter %q is not of the form NAME=VALUE", text)
		}
		data.Parameters = append(data.Parameters, tableau.ViewParameter{Name: name, Value: value})
	}
	return data, nil
}

// vizSize reads a size such as 1200x800.
func (f *renderFlags) vizSize() (size tableau.VizSize, err error) {
	if f.size == "" {
		return size, nil
	}
	var rest string
	n, _ := fmt.Sscanf(f.size, "%dx%d%s", &size.Width, &size.Height, &rest)
	if n != 2 || size.Width < 1 || size.Height < 1 {
		return size, usage("--size %q is not of the form WIDTHxHEIGHT", f.size)
	}
	return size, nil
}

// pdf reads what a PDF takes.
func (f *renderFlags) pdf(a *app) (o tableau.PDFOptions, err error) {
	o.PageType, o.Orientation = tableau.PageType(f.pageType.value), tableau.Orientation(f.orientation.value)
	if o.ViewData, err = f.data(a); err == nil {
		o.Size, err = f.vizSize()
	}
	return o, err
}

// viewRenderer writes a view in some format.
type viewRenderer func(ctx context.Context, c *tableau.Client, view *tableau.View, w io.Writer) error

// renderer checks the flags and makes them a renderer into a format: png, pdf, csv or xlsx.
func (f *renderFlags) renderer(a *app, format string) (viewRenderer, error) {
	pdf, err := f.pdf(a)
	if err != nil {
		return nil, err
	}
	data, size := pdf.ViewData, pdf.Size
	return func(ctx context.Context, c *tableau.Client, view *tableau.View, w io.Writer) error {
		switch format {
		case "png":
			return c.Views.Image(ctx, view.ID, w, tableau.ImageOptions{ViewData: data, Size: size, HighResolution: f.high})
		case "pdf":
			return c.Views.PDF(ctx, view.ID, w, pdf)
		case "csv":
			return c.Views.CSV(ctx, view.ID, w, tableau.CSVOptions{ViewData: data})
		}
		return c.Views.Excel(ctx, view.ID, w, tableau.ExcelOptions{ViewData: data})
	}, nil
}

// saveCommand saves something of an item into a file that is named after it. Flags are added afterwards; prepare reads
// them before anything is asked of the server.
func (k *kind[T]) saveCommand(a *app, verb, short, example, extension string,
	find func(ctx context.Context, c *tableau.Client, text string) (*T, error),
	prepare func() (func(ctx context.Context, c *tableau.Client, item *T, w io.Writer) error, error)) *cobra.Command {
	var path string
	command := &cobra.Command{
		Use: verb + " " + k.placeholder(), Short: short, Example: example,
		Args: cobra.ExactArgs(1), ValidArgsFunction: k.completeFirst(a),
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			write, err := prepare()
			if err != nil {
				return err
			}
			item, err := find(ctx, c, args[0])
			if err != nil {
				return err
			}
			return a.writeTo(cmp.Or(path, fileStem(k.title(item))+extension), func(w io.Writer) error {
				if err := write(ctx, c, item, w); err != nil {
					return fmt.Errorf("render the %s %q: %w", k.name, k.title(item), err)
				}
				return nil
			})
		}),
	}
	usual, told := "", "; default is the "+k.name+"'s name"
	if extension == ".csv" { // which people pipe
		usual, told = "-", ""
	}
	command.Flags().StringVarP(&path, "output-file", "f", usual, "`file` to write; - is standard output"+told)
	return command
}
