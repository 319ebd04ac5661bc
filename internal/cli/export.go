package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

// nameFields are what a template of file names can name.
var nameFields = pattern(`\{[^{}]*\}`)

// nameTemplate is a template of file names, such as {project}/{workbook}/{view}.png.
type nameTemplate string

// parseNameTemplate checks a template, and gives it the extension when it lacks that.
func parseNameTemplate(text, extension string) (nameTemplate, error) {
	for _, field := range nameFields().FindAllString(text, -1) {
		switch field {
		case "{project}", "{workbook}", "{view}", "{id}":
		default:
			return "", usage("--name: there is no %s; there are {project}, {workbook}, {view} and {id}", field)
		}
	}
	switch path := filepath.ToSlash(text); {
	case text == "", strings.HasSuffix(path, "/"):
		return "", usage("--name %q names no file", text)
	case filepath.IsAbs(text), strings.HasPrefix(path, "/"), !filepath.IsLocal(nameFields().ReplaceAllString(text, "x")):
		return "", usage("--name %q leaves the directory: use --directory", text)
	}
	return nameTemplate(strings.TrimSuffix(filepath.ToSlash(text), extension)), nil
}

// stem fills the template in: no value leaves its place in the path, but {project} may be several folders.
func (t nameTemplate) stem(project, workbook, view, id string) string {
	return nameFields().ReplaceAllStringFunc(string(t), func(field string) string {
		switch field {
		case "{project}":
			var folders []string
			for folder := range strings.SplitSeq(project, "/") {
				folders = append(folders, fileStem(folder))
			}
			return strings.Join(folders, "/")
		case "{workbook}":
			return fileStem(workbook)
		case "{view}":
			return fileStem(view)
		}
		return id
	})
}

func (a *app) viewsExportCommand() *cobra.Command {
	var chosen chooseFlags
	var render renderFlags
	var batch batchFlags
	var directory, name string
	format := choice{value: "png", allowed: []string{"png", "pdf", "csv", "xlsx"}}
	command := &cobra.Command{
		Use:   "export [" + views.placeholder() + "...]",
		Short: "Save many views as pictures, pages or data",
		Long: `Save many views as pictures, pages or data: those that are named, or all that
--filter or --all chooses, --parallel at a time. What was written is listed on
standard output. Files are named by a template of {project} (with its folders),
{workbook}, {view} and {id}; names that would be the same get a number. With
--resume FILE, a later run exports only what is missing or was changed since.`,
		Example: `  tabctl views export --filter workbookName=Sales --format pdf --directory out
  tabctl views export --all --name '{project}/{workbook}/{view}.png' --directory out --parallel 8 --continue-on-error --resume out.jsonl`,
		ValidArgsFunction: views.complete(a),
	}
	command.RunE = a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
		extension := "." + format.value
		template, err := parseNameTemplate(name, extension)
		if err != nil {
			return err
		}
		write, err := render.renderer(a, format.value)
		if err != nil {
			return err
		}
		items, err := views.choose(ctx, c, args, &chosen)
		if err != nil {
			return err
		}
		paths, err := projectPaths(ctx, c)
		if err != nil {
			return err
		}
		parents := map[string]*tableau.Workbook{}
		for workbook, err := range c.Workbooks.List(ctx, tableau.Query{}) {
			if err != nil {
				return err
			}
			parents[workbook.ID] = workbook
		}
		how := exportIdentity(command)
		stems := fileStems{}
		var work []batchItem[writtenFile]
		for _, view := range items {
			workbook := parents[view.Workbook.ID]
			if workbook == nil { // in a personal space
				workbook = &tableau.Workbook{ID: view.Workbook.ID, Name: cmp.Or(view.Workbook.Name, view.Workbook.ID)}
			}
			stem := stems.uniquePath(template.stem(cmp.Or(paths[view.Project.ID], paths[workbook.Project.ID]), workbook.Name, view.Name, view.ID))
			path := filepath.Join(directory, filepath.FromSlash(stem)+extension)
			work = append(work, batchItem[writtenFile]{
				name:  workbook.Name + "/" + view.Name,
				key:   fmt.Sprintf("export view %s to %s%s", view.ID, path, how),
				state: view.UpdatedAt.UTC().Format(time.RFC3339) + " " + workbook.UpdatedAt.UTC().Format(time.RFC3339),
				file:  func(w writtenFile) string { return w.File },
				work: func(ctx context.Context, _ *progress) (writtenFile, error) {
					if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
						return writtenFile{}, usage("%w", err)
					}
					size, err := writeFile(path, func(w io.Writer) error { return write(ctx, c, view, w) })
					if err != nil {
						return writtenFile{}, fmt.Errorf("export %s: %w", view.ContentURL, err)
					}
					return writtenFile{path, size, view.Name, view.ID}, nil
				},
			})
		}
		written, err := runBatch(ctx, a, &batch, "Exporting", work)
		return printDone(a, err, written, writtenColumns)
	})
	flags := command.Flags()
	choiceFlag(command, &format, "format", "what to save views as")
	flags.StringVar(&name, "name", "{workbook}/{view}", "`template` of the files' names")
	flags.StringVar(&directory, "directory", ".", "`directory` to write to; it is made when missing")
	chosen.add(command, "views")
	render.addData(command, "view-filter")
	render.addSize(command)
	render.addImage(command)
	render.addPages(command)
	batch.add(command)
	return command
}

// exportIdentity tells exports of one view apart that are rendered differently.
func exportIdentity(command *cobra.Command) string {
	var text strings.Builder
	for _, name := range []string{"view-filter", "parameter", "size", "high-resolution", "page-type", "orientation"} {
		if f := command.Flags().Lookup(name); f.Changed {
			fmt.Fprintf(&text, ", %s %s", name, f.Value)
		}
	}
	return text.String()
}
