package emulator_test

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/internal/sample"
)

// schemaExceptions are where real servers, which this one follows, contradict the official schema: what they answer is
// rewritten to what the schema wants before it is checked.
var schemaExceptions = []struct {
	why     string
	pattern *regexp.Regexp
	instead string
}{
	{"the schema wants a build number as restApiVersion; servers answer the version",
		regexp.MustCompile(`<restApiVersion>[\d.]+</restApiVersion>`), `<restApiVersion>20262.26.0601.0000</restApiVersion>`},
	{"the schema has no pagination before views; servers answer it, and clients page by it",
		regexp.MustCompile(`<pagination [^>]*/>(<views[ />])`), `$1`},
	{"the schema has no pagination before backgroundJobs; servers answer it, and clients page by it",
		regexp.MustCompile(`<pagination [^>]*/>(<backgroundJobs[ />])`), `$1`},
	{"the schema wants an id as parentProjectId; clients move a project to the top with an empty one",
		regexp.MustCompile(` parentProjectId=""`), ``},
	{"the schema has no way to name several connections; the reference has",
		regexp.MustCompile(`<connectionLUIDs>.*</connectionLUIDs>(<connection )`), `$1`},
	{"the schema wants an item in extractRefresh; where the path names it, there is none",
		regexp.MustCompile(`(<extractRefresh[^>]*)/></tsRequest>`), `$1><workbook/></extractRefresh></tsRequest>`},
	{"the schema has no schedule beside a subscription; Tableau Cloud wants it there",
		regexp.MustCompile(`(<user id="[^"]*"/>)</subscription><schedule .*</schedule></tsRequest>`), `<schedule/>$1</subscription></tsRequest>`},
	{"the schema has no interval of 60 minutes; servers take it for an hour",
		regexp.MustCompile(` minutes="60"`), ` hours="1"`},
	{"the schema's subscription is that of answers; a change names what changes",
		regexp.MustCompile(`(<subscription [^>]*)/></tsRequest>`), `$1><content id="` + nowhere + `" type="View"/><schedule/><user/></subscription></tsRequest>`},
}

// request is one call of a route that must succeed.
type request struct {
	by          *user
	path        string // as sent
	contentType string
	body        string
}

// walk is what the requests of [TestAnswersFollowTheSchema] find on the site.
type walk struct {
	*testing.T
	server                              *emulator.Server
	root, admin                         *user  // the server's and the site's administrator
	project, workbook, view, dataSource string // ids
	member                              string // id of a user of the site, a Viewer
}

// moreRequests are the requests that stand beside the other tests of a resource: by route, as "GET /path".
var moreRequests []func(*walk) map[string][]request

// variable is a part of a route's path that a request fills in.
var variable = regexp.MustCompile(`\{\w+\}`)

// TestAnswersFollowTheSchema calls every route, well and badly, and validates each XML answer, and each request that succeeds.
func TestAnswersFollowTheSchema(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	root := serverAdmin(t, server)
	admin := newSite(t, server)

	w := admin.published("Bakery")
	view, _ := w.find("view")
	wb, v := w.attr("id"), view.attr("id")
	made := func(u *user, path, document, element string) string {
		e, _ := u.xml(201, "POST", path, document).find(element)
		return e.attr("id")
	}
	project := made(admin, "/sites/{site}/projects", `<tsRequest><project name="P" description="d"/></tsRequest>`, "project")
	child := made(admin, "/sites/{site}/projects", `<tsRequest><project name="C" parentProjectId="`+project+`"/></tsRequest>`, "project")
	member := made(admin, "/sites/{site}/users", `<tsRequest><user name="schema-member" siteRole="Viewer"/></tsRequest>`, "user")
	doomed := made(root, "/sites", `<tsRequest><site name="Doomed" contentUrl="doomed"/></tsRequest>`, "site")
	upload, _ := admin.xml(201, "POST", "/sites/{site}/fileUploads", "").find("fileUpload")
	jobElement, _ := admin.publish("Async", "asJob=true").must(t, 202).find("job")
	job := jobElement.attr("id")
	admin.xml(200, "PUT", "/sites/{site}/workbooks/"+wb+"/tags", `<tsRequest><tags><tag label="a"/><tag label="x y"/></tags></tsRequest>`)
	admin.xml(200, "PUT", "/sites/{site}/views/"+v+"/tags", `<tsRequest><tags><tag label="a"/></tags></tsRequest>`)
	leaving := newSite(t, server)
	switching := serverAdmin(t, server)

	publishType, publishBody := mixed(`<tsRequest><workbook name="Again" showTabs="true"/></tsRequest>`, "tableau_workbook", "a.twbx", sample.Workbook())
	appendType, appendBody := mixed("", "tableau_file", "file", []byte("block"))
	dsType, dsBody := mixed(`<tsRequest><datasource name="Again" isCertified="true"/></tsRequest>`, "tableau_datasource", "a.tds", []byte(tds))
	ds := admin.publishedDataSource("Stock", "a.tds", []byte(tds)).attr("id")
	admin.xml(200, "PUT", "/sites/{site}/datasources/"+ds+"/tags", `<tsRequest><tags><tag label="x y"/></tags></tsRequest>`)
	dsJob, _ := admin.do("POST", "/sites/{site}/datasources?asJob=true&overwrite=true", dsType, dsBody).must(t, 202).find("job")
	admin.waitForJob(dsJob.attr("id"))
	dsPath := "/sites/{site}/datasources/" + ds
	wbPath, viewPath := "/sites/{site}/workbooks/"+wb, "/sites/{site}/views/"+v

	lodger := made(admin, "/sites/{site}/users", `<tsRequest><user name="schema-lodger" siteRole="Viewer"/></tsRequest>`, "user")
	groupPath := "/sites/{site}/groups/" + made(admin, "/sites/{site}/groups", `<tsRequest><group name="G"/></tsRequest>`, "group")
	favoritesPath := "/sites/{site}/favorites/" + admin.id
	for _, item := range []string{`<view id="` + v + `"/>`, `<workbook id="` + wb + `"/>`, `<project id="` + project + `"/>`} {
		admin.xml(200, "PUT", favoritesPath, `<tsRequest><favorite label="x">`+item+`</favorite></tsRequest>`)
	}
	guest := made(admin, "/sites/{site}/users", `<tsRequest><user name="schema-guest" siteRole="Viewer"/></tsRequest>`, "user")
	grant := func(capability string) string {
		return `<tsRequest><permissions><granteeCapabilities><user id="` + guest + `"/><capabilities><capability name="` + capability +
			`" mode="Allow"/></capabilities></granteeCapabilities></permissions></tsRequest>`
	}
	inProject := "/sites/{site}/projects/" + project

	xmlType := "application/xml"
	nightly := made(root, "/schedules", scheduleDocument("Nightly", "Extract", "Daily", `start="02:00:00"`), "schedule")
	mornings := made(root, "/schedules", scheduleDocument("Mornings", "Subscription", "Weekly", `start="07:00:00"`, `weekDay="Monday"`), "schedule")
	toSchedule := `<tsRequest><task><extractRefresh><workbook id="` + wb + `"/></extractRefresh></task></tsRequest>`
	task, _ := admin.xml(200, "PUT", "/sites/{site}/schedules/"+nightly+"/workbooks", toSchedule).find("extractRefresh")
	taskPath := "/sites/{site}/tasks/extractRefreshes/" + task.attr("id")
	subscribe := func(kind, id string) string { return subscriptionDocument(kind, id, mornings, admin.id) }
	subscription := made(admin, "/sites/{site}/subscriptions", subscribe("View", v), "subscription")
	schedulesOfAllKinds := []request{
		{root, "/schedules", xmlType, scheduleDocument("Hours", "Extract", "Hourly", `start="06:00:00" end="18:00:00"`, `minutes="60"`, `weekDay="Monday"`)},
		{root, "/schedules", xmlType, scheduleDocument("Days", "Flow", "Daily", `start="06:00:00" end="18:00:00"`, `hours="2"`)},
		{root, "/schedules", xmlType, scheduleDocument("Weeks", "DataAcceleration", "Weekly", `start="06:00:00"`, `weekDay="Monday"`, `weekDay="Friday"`)},
		{root, "/schedules", xmlType, scheduleDocument("Months", "ActiveDirectorySync", "Monthly", `start="06:00:00"`, `monthDay="1"`, `monthDay="LastDay"`)},
	}
	// By method and path of the route: requests that succeed, in the order of the routes below.
	good := map[string][]request{
		"GET /serverinfo":                                                  {{by: admin, path: "/serverinfo"}, {by: admin, path: "/serverInfo"}},
		"POST /auth/signin":                                                {{admin, "/auth/signin", xmlType, "<tsRequest>" + byPassword(server.DefaultSite().AdminName, server.DefaultSite().AdminPassword, "") + "</tsRequest>"}},
		"POST /auth/signout":                                               {{by: leaving, path: "/auth/signout"}},
		"POST /auth/switchSite":                                            {{switching, "/auth/switchSite", xmlType, `<tsRequest><site contentUrl="` + admin.siteContentURL() + `"/></tsRequest>`}},
		"GET /sessions/current":                                            {{by: admin, path: "/sessions/current"}},
		"GET /sites":                                                       {{by: root, path: "/sites?includeUsage=true"}, {by: admin, path: "/sites"}},
		"POST /sites":                                                      {{root, "/sites", xmlType, `<tsRequest><site name="S" contentUrl="s" revisionLimit="-1"/></tsRequest>`}},
		"GET /sites/{site}":                                                {{by: admin, path: "/sites/{site}?includeUsage=true"}, {by: root, path: "/sites/s?key=contentUrl"}, {by: root, path: "/sites/S?key=name"}},
		"PUT /sites/{site}":                                                {{admin, "/sites/{site}", xmlType, `<tsRequest><site commentingEnabled="false" timeZone="Europe/Paris"/></tsRequest>`}},
		"DELETE /sites/{site}":                                             {{by: root, path: "/sites/" + doomed}},
		"GET /sites/{site}/users":                                          {{by: admin, path: "/sites/{site}/users"}, {by: admin, path: "/sites/{site}/users?fields=_all_"}},
		"POST /sites/{site}/users":                                         {{admin, "/sites/{site}/users", xmlType, `<tsRequest><user name="another" siteRole="Creator" authSetting="SAML"/></tsRequest>`}},
		"GET /sites/{site}/users/{user}":                                   {{by: admin, path: "/sites/{site}/users/" + member}},
		"PUT /sites/{site}/users/{user}":                                   {{admin, "/sites/{site}/users/" + member, xmlType, `<tsRequest><user fullName="A B" email="a@example.com"/></tsRequest>`}},
		"GET /sites/{site}/users/{user}/workbooks":                         {{by: admin, path: "/sites/{site}/users/" + member + "/workbooks?ownedBy=false"}},
		"DELETE /sites/{site}/users/{user}":                                {{by: admin, path: "/sites/{site}/users/" + member}},
		"GET /sites/{site}/projects":                                       {{by: admin, path: "/sites/{site}/projects"}, {by: admin, path: "/sites/{site}/projects?fields=_all_"}},
		"POST /sites/{site}/projects":                                      {{admin, "/sites/{site}/projects", xmlType, `<tsRequest><project name="Q" contentPermissions="LockedToProject"/></tsRequest>`}},
		"PUT /sites/{site}/projects/{project}":                             {{admin, "/sites/{site}/projects/" + child, xmlType, `<tsRequest><project name="D" parentProjectId=""/></tsRequest>`}},
		"DELETE /sites/{site}/projects/{project}":                          {{by: admin, path: "/sites/{site}/projects/" + child}},
		"POST /sites/{site}/fileUploads":                                   {{by: admin, path: "/sites/{site}/fileUploads"}},
		"PUT /sites/{site}/fileUploads/{upload}":                           {{admin, "/sites/{site}/fileUploads/" + upload.attr("uploadSessionId"), appendType, string(appendBody)}},
		"GET /sites/{site}/workbooks":                                      {{by: admin, path: "/sites/{site}/workbooks"}, {by: admin, path: "/sites/{site}/workbooks?fields=_all_"}, {by: admin, path: "/sites/{site}/workbooks?fields=name,owner.name"}},
		"POST /sites/{site}/workbooks":                                     {{admin, "/sites/{site}/workbooks", publishType, string(publishBody)}, {admin, "/sites/{site}/workbooks?asJob=true&overwrite=true", publishType, string(publishBody)}},
		"GET /sites/{site}/workbooks/{workbook}":                           {{by: admin, path: wbPath}},
		"PUT /sites/{site}/workbooks/{workbook}":                           {{admin, wbPath, xmlType, `<tsRequest><workbook showTabs="true" description=""><project id="` + project + `"/></workbook></tsRequest>`}},
		"GET /sites/{site}/workbooks/{workbook}/content":                   {{by: admin, path: wbPath + "/content"}},
		"GET /sites/{site}/workbooks/{workbook}/views":                     {{by: admin, path: wbPath + "/views?includeUsageStatistics=true"}, {by: admin, path: wbPath + "/views"}},
		"GET /sites/{site}/workbooks/{workbook}/connections":               {{by: admin, path: wbPath + "/connections"}},
		"GET /sites/{site}/workbooks/{workbook}/previewImage":              {{by: admin, path: wbPath + "/previewImage"}},
		"GET /sites/{site}/workbooks/{workbook}/pdf":                       {{by: admin, path: wbPath + "/pdf?type=A4&orientation=Landscape"}},
		"PUT /sites/{site}/workbooks/{workbook}/tags":                      {{admin, wbPath + "/tags", xmlType, `<tsRequest><tags><tag label="b"/></tags></tsRequest>`}},
		"DELETE /sites/{site}/workbooks/{workbook}/tags/{tag}":             {{by: admin, path: wbPath + "/tags/x%20y"}},
		"GET /sites/{site}/workbooks/{workbook}/views/{view}/previewImage": {{by: admin, path: wbPath + "/views/" + v + "/previewImage"}},
		"GET /sites/{site}/views":                                          {{by: admin, path: "/sites/{site}/views"}, {by: admin, path: "/sites/{site}/views?fields=_all_"}, {by: admin, path: "/sites/{site}/views?includeUsageStatistics=true"}},
		"GET /sites/{site}/views/{view}":                                   {{by: admin, path: viewPath}, {by: admin, path: viewPath + "?includeUsageStatistics=true"}},
		"GET /sites/{site}/views/{view}/image":                             {{by: admin, path: viewPath + "/image?resolution=high"}},
		"GET /sites/{site}/views/{view}/data":                              {{by: admin, path: viewPath + "/data"}},
		"GET /sites/{site}/views/{view}/pdf":                               {{by: admin, path: viewPath + "/pdf"}},
		"GET /sites/{site}/views/{view}/previewImage":                      {{by: admin, path: viewPath + "/previewImage"}},
		"PUT /sites/{site}/views/{view}/tags":                              {{admin, viewPath + "/tags", xmlType, `<tsRequest><tags><tag label="b"/></tags></tsRequest>`}},
		"DELETE /sites/{site}/views/{view}/tags/{tag}":                     {{by: admin, path: viewPath + "/tags/a"}},
		"GET /sites/{site}/jobs":                                           {{by: admin, path: "/sites/{site}/jobs"}},
		"GET /sites/{site}/jobs/{job}":                                     {{by: admin, path: "/sites/{site}/jobs/" + job}, {by: admin, path: "/sites/{site}/jobs/" + dsJob.attr("id")}},
		"PUT /sites/{site}/jobs/{job}":                                     {{by: admin, path: "/sites/{site}/jobs/" + job}},
		"GET /sites/{site}/datasources":                                    {{by: admin, path: "/sites/{site}/datasources"}, {by: admin, path: "/sites/{site}/datasources?fields=_all_"}},
		"POST /sites/{site}/datasources":                                   {{admin, "/sites/{site}/datasources?overwrite=true", dsType, string(dsBody)}, {admin, "/sites/{site}/datasources?asJob=true&overwrite=true", dsType, string(dsBody)}},
		"GET /sites/{site}/datasources/{datasource}":                       {{by: admin, path: dsPath}},
		"PUT /sites/{site}/datasources/{datasource}":                       {{admin, dsPath, xmlType, `<tsRequest><datasource isCertified="true" certificationNote="checked"><project id="` + project + `"/></datasource></tsRequest>`}},
		"GET /sites/{site}/datasources/{datasource}/content":               {{by: admin, path: dsPath + "/content"}},
		"GET /sites/{site}/datasources/{datasource}/connections":           {{by: admin, path: dsPath + "/connections"}},
		"PUT /sites/{site}/datasources/{datasource}/tags":                  {{admin, dsPath + "/tags", xmlType, `<tsRequest><tags><tag label="b"/></tags></tsRequest>`}},
		"DELETE /sites/{site}/datasources/{datasource}/tags/{tag}":         {{by: admin, path: dsPath + "/tags/x%20y"}},
		"DELETE /sites/{site}/datasources/{datasource}":                    {{by: admin, path: dsPath}},
		"DELETE /sites/{site}/workbooks/{workbook}":                        {{by: admin, path: wbPath}},

		"GET /sites/{site}/groups":                         {{by: admin, path: "/sites/{site}/groups"}, {by: admin, path: "/sites/{site}/groups?fields=_all_"}},
		"POST /sites/{site}/groups":                        {{admin, "/sites/{site}/groups", xmlType, `<tsRequest><group name="Bakers" minimumSiteRole="Explorer"/></tsRequest>`}},
		"PUT /sites/{site}/groups/{group}":                 {{admin, groupPath, xmlType, `<tsRequest><group name="H" minimumSiteRole="Viewer"/></tsRequest>`}},
		"DELETE /sites/{site}/groups/{group}":              {{by: admin, path: groupPath}},
		"GET /sites/{site}/groups/{group}/users":           {{by: admin, path: groupPath + "/users"}, {by: admin, path: groupPath + "/users?fields=_all_"}},
		"POST /sites/{site}/groups/{group}/users":          {{admin, groupPath + "/users", xmlType, `<tsRequest><user id="` + admin.id + `"/></tsRequest>`}, {admin, groupPath + "/users", xmlType, `<tsRequest><users><user id="` + lodger + `"/></users></tsRequest>`}},
		"PUT /sites/{site}/groups/{group}/users/remove":    {{admin, groupPath + "/users/remove", xmlType, `<tsRequest><users><user id="` + lodger + `"/></users></tsRequest>`}},
		"DELETE /sites/{site}/groups/{group}/users/{user}": {{by: admin, path: groupPath + "/users/" + admin.id}},
		"GET /sites/{site}/users/{user}/groups":            {{by: admin, path: "/sites/{site}/users/" + admin.id + "/groups"}},
		"GET /sites/{site}/favorites/{user}":               {{by: admin, path: favoritesPath}},
		"PUT /sites/{site}/favorites/{user}":               {{admin, favoritesPath, xmlType, `<tsRequest><favorite label="W"><workbook id="` + wb + `"/></favorite></tsRequest>`}, {admin, favoritesPath, xmlType, `<tsRequest><favorite label="V"><view id="` + v + `"/></favorite></tsRequest>`}, {admin, favoritesPath, xmlType, `<tsRequest><favorite label="P"><project id="` + project + `"/></favorite></tsRequest>`}},
		"PUT /sites/{site}/orderFavorites/{user}": {{admin, "/sites/{site}/orderFavorites/" + admin.id, xmlType, `<tsRequest><favoriteOrderings><favoriteOrdering favoriteId="` + wb +
			`" favoriteType="workbook" favoriteIdMoveAfter="` + project + `" favoriteTypeMoveAfter="project"/></favoriteOrderings></tsRequest>`}},
		"DELETE /sites/{site}/favorites/{user}/{kind}/{item}":                                                            {{by: admin, path: favoritesPath + "/views/" + v}},
		"GET /sites/{site}/workbooks/{workbook}/permissions":                                                             {{by: admin, path: wbPath + "/permissions"}},
		"PUT /sites/{site}/workbooks/{workbook}/permissions":                                                             {{admin, wbPath + "/permissions", xmlType, grant("Read")}},
		"GET /sites/{site}/datasources/{datasource}/permissions":                                                         {{by: admin, path: dsPath + "/permissions"}},
		"PUT /sites/{site}/datasources/{datasource}/permissions":                                                         {{admin, dsPath + "/permissions", xmlType, grant("Connect")}},
		"DELETE /sites/{site}/datasources/{datasource}/permissions/{grantees}/{grantee}/{capability}/{mode}":             {{by: admin, path: dsPath + "/permissions/users/" + guest + "/Connect/Allow"}},
		"GET /sites/{site}/views/{view}/permissions":                                                                     {{by: admin, path: viewPath + "/permissions"}},
		"PUT /sites/{site}/views/{view}/permissions":                                                                     {{admin, viewPath + "/permissions", xmlType, grant("Read")}},
		"GET /sites/{site}/projects/{project}/permissions":                                                               {{by: admin, path: inProject + "/permissions"}},
		"PUT /sites/{site}/projects/{project}/permissions":                                                               {{admin, inProject + "/permissions", xmlType, grant("ProjectLeader")}},
		"GET /sites/{site}/projects/{project}/default-permissions/{content}":                                             {{by: admin, path: inProject + "/default-permissions/flows"}},
		"PUT /sites/{site}/projects/{project}/default-permissions/{content}":                                             {{admin, inProject + "/default-permissions/workbooks", xmlType, grant("Filter")}},
		"DELETE /sites/{site}/workbooks/{workbook}/permissions/{grantees}/{grantee}/{capability}/{mode}":                 {{by: admin, path: wbPath + "/permissions/users/" + guest + "/Read/Allow"}},
		"DELETE /sites/{site}/views/{view}/permissions/{grantees}/{grantee}/{capability}/{mode}":                         {{by: admin, path: viewPath + "/permissions/users/" + guest + "/Read/Allow"}},
		"DELETE /sites/{site}/projects/{project}/permissions/{grantees}/{grantee}/{capability}/{mode}":                   {{by: admin, path: inProject + "/permissions/users/" + guest + "/ProjectLeader/Allow"}},
		"DELETE /sites/{site}/projects/{project}/default-permissions/{content}/{grantees}/{grantee}/{capability}/{mode}": {{by: admin, path: inProject + "/default-permissions/workbooks/users/" + guest + "/Filter/Allow"}},
		"GET /schedules":                                          {{by: admin, path: "/schedules"}},
		"POST /schedules":                                         schedulesOfAllKinds,
		"GET /schedules/{schedule}":                               {{by: admin, path: "/schedules/" + nightly}, {by: admin, path: "/schedules/" + mornings}},
		"PUT /schedules/{schedule}":                               {{root, "/schedules/" + nightly, xmlType, `<tsRequest><schedule state="Suspended" priority="1"/></tsRequest>`}},
		"DELETE /schedules/{schedule}":                            {{by: root, path: "/schedules/" + nightly}},
		"PUT /sites/{site}/schedules/{schedule}/workbooks":        {{admin, "/sites/{site}/schedules/" + nightly + "/workbooks", xmlType, toSchedule}},
		"GET /sites/{site}/schedules/{schedule}/extracts":         {{by: admin, path: "/sites/{site}/schedules/" + nightly + "/extracts"}},
		"GET /sites/{site}/tasks/extractRefreshes":                {{by: admin, path: "/sites/{site}/tasks/extractRefreshes"}},
		"GET /sites/{site}/tasks/extractRefreshes/{task}":         {{by: admin, path: taskPath}},
		"POST /sites/{site}/tasks/extractRefreshes/{task}/runNow": {{admin, taskPath + "/runNow", xmlType, `<tsRequest/>`}},
		"DELETE /sites/{site}/tasks/extractRefreshes/{task}":      {{by: admin, path: taskPath}},
		"GET /sites/{site}/subscriptions":                         {{by: admin, path: "/sites/{site}/subscriptions"}},
		"POST /sites/{site}/subscriptions":                        {{admin, "/sites/{site}/subscriptions", xmlType, subscribe("View", v)}, {admin, "/sites/{site}/subscriptions", xmlType, subscribe("Workbook", wb)}},
		"GET /sites/{site}/subscriptions/{subscription}":          {{by: admin, path: "/sites/{site}/subscriptions/" + subscription}},
		"PUT /sites/{site}/subscriptions/{subscription}":          {{admin, "/sites/{site}/subscriptions/" + subscription, xmlType, `<tsRequest><subscription suspended="true" pageOrientation="landscape" pageSizeOption="a5"/></tsRequest>`}},
		"DELETE /sites/{site}/subscriptions/{subscription}":       {{by: admin, path: "/sites/{site}/subscriptions/" + subscription}},
	}

	on := &walk{t, server, root, admin, project, wb, v, ds, member}
	for _, more := range moreRequests {
		for route, requests := range more(on) {
			good[route] = append(good[route], requests...)
		}
	}

	mapping := readMapping(t)
	var documents [][]byte
	var origins []string
	check := func(origin string, r reply) {
		if strings.Contains(r.header.Get("Content-Type"), "/xml") {
			documents, origins = append(documents, r.body), append(origins, origin)
		}
	}
	checkRequest := func(origin string, one request) {
		body := one.body
		if strings.HasPrefix(one.contentType, "multipart/") {
			body = requestPayload(t, one.contentType, body)
		}
		if strings.HasPrefix(body, "<tsRequest") {
			body = strings.Replace(body, "<tsRequest", `<tsRequest xmlns="http://tableau.com/api"`, 1)
			documents, origins = append(documents, []byte(body)), append(origins, "the request "+origin)
		}
	}
	admin.waitForJob(job)
	for _, rt := range routesToCall() {
		key := rt.Method + " " + rt.Path
		if len(good[key]) == 0 {
			t.Errorf("the route %s has no request that succeeds", key)
		}
		for _, one := range good[key] {
			if rt.Method == "GET" { // which is asked twice, and must show the same
				admin.untilIdle()
			}
			r := one.by.do(rt.Method, one.path, one.contentType, []byte(one.body))
			if r.status >= 300 {
				t.Errorf("%s %s: status %d: %s", rt.Method, one.path, r.status, r.body)
			}
			check(rt.Method+" "+one.path, r)
			if rt.Method == "GET" {
				compareWithJSON(t, mapping, one, r)
			}
			checkRequest(rt.Method+" "+one.path, one)
		}
	}
	// The same routes, badly: without a token, and with a broken document and ids that lead nowhere.
	nobody, stranger := &user{t: t, server: server}, newSite(t, server)
	for _, rt := range emulator.Routes() {
		key := rt.Method + " " + rt.Path
		path := variable.ReplaceAllStringFunc(rt.Path, func(name string) string {
			switch name {
			case "{site}":
				return stranger.site
			case "{upload}":
				return "1:ab-1:0"
			case "{kind}", "{content}":
				return "workbooks"
			case "{grantees}":
				return "users"
			case "{capability}":
				return "Read"
			case "{mode}":
				return "Allow"
			}
			return doomed
		})
		check(key+" without a token", nobody.do(rt.Method, path, "", nil))
		if rt.Name != "Sign Out" {
			check(key+" gone wrong", stranger.do(rt.Method, path, xmlType, []byte("<")))
		}
	}
	validate(t, documents, origins)
}

// requestPayload returns the document in a multipart body, or "".
func requestPayload(t *testing.T, contentType, body string) string {
	t.Helper()
	_, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(strings.NewReader(body), parameters["boundary"])
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			return ""
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(part.Header.Get("Content-Disposition"), "request_payload") {
			document, err := io.ReadAll(part)
			if err != nil {
				t.Fatal(err)
			}
			return string(document)
		}
	}
}

// validate runs xmllint over documents.
func validate(t *testing.T, documents [][]byte, origins []string) {
	t.Helper()
	schema := shared(t, "reference/ts-api_3_29.xsd")
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed (Debian: libxml2-utils)")
	}
	dir := t.TempDir()
	arguments := []string{"--noout", "--schema", schema}
	for i, document := range documents {
		for _, exception := range schemaExceptions {
			document = exception.pattern.ReplaceAll(document, []byte(exception.instead))
		}
		name := filepath.Join(dir, fmt.Sprintf("%d.xml", i))
		if err := os.WriteFile(name, document, 0o600); err != nil {
			t.Fatal(err)
		}
		arguments = append(arguments, name)
	}
	var stderr bytes.Buffer
	command := exec.CommandContext(t.Context(), xmllint, arguments...)
	command.Stderr = &stderr
	if err := command.Run(); err == nil {
		return
	}
	number := regexp.MustCompile(`/(\d+)\.xml`)
	for line := range strings.Lines(stderr.String()) {
		if strings.HasSuffix(strings.TrimSpace(line), " validates") {
			continue
		}
		if m := number.FindStringSubmatch(line); m != nil {
			var i int
			fmt.Sscan(m[1], &i)
			t.Errorf("%s: %s%s", origins[i], line, documents[i])
		}
	}
}
