package emulator_test

import (
	"fmt"
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tabctl/tableau-go/emulator"
)

func (u *user) project(name, rest string) string {
	u.t.Helper()
	p, _ := u.xml(201, "POST", "/sites/{site}/projects", `<tsRequest><project name="`+name+`" `+rest+`/></tsRequest>`).find("project")
	return p.attr("id")
}

func names(document node, element string) []string {
	found := []string{}
	for _, e := range document.all(element) {
		found = append(found, e.attr("name"))
	}
	return found
}

func TestFiltersAndSorts(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	parent := u.project("Finance", "")
	u.project("Budget, 2025: plan", `parentProjectId="`+parent+`"`)
	u.project("apples", "")
	u.project("Apples 2", "")

	tests := []struct {
		query string
		want  []string
	}{
		{"", []string{"Default", "Finance", "Budget, 2025: plan", "apples", "Apples 2"}},
		{"filter=name:eq:Finance", []string{"Finance"}},
		{"filter=name:eq:finance", []string{}},
		{"filter=name:cieq:finance", []string{"Finance"}},
		{"filter=name:in:[Finance,apples,none]", []string{"Finance", "apples"}},
		{"filter=name:eq:Budget, 2025: plan", []string{"Budget, 2025: plan"}},
		{"filter=topLevelProject:eq:false", []string{"Budget, 2025: plan"}},
		{"filter=topLevelProject:eq:true,name:in:[apples]", []string{"apples"}},
		{"filter=parentProjectId:eq:" + parent, []string{"Budget, 2025: plan"}},
		{"filter=createdAt:gt:2100-01-01T00:00:00Z", []string{}},
		{"filter=createdAt:lte:2100-01-01T00:00:00Z,name:eq:Default", []string{"Default"}},
		{"filter=name:eq:x' OR '1'='1", []string{}},
		{"sort=name:asc", []string{"apples", "Apples 2", "Budget, 2025: plan", "Default", "Finance"}},
		{"sort=topLevelProject:asc,name:desc", []string{"Budget, 2025: plan", "Finance", "Default", "Apples 2", "apples"}},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			query, err := url.ParseQuery(tt.query)
			if err != nil {
				t.Fatal(err)
			}
			got := names(u.xml(200, "GET", "/sites/{site}/projects?"+query.Encode(), ""), "project")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFilterByTags(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	for i, name := range []string{"A", "B", "C"} {
		w := u.published(name)
		u.xml(200, "PUT", "/sites/{site}/workbooks/"+w.attr("id")+"/tags", fmt.Sprintf(`<tsRequest><tags><tag label="t%d"/><tag label="all"/></tags></tsRequest>`, i))
	}
	got := u.xml(200, "GET", "/sites/{site}/workbooks?filter=tags:in:[t0,t2]&sort=name:desc", "")
	if diff := cmp.Diff([]string{"C", "A"}, names(got, "workbook")); diff != "" {
		t.Error(diff)
	}
	labels := []string{}
	for _, tag := range got.all("tag") {
		labels = append(labels, tag.attr("label"))
	}
	if diff := cmp.Diff([]string{"all", "t2", "all", "t0"}, labels); diff != "" {
		t.Error(diff)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	want := []string{"Default"}
	for i := range 11 {
		name := fmt.Sprintf("p%02d", i)
		u.project(name, "")
		want = append(want, name)
	}
	var got []string
	for number := 1; number <= 3; number++ {
		document := u.xml(200, "GET", fmt.Sprintf("/sites/{site}/projects?pageSize=5&pageNumber=%d", number), "")
		p, _ := document.find("pagination")
		if p.attr("totalAvailable") != "12" || p.attr("pageSize") != "5" || p.attr("pageNumber") != fmt.Sprint(number) {
			t.Errorf("pagination %v", p.Attrs)
		}
		got = append(got, names(document, "project")...)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	u.published("Sales")
	tests := []struct {
		fields string
		want   map[string][]string // attributes by element
	}{
		{"name", map[string][]string{"workbook": {"name"}}},
		{"name,owner.name", map[string][]string{"workbook": {"name"}, "owner": {"name"}}},
		{"id,project", map[string][]string{"workbook": {"id"}, "project": {"id", "name", "description"}}},
	}
	for _, tt := range tests {
		t.Run(tt.fields, func(t *testing.T) {
			w, _ := u.xml(200, "GET", "/sites/{site}/workbooks?fields="+tt.fields, "").find("workbook")
			got := map[string][]string{}
			for _, e := range append(w.Children, w) {
				for _, a := range e.Attrs {
					got[e.XMLName.Local] = append(got[e.XMLName.Local], a.Name.Local)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSitesAreApart(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	a, b := newSite(t, server), newSite(t, server)
	w := a.published("Secret")
	if got := names(b.xml(200, "GET", "/sites/{site}/workbooks", ""), "workbook"); len(got) > 0 {
		t.Errorf("another site shows %q", got)
	}
	if got := b.do("GET", "/sites/{site}/workbooks/"+w.attr("id"), "", nil).code(); got != "404006" {
		t.Errorf("another site's workbook: %q, want 404006", got)
	}
}

// TestEveryFieldCanBeAskedFor asks by name for each field that fields=_all_ shows.
func TestEveryFieldCanBeAskedFor(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	u.published("Sales")
	for list, element := range map[string]string{"workbooks": "workbook", "views": "view", "projects": "project", "users": "user"} {
		item, _ := u.xml(200, "GET", "/sites/{site}/"+list+"?fields=_all_", "").find(element)
		var all []string
		for _, a := range item.Attrs {
			all = append(all, a.Name.Local)
		}
		for _, child := range item.Children {
			all = append(all, child.XMLName.Local)
			if child.XMLName.Local == "owner" {
				for _, a := range child.Attrs {
					all = append(all, "owner."+a.Name.Local)
				}
			}
		}
		for _, name := range all {
			u.xml(200, "GET", "/sites/{site}/"+list+"?fields="+name, "")
		}
	}
}
