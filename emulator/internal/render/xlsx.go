package render

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/content"
)

const (
	spreadsheet      = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	spreadsheetTypes = "application/vnd.openxmlformats-officedocument.spreadsheetml."
	maxSheetName     = 31        // characters
	maxSheetRows     = 1_048_576 // with the header
	maxCell          = 32767     // characters
)

// XLSX writes t as an Excel workbook of one sheet: a header, then the rows; measures are numbers. What Excel has no room for is
// left out.
func XLSX(w io.Writer, t *content.Table) error {
	var sheet bytes.Buffer
	sheet.WriteString(xmlHead + `<worksheet xmlns="` + spreadsheet + `"><sheetData><row r="1">`)
	for i, c := range t.Columns {
		textCell(&sheet, i, 1, c.Name)
	}
	sheet.WriteString(`</row>`)
	for i, row := range t.Rows[:min(len(t.Rows), maxSheetRows-1)] {
		number := i + 2
		fmt.Fprintf(&sheet, `<row r="%d">`, number)
		for j, c := range t.Columns {
			_, err := strconv.ParseFloat(row[j], 64)
			switch {
			case row[j] == "":
			case c.Numeric && err == nil:
				fmt.Fprintf(&sheet, `<c r="%s%d"><v>%s</v></c>`, columnName(j), number, escaped(row[j]))
			default:
				textCell(&sheet, j, number, row[j])
			}
		}
		sheet.WriteString(`</row>`)
	}
	sheet.WriteString(`</sheetData></worksheet>`)
	book := xmlHead + `<workbook xmlns="` + spreadsheet + `" xmlns:r="` + relations + `"><sheets><sheet name="` + escaped(sheetName(t.Title)) +
		`" sheetId="1" r:id="rId1"/></sheets></workbook>`
	return writePackage(w, "xl/workbook.xml", []part{
		{"xl/workbook.xml", spreadsheetTypes + "sheet.main+xml", []byte(book)},
		{"xl/_rels/workbook.xml.rels", "", related("worksheet", "worksheets/sheet1.xml")},
		{"xl/worksheets/sheet1.xml", spreadsheetTypes + "worksheet+xml", sheet.Bytes()},
	})
}

func textCell(b *bytes.Buffer, column, row int, text string) {
	if runes := []rune(text); len(runes) > maxCell {
		text = string(runes[:maxCell])
	}
	fmt.Fprintf(b, `<c r="%s%d" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, columnName(column), row, escaped(text))
}

// columnName is the name of the nth column, from 0: A to Z, AA …
func columnName(n int) string {
	name := ""
	for n++; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}

// sheetName is a title as Excel takes it for a sheet.
func sheetName(title string) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`[]:*?/\`, r) {
			return ' '
		}
		return r
	}, title))
	name := strings.Trim(string(runes[:min(len(runes), maxSheetName)]), "' ")
	if name == "" {
		return "Sheet"
	}
	return name
}
