package emulator_test

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/internal/sample"
)

// TestEverySettingOfASiteIsKept sends every attribute that the schema has for a site, and reads it back.
func TestEverySettingOfASiteIsKept(t *testing.T) {
	t.Parallel()
	schema, err := os.ReadFile(shared(t, "reference/ts-api_3_29.xsd"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(schema), `<xs:complexType name="siteType">`)
	_, rest, _ = strings.Cut(rest, `</xs:sequence>`)
	rest, _, _ = strings.Cut(rest, "</xs:complexType>\n   <xs:simpleType")
	special := map[string][]string{
		"adminMode": {"ContentOnly"}, "askDataMode": {"DisabledAlways", "DisabledByDefault"}, "state": {"Suspended", "Active"},
		"contentUrl": {"changed"}, "name": {"Changed"}, "revisionLimit": {"-1", "2"}, "userQuota": {"7"}, "storageQuota": {"9"},
		"tierCreatorCapacity": {"0", "3"}, "tierExplorerCapacity": {"3"}, "tierViewerCapacity": {"3"},
	}
	server := emulator.Start(t)
	root := serverAdmin(t, server)
	sent := 0
	for _, m := range regexp.MustCompile(`<xs:attribute name="(\w+)"(?:\s+type="([\w:]+)")?`).FindAllStringSubmatch(rest, -1) {
		name := m[1]
		values, ok := special[name]
		switch {
		case name == "id":
			continue
		case ok:
		case m[2] == "xs:boolean":
			values = []string{"true", "false"}
		case m[2] == "xs:int" || m[2] == "xs:integer":
			values = []string{"12", "13"}
		case m[2] == "xs:string":
			values = []string{"some text", "other text"}
		default:
			t.Errorf("the attribute %s has the type %q, which this test knows no values for", name, m[2])
		}
		sent++
		n := strconv.Itoa(sent)
		made, _ := root.xml(201, "POST", "/sites", `<tsRequest><site name="s`+n+`" contentUrl="s`+n+`"/></tsRequest>`).find("site")
		path := "/sites/" + made.attr("id")
		for _, value := range values {
			changed, _ := root.xml(200, "PUT", path, `<tsRequest><site `+name+`="`+value+`"/></tsRequest>`).find("site")
			read, _ := root.xml(200, "GET", path, "").find("site")
			if changed.attr(name) != value || read.attr(name) != value {
				t.Errorf("%s: sent %q, answered %q, read %q", name, value, changed.attr(name), read.attr(name))
			}
		}
	}
	if sent < 100 {
		t.Errorf("only %d attributes found in the schema", sent)
	}
}

func TestSiteSettingsThatCannotBe(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	root, admin := serverAdmin(t, server), newSite(t, server)
	create := func(attributes string) string {
		return root.do("POST", "/sites", "text/xml", []byte(`<tsRequest><site name="N" contentUrl="n" `+attributes+`/></tsRequest>`)).code()
	}
	for attributes, code := range map[string]string{
		`adminMode="ContentOnly" userQuota="5"`:  "409004",
		`userQuota="5" tierViewerCapacity="5"`:   "409004",
		`userQuota="0"`:                          "400000",
		`storageQuota="much"`:                    "400000",
		`tierCreatorCapacity="-2"`:               "400000",
		`adminMode="Nobody"`:                     "400013",
		`commentingEnabled="perhaps"`:            "400008",
		`revisionLimit="1"`:                      "400008",
		`state="Asleep"`:                         "400000",
		`adminInsightsPublishFrequency="seldom"`: "400008",
	} {
		if got := create(attributes); got != code {
			t.Errorf("%s: %q, want %s", attributes, got, code)
		}
	}
	put := func(u *user, path, attributes string) string {
		return u.do("PUT", path, "text/xml", []byte(`<tsRequest><site `+attributes+`/></tsRequest>`)).code()
	}
	first := admin.siteContentURL()
	root.xml(201, "POST", "/sites", `<tsRequest><site name="Second" contentUrl="second"/></tsRequest>`)
	for _, tt := range []struct{ name, attributes, code string }{
		{"a name that is taken", `name="` + strings.ToUpper(first) + `"`, "409001"},
		{"a contentUrl that is taken", `contentUrl="` + first + `"`, "409001"},
		{"a contentUrl with a slash", `contentUrl="a/b"`, "400000"},
		{"no contentUrl", `contentUrl=""`, "400000"},
		{"no name", `name=" "`, "400000"},
	} {
		if got := put(root, "/sites/second?key=contentUrl", tt.attributes); got != tt.code {
			t.Errorf("%s: %q, want %s", tt.name, got, tt.code)
		}
	}
	if got := put(root, "/sites/Default?key=name", `contentUrl="default"`); got != "400000" {
		t.Errorf("a contentUrl for the default site: %q, want 400000", got)
	}
	if got := root.do("DELETE", "/sites/Default?key=name", "", nil).code(); got != "403002" {
		t.Errorf("deleting the default site: %q, want 403002", got)
	}
	for _, attributes := range []string{`userQuota="5"`, `storageQuota="5"`, `state="Suspended"`, `adminMode="ContentOnly"`, `tierViewerCapacity="1"`} {
		if got := put(admin, "/sites/{site}", attributes); got != "403004" {
			t.Errorf("%s by a site administrator: %q, want 403004", attributes, got)
		}
	}
	if got := put(admin, "/sites/{site}", `state="Active" adminMode="ContentAndUsers" commentingEnabled="false"`); got != "" {
		t.Errorf("sending back what is: %q", got)
	}
	root.xml(200, "PUT", "/sites/second?key=contentUrl", `<tsRequest><site userQuota="5"/></tsRequest>`)
	s, _ := root.xml(200, "PUT", "/sites/second?key=contentUrl", `<tsRequest><site userQuota="-1" tierViewerCapacity="1"/></tsRequest>`).find("site")
	if s.attr("userQuota") != "" || s.attr("tierViewerCapacity") != "1" {
		t.Errorf("after userQuota=-1: %v", s.Attrs)
	}
}

func TestUserQuota(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	root, admin := serverAdmin(t, server), newSite(t, server)
	limit := func(attributes string) {
		t.Helper()
		root.xml(200, "PUT", "/sites/"+admin.site, `<tsRequest><site `+attributes+`/></tsRequest>`)
	}
	add := func(name, role string) reply {
		return admin.do("POST", "/sites/{site}/users", "text/xml", []byte(`<tsRequest><user name="`+name+`" siteRole="`+role+`"/></tsRequest>`))
	}
	limit(`userQuota="2"`) // the administrator is one
	ann, _ := add("quota-ann", "Viewer").must(t, 201).find("user")
	if got := add("quota-bob", "Viewer").code(); got != "409014" {
		t.Errorf("a user too many: %q, want 409014", got)
	}
	bob, _ := add("quota-bob", "Unlicensed").must(t, 201).find("user")
	role := func(u node, role string) reply {
		return admin.do("PUT", "/sites/{site}/users/"+u.attr("id"), "text/xml", []byte(`<tsRequest><user siteRole="`+role+`"/></tsRequest>`))
	}
	if got := role(bob, "Viewer").code(); got != "409014" {
		t.Errorf("a licence for one too many: %q, want 409014", got)
	}
	role(ann, "Creator").must(t, 200) // who has a licence already
	if got := add("quota-root", "ServerAdministrator").code(); got != "403004" {
		t.Errorf("a server administrator by a site administrator: %q, want 403004", got)
	}
	g, _ := admin.xml(201, "POST", "/sites/{site}/groups", `<tsRequest><group name="G" minimumSiteRole="Viewer"/></tsRequest>`).find("group")
	if got := admin.do("POST", "/sites/{site}/groups/"+g.attr("id")+"/users", "text/xml", []byte(`<tsRequest><user id="`+bob.attr("id")+`"/></tsRequest>`)).code(); got != "409014" {
		t.Errorf("joining a group that raises: %q, want 409014", got)
	}

	limit(`userQuota="-1" tierViewerCapacity="1"`)
	role(bob, "Viewer").must(t, 200)
	if got := add("quota-cyd", "Viewer").code(); got != "409014" {
		t.Errorf("a viewer too many: %q, want 409014", got)
	}
	add("quota-cyd", "Explorer").must(t, 201)
	if got := role(ann, "Viewer").code(); got != "409014" {
		t.Errorf("a creator becomes a viewer too many: %q, want 409014", got)
	}
	s, _ := root.xml(200, "GET", "/sites/"+admin.site+"?includeUsage=true", "").find("usage")
	if got, want := [...]string{s.attr("numUsers"), s.attr("numCreators"), s.attr("numExplorers"), s.attr("numViewers")}, [...]string{"4", "2", "1", "1"}; got != want {
		t.Errorf("usage %v, want %v", got, want)
	}
}

func TestStorageQuota(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	root, admin := serverAdmin(t, server), newSite(t, server)
	root.xml(200, "PUT", "/sites/"+admin.site, `<tsRequest><site storageQuota="1"/></tsRequest>`)
	admin.published("Fits")
	big := append([]byte("Hyper"), bytes.Repeat([]byte("x"), 700<<10)...)
	publish := func(name, query string) reply {
		return admin.publishDataSource(`<datasource name="`+name+`"/>`, "a.hyper", big, query)
	}
	publish("Big", "").must(t, 201)
	if got := publish("Bigger", "").code(); got != "403008" {
		t.Errorf("beyond the quota: %q, want 403008", got)
	}
	publish("Big", "overwrite=true").must(t, 201) // takes the place of what was there
	if got := publish("Big", "append=true").code(); got != "403008" {
		t.Errorf("appending beyond the quota: %q, want 403008", got)
	}
	job, _ := publish("Bigger", "asJob=true").must(t, 202).find("job")
	if done := admin.waitForJob(job.attr("id")); done.attr("finishCode") != "1" {
		t.Errorf("a job beyond the quota: %v", done.Attrs)
	}
}

func TestSuspendedSite(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	root := serverAdmin(t, server)
	site := server.NewSite(t)
	u := &user{t: t, server: server}
	u.signIn(byPassword(site.AdminName, site.AdminPassword, site.ContentURL))
	root.xml(200, "PUT", "/sites/"+site.ID, `<tsRequest><site state="Suspended"/></tsRequest>`)
	if got := u.do("GET", "/sites/{site}/workbooks", "", nil).code(); got != "401002" {
		t.Errorf("a session from before: %q, want 401002", got)
	}
	if got := u.do("POST", "/auth/signin", "", []byte("<tsRequest>"+byPassword(site.AdminName, site.AdminPassword, site.ContentURL)+"</tsRequest>")).code(); got != "401001" {
		t.Errorf("signing in: %q, want 401001", got)
	}
	where := server.DefaultSite()
	visitor := &user{t: t, server: server}
	visitor.signIn(byPassword(where.AdminName, where.AdminPassword, site.ContentURL)) // a server administrator may
	visitor.xml(200, "GET", "/sites/{site}/workbooks", "")
	root.xml(200, "PUT", "/sites/"+site.ID, `<tsRequest><site state="Active"/></tsRequest>`)
	u.signIn(byPassword(site.AdminName, site.AdminPassword, site.ContentURL))
}

func TestContentOnlySite(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t, emulator.WithDirectory(directoryFile(t, bakery)))
	root, admin := serverAdmin(t, server), newSite(t, server)
	viewer := colleague(admin, "Viewer")
	root.xml(200, "PUT", "/sites/"+admin.site, `<tsRequest><site adminMode="ContentOnly"/></tsRequest>`)
	importType, importBody := usersFile("tableau_user_import", "x\n", "")
	deleteType, deleteBody := usersFile("tableau_user_delete", "x\n", "")
	for _, tt := range []struct {
		name, method, path, contentType string
		body                            []byte
	}{
		{"adding", "POST", "/sites/{site}/users", "text/xml", []byte(`<tsRequest><user name="x" siteRole="Viewer"/></tsRequest>`)},
		{"removing", "DELETE", "/sites/{site}/users/" + viewer.id, "", nil},
		{"importing a file", "POST", "/sites/{site}/users/import", importType, importBody},
		{"deleting by a file", "POST", "/sites/{site}/users/delete", deleteType, deleteBody},
		{"importing a group", "POST", "/sites/{site}/groups", "text/xml", []byte(groupDocument("Bakers", "Viewer", "onSync"))},
	} {
		if got := admin.do(tt.method, tt.path, tt.contentType, tt.body).code(); got != "403004" {
			t.Errorf("%s: %q, want 403004", tt.name, got)
		}
	}
	visitor := &user{t: t, server: server}
	where := server.DefaultSite()
	visitor.signIn(byPassword(where.AdminName, where.AdminPassword, admin.siteContentURL()))
	visitor.xml(201, "POST", "/sites/{site}/users", `<tsRequest><user name="x" siteRole="Viewer"/></tsRequest>`)
}

func TestWhoSeesWhichSites(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	root, a, b := serverAdmin(t, server), newSite(t, server), newSite(t, server)
	if got := len(root.xml(200, "GET", "/sites", "").all("site")); got != 3 {
		t.Errorf("a server administrator sees %d sites, want 3", got)
	}
	if got := a.xml(200, "GET", "/sites", "").all("site"); len(got) != 1 || got[0].attr("id") != a.site {
		t.Errorf("a site administrator sees %v", got)
	}
	if got := a.do("GET", "/sites/"+b.site, "", nil).code(); got != "403004" {
		t.Errorf("another site: %q, want 403004", got)
	}
	for path, code := range map[string]string{"/sites/nowhere": "404000", "/sites/nowhere?key=name": "404000", "/sites/nowhere?key=contentUrl": "404000", "/sites/x?key=colour": "400000"} {
		if got := root.do("GET", path, "", nil).code(); got != code {
			t.Errorf("%s: %q, want %s", path, got, code)
		}
	}
	if got := b.xml(200, "GET", "/sites/"+b.siteContentURL()+"?key=contentUrl", "").all("site"); len(got) != 1 || got[0].attr("id") != b.site {
		t.Errorf("one's own site by contentUrl: %v", got)
	}
}

// TestDeletingASiteTakesAll counts the rows of every table and the files before a site is made and after it is deleted.
func TestDeletingASiteTakesAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open := func() *emulator.Server {
		t.Helper()
		s, err := emulator.New(emulator.WithDir(dir), emulator.WithAdmin("root", "pw"), emulator.WithDirectory(directoryFile(t, bakery)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Listen("127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		return s
	}
	count := func(s *emulator.Server) map[string]int {
		t.Helper()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		db, err := sql.Open("sqlite", filepath.Join(dir, "emulator.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		rows, err := db.Query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT IN ('sessions', 'used_jwts')")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		counts := map[string]int{}
		for rows.Next() {
			var table string
			var n int
			if err := rows.Scan(&table); err != nil {
				t.Fatal(err)
			}
			if err := db.QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil {
				t.Fatal(err)
			}
			counts[table] = n
		}
		counts["files"] = storedFiles(t, dir)
		return counts
	}
	s := open()
	root := serverAdmin(t, s)
	nightly, _ := root.xml(201, "POST", "/schedules", scheduleDocument("Nightly", "Extract", "Daily", `start="02:00:00"`)).find("schedule")
	mails, _ := root.xml(201, "POST", "/schedules", scheduleDocument("Mails", "Subscription", "Daily", `start="02:00:00"`)).find("schedule")
	before := count(s)

	s = open()
	root, admin := serverAdmin(t, s), newSite(t, s)
	viewer := colleague(admin, "Viewer")
	w := admin.published("Bakery")
	wb := w.attr("id")
	view, _ := w.find("view")
	admin.publish("Later", "asJob=true").must(t, 202)
	ds := admin.publishedDataSource("Stock", "a.tds", []byte(tds)).attr("id")
	upload, _ := admin.xml(201, "POST", "/sites/{site}/fileUploads", "").find("fileUpload")
	blockType, block := mixed("", "tableau_file", "file", []byte("a block"))
	admin.do("PUT", "/sites/{site}/fileUploads/"+upload.attr("uploadSessionId"), blockType, block).must(t, 200)
	g, _ := admin.xml(201, "POST", "/sites/{site}/groups", groupDocument("Bakers", "Viewer", "onSync")).find("group")
	for path, document := range map[string]string{
		"/sites/{site}/workbooks/" + wb + "/tags":                                 `<tsRequest><tags><tag label="a"/></tags></tsRequest>`,
		"/sites/{site}/views/" + view.attr("id") + "/tags":                        `<tsRequest><tags><tag label="a"/></tags></tsRequest>`,
		"/sites/{site}/datasources/" + ds + "/tags":                               `<tsRequest><tags><tag label="a"/></tags></tsRequest>`,
		"/sites/{site}/favorites/" + admin.id:                                     `<tsRequest><favorite label="f"><workbook id="` + wb + `"/></favorite></tsRequest>`,
		"/sites/{site}/schedules/" + nightly.attr("id") + "/workbooks":            `<tsRequest><task><extractRefresh><workbook id="` + wb + `"/></extractRefresh></task></tsRequest>`,
		"/sites/{site}/workbooks/" + wb + "/permissions":                          `<tsRequest><permissions><granteeCapabilities><user id="` + viewer.id + `"/><capabilities><capability name="Read" mode="Allow"/></capabilities></granteeCapabilities></permissions></tsRequest>`,
		"/sites/{site}/workbooks/" + wb + "/permissions?of=a+group+of+the+domain": `<tsRequest><permissions><granteeCapabilities><group id="` + g.attr("id") + `"/><capabilities><capability name="Read" mode="Allow"/></capabilities></granteeCapabilities></permissions></tsRequest>`,
	} {
		admin.xml(200, "PUT", path, document)
	}
	admin.xml(201, "POST", "/sites/{site}/subscriptions", subscriptionDocument("View", view.attr("id"), mails.attr("id"), admin.id))
	contentType, file := usersFile("tableau_user_import", "some,secret\nothers\n", "")
	job, _ := admin.do("POST", "/sites/{site}/users/import", contentType, file).must(t, 202).find("job")
	admin.waitForJob(job.attr("id"))
	twbType, twb := mixed(`<tsRequest><workbook name="Bakery"/></tsRequest>`, "tableau_workbook", "any.twbx", sample.Workbook())
	admin.do("POST", "/sites/{site}/workbooks?overwrite=true", twbType, twb).must(t, 201)
	root.xml(204, "DELETE", "/sites/"+admin.site, "")
	if got := admin.do("GET", "/sites/{site}/workbooks", "", nil).code(); got != "401002" {
		t.Errorf("a session on the site: %q, want 401002", got)
	}
	if diff := cmp.Diff(before, count(s)); diff != "" {
		t.Errorf("left behind (-before +after)\n%s", diff)
	}
}
