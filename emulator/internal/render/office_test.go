package render

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/emulator/internal/content"
)

// readParts returns the files of an Office document.
func readParts(t *testing.T, document []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(document), int64(len(document)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, file := range z.File {
		f, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file.Name, "xml") {
			var anything struct{ XMLName xml.Name }
			if err := xml.Unmarshal(data, &anything); err != nil {
				t.Errorf("%s: %v", file.Name, err)
			}
		}
		parts[file.Name] = string(data)
	}
	return parts
}

func TestXLSX(t *testing.T) {
	t.Parallel()
	table := &content.Table{Title: "A [very] long / title: longer than Excel allows it", Columns: []content.Column{{Name: "Name"}, {Name: "Sum & more", Numeric: true}},
		Rows: [][]string{{"<a> \x01 & b", "-1234.5"}, {strings.Repeat("ä", 40_000), ""}, {"  blanks ", "0"}}}
	var out, again bytes.Buffer
	for _, w := range []io.Writer{&out, &again} {
		if err := XLSX(w, table); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(out.Bytes(), again.Bytes()) {
		t.Error("the same table gives different bytes")
	}
	parts := readParts(t, out.Bytes())
	sheet := parts["xl/worksheets/sheet1.xml"]
	for _, want := range []string{`<c r="B1" t="inlineStr"><is><t xml:space="preserve">Sum &amp; more</t></is></c>`,
		`&lt;a&gt; ` + "\uFFFD" + ` &amp; b`, `<c r="B2"><v>-1234.5</v></c>`, `<c r="B4"><v>0</v></c>`, `>  blanks <`} {
		if !strings.Contains(sheet, want) {
			t.Errorf("%s is not in the sheet", want)
		}
	}
	if strings.Contains(sheet, `r="B3"`) {
		t.Error("there is a cell for no value")
	}
	if n := strings.Count(sheet, "ä"); n != maxCell {
		t.Errorf("a cell of %d characters, want %d", n, maxCell)
	}
	if !strings.Contains(parts["xl/workbook.xml"], `name="A  very  long   title  longer t"`) {
		t.Errorf("the sheet's name in %s", parts["xl/workbook.xml"])
	}
}

func TestColumnNames(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA", 16383: "XFD"} {
		if got := columnName(n); got != want {
			t.Errorf("column %d is %s, want %s", n, got, want)
		}
	}
}

func TestPPTX(t *testing.T) {
	t.Parallel()
	sheets := []Sheet{{Title: `One "&" <two>`, Tables: []*content.Table{textTable()}}, {Title: "Empty"}}
	var out bytes.Buffer
	if err := PPTX(&out, sheets); err != nil {
		t.Fatal(err)
	}
	parts := readParts(t, out.Bytes())
	if strings.Count(parts["ppt/presentation.xml"], "<p:sldId ") != 2 {
		t.Errorf("slides in %s", parts["ppt/presentation.xml"])
	}
	for name := range parts {
		known := strings.HasSuffix(name, ".rels") || strings.HasSuffix(name, ".png") || name == "[Content_Types].xml" ||
			strings.Contains(parts["[Content_Types].xml"], `PartName="/`+name+`"`)
		if !known {
			t.Errorf("%s has no type", name)
		}
	}
	if err := PPTX(new(bytes.Buffer), nil); err != nil {
		t.Errorf("without sheets: %v", err)
	}
}

func TestSVG(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := SVG(&out, "Revenue & more", sampleTables(t, "Revenue by Region"), 400, 300); err != nil {
		t.Fatal(err)
	}
	var svg struct {
		XMLName xml.Name
		ViewBox string `xml:"viewBox,attr"`
	}
	if err := xml.Unmarshal(out.Bytes(), &svg); err != nil || svg.XMLName.Local != "svg" || svg.ViewBox != "0 0 400 300" {
		t.Errorf("%+v, %v", svg, err)
	}
}
