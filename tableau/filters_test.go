package tableau_test

import (
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/tableau"
)

// A shelf of three workbooks on two pages, told as a server tells all fields.
var labelled = []string{
	`<workbook id="1" name="Smith, John" description="a, b"><project id="p" name="R&amp;D, all"/><owner id="u" name="Smith, John"/><tags><tag label="x, y"/><tag label="z"/></tags></workbook>`,
	`<workbook id="2" name="smith, john"><owner id="v" name="Smith"/></workbook>`,
	`<workbook id="3" name="Smith" description="A &amp; B"><project id="q" name="John"/><owner id="u" name="Smith, John"/><tags><tag label="x"/></tags></workbook>`,
}

func labelledServer(t *testing.T) *fakeServer {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		page, content := "1", labelled[0]+labelled[1]
		if r.URL.Query().Get("pageNumber") == "2" {
			page, content = "2", labelled[2]
		}
		answer(w, 200, `<pagination pageNumber="`+page+`" pageSize="2" totalAvailable="3"/><workbooks>`+content+`</workbooks>`)
	})
}

func TestFiltersThatCannotBeSentAreAppliedExactly(t *testing.T) {
	t.Parallel()
	fold := func(f tableau.Filter) tableau.Filter { f.Operator = tableau.OpEqualFold; return f }
	tests := map[string]struct {
		query  tableau.Query
		want   []string
		filter string // what is sent of it
		fields string
	}{
		"name":              {query: tableau.Query{Filter: []tableau.Filter{tableau.Eq("name", "Smith, John")}}, want: []string{"1"}},
		"either case":       {query: tableau.Query{Filter: []tableau.Filter{fold(tableau.Eq("name", "SMITH, John"))}}, want: []string{"1", "2"}},
		"one of several":    {query: tableau.Query{Filter: []tableau.Filter{tableau.In("name", "Smith", "Smith, John")}}, want: []string{"1", "3"}},
		"nothing":           {query: tableau.Query{Filter: []tableau.Filter{tableau.Eq("name", "Smith,")}}},
		"attribute":         {query: tableau.Query{Filter: []tableau.Filter{tableau.Eq("description", "a, b")}}, want: []string{"1"}, fields: "_default_,description"},
		"owner":             {query: tableau.Query{Filter: []tableau.Filter{tableau.Eq("ownerName", "Smith, John")}}, want: []string{"1", "3"}, fields: "_default_,owner.name"},
		"a project or none": {query: tableau.Query{Filter: []tableau.Filter{tableau.Eq("projectName", "R&D, all")}}, want: []string{"1"}, fields: "_default_,project.name"},
		"tag":               {query: tableau.Query{Filter: []tableau.Filter{tableau.Eq("tags", "x, y")}}, want: []string{"1"}, fields: "_default_,tags"},
		"all must hold": {
			query: tableau.Query{Filter: []tableau.Filter{tableau.Eq("ownerName", "Smith, John"), tableau.Eq("size", "1"), tableau.Eq("tags", "x, y")}},
			want:  []string{"1"}, filter: "size:eq:1", fields: "_default_,owner.name,tags",
		},
		"own fields":           {query: tableau.Query{Filter: []tableau.Filter{tableau.Eq("name", "Smith, John")}, Fields: []string{"id"}}, want: []string{"1"}, fields: "id,name"},
		"all fields":           {query: tableau.Query{Filter: []tableau.Filter{tableau.Eq("ownerName", "Smith, John")}, Fields: []string{"_all_"}}, want: []string{"1", "3"}, fields: "_all_"},
		"an ampersand is sent": {query: tableau.Query{Filter: []tableau.Filter{tableau.Eq("description", "A & B")}}, want: []string{"1", "2", "3"}, filter: "description:eq:A & B"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := labelledServer(t)
			before := len(test.query.Fields)
			if diff := cmp.Diff(test.want, listIDs(t, server.client(t), test.query)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if len(test.query.Fields) != before {
				t.Errorf("the caller's fields became %q", test.query.Fields)
			}
			for _, r := range server.requests() {
				sent, err := url.ParseQuery(r.Query)
				if err != nil {
					t.Fatal(err)
				}
				if sent.Get("filter") != test.filter || sent.Get("fields") != test.fields {
					t.Errorf("sent filter %q and fields %q, want %q and %q", sent.Get("filter"), sent.Get("fields"), test.filter, test.fields)
				}
			}
		})
	}
}

func TestAmpersandsAreNotSentToOldServers(t *testing.T) {
	t.Parallel()
	server := labelledServer(t)
	c := server.client(t, tableau.WithAPIVersion("3.6"))
	q := tableau.Query{Filter: []tableau.Filter{tableau.Eq("description", "A & B")}}
	if diff := cmp.Diff([]string{"3"}, listIDs(t, c, q)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := server.requests()[0].Query; got != "fields=_default_%2Cdescription&pageNumber=1&pageSize=1000" {
		t.Errorf("sent %s", got)
	}
	if _, err := c.Workbooks.Page(t.Context(), q); !errors.Is(err, tableau.ErrInvalidArgument) {
		t.Errorf("Page = %v, want ErrInvalidArgument", err)
	}
}

func TestFiltersThatCanBeNeitherSentNorAppliedAreRefused(t *testing.T) {
	t.Parallel()
	server := labelledServer(t)
	c := server.client(t)
	for name, f := range map[string]tableau.Filter{
		"a field that is not told":    tableau.Eq("ownerDomain", "a,b"),
		"a number":                    tableau.Eq("size", "1,5"),
		"a time":                      tableau.Eq("createdAt", "1,5"),
		"an element":                  tableau.Eq("owner", "a,b"),
		"an order":                    {Field: "name", Operator: tableau.OpGreater, Values: []string{"a,b"}},
		"an operator without meaning": {Field: "name", Operator: tableau.OpHas, Values: []string{"a,b"}},
		"no field":                    {Operator: tableau.OpEqual, Values: []string{"a,b"}},
	} {
		if _, err := tableau.Collect(c.Workbooks.List(t.Context(), tableau.Query{Filter: []tableau.Filter{f}}), -1); !errors.Is(err, tableau.ErrInvalidArgument) {
			t.Errorf("%s: List error = %v, want ErrInvalidArgument", name, err)
		}
	}
	if _, err := c.Workbooks.Page(t.Context(), tableau.Query{Filter: []tableau.Filter{tableau.Eq("name", "a,b")}}); !errors.Is(err, tableau.ErrInvalidArgument) {
		t.Errorf("Page error = %v, want ErrInvalidArgument", err)
	}
	if n := len(server.requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestAnAnswerThatDoesNotTellTheFieldIsAnError(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		answer(w, 200, `<workbooks><workbook id="1" name="n"><owner id="u"/></workbook></workbooks>`)
	})
	got, err := tableau.Collect(server.client(t).Workbooks.List(t.Context(), tableau.Query{Filter: []tableau.Filter{tableau.Eq("ownerName", "a, b")}}), -1)
	if len(got) != 0 || !errors.Is(err, tableau.ErrInvalidArgument) {
		t.Errorf("List = %v, %v; want nothing and ErrInvalidArgument", got, err)
	}
}
