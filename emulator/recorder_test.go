package emulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/tabctl/tableau-go/emulator"
)

func TestRequests(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	site, other := server.NewSite(t), server.NewSite(t)
	u := &user{t: t, server: server}
	if r := u.do("POST", "/auth/signin", "", []byte("<tsRequest>"+byToken(site.TokenName, "wrong", site.ContentURL)+"</tsRequest>")); r.status != 401 {
		t.Fatalf("status %d", r.status)
	}
	u.signIn(byToken(site.TokenName, site.TokenSecret, site.ContentURL))
	body := `<tsRequest><project name="P"/></tsRequest>`
	u.xml(201, "POST", "/sites/{site}/projects", body)
	u.do("GET", "/sites/{site}/workbooks?pageSize=5", "", nil)
	u.do("GET", "/nowhere", "", nil)
	server.Fault(emulator.Fault{Site: site.ID, Status: 500, Times: 1})
	u.do("GET", "/sites/{site}", "", nil)
	u.send("GET", "/_emulator/health", nil, nil)
	elsewhere := &user{t: t, server: server}
	elsewhere.signIn(byToken(other.TokenName, other.TokenSecret, other.ContentURL))

	api := "/api/" + version
	inSite := api + "/sites/" + site.ID
	want := []emulator.Request{
		{Method: "POST", Path: api + "/auth/signin", Route: "Sign In", SiteID: site.ID, Status: 401},
		{Method: "POST", Path: api + "/auth/signin", Route: "Sign In", SiteID: site.ID, User: site.AdminName, Status: 200},
		{Method: "POST", Path: inSite + "/projects", Route: "Create Project", SiteID: site.ID, User: site.AdminName, Status: 201, Body: body, Size: int64(len(body))},
		{Method: "GET", Path: inSite + "/workbooks", Query: "pageSize=5", Route: "Query Workbooks for Site", SiteID: site.ID, User: site.AdminName, Status: 200},
		{Method: "GET", Path: api + "/nowhere", Status: 404},
		{Method: "GET", Path: inSite, Status: 500},
		{Method: "POST", Path: api + "/auth/signin", Route: "Sign In", SiteID: other.ID, User: other.AdminName, Status: 200},
	}
	got := server.Requests()
	for i := range got {
		if i < 2 || i == len(got)-1 { // sign-ins are looked at in TestRequestsHideSecrets
			got[i].Body, got[i].Size = "", 0
		}
		if got[i].ID == "" || got[i].Time.IsZero() {
			t.Errorf("request %d has the ID %q and the time %v", i, got[i].ID, got[i].Time)
		}
	}
	if got[5].Fault == "" {
		t.Error("the request does not say that a fault struck it")
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(emulator.Request{}, "ID", "Time", "Duration", "Fault")); diff != "" {
		t.Error(diff)
	}
	if got := server.Requests(other.ID); len(got) != 1 {
		t.Errorf("%d requests of the other site, want 1", len(got))
	}
	server.ClearRequests(site.ID)
	if got := server.Requests(site.ID); len(got) != 0 {
		t.Errorf("%d requests of the site after they were cleared", len(got))
	}
	if got := server.Requests(other.ID); len(got) != 1 {
		t.Errorf("%d requests of the other site are left, want 1", len(got))
	}
	server.ClearRequests()
	if got := server.Requests(); len(got) != 0 {
		t.Errorf("%d requests after all were cleared", len(got))
	}
}

func TestRequestsAreBounded(t *testing.T) {
	t.Parallel()
	for _, kept := range []int{0, 1, 7} {
		server := emulator.Start(t, emulator.WithRequestsKept(kept))
		nobody := &user{t: t, server: server}
		for i := range 20 {
			nobody.send("GET", fmt.Sprintf("/api/2.4/serverinfo?i=%d", i), nil, nil)
		}
		got := server.Requests()
		if len(got) != kept {
			t.Errorf("%d requests are kept, want %d", len(got), kept)
		}
		for i, r := range got {
			if want := fmt.Sprintf("i=%d", 20-kept+i); r.Query != want {
				t.Errorf("request %d is %q, want %q", i, r.Query, want)
			}
		}
		server.ClearRequests("no such site")
		nobody.send("GET", "/api/2.4/serverinfo?i=20", nil, nil)
		if got := server.Requests(); kept > 0 && got[len(got)-1].Query != "i=20" {
			t.Errorf("the last request is %q", got[len(got)-1].Query)
		}
	}
	server := emulator.Start(t)
	nobody := &user{t: t, server: server}
	long := []byte("<tsRequest>" + strings.Repeat("x", 100<<10))
	nobody.do("POST", "/auth/switchSite", "text/xml", long)
	if r := server.Requests()[0]; len(r.Body) != 64<<10 || r.Size != int64(len(long)) {
		t.Errorf("of %d bytes %d are kept and %d counted", len(long), len(r.Body), r.Size)
	}
}

func TestRequestsHideSecrets(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t, emulator.WithAdmin("root", "hush-password"), emulator.WithToken("ci", "hush-token"))
	u := &user{t: t, server: server}
	u.signIn(byPassword("root", "hush-password", ""))
	u.do("POST", "/auth/signin", "", []byte(`<tsRequest><credentials personalAccessTokenSecret = 'hush-1' personalAccessTokenName="ci"><site contentUrl=""/></credentials></tsRequest>`))
	u.do("POST", "/auth/signin", "", []byte(`<tsRequest><credentials jwt="hush-2"><site contentUrl=""/></credentials></tsRequest>`))
	u.do("POST", "/auth/signin", "application/json", []byte(`{"credentials": {"p\u0061ssword": "hush-3", "name": "root", "site": {"contentUrl": ""}}}`))
	u.do("POST", "/auth/signin", "", []byte(`<tsRequest><credentials passwort="hush-4"`))
	u.do("POST", "/auth/signIn/", "", []byte(`nonsense with hush-5`))
	u.do("PUT", "/sites/{site}/users/"+u.id+"?access_token=hush-6&a=b", "text/xml", []byte(`<tsRequest><user password="hush-7&quot;hush-8" fullName="Root"/></tsRequest>`))
	u.do("PUT", "/sites/{site}/users/"+u.id, "application/json", []byte(`{"user": {"password" : "hush-9\"hush-10", "fullName": "Root"}}`))
	contentType, body := mixed(`<tsRequest><workbook name="W"><connectionCredentials name="me" password="hush-11" embed="true"/></workbook></tsRequest>`, "", "", nil)
	u.do("POST", "/sites/{site}/workbooks", contentType, body)
	u.do("PUT", "/sites/{site}", "text/xml", []byte(`<tsRequest><connection embedPassword="true" userName="ana"/><password>hush-12</password><x password="hush-13`))

	all := server.Requests()
	for _, r := range all {
		if text := fmt.Sprintf("%+v", r); strings.Contains(text, "hush") {
			t.Errorf("a secret is shown in %s", text)
		}
	}
	for i, kept := range map[int]string{0: `name="root"`, 1: `personalAccessTokenName="ci"`, 6: `fullName="Root"`, 8: `name="me"`, 9: `embedPassword="true"`} {
		if !strings.Contains(all[i].Body, kept) {
			t.Errorf("request %d lacks %s: %s", i, kept, all[i].Body)
		}
	}
	if all[6].Query != "access_token=***&a=b" {
		t.Errorf("the query is %q", all[6].Query)
	}
}

// TestRequestsAreThereAtOnce looks for each request as soon as its answer has come.
func TestRequestsAreThereAtOnce(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	u := newSite(t, server)
	id := u.published("Sales").attr("id")
	for range 20 {
		server.ClearRequests()
		u.send("GET", "/api/"+version+"/sites/"+u.site+"/workbooks/"+id+"/content", nil, nil).must(t, http.StatusOK)
		if got := server.Requests(); len(got) != 1 || got[0].Status != 200 || got[0].Route != "Download Workbook" {
			t.Fatalf("requests %+v", got)
		}
	}
}
