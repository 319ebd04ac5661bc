// Package sample holds a small workbook for examples, tests and a first look at a new server: three years of
// deliveries of a bakery chain, as four worksheets and a dashboard over a packaged CSV.
package sample

import (
	"bytes"
	_ "embed"
)

//go:generate go run generate.go

const (
	// Name is the workbook's name.
	Name = "Bakery Deliveries"
	// FileName is the name of the workbook's file.
	FileName = "BakeryDeliveries.twbx"
)

//go:embed BakeryDeliveries.twbx
var workbook []byte

// Workbook returns the workbook, a .twbx, as a copy of its own.
func Workbook() []byte { return bytes.Clone(workbook) }
