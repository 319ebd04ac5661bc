package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

var workbooks = kind[tableau.Workbook]{
	name: "workbook", group: "workbooks",
	columns: []column{
		{title: "NAME", path: "name"}, {title: "PROJECT", path: "project.name"}, {title: "OWNER", path: "owner.name", wide: true},
		{title: "MB", path: "size"}, {title: "UPDATED", path: "updatedAt"}, {title: "TAGS", path: "tags", wide: true}, {title: "ID", path: "id"},
	},
	list: func(ctx context.Context, c *tableau.Client, q tableau.Query) iter.Seq2[*tableau.Workbook, error] {
		return c.Workbooks.List(ctx, q)
	},
	get: func(ctx context.Context, c *tableau.Client, id string) (*tableau.Workbook, error) {
		return c.Workbooks.Get(ctx, id)
	},
	delete: func(ctx context.Context, c *tableau.Client, id string) error { return c.Workbooks.Delete(ctx, id) },
	id:     func(w *tableau.Workbook) string { return w.ID }, names: func(w *tableau.Workbook) []string { return []string{w.Name} },
	project:    func(w *tableau.Workbook) string { return w.Project.ID },
	page:       func(w *tableau.Workbook) string { return w.WebpageURL },
	searchable: true, order: []tableau.Sort{tableau.Asc("name")},
}

func (a *app) workbooksCommand() *cobra.Command {
	return a.groupCommand("workbooks", "List, publish, download and delete workbooks",
		workbooks.listCommand(a, "  tabctl workbooks list\n  tabctl workbooks list --filter projectName=Finance -o csv > workbooks.csv"),
		workbooks.getCommand(a, "  tabctl workbooks get Finance/EMEA/Sales -o json"),
		a.workbooksViewsCommand(), a.workbooksPublishCommand(), a.workbooksDownloadCommand(),
		workbooks.deleteCommand(a, " and its views", "  tabctl workbooks delete Sales --yes"))
}

func (a *app) workbooksViewsCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "views " + workbooks.placeholder(),
		Short:             "List the views of a workbook",
		Example:           "  tabctl workbooks views Sales",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: workbooks.complete(a),
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			workbook, err := workbooks.find(ctx, c, args[0])
			if err != nil {
				return err
			}
			found, err := c.Workbooks.Views(ctx, workbook.ID)
			if err != nil {
				return err
			}
			return printList(a, found, views.columns)
		}),
	}
}

func (a *app) workbooksPublishCommand() *cobra.Command {
	var project, name string
	var overwrite, showTabs bool
	command := &cobra.Command{
		Use:   "publish FILE",
		Short: "Publish a .twb or .twbx file",
		Example: `  tabctl workbooks publish Sales.twbx --project Finance/EMEA
  tabctl workbooks publish Sales.twbx --project Finance --name "Sales 2026" --overwrite`,
		Args: cobra.ExactArgs(1),
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			in, err := projects.find(ctx, c, project)
			if err != nil {
				return err
			}
			if a.left("publish %s to the project %q", args[0], in.Path) {
				return nil
			}
			publish := tableau.PublishWorkbook{Name: name, ProjectID: in.ID, ShowTabs: showTabs}
			if overwrite {
				publish.Mode = tableau.Overwrite
			}
			workbook, err := a.publishWorkbook(ctx, c, args[0], publish)
			if errors.Is(err, tableau.ErrConflict) && !overwrite {
				return withHint(err, "--overwrite to replace it, or another --name")
			}
			if err != nil {
				return err
			}
			return printList(a, []*tableau.Workbook{workbook}, workbooks.columns)
		}),
	}
	flags := command.Flags()
	flags.StringVar(&project, "project", "", "`name`, path or ID of the project to publish to")
	flags.StringVar(&name, "name", "", "`name` of the workbook; default is the file's name")
	flags.BoolVar(&overwrite, "overwrite", false, "replace a workbook of that name")
	flags.BoolVar(&showTabs, "show-tabs", false, "show the views as tabs")
	a.dryRunFlag(command)
	if err := command.MarkFlagRequired("project"); err != nil {
		panic(err) // the flag has just been added
	}
	return command
}

// publishWorkbook publishes a file and shows how far it is.
func (a *app) publishWorkbook(ctx context.Context, c *tableau.Client, path string, publish tableau.PublishWorkbook) (*tableau.Workbook, error) {
	return a.uploading(filepath.Base(path), func(progress func(sent, total int64)) (*tableau.Workbook, error) {
		publish.Progress = progress
		return c.Workbooks.PublishFile(ctx, path, publish)
	})
}

// uploading shows how far a publication is.
func (a *app) uploading(name string, publish func(progress func(sent, total int64)) (*tableau.Workbook, error)) (*tableau.Workbook, error) {
	p := a.progress("Uploading " + name)
	workbook, err := publish(p.update)
	if err != nil {
		p.abandon()
		return nil, fmt.Errorf("publish %s: %w", name, err)
	}
	p.finish()
	return workbook, nil
}

func (a *app) workbooksDownloadCommand() *cobra.Command {
	var path string
	var options tableau.DownloadOptions
	command := &cobra.Command{
		Use:   "download " + workbooks.placeholder(),
		Short: "Download a workbook's file",
		Example: `  tabctl workbooks download Sales
  tabctl workbooks download Sales --output-file backup/Sales.twbx --without-extract`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: workbooks.complete(a),
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			workbook, err := workbooks.find(ctx, c, args[0])
			if err != nil {
				return err
			}
			return a.downloadWorkbook(ctx, c, workbook, path, options)
		}),
	}
	command.Flags().StringVarP(&path, "output-file", "f", ".", "`file` or directory to write; - is standard output")
	command.Flags().BoolVar(&options.WithoutExtract, "without-extract", false, "leave the extracts out")
	return command
}

func (a *app) downloadWorkbook(ctx context.Context, c *tableau.Client, workbook *tableau.Workbook, path string, options tableau.DownloadOptions) error {
	p := a.progress("Downloading " + workbook.Name)
	if a.errTerminal {
		options.Progress = p.update
	}
	if path == "-" {
		_, err := c.Workbooks.Download(ctx, workbook.ID, a.out, options)
		p.abandon()
		return err
	}
	got, err := c.Workbooks.DownloadFile(ctx, workbook.ID, path, options)
	p.abandon()
	if err != nil {
		return fmt.Errorf("download %s: %w", workbook.Name, err)
	}
	a.say("Wrote %s (%s)", got.Path, byteSize(got.Size))
	return nil
}
