package tableau

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// ViewData is what all renderings of a view understand.
type ViewData struct {
	// MaxAge is how old a cached rendering may be, in whole minutes, at most 240.
	// Unset, the server decides; it may answer with a picture hours old.
	MaxAge *time.Duration
	// Filters show only the rows whose field has one of the values.
	Filters []ViewFilter
	// Parameters set the workbook's parameters.
	Parameters []ViewParameter
	// Language of dates and numbers, such as "de".
	Language string
}

// ViewFilter keeps the rows of a view whose field has one of the values.
type ViewFilter struct {
	Field  string
	Values []string
}

// ViewParameter is the value of a workbook's parameter.
type ViewParameter struct {
	Name  string
	Value string
}

// CSVOptions say how [ViewsService.CSV] renders. The zero value is the
// server's default.
type CSVOptions struct {
	ViewData
}

// ExcelOptions say how [ViewsService.Excel] renders. The zero value is the
// server's default.
type ExcelOptions struct {
	ViewData
}

// PowerPointOptions say how [WorkbooksService.PowerPoint] renders. The zero
// value is the server's default.
type PowerPointOptions struct {
	// MaxAge is how old cached pictures may be, in whole minutes, at most 240.
	// Unset, the server decides.
	MaxAge *time.Duration
}

// VizSize is the size of a rendering in pixels: both or neither.
type VizSize struct {
	Width, Height int
}

// ImageOptions say how [ViewsService.Image] renders. The zero value is the
// server's default.
type ImageOptions struct {
	ViewData
	Size           VizSize
	HighResolution bool // twice the pixels
}

// PDFOptions say how PDF methods render. The zero value is the server's
// default.
type PDFOptions struct {
	ViewData
	Size        VizSize
	PageType    PageType
	Orientation Orientation
}

// PageType is the size of a page.
type PageType string

// The page types that Tableau knows.
const (
	PageA3          PageType = "A3"
	PageA4          PageType = "A4"
	PageA5          PageType = "A5"
	PageB4          PageType = "B4"
	PageB5          PageType = "B5"
	PageExecutive   PageType = "Executive"
	PageFolio       PageType = "Folio"
	PageLedger      PageType = "Ledger"
	PageLegal       PageType = "Legal"
	PageLetter      PageType = "Letter"
	PageNote        PageType = "Note"
	PageQuarto      PageType = "Quarto"
	PageTabloid     PageType = "Tabloid"
	PageUnspecified PageType = "Unspecified" // as large as the sheet
)

// Orientation is how a page is turned.
type Orientation string

// The two orientations.
const (
	Portrait  Orientation = "Portrait"
	Landscape Orientation = "Landscape"
)

// oldest is the greatest maximum age that Tableau takes.
const oldest = 240 * time.Minute

func (o ViewData) filtered() bool { return len(o.Filters) > 0 || len(o.Parameters) > 0 }

// values adds the common parameters to a rendering's own.
func (o ViewData) values(own url.Values) (url.Values, error) {
	if o.MaxAge != nil {
		if *o.MaxAge < 0 || *o.MaxAge > oldest || *o.MaxAge%time.Minute != 0 {
			return nil, invalid(fmt.Sprintf("a maximum age of %v is not a whole number of minutes from 0 to %d", *o.MaxAge, oldest/time.Minute))
		}
		own.Set("maxAge", strconv.Itoa(int(*o.MaxAge/time.Minute)))
	}
	setIf(own, "language", o.Language)
	for _, filter := range o.Filters {
		if filter.Field == "" {
			return nil, invalid("a view filter names no field")
		}
		values := make([]string, len(filter.Values))
		for i, value := range filter.Values {
			values[i] = strings.ReplaceAll(value, ",", `\,`) // Tableau's way to tell a comma from the next value
		}
		own.Add("vf_"+filter.Field, strings.Join(values, ","))
	}
	for _, parameter := range o.Parameters {
		name := strings.TrimPrefix(strings.TrimPrefix(parameter.Name, "vf_"), "Parameters.")
		if name == "" {
			return nil, invalid("a view parameter has no name")
		}
		own.Add("vf_Parameters."+name, parameter.Value)
	}
	return own, nil
}

// apply adds the size and the common parameters to a rendering's own.
func (s VizSize) apply(r request, own url.Values, data ViewData) request {
	switch {
	case s == VizSize{}:
	case s.Width <= 0 || s.Height <= 0:
		r = r.fail(invalid(fmt.Sprintf("a size of %d × %d pixels: width and height must both be given", s.Width, s.Height)))
	default:
		own.Set("vizWidth", strconv.Itoa(s.Width))
		own.Set("vizHeight", strconv.Itoa(s.Height))
		r = r.since("3.23")
	}
	values, err := data.values(own)
	return r.asking(values).fail(err)
}

func (o CSVOptions) apply(r request) request {
	values, err := o.values(url.Values{})
	return r.asking(values).fail(err)
}

func (o ExcelOptions) apply(r request) request { return CSVOptions(o).apply(r) }

func (o PowerPointOptions) apply(r request) request {
	return CSVOptions{ViewData{MaxAge: o.MaxAge}}.apply(r)
}

func (o ImageOptions) apply(r request) request {
	own := url.Values{}
	if o.HighResolution {
		own.Set("resolution", "high")
	}
	return o.Size.apply(r, own, o.ViewData)
}

func (o PDFOptions) apply(r request) request {
	own := url.Values{}
	setIf(own, "type", string(o.PageType))
	setIf(own, "orientation", string(o.Orientation))
	return o.Size.apply(r, own, o.ViewData)
}
