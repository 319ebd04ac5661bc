package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

// publishedKind is a kind of item that is published as a file: workbooks and data sources. Its verbs are in this file, in
// publish.go and in download.go.
type publishedKind[T any] struct {
	*kind[T]
	service    func(*tableau.Client) publishedService
	updatedAt  func(*T) time.Time
	extensions []string // of its files
}

// publishedService is what the client does alike for all of them.
type publishedService interface {
	Download(ctx context.Context, id string, w io.Writer, o tableau.DownloadOptions) (*tableau.Download, error)
	DownloadFile(ctx context.Context, id, path string, o tableau.DownloadOptions) (*tableau.Download, error)
	Revisions(ctx context.Context, id string) itemsOf[tableau.Revision]
	DownloadRevision(ctx context.Context, id string, number int, w io.Writer, o tableau.DownloadOptions) (*tableau.Download, error)
	DownloadRevisionFile(ctx context.Context, id string, number int, path string, o tableau.DownloadOptions) (*tableau.Download, error)
	DeleteRevision(ctx context.Context, id string, number int) error
	Connections(ctx context.Context, id string) ([]*tableau.Connection, error)
	UpdateConnection(ctx context.Context, id, connectionID string, u tableau.ConnectionUpdate) (*tableau.Connection, error)
	Refresh(ctx context.Context, id string) (*tableau.Job, error)
	RefreshIncremental(ctx context.Context, id string) (*tableau.Job, error)
}

// jobCommand starts a job for an item; start may answer nil when the server names no job.
func (k *publishedKind[T]) jobCommand(a *app, act action, start func(ctx context.Context, c *tableau.Client, id string) (*tableau.Job, error)) *cobra.Command {
	var f jobFlags
	command := k.workCommand(a, act, func(ctx context.Context, c *tableau.Client, item *T, what string) error {
		job, err := start(ctx, c, k.id(item))
		switch {
		case errors.Is(err, tableau.ErrConflict):
			return fmt.Errorf("%s: %w", what, withHint(err, "tabctl jobs list, for what is waiting or running already"))
		case err != nil:
			return fmt.Errorf("%s: %w", what, err)
		case job == nil:
			a.say("Done: %s", what)
			return nil
		}
		return a.printJob(ctx, c, &f, job, what)
	})
	f.add(command)
	return command
}

func (k *publishedKind[T]) refreshCommand(a *app) *cobra.Command {
	var incremental bool
	command := k.jobCommand(a, action{
		verb: "refresh", short: "Refresh the extracts of a " + k.name, sentence: "refresh",
		example: fmt.Sprintf("  tabctl %s refresh Finance/EMEA/Sales --wait\n  tabctl %[1]s refresh Sales --incremental", k.group)},
		func(ctx context.Context, c *tableau.Client, id string) (*tableau.Job, error) {
			if incremental {
				return k.service(c).RefreshIncremental(ctx, id)
			}
			return k.service(c).Refresh(ctx, id)
		})
	command.Flags().BoolVar(&incremental, "incremental", false, "add only the rows that are new")
	return command
}

var revisionColumns = []column{
	{title: "REVISION", path: "revisionNumber"}, {title: "PUBLISHED", path: "publishedAt"}, {title: "PUBLISHER", path: "publisher.name"},
	{title: "CURRENT", path: "current"}, {title: "BYTES", path: "sizeInBytes", wide: true}, {title: "DELETED", path: "deleted", wide: true},
}

func (k *publishedKind[T]) revisionsCommand(a *app) *cobra.Command {
	return partsCommand(a, k.kind, "revisions", "List the revisions of a "+k.name,
		fmt.Sprintf("  tabctl %s revisions Sales\n  tabctl %[1]s download Sales --revision 2", k.group), revisionColumns,
		func(ctx context.Context, c *tableau.Client, item *T) itemsOf[tableau.Revision] {
			return k.service(c).Revisions(ctx, k.id(item))
		})
}

func (k *publishedKind[T]) deleteRevisionCommand(a *app) *cobra.Command {
	command := &cobra.Command{
		Use:     "delete-revision " + k.placeholder() + " NUMBER",
		Short:   "Delete a revision of a " + k.name + ", but not the current one",
		Example: fmt.Sprintf("  tabctl %s delete-revision Sales 2 --yes", k.group),
		Args:    cobra.ExactArgs(2), ValidArgsFunction: k.completeFirst(a),
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			number, err := strconv.Atoi(args[1])
			if err != nil || number < 1 {
				return usage("%q is no number of a revision", args[1])
			}
			item, label, err := k.findDescribed(ctx, c, args[0])
			if err != nil {
				return err
			}
			if a.left("delete the revision %d of %s", number, label) {
				return nil
			}
			if err := a.confirm(fmt.Sprintf("Delete the revision %d of %s?", number, label)); err != nil {
				return err
			}
			if err := k.service(c).DeleteRevision(ctx, k.id(item), number); err != nil {
				return err
			}
			a.say("Deleted the revision %d of %s", number, label)
			return nil
		}),
	}
	a.yesFlag(command)
	a.dryRunFlag(command)
	return command
}

var connectionColumns = []column{
	{title: "ID", path: "id"}, {title: "TYPE", path: "type"}, {title: "SERVER", path: "serverAddress"}, {title: "PORT", path: "serverPort"}, {title: "USER", path: "userName"},
	{title: "EMBEDDED", path: "embedPassword"}, {title: "DATA SOURCE", path: "datasource.name", wide: true},
}

func (k *publishedKind[T]) connectionsCommand(a *app) *cobra.Command {
	return partsCommand(a, k.kind, "connections", "List the data connections of a "+k.name, fmt.Sprintf("  tabctl %s connections Sales", k.group), connectionColumns,
		func(ctx context.Context, c *tableau.Client, item *T) itemsOf[tableau.Connection] {
			return sequence(k.service(c).Connections(ctx, k.id(item)))
		})
}

func (k *publishedKind[T]) updateConnectionCommand(a *app) *cobra.Command {
	var all, embed, tagging bool
	var server, port, username, passwordFile, authentication string
	command := &cobra.Command{
		Use:   "update-connection " + k.placeholder() + " [CONNECTION-ID...]",
		Short: "Change where and how connections of a " + k.name + " get their data",
		Long: fmt.Sprintf(`Change where and how connections of a %s get their data.

The connections are those with the IDs, with --all every one, or the only one
there is. What no flag is given for stays as it is.`, k.name),
		Example: fmt.Sprintf(`  tabctl %s update-connection Sales --server-address db.example.com --server-port 5432
  tabctl %[1]s update-connection Sales --all --db-username ann --db-password-file db.secret --embed-password`, k.group),
		Args: cobra.MinimumNArgs(1), ValidArgsFunction: k.completeFirst(a),
	}
	command.RunE = a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
		if changes, possible := givenFlags(command); len(changes) == 0 || all && len(changes) == 1 {
			return usage("nothing is to be changed: give one of %v", possible)
		}
		update := tableau.ConnectionUpdate{
			ServerAddress: given(a, "server-address", server), ServerPort: given(a, "server-port", port), UserName: given(a, "db-username", username),
			AuthenticationType: given(a, "authentication-type", authentication), EmbedPassword: given(a, "embed-password", embed),
			QueryTaggingEnabled: given(a, "query-tagging", tagging),
		}
		if passwordFile != "" || a.getenv(dbPasswordVariable) != "" {
			password, err := a.secret("password of the database", "db-password-file", passwordFile, dbPasswordVariable)
			if err != nil {
				return err
			}
			update.Password = &password
		}
		item, label, err := k.findDescribed(ctx, c, args[0])
		if err != nil {
			return err
		}
		connections, err := k.service(c).Connections(ctx, k.id(item))
		if err != nil {
			return err
		}
		chosen, err := chooseConnections(connections, args[1:], all)
		if err != nil {
			return err
		}
		var changed []*tableau.Connection
		for _, connection := range chosen {
			if a.left("change the connection %s of %s", connection.ID, label) {
				continue
			}
			connection, err := k.service(c).UpdateConnection(ctx, k.id(item), connection.ID, update)
			if err != nil {
				return fmt.Errorf("change a connection of %s: %w", label, err)
			}
			changed = append(changed, connection)
		}
		if a.dryRun {
			return nil
		}
		return printList(a, changed, connectionColumns)
	})
	flags := command.Flags()
	flags.BoolVar(&all, "all", false, "change all connections")
	flags.StringVar(&server, "server-address", "", "`host` of the database")
	flags.StringVar(&port, "server-port", "", "`port` of the database")
	flags.StringVar(&username, "db-username", "", "user `name` for the database")
	flags.StringVar(&passwordFile, "db-password-file", "", "`file` that holds the password for the database; - is standard input (or "+dbPasswordVariable+")")
	flags.StringVar(&authentication, "authentication-type", "", "`way` to sign in to the database, such as auth-user-pass")
	flags.BoolVar(&embed, "embed-password", false, "keep the password with the "+k.name+"; =false forgets it")
	flags.BoolVar(&tagging, "query-tagging", false, "mark queries with who asks and where")
	a.dryRunFlag(command)
	return command
}

// chooseConnections returns the connections with the IDs, all, or the only one.
func chooseConnections(connections []*tableau.Connection, ids []string, all bool) ([]*tableau.Connection, error) {
	switch {
	case all && len(ids) > 0:
		return nil, usage("give IDs of connections or --all, not both")
	case len(ids) == 0 && !all && len(connections) != 1:
		return nil, usage("there are %d connections: give the IDs of those to change, or --all", len(connections))
	case len(ids) == 0:
		return connections, nil
	}
	var chosen []*tableau.Connection
	for _, id := range ids {
		found, _ := matching(sequence(connections, nil), func(c *tableau.Connection) bool { return c.ID == id })
		if len(found) == 0 {
			return nil, &missingError{"connection", id}
		}
		chosen = append(chosen, found...)
	}
	return chosen, nil
}
