package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

var workbooks = kind[tableau.Workbook]{
	name: "workbook", group: "workbooks",
	columns: []column{
		{title: "NAME", path: "name"}, {title: "PROJECT", path: "project.name"}, {title: "OWNER", path: "owner.name", wide: true},
		{title: "MB", path: "size"}, {title: "UPDATED", path: "updatedAt"}, {title: "TAGS", path: "tags", wide: true}, {title: "ID", path: "id"},
	},
	list: func(ctx context.Context, c *tableau.Client, q tableau.Query) itemsOf[tableau.Workbook] {
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

var publishedWorkbooks = publishedKind[tableau.Workbook]{
	kind:       &workbooks,
	service:    func(c *tableau.Client) publishedService { return c.Workbooks },
	updatedAt:  func(w *tableau.Workbook) time.Time { return w.UpdatedAt },
	extensions: []string{"twb", "twbx"},
}

func (a *app) workbooksCommand() *cobra.Command {
	k := &publishedWorkbooks
	verbs := []*cobra.Command{
		k.listCommand(a, "  tabctl workbooks list\n  tabctl workbooks list --filter projectName=Finance -o csv > workbooks.csv"),
		k.getCommand(a, "  tabctl workbooks get Finance/EMEA/Sales -o json"),
		a.workbooksViewsCommand(), a.workbooksPublishCommand(), k.downloadCommand(a), a.workbooksUpdateCommand(),
		k.deleteCommand(a, " and its views", "  tabctl workbooks delete Sales --yes"),
		k.refreshCommand(a), k.revisionsCommand(a), k.deleteRevisionCommand(a), k.connectionsCommand(a), k.updateConnectionCommand(a),
		a.workbooksCreateExtractCommand(), a.workbooksDeleteExtractCommand(),
		a.workbooksPDFCommand(), a.workbooksPowerPointCommand(), a.workbooksPreviewCommand(),
	}
	return a.groupCommand("workbooks", "List, publish, download, change, save and delete workbooks", append(verbs, k.tagCommands(a, tableau.ContentWorkbook)...)...)
}

func (a *app) workbooksViewsCommand() *cobra.Command {
	return partsCommand(a, &workbooks, "views", "List the views of a workbook", "  tabctl workbooks views Sales", views.columns,
		func(ctx context.Context, c *tableau.Client, w *tableau.Workbook) itemsOf[tableau.View] {
			return sequence(c.Workbooks.Views(ctx, w.ID))
		})
}

func (a *app) workbooksPublishCommand() *cobra.Command {
	var how publishing[tableau.Workbook]
	var options tableau.PublishWorkbook // what all files have in common
	var thumbnailsUser string
	of := func(p publication) tableau.PublishWorkbook {
		options := options
		options.Name, options.FileName, options.ProjectID, options.Progress = p.name, filepath.Base(p.path), p.project.ID, p.progress
		return options
	}
	how.prepare = func(ctx context.Context, c *tableau.Client, connections []tableau.PublishConnection) error {
		options.Description, options.Connections = how.flags.description, connections
		if how.flags.overwrite {
			options.Mode = tableau.Overwrite
		}
		user, err := foundID(ctx, a, c, &users, "thumbnails-user", thumbnailsUser)
		if user != nil {
			options.ThumbnailsUserID = *user
		}
		return err
	}
	how.publish = func(ctx context.Context, c *tableau.Client, file *os.File, p publication) (*tableau.Workbook, error) {
		return c.Workbooks.Publish(ctx, file, of(p))
	}
	how.asJob = func(ctx context.Context, c *tableau.Client, file *os.File, p publication) (*tableau.Job, error) {
		return c.Workbooks.PublishAsJob(ctx, file, of(p))
	}
	command := publishedWorkbooks.publishCommand(a, &how, `  tabctl workbooks publish Sales.twbx --project Finance/EMEA
  tabctl workbooks publish Sales.twbx --project Finance --name "Sales 2026" --overwrite
  tabctl workbooks publish Sales.twbx --project Finance --connection server=db.example.com,username=ann,password-file=db.secret,embed
  tabctl workbooks publish content --recursive --projects-from-folders --continue-on-error --resume content.jsonl`)
	flags := command.Flags()
	flags.BoolVar(&options.ShowTabs, "show-tabs", false, "show the views as tabs")
	flags.BoolVar(&options.EncryptExtracts, "encrypt-extracts", false, "keep the extracts encrypted")
	flags.StringArrayVar(&options.HiddenViews, "hide-view", nil, "hide the view of this `name`; may be repeated")
	flags.BoolVar(&options.SkipConnectionCheck, "skip-connection-check", false, "publish also when a database cannot be reached")
	flags.StringVar(&thumbnailsUser, "thumbnails-user", "", "draw thumbnails as the user of this `name` sees the views")
	return command
}

func (a *app) workbooksUpdateCommand() *cobra.Command {
	var name, description, project, owner string
	var showTabs, encrypt bool
	command := workbooks.updateCommand(a, `  tabctl workbooks update Sales --name "Sales 2026" --description "All regions"
  tabctl workbooks update Finance/Sales --project Finance/EMEA --owner ann --show-tabs=false`,
		func(ctx context.Context, c *tableau.Client) (func(id string) (*tableau.Workbook, error), error) {
			projectID, projectErr := foundID(ctx, a, c, &projects, "project", project)
			ownerID, ownerErr := foundID(ctx, a, c, &users, "owner", owner)
			if err := errors.Join(projectErr, ownerErr); err != nil {
				return nil, err
			}
			update := tableau.WorkbookUpdate{
				Name: given(a, "name", name), Description: given(a, "description", description), ProjectID: projectID, OwnerID: ownerID,
				ShowTabs: given(a, "show-tabs", showTabs), EncryptExtracts: given(a, "encrypt-extracts", encrypt),
			}
			return func(id string) (*tableau.Workbook, error) { return c.Workbooks.Update(ctx, id, update) }, nil
		})
	flags := command.Flags()
	flags.StringVar(&name, "name", "", "new `name`")
	flags.StringVar(&description, "description", "", "`text` that describes the workbook")
	flags.StringVar(&project, "project", "", "`name`, path or ID of the project to move it to")
	flags.StringVar(&owner, "owner", "", "`name` or ID of the user to give it to")
	flags.BoolVar(&showTabs, "show-tabs", false, "show the views as tabs; =false does not")
	flags.BoolVar(&encrypt, "encrypt-extracts", false, "keep the extracts encrypted; =false does not")
	return command
}

// embedded are the data sources of the workbook that a command is about.
func embedded(ids []string) tableau.EmbeddedDataSources {
	return tableau.EmbeddedDataSources{All: len(ids) == 0, IDs: ids}
}

const embeddedUsage = "only of the embedded data source with this `ID`; may be repeated (default all)"

func (a *app) workbooksCreateExtractCommand() *cobra.Command {
	var ids []string
	var encrypt bool
	command := publishedWorkbooks.jobCommand(a, action{
		verb: "create-extract", short: "Make extracts of a workbook's embedded data sources", sentence: "create the extracts of",
		example: "  tabctl workbooks create-extract Sales --wait"},
		func(ctx context.Context, c *tableau.Client, id string) (*tableau.Job, error) {
			return c.Workbooks.CreateExtract(ctx, id, embedded(ids), encrypt)
		})
	command.Flags().StringSliceVar(&ids, "datasource", nil, embeddedUsage)
	command.Flags().BoolVar(&encrypt, "encrypt", false, "keep the extracts encrypted")
	return command
}

func (a *app) workbooksDeleteExtractCommand() *cobra.Command {
	var ids []string
	command := publishedWorkbooks.jobCommand(a, action{
		verb: "delete-extract", short: "Delete the extracts of a workbook, which then asks its databases", sentence: "delete the extracts of",
		example: "  tabctl workbooks delete-extract Sales --yes --wait", asks: true},
		func(ctx context.Context, c *tableau.Client, id string) (*tableau.Job, error) {
			return c.Workbooks.DeleteExtract(ctx, id, embedded(ids))
		})
	command.Flags().StringSliceVar(&ids, "datasource", nil, embeddedUsage)
	return command
}

func (a *app) workbooksPDFCommand() *cobra.Command {
	var f renderFlags
	command := workbooks.saveCommand(a, "pdf", "Save a workbook as a PDF", "  tabctl workbooks pdf Sales --page-type A4 --orientation landscape", ".pdf", workbooks.find,
		func() (func(context.Context, *tableau.Client, *tableau.Workbook, io.Writer) error, error) {
			options, err := f.pdf(a)
			return func(ctx context.Context, c *tableau.Client, workbook *tableau.Workbook, w io.Writer) error {
				return c.Workbooks.PDF(ctx, workbook.ID, w, options)
			}, err
		})
	f.addData(command, "filter")
	f.addSize(command)
	f.addPages(command)
	return command
}

func (a *app) workbooksPowerPointCommand() *cobra.Command {
	var f renderFlags
	command := workbooks.saveCommand(a, "powerpoint", "Save pictures of a workbook's views as a PowerPoint file", "  tabctl workbooks powerpoint Sales", ".pptx", workbooks.find,
		func() (func(context.Context, *tableau.Client, *tableau.Workbook, io.Writer) error, error) {
			options := tableau.PowerPointOptions{MaxAge: given(a, "max-age", f.maxAge)}
			return func(ctx context.Context, c *tableau.Client, workbook *tableau.Workbook, w io.Writer) error {
				return c.Workbooks.PowerPoint(ctx, workbook.ID, w, options)
			}, nil
		})
	f.addMaxAge(command)
	return command
}

func (a *app) workbooksPreviewCommand() *cobra.Command {
	return workbooks.saveCommand(a, "preview", "Save the thumbnail of a workbook, a PNG", "  tabctl workbooks preview Sales", ".png", workbooks.find,
		func() (func(context.Context, *tableau.Client, *tableau.Workbook, io.Writer) error, error) {
			return func(ctx context.Context, c *tableau.Client, workbook *tableau.Workbook, w io.Writer) error {
				return c.Workbooks.PreviewImage(ctx, workbook.ID, w)
			}, nil
		})
}
