package cli

import (
	"archive/zip"
	"cmp"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tabctl/tableau-go/tableau"
)

// publishedTypes are those that publish takes from a folder. A .tds it takes only by name, as tabcmd does.
var publishedTypes = []string{"twb", "twbx", "tdsx", "hyper"}

// tabcmdPublish publishes a file, or the files of a folder one after the other up to the first that fails.
func (a *app) tabcmdPublish(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	mode := tableau.CreateNew
	for name, chosen := range map[string]tableau.PublishMode{"--overwrite": tableau.Overwrite, "--append": tableau.Append, "--replace": tableau.Replace} {
		if args.on(name) {
			if mode != tableau.CreateNew {
				return errors.New("only one of --overwrite, --append and --replace can be given")
			}
			mode = chosen
		}
	}
	files, err := tabcmdFiles(args)
	if err != nil {
		return err
	}
	if args.given("--name") && len(files) > 1 {
		return fmt.Errorf("--name is given for %d files, which would replace each other", len(files))
	}
	credentials, err := a.databaseCredentials(args)
	if err != nil {
		return err
	}
	in, err := tabcmdIn(ctx, c, args)
	if err != nil {
		return err
	}
	workbook := tableau.PublishWorkbook{
		Name: args.value("--name"), ProjectID: in.ID, Description: args.value("--description"), Mode: mode,
		ShowTabs: args.on("--tabbed"), EncryptExtracts: args.on("--encrypt-extracts"), SkipConnectionCheck: args.on("--skip-connection-check"),
	}
	if name := args.value("--thumbnail-username"); name != "" {
		user, err := userNamed(ctx, c, name)
		if err != nil {
			return err
		}
		workbook.ThumbnailsUserID = user.ID
	}
	if name := args.value("--thumbnail-group"); name != "" {
		group, err := groups.find(ctx, c, name)
		if err != nil {
			return err
		}
		workbook.ThumbnailsGroupID = group.ID
	}
	source := tableau.PublishDataSource{
		Name: args.value("--name"), ProjectID: in.ID, Description: args.value("--description"), Mode: mode, Credentials: credentials,
	}
	if args.on("--use-tableau-bridge") {
		source.UseRemoteQueryAgent = new(true)
	}
	for _, file := range files {
		if err := a.tabcmdPublishFile(ctx, c, args, file, in, workbook, source); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) tabcmdPublishFile(ctx context.Context, c *tableau.Client, args *tabcmdArgs, file string, in *projectItem, workbook tableau.PublishWorkbook, source tableau.PublishDataSource) error {
	p := a.progress("Uploading " + filepath.Base(file))
	var id, name, page string
	var err error
	if typeOf(file, tabcmdFileTypes["workbooks"]) != "" {
		if source.Credentials != nil {
			if workbook.Connections, err = workbookConnections(file, *source.Credentials); err != nil {
				return fmt.Errorf("read the connections of %s: %w", file, err)
			}
			if workbook.Connections == nil {
				a.say("%s has no connection to a database: the credentials are for nothing", file)
			}
		}
		workbook.Progress = p.update
		var published *tableau.Workbook
		if published, err = c.Workbooks.PublishFile(ctx, file, workbook); err == nil {
			id, name, page = published.ID, published.Name, published.WebpageURL
		}
	} else {
		source.Progress = p.update
		var published *tableau.DataSource
		if published, err = c.DataSources.PublishFile(ctx, file, source); err == nil {
			id, name, page = published.ID, published.Name, published.WebpageURL
		}
	}
	if err != nil {
		p.abandon()
		err = fmt.Errorf("publish %s: %w", file, err)
		if errors.Is(err, tableau.ErrConflict) && !args.on("--continue-if-exists") {
			return withHint(err, "--overwrite to replace it, or another --name")
		}
		return a.tabcmdExists(args, err)
	}
	p.finish()
	a.say("Published %q to the project %q (%s)\n%s", name, in.Path, id, page)
	return nil
}

// databaseCredentials are those that the files' connections sign in to their databases with; nil when none are given.
func (a *app) databaseCredentials(args *tabcmdArgs) (*tableau.ConnectionCredentials, error) {
	if name := args.value("--oauth-username"); name != "" {
		return &tableau.ConnectionCredentials{Name: name, OAuth: true, Embed: args.on("--save-oauth")}, nil
	}
	name := args.value("--db-username")
	if name == "" {
		return nil, nil
	}
	password := cmp.Or(args.value("--db-password"), a.getenv("TABLEAU_DB_PASSWORD"))
	if password == "" {
		return nil, errors.New("--db-username is given, and no --db-password")
	}
	return &tableau.ConnectionCredentials{Name: name, Password: password, Embed: args.on("--save-db-password")}, nil
}

// tabcmdFiles are the files to publish, sorted.
func tabcmdFiles(args *tabcmdArgs) ([]string, error) {
	root := args.arguments[0]
	info, err := os.Stat(root)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		if typeOf(root, append([]string{"tds"}, publishedTypes...)) == "" {
			return nil, fmt.Errorf("%s cannot be published: its type is none of .twb, .twbx, .tds, .tdsx, .hyper", root)
		}
		return []string{root}, nil
	}
	types := publishedTypes
	if text := args.value("--filetype"); text != "" {
		types = []string{strings.ToLower(strings.TrimLeft(text, "*."))}
		if !slices.Contains(append([]string{"tds"}, publishedTypes...), types[0]) {
			return nil, fmt.Errorf("--filetype %q is none of twb, twbx, tds, tdsx, hyper", text)
		}
	}
	var files []string
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		hidden := strings.HasPrefix(entry.Name(), ".") && path != root
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && (hidden || !args.on("--recursive")):
			return filepath.SkipDir
		case !entry.IsDir() && !hidden && typeOf(path, types) != "":
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s holds no file of the type .%s", root, strings.Join(types, ", ."))
	}
	return files, nil
}

// workbookConnections gives each database server that a workbook's file names the credentials. The server asks for them
// by address.
func workbookConnections(path string, credentials tableau.ConnectionCredentials) ([]tableau.PublishConnection, error) {
	document, err := openWorkbook(path)
	if err != nil {
		return nil, err
	}
	defer document.Close()
	var connections []tableau.PublishConnection
	for decoder := xml.NewDecoder(document); ; {
		token, err := decoder.Token()
		if err == io.EOF {
			return connections, nil
		}
		if err != nil {
			return nil, err
		}
		element, ok := token.(xml.StartElement)
		if !ok || element.Name.Local != "connection" {
			continue
		}
		attribute := func(name string) string {
			i := slices.IndexFunc(element.Attr, func(x xml.Attr) bool { return x.Name.Local == name })
			if i < 0 {
				return ""
			}
			return element.Attr[i].Value
		}
		server, port := attribute("server"), attribute("port")
		if server == "" || attribute("class") == "sqlproxy" { // a published data source has credentials of its own
			continue
		}
		if !slices.ContainsFunc(connections, func(x tableau.PublishConnection) bool { return x.ServerAddress == server && x.ServerPort == port }) {
			connections = append(connections, tableau.PublishConnection{ServerAddress: server, ServerPort: port, Credentials: &credentials})
		}
	}
}

// openWorkbook opens the document of a workbook's file: the file itself, or of a .twbx the .twb in it.
func openWorkbook(path string) (io.ReadCloser, error) {
	if typeOf(path, []string{"twbx"}) == "" {
		return os.Open(path)
	}
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	for _, file := range archive.File {
		if typeOf(file.Name, []string{"twb"}) == "" {
			continue
		}
		document, err := file.Open()
		if err != nil {
			archive.Close()
			return nil, err
		}
		return struct {
			io.Reader
			io.Closer
		}{document, archive}, nil
	}
	archive.Close()
	return nil, errors.New("it holds no .twb")
}
