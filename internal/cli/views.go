package cli

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

var views = kind[tableau.View]{
	name: "view", group: "views",
	columns: []column{
		{title: "NAME", path: "name"}, {title: "TYPE", path: "sheetType"}, {title: "CONTENT URL", path: "contentUrl"},
		{title: "PROJECT", path: "project.name", wide: true}, {title: "OWNER", path: "owner.name", wide: true},
		{title: "TAGS", path: "tags", wide: true}, {title: "ID", path: "id"},
	},
	list: func(ctx context.Context, c *tableau.Client, q tableau.Query) iter.Seq2[*tableau.View, error] {
		return c.Views.List(ctx, tableau.ViewQuery{Query: q})
	},
	get: func(ctx context.Context, c *tableau.Client, id string) (*tableau.View, error) {
		return c.Views.Get(ctx, id)
	},
	delete: func(ctx context.Context, c *tableau.Client, id string) error { return c.Views.Delete(ctx, id) },
	id:     func(v *tableau.View) string { return v.ID }, names: viewNames,
	label:      func(v *tableau.View) string { return v.ContentURL },
	project:    func(v *tableau.View) string { return v.Project.ID },
	searchable: false, order: []tableau.Sort{tableau.Asc("name")},
}

// viewNames are what a view is called by: its name, and its workbook's and its own as addresses have them.
func viewNames(v *tableau.View) []string {
	return []string{v.Name, v.ContentURL, strings.Replace(v.ContentURL, "/sheets/", "/", 1)}
}

func (a *app) viewsCommand() *cobra.Command {
	return a.groupCommand("views", "List views and save them as pictures, data and pages",
		views.listCommand(a, "  tabctl views list\n  tabctl views list --filter workbookName=Sales"),
		views.getCommand(a, "  tabctl views get Sales/Overview"),
		a.viewsImageCommand(), a.viewsCSVCommand(), a.viewsPDFCommand())
}

// findView finds a view, among those of a workbook when one is named.
func findView(ctx context.Context, c *tableau.Client, text, workbook string) (*tableau.View, error) {
	if workbook == "" {
		return views.find(ctx, c, text)
	}
	w, err := workbooks.find(ctx, c, workbook)
	if err != nil {
		return nil, err
	}
	all, err := c.Workbooks.Views(ctx, w.ID)
	found, err := matching(sequence(all, err), func(v *tableau.View) bool {
		return v.ID == text || slices.Contains(viewNames(v), text)
	})
	if err != nil {
		return nil, err
	}
	return views.only(ctx, c, text, found)
}

// exportFlags are what every rendering of a view takes.
type exportFlags struct {
	workbook, path string
	filters        []string
}

func (f *exportFlags) add(command *cobra.Command, path, defaultPath string) {
	flags := command.Flags()
	flags.StringVar(&f.workbook, "workbook", "", "`name` or ID of the view's workbook, when the view's name is not enough")
	flags.StringVarP(&f.path, "output-file", "f", path, "`file` to write; - is standard output"+defaultPath)
	flags.StringArrayVar(&f.filters, "filter", nil, "keep the rows whose field has the value, as `FIELD=VALUE`; may be repeated")
}

// data reads the filters: values of one field are alternatives.
func (f *exportFlags) data() (tableau.ViewData, error) {
	var data tableau.ViewData
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
	return data, nil
}

// export is the work of a command that renders a view into a file.
func (a *app) export(f *exportFlags, extension string, render func(ctx context.Context, c *tableau.Client, id string, w io.Writer, data tableau.ViewData) error) func(*cobra.Command, []string) error {
	return a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
		data, err := f.data()
		if err != nil {
			return err
		}
		view, err := findView(ctx, c, args[0], f.workbook)
		if err != nil {
			return err
		}
		path := first(f.path, fileStem(view.Name)+extension)
		return a.writeTo(path, func(w io.Writer) error {
			if err := render(ctx, c, view.ID, w, data); err != nil {
				return fmt.Errorf("render the view %q: %w", view.Name, err)
			}
			return nil
		})
	})
}

func (a *app) viewsImageCommand() *cobra.Command {
	var f exportFlags
	var high bool
	command := &cobra.Command{
		Use:   "image " + views.placeholder(),
		Short: "Save a picture of a view, a PNG",
		Example: `  tabctl views image "Sales by Region" --filter Region=East --filter Region=West
  tabctl views image Overview --workbook Sales --high-resolution -f overview.png`,
		Args: cobra.ExactArgs(1),
		RunE: a.export(&f, ".png", func(ctx context.Context, c *tableau.Client, id string, w io.Writer, data tableau.ViewData) error {
			return c.Views.Image(ctx, id, w, tableau.ImageOptions{ViewData: data, HighResolution: high})
		}),
	}
	f.add(command, "", "; default is the view's name")
	command.Flags().BoolVar(&high, "high-resolution", false, "twice the pixels")
	return command
}

func (a *app) viewsCSVCommand() *cobra.Command {
	var f exportFlags
	command := &cobra.Command{
		Use:     "csv " + views.placeholder(),
		Short:   "Print or save the data of a view",
		Example: "  tabctl views csv Overview --workbook Sales > overview.csv",
		Args:    cobra.ExactArgs(1),
		RunE: a.export(&f, ".csv", func(ctx context.Context, c *tableau.Client, id string, w io.Writer, data tableau.ViewData) error {
			return c.Views.CSV(ctx, id, w, tableau.CSVOptions{ViewData: data})
		}),
	}
	f.add(command, "-", "")
	return command
}

func (a *app) viewsPDFCommand() *cobra.Command {
	var f exportFlags
	pageType := choice{allowed: []string{
		"A3", "A4", "A5", "B4", "B5", "Executive", "Folio", "Ledger", "Legal", "Letter", "Note", "Quarto", "Tabloid", "Unspecified",
	}}
	orientation := choice{allowed: []string{"Portrait", "Landscape"}}
	command := &cobra.Command{
		Use:     "pdf " + views.placeholder(),
		Short:   "Save a view as a PDF",
		Example: "  tabctl views pdf Overview --page-type A4 --orientation landscape",
		Args:    cobra.ExactArgs(1),
		RunE: a.export(&f, ".pdf", func(ctx context.Context, c *tableau.Client, id string, w io.Writer, data tableau.ViewData) error {
			return c.Views.PDF(ctx, id, w, tableau.PDFOptions{
				ViewData: data, PageType: tableau.PageType(pageType.value), Orientation: tableau.Orientation(orientation.value),
			})
		}),
	}
	f.add(command, "", "; default is the view's name")
	choiceFlag(command, &pageType, "page-type", "size of the pages")
	choiceFlag(command, &orientation, "orientation", "how the pages are turned")
	return command
}
