package emulator_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tabctl/tableau-go/emulator"
)

// callers says what it takes to call each route. The first word says of what:
//
//	licensed            anybody signed in with a licence
//	publisher           a site role that may publish
//	site, server        an administrator of the site, of the server
//	own                 whose it is, or an administrator; "own publisher": with a site role that may publish
//	mine                a publisher whose it is, and nobody else
//	project lead        the project's owner, one of its leaders, or an administrator
//	workbook, view, datasource, project + a capability
//
// A capability counts as far as the site role goes: see siteRoleAllows.
var callers = map[string][]string{
	"licensed": {
		"GET /sessions/current", "GET /sites", "GET /sites/{site}", "GET /schedules", "GET /schedules/{schedule}",
		"GET /sites/{site}/projects", "GET /sites/{site}/workbooks", "GET /sites/{site}/views", "GET /sites/{site}/datasources",
		"GET /sites/{site}/flows", "GET /sites/{site}/customviews",
		"GET /sites/{site}/jobs", "GET /sites/{site}/subscriptions", "GET /sites/{site}/tasks/extractRefreshes",
		"GET /sites/{site}/schedules/{schedule}/extracts", "GET /sites/{site}/tasks/dataAcceleration", "GET /sites/{site}/tasks/runFlow",
		"GET /sites/{site}/tasks/linked",
	},
	"publisher": {"POST /sites/{site}/fileUploads"},
	"server":    {"POST /sites", "DELETE /sites/{site}", "POST /schedules", "PUT /schedules", "PUT /schedules/{schedule}", "DELETE /schedules/{schedule}"},
	"site": {
		"PUT /sites/{site}", "GET /sites/{site}/users", "POST /sites/{site}/users", "PUT /sites/{site}/users/{user}",
		"DELETE /sites/{site}/users/{user}", "GET /sites/{site}/groups", "POST /sites/{site}/groups", "PUT /sites/{site}/groups/{group}",
		"DELETE /sites/{site}/groups/{group}", "GET /sites/{site}/groups/{group}/users", "POST /sites/{site}/groups/{group}/users",
		"POST /sites/{site}/encrypt-extracts", "POST /sites/{site}/decrypt-extracts", "POST /sites/{site}/reencrypt-extracts",
		"GET /sites/{site}/webhooks", "GET /sites/{site}/site-auth-configurations", "POST /sites/{site}/users/import", "POST /sites/{site}/users/delete",
		"PUT /sites/{site}/groups/{group}/users/remove", "DELETE /sites/{site}/groups/{group}/users/{user}",
	},
	"own": {
		"GET /sites/{site}/users/{user}", "GET /sites/{site}/users/{user}/workbooks", "GET /sites/{site}/users/{user}/groups",
		"GET /sites/{site}/favorites/{user}", "PUT /sites/{site}/favorites/{user}", "PUT /sites/{site}/orderFavorites/{user}", "DELETE /sites/{site}/favorites/{user}/{kind}/{item}",
		"GET /sites/{site}/jobs/{job}", "PUT /sites/{site}/jobs/{job}", "GET /sites/{site}/tasks/extractRefreshes/{task}",
		"GET /sites/{site}/subscriptions/{subscription}", "PUT /sites/{site}/subscriptions/{subscription}",
		"DELETE /sites/{site}/subscriptions/{subscription}",
	},
	"mine": {"PUT /sites/{site}/fileUploads/{upload}"},
	"own publisher": {"POST /sites/{site}/tasks/extractRefreshes/{task}/runNow",
		"POST /sites/{site}/tasks/extractRefreshes/{task}", "DELETE /sites/{site}/tasks/extractRefreshes/{task}"},

	"project lead": {
		"POST /sites/{site}/projects", "PUT /sites/{site}/projects/{project}", "DELETE /sites/{site}/projects/{project}",
		"GET /sites/{site}/projects/{project}/permissions", "PUT /sites/{site}/projects/{project}/permissions",
		"DELETE /sites/{site}/projects/{project}/permissions/{grantees}/{grantee}/{capability}/{mode}",
		"GET /sites/{site}/projects/{project}/default-permissions/{content}", "PUT /sites/{site}/projects/{project}/default-permissions/{content}",
		"DELETE /sites/{site}/projects/{project}/default-permissions/{content}/{grantees}/{grantee}/{capability}/{mode}",
	},
	"project Write": {"POST /sites/{site}/workbooks", "POST /sites/{site}/datasources"},

	"workbook Read": {"GET /sites/{site}/workbooks/{workbook}", "GET /sites/{site}/workbooks/{workbook}/views",
		"GET /sites/{site}/workbooks/{workbook}/previewImage"},
	"workbook Tag":         {"PUT /sites/{site}/workbooks/{workbook}/tags", "PUT /sites/{site}/tags:batchCreate"},
	"workbook ExportXml":   {"GET /sites/{site}/workbooks/{workbook}/content"},
	"workbook ExportImage": {"GET /sites/{site}/workbooks/{workbook}/pdf", "GET /sites/{site}/workbooks/{workbook}/powerpoint"},
	"workbook Write": {"PUT /sites/{site}/workbooks/{workbook}", "GET /sites/{site}/workbooks/{workbook}/connections",
		"DELETE /sites/{site}/workbooks/{workbook}/tags/{tag}", "PUT /sites/{site}/tags:batchDelete",
		"PUT /sites/{site}/workbooks/{workbook}/connections", "PUT /sites/{site}/workbooks/{workbook}/connections/{connection}",
		"GET /sites/{site}/workbooks/{workbook}/revisions", "GET /sites/{site}/workbooks/{workbook}/revisions/{revision}/content",
		"DELETE /sites/{site}/workbooks/{workbook}/revisions/{revision}"},
	"workbook Delete": {"DELETE /sites/{site}/workbooks/{workbook}"},
	"workbook ExtractRefresh": {"PUT /sites/{site}/schedules/{schedule}/workbooks", "POST /sites/{site}/tasks/extractRefreshes",
		"POST /sites/{site}/workbooks/{workbook}/refresh", "POST /sites/{site}/workbooks/{workbook}/createExtract",
		"POST /sites/{site}/workbooks/{workbook}/deleteExtract"},
	"workbook ChangePermissions": {"GET /sites/{site}/workbooks/{workbook}/permissions", "PUT /sites/{site}/workbooks/{workbook}/permissions",
		"DELETE /sites/{site}/workbooks/{workbook}/permissions/{grantees}/{grantee}/{capability}/{mode}"},

	"view Read": {"GET /sites/{site}/views/{view}", "GET /sites/{site}/views/{view}/previewImage",
		"GET /sites/{site}/workbooks/{workbook}/views/{view}/previewImage", "POST /sites/{site}/subscriptions"},
	"view Tag":         {"PUT /sites/{site}/views/{view}/tags"},
	"view ExportImage": {"GET /sites/{site}/views/{view}/image", "GET /sites/{site}/views/{view}/pdf"},
	"view ExportData":  {"GET /sites/{site}/views/{view}/data", "GET /sites/{site}/views/{view}/crosstab/excel"},
	"view Write":       {"DELETE /sites/{site}/views/{view}/tags/{tag}"},
	"view Delete":      {"DELETE /sites/{site}/views/{view}"},
	"view ChangePermissions": {"GET /sites/{site}/views/{view}/permissions", "PUT /sites/{site}/views/{view}/permissions",
		"DELETE /sites/{site}/views/{view}/permissions/{grantees}/{grantee}/{capability}/{mode}"},

	"datasource Read": {"GET /sites/{site}/datasources/{datasource}", "GET /sites/{site}/dataQualityWarnings/{content}/{item}",
		"GET /sites/{site}/dataQualityWarnings/{warning}"},
	"datasource Tag":       {"PUT /sites/{site}/datasources/{datasource}/tags"},
	"datasource ExportXml": {"GET /sites/{site}/datasources/{datasource}/content"},
	"datasource Write": {"PUT /sites/{site}/datasources/{datasource}", "GET /sites/{site}/datasources/{datasource}/connections",
		"DELETE /sites/{site}/datasources/{datasource}/tags/{tag}", "PATCH /sites/{site}/datasources/{datasource}/data",
		"PATCH /sites/{site}/datasources/{datasource}/connections/{connection}/data",
		"PUT /sites/{site}/datasources/{datasource}/connections", "PUT /sites/{site}/datasources/{datasource}/connections/{connection}",
		"GET /sites/{site}/datasources/{datasource}/revisions", "GET /sites/{site}/datasources/{datasource}/revisions/{revision}/content",
		"DELETE /sites/{site}/datasources/{datasource}/revisions/{revision}",
		"POST /sites/{site}/dataQualityWarnings/{content}/{item}", "PUT /sites/{site}/dataQualityWarnings/{content}/{item}",
		"DELETE /sites/{site}/dataQualityWarnings/{content}/{item}", "PUT /sites/{site}/dataQualityWarnings/{warning}",
		"DELETE /sites/{site}/dataQualityWarnings/{warning}"},
	"datasource ExtractRefresh": {"PUT /sites/{site}/schedules/{schedule}/datasources", "POST /sites/{site}/datasources/{datasource}/refresh",
		"POST /sites/{site}/datasources/{datasource}/createExtract", "POST /sites/{site}/datasources/{datasource}/deleteExtract"},
	"datasource Delete": {"DELETE /sites/{site}/datasources/{datasource}"},
	"datasource ChangePermissions": {"GET /sites/{site}/datasources/{datasource}/permissions", "PUT /sites/{site}/datasources/{datasource}/permissions",
		"DELETE /sites/{site}/datasources/{datasource}/permissions/{grantees}/{grantee}/{capability}/{mode}"},

	// What comes before a session, or ends it, is tested with sign-in.
	"elsewhere": {"GET /serverinfo", "POST /auth/signin", "POST /auth/signout", "POST /auth/switchSite",
		"POST /auth/revokeAllServerAdminTokens", "DELETE /auth/serverAdminAccessTokens"},
}

// siteRoleAllows says how far a site role goes, whatever somebody is granted or owns.
func siteRoleAllows(siteRole, capability string) bool {
	switch siteRole {
	case "Unlicensed":
		return false
	case "Viewer":
		return slices.Contains([]string{"Read", "ExportImage", "ExportData"}, capability)
	case "Explorer":
		return slices.Contains([]string{"Read", "ExportImage", "ExportData", "Tag"}, capability)
	}
	return true
}

// relations are how a caller stands to what the path names.
var relations = []string{"no grant", "granted", "owner"}

// expected says whether a call is to be allowed.
func expected(needs, siteRole, relation string) bool {
	isServer := siteRole == "ServerAdministrator"
	isSite := isServer || strings.HasPrefix(siteRole, "SiteAdministrator")
	of, what, _ := strings.Cut(needs, " ")
	switch {
	case of == "mine":
		return relation == "owner" && siteRoleAllows(siteRole, "Publish")
	case isServer, isSite && of != "server":
		return true
	case siteRole == "Unlicensed", of == "site", of == "server":
		return false
	case of == "licensed":
		return true
	case of == "publisher":
		return siteRoleAllows(siteRole, "Publish")
	case of == "own":
		return relation == "owner" && (what == "" || siteRoleAllows(siteRole, "Publish"))
	}
	return relation != "no grant" && siteRoleAllows(siteRole, what)
}

// stage is what the calls of one caller in one relation are about: the values of placeholders, and documents to send.
type stage map[string]string

var stages atomic.Int64

// newStage makes things on the site of admin. While they are made, caller may publish.
func newStage(root, admin, caller *user, relation, schedule, mornings string) stage {
	n := stages.Add(1)
	unique := func(name string) string { return fmt.Sprintf("%s-%d", name, n) }
	s := stage{"site": admin.site, "schedule": schedule, "tag": "t", "kind": "views", "content": "workbooks", "grantees": "users",
		"capability": "Write", "mode": "Deny", "revision": "1", "unique": unique("x")}
	owner := admin
	if relation == "owner" {
		owner = caller
	}
	owned := func(path, element, id string) {
		if owner != admin {
			admin.xml(200, "PUT", path+id, `<tsRequest><`+element+`><owner id="`+owner.id+`"/></`+element+`></tsRequest>`)
		}
	}
	s["inside"] = admin.made("/sites/{site}/projects", `<project name="`+unique("in")+`"/>`, "project")
	s["project"] = admin.made("/sites/{site}/projects", `<project name="`+unique("on")+`"/>`, "project")
	owned("/sites/{site}/projects/", "project", s["inside"])
	owned("/sites/{site}/projects/", "project", s["project"])
	s["workbook"], s["view"] = admin.publishedIn(s["inside"], unique("W"), "")
	owned("/sites/{site}/workbooks/", "workbook", s["workbook"])
	d, _ := admin.publishDataSource(`<datasource name="`+unique("D")+`"><project id="`+s["inside"]+`"/></datasource>`, "a.tds", []byte(tds), "").must(admin.t, 201).find("datasource")
	s["datasource"] = d.attr("id")
	owned("/sites/{site}/datasources/", "datasource", s["datasource"])
	s["workbookConnection"], s["connection"] = admin.connection("/sites/{site}/workbooks/"+s["workbook"]), admin.connection("/sites/{site}/datasources/"+s["datasource"])
	warning, _ := admin.xml(200, "POST", "/sites/{site}/dataQualityWarnings/datasource/"+s["datasource"],
		`<tsRequest><dataQualityWarning type="MAINTENANCE"/></tsRequest>`).find("dataQualityWarning")
	s["warning"] = warning.attr("id")
	for _, item := range []string{"workbooks/" + s["workbook"], "views/" + s["view"], "datasources/" + s["datasource"]} {
		admin.xml(200, "PUT", "/sites/{site}/"+item+"/tags", `<tsRequest><tags><tag label="t"/></tags></tsRequest>`)
	}
	if relation == "granted" {
		grant := func(path string, capabilities ...string) {
			for i, name := range capabilities {
				capabilities[i] = "user " + caller.id + " " + name + " Allow"
			}
			admin.xml(200, "PUT", "/sites/{site}/"+path+"/permissions", rules(capabilities...))
		}
		grant("projects/"+s["inside"], "Read", "Write")
		grant("projects/"+s["project"], "ProjectLeader")
		grant("workbooks/"+s["workbook"], "Read", "ExportImage", "ExportData", "ExportXml", "Write", "ChangeHierarchy", "Delete", "ChangePermissions", "ExtractRefresh")
		grant("views/"+s["view"], "Read", "ExportImage", "ExportData", "Write", "Delete", "ChangePermissions")
		grant("datasources/"+s["datasource"], "Read", "Connect", "ExportXml", "Write", "ChangeHierarchy", "Delete", "ChangePermissions", "ExtractRefresh")
	}
	s["group"] = admin.made("/sites/{site}/groups", `<group name="`+unique("g")+`"/>`, "group")
	s["member"] = admin.made("/sites/{site}/users", `<user name="`+unique("m")+admin.site[:8]+`" siteRole="Viewer"/>`, "user")
	admin.xml(200, "POST", "/sites/{site}/groups/"+s["group"]+"/users", `<tsRequest><user id="`+s["member"]+`"/></tsRequest>`)
	s["newcomer"] = admin.made("/sites/{site}/users", `<user name="`+unique("n")+admin.site[:8]+`" siteRole="Viewer"/>`, "user")
	s["grantee"], s["item"], s["whose"], s["caller"] = s["member"], s["view"], owner.id, caller.id
	admin.xml(200, "PUT", "/sites/{site}/favorites/"+owner.id, `<tsRequest><favorite label="x"><view id="`+s["view"]+`"/></favorite></tsRequest>`)
	task, _ := admin.xml(200, "PUT", "/sites/{site}/schedules/"+schedule+"/workbooks",
		`<tsRequest><task><extractRefresh><workbook id="`+s["workbook"]+`"/></extractRefresh></task></tsRequest>`).find("extractRefresh")
	s["task"], s["mornings"] = task.attr("id"), mornings
	b, _ := admin.do("POST", "/sites/{site}/subscriptions", "text/xml", []byte(subscriptionDocument("View", s["view"], mornings, owner.id))).must(admin.t, 201).find("subscription")
	s["subscription"] = b.attr("id")
	upload, _ := owner.xml(201, "POST", "/sites/{site}/fileUploads", "").find("fileUpload")
	s["upload"] = upload.attr("uploadSessionId")
	contentType, body := mixed(`<tsRequest><workbook name="`+unique("J")+`"><project id="`+s["inside"]+`"/></workbook></tsRequest>`, "tableau_workbook", "a.twb", sheets)
	job, _ := owner.do("POST", "/sites/{site}/workbooks?asJob=true", contentType, body).must(admin.t, 202).find("job")
	s["job"] = job.attr("id")
	s["doomed"] = root.made("/sites", `<site name="`+unique("doomed")+`" contentUrl="`+unique("doomed")+`"/>`, "site")
	return s
}

// schedule makes a schedule of a type.
func (u *user) schedule(kind string) string {
	u.t.Helper()
	document := scheduleDocument(fmt.Sprintf("Schedule %d", stages.Add(1)), kind, "Daily", `start="02:00:00"`)
	e, _ := u.xml(201, "POST", "/schedules", document).find("schedule")
	return e.attr("id")
}

// path fills in a route's path.
func (s stage) path(rt emulator.Route, needs string) string {
	return "/" + strings.TrimPrefix(variable.ReplaceAllStringFunc(rt.Path, func(name string) string {
		switch name = strings.Trim(name, "{}"); {
		case name == "user" && strings.HasPrefix(needs, "own"):
			return s["whose"]
		case name == "user":
			return s["member"]
		case name == "site" && rt.Method == "DELETE" && rt.Name == "Delete Site":
			return s["doomed"]
		case name == "connection" && strings.Contains(rt.Path, "/workbooks/"):
			return s["workbookConnection"]
		case strings.Contains(rt.Path, "dataQualityWarnings") && name == "content":
			return "datasource"
		case strings.Contains(rt.Path, "dataQualityWarnings") && name == "item":
			return s["datasource"]
		case name == "schedule" && rt.Name == "Delete Server Schedule":
			return s["spare"]
		}
		return s[name]
	}), "/")
}

// documents are what calls send, by route; {name} stands for a value of the stage.
var documents = map[string]string{
	"POST /sites":                                                         `<site name="s{unique}" contentUrl="s{unique}"/>`,
	"PUT /sites/{site}":                                                   `<site commentingEnabled="true"/>`,
	"POST /sites/{site}/users":                                            `<user name="u{unique}" siteRole="Viewer"/>`,
	"PUT /sites/{site}/users/{user}":                                      `<user fullName="A"/>`,
	"POST /sites/{site}/groups":                                           `<group name="G{unique}"/>`,
	"PUT /sites/{site}/groups/{group}":                                    `<group name="H{unique}"/>`,
	"POST /sites/{site}/groups/{group}/users":                             `<user id="{newcomer}"/>`,
	"PUT /sites/{site}/groups/{group}/users/remove":                       `<users><user id="{newcomer}"/></users>`,
	"POST /sites/{site}/projects":                                         `<project name="p{unique}" parentProjectId="{project}"/>`,
	"PUT /sites/{site}/projects/{project}":                                `<project description="d"/>`,
	"PUT /sites/{site}/workbooks/{workbook}":                              `<workbook description="d"/>`,
	"PUT /sites/{site}/datasources/{datasource}":                          `<datasource description="d"/>`,
	"PUT /sites/{site}/workbooks/{workbook}/tags":                         `<tags><tag label="u"/></tags>`,
	"PUT /sites/{site}/views/{view}/tags":                                 `<tags><tag label="u"/></tags>`,
	"PUT /sites/{site}/datasources/{datasource}/tags":                     `<tags><tag label="u"/></tags>`,
	"PUT /sites/{site}/favorites/{user}":                                  `<favorite label="x"><view id="{view}"/></favorite>`,
	"PUT /sites/{site}/orderFavorites/{user}":                             `<favoriteOrderings/>`,
	"PUT /schedules/{schedule}":                                           `<schedule priority="7"/>`,
	"PUT /sites/{site}/schedules/{schedule}/workbooks":                    `<task><extractRefresh><workbook id="{workbook}"/></extractRefresh></task>`,
	"PUT /sites/{site}/subscriptions/{subscription}":                      `<subscription subject="T"/>`,
	"POST /sites/{site}/tasks/extractRefreshes/{task}/runNow":             ``,
	"POST /sites/{site}/workbooks":                                        `<workbook name="w{unique}"><project id="{inside}"/></workbook>`,
	"POST /sites/{site}/datasources":                                      `<datasource name="d{unique}"><project id="{inside}"/></datasource>`,
	"PUT /sites/{site}/workbooks/{workbook}/connections":                  `<connectionLUIDs><connectionLUID>{workbookConnection}</connectionLUID></connectionLUIDs><connection userName="u"/>`,
	"PUT /sites/{site}/workbooks/{workbook}/connections/{connection}":     `<connection userName="u"/>`,
	"PUT /sites/{site}/datasources/{datasource}/connections":              `<connectionLUIDs><connectionLUID>{connection}</connectionLUID></connectionLUIDs><connection userName="u"/>`,
	"PUT /sites/{site}/datasources/{datasource}/connections/{connection}": `<connection userName="u"/>`,
	"POST /sites/{site}/dataQualityWarnings/{content}/{item}":             `<dataQualityWarning type="STALE"/>`,
	"PUT /sites/{site}/dataQualityWarnings/{content}/{item}":              `<dataQualityWarning type="STALE"/>`,
	"PUT /sites/{site}/dataQualityWarnings/{warning}":                     `<dataQualityWarning message="n"/>`,
	"PUT /schedules":                                                      `<scheduleLuids><scheduleLuid>{schedule}</scheduleLuid></scheduleLuids>`,
	"PUT /sites/{site}/schedules/{schedule}/datasources":                  `<task><extractRefresh><datasource id="{datasource}"/></extractRefresh></task>`,
	"POST /sites/{site}/workbooks/{workbook}/createExtract":               `<datasources includeAll="true"/>`,
	"POST /sites/{site}/workbooks/{workbook}/deleteExtract":               `<datasources includeAll="true"/>`,
	"PUT /sites/{site}/tags:batchCreate":                                  batchDocument,
	"PUT /sites/{site}/tags:batchDelete":                                  batchDocument,
	"PUT /sites/{site}/workbooks/{workbook}/permissions":                  grantDocument,
	"PUT /sites/{site}/views/{view}/permissions":                          grantDocument,
	"PUT /sites/{site}/datasources/{datasource}/permissions":              grantDocument,
	"PUT /sites/{site}/projects/{project}/permissions":                    grantDocument,
	"PUT /sites/{site}/projects/{project}/default-permissions/{content}":  grantDocument,
}

const batchDocument = `<tagBatch><tags><tag label="u"/></tags><contents><content contentType="Workbook" id="{workbook}"/>` +
	`<content contentType="View" id="{view}"/><content contentType="Datasource" id="{datasource}"/></contents></tagBatch>`

// afterwards are the codes of calls that are allowed and then find nothing to do, by the name of the route.
var afterwards = map[string]string{
	"Update Workbook Now": "409090", "Update Data Source Now": "409090", // it has no extract
	"Delete Extracts of Embedded Data Sources from a Workbook": "409090", "Delete the Extract from a Data Source": "409090",
	"Update Cloud Extract Refresh Task": "400000",                                          // its schedule is the server's
	"Remove Workbook Revision":          "400032", "Remove Data Source Revision": "400032", // it is the current one
	"Update Data in Hyper Data Source": "400000", "Update Data in Hyper Connection": "400000", // it is none
}

const grantDocument = `<permissions><granteeCapabilities><user id="{member}"/><capabilities><capability name="Read" mode="Allow"/></capabilities></granteeCapabilities></permissions>`

// call sends the request of a route.
func (s stage) call(u *user, rt emulator.Route, needs string) reply {
	key := rt.Method + " " + rt.Path
	document := "<tsRequest>" + variable.ReplaceAllStringFunc(documents[key], func(name string) string { return s[strings.Trim(name, "{}")] }) + "</tsRequest>"
	contentType, body := "text/xml", []byte(document)
	switch rt.Name {
	case "Publish Workbook":
		contentType, body = mixed(document, "tableau_workbook", "a.twb", sheets)
	case "Publish Data Source":
		contentType, body = mixed(document, "tableau_datasource", "a.tds", []byte(tds))
	case "Append to File Upload":
		contentType, body = mixed("", "tableau_file", "file", []byte("block"))
	case "Import Users to Site from CSV", "Delete Users from Site with CSV":
		contentType, body = usersFile(map[string]string{"Import": "tableau_user_import", "Delete": "tableau_user_delete"}[rt.Name[:6]], "nobody-here\n", "")
	case "Create Server Schedule":
		body = []byte(scheduleDocument("S"+s["unique"], "Extract", "Daily", `start="02:00:00"`))
	case "Create Cloud Extract Refresh Task", "Update Cloud Extract Refresh Task":
		body = []byte(cloudTask("FullRefresh", "workbook", s["workbook"], "Daily", `start="06:00:00"`, `weekDay="Monday"`))
	case "Create Subscription":
		body = []byte(subscriptionDocument("View", s["view"], s["mornings"], s["caller"]))
	}
	header := http.Header{"Content-Type": {contentType}}
	if rt.Method == "PATCH" {
		header = http.Header{"Content-Type": {"application/json"}, "Requestid": {s["unique"]}}
		body = []byte(`{"actions":[{"action":"delete","target-table":"Extract","condition":{"op":"eq","target-col":"a","const":{"type":"string","v":"x"}}}]}`)
	}
	path := s.path(rt, needs)
	if rt.Name == "Batch Update Schedule State" {
		path += "?state=active"
	}
	return u.send(rt.Method, "/api/"+version+path, header, body)
}

// TestWhoMayCallWhat calls every route with every site role, on the own site and on another, without a grant, granted and as owner.
func TestWhoMayCallWhat(t *testing.T) {
	t.Parallel()
	needs := map[string]string{}
	for what, routes := range callers {
		for _, route := range routes {
			needs[route] = what
		}
	}
	var routes []emulator.Route
	for _, rt := range routesToCall() {
		key := rt.Method + " " + rt.Path
		if needs[key] == "" {
			t.Errorf("the test does not say who may call %s", key)
		}
		if _, sent := documents[key]; rt.Method == "PUT" && !sent && rt.Name != "Append to File Upload" && rt.Name != "Cancel Job" {
			t.Errorf("the test has no document for %s", key)
		}
		if needs[key] != "" && needs[key] != "elsewhere" {
			routes = append(routes, rt)
		}
	}

	var cells atomic.Int64
	t.Run("roles", func(t *testing.T) {
		server := emulator.Start(t)
		roles := []string{"Unlicensed", "Viewer", "Explorer", "ExplorerCanPublish", "Creator", "SiteAdministratorExplorer",
			"SiteAdministratorCreator", "ServerAdministrator"}
		if raceDetector { // which makes pictures take minutes, and finds no more in eight roles than in one
			roles = []string{"Explorer"}
		}
		for _, role := range roles {
			t.Run(role, func(t *testing.T) {
				t.Parallel()
				admin, elsewhere := newSite(t, server), newSite(t, server)
				closeSite(admin)
				closeSite(elsewhere)
				root := serverAdmin(t, server)
				schedule := root.schedule("Extract")
				mornings := root.schedule("Subscription")
				caller := root
				if role == "ServerAdministrator" {
					caller = &user{t: t, server: server}
					caller.signIn(byPassword(server.DefaultSite().AdminName, server.DefaultSite().AdminPassword, admin.siteContentURL()))
				} else {
					caller = admin.member("caller", "Creator")
				}
				foreign := newStage(root, elsewhere, elsewhere, "owner", schedule, mornings)
				var stages []stage
				for _, relation := range relations {
					stages = append(stages, newStage(root, admin, caller, relation, schedule, mornings))
				}
				if role != "ServerAdministrator" && role != "Creator" {
					admin.xml(200, "PUT", "/sites/{site}/users/"+caller.id, `<tsRequest><user siteRole="`+role+`"/></tsRequest>`)
				}
				for i, relation := range append(relations, "foreign") {
					s := foreign
					if relation != "foreign" {
						s = stages[i]
					}
					for _, rt := range routes {
						key := rt.Method + " " + rt.Path
						if relation == "foreign" && !strings.Contains(rt.Path, "{site}") {
							continue
						}
						if rt.Name == "Delete Server Schedule" {
							s["spare"] = root.schedule("Extract")
						}
						want := expected(needs[key], role, relation)
						if relation == "foreign" {
							want = role == "ServerAdministrator" && rt.Path == "/sites/{site}"
						}
						r := s.call(caller, rt, needs[key])
						cells.Add(1)
						allowed := r.status < 300 || strings.Contains(rt.Path, "{mode}") && r.code() == "404003" || // no such rule stands
							r.code() != "" && r.code() == afterwards[rt.Name]
						if !allowed && r.status != 403 && r.status != 404 {
							t.Fatalf("%s, %s: %s: status %d: %s", role, relation, key, r.status, r.body)
						}
						if allowed != want {
							t.Errorf("%s, %s: %s is allowed: %v, want %v: status %d %s", role, relation, key, allowed, want, r.status, r.code())
						}
					}
				}
			})
		}
	})
	if cells.Load() < 1000 && !raceDetector {
		t.Errorf("only %d calls were made", cells.Load())
	}
	t.Logf("%d calls", cells.Load())
}
