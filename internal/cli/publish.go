package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

// publishFlags are what all that is published takes.
type publishFlags struct {
	project, name, description string
	overwrite                  bool
	fromFolders, recursive     bool
	asJob                      bool
	connections                []string
	job                        jobFlags
	batch                      batchFlags
}

// publication is a file to publish, and as what.
type publication struct {
	path, name string
	project    *projectItem
	progress   func(sent, total int64)
}

// publishing is how files become items of a kind. prepare reads the command's own flags, and finds what they name.
type publishing[T any] struct {
	flags   publishFlags
	prepare func(ctx context.Context, c *tableau.Client, connections []tableau.PublishConnection) error
	publish func(ctx context.Context, c *tableau.Client, file *os.File, p publication) (*T, error)
	asJob   func(ctx context.Context, c *tableau.Client, file *os.File, p publication) (*tableau.Job, error)
}

func (k *publishedKind[T]) publishCommand(a *app, how *publishing[T], example string) *cobra.Command {
	f := &how.flags
	types := "." + strings.Join(k.extensions, ", .")
	command := &cobra.Command{
		Use:   "publish FILE|FOLDER|GLOB...",
		Short: "Publish " + types + " files as " + k.name + "s",
		Long: `Publish ` + types + ` files as ` + k.name + `s.

Several files, the files of folders and what patterns such as 'reports/*.` + k.extensions[0] + `' fit are
published --parallel at a time. The first failure ends it, unless
--continue-on-error is given; then a summary on standard error tells which
failed, and the exit code is 8. With --resume FILE, a later run publishes only
what is not done, or has been changed since.`,
		Example: example,
		Args:    cobra.MinimumNArgs(1),
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			if f.job.wait && !f.asJob {
				return usage("--wait is for --as-job; without it the command waits anyway")
			}
			if f.project == "" && !f.fromFolders {
				return withHint(usage("it is not said where to publish to"), "--project NAME, or --projects-from-folders")
			}
			connections, err := a.publishConnections(f.connections)
			if err != nil {
				return err
			}
			sources, err := findSources(args, k.extensions, f.recursive)
			if err != nil {
				return err
			}
			if err := how.prepare(ctx, c, connections); err != nil {
				return err
			}
			publications, missing, err := f.place(ctx, c, sources)
			if err != nil {
				return err
			}
			if err := a.createProjects(ctx, c, missing); err != nil {
				return err
			}
			var items []publication
			for _, p := range publications {
				if !a.left("publish %s to the project %q", p.path, p.project.Path) {
					items = append(items, p)
				}
			}
			if len(items) == 0 {
				return nil
			}
			if f.asJob && !f.job.wait {
				jobs, err := publishAll(ctx, a, f, k.name, items, func(ctx context.Context, file *os.File, p publication, _ bool) (*tableau.Job, error) {
					return how.asJob(ctx, c, file, p)
				})
				return printDone(a, err, jobs, startedJobColumns)
			}
			published, err := publishAll(ctx, a, f, k.name, items, func(ctx context.Context, file *os.File, p publication, alone bool) (*T, error) {
				if !f.asJob {
					return how.publish(ctx, c, file, p)
				}
				job, err := how.asJob(ctx, c, file, p)
				if err != nil {
					return nil, err
				}
				return k.publishedBy(ctx, a, c, job, p, alone)
			})
			return printDone(a, err, published, k.columns)
		}),
	}
	flags := command.Flags()
	flags.StringVar(&f.project, "project", "", "`name`, path or ID of the project to publish to")
	flags.StringVar(&f.name, "name", "", "`name` of the "+k.name+"; default is the file's name")
	flags.StringVar(&f.description, "description", "", "`text` that describes the "+k.name)
	flags.BoolVar(&f.overwrite, "overwrite", false, "replace a "+k.name+" of that name")
	flags.StringArrayVar(&f.connections, "connection", nil,
		"`sign-in` for a connection of the file, as server=HOST,port=N,username=NAME,password-file=FILE,embed; may be repeated (without password-file: "+dbPasswordVariable+")")
	flags.BoolVar(&f.asJob, "as-job", false, "let the server publish in the background, and print its job")
	flags.BoolVar(&f.recursive, "recursive", false, "also the files of folders in folders")
	flags.BoolVar(&f.fromFolders, "projects-from-folders", false, "a file's folder is its project, below --project; missing projects are created")
	f.job.add(command)
	f.batch.add(command)
	a.dryRunFlag(command)
	mustAdd(command.RegisterFlagCompletionFunc("project", projects.complete(a)))
	return command
}

// printDone prints what a batch did, also when not all went well, and returns the batch's error.
func printDone[T any](a *app, batchErr error, done []T, columns []column) error {
	if len(done) == 0 && batchErr != nil {
		return batchErr
	}
	return errors.Join(batchErr, printList(a, done, columns))
}

// publishAll runs the publications as a batch.
func publishAll[R any](ctx context.Context, a *app, f *publishFlags, kind string, publications []publication, publish func(ctx context.Context, file *os.File, p publication, alone bool) (R, error)) ([]R, error) {
	var items []batchItem[R]
	for _, p := range publications {
		path, err := filepath.Abs(p.path)
		if err != nil {
			return nil, err
		}
		info, err := os.Stat(p.path)
		if err != nil {
			return nil, usage("%w", err)
		}
		items = append(items, batchItem[R]{
			name:  p.path,
			key:   fmt.Sprintf("publish %s as %s %q to %s", path, kind, p.name, p.project.ID),
			state: fmt.Sprintf("%d bytes of %s", info.Size(), info.ModTime().UTC().Format(time.RFC3339Nano)),
			work: func(ctx context.Context, shown *progress) (result R, err error) {
				file, err := os.Open(p.path)
				if err != nil {
					return result, usage("%w", err)
				}
				defer file.Close()
				p.progress = shown.update
				result, err = publish(ctx, file, p, shown != nil)
				if err != nil {
					err = fmt.Errorf("publish %s: %w", filepath.Base(p.path), err)
					if errors.Is(err, tableau.ErrConflict) && !f.overwrite {
						err = withHint(err, "--overwrite to replace it, or another --name")
					}
					return result, err
				}
				shown.finish()
				return result, nil
			},
		})
	}
	return runBatch(ctx, a, &f.batch, "Uploading", items)
}

// publishedBy waits for the job of a publication and finds what it published.
func (k *publishedKind[T]) publishedBy(ctx context.Context, a *app, c *tableau.Client, job *tableau.Job, p publication, alone bool) (*T, error) {
	var err error
	if alone {
		_, err = a.waitForJob(ctx, c, job.ID, "Publishing "+p.name)
	} else {
		_, err = c.Jobs.Wait(ctx, job.ID, tableau.WaitOptions{})
	}
	if err != nil {
		return nil, err
	}
	named, err := k.named(ctx, c, p.name)
	if err != nil {
		return nil, err
	}
	found, _ := matching(sequence(named, nil), func(item *T) bool { return k.kind.project(item) == p.project.ID })
	return k.only(ctx, c, p.project.Path+"/"+p.name, found)
}

// place says as what, and to which project, each file is published, and which projects have to be created first.
func (f *publishFlags) place(ctx context.Context, c *tableau.Client, sources []sourceFile) (publications []publication, missing []*projectItem, err error) {
	if f.name != "" && len(sources) > 1 {
		return nil, nil, usage("--name is for one file, and there are %d", len(sources))
	}
	base := &projectItem{}
	if f.project != "" {
		if base, err = projects.find(ctx, c, f.project); err != nil {
			return nil, nil, err
		}
	}
	known := map[string]*projectItem{}
	if f.fromFolders {
		for p, err := range listProjects(ctx, c, tableau.Query{}) {
			if err != nil {
				return nil, nil, err
			}
			known[p.Path] = p
		}
	}
	taken := map[string]string{}
	for _, source := range sources {
		project := base
		if f.fromFolders && source.folder != "" {
			for _, name := range strings.Split(source.folder, "/") {
				path := strings.TrimPrefix(project.Path+"/"+name, "/")
				if known[path] == nil {
					known[path] = &projectItem{path, &tableau.Project{Name: name}}
					missing = append(missing, known[path])
				}
				project = known[path]
			}
		}
		if project.Project == nil {
			return nil, nil, withHint(usage("%s is in no folder that could be its project", source.path), "--project NAME")
		}
		base := filepath.Base(source.path)
		name := cmp.Or(f.name, strings.TrimSuffix(base, filepath.Ext(base)))
		place := strings.ToLower(project.Path + "/" + name)
		if other, twice := taken[place]; twice {
			return nil, nil, usage("%s and %s would both become %q in the project %q", other, source.path, name, project.Path)
		}
		taken[place] = source.path
		publications = append(publications, publication{path: source.path, name: name, project: project})
	}
	return publications, missing, nil
}

// createProjects makes the projects that are missing, parents first, as they are listed.
func (a *app) createProjects(ctx context.Context, c *tableau.Client, missing []*projectItem) error {
	for _, project := range missing {
		if a.left("create the project %q", project.Path) {
			continue
		}
		create := tableau.CreateProject{Name: project.Name}
		if i := strings.LastIndexByte(project.Path, '/'); i >= 0 {
			parent, err := projects.find(ctx, c, "/"+project.Path[:i])
			if err != nil {
				return err
			}
			create.ParentProjectID = parent.ID
		}
		created, err := c.Projects.Create(ctx, create)
		if err != nil {
			return fmt.Errorf("create the project %q: %w", project.Path, err)
		}
		*project.Project = *created
		a.say("Created the project %q", project.Path)
	}
	return nil
}

// sourceFile is a file to publish, and the folder that it was found in, below the one that was given: EMEA/Daily.
type sourceFile struct{ path, folder string }

// findSources finds the files that arguments name: files, folders and patterns.
func findSources(args, extensions []string, recursive bool) ([]sourceFile, error) {
	var found []sourceFile
	add := func(path, folder string) {
		if !slices.ContainsFunc(found, func(s sourceFile) bool { return s.path == path }) {
			found = append(found, sourceFile{path, folder})
		}
	}
	for _, arg := range args {
		names := []string{arg}
		if _, err := os.Stat(arg); err != nil && strings.ContainsAny(arg, "*?[") {
			matches, err := filepath.Glob(arg)
			if err != nil {
				return nil, usage("%s: %w", arg, err)
			}
			if names = matches; len(names) == 0 {
				return nil, usage("no file fits %s", arg)
			}
		}
		for _, name := range names {
			info, err := os.Stat(name)
			if err != nil {
				return nil, usage("%w", err)
			}
			if !info.IsDir() {
				add(filepath.Clean(name), "")
				continue
			}
			before := len(found)
			if err := walkFolder(name, extensions, recursive, add); err != nil {
				return nil, usage("%w", err)
			}
			if len(found) == before {
				return nil, usage("the folder %s holds no .%s file", name, strings.Join(extensions, ", ."))
			}
		}
	}
	return found, nil
}

// walkFolder adds the files of a folder that have one of the extensions. What begins with a dot is hidden.
func walkFolder(root string, extensions []string, recursive bool, add func(path, folder string)) error {
	return filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		hidden := strings.HasPrefix(entry.Name(), ".")
		if entry.IsDir() {
			if hidden || !recursive {
				return filepath.SkipDir
			}
			return nil
		}
		extension := strings.ToLower(strings.TrimPrefix(filepath.Ext(path), "."))
		if hidden || !slices.Contains(extensions, extension) {
			return nil
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		if folder == "." {
			folder = ""
		}
		add(path, filepath.ToSlash(folder))
		return err
	})
}

// dbPasswordVariable holds the password for a database.
const dbPasswordVariable = "TABLEAU_DB_PASSWORD"

// publishConnections reads what --connection says.
func (a *app) publishConnections(texts []string) ([]tableau.PublishConnection, error) {
	var connections []tableau.PublishConnection
	for _, text := range texts {
		connection, err := a.publishConnection(text)
		if err != nil {
			return nil, err
		}
		connections = append(connections, connection)
	}
	return connections, nil
}

func (a *app) publishConnection(text string) (tableau.PublishConnection, error) {
	var connection tableau.PublishConnection
	var credentials tableau.ConnectionCredentials
	var passwordFile string
	for _, part := range strings.Split(text, ",") {
		key, value, valued := strings.Cut(part, "=")
		on := true
		if valued && (key == "embed" || key == "oauth") {
			var err error
			if on, err = strconv.ParseBool(value); err != nil {
				return connection, usage("--connection: %s is true or false", key)
			}
		}
		switch key {
		case "server":
			connection.ServerAddress = value
		case "port":
			connection.ServerPort = value
		case "username":
			credentials.Name = value
		case "password-file":
			passwordFile = value
		case "embed":
			credentials.Embed = on
		case "oauth":
			credentials.OAuth = on
		default:
			return connection, usage("--connection: %q is none of server, port, username, password-file, embed and oauth", key)
		}
	}
	if connection.ServerAddress == "" {
		return connection, usage("--connection needs server=HOST, to tell which connection of the file it is")
	}
	if credentials.Name == "" {
		if passwordFile != "" || credentials.Embed || credentials.OAuth {
			return connection, usage("--connection for %s needs username=NAME", connection.ServerAddress)
		}
		return connection, nil
	}
	var err error
	if credentials.Password, err = a.dbPassword(credentials.Name, passwordFile); err != nil {
		return connection, err
	}
	connection.Credentials = &credentials
	return connection, nil
}

func (a *app) dbPassword(user, file string) (string, error) {
	return a.secret("password of "+user+" for the database", "db-password-file", file, dbPasswordVariable)
}
