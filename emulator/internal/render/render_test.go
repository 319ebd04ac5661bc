package render

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/emulator/internal/content"
	"github.com/tabctl/tableau-go/internal/sample"
)

// sampleTables returns the tables behind a view of the sample workbook.
func sampleTables(t *testing.T, viewName string) []*content.Table {
	t.Helper()
	file := sample.Workbook()
	r, size := bytes.NewReader(file), int64(len(file))
	wb, err := content.ReadWorkbook(r, size, content.KindTWBX)
	if err != nil {
		t.Fatal(err)
	}
	var tables []*content.Table
	for _, name := range wb.Worksheets(viewName) {
		table, err := content.ViewTable(r, size, wb, name, nil)
		if err != nil {
			t.Fatal(err)
		}
		tables = append(tables, table)
	}
	if len(tables) == 0 {
		t.Fatalf("the sample has no view %q", viewName)
	}
	return tables
}

func textTable() *content.Table {
	t := &content.Table{
		Title:   "Prices",
		Columns: []content.Column{{Name: "A"}, {Name: "B"}, {Name: "C"}, {Name: "Ärger & Größe", Numeric: true}},
	}
	for i := range 60 {
		t.Rows = append(t.Rows, []string{"x", "line\nbreak", strings.Repeat("long ", 100), strconv.Itoa(i * 1000)})
	}
	return t
}

func TestCSV(t *testing.T) {
	t.Parallel()
	table := &content.Table{
		Columns: []content.Column{{Name: "Region"}, {Name: "Year"}, {Name: "Sum, all", Numeric: true}},
		Rows: [][]string{
			{"North", "2024", "1234567.5"}, {`"East"`, "2024", "-1234"}, {"South", "2024", "999"}, {"West", "2024", ""},
		},
	}
	const want = `Region,Year,"Sum, all"
North,2024,"1,234,567.5"
"""East""",2024,"-1,234"
South,2024,999
West,2024,
`
	var got bytes.Buffer
	if err := CSV(&got, table); err != nil {
		t.Fatal(err)
	}
	if got.String() != want {
		t.Errorf("CSV:\n%s\nwant:\n%s", &got, want)
	}
}

func TestPNGHasTheSizeAskedForAndIsNotBlank(t *testing.T) {
	t.Parallel()
	long := &content.Table{Columns: []content.Column{{Name: "Name"}, {Name: "N", Numeric: true}}}
	for i := range 500 {
		long.Rows = append(long.Rows, []string{fmt.Sprintf("A rather long name of a thing, number %d", i), strconv.Itoa(i - 200)})
	}
	single := &content.Table{Columns: []content.Column{{Name: "N", Numeric: true}}, Rows: [][]string{{"7"}}}
	empty := &content.Table{Columns: []content.Column{{Name: "Region"}, {Name: "Sales", Numeric: true}}}
	holes := &content.Table{
		Columns: []content.Column{{Name: "Month", Date: true}, {Name: "R"}, {Name: "N", Numeric: true}, {Name: "M", Numeric: true}},
		Rows:    [][]string{{"January", "a", "1", ""}, {"February", "b", "-2", "1e300"}, {"March", "a", "", "3"}},
	}
	flat := &content.Table{
		Columns: []content.Column{{Name: "R"}, {Name: "N", Numeric: true}},
		Rows:    [][]string{{"a", "0"}, {"b", "0"}},
	}
	tests := map[string][]*content.Table{
		"dashboard": sampleTables(t, "Overview"), "lines": sampleTables(t, "Monthly Revenue"),
		"bars": sampleTables(t, "Revenue by Region"), "pairs": sampleTables(t, "Quantity by Product"),
		"text": {textTable()}, "many categories": {long}, "one number": {single}, "no rows": {empty}, "no tables": nil,
		"holes": {holes}, "zeros": {flat}, "no columns": {{}},
		"many tables": {flat, empty, long, holes, single, flat, flat, flat, flat, flat, flat, flat, flat, flat, flat, flat, flat},
	}
	sizes := []struct{ width, height int }{{784, 588}, {1568, 1176}, {192, 192}, {300, 80}, {80, 900}, {1, 1}}
	for name, tables := range tests {
		for _, size := range sizes {
			if size.width > 1000 && name != "dashboard" { // one large picture is enough: they take their time
				continue
			}
			t.Run(fmt.Sprintf("%s %dx%d", name, size.width, size.height), func(t *testing.T) {
				t.Parallel()
				var drawing bytes.Buffer
				if err := PNG(&drawing, "Título ✓ 漢字 of "+name, tables, size.width, size.height); err != nil {
					t.Fatal(err)
				}
				picture, err := png.Decode(&drawing)
				if err != nil {
					t.Fatal(err)
				}
				if got := picture.Bounds().Size(); got.X != size.width || got.Y != size.height {
					t.Errorf("the picture has %d × %d pixels, want %d × %d", got.X, got.Y, size.width, size.height)
				}
				if size.width < 192 || size.height < 192 {
					return
				}
				background, drawn := picture.At(0, 0), 0
				for y := range size.height {
					for x := range size.width {
						if picture.At(x, y) != background {
							drawn++
						}
					}
				}
				if least := size.width * size.height / 100; drawn < least {
					t.Errorf("%d pixels are drawn, want at least %d: the picture is blank", drawn, least)
				}
			})
		}
	}
}

func TestPNGIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	tables := sampleTables(t, "Overview")
	var first, second bytes.Buffer
	for _, w := range []*bytes.Buffer{&first, &second} {
		if err := PNG(w, "Overview", tables, 400, 300); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same tables gave two different pictures")
	}
}

func TestPNGOfTextTableShowsItsCells(t *testing.T) {
	t.Parallel()
	draw := func(cell string, column int) []byte {
		table := textTable()
		table.Rows[0][column] = cell
		var picture bytes.Buffer
		if err := PNG(&picture, "", []*content.Table{table}, 784, 588); err != nil {
			t.Fatal(err)
		}
		return picture.Bytes()
	}
	for column := range textTable().Columns {
		if bytes.Equal(draw("1", column), draw("8", column)) {
			t.Errorf("the picture is the same whatever is in column %d", column)
		}
	}
}

func TestPNGRefusesSizes(t *testing.T) {
	t.Parallel()
	for _, size := range []struct{ width, height int }{{0, 10}, {10, -1}, {8193, 10}, {10, 100000}} {
		if err := PNG(&bytes.Buffer{}, "", nil, size.width, size.height); err == nil {
			t.Errorf("a picture of %d × %d pixels was drawn, want an error", size.width, size.height)
		}
	}
}

func TestPDFPageSizes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		page          Page
		width, height float64
	}{
		{Page{Type: "A3", Orientation: "Portrait"}, 841.89, 1190.55},
		{Page{Type: "A4", Orientation: "Portrait"}, 595.28, 841.89},
		{Page{Type: "A4", Orientation: "Landscape"}, 841.89, 595.28},
		{Page{Type: "A5", Orientation: ""}, 419.53, 595.28},
		{Page{Type: "B4", Orientation: "Portrait"}, 728.50, 1031.81},
		{Page{Type: "B5", Orientation: "Portrait"}, 515.91, 728.50},
		{Page{Type: "Executive", Orientation: "Portrait"}, 522, 756},
		{Page{Type: "Folio", Orientation: "Portrait"}, 612, 936},
		{Page{Type: "Ledger", Orientation: "Portrait"}, 792, 1224},
		{Page{Type: "Ledger", Orientation: "Landscape"}, 1224, 792},
		{Page{Type: "Legal", Orientation: "Portrait"}, 612, 1008},
		{Page{Type: "", Orientation: ""}, 612, 1008},
		{Page{Type: "letter", Orientation: "landscape"}, 792, 612},
		{Page{Type: "Note", Orientation: "Portrait"}, 612, 792},
		{Page{Type: "Quarto", Orientation: "Portrait"}, 609.45, 779.53},
		{Page{Type: "Tabloid", Orientation: "Portrait"}, 792, 1224},
		{Page{Type: "Unspecified", Orientation: "Portrait"}, 750, 600},
		{Page{Type: "Unspecified", Orientation: "Landscape"}, 750, 600},
	}
	box := regexp.MustCompile(`/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]`)
	for _, test := range tests {
		var document bytes.Buffer
		if err := PDF(&document, test.page, nil); err != nil {
			t.Errorf("%+v: %v", test.page, err)
			continue
		}
		boxes := box.FindAllSubmatch(document.Bytes(), -1)
		if len(boxes) == 0 {
			t.Errorf("%+v: no /MediaBox", test.page)
		}
		for _, b := range boxes {
			if got, want := fmt.Sprintf("%s × %s", b[1], b[2]), fmt.Sprintf("%.2f × %.2f", test.width, test.height); got != want {
				t.Errorf("%+v: the page has %s points, want %s", test.page, got, want)
			}
		}
	}
	for _, page := range []Page{{Type: "A0", Orientation: "Portrait"}, {Type: "A4", Orientation: "Sideways"}} {
		if err := PDF(&bytes.Buffer{}, page, nil); !errors.Is(err, ErrPage) {
			t.Errorf("%+v: %v, want ErrPage", page, err)
		}
	}
}

func TestPDFHasOnePageForEachSheet(t *testing.T) {
	t.Parallel()
	sheets := []Sheet{
		{"Overview", sampleTables(t, "Overview")},
		{"Größe – Übersicht, цены, 漢字, 🥐\x00\n" + strings.Repeat("and so on ", 100), []*content.Table{textTable()}},
		{"\xff\xfe", nil},
	}
	var first bytes.Buffer
	for attempt := range 4 { // what depends on the order of a map shows only now and then
		var again bytes.Buffer
		if err := PDF(&again, Page{Type: "A4", Orientation: "Landscape"}, sheets); err != nil {
			t.Fatal(err)
		}
		if attempt == 0 {
			first = again
		} else if !bytes.Equal(first.Bytes(), again.Bytes()) {
			t.Error("the same sheets gave two different documents")
		}
	}
	if got := bytes.Count(first.Bytes(), []byte("/Type /Page\n")); got != len(sheets) {
		t.Errorf("%d pages, want %d", got, len(sheets))
	}
	if want := []byte("/MediaBox [0 0 841.89 595.28]"); !bytes.Contains(first.Bytes(), want) {
		t.Errorf("the document has no %s", want)
	}
	if !bytes.HasPrefix(first.Bytes(), []byte("%PDF-")) || !bytes.HasSuffix(bytes.TrimSpace(first.Bytes()), []byte("%%EOF")) {
		t.Error("the document is incomplete")
	}
}

func TestPlots(t *testing.T) {
	t.Parallel()
	measure := content.Column{Name: "N", Numeric: true}
	day, kind, sub := content.Column{Name: "Day", Date: true}, content.Column{Name: "Kind"}, content.Column{Name: "Sub"}
	tests := []struct {
		name       string
		table      content.Table
		charts     int
		series     int
		categories int
		overTime   bool
	}{
		{"bars", content.Table{Columns: []content.Column{kind, measure}, Rows: [][]string{{"a", "1"}, {"b", "2"}}}, 1, 1, 2, false},
		{"time is the category, wherever it stands", content.Table{Columns: []content.Column{kind, day, measure},
			Rows: [][]string{{"a", "1", "1"}, {"a", "2", "2"}, {"b", "1", "3"}}}, 1, 2, 2, true},
		{"nested dimensions", content.Table{Columns: []content.Column{kind, sub, measure},
			Rows: [][]string{{"a", "x", "1"}, {"b", "y", "2"}, {"b", "z", "3"}}}, 1, 1, 3, false},
		{"two measures", content.Table{Columns: []content.Column{kind, measure, measure}, Rows: [][]string{{"a", "1", "2"}}}, 2, 1, 1, false},
		{"a measure without values", content.Table{Columns: []content.Column{kind, measure, measure}, Rows: [][]string{{"a", "1", ""}}}, 1, 1, 1, false},
		{"no measure", content.Table{Columns: []content.Column{kind}, Rows: [][]string{{"a"}}}, 0, 0, 0, false},
		{"three dimensions", content.Table{Columns: []content.Column{kind, sub, day, measure}, Rows: [][]string{{"a", "b", "c", "1"}}}, 0, 0, 0, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := plots(&test.table)
			if len(got) != test.charts {
				t.Fatalf("%d charts, want %d", len(got), test.charts)
			}
			for _, p := range got {
				if len(p.series) != test.series || len(p.categories) != test.categories || p.overTime != test.overTime {
					t.Errorf("%d series, %d categories, along time %t; want %d, %d, %t",
						len(p.series), len(p.categories), p.overTime, test.series, test.categories, test.overTime)
				}
			}
		})
	}
}
