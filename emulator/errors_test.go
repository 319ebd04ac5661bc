package emulator_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/emulator"
)

const nowhere = "00000000-0000-4000-8000-000000000000"

func TestErrorCodes(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	root, admin := serverAdmin(t, server), newSite(t, server)
	viewer := colleague(admin, "Viewer")
	nobody := &user{t: t, server: server}
	impostor := &user{t: t, server: server, token: "not-a-token"}
	admin.published("Sales")
	mine, _ := admin.xml(201, "POST", "/sites/{site}/projects", `<tsRequest><project name="Mine"/></tsRequest>`).find("project")
	site := "/api/3.29/sites/" + admin.site

	tests := []struct {
		name         string
		by           *user
		method, path string
		body         string
		code         string
	}{
		{"broken XML", admin, "POST", site + "/projects", `<tsRequest><project`, "400000"},
		{"a document type declaration", admin, "POST", site + "/projects", `<!DOCTYPE a [<!ENTITY b "c">]><tsRequest><project name="&b;"/></tsRequest>`, "400000"},
		{"no document", admin, "POST", site + "/projects", ``, "400000"},
		{"another root element", admin, "POST", site + "/projects", `<project name="a"/>`, "400003"},
		{"another element", admin, "POST", site + "/projects", `<tsRequest><site name="a"/></tsRequest>`, "400003"},
		{"a project without a name", admin, "POST", site + "/projects", `<tsRequest><project/></tsRequest>`, "400003"},
		{"page number 0", admin, "GET", site + "/workbooks?pageNumber=0", "", "400006"},
		{"page number beyond the end", admin, "GET", site + "/workbooks?pageNumber=2", "", "400006"},
		{"page number of letters", admin, "GET", site + "/workbooks?pageNumber=x", "", "400006"},
		{"page size 0", admin, "GET", site + "/workbooks?pageSize=0", "", "400007"},
		{"page size of letters", admin, "GET", site + "/workbooks?pageSize=ten", "", "400007"},
		{"page size 1001", admin, "GET", site + "/workbooks?pageSize=1001", "", "403014"},
		{"bad boolean", admin, "GET", site + "/views?includeUsageStatistics=perhaps", "", "400008"},
		{"bad site role", admin, "POST", site + "/users", `<tsRequest><user name="n" siteRole="King"/></tsRequest>`, "400013"},
		{"unknown filter field", admin, "GET", site + "/workbooks?filter=colour:eq:red", "", "400065"},
		{"unknown filter operator", admin, "GET", site + "/workbooks?filter=name:like:S", "", "400065"},
		{"filter without a value", admin, "GET", site + "/workbooks?filter=name:eq:", "", "400065"},
		{"filter with a bad time", admin, "GET", site + "/workbooks?filter=createdAt:gt:yesterday", "", "400065"},
		{"unknown sort field", admin, "GET", site + "/workbooks?sort=colour:asc", "", "400065"},
		{"bad sort direction", admin, "GET", site + "/workbooks?sort=name:up", "", "400065"},
		{"unknown field", admin, "GET", site + "/workbooks?fields=colour", "", "400000"},
		{"bad maxAge", admin, "GET", site + "/views/" + nowhere + "/image?maxAge=-1", "", "400000"},
		{"no token", nobody, "GET", site + "/workbooks", "", "401000"},
		{"wrong password", nobody, "POST", "/api/3.29/auth/signin", `<tsRequest>` + byPassword("admin", "wrong", "") + `</tsRequest>`, "401001"},
		{"unknown user", nobody, "POST", "/api/3.29/auth/signin", `<tsRequest>` + byPassword("who", "x", "") + `</tsRequest>`, "401001"},
		{"unknown access token", nobody, "POST", "/api/3.29/auth/signin", `<tsRequest>` + byToken("a", "b", "") + `</tsRequest>`, "401001"},
		{"unknown token", impostor, "GET", site + "/workbooks", "", "401002"},
		{"another site", root, "GET", site + "/workbooks", "", "403004"},
		{"a viewer publishes", viewer, "POST", site + "/fileUploads", "", "403004"},
		{"a viewer changes a project", viewer, "PUT", site + "/projects/" + mine.attr("id"), `<tsRequest><project name="x"/></tsRequest>`, "403004"},
		{"a viewer creates a project", viewer, "POST", site + "/projects", `<tsRequest><project name="x"/></tsRequest>`, "403045"},
		{"a viewer lists users", viewer, "GET", site + "/users", "", "403004"},
		{"a site administrator creates a site", admin, "POST", "/api/3.29/sites", `<tsRequest><site name="x" contentUrl="x"/></tsRequest>`, "403004"},
		{"switch to the same site", root, "POST", "/api/3.29/auth/switchSite", `<tsRequest><site contentUrl=""/></tsRequest>`, "403070"},
		{"unknown site", root, "GET", "/api/3.29/sites/" + nowhere + "/workbooks", "", "404000"},
		{"unknown version", nobody, "GET", "/api/3.99/serverinfo", "", "404001"},
		{"a version that never was", nobody, "GET", "/api/2.9/serverinfo", "", "404001"},
		{"no version", nobody, "GET", "/api/latest/serverinfo", "", "404001"},
		{"unknown user id", admin, "GET", site + "/users/" + nowhere, "", "404002"},
		{"unknown path", admin, "GET", site + "/workbook", "", "404003"},
		{"the newer API", admin, "GET", "/api/-/pulse/definitions", "", "404003"},
		{"a method that came later", admin, "GET", "/api/2.0/sites/" + admin.site + "/views", "", "404003"},
		{"unknown project", admin, "DELETE", site + "/projects/" + nowhere, "", "404005"},
		{"unknown workbook", admin, "GET", site + "/workbooks/" + nowhere, "", "404006"},
		{"unknown view", admin, "GET", site + "/views/" + nowhere + "/data", "", "404011"},
		{"unknown job", admin, "GET", site + "/jobs/" + nowhere, "", "404018"},
		{"wrong verb", admin, "PATCH", site + "/workbooks", "", "405000"},
		{"site name taken", root, "POST", "/api/3.29/sites", `<tsRequest><site name="default" contentUrl="d"/></tsRequest>`, "409001"},
		{"project name taken", admin, "POST", site + "/projects", `<tsRequest><project name="MINE"/></tsRequest>`, "409006"},
		{"user is there already", admin, "POST", site + "/users", `<tsRequest><user name="viewer-` + admin.siteContentURL() + `" siteRole="Viewer"/></tsRequest>`, "409017"},
		{"a document of 5 MB", admin, "POST", site + "/projects", `<tsRequest><project name="` + strings.Repeat("x", 5<<20) + `"/></tsRequest>`, "413000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := tt.by.send(tt.method, tt.path, http.Header{"Content-Type": {"application/xml"}}, []byte(tt.body))
			if got := r.code(); got != tt.code {
				t.Errorf("code %q, want %s: %s", got, tt.code, r.body)
			}
			if strconv.Itoa(r.status) != tt.code[:3] {
				t.Errorf("status %d does not go with code %s", r.status, tt.code)
			}
			if r.header.Get("X-Request-Id") == "" {
				t.Error("no X-Request-Id")
			}
		})
	}
}

func TestErrorsInJSON(t *testing.T) {
	t.Parallel()
	nobody := &user{t: t, server: emulator.Start(t)}
	r := nobody.send("GET", "/api/3.29/sites", http.Header{"Accept": {"application/json"}}, nil)
	e, _ := decodeJSON(t, r.body)["error"].(map[string]any)
	if r.status != 401 || e["code"] != "401000" || e["summary"] == "" || e["detail"] == "" {
		t.Errorf("status %d: %s", r.status, r.body)
	}
}

// TestEveryRouteIsGuarded calls each route without a token.
func TestEveryRouteIsGuarded(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	nobody := &user{t: t, server: server}
	for _, rt := range emulator.Routes() {
		want := "401000"
		if rt.Caller == emulator.Anyone {
			if rt.Name != "Server Info" && rt.Name != "Sign In" {
				t.Errorf("%s is open to anyone", rt.Name)
			}
			continue
		}
		path := strings.NewReplacer("{", "", "}", "").Replace(rt.Path)
		if got := nobody.do(rt.Method, path, "", nil).code(); got != want {
			t.Errorf("%s %s without a token: %q, want %s", rt.Method, rt.Path, got, want)
		}
	}
}

// TestEveryRouteKeepsToItsCallers calls the routes of administrators as somebody who is none.
func TestEveryRouteKeepsToItsCallers(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	admin := newSite(t, server)
	creator := colleague(admin, "Creator")
	for _, rt := range emulator.Routes() {
		if rt.Caller != emulator.SiteAdministrator && rt.Caller != emulator.ServerAdministrator {
			continue
		}
		callers := []*user{creator}
		if rt.Caller == emulator.ServerAdministrator {
			callers = append(callers, admin)
		}
		for _, u := range callers {
			path := strings.NewReplacer("{site}", u.site, "{user}", u.id).Replace(rt.Path)
			if got := u.do(rt.Method, path, "", nil).code(); got != "403004" {
				t.Errorf("%s %s by somebody who is no %s: %q, want 403004", rt.Method, rt.Path, rt.Caller, got)
			}
		}
	}
}
