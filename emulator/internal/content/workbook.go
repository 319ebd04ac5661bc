// Package content reads Tableau's workbook and data source files (.twb, .twbx, .tds, .tdsx): what a server must know
// about them, and the rows behind a workbook's views.
//
// Nothing is extracted to disk and every read is bounded, so that a hostile file costs an [*InvalidError] and no more.
package content

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Kinds of files, spelled as in Tableau's fileType.
const (
	KindTWB  = "twb"
	KindTWBX = "twbx"
	KindTDS  = "tds"
	KindTDSX = "tdsx"
)

// Values of View.SheetType.
const (
	Worksheet = "worksheet"
	Dashboard = "dashboard"
	Story     = "story"
)

// Workbook is what a server learns from a workbook file.
type Workbook struct {
	Views       []View       // in the order of the tabs, hidden ones included
	Connections []Connection // those of all data sources
	DataSources []DataSource // without the workbook's parameters

	byName map[string]*DataSource
}

// View is one sheet of a workbook.
type View struct {
	Name       string
	SheetType  string // Worksheet, Dashboard or Story
	Hidden     bool
	DataSource string   // internal name of the data source that a worksheet draws on
	Rows       []string // captions of the fields on a worksheet's rows shelf
	Columns    []string // captions of the fields on a worksheet's columns shelf
	Fields     []Field  // every field that shapes a worksheet: rows, columns, then marks
	Measures   []Field  // the measures that the field Measure Values stands for
	Sheets     []string // names of the sheets in a dashboard or story, in their order
}

// Field is one use of a data source's column in a worksheet.
type Field struct {
	Column     string // name of the column in the data
	Caption    string // the column's name as people see it
	Label      string // heading of its values, such as "Month of Order Date" or "Avg. Sales"
	Derivation string // Tableau's short code: "none", "sum", "avg", "yr", "tmn" …
	DataType   string // "string", "integer", "real", "date", "datetime", "boolean" or "" when the file does not say
	Formula    string // set for a calculated column
	Measure    bool
}

// DataSource is a data source in a workbook, or a data source file's own.
type DataSource struct {
	Name        string // internal name, such as "federated.0abc"
	Caption     string // as people see it
	HasExtract  bool
	Connections []Connection

	columns map[string]*column // by name, without brackets
}

// Connection is one connection of a data source. A published data source has Class "sqlproxy" and its content URL in
// DatabaseName.
type Connection struct {
	Class             string
	Server            string
	Port              string
	UserName          string
	DatabaseName      string
	Filename          string // path of a file-based connection, inside the package if it was packaged
	DataSourceName    string
	DataSourceCaption string
}

// InvalidError says why a file cannot be read.
type InvalidError struct{ Reason string }

func (e *InvalidError) Error() string { return e.Reason }

func invalid(format string, args ...any) error {
	return &InvalidError{Reason: fmt.Sprintf(format, args...)}
}

// ErrNoView says that a workbook has no view of the name asked for.
var ErrNoView = errors.New("the workbook has no such view")

// ReadWorkbook reads the workbook in r, which holds size bytes; kind is KindTWB or KindTWBX.
// A file that is no such workbook returns an [*InvalidError].
func ReadWorkbook(r io.ReaderAt, size int64, kind string) (*Workbook, error) {
	document, err := openDocument(r, size, kind, KindTWB, KindTWBX)
	if err != nil {
		return nil, err
	}
	defer document.Close()
	wb, err := parseWorkbook(document)
	if err != nil {
		return nil, err
	}
	if len(wb.Views) == 0 {
		return nil, invalid("The workbook has no sheets.")
	}
	return wb, nil
}

// ReadDataSource reads the data source in r, which holds size bytes; kind is KindTDS or KindTDSX.
// A file that is no such data source returns an [*InvalidError].
func ReadDataSource(r io.ReaderAt, size int64, kind string) (*DataSource, error) {
	document, err := openDocument(r, size, kind, KindTDS, KindTDSX)
	if err != nil {
		return nil, err
	}
	defer document.Close()
	return parseDataSource(document)
}

// View returns the view of that name.
func (wb *Workbook) View(name string) (View, bool) {
	i := slices.IndexFunc(wb.Views, func(v View) bool { return v.Name == name })
	if i < 0 {
		return View{}, false
	}
	return wb.Views[i], true
}

// Worksheets returns the names of the worksheets that a view shows: itself, or those in a dashboard or story.
func (wb *Workbook) Worksheets(viewName string) []string {
	views := make(map[string]View, len(wb.Views))
	for _, v := range wb.Views {
		views[v.Name] = v
	}
	var names []string
	seen := map[string]bool{}
	var add func(name string)
	add = func(name string) {
		v, ok := views[name]
		if !ok || seen[name] {
			return
		}
		seen[name] = true
		if v.SheetType == Worksheet {
			names = append(names, name)
		}
		for _, sheet := range v.Sheets {
			add(sheet)
		}
	}
	add(viewName)
	return names
}

// openDocument returns the XML document of a plain file, or of the package around it.
func openDocument(r io.ReaderAt, size int64, kind, plain, packaged string) (io.ReadCloser, error) {
	if size == 0 {
		return nil, invalid("The file is empty.")
	}
	magic := make([]byte, 4)
	n, _ := r.ReadAt(magic, 0)
	isZip := bytes.HasPrefix(magic[:n], []byte("PK"))
	switch kind {
	case plain:
		if isZip {
			return nil, invalid("The file is a package: it should be named .%s, not .%s.", packaged, plain)
		}
		return io.NopCloser(io.NewSectionReader(r, 0, size)), nil
	case packaged:
		if !isZip {
			return nil, invalid("The file is not a package: a .%s is a zip file, and this is none.", packaged)
		}
	default:
		return nil, invalid("A file of type %q cannot be read; use .%s or .%s.", kind, plain, packaged)
	}
	archive, err := openArchive(r, size)
	if err != nil {
		return nil, err
	}
	for _, file := range archive.File {
		if hasExtension(file.Name, plain) {
			return openEntry(file)
		}
	}
	return nil, invalid("The package holds no .%s.", plain)
}
