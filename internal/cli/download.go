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

// chooseFlags say which items a batch is about, besides those that are named.
type chooseFlags struct {
	filters []string
	all     bool
}

func (f *chooseFlags) add(command *cobra.Command, group string) {
	command.Flags().StringArrayVar(&f.filters, "filter", nil, "the "+group+" that fit the `condition`, such as projectName=Finance; may be repeated (see: tabctl help filters)")
	command.Flags().BoolVar(&f.all, "all", false, "all "+group+" of the site")
	command.MarkFlagsMutuallyExclusive("filter", "all")
}

func (f *chooseFlags) given() bool { return f.all || f.filters != nil }

// choose returns the items that arguments name or that the flags choose, each once.
func (k *kind[T]) choose(ctx context.Context, c *tableau.Client, args []string, f *chooseFlags) ([]*T, error) {
	switch {
	case f.given() && len(args) > 0:
		return nil, usage("give names or --filter or --all, not both")
	case f.given():
		query, err := (&listFlags{filters: f.filters}).query(k.order)
		if err != nil {
			return nil, err
		}
		return tableau.Collect(k.list(ctx, c, query), -1)
	case len(args) == 0:
		return nil, usage("it is not said which %s: give names, --filter or --all", k.group)
	}
	return k.findAll(ctx, c, args)
}

// writtenFile is a file that a batch wrote.
type writtenFile struct {
	File  string `json:"file"`
	Bytes int64  `json:"bytes"`
	Name  string `json:"name"` // of the item
	ID    string `json:"id"`
}

var writtenColumns = []column{{title: "FILE", path: "file"}, {title: "BYTES", path: "bytes"}, {title: "NAME", path: "name"}, {title: "ID", path: "id"}}

// downloadFlags say what is downloaded, and where to.
type downloadFlags struct {
	path, directory string
	folders         bool
	revision        int
	options         tableau.DownloadOptions
	choose          chooseFlags
	batch           batchFlags
}

func (k *publishedKind[T]) downloadCommand(a *app) *cobra.Command {
	var f downloadFlags
	command := &cobra.Command{
		Use:   "download [" + k.placeholder() + "...]",
		Short: "Download the files of " + k.name + "s",
		Long: fmt.Sprintf(`Download the files of %ss.

One is written to --output-file. Several, and all that --filter or --all
chooses, go to --directory, each with a name of its own, --parallel at a time;
what was written is listed on standard output. With --resume FILE, a later run
downloads only what is missing or was changed on the server since.`, k.name),
		Example: fmt.Sprintf(`  tabctl %s download Sales
  tabctl %[1]s download Finance/EMEA/Sales --output-file backup/ --without-extract
  tabctl %[1]s download --all --directory backup --folders-from-projects --parallel 8 --resume backup.jsonl`, k.group),
		ValidArgsFunction: k.complete(a),
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			one := len(args) == 1 && !f.choose.given() && f.directory == ""
			if a.connection.given("output-file") && !one {
				return usage("--output-file is for one %s: give --directory", k.name)
			}
			if a.connection.given("revision") && (f.revision < 1 || !one) {
				return usage("--revision is for one %s, and counts from 1", k.name)
			}
			items, err := k.choose(ctx, c, args, &f.choose)
			if err != nil {
				return err
			}
			if one {
				return k.downloadOne(ctx, a, c, items[0], &f)
			}
			return k.downloadAll(ctx, a, c, items, &f)
		}),
	}
	flags := command.Flags()
	flags.StringVarP(&f.path, "output-file", "f", ".", "`file` or directory to write; - is standard output")
	flags.StringVar(&f.directory, "directory", "", "`directory` to write several files to; it is made when missing (default \".\")")
	flags.BoolVar(&f.folders, "folders-from-projects", false, "a file's project is its folder, below --directory")
	flags.IntVar(&f.revision, "revision", 0, "the `number` of an older revision")
	flags.BoolVar(&f.options.WithoutExtract, "without-extract", false, "leave the extracts out")
	f.choose.add(command, k.name+"s")
	f.batch.add(command)
	return command
}

func (k *publishedKind[T]) downloadOne(ctx context.Context, a *app, c *tableau.Client, item *T, f *downloadFlags) error {
	p := a.progress("Downloading " + k.title(item))
	options := f.options
	if a.errTerminal {
		options.Progress = p.update
	}
	service, id := k.service(c), k.id(item)
	var got *tableau.Download
	var err error
	switch {
	case f.path == "-" && f.revision > 0:
		_, err = service.DownloadRevision(ctx, id, f.revision, a.out, options)
	case f.path == "-":
		_, err = service.Download(ctx, id, a.out, options)
	case isSpecial(f.path):
		err = writeSpecial(f.path, func(w io.Writer) (err error) {
			if f.revision > 0 {
				_, err = service.DownloadRevision(ctx, id, f.revision, w, options)
			} else {
				_, err = service.Download(ctx, id, w, options)
			}
			return err
		})
	case f.revision > 0:
		got, err = service.DownloadRevisionFile(ctx, id, f.revision, f.path, options)
	default:
		got, err = service.DownloadFile(ctx, id, f.path, options)
	}
	p.abandon()
	if err != nil {
		return fmt.Errorf("download %s: %w", k.title(item), err)
	}
	if got != nil {
		a.say("Wrote %s (%s)", got.Path, byteSize(got.Size))
	}
	return nil
}

// downloadAll downloads items as a batch. Their names are settled before the first is there.
func (k *publishedKind[T]) downloadAll(ctx context.Context, a *app, c *tableau.Client, items []*T, f *downloadFlags) error {
	paths, err := projectPaths(ctx, c)
	if err != nil {
		return err
	}
	stems := fileStems{}
	var work []batchItem[writtenFile]
	for _, item := range items {
		path := k.title(item)
		if f.folders {
			path = paths[k.kind.project(item)] + "/" + strings.ReplaceAll(path, "/", "_")
		} else {
			path = strings.ReplaceAll(path, "/", "_")
		}
		stem := filepath.Join(f.directory, filepath.FromSlash(stems.uniquePath(path)))
		work = append(work, batchItem[writtenFile]{
			name:  k.title(item),
			key:   fmt.Sprintf("download %s %s to %s, without extract: %t", k.name, k.id(item), stem, f.options.WithoutExtract),
			state: k.updatedAt(item).UTC().Format(time.RFC3339),
			file:  func(w writtenFile) string { return w.File },
			work: func(ctx context.Context, p *progress) (writtenFile, error) {
				options := f.options
				if p != nil {
					options.Progress = p.update
				}
				if err := os.MkdirAll(filepath.Dir(stem), 0o777); err != nil {
					return writtenFile{}, usage("%w", err)
				}
				unnamed := stem + ".part" // only the answer tells the type
				got, err := k.service(c).DownloadFile(ctx, k.id(item), unnamed, options)
				if err != nil {
					return writtenFile{}, fmt.Errorf("download %s: %w", k.title(item), err)
				}
				p.abandon()
				path := stem + cmp.Or(strings.ToLower(filepath.Ext(got.FileName)), "."+k.extensions[len(k.extensions)-1])
				return writtenFile{path, got.Size, k.title(item), k.id(item)}, rename(unnamed, path)
			},
		})
	}
	written, err := runBatch(ctx, a, &f.batch, "Downloading", work)
	return printDone(a, err, written, writtenColumns)
}
