package cli

import (
	"context"
	"io"
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
	list: func(ctx context.Context, c *tableau.Client, q tableau.Query) itemsOf[tableau.View] {
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
	verbs := []*cobra.Command{
		views.listCommand(a, "  tabctl views list\n  tabctl views list --filter workbookName=Sales"),
		views.getCommand(a, "  tabctl views get Sales/Overview"),
		a.viewsImageCommand(), a.viewsCSVCommand(), a.viewsExcelCommand(), a.viewsPDFCommand(), a.viewsPreviewCommand(), a.viewsExportCommand(),
		views.deleteCommand(a, " from its workbook", "  tabctl views delete Sales/Overview --yes"),
	}
	return a.groupCommand("views", "List views and save them as pictures, data and pages", append(verbs, views.tagCommands(a, tableau.ContentView)...)...)
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

// viewCommand saves a rendering of a view.
func (a *app) viewCommand(verb, short, example, format string, f *renderFlags) *cobra.Command {
	var workbook string
	command := views.saveCommand(a, verb, short, example, "."+format,
		func(ctx context.Context, c *tableau.Client, text string) (*tableau.View, error) {
			return findView(ctx, c, text, workbook)
		},
		func() (func(context.Context, *tableau.Client, *tableau.View, io.Writer) error, error) {
			return f.renderer(a, format)
		})
	command.Flags().StringVar(&workbook, "workbook", "", "`name` or ID of the view's workbook, when the view's name is not enough")
	f.addData(command, "filter")
	return command
}

func (a *app) viewsImageCommand() *cobra.Command {
	var f renderFlags
	command := a.viewCommand("image", "Save a picture of a view, a PNG", `  tabctl views image "Sales by Region" --filter Region=East --filter Region=West
  tabctl views image Overview --workbook Sales --high-resolution --parameter Year=2026 --max-age 0s -f overview.png`, "png", &f)
	f.addSize(command)
	f.addImage(command)
	return command
}

func (a *app) viewsCSVCommand() *cobra.Command {
	return a.viewCommand("csv", "Print or save the data of a view", "  tabctl views csv Overview --workbook Sales > overview.csv", "csv", &renderFlags{})
}

func (a *app) viewsExcelCommand() *cobra.Command {
	return a.viewCommand("excel", "Save a view as a crosstab, an Excel file", "  tabctl views excel \"Sales by Region\" -f sales.xlsx", "xlsx", &renderFlags{})
}

func (a *app) viewsPDFCommand() *cobra.Command {
	var f renderFlags
	command := a.viewCommand("pdf", "Save a view as a PDF", "  tabctl views pdf Overview --page-type A4 --orientation landscape", "pdf", &f)
	f.addSize(command)
	f.addPages(command)
	return command
}

func (a *app) viewsPreviewCommand() *cobra.Command {
	return views.saveCommand(a, "preview", "Save the thumbnail of a view, a PNG", "  tabctl views preview Sales/Overview", ".png", views.find,
		func() (func(context.Context, *tableau.Client, *tableau.View, io.Writer) error, error) {
			return func(ctx context.Context, c *tableau.Client, view *tableau.View, w io.Writer) error {
				return c.Views.PreviewImage(ctx, view.Workbook.ID, view.ID, w)
			}, nil
		})
}
