package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/internal/sample"
	"github.com/tabctl/tableau-go/tableau"
)

// demoDir is where the demo writes.
const demoDir = "tabctl-demo"

func (a *app) demoCommand() *cobra.Command {
	var d demo
	command := &cobra.Command{
		Use:   "demo",
		Short: "Publish, view and download a workbook, on a server of its own",
		Long: `Takes a workbook once through everything: starts a server on this machine, signs
in with a personal access token, creates a project, publishes the workbook,
lists it and its views, downloads it again and compares the bytes, saves each
view's data and picture and the workbook's pages in ./` + demoDir + `, and signs out.

With --server or another of the connection flags it works on that server
instead. Nothing there is changed or removed: it creates a new project and says
what it has created.`,
		Example: `  tabctl demo
  tabctl demo --file Sales.twbx
  tabctl demo --keep
  tabctl demo --server https://tableau.example.com --site test --token-name ci`,
		Args: cobra.NoArgs,
	}
	a.connection.add(command.Flags())
	command.MarkFlagsMutuallyExclusive("token-name", "username", "jwt-file")
	command.Flags().StringVar(&d.file, "file", "", "`path` of a .twb or .twbx to take instead of the sample")
	command.Flags().BoolVar(&d.keep, "keep", false, "leave the server running, and say how to go on")
	command.RunE = func(command *cobra.Command, args []string) error {
		d.app = a
		for _, name := range []string{"server", "site", "profile", "token-name", "username", "jwt-file"} {
			if !command.Flags().Changed(name) {
				continue
			}
			if d.keep {
				return usage("--keep is for the demo's own server")
			}
			return a.withClient(d.onGivenServer)(command, args)
		}
		return a.action(d.onOwnServer)(command, args)
	}
	return command
}

// demo takes one workbook through everything that tabctl does.
type demo struct {
	app  *app
	file string // "" is the sample
	keep bool

	failures []string // what could not be rendered
	empty    []string // views without rows
}

// onOwnServer runs the demo on a server that lives as long as it.
func (d *demo) onOwnServer(ctx context.Context, _ []string) (err error) {
	token := tableau.PersonalAccessToken{Name: "demo", Secret: rand.Text()}
	server, err := emulator.New(emulator.WithToken(token.Name, token.Secret))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shutDown(ctx, server)) }()
	url, err := server.Listen("127.0.0.1:0")
	if err != nil {
		return err
	}
	d.say("Started a server at %s", url)
	c, err := d.app.client(target{server: url, credentials: token})
	if err != nil {
		return err
	}
	if err := d.run(ctx, c, false); err != nil {
		return errors.Join(err, c.SignOut(context.WithoutCancel(ctx)))
	}
	if len(d.empty) > 0 {
		d.say("No rows in: %s. This server reads packaged text files, neither extracts nor databases.", strings.Join(d.empty, ", "))
	}
	version, err := c.APIVersion(ctx)
	if err != nil {
		return err
	}
	if err := c.SignOut(ctx); err != nil {
		return err
	}
	d.say("Signed out")
	if d.keep {
		d.sayHowToGoOn(url, token, version)
		<-ctx.Done()
		d.say("\nStopped the server")
	}
	return d.result()
}

// onGivenServer runs the demo on a server that is not the demo's.
func (d *demo) onGivenServer(ctx context.Context, c *tableau.Client, _ []string) error {
	if err := d.run(ctx, c, true); err != nil {
		return err
	}
	return d.result()
}

func (d *demo) result() error {
	if len(d.failures) > 0 {
		return errors.New("could not be rendered: " + strings.Join(d.failures, ", "))
	}
	return nil
}

func (d *demo) say(format string, args ...any) {
	fmt.Fprintln(d.app.out, printable(fmt.Sprintf(format, args...)))
}

func (d *demo) run(ctx context.Context, c *tableau.Client, foreign bool) error {
	if err := os.MkdirAll(demoDir, 0o777); err != nil {
		return err
	}
	version, err := c.APIVersion(ctx)
	if err != nil {
		return err
	}
	session, err := signedIn(ctx, c)
	if err != nil {
		return err
	}
	d.say("Signed in to the site %s, REST API %s", siteName(session.SiteContentURL), version)

	project, err := newDemoProject(ctx, c)
	if err != nil {
		return err
	}
	d.say("Created the project %q", project.Name)
	workbook, err := d.publish(ctx, c, project)
	if err != nil {
		return err
	}
	d.say("Published the workbook %q\n", workbook.Name)
	if foreign {
		defer d.say("\nCreated on %s: the project %q (%s) with the workbook %q.\nTo remove both: %s projects delete %s",
			c.URL(), project.Name, project.ID, workbook.Name, programName(), project.ID)
	}
	views, err := d.list(ctx, c, project)
	if err != nil {
		return err
	}
	if err := d.download(ctx, c, workbook, foreign); err != nil {
		return err
	}
	return d.render(ctx, c, workbook, views)
}

// newDemoProject creates a project under a name that is still free.
func newDemoProject(ctx context.Context, c *tableau.Client) (*tableau.Project, error) {
	for n := 1; ; n++ {
		create := tableau.CreateProject{Name: "tabctl demo", Description: "Made by tabctl demo"}
		if n > 1 {
			create.Name = fmt.Sprintf("tabctl demo %d", n)
		}
		project, err := c.Projects.Create(ctx, create)
		if errors.Is(err, tableau.ErrConflict) && n < 1000 {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("create the project %q: %w", create.Name, err)
		}
		return project, nil
	}
}

func (d *demo) publish(ctx context.Context, c *tableau.Client, project *tableau.Project) (workbook *tableau.Workbook, err error) {
	name := sample.FileName
	if d.file != "" {
		name = filepath.Base(d.file)
	}
	p := d.app.progress("Uploading " + name)
	publish := tableau.PublishWorkbook{ProjectID: project.ID, Progress: p.update}
	if d.file != "" {
		workbook, err = c.Workbooks.PublishFile(ctx, d.file, publish)
	} else {
		publish.Name, publish.FileName = sample.Name, sample.FileName
		workbook, err = c.Workbooks.Publish(ctx, bytes.NewReader(sample.Workbook()), publish)
	}
	if err != nil {
		p.abandon()
		return nil, fmt.Errorf("publish %s: %w", name, err)
	}
	p.finish()
	return workbook, nil
}

// list shows the project's workbook and its views as the server lists them.
func (d *demo) list(ctx context.Context, c *tableau.Client, project *tableau.Project) ([]*tableau.View, error) {
	query := tableau.Query{Filter: []tableau.Filter{tableau.Eq("projectName", project.Name)}}
	published, err := matching(c.Workbooks.List(ctx, query), func(w *tableau.Workbook) bool { return w.Project.ID == project.ID })
	if err != nil {
		return nil, err
	}
	if err := printList(d.app, published, workbooks.columns); err != nil {
		return nil, err
	}
	d.say("")
	var all []*tableau.View
	for _, workbook := range published {
		of, err := c.Workbooks.Views(ctx, workbook.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, of...)
	}
	if err := printList(d.app, all, views.columns); err != nil {
		return nil, err
	}
	d.say("")
	return all, nil
}

// download fetches the workbook's file and compares it with what was sent.
func (d *demo) download(ctx context.Context, c *tableau.Client, workbook *tableau.Workbook, foreign bool) error {
	name := sample.FileName
	sent := sha256.Sum256(sample.Workbook())
	if d.file != "" {
		name = filepath.Base(d.file)
		var err error
		if sent, err = fileHash(d.file); err != nil {
			return err
		}
	}
	got, err := c.Workbooks.DownloadFile(ctx, workbook.ID, filepath.Join(demoDir, name), tableau.DownloadOptions{})
	if err != nil {
		return fmt.Errorf("download the workbook: %w", err)
	}
	received, err := fileHash(got.Path)
	if err != nil {
		return err
	}
	d.wrote(got.Path, got.Size)
	switch {
	case received == sent:
		d.say("  The bytes are the same as those published: SHA-256 %x", received)
	case foreign: // a server may pack the file anew
		d.say("  The bytes differ from those published: SHA-256 %x, was %x", received, sent)
	default:
		return fmt.Errorf("the bytes differ from those published: SHA-256 %x, was %x", received, sent)
	}
	return nil
}

// render saves each view's data and picture and the workbook's pages. One that fails does not keep the others back.
func (d *demo) render(ctx context.Context, c *tableau.Client, workbook *tableau.Workbook, views []*tableau.View) error {
	stems := fileStems{}
	for _, view := range views {
		stem := stems.unique(view.Name)
		lines := &lineCounter{}
		err := errors.Join(
			d.save(ctx, stem+".csv", func(w io.Writer) error {
				return c.Views.CSV(ctx, view.ID, io.MultiWriter(w, lines), tableau.CSVOptions{})
			}),
			d.save(ctx, stem+".png", func(w io.Writer) error { return c.Views.Image(ctx, view.ID, w, tableau.ImageOptions{}) }),
		)
		if err != nil {
			return err
		}
		if lines.count == 1 { // the heading
			d.empty = append(d.empty, view.Name)
		}
	}
	return d.save(ctx, stems.unique(workbook.Name)+".pdf", func(w io.Writer) error {
		return c.Workbooks.PDF(ctx, workbook.ID, w, tableau.PDFOptions{})
	})
}

// save writes one rendering. It returns an error only when going on is of no use.
func (d *demo) save(ctx context.Context, name string, write func(w io.Writer) error) error {
	path := filepath.Join(demoDir, name)
	size, err := writeFile(path, write)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		d.failures = append(d.failures, name)
		fmt.Fprintf(d.app.err, "tabctl: %s: %s\n", printable(name), printable(err.Error()))
		return nil
	}
	d.wrote(path, size)
	return nil
}

// lineCounter counts the lines written to it.
type lineCounter struct{ count int }

func (l *lineCounter) Write(b []byte) (int, error) {
	l.count += bytes.Count(b, []byte("\n"))
	return len(b), nil
}

func (d *demo) wrote(path string, size int64) { d.say("Wrote %s (%s)", path, byteSize(size)) }

func (d *demo) sayHowToGoOn(url string, token tableau.PersonalAccessToken, version tableau.Version) {
	d.say(`
The server runs until you press Ctrl-C, and what it holds goes with it.
In another terminal:

  export TABLEAU_SERVER_URL=%s
  export TABLEAU_TOKEN_NAME=%s
  export TABLEAU_TOKEN_VALUE=%s

  %[4]s workbooks list
  %[4]s views list -o json
  %[4]s projects create Finance
  curl %[1]s/api/%[5]s/serverinfo
`, url, token.Name, token.Secret, programName(), version)
}

// programName is what to type to run this program again.
func programName() string {
	name := os.Args[0]
	if strings.Contains(name, "go-build") { // go run has put it there for once
		return "go run ./cmd/tabctl"
	}
	return name
}

func fileHash(path string) (sum [sha256.Size]byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return sum, err
	}
	return [sha256.Size]byte(hash.Sum(nil)), nil
}
