package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

var dataSources = kind[tableau.DataSource]{
	name: "data source", group: "datasources",
	columns: []column{
		{title: "NAME", path: "name"}, {title: "TYPE", path: "type"}, {title: "PROJECT", path: "project.name"},
		{title: "OWNER", path: "owner.name", wide: true}, {title: "MB", path: "size", wide: true}, {title: "UPDATED", path: "updatedAt"},
		{title: "CERTIFIED", path: "isCertified", wide: true}, {title: "TAGS", path: "tags", wide: true}, {title: "ID", path: "id"},
	},
	list: func(ctx context.Context, c *tableau.Client, q tableau.Query) itemsOf[tableau.DataSource] {
		return c.DataSources.List(ctx, q)
	},
	get: func(ctx context.Context, c *tableau.Client, id string) (*tableau.DataSource, error) {
		return c.DataSources.Get(ctx, id)
	},
	delete: func(ctx context.Context, c *tableau.Client, id string) error { return c.DataSources.Delete(ctx, id) },
	id:     func(d *tableau.DataSource) string { return d.ID }, names: func(d *tableau.DataSource) []string { return []string{d.Name} },
	project:    func(d *tableau.DataSource) string { return d.Project.ID },
	page:       func(d *tableau.DataSource) string { return d.WebpageURL },
	searchable: true, order: []tableau.Sort{tableau.Asc("name")},
}

var publishedDataSources = publishedKind[tableau.DataSource]{
	kind:       &dataSources,
	service:    func(c *tableau.Client) publishedService { return c.DataSources },
	updatedAt:  func(d *tableau.DataSource) time.Time { return d.UpdatedAt },
	extensions: []string{"tds", "hyper", "tde", "parquet", "tdsx"},
}

func (a *app) dataSourcesCommand() *cobra.Command {
	k := &publishedDataSources
	verbs := []*cobra.Command{
		k.listCommand(a, "  tabctl datasources list\n  tabctl datasources list --filter isCertified=true"),
		k.getCommand(a, "  tabctl datasources get Finance/Budget -o json"),
		a.dataSourcesPublishCommand(), k.downloadCommand(a), a.dataSourcesUpdateCommand(),
		k.deleteCommand(a, "", "  tabctl datasources delete Budget --yes"),
		k.refreshCommand(a), k.revisionsCommand(a), k.deleteRevisionCommand(a), k.connectionsCommand(a), k.updateConnectionCommand(a),
		a.dataSourcesCreateExtractCommand(), a.dataSourcesDeleteExtractCommand(),
	}
	group := a.groupCommand("datasources", "List, publish, download, change and delete data sources", append(verbs, k.tagCommands(a, tableau.ContentDataSource)...)...)
	return group
}

func (a *app) dataSourcesPublishCommand() *cobra.Command {
	var how publishing[tableau.DataSource]
	var options tableau.PublishDataSource // what all files have in common
	var add, replace, embed, bridge bool
	var dbUser, dbPasswordFile string
	of := func(p publication) tableau.PublishDataSource {
		options := options
		options.Name, options.FileName, options.ProjectID, options.Progress = p.name, filepath.Base(p.path), p.project.ID, p.progress
		return options
	}
	how.prepare = func(ctx context.Context, c *tableau.Client, connections []tableau.PublishConnection) error {
		options.Description, options.Connections = how.flags.description, connections
		options.UseRemoteQueryAgent = given(a, "use-bridge", bridge)
		switch {
		case how.flags.overwrite:
			options.Mode = tableau.Overwrite
		case add:
			options.Mode = tableau.Append
		case replace:
			options.Mode = tableau.Replace
		}
		if dbUser == "" {
			if dbPasswordFile != "" || embed {
				return usage("--db-password-file and --embed-password need --db-username")
			}
			return nil
		}
		password, err := a.dbPassword(dbUser, dbPasswordFile)
		options.Credentials = &tableau.ConnectionCredentials{Name: dbUser, Password: password, Embed: embed}
		return err
	}
	how.publish = func(ctx context.Context, c *tableau.Client, file *os.File, p publication) (*tableau.DataSource, error) {
		return c.DataSources.Publish(ctx, file, of(p))
	}
	how.asJob = func(ctx context.Context, c *tableau.Client, file *os.File, p publication) (*tableau.Job, error) {
		return c.DataSources.PublishAsJob(ctx, file, of(p))
	}
	command := publishedDataSources.publishCommand(a, &how, `  tabctl datasources publish Budget.hyper --project Finance
  tabctl datasources publish new-rows.hyper --project Finance --name Budget --append
  tabctl datasources publish Budget.tds --project Finance --db-username ann --db-password-file db.secret --embed-password
  tabctl datasources publish 'data/*.hyper' --project Finance --overwrite --continue-on-error`)
	flags := command.Flags()
	flags.BoolVar(&add, "append", false, "add the rows of the file to the data source of that name")
	flags.BoolVar(&replace, "replace", false, "keep the data source of that name, and take the file's data")
	flags.BoolVar(&options.Certified, "certified", false, "certify the data source")
	flags.StringVar(&options.CertificationNote, "certification-note", "", "`text` that says why it is certified")
	flags.BoolVar(&bridge, "use-bridge", false, "let Tableau Bridge query it")
	flags.StringVar(&dbUser, "db-username", "", "user `name` for the database of the file's only connection")
	flags.StringVar(&dbPasswordFile, "db-password-file", "", "`file` that holds the password for the database; - is standard input (or "+dbPasswordVariable+")")
	flags.BoolVar(&embed, "embed-password", false, "keep the password with the data source")
	command.MarkFlagsMutuallyExclusive("overwrite", "append", "replace")
	command.MarkFlagsMutuallyExclusive("connection", "db-username")
	return command
}

func (a *app) dataSourcesUpdateCommand() *cobra.Command {
	var name, description, project, owner, note string
	var certified, encrypt, bridge bool
	command := dataSources.updateCommand(a, `  tabctl datasources update Budget --certified --certification-note "Checked by Finance"
  tabctl datasources update Finance/Budget --project Finance/EMEA --owner ann`,
		func(ctx context.Context, c *tableau.Client) (func(id string) (*tableau.DataSource, error), error) {
			projectID, projectErr := foundID(ctx, a, c, &projects, "project", project)
			ownerID, ownerErr := foundID(ctx, a, c, &users, "owner", owner)
			if err := errors.Join(projectErr, ownerErr); err != nil {
				return nil, err
			}
			update := tableau.DataSourceUpdate{
				Name: given(a, "name", name), Description: given(a, "description", description), ProjectID: projectID, OwnerID: ownerID,
				Certified: given(a, "certified", certified), CertificationNote: given(a, "certification-note", note),
				EncryptExtracts: given(a, "encrypt-extracts", encrypt), UseRemoteQueryAgent: given(a, "use-bridge", bridge),
			}
			return func(id string) (*tableau.DataSource, error) { return c.DataSources.Update(ctx, id, update) }, nil
		})
	flags := command.Flags()
	flags.StringVar(&name, "name", "", "new `name`")
	flags.StringVar(&description, "description", "", "`text` that describes the data source")
	flags.StringVar(&project, "project", "", "`name`, path or ID of the project to move it to")
	flags.StringVar(&owner, "owner", "", "`name` or ID of the user to give it to")
	flags.BoolVar(&certified, "certified", false, "certify the data source; =false takes that back")
	flags.StringVar(&note, "certification-note", "", "`text` that says why it is certified")
	flags.BoolVar(&encrypt, "encrypt-extracts", false, "keep the extract encrypted; =false does not")
	flags.BoolVar(&bridge, "use-bridge", false, "let Tableau Bridge query it; =false does not")
	return command
}

func (a *app) dataSourcesCreateExtractCommand() *cobra.Command {
	var encrypt bool
	command := publishedDataSources.jobCommand(a, action{
		verb: "create-extract", short: "Make an extract of a data source", sentence: "create the extract of",
		example: "  tabctl datasources create-extract Budget --wait"},
		func(ctx context.Context, c *tableau.Client, id string) (*tableau.Job, error) {
			return c.DataSources.CreateExtract(ctx, id, encrypt)
		})
	command.Flags().BoolVar(&encrypt, "encrypt", false, "keep the extract encrypted")
	return command
}

func (a *app) dataSourcesDeleteExtractCommand() *cobra.Command {
	return publishedDataSources.jobCommand(a, action{
		verb: "delete-extract", short: "Delete the extract of a data source, which is live then", sentence: "delete the extract of",
		example: "  tabctl datasources delete-extract Budget --yes", asks: true},
		func(ctx context.Context, c *tableau.Client, id string) (*tableau.Job, error) {
			return nil, c.DataSources.DeleteExtract(ctx, id)
		})
}
