package emulator_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/emulator"
)

// members are the users of a group, as name:siteRole.
func (u *user) members(group string) (all []string) {
	u.t.Helper()
	for _, m := range u.xml(200, "GET", "/sites/{site}/groups/"+group+"/users", "").all("user") {
		all = append(all, m.attr("name")+":"+m.attr("siteRole"))
	}
	slices.Sort(all)
	return all
}

func statusNotes(job node) map[string]string {
	notes := map[string]string{}
	for _, note := range job.all("statusNote") {
		notes[note.attr("type")] = note.attr("value")
	}
	return notes
}

func TestGroupsOfTheDirectory(t *testing.T) {
	t.Parallel()
	file := directoryFile(t, bakery)
	server := emulator.Start(t, emulator.WithDirectory(file))
	admin := newSite(t, server)
	local, _ := admin.xml(201, "POST", "/sites/{site}/users", `<tsRequest><user name="ann" siteRole="Viewer"/></tsRequest>`).find("user")

	document := admin.xml(201, "POST", "/sites/{site}/groups", groupDocument("bakers", "Explorer", "onSync"))
	g, _ := document.find("group")
	domain, _ := g.find("domain")
	in, _ := g.find("import")
	if g.attr("name") != "Bakers" || g.attr("userCount") != "2" || domain.attr("name") != "example.com" || in.attr("siteRole") != "Explorer" || in.attr("grantLicenseMode") != "onSync" {
		t.Errorf("the group %+v", g)
	}
	id := g.attr("id")
	if diff := cmp.Diff([]string{"ann:Explorer", "bob:Explorer"}, admin.members(id)); diff != "" {
		t.Errorf("members (-want +got)\n%s", diff)
	}
	for filter, want := range map[string]int{"isLocal:eq:false": 2, "isLocal:eq:true": 2, "domainName:eq:example.com": 2, "name:eq:ann": 2} { // the administrator is local too
		if got := len(admin.xml(200, "GET", "/sites/{site}/users?filter="+filter, "").all("user")); got != want {
			t.Errorf("users by %s: %d, want %d", filter, got, want)
		}
	}
	for filter, want := range map[string]int{"isLocal:eq:false": 1, "isLocal:eq:true": 1, "domainName:eq:example.com": 1, "domainNickname:eq:local": 1, "userCount:eq:2": 1} {
		if got := len(admin.xml(200, "GET", "/sites/{site}/groups?filter="+filter, "").all("group")); got != want {
			t.Errorf("groups by %s: %d, want %d", filter, got, want)
		}
	}
	here, _ := admin.xml(200, "GET", "/sites/{site}/users/"+local.attr("id"), "").find("domain")
	if here.attr("name") != "local" {
		t.Errorf("the local ann is of the domain %q", here.attr("name"))
	}

	// The directory changes, and the group follows when it is told to.
	changed := strings.NewReplacer("users: [ann, bob]", "users: [bob, cyd]", "Bob Baker", "Bob the Baker").Replace(bakery)
	if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	job, _ := admin.xml(202, "PUT", "/sites/{site}/groups/"+id+"?asJob=True", groupDocument("Bakers", "ExplorerCanPublish", "onSync")).find("job")
	if job.attr("type") != "GroupSync" {
		t.Errorf("the job %v", job.Attrs)
	}
	done := admin.waitForJob(job.attr("id"))
	if diff := cmp.Diff(map[string]string{"CountOfUsersInActiveDirectoryGroup": "2", "CountOfUsersProcessed": "2", "CountOfUsersAddedToSite": "1",
		"CountOfUsersAddedToGroup": "1", "CountOfUsersRemovedFromGroup": "1", "CountOfUsersSiteRoleUpdated": "2", "CountOfUsersInformationUpdated": "1"}, statusNotes(done)); diff != "" {
		t.Errorf("notes (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"bob:ExplorerCanPublish", "cyd:ExplorerCanPublish"}, admin.members(id)); diff != "" {
		t.Errorf("members after the sync (-want +got)\n%s", diff)
	}
	admin.xml(200, "PUT", "/sites/{site}/groups/"+id, groupDocument("Bakers", "Viewer", "onLogin")) // at once, and without taking anything away
	if diff := cmp.Diff([]string{"bob:ExplorerCanPublish", "cyd:ExplorerCanPublish"}, admin.members(id)); diff != "" {
		t.Errorf("members after another sync (-want +got)\n%s", diff)
	}
	kept := false
	for _, u := range admin.xml(200, "GET", "/sites/{site}/users?filter=name:eq:ann", "").all("user") {
		kept = kept || u.attr("siteRole") == "Explorer"
	}
	if !kept {
		t.Error("ann of the directory, who left the group, has left the site or lost the site role")
	}
}

func TestGroupImportAsJob(t *testing.T) {
	t.Parallel()
	file := directoryFile(t, bakery)
	server := emulator.Start(t, emulator.WithDirectory(file))
	admin := newSite(t, server)
	job, _ := admin.xml(202, "POST", "/sites/{site}/groups?asJob=true", groupDocument("Guests", "Viewer", "onSync")).find("job")
	done := admin.waitForJob(job.attr("id"))
	if done.attr("finishCode") != "0" || statusNotes(done)["CountOfUsersAddedToGroup"] != "1" {
		t.Errorf("the job %+v", done)
	}
	g, _ := admin.xml(200, "GET", "/sites/{site}/groups?filter=name:eq:Guests", "").find("group")
	if diff := cmp.Diff([]string{"cyd:Viewer"}, admin.members(g.attr("id"))); diff != "" {
		t.Errorf("members (-want +got)\n%s", diff)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if r := admin.do("PUT", "/sites/{site}/groups/"+g.attr("id"), "text/xml", []byte(groupDocument("Guests", "Viewer", "onSync"))); r.code() != "500000" {
		t.Errorf("without the file: %s", r.body)
	}
}

func TestGroupsOfTheDirectoryGrantOnSignIn(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t, emulator.WithDirectory(directoryFile(t, bakery)))
	root, admin := serverAdmin(t, server), newSite(t, server)
	g, _ := admin.xml(201, "POST", "/sites/{site}/groups", groupDocument("Bakers", "Creator", "onLogin")).find("group")
	if diff := cmp.Diff([]string{"ann:Unlicensed", "bob:Unlicensed"}, admin.members(g.attr("id"))); diff != "" {
		t.Errorf("before anybody signs in (-want +got)\n%s", diff)
	}
	ann := &user{t: t, server: server}
	signIn := func(password string) reply {
		return ann.do("POST", "/auth/signin", "", []byte("<tsRequest>"+byPassword(`EXAMPLE.COM\ann`, password, admin.siteContentURL())+"</tsRequest>"))
	}
	for _, password := range []string{"wrong", ""} {
		if got := signIn(password).code(); got != "401001" {
			t.Errorf("the password %q: %q, want 401001", password, got)
		}
	}
	root.xml(200, "PUT", "/sites/"+admin.site, `<tsRequest><site tierCreatorCapacity="1"/></tsRequest>`) // which the administrator takes
	if got := signIn("ann's own").code(); got != "401001" {
		t.Errorf("without a licence left: %q, want 401001", got)
	}
	root.xml(200, "PUT", "/sites/"+admin.site, `<tsRequest><site tierCreatorCapacity="2"/></tsRequest>`)
	signIn("ann's own").must(t, 200)
	if diff := cmp.Diff([]string{"ann:Creator", "bob:Unlicensed"}, admin.members(g.attr("id"))); diff != "" {
		t.Errorf("after ann has signed in (-want +got)\n%s", diff)
	}
	who, _ := admin.xml(200, "GET", "/sites/{site}/users?filter=domainName:eq:example.com", "").find("user")
	if got := admin.do("PUT", "/sites/{site}/users/"+who.attr("id"), "text/xml", []byte(`<tsRequest><user password="mine"/></tsRequest>`)).code(); got != "400000" {
		t.Errorf("another password for somebody of the directory: %q, want 400000", got)
	}
}

func TestSyncWithoutLicencesLeft(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t, emulator.WithDirectory(directoryFile(t, bakery)))
	root, admin := serverAdmin(t, server), newSite(t, server)
	root.xml(200, "PUT", "/sites/"+admin.site, `<tsRequest><site userQuota="2"/></tsRequest>`)
	job, _ := admin.xml(202, "POST", "/sites/{site}/groups?asJob=true", groupDocument("Bakers", "Viewer", "onSync")).find("job")
	if got := statusNotes(admin.waitForJob(job.attr("id")))["CountOfUsersWithInsufficientLicenses"]; got != "1" {
		t.Errorf("users without a licence: %q, want 1", got)
	}
	g, _ := admin.xml(200, "GET", "/sites/{site}/groups?filter=isLocal:eq:false", "").find("group")
	if diff := cmp.Diff([]string{"ann:Viewer", "bob:Unlicensed"}, admin.members(g.attr("id"))); diff != "" {
		t.Errorf("members (-want +got)\n%s", diff)
	}
}

func TestImportsThatAreRefused(t *testing.T) {
	t.Parallel()
	admin := newSite(t, emulator.Start(t, emulator.WithDirectory(directoryFile(t, bakery))))
	imported, _ := admin.xml(201, "POST", "/sites/{site}/groups", groupDocument("Guests", "Viewer", "onSync")).find("group")
	local, _ := admin.xml(201, "POST", "/sites/{site}/groups", `<tsRequest><group name="Local"/></tsRequest>`).find("group")
	group := func(name, attributes string) string {
		return `<tsRequest><group name="` + name + `"><import ` + attributes + `/></group></tsRequest>`
	}
	everyone, _ := admin.xml(200, "GET", "/sites/{site}/groups", "").find("group")
	for _, tt := range []struct{ name, method, path, body, code string }{
		{"no source", "POST", "", group("Bakers", `domainName="example.com" siteRole="Viewer"`), "400019"},
		{"no domain", "POST", "", group("Bakers", `source="ActiveDirectory" siteRole="Viewer"`), "400019"},
		{"no site role", "POST", "", group("Bakers", `source="ActiveDirectory" domainName="example.com"`), "400019"},
		{"another mode", "POST", "", groupDocument("Bakers", "Viewer", "onDemand"), "400019"},
		{"a bad site role", "POST", "", groupDocument("Bakers", "King", "onSync"), "400013"},
		{"a site role that groups cannot give", "POST", "", groupDocument("Bakers", "ServerAdministrator", "onSync"), "400013"},
		{"an unknown domain", "POST", "", group("Bakers", `source="ActiveDirectory" domainName="example.org" siteRole="Viewer"`), "404016"},
		{"an unknown group", "POST", "", groupDocument("Millers", "Viewer", "onSync"), "404017"},
		{"a group that is there", "POST", "", groupDocument("Guests", "Viewer", "onSync"), "409009"},
		{"the same as a job", "POST", "?asJob=true", groupDocument("Guests", "Viewer", "onSync"), "409009"},
		{"asJob of letters", "POST", "?asJob=perhaps", groupDocument("Bakers", "Viewer", "onSync"), "400008"},
		{"a group of another name", "PUT", "/" + imported.attr("id"), groupDocument("Bakers", "Viewer", "onSync"), "403020"},
		{"another name", "PUT", "/" + imported.attr("id"), `<tsRequest><group name="Visitors"/></tsRequest>`, "403020"},
		{"a local group", "PUT", "/" + local.attr("id"), groupDocument("Bakers", "Viewer", "onSync"), "400000"},
		{"All Users", "PUT", "/" + everyone.attr("id"), groupDocument("Bakers", "Viewer", "onSync"), "400000"},
		{"an unknown group on the site", "PUT", "/nowhere", groupDocument("Bakers", "Viewer", "onSync"), "404012"},
		{"a local group of the name", "POST", "", `<tsRequest><group name="guests"/></tsRequest>`, "409009"},
	} {
		if r := admin.do(tt.method, "/sites/{site}/groups"+tt.path, "text/xml", []byte(tt.body)); r.code() != tt.code {
			t.Errorf("%s: %s, want %s", tt.name, r.body, tt.code)
		}
	}
	for name, want := range map[string]string{
		`example.com\bob`: "bob@example.com", `BOB2@example.com`: "404002", `example.com\dan`: "404002", `example.org\bob`: "404016",
		`local\eve`: "eve@local", `fay@example.org`: "fay@example.org@local", `ann@example.com`: "ann@example.com", `a\b\c`: "400000", `\b`: "400000",
	} {
		r := admin.do("POST", "/sites/{site}/users", "text/xml", []byte(`<tsRequest><user name="`+name+`" siteRole="Viewer"/></tsRequest>`))
		got := r.code()
		if got == "" {
			u, _ := r.must(t, 201).find("user")
			domain, _ := u.find("domain")
			got = u.attr("name") + "@" + domain.attr("name")
		}
		if got != want {
			t.Errorf("adding %s: %q, want %q", name, got, want)
		}
	}
}

func TestDirectoryFilesThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no YAML":                 "domains: [",
		"an unknown word":         "domains:\n  - name: a\n    computers: []\n",
		"a domain without a name": "domains:\n  - users: []\n",
		"the domain local":        "domains:\n  - name: Local\n",
		"a user without a name":   "domains:\n  - {name: a, users: [{fullName: A}]}\n",
		"a member who is no user": "domains:\n  - {name: a, groups: [{name: g, users: [b]}]}\n",
	} {
		s, err := emulator.New(emulator.WithDirectory(directoryFile(t, text)))
		if err == nil {
			t.Errorf("%s: accepted", name)
			s.Close()
		}
	}
	_, err := emulator.New(emulator.WithDirectory(directoryFile(t, "domains:\n  - {name: a, users: [{name: b, password: hidden, x: [}]}\n")))
	if err == nil || strings.Contains(fmt.Sprint(err), "hidden") {
		t.Errorf("the error %v shows a password", err)
	}
	json := `{"domains": [{"name": "a", "users": [{"name": "b", "fullName": "B"}], "groups": [{"name": "g", "users": ["B"]}]}]}`
	newSite(t, emulator.Start(t, emulator.WithDirectory(directoryFile(t, json))))
}
