package render

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/goregular"

	"github.com/tabctl/tableau-go/emulator/internal/content"
)

// Page is the paper that a PDF is laid out for.
type Page struct {
	Type        string // one of Tableau's page types, in any case; "" is Legal, as in the REST API
	Orientation string // Portrait or Landscape, in any case; "" is Portrait
	// Width and Height are the size of what is shown, in pixels; 0 fills the page.
	Width, Height int
}

// Sheet is one view in a PDF.
type Sheet struct {
	Title  string
	Tables []*content.Table
}

// ErrPage says that a page type or orientation is none of Tableau's.
var ErrPage = errors.New("unknown page")

const (
	inch       = 72.0 // points
	millimetre = inch / 25.4
)

// pageSizes are the widths and heights in portrait, in points.
var pageSizes = map[string][2]float64{
	"a3":        {297 * millimetre, 420 * millimetre},
	"a4":        {210 * millimetre, 297 * millimetre},
	"a5":        {148 * millimetre, 210 * millimetre},
	"b4":        {257 * millimetre, 364 * millimetre}, // the Japanese B series, as printers have it
	"b5":        {182 * millimetre, 257 * millimetre},
	"executive": {7.25 * inch, 10.5 * inch},
	"folio":     {8.5 * inch, 13 * inch},
	"ledger":    {11 * inch, 17 * inch},
	"legal":     {8.5 * inch, 14 * inch},
	"letter":    {8.5 * inch, 11 * inch},
	"note":      {8.5 * inch, 11 * inch},
	"quarto":    {215 * millimetre, 275 * millimetre},
	"tabloid":   {11 * inch, 17 * inch},
}

// unspecifiedSize is that of a dashboard of 1000 × 800 pixels: such a page is as large as what it shows.
var unspecifiedSize = [2]float64{750, 600}

// Size returns the page's width and height in points. What is no page of Tableau's returns ErrPage.
func (p Page) Size() (width, height float64, err error) {
	name := strings.ToLower(p.Type)
	if name == "" {
		name = "legal"
	}
	landscape := strings.EqualFold(p.Orientation, "Landscape")
	if !landscape && p.Orientation != "" && !strings.EqualFold(p.Orientation, "Portrait") {
		return 0, 0, fmt.Errorf("%w: the orientation %q is neither Portrait nor Landscape", ErrPage, p.Orientation)
	}
	if name == "unspecified" && p.Width > 0 && p.Height > 0 {
		return float64(p.Width) * 0.75, float64(p.Height) * 0.75, nil // 96 pixels an inch
	}
	if name == "unspecified" {
		return unspecifiedSize[0], unspecifiedSize[1], nil
	}
	size, ok := pageSizes[name]
	switch {
	case !ok:
		return 0, 0, fmt.Errorf("%w: %q is no page type", ErrPage, p.Type)
	case landscape:
		return size[1], size[0], nil
	default:
		return size[0], size[1], nil
	}
}

// documentDate is the date of every document, so that the same sheets give the same bytes.
var documentDate = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// PDF writes a document with one page for each sheet. What is no page of Tableau's returns ErrPage.
func PDF(w io.Writer, p Page, sheets []Sheet) error {
	width, height, err := p.Size()
	if err != nil {
		return err
	}
	const fontFamily, titleSize = "Go", 15.0
	doc := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: fpdf.SizeType{Wd: width, Ht: height}})
	doc.SetCreationDate(documentDate)
	doc.SetModificationDate(documentDate)
	doc.SetCatalogSort(true)
	doc.SetProducer("Tableau emulator", false)
	doc.SetAutoPageBreak(false, 0)
	doc.AddUTF8FontFromBytes(fontFamily, "", goregular.TTF)
	doc.SetTextColor(0x33, 0x33, 0x33)
	const margin = 0.5 * inch
	for i, sheet := range sheets {
		doc.AddPage()
		doc.SetFont(fontFamily, "", titleSize)
		title := fitTitle(doc, sheet.Title, width-2*margin)
		doc.Text(margin, margin+titleSize, title)
		top := margin + 2*titleSize
		areaWidth, areaHeight := max(width-2*margin, 1), max(height-top-margin, 1)
		if p.Width > 0 && p.Height > 0 { // keep its shape
			scale := min(areaWidth/float64(p.Width), areaHeight/float64(p.Height))
			areaWidth, areaHeight = float64(p.Width)*scale, float64(p.Height)*scale
		}
		var picture bytes.Buffer
		// Two pixels a point are sharp enough to print. Each picture is a pixel wider than the one before, since the
		// document orders its pictures by width, and those of one width at random.
		pixels := int(2*areaWidth) + i
		err := PNG(&picture, "", sheet.Tables, pixels, max(1, int(float64(pixels)*areaHeight/areaWidth)))
		if err != nil {
			return fmt.Errorf("draw %q: %w", sheet.Title, err)
		}
		name := strconv.Itoa(i)
		options := fpdf.ImageOptions{ImageType: "PNG"}
		doc.RegisterImageOptionsReader(name, options, &picture)
		doc.ImageOptions(name, margin, top, areaWidth, areaHeight, false, options, 0, "")
	}
	if len(sheets) == 0 {
		doc.AddPage()
	}
	if err := doc.Output(w); err != nil {
		return fmt.Errorf("write the PDF: %w", err)
	}
	return nil
}

// fitTitle shortens a title to a width, and replaces what the font's table of characters has no room for.
func fitTitle(doc *fpdf.Fpdf, title string, width float64) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if r > 0xFFFF {
			return '\uFFFD'
		}
		return r
	}, oneLine(title)))
	if doc.GetStringWidth(string(runes)) <= width {
		return string(runes)
	}
	for len(runes) > 0 && doc.GetStringWidth(string(runes)+"…") > width {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}
