package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

var workbookColumns = []column{
	{"NAME", "name"}, {"PROJECT", "project.name"}, {"MB", "size"}, {"UPDATED", "updatedAt"}, {"ID", "id"},
}

func (a *app) workbooksCommand() *cobra.Command {
	return a.groupCommand("workbooks", "List, publish, download and delete workbooks",
		a.workbooksListCommand(), a.workbooksGetCommand(), a.workbooksViewsCommand(),
		a.workbooksPublishCommand(), a.workbooksDownloadCommand(), a.workbooksDeleteCommand())
}

func (a *app) workbooksListCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the workbooks of the site",
		Example: "  tabctl workbooks list\n  tabctl workbooks list -o csv > workbooks.csv",
		Args:    cobra.NoArgs,
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, _ []string) error {
			workbooks, err := tableau.Collect(c.Workbooks.List(ctx, tableau.Query{Sort: []tableau.Sort{tableau.Asc("name")}}), -1)
			if err != nil {
				return err
			}
			return printList(a, workbooks, workbookColumns)
		}),
	}
}

func (a *app) workbooksGetCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "get NAME|ID",
		Short:   "Show all about a workbook",
		Example: "  tabctl workbooks get Sales -o json",
		Args:    cobra.ExactArgs(1),
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			workbook, err := findWorkbook(ctx, c, args[0])
			if err != nil {
				return err
			}
			if workbook, err = c.Workbooks.Get(ctx, workbook.ID); err != nil { // lists leave the views out
				return err
			}
			return printOne(a, workbook, workbookColumns)
		}),
	}
}

func (a *app) workbooksViewsCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "views NAME|ID",
		Short:   "List the views of a workbook",
		Example: "  tabctl workbooks views Sales",
		Args:    cobra.ExactArgs(1),
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			workbook, err := findWorkbook(ctx, c, args[0])
			if err != nil {
				return err
			}
			views, err := c.Workbooks.Views(ctx, workbook.ID)
			if err != nil {
				return err
			}
			return printList(a, views, viewColumns)
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
			in, err := findProject(ctx, c, project)
			if err != nil {
				return err
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
			return printList(a, []*tableau.Workbook{workbook}, workbookColumns)
		}),
	}
	flags := command.Flags()
	flags.StringVar(&project, "project", "", "`name`, path or ID of the project to publish to")
	flags.StringVar(&name, "name", "", "`name` of the workbook; default is the file's name")
	flags.BoolVar(&overwrite, "overwrite", false, "replace a workbook of that name")
	flags.BoolVar(&showTabs, "show-tabs", false, "show the views as tabs")
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
		Use:   "download NAME|ID",
		Short: "Download a workbook's file",
		Example: `  tabctl workbooks download Sales
  tabctl workbooks download Sales --output-file backup/Sales.twbx --without-extract`,
		Args: cobra.ExactArgs(1),
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			workbook, err := findWorkbook(ctx, c, args[0])
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
	fmt.Fprintf(a.err, "Wrote %s (%s)\n", got.Path, byteSize(got.Size))
	return nil
}

func (a *app) workbooksDeleteCommand() *cobra.Command {
	var yes bool
	command := &cobra.Command{
		Use:     "delete NAME|ID",
		Short:   "Delete a workbook and its views",
		Example: "  tabctl workbooks delete Sales --yes",
		Args:    cobra.ExactArgs(1),
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			workbook, err := findWorkbook(ctx, c, args[0])
			if err != nil {
				return err
			}
			question := fmt.Sprintf("Delete the workbook %q in the project %q?", workbook.Name, workbook.Project.Name)
			if err := a.confirm(yes, question); err != nil {
				return err
			}
			if err := c.Workbooks.Delete(ctx, workbook.ID); err != nil {
				return err
			}
			fmt.Fprintf(a.err, "Deleted the workbook %q (%s)\n", workbook.Name, workbook.ID)
			return nil
		}),
	}
	command.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return command
}
