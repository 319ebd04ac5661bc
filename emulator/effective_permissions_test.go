package emulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/emulator"
)

// made sends a request that makes an element and returns its id.
func (u *user) made(path, document, element string) string {
	u.t.Helper()
	e, _ := u.xml(201, "POST", path, "<tsRequest>"+document+"</tsRequest>").find(element)
	return e.attr("id")
}

// member adds a user with a name to the site of admin and signs in as that user.
func (u *user) member(name, siteRole string) *user {
	u.t.Helper()
	site := u.siteContentURL()
	id := u.made("/sites/{site}/users", `<user name="`+name+"-"+site+`" siteRole="`+siteRole+`"/>`, "user")
	u.xml(200, "PUT", "/sites/{site}/users/"+id, `<tsRequest><user password="open sesame"/></tsRequest>`)
	m := &user{t: u.t, server: u.server}
	m.signIn(byPassword(name+"-"+site, "open sesame", site))
	return m
}

// rules is a document of what grantees are allowed or denied, each as in "user 1234 Read Allow".
func rules(each ...string) string {
	var all strings.Builder
	all.WriteString("<tsRequest><permissions>")
	for _, one := range each {
		f := strings.Fields(one)
		fmt.Fprintf(&all, `<granteeCapabilities><%s id="%s"/><capabilities><capability name="%s" mode="%s"/></capabilities></granteeCapabilities>`,
			f[0], f[1], f[2], f[3])
	}
	all.WriteString("</permissions></tsRequest>")
	return all.String()
}

// everyone returns the id of the group of all users.
func (u *user) everyone() string {
	u.t.Helper()
	g, _ := u.xml(200, "GET", "/sites/{site}/groups?filter=name:eq:All%20Users", "").find("group")
	return g.attr("id")
}

// closeSite takes away what everyone is allowed on a new site, so that new projects start with nothing.
func closeSite(admin *user) {
	admin.t.Helper()
	project, _ := admin.xml(200, "GET", "/sites/{site}/projects?filter=topLevelProject:eq:true", "").find("project")
	for _, place := range []string{"permissions", "default-permissions/workbooks", "default-permissions/datasources"} {
		path := "/sites/{site}/projects/" + project.attr("id") + "/" + place
		document := admin.xml(200, "GET", path, "")
		if len(document.all("capability")) == 0 {
			admin.t.Errorf("a new site allows nobody anything: %s", place)
		}
		for _, c := range document.all("capability") {
			admin.xml(204, "DELETE", path+"/groups/"+admin.everyone()+"/"+c.attr("name")+"/Allow", "")
		}
	}
}

// sheets is a workbook of one sheet and one connection, without data.
var sheets = []byte(`<workbook><datasources><datasource name='d' caption='Stock'><connection class='postgres' server='db.example.com' dbname='bakery'/></datasource></datasources><worksheets><worksheet name='One'><table><view/></table></worksheet></worksheets></workbook>`)

// publishedIn publishes a workbook into a project and returns its id and that of its first view.
func (u *user) publishedIn(project, name, attributes string) (workbook, view string) {
	u.t.Helper()
	contentType, body := mixed(`<tsRequest><workbook name="`+name+`" `+attributes+`><project id="`+project+`"/></workbook></tsRequest>`,
		"tableau_workbook", "a.twb", sheets)
	document := u.do("POST", "/sites/{site}/workbooks", contentType, body).must(u.t, 201)
	w, _ := document.find("workbook")
	v, _ := document.find("view")
	return w.attr("id"), v.attr("id")
}

// TestAccess holds who may see a workbook to what Tableau documents: a rule for the user goes before rules for groups, a
// denial before a permission, and owners, leaders and administrators before all of them.
func TestAccess(t *testing.T) {
	t.Parallel()
	admin := newSite(t, emulator.Start(t))
	closeSite(admin)
	ann := admin.member("ann", "Creator")
	viewer := admin.member("viv", "Viewer")
	var groups []string
	for _, name := range []string{"One", "Two", "Other"} {
		groups = append(groups, admin.made("/sites/{site}/groups", `<group name="`+name+`"/>`, "group"))
	}
	for _, group := range groups[:2] {
		for _, u := range []*user{ann, viewer} {
			admin.xml(200, "POST", "/sites/{site}/groups/"+group+"/users", `<tsRequest><user id="`+u.id+`"/></tsRequest>`)
		}
	}
	ids := strings.NewReplacer("ann", "user "+ann.id, "viv", "user "+viewer.id, "one", "group "+groups[0], "two", "group "+groups[1],
		"other", "group "+groups[2], "all", "group "+admin.everyone())
	grant := func(path string, each []string) {
		t.Helper()
		for i := range each {
			each[i] = ids.Replace(each[i])
		}
		if len(each) > 0 {
			admin.xml(200, "PUT", path, rules(each...))
		}
	}
	type list = []string
	const nested, flat = "LockedToProject", "LockedToProjectWithoutNested"
	for i, test := range []struct {
		name              string
		by                *user
		workbook, view    list // rules
		defaults, project list // of the inner project
		around, outer     list // of the project around it: defaults, and its own rules
		innerLock, lock   string
		attributes, owner string
		sees, seesView    bool
	}{
		{name: "no rule", by: ann},
		{name: "user allowed", by: ann, workbook: list{"ann Read Allow"}, sees: true},
		{name: "another capability", by: ann, workbook: list{"ann Filter Allow"}},
		{name: "user denied", by: ann, workbook: list{"ann Read Deny", "one Read Allow", "all Read Allow"}},
		{name: "user before group", by: ann, workbook: list{"ann Read Allow", "one Read Deny", "all Read Deny"}, sees: true},
		{name: "group allowed", by: ann, workbook: list{"one Read Allow"}, sees: true},
		{name: "one group denies", by: ann, workbook: list{"one Read Allow", "two Read Deny"}},
		{name: "everyone denies", by: ann, workbook: list{"one Read Allow", "all Read Deny"}},
		{name: "everyone allowed", by: ann, workbook: list{"all Read Allow"}, sees: true},
		{name: "everyone allowed, a group denied", by: ann, workbook: list{"all Read Allow", "two Read Deny"}},
		{name: "a group without the user", by: ann, workbook: list{"other Read Allow"}},
		{name: "a group without the user denies", by: ann, workbook: list{"other Read Deny", "one Read Allow"}, sees: true},
		{name: "owner", by: ann, owner: "ann", workbook: list{"ann Read Deny", "all Read Deny"}, sees: true, seesView: true},
		{name: "owner in a locked project", by: ann, owner: "ann", innerLock: nested, sees: true, seesView: true},
		{name: "administrator", by: admin, workbook: list{"all Read Deny"}, sees: true, seesView: true},
		{name: "the project's own rule", by: ann, project: list{"ann Read Allow"}},
		{name: "leader", by: ann, project: list{"ann ProjectLeader Allow"}, workbook: list{"ann Read Deny"}, sees: true, seesView: true},
		{name: "leader by a group", by: ann, project: list{"two ProjectLeader Allow"}, sees: true, seesView: true},
		{name: "leader by a group without the user", by: ann, project: list{"other ProjectLeader Allow"}},
		{name: "leader of the project around", by: ann, outer: list{"all ProjectLeader Allow"}, sees: true, seesView: true},
		{name: "leader who only views", by: viewer, outer: list{"viv ProjectLeader Allow"}, sees: true, seesView: true},
		{name: "defaults", by: ann, defaults: list{"one Read Allow"}, sees: true, seesView: true},
		{name: "defaults, and denied since", by: ann, defaults: list{"one Read Allow"}, workbook: list{"ann Read Deny"}, seesView: true},
		{name: "locked", by: ann, innerLock: nested, defaults: list{"one Read Allow"}, sees: true, seesView: true},
		{name: "locked, one group denies", by: ann, innerLock: nested, defaults: list{"one Read Allow", "two Read Deny"}},
		{name: "locked, rules before the lock", by: ann, workbook: list{"ann Read Allow"}, view: list{"ann Read Allow"}, innerLock: nested},
		{name: "locked here only", by: ann, innerLock: flat, defaults: list{"ann Read Allow"}, sees: true, seesView: true},
		{name: "locked around", by: ann, lock: nested, around: list{"ann Read Allow"}, sees: true, seesView: true},
		{name: "locked around goes before", by: ann, lock: nested, innerLock: flat, defaults: list{"ann Read Allow"}},
		{name: "locked around without nested", by: ann, lock: flat, around: list{"ann Read Allow"}},
		{name: "locked around without nested, rules", by: ann, lock: flat, workbook: list{"ann Read Allow"}, sees: true},
		{name: "hidden tabs, one view", by: ann, view: list{"ann Read Allow"}, seesView: true},
		{name: "hidden tabs, view denied", by: ann, workbook: list{"ann Read Allow"}, view: list{"ann Read Deny"}, sees: true},
		{name: "tabs", by: ann, attributes: `showTabs="true"`, workbook: list{"ann Read Allow"}, view: list{"ann Read Deny"}, sees: true, seesView: true},
		{name: "tabs, one view", by: ann, attributes: `showTabs="true"`, view: list{"ann Read Allow"}},
		{name: "tabs in a locked project", by: ann, attributes: `showTabs="true"`, workbook: list{"ann Read Allow"}, innerLock: nested},
	} {
		t.Run(test.name, func(t *testing.T) {
			outer := admin.made("/sites/{site}/projects", fmt.Sprintf(`<project name="Outer %d"/>`, i), "project")
			inner := admin.made("/sites/{site}/projects", fmt.Sprintf(`<project name="Inner" parentProjectId="%s"/>`, outer), "project")
			around, within := "/sites/{site}/projects/"+outer, "/sites/{site}/projects/"+inner
			grant(within+"/permissions", test.project)
			grant(within+"/default-permissions/workbooks", test.defaults)
			grant(around+"/permissions", test.outer)
			grant(around+"/default-permissions/workbooks", test.around)
			name := fmt.Sprintf("Book %d", i)
			w, v := admin.publishedIn(inner, name, test.attributes)
			grant("/sites/{site}/workbooks/"+w+"/permissions", test.workbook)
			grant("/sites/{site}/views/"+v+"/permissions", test.view)
			if test.owner != "" {
				admin.xml(200, "PUT", "/sites/{site}/workbooks/"+w, `<tsRequest><workbook><owner id="`+ann.id+`"/></workbook></tsRequest>`)
			}
			for path, lock := range map[string]string{within: test.innerLock, around: test.lock} {
				if lock != "" {
					admin.xml(200, "PUT", path, `<tsRequest><project contentPermissions="`+lock+`"/></tsRequest>`)
				}
			}
			for _, item := range []struct {
				path, list, element, notFound string
				sees                          bool
			}{
				{"/sites/{site}/workbooks/" + w, "/sites/{site}/workbooks?filter=name:eq:" + strings.ReplaceAll(name, " ", "%20"), "workbook", "404006", test.sees},
				{"/sites/{site}/views/" + v, "/sites/{site}/views?filter=workbookName:eq:" + strings.ReplaceAll(name, " ", "%20"), "view", "404011", test.seesView},
			} {
				want := ""
				if !item.sees {
					want = item.notFound
				}
				if r := test.by.do("GET", item.path, "", nil); r.code() != want {
					t.Errorf("the %s is answered %q, want %q: %s", item.element, r.code(), want, r.body)
				}
				listed := slices.ContainsFunc(test.by.xml(200, "GET", item.list, "").all(item.element), func(n node) bool {
					return strings.HasSuffix(item.path, n.attr("id"))
				})
				if listed != item.sees {
					t.Errorf("the %s is listed: %v, want %v", item.element, listed, item.sees)
				}
			}
		})
	}
}

// TestListsShowWhatMayBeRead counts pages and totals of lists that are partly hidden.
func TestListsShowWhatMayBeRead(t *testing.T) {
	t.Parallel()
	admin := newSite(t, emulator.Start(t))
	closeSite(admin)
	ann, bob := admin.member("ann", "Explorer"), admin.member("bob", "Creator")
	var want, wantProjects, wantSources, wantViews []string
	for i := range 20 {
		name := fmt.Sprintf("%02d", i)
		project := admin.made("/sites/{site}/projects", `<project name="`+name+`"/>`, "project")
		w, _ := admin.publishedIn(project, name, `showTabs="true"`)
		d, _ := admin.publishDataSource(`<datasource name="`+name+`"><project id="`+project+`"/></datasource>`, "a.tds", []byte(tds), "").must(t, 201).find("datasource")
		if i%3 > 0 {
			continue
		}
		want, wantProjects, wantSources = append(want, w), append(wantProjects, project), append(wantSources, d.attr("id"))
		for _, path := range []string{"workbooks/" + w, "projects/" + project, "datasources/" + d.attr("id")} {
			admin.xml(200, "PUT", "/sites/{site}/"+path+"/permissions", rules("user "+ann.id+" Read Allow"))
		}
		for _, v := range admin.xml(200, "GET", "/sites/{site}/workbooks/"+w+"/views", "").all("view") {
			wantViews = append(wantViews, v.attr("id"))
		}
	}
	read := func(u *user, path, element string, size int) (ids []string) {
		t.Helper()
		for page := 1; ; page++ {
			document := u.xml(200, "GET", fmt.Sprintf("%s?pageSize=%d&pageNumber=%d", path, size, page), "")
			pagination, _ := document.find("pagination")
			for _, one := range document.all(element) {
				ids = append(ids, one.attr("id"))
			}
			total := 0
			fmt.Sscan(pagination.attr("totalAvailable"), &total)
			if len(ids) >= total || len(document.all(element)) == 0 {
				if len(ids) != total {
					t.Errorf("%s: %d items, and a total of %d", path, len(ids), total)
				}
				return ids
			}
		}
	}
	for _, test := range []struct {
		element string
		want    []string
	}{{"workbook", want}, {"project", wantProjects}, {"datasource", wantSources}, {"view", wantViews}} {
		path := "/sites/{site}/" + test.element + "s"
		for _, size := range []int{1, 3, 100} {
			if diff := cmp.Diff(test.want, read(ann, path, test.element, size)); diff != "" {
				t.Errorf("%s in pages of %d (-want +got):\n%s", path, size, diff)
			}
		}
		if got := read(bob, path, test.element, 100); len(got) != 0 {
			t.Errorf("%s shows %v to somebody without a rule", path, got)
		}
		if got := read(admin, path, test.element, 100); len(got) < 20 {
			t.Errorf("%s shows an administrator %d items", path, len(got))
		}
	}
	if diff := cmp.Diff(want, read(ann, "/sites/{site}/users/"+ann.id+"/workbooks", "workbook", 4)); diff != "" {
		t.Errorf("the workbooks for a user (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, read(admin, "/sites/{site}/users/"+ann.id+"/workbooks", "workbook", 4)); diff != "" {
		t.Errorf("the workbooks for a user, as an administrator sees them (-want +got):\n%s", diff)
	}
	admin.xml(204, "DELETE", "/sites/{site}/workbooks/"+want[0]+"/permissions/users/"+ann.id+"/Read/Allow", "")
	if diff := cmp.Diff(want[1:], read(ann, "/sites/{site}/workbooks", "workbook", 2)); diff != "" {
		t.Errorf("after a rule was deleted (-want +got):\n%s", diff)
	}
}

// TestFirstPermissions shows what is allowed on a new site, and what new projects start with.
func TestFirstPermissions(t *testing.T) {
	t.Parallel()
	admin := newSite(t, emulator.Start(t))
	viewer, explorer, creator := admin.member("viv", "Viewer"), admin.member("exp", "Explorer"), admin.member("cre", "Creator")
	w := creator.published("Bread").attr("id")
	path := "/sites/{site}/workbooks/" + w
	for _, u := range []*user{viewer, explorer} {
		u.xml(200, "GET", path, "")
		if r := u.do("PUT", path, "text/xml", []byte(`<tsRequest><workbook name="Cake"/></tsRequest>`)); r.code() != "403004" {
			t.Errorf("a change is answered %s", r.body)
		}
	}
	if r := creator.do("GET", path+"/content", "", nil); r.status != 200 {
		t.Errorf("the owner's download is answered %s", r.body)
	}
	if r := explorer.do("GET", path+"/content", "", nil); r.code() != "403004" {
		t.Errorf("a download is answered %s", r.body)
	}

	count := func(project, place string) int {
		return len(admin.xml(200, "GET", "/sites/{site}/projects/"+project+"/"+place, "").all("capability"))
	}
	first, _ := admin.xml(200, "GET", "/sites/{site}/projects", "").find("project")
	top := admin.made("/sites/{site}/projects", `<project name="Top"/>`, "project")
	for _, place := range []string{"permissions", "default-permissions/workbooks", "default-permissions/datasources"} {
		if got, want := count(top, place), count(first.attr("id"), place); got != want || got == 0 {
			t.Errorf("a new project starts with %d %s, the default project has %d", got, place, want)
		}
	}
	admin.xml(204, "DELETE", "/sites/{site}/projects/"+top+"/permissions/groups/"+admin.everyone()+"/Write/Allow", "")
	admin.xml(200, "PUT", "/sites/{site}/projects/"+top+"/permissions", rules("user "+creator.id+" ProjectLeader Allow"))
	inner := creator.made("/sites/{site}/projects", `<project name="Inner" parentProjectId="`+top+`"/>`, "project")
	if got := count(inner, "permissions"); got != 1 {
		t.Errorf("a nested project starts with %d permissions, want 1, as its parent has besides the leader", got)
	}
	if r := creator.do("POST", "/sites/{site}/projects", "text/xml", []byte(`<tsRequest><project name="Mine"/></tsRequest>`)); r.code() != "403045" {
		t.Errorf("a top-level project is answered %s", r.body)
	}
	if r := creator.do("PUT", "/sites/{site}/projects/"+inner, "text/xml", []byte(`<tsRequest><project parentProjectId=""/></tsRequest>`)); r.code() != "403045" {
		t.Errorf("moving a project to the top is answered %s", r.body)
	}
	writable := func(u *user) (names []string) {
		for _, p := range u.xml(200, "GET", "/sites/{site}/projects?fields=name,writeable", "").all("project") {
			if p.attr("writeable") == "true" {
				names = append(names, p.attr("name"))
			}
		}
		return names
	}
	if diff := cmp.Diff([]string{"Default", "Top", "Inner"}, writable(creator)); diff != "" {
		t.Errorf("where a leader may publish (-want +got):\n%s", diff)
	}
	if got := writable(explorer); len(got) > 0 {
		t.Errorf("an Explorer may publish into %v", got)
	}
}

// TestWhatChangesTake takes changes that need more than the item's own capability through refusal and success.
func TestWhatChangesTake(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	admin := newSite(t, server)
	closeSite(admin)
	ann, bob := admin.member("ann", "Creator"), admin.member("bob", "Creator")
	from, to := admin.made("/sites/{site}/projects", `<project name="From"/>`, "project"), admin.made("/sites/{site}/projects", `<project name="To"/>`, "project")
	w, v := admin.publishedIn(from, "W", "")
	other, _ := admin.publishedIn(from, "Other", "")
	d, _ := admin.publishDataSource(`<datasource name="D"><project id="`+from+`"/></datasource>`, "a.tds", []byte(tds), "").must(t, 201).find("datasource")
	wPath, dPath := "/sites/{site}/workbooks/"+w, "/sites/{site}/datasources/"+d.attr("id")
	grant := func(path, name string) {
		t.Helper()
		admin.xml(200, "PUT", "/sites/{site}/"+path+"/permissions", rules("user "+ann.id+" "+name+" Allow"))
	}
	put := func(path, document string) func() reply {
		return func() reply { return ann.do("PUT", path, "text/xml", []byte("<tsRequest>"+document+"</tsRequest>")) }
	}
	publish := func(name, query string) func() reply {
		contentType, body := mixed(`<tsRequest><workbook name="`+name+`"><project id="`+from+`"/></workbook></tsRequest>`, "tableau_workbook", "a.twb", sheets)
		return func() reply { return ann.do("POST", "/sites/{site}/workbooks?"+query, contentType, body) }
	}
	mornings := serverAdmin(t, server).schedule("Subscription")
	subscribe := func(u *user, to string) func() reply {
		return func() reply {
			return u.do("POST", "/sites/{site}/subscriptions", "text/xml", []byte(subscriptionDocument("View", v, mornings, to)))
		}
	}
	for _, step := range []struct {
		what        string
		call        func() reply
		code        string // "": it succeeds
		place, then string // what is granted afterwards
	}{
		{"publish into a project one does not see", publish("New", ""), "404005", "projects/" + from, "Read"},
		{"publish into a project", publish("New", ""), "403004", "", ""},
		{"publish there by a job", publish("New", "asJob=true"), "403004", "projects/" + from, "Write"},
		{"publish", publish("New", ""), "", "", ""},
		{"overwrite", publish("W", "overwrite=true"), "403007", "workbooks/" + w, "Read"},
		{"change", put(wPath, `<workbook description="x"/>`), "403004", "workbooks/" + w, "Write"},
		{"change now", put(wPath, `<workbook description="x"/>`), "", "", ""},
		{"overwrite now", publish("W", "overwrite=true"), "", "", ""},
		{"move", put(wPath, `<workbook><project id="`+to+`"/></workbook>`), "403004", "workbooks/" + w, "ChangeHierarchy"},
		{"move into a project one does not see", put(wPath, `<workbook><project id="`+to+`"/></workbook>`), "404005", "projects/" + to, "Read"},
		{"move into a project one may not publish into", put(wPath, `<workbook><project id="`+to+`"/></workbook>`), "403004", "projects/" + to, "Write"},
		{"move now", put(wPath, `<workbook><project id="`+to+`"/></workbook>`), "", "", ""},
		{"give away", put(wPath, `<workbook><owner id="`+ann.id+`"/></workbook>`), "403004", "projects/" + to, "ProjectLeader"},
		{"give away as a leader", put(wPath, `<workbook><owner id="`+ann.id+`"/></workbook>`), "", "", ""},
		{"change a data source one does not see", put(dPath, `<datasource description="x"/>`), "404004", "datasources/" + d.attr("id"), "Write"},
		{"change a data source", put(dPath, `<datasource description="x"/>`), "", "", ""},
		{"move a data source", put(dPath, `<datasource><project id="`+to+`"/></datasource>`), "404004", "datasources/" + d.attr("id"), "Read"},
		{"give a data source away", put(dPath, `<datasource><owner id="`+ann.id+`"/></datasource>`), "403004", "", ""},
		{"give a project away", put("/sites/{site}/projects/"+to, `<project><owner id="`+ann.id+`"/></project>`), "403004", "", ""},
		{"rename a project one leads", put("/sites/{site}/projects/"+to, `<project name="Too"/>`), "", "", ""},
		{"rename a project", put("/sites/{site}/projects/"+from, `<project name="Form"/>`), "403004", "", ""},
		{"subscribe somebody who may not see it", subscribe(ann, bob.id), "400063", "", ""},
		{"subscribe to what one may not see", subscribe(bob, bob.id), "404011", "", ""},
		{"subscribe", subscribe(ann, ann.id), "", "", ""},
		{"favor what one may not see", put("/sites/{site}/favorites/"+ann.id, `<favorite label="x"><workbook id="`+other+`"/></favorite>`), "404006", "workbooks/" + other, "Read"},
		{"favor", put("/sites/{site}/favorites/"+ann.id, `<favorite label="x"><workbook id="`+other+`"/></favorite>`), "", "", ""},
	} {
		if r := step.call(); r.code() != step.code {
			t.Errorf("%s: answered %q, want %q: %s", step.what, r.code(), step.code, r.body)
		}
		if step.then != "" {
			grant(step.place, step.then)
		}
	}
	favorites := func() int { return len(ann.xml(200, "GET", "/sites/{site}/favorites/"+ann.id, "").all("favorite")) }
	if favorites() != 1 {
		t.Error("the favorite is not listed")
	}
	admin.xml(204, "DELETE", "/sites/{site}/workbooks/"+other+"/permissions/users/"+ann.id+"/Read/Allow", "")
	if favorites() != 0 {
		t.Error("a favorite is listed that its user may not see any more")
	}
}

// TestViewsLeaveTheirTabs shows that views start with the workbook's permissions when it ceases to show them as tabs.
func TestViewsLeaveTheirTabs(t *testing.T) {
	t.Parallel()
	admin := newSite(t, emulator.Start(t))
	closeSite(admin)
	ann := admin.member("ann", "Viewer")
	project := admin.made("/sites/{site}/projects", `<project name="P"/>`, "project")
	w, v := admin.publishedIn(project, "W", `showTabs="true"`)
	admin.xml(200, "PUT", "/sites/{site}/workbooks/"+w+"/permissions", rules("user "+ann.id+" Read Allow"))
	ann.xml(200, "GET", "/sites/{site}/views/"+v, "")
	admin.xml(200, "PUT", "/sites/{site}/workbooks/"+w, `<tsRequest><workbook showTabs="false"/></tsRequest>`)
	ann.xml(200, "GET", "/sites/{site}/views/"+v, "")
	admin.xml(204, "DELETE", "/sites/{site}/workbooks/"+w+"/permissions/users/"+ann.id+"/Read/Allow", "")
	ann.xml(200, "GET", "/sites/{site}/views/"+v, "")
	if got := len(ann.xml(200, "GET", "/sites/{site}/workbooks", "").all("workbook")); got != 0 {
		t.Errorf("%d workbooks are listed", got)
	}
	admin.xml(204, "DELETE", "/sites/{site}/views/"+v+"/permissions/users/"+ann.id+"/Read/Allow", "")
	if r := ann.do("GET", "/sites/{site}/views/"+v, "", nil); r.code() != "404011" {
		t.Errorf("the view is answered %s", r.body)
	}
}
