package content

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// Table is the data behind a view.
type Table struct {
	Title   string // name of the worksheet
	Columns []Column
	Rows    [][]string
}

// Column is one column of a Table.
type Column struct {
	Name    string
	Numeric bool // a measure: its cells are plain decimal numbers, or "" where there is none
	Date    bool // a dimension along time
}

// ViewTable returns the rows behind a view of the workbook in r, from the text data (.csv, .txt) in its package.
//
// The rows are grouped by the view's dimensions and sorted by them; its measures are aggregated as its shelves say
// (sum, average, count, distinct count, minimum, maximum; others, and calculated fields, stay empty). The filters of
// the workbook itself are not applied. A dashboard or story gives the table of the alphabetically first of its
// worksheets. Without text data the table is a header only.
//
// filters keeps the rows whose field has one of the values; a field is named by its caption, its column or its heading
// in the view, and an unknown one is ignored.
//
// A name that is no view returns ErrNoView, a package that cannot be read an [*InvalidError].
func ViewTable(r io.ReaderAt, size int64, wb *Workbook, viewName string, filters map[string][]string) (*Table, error) {
	if _, ok := wb.View(viewName); !ok {
		return nil, fmt.Errorf("%q: %w", viewName, ErrNoView)
	}
	worksheets := wb.Worksheets(viewName)
	if len(worksheets) == 0 {
		return &Table{Title: viewName}, nil
	}
	view, _ := wb.View(slices.Min(worksheets))
	text, err := openText(r, size, wb, view)
	if errors.Is(err, errNoText) {
		return newAggregation(wb, view, nil, nil).table()
	}
	if err != nil {
		return nil, err
	}
	defer text.Close()
	aggregation := newAggregation(wb, view, text, filters)
	for {
		record, err := text.record()
		if err == io.EOF {
			return aggregation.table()
		}
		if err != nil {
			return nil, err
		}
		if err := aggregation.add(record); err != nil {
			return nil, err
		}
	}
}
