package emulator_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/internal/sample"
)

const garden = `
schedules:
  - {name: Nightly, start: "03:00:00"}
  - name: Mornings
    type: Subscription
    frequency: Weekly
    start: "07:00:00"
    intervals: [{weekDay: Monday}]
sites:
  - workbooks: [{name: On the default site}]
  - name: Marketing Team
    users:
      - {name: ana, fullName: Ana A, email: ana@example.com, password: ana's, tokenName: laptop, tokenSecret: hers}
      - {name: vic, siteRole: Viewer}
    groups:
      - {name: Analysts, users: [ana, vic]}
    projects:
      - name: Sales
        description: What is sold
        owner: ana
        permissions:
          - {group: Analysts, allow: [Read], deny: [Write]}
        projects:
          - name: EMEA
            workbooks:
              - {name: Bread, tags: [daily, bread], owner: ana, schedules: [Nightly]}
        datasources:
          - {name: Stock}
          - {file: flour.tds}
    workbooks:
      - {}
      - {file: flour.twbx, permissions: [{user: vic, allow: [Read, ViewComments]}]}
`

func TestSeed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string][]byte{"seed.yaml": []byte(garden), "flour.twbx": sample.Workbook(), "flour.tds": []byte(tds)} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	server := emulator.Start(t)
	for range 2 { // what is there already is left as it is
		if err := server.SeedFile(t.Context(), filepath.Join(dir, "seed.yaml")); err != nil {
			t.Fatal(err)
		}
	}
	ana := &user{t: t, server: server}
	ana.signIn(byToken("laptop", "hers", "MarketingTeam"))
	ana.signIn(byPassword("ana", "ana's", "MarketingTeam"))
	root := &user{t: t, server: server}
	root.signIn(byPassword("admin", server.DefaultSite().AdminPassword, "MarketingTeam"))

	list := func(u *user, path, element string) (found []string) {
		return names(u.xml(200, "GET", path, ""), element)
	}
	for _, test := range []struct {
		path, element string
		want          []string
	}{
		{"/sites/{site}/projects?sort=name:asc", "project", []string{"Default", "EMEA", "Sales"}},
		{"/sites/{site}/workbooks?sort=name:asc", "workbook", []string{sample.Name, "Bread", "flour"}},
		{"/sites/{site}/datasources?sort=name:asc", "datasource", []string{"flour", "Stock"}},
		{"/schedules", "schedule", []string{"Mornings", "Nightly"}},
	} {
		got := list(root, test.path, test.element)
		if diff := cmp.Diff(sorted(test.want), sorted(got)); diff != "" {
			t.Errorf("%s:\n%s", test.path, diff)
		}
	}
	me, _ := root.xml(200, "GET", "/sites/{site}/users/"+ana.id, "").find("user")
	if me.attr("fullName") != "Ana A" || me.attr("siteRole") != "Creator" {
		t.Errorf("the user is %v", me.Attrs)
	}
	bread, _ := root.xml(200, "GET", "/sites/{site}/workbooks?filter=name:eq:Bread", "").find("workbook")
	project, _ := bread.find("project")
	owner, _ := bread.find("owner")
	if project.attr("name") != "EMEA" || owner.attr("id") != ana.id || len(bread.all("tag")) != 2 {
		t.Errorf("the workbook is %+v", bread)
	}
	emea, _ := root.xml(200, "GET", "/sites/{site}/projects?filter=name:eq:EMEA", "").find("project")
	sales, _ := root.xml(200, "GET", "/sites/{site}/projects?filter=name:eq:Sales", "").find("project")
	if emea.attr("parentProjectId") != sales.attr("id") {
		t.Error("EMEA is not in Sales")
	}
	analysts, _ := root.xml(200, "GET", "/sites/{site}/groups?filter=name:eq:Analysts", "").find("group")
	var grants []string
	for _, c := range root.xml(200, "GET", "/sites/{site}/projects/"+sales.attr("id")+"/permissions", "").all("granteeCapabilities") {
		if group, ok := c.find("group"); ok && group.attr("id") == analysts.attr("id") {
			for _, capability := range c.all("capability") {
				grants = append(grants, capability.attr("name")+" "+capability.attr("mode"))
			}
		}
	}
	if !cmp.Equal(sorted(grants), []string{"Read Allow", "Write Deny"}) {
		t.Errorf("grants %v", grants)
	}
	if got := root.xml(200, "GET", "/sites/{site}/tasks/extractRefreshes", "").all("extractRefresh"); len(got) != 1 {
		t.Errorf("%d refresh tasks, want 1", len(got))
	}
	if got := list(serverAdmin(t, server), "/sites/{site}/workbooks", "workbook"); !cmp.Equal(got, []string{"On the default site"}) {
		t.Errorf("on the default site: %v", got)
	}
}

func TestSeedErrors(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	for document, want := range map[string]string{
		"sites: [{name: A, users: [{name: x, siteRole: King}]}]":             "user \"x\": 400013",
		"sites: [{name: A, workbooks: [{owner: nobody}]}]":                   "no user named \"nobody\"",
		"sites: [{name: A, workbooks: [{file: does-not-exist.twbx}]}]":       "does-not-exist.twbx",
		"sites: [{name: A, workbooks: [{name: w, data: bm8=, kind: twbx}]}]": "workbook \"w\": 400011",
		"sites: [{name: A, workbooks: [{name: v, schedules: [never]}]}]":     "no schedule named \"never\"",
		"sites: [{name: Default, contentUrl: other}]":                        "409001",
		"sites: [{contentUrl: nameless}]":                                    "needs a name",
		"schedules: [{name: S, frequency: Never}]":                           "schedule \"S\"",
		"sites: 7": "cannot be read",
		"sites: [{name: A, projects: [{name: P, projects: [{name: Q, x: 1}]}]}]": "cannot be read",
	} {
		err := server.Seed(t.Context(), []byte(document))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want something with %s", document, err, want)
		}
	}
	if err := server.SeedFile(t.Context(), filepath.Join(t.TempDir(), "none.yaml")); err == nil {
		t.Error("a seed that does not exist was planted")
	}
}

func sorted(texts []string) []string { return slices.Sorted(slices.Values(texts)) }
