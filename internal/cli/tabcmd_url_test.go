package cli

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/tableau"
)

func TestTabcmdURL(t *testing.T) {
	t.Parallel()
	minute, none := new(time.Minute), new(time.Duration(0))
	filter := func(field string, values ...string) tableau.ViewFilter {
		return tableau.ViewFilter{Field: field, Values: values}
	}
	type filters = []tableau.ViewFilter
	tests := []struct {
		text string
		want tabcmdURL
	}{
		{"Sales/Overview", tabcmdURL{segments: []string{"Sales", "Overview"}, data: tableau.ViewData{MaxAge: minute}}},
		{"/views/Sales/Overview.png?:refresh=yes&:size=640,480&:iid=2", tabcmdURL{
			segments: []string{"views", "Sales", "Overview.png"}, data: tableau.ViewData{MaxAge: none}, size: tableau.VizSize{Width: 640, Height: 480}}},
		{"Sales/Overview?Region=North America&Sales Rep=A=B&:refresh=no", tabcmdURL{segments: []string{"Sales", "Overview"},
			data: tableau.ViewData{MaxAge: minute, Filters: filters{filter("Region", "North America"), filter("Sales Rep", "A=B")}}}},
		{"Sales/Overview?Dept=R%26D&City=Portland%2C%20OR&Rate=50%", tabcmdURL{segments: []string{"Sales", "Overview"},
			data: tableau.ViewData{MaxAge: minute, Filters: filters{filter("Dept", "R&D"), filter("City", "Portland, OR"), filter("Rate", "50%")}}}},
		{`Sales/Overview?Region=East,West&Name=Smith\,Ann&Empty=`, tabcmdURL{segments: []string{"Sales", "Overview"},
			data: tableau.ViewData{MaxAge: minute, Filters: filters{filter("Region", "East", "West"), filter("Name", "Smith,Ann"), filter("Empty", "")}}}},
		{"Sales/Overview?Parameters.Year=2026&:embed=y", tabcmdURL{segments: []string{"Sales", "Overview"}, ignored: []string{":embed"},
			data: tableau.ViewData{MaxAge: minute, Parameters: []tableau.ViewParameter{{Name: "Year", Value: "2026"}}}}},
		{"https://t.example.com/#/site/mkt/views/Sales/Overview?:iid=1", tabcmdURL{segments: []string{"views", "Sales", "Overview"}, data: tableau.ViewData{MaxAge: minute}}},
		{"https://t.example.com/t/mkt/views/Sales/Overview.pdf", tabcmdURL{segments: []string{"views", "Sales", "Overview.pdf"}, data: tableau.ViewData{MaxAge: minute}}},
		{"Caf%C3%A9/Men%C3%BC", tabcmdURL{segments: []string{"Café", "Menü"}, data: tableau.ViewData{MaxAge: minute}}},
	}
	for _, test := range tests {
		got, err := parseTabcmdURL(test.text)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(tabcmdURL{})); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.text, diff)
		}
	}
	for _, text := range []string{"My Sales/Overview", "Sales/Overview?:size=640", "Sales/Overview?:size=a,b", "Sales/Overview?:size=0,10"} {
		if got, err := parseTabcmdURL(text); err == nil {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestTabcmdFilters(t *testing.T) {
	t.Parallel()
	type filters = []tableau.ViewFilter
	tests := []struct {
		text string
		want filters
	}{
		{"Region=North America", filters{{Field: "Region", Values: []string{"North America"}}}},
		{"Region=East&Year=2026", filters{{Field: "Region", Values: []string{"East"}}, {Field: "Year", Values: []string{"2026"}}}},
		{"Dept=R&D", filters{{Field: "Dept", Values: []string{"R&D"}}}},
		{"Dept=R&D&Year=2026", filters{{Field: "Dept", Values: []string{"R&D"}}, {Field: "Year", Values: []string{"2026"}}}},
		{`Dept=R\&D=1`, filters{{Field: "Dept", Values: []string{"R&D=1"}}}},
		{"Formula=a=b", filters{{Field: "Formula", Values: []string{"a=b"}}}},
		{"Region=East,West", filters{{Field: "Region", Values: []string{"East", "West"}}}},
		{"City=Portland, OR", filters{{Field: "City", Values: []string{"Portland, OR"}}}},
		{"Rate=50%26", filters{{Field: "Rate", Values: []string{"50%26"}}}}, // as it is: a command line needs no encoding
		{"Ort=Köln", filters{{Field: "Ort", Values: []string{"Köln"}}}},
	}
	for _, test := range tests {
		var u tabcmdURL
		if err := u.filters(test.text); err != nil {
			t.Errorf("%s: %v", test.text, err)
		}
		if diff := cmp.Diff(test.want, u.data.Filters); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.text, diff)
		}
	}
	for _, text := range []string{"Region", "=East"} {
		if err := new(tabcmdURL).filters(text); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}

func FuzzTabcmdURL(f *testing.F) {
	for _, text := range []string{
		"/views/Sales/Overview.png?Region=East&:refresh=yes&:size=640,480", "https://x/#/site/s/views/W/V?:iid=1", "/t/s/views/W/V.csv?A=a%2Cb,c",
		"/workbooks/W.twbx", "/views/W/V.pdf?Parameters.P=1&50%=%", `/views/W/V?A=a\,b, c&=x&:size=,`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := parseTabcmdURL(text)
		if err != nil {
			return
		}
		if len(u.segments) == 0 {
			t.Errorf("%q: no segments", text)
		}
		if u.size.Width < 0 || u.size.Height < 0 || (u.size.Width == 0) != (u.size.Height == 0) {
			t.Errorf("%q: the size is %+v", text, u.size)
		}
		for _, filter := range u.data.Filters {
			if len(filter.Values) == 0 {
				t.Errorf("%q: %q has no values", text, filter.Field)
			}
		}
	})
}
