package emulator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/emulator"
)

func TestSiteRolesByName(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	admin := newSite(t, server)
	where := server.DefaultSite()
	root := &user{t: t, server: server}
	root.signIn(byPassword(where.AdminName, where.AdminPassword, admin.siteContentURL()))
	n := 0
	for asked, want := range map[string]string{
		"Creator": "Creator", "Explorer": "Explorer", "ExplorerCanPublish": "ExplorerCanPublish", "Viewer": "Viewer", "Unlicensed": "Unlicensed",
		"SiteAdministratorCreator": "SiteAdministratorCreator", "SiteAdministratorExplorer": "SiteAdministratorExplorer",
		"ServerAdministrator": "ServerAdministrator", "SupportUser": "SupportUser",
		// What clients of before 2018.1 say:
		"Interactor": "Explorer", "Publisher": "ExplorerCanPublish", "ReadOnly": "Viewer", "SiteAdministrator": "SiteAdministratorExplorer",
		"UnlicensedWithPublish": "Unlicensed", "ViewerWithPublish": "Viewer",
		// What cannot be:
		"Guest": "409005", "King": "400013", "viewer": "400013",
	} {
		n++
		r := root.do("POST", "/sites/{site}/users", "text/xml", fmt.Appendf(nil, `<tsRequest><user name="named-%d" siteRole="%s"/></tsRequest>`, n, asked))
		got := r.code()
		if got == "" {
			u, _ := r.must(t, 201).find("user")
			got = u.attr("siteRole")
		}
		if got != want {
			t.Errorf("%s: %q, want %s", asked, got, want)
		}
	}
}

// TestWhatSiteRolesMayDo has each site role try the same things.
func TestWhatSiteRolesMayDo(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	admin := newSite(t, server)
	yes, no, noProject := "", "403004", "403045"
	for role, want := range map[string][3]string{ // publish, make a project, add a user
		"Viewer": {no, noProject, no}, "Explorer": {no, noProject, no}, "ExplorerCanPublish": {yes, noProject, no}, "Creator": {yes, noProject, no},
		"SiteAdministratorExplorer": {yes, yes, yes}, "SiteAdministratorCreator": {yes, yes, yes},
	} {
		u := colleague(admin, role)
		post := func(path, body string) string { return u.do("POST", path, "text/xml", []byte(body)).code() }
		got := [3]string{u.publish("By "+role, "").code(),
			post("/sites/{site}/projects", `<tsRequest><project name="By `+role+`"/></tsRequest>`),
			post("/sites/{site}/users", `<tsRequest><user name="added-by-`+role+`" siteRole="Viewer"/></tsRequest>`)}
		if got != want {
			t.Errorf("%s: publish, make a project, add a user: %q, want %q", role, got, want)
		}
	}
}

func TestWhoMayChangeWhom(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	admin, other := newSite(t, server), newSite(t, server)
	viewer, creator := colleague(admin, "Viewer"), colleague(admin, "Creator")
	where := server.DefaultSite()
	root := &user{t: t, server: server}
	root.signIn(byPassword(where.AdminName, where.AdminPassword, admin.siteContentURL()))
	name := "creator-" + admin.siteContentURL()
	there, _ := other.xml(201, "POST", "/sites/{site}/users", `<tsRequest><user name="`+strings.ToUpper(name)+`" siteRole="Viewer"/></tsRequest>`).find("user")
	if there.attr("name") != name {
		t.Errorf("one account has the names %q and %q", there.attr("name"), name)
	}
	for _, tt := range []struct {
		name       string
		by         *user
		id         string
		attributes string
		code       string
	}{
		{"a viewer's own password", viewer, viewer.id, `password="new secret"`, ""},
		{"a viewer's own name", viewer, viewer.id, `fullName="V" email="v@example.com"`, ""},
		{"a viewer's own site role", viewer, viewer.id, `siteRole="Creator"`, "403009"},
		{"a viewer's own site role as it is", viewer, viewer.id, `siteRole="Viewer"`, ""},
		{"a viewer's own authentication", viewer, viewer.id, `authSetting="SAML"`, "403004"},
		{"another user", viewer, creator.id, `fullName="C"`, "403004"},
		{"a bad address", admin, viewer.id, `email="nowhere"`, "400000"},
		{"a bad authentication", admin, viewer.id, `authSetting="Guess"`, "400008"},
		{"a bad site role", admin, viewer.id, `siteRole="King"`, "400013"},
		{"a guest", admin, viewer.id, `siteRole="Guest"`, "400013"},
		{"the administrator's own site role", admin, admin.id, `siteRole="Viewer"`, "403009"},
		{"a server administrator", admin, root.id, `fullName="R"`, "403004"},
		{"making a server administrator", admin, viewer.id, `siteRole="ServerAdministrator"`, "403004"},
		{"the password of somebody who is on another site too", admin, creator.id, `password="taken over"`, "403004"},
		{"the site role of somebody who is on another site too", admin, creator.id, `siteRole="Explorer"`, ""},
		{"the same by a server administrator", root, creator.id, `password="set anew"`, ""},
	} {
		if got := tt.by.do("PUT", "/sites/{site}/users/"+tt.id, "text/xml", []byte(`<tsRequest><user `+tt.attributes+`/></tsRequest>`)).code(); got != tt.code {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.code)
		}
	}
	viewer.signIn(byPassword("viewer-"+admin.siteContentURL(), "new secret", admin.siteContentURL()))
	creator.signIn(byPassword(name, "set anew", other.siteContentURL())) // one account, one password
	if got := viewer.do("GET", "/sites/{site}/users/"+admin.id, "", nil).code(); got != "403133" {
		t.Errorf("a viewer reads about another user: %q, want 403133", got)
	}
}

func TestAuthenticationOfUsers(t *testing.T) {
	t.Parallel()
	admin := newSite(t, emulator.Start(t))
	configurations := admin.xml(200, "GET", "/sites/{site}/site-auth-configurations", "").all("siteAuthConfiguration")
	ids := map[string]string{}
	for _, c := range configurations {
		ids[c.attr("authSetting")] = c.attr("idpConfigurationId")
	}
	u, _ := admin.xml(201, "POST", "/sites/{site}/users", `<tsRequest><user name="idp" siteRole="Viewer" idpConfigurationId="`+ids["SAML"]+`"/></tsRequest>`).find("user")
	if ids["SAML"] == "" || u.attr("authSetting") != "SAML" || u.attr("idpConfigurationId") != ids["SAML"] {
		t.Errorf("added %v; configurations %v", u.Attrs, ids)
	}
	u, _ = admin.xml(200, "PUT", "/sites/{site}/users/"+u.attr("id"), `<tsRequest><user authSetting="OpenID"/></tsRequest>`).find("user")
	if u.attr("authSetting") != "OpenID" || u.attr("idpConfigurationId") != "" {
		t.Errorf("changed %v", u.Attrs)
	}
}

func TestRemovingUsers(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	admin := newSite(t, server)
	creator, viewer := colleague(admin, "Creator"), colleague(admin, "Viewer")
	w := creator.published("Theirs").attr("id")
	remove := func(by *user, id, query string) string {
		return by.do("DELETE", "/sites/{site}/users/"+id+query, "", nil).code()
	}
	for _, tt := range []struct{ name, id, query, code string }{
		{"oneself, the last administrator", admin.id, "", "403004"},
		{"who owns something", creator.id, "", "409003"},
		{"giving it to nobody", creator.id, "?mapAssetsTo=nobody", "404002"},
		{"giving it to the same", creator.id, "?mapAssetsTo=" + creator.id, "400000"},
		{"giving it to another", creator.id, "?mapAssetsTo=" + viewer.id, ""},
		{"who has gone", creator.id, "", "404002"},
	} {
		if got := remove(admin, tt.id, tt.query); got != tt.code {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.code)
		}
	}
	owner, _ := admin.xml(200, "GET", "/sites/{site}/workbooks/"+w, "").find("owner")
	if owner.attr("id") != viewer.id {
		t.Errorf("the workbook belongs to %q, want %q", owner.attr("id"), viewer.id)
	}
	if got := creator.do("GET", "/sites/{site}/workbooks", "", nil).code(); got != "401002" {
		t.Errorf("the session of who has gone: %q, want 401002", got)
	}
}

func TestUsersFromAFile(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	admin := newSite(t, server)
	known := colleague(admin, "Viewer")
	admin.xml(200, "PUT", "/sites/{site}/users/"+known.id, `<tsRequest><user password="as before"/></tsRequest>`)
	knownName := "viewer-" + admin.siteContentURL()
	file := "\ufeffc1,\"p,w\",\"Cyd, the first\",Creator,None,Yes,c1@example.com\r\n" +
		"c2,,,creator,none,no,\r\n" +
		"e1,,,EXPLORER,,TRUE\r\n" +
		"\r\n" +
		"e2,,,interactor,,0\r\n" +
		"v1,,,Viewer,None,No,v1@example.com,saml\r\n" +
		"plain\r\n" +
		"s1,,,Creator,Site,1\r\n" +
		"s2,,,,Site,\r\n" +
		"at\\0x40home,,,Viewer\r\n" +
		"corp\\u4,,,Viewer\r\n" +
		knownName + ",not taken,Known Now,Explorer,None,No,\r\n" +
		",,nameless,Viewer\r\n" +
		"bad1,,,ExplorerCanPublish\r\n" +
		"bad2,,,Viewer,Emperor\r\n" +
		"bad3,,,Viewer,None,perhaps\r\n" +
		"bad4,,,Viewer,None,no,nowhere\r\n" +
		"bad5,,,Creator,System,1\r\n" +
		"bad6,,,Viewer,None,no,,Fingerprint\r\n"
	contentType, body := usersFile("tableau_user_import", file, `<tsRequest><user name="C1" authSetting="OpenID"/><user name="u4" authSetting="SAML"/><user name="v1"/></tsRequest>`)
	job, _ := admin.do("POST", "/sites/{site}/users/import", contentType, body).must(t, 202).find("job")
	if job.attr("type") != "CreateSiteUsersCsv" {
		t.Errorf("the job %v", job.Attrs)
	}
	done := admin.waitForJob(job.attr("id"))
	notes := map[string]string{}
	skipped := ""
	for _, note := range done.all("statusNote") {
		notes[note.attr("type")] = note.attr("value")
		if note.attr("type") == "CountOfUsersSkipped" {
			skipped = note.attr("text")
		}
	}
	want := map[string]string{"CountOfUsersProcessed": "18", "CountOfUsersAddedToSite": "10", "CountOfUsersSiteRoleUpdated": "1",
		"CountOfUsersInformationUpdated": "1", "CountOfUsersSkipped": "7"}
	if diff := cmp.Diff(want, notes); diff != "" || done.attr("finishCode") != "0" {
		t.Errorf("finish code %q, notes (-want +got)\n%s", done.attr("finishCode"), diff)
	}
	for _, part := range []string{"Line 13 ()", "Line 14 (bad1): The license level 'explorercanpublish'", "Line 15 (bad2)", "Line 16 (bad3)", "Line 17 (bad4)", "Line 18 (bad5): Only a server administrator", "Line 19 (bad6)"} {
		if !strings.Contains(skipped, part) {
			t.Errorf("%q is not in %q", part, skipped)
		}
	}
	got := map[string]string{}
	for _, u := range admin.xml(200, "GET", "/sites/{site}/users?fields=_all_", "").all("user") {
		domain, _ := u.find("domain")
		got[u.attr("name")] = strings.Join([]string{u.attr("siteRole"), u.attr("fullName"), u.attr("email"), u.attr("authSetting"), domain.attr("name")}, "|")
	}
	delete(got, "admin-"+strings.TrimPrefix(admin.siteContentURL(), "site-"))
	if diff := cmp.Diff(map[string]string{
		"c1": "Creator|Cyd, the first|c1@example.com|OpenID|local", "c2": "Explorer|c2||ServerDefault|local",
		"e1": "ExplorerCanPublish|e1||ServerDefault|local", "e2": "Explorer|e2||ServerDefault|local",
		"v1": "Viewer|v1|v1@example.com|SAML|local", "plain": "Unlicensed|plain||ServerDefault|local",
		"s1": "SiteAdministratorCreator|s1||ServerDefault|local", "s2": "SiteAdministratorExplorer|s2||ServerDefault|local",
		"at@home": "Viewer|at@home||ServerDefault|local", "u4": "Viewer|u4||SAML|corp",
		knownName: "Explorer|Known Now||ServerDefault|local",
	}, got); diff != "" {
		t.Errorf("users (-want +got)\n%s", diff)
	}
	(&user{t: t, server: server}).signIn(byPassword("c1", "p,w", admin.siteContentURL()))
	known.signIn(byPassword(knownName, "as before", admin.siteContentURL())) // a file takes over nobody's account

	owner := &user{t: t, server: server}
	owner.signIn(byPassword("c1", "p,w", admin.siteContentURL()))
	owner.published("Kept")
	contentType, body = usersFile("tableau_user_delete", "c1,,,,,,\r\ncorp\\u4,,,,,,\r\nnobody\r\nV1\r\n"+"admin-"+strings.TrimPrefix(admin.siteContentURL(), "site-")+"\r\n", "")
	if r := admin.do("POST", "/sites/{site}/users/delete", contentType, body); r.status != 200 || len(r.body) > 0 {
		t.Errorf("deleting: status %d: %s", r.status, r.body)
	}
	left := map[string]string{}
	for _, u := range admin.xml(200, "GET", "/sites/{site}/users", "").all("user") {
		left[u.attr("name")] = u.attr("siteRole")
	}
	if left["c1"] != "Unlicensed" || left["u4"] != "" || left["v1"] != "" || len(left) != 10 {
		t.Errorf("left %v; want c1, who owns a workbook, unlicensed, and u4 and v1 gone", left)
	}
}

func TestFilesOfUsersThatCannotBeRead(t *testing.T) {
	t.Parallel()
	admin := newSite(t, emulator.Start(t))
	for name, tt := range map[string]struct{ part, file, document, code string }{
		"another part":       {"tableau_workbook", "a\n", "", "400003"},
		"not UTF-8":          {"tableau_user_import", "J\xfcrgen\n", "", "400008"},
		"an open quote":      {"tableau_user_import", "\"a\n", "", "400008"},
		"a broken document":  {"tableau_user_import", "a\n", "<tsRequest>", "400000"},
		"a part of a delete": {"tableau_user_delete", "a\n", "", "400003"},
	} {
		contentType, body := usersFile(tt.part, tt.file, tt.document)
		if got := admin.do("POST", "/sites/{site}/users/import", contentType, body).code(); got != tt.code {
			t.Errorf("%s: %q, want %s", name, got, tt.code)
		}
	}
	if got := admin.do("POST", "/sites/{site}/users/import", "text/xml", []byte(`<tsRequest/>`)).code(); got != "400003" {
		t.Errorf("no multipart: %q, want 400003", got)
	}
}
