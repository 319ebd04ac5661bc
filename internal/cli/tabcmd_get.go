package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tabctl/tableau-go/tableau"
)

// tabcmdFileTypes are what an address of each kind can be saved as.
var tabcmdFileTypes = map[string][]string{
	"workbooks": {"twb", "twbx"}, "datasources": {"tds", "tdsx"}, "views": {"pdf", "png", "csv"},
}

// tabcmdGet saves what is at an address.
func (a *app) tabcmdGet(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	u, err := a.tabcmdAddress(args)
	if err != nil {
		return err
	}
	forms := errors.New("the address is none of /workbooks/NAME.twbx, /datasources/NAME.tdsx, /views/WORKBOOK/VIEW.png")
	kind := u.segments[0]
	types, ok := tabcmdFileTypes[kind]
	last := len(u.segments) - 1
	switch {
	case !ok || last == 0:
		return forms
	case kind == "views" && last == 4:
		return errCustomView
	case kind == "views" && last != 2, kind != "views" && last != 1:
		return forms
	}
	path := args.value("--filename")
	fileType := typeOf(path, types)
	if stem := typeOf(u.segments[last], types); stem != "" {
		u.segments[last] = withoutType(u.segments[last], stem)
		fileType = cmp.Or(fileType, stem)
	}
	if fileType == "" {
		return fmt.Errorf("neither the address nor --filename ends in one of .%s", strings.Join(types, ", ."))
	}
	switch kind {
	case "workbooks":
		w, err := workbookAt(ctx, c, u.segments[1])
		if err != nil {
			return err
		}
		return a.tabcmdDownload(cmp.Or(path, fileStem(u.segments[1])), types, fileType, func(dir string) (*tableau.Download, error) {
			return c.Workbooks.DownloadFile(ctx, w.ID, dir, tableau.DownloadOptions{})
		})
	case "datasources":
		d, err := dataSourceAt(ctx, c, u.segments[1])
		if err != nil {
			return err
		}
		return a.tabcmdDownload(cmp.Or(path, fileStem(u.segments[1])), types, fileType, func(dir string) (*tableau.Download, error) {
			return c.DataSources.DownloadFile(ctx, d.ID, dir, tableau.DownloadOptions{})
		})
	}
	view, err := viewAt(ctx, c, u.segments[1]+"/sheets/"+u.segments[2])
	if err != nil {
		return err
	}
	path = cmp.Or(path, fileStem(view.Name))
	if typeOf(path, types) != fileType {
		path += "." + fileType
	}
	return a.writeTo(path, func(w io.Writer) error {
		switch fileType {
		case "pdf":
			return c.Views.PDF(ctx, view.ID, w, tableau.PDFOptions{ViewData: u.data, Size: u.size})
		case "png":
			return c.Views.Image(ctx, view.ID, w, tableau.ImageOptions{ViewData: u.data, Size: u.size})
		}
		return c.Views.CSV(ctx, view.ID, w, tableau.CSVOptions{ViewData: u.data})
	})
}

var errCustomView = errors.New("custom views cannot be exported: give the address of the view that it is of, and filters")

// tabcmdAddress is the address that a command line names.
func (a *app) tabcmdAddress(args *tabcmdArgs) (tabcmdURL, error) {
	u, err := parseTabcmdURL(args.arguments[0])
	if err != nil {
		return u, err
	}
	for _, name := range u.ignored {
		a.say("%s in the address does nothing", name)
	}
	u.data.Language = args.value("--language")
	return u, nil
}

// typeOf is the type of a file of that name when it is one of types, else "".
func typeOf(name string, types []string) string {
	fileType := strings.ToLower(strings.TrimPrefix(filepath.Ext(name), "."))
	if !slices.Contains(types, fileType) {
		return ""
	}
	return fileType
}

func withoutType(name, fileType string) string { return name[:len(name)-len(fileType)-1] }

// tabcmdDownload saves a file under the path, whose type becomes what the server sends: packaged or not.
func (a *app) tabcmdDownload(path string, types []string, asked string, download func(dir string) (*tableau.Download, error)) error {
	if fileType := typeOf(path, types); fileType != "" {
		path = withoutType(path, fileType)
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".tabctl-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	got, err := download(dir)
	if err != nil {
		return err
	}
	fileType := cmp.Or(typeOf(got.Path, types), asked)
	if fileType != asked {
		a.say("The server sends a .%s", fileType)
	}
	path += "." + fileType
	if err := rename(got.Path, path); err != nil {
		return err
	}
	a.say("Wrote %s (%s)", path, byteSize(got.Size))
	return nil
}

// tabcmdExport saves a view or a workbook.
func (a *app) tabcmdExport(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	u, err := a.tabcmdAddress(args)
	if err != nil {
		return err
	}
	if len(u.segments) > 2 && u.segments[0] == "views" {
		u.segments = u.segments[1:]
	}
	for _, text := range args.all("--filter") {
		if err := u.filters(text); err != nil {
			return err
		}
	}
	whole := args.on("--fullpdf")
	switch n := len(u.segments); {
	case n == 4:
		return errCustomView
	case n != 2 && !(n == 1 && whole && u.segments[0] != ""):
		return errors.New("the view is not of the form WORKBOOK/VIEW")
	}
	if width, height := args.integer("--width"), args.integer("--height"); width != nil || height != nil || u.size == (tableau.VizSize{}) && !whole {
		u.size = tableau.VizSize{Width: 800, Height: 600}
		if width != nil {
			u.size.Width = *width
		}
		if height != nil {
			u.size.Height = *height
		}
	}
	pdf := tableau.PDFOptions{
		ViewData: u.data, Size: u.size,
		PageType: tableau.PageType(cmp.Or(args.value("--pagesize"), "Letter")), Orientation: tableau.Orientation(args.value("--pagelayout")),
	}
	if whole {
		workbook, err := workbookAt(ctx, c, u.segments[0])
		if err != nil {
			return err
		}
		return a.writeTo(cmp.Or(args.value("--filename"), fileStem(workbook.Name)+".pdf"), func(w io.Writer) error {
			return c.Workbooks.PDF(ctx, workbook.ID, w, pdf)
		})
	}
	view, err := viewAt(ctx, c, u.segments[0]+"/sheets/"+u.segments[1])
	if err != nil {
		return err
	}
	render, extension := func(w io.Writer) error { return c.Views.PDF(ctx, view.ID, w, pdf) }, ".pdf"
	switch {
	case args.on("--png"):
		extension = ".png"
		high := args.value("--resolution") != "standard"
		render = func(w io.Writer) error {
			return c.Views.Image(ctx, view.ID, w, tableau.ImageOptions{ViewData: u.data, Size: u.size, HighResolution: high})
		}
	case args.on("--csv"):
		extension = ".csv"
		render = func(w io.Writer) error { return c.Views.CSV(ctx, view.ID, w, tableau.CSVOptions{ViewData: u.data}) }
	}
	return a.writeTo(cmp.Or(args.value("--filename"), fileStem(view.Name)+extension), render)
}
