package emulator

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tabctl/tableau-go/emulator/internal/store"
)

func TestParseFilter(t *testing.T) {
	t.Parallel()
	filter := func(field, operator string, values ...string) store.Filter {
		return store.Filter{Field: field, Operator: operator, Values: values}
	}
	tests := []struct {
		text string
		want []store.Filter // nil: refused
	}{
		{"name:eq:Sales", []store.Filter{filter("name", "eq", "Sales")}},
		{"name:eq:Sales,createdAt:gt:2016-05-04T21:24:49Z", []store.Filter{filter("name", "eq", "Sales"), filter("createdAt", "gt", "2016-05-04T21:24:49Z")}},
		{"createdAt:gt:2016-05-04T21:24:49Z,name:eq:Sales", []store.Filter{filter("createdAt", "gt", "2016-05-04T21:24:49Z"), filter("name", "eq", "Sales")}},
		{"tags:in:[a,b],size:lt:5", []store.Filter{filter("tags", "in", "a", "b"), filter("size", "lt", "5")}},
		{"tags:in:a", []store.Filter{filter("tags", "in", "a")}},
		{"name:eq:Lyon, Paris", []store.Filter{filter("name", "eq", "Lyon, Paris")}},
		{"name:eq:a:b", []store.Filter{filter("name", "eq", "a:b")}},
		{"name", nil},
		{"name:eq", nil},
		{"name:eq:", nil},
		{":eq:a", nil},
		{"tags:in:[a", nil},
		{"tags:in:[]", nil},
		{"tags:in:[a]size:lt:5", nil},
	}
	for _, tt := range tests {
		got, err := parseFilter(tt.text)
		if diff := cmp.Diff(tt.want, got); diff != "" || (err == nil) != (tt.want != nil) {
			t.Errorf("%q: %v\n%s", tt.text, err, diff)
		}
	}
}

func FuzzParseFilter(f *testing.F) {
	f.Add("name:eq:Sales,tags:in:[a,b]")
	f.Add("createdAt:gt:2016-05-04T21:24:49Z")
	f.Fuzz(func(t *testing.T, text string) {
		filters, err := parseFilter(text)
		for _, one := range filters {
			if err != nil || one.Field == "" || len(one.Values) == 0 {
				t.Errorf("%q: %+v, %v", text, one, err)
			}
		}
	})
}

func TestVersions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"2.0": true, "2.8": true, "2.9": false, "3.0": true, "3.29": true, "3.30": false, "03.1": false,
		"3": false, "3.": false, "+3.1": false, "": false, "-": false} {
		if _, ok := parseVersion(text); ok != want {
			t.Errorf("%q: %v, want %v", text, ok, want)
		}
	}
	for text, want := range map[string]string{"2.3": "10.0.0", "3.0": "2018.1.0", "3.3": "2019.1.0", "3.19": "2023.1.0", "3.23": "2024.2.0",
		"3.27": "2025.3.0", "3.29": "2026.2.0"} {
		if got, _ := mustVersion(text).product(); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

func TestDisposition(t *testing.T) {
	t.Parallel()
	tests := map[string][2]string{
		`name="tableau_workbook"; filename="a b.twbx"`:                         {"tableau_workbook", "a b.twbx"},
		`form-data; name="tableau_file"; filename="f"`:                         {"tableau_file", "f"},
		`name=request_payload`:                                                 {"request_payload", ""},
		`name="tableau_workbook"; filename*=UTF-8''%C3%A9.twb`:                 {"tableau_workbook", "é.twb"},
		`form-data; name="tableau_workbook"; filename*=utf-8''na%C3%AFve.twbx`: {"tableau_workbook", "naïve.twbx"},
	}
	for header, want := range tests {
		if name, fileName := disposition(header); name != want[0] || fileName != want[1] {
			t.Errorf("%s: %q %q, want %q", header, name, fileName, want)
		}
	}
	for fileName, want := range map[string]string{
		"Sales.twbx":  `name="n"; filename="Sales.twbx"`,
		`a"b/c.twb`:   `name="n"; filename="a_b_c.twb"`,
		"Été.twb":     `name="n"; filename="Été.twb"; filename*=utf-8''%C3%89t%C3%A9.twb`,
		"new\nl.twbx": `name="n"; filename="new_l.twbx"`,
	} {
		if got := attachment("n", fileName); got != want {
			t.Errorf("%q: %s, want %s", fileName, got, want)
		}
	}
}

// TestRouteVersions checks that every route came with a version that exists.
func TestRouteVersions(t *testing.T) {
	t.Parallel()
	for _, rt := range routes() {
		if _, ok := parseVersion(rt.Since); !ok {
			t.Errorf("%s: since %q", rt.Name, rt.Since)
		}
		if (rt.answer == nil) == (rt.stream == nil) {
			t.Errorf("%s must have one handler", rt.Name)
		}
	}
}
