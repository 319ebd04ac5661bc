package emulator_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tabctl/tableau-go/emulator"
)

// told is what a connection says about itself.
func (n node) told() map[string]string {
	told := map[string]string{}
	for _, a := range n.Attrs {
		if a.Name.Local != "id" {
			told[a.Name.Local] = a.Value
		}
	}
	return told
}

func TestUpdateConnections(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	two := strings.Replace(tds, "</datasource>", `<connection class='sqlserver' dbname='till' server='other.example.com' username='cashier'/></datasource>`, 1)
	for _, path := range []string{
		"/sites/{site}/datasources/" + u.publishedDataSource("Stock", "a.tds", []byte(two)).attr("id"),
		"/sites/{site}/workbooks/" + u.workbookWith(t, two),
	} {
		all := u.xml(200, "GET", path+"/connections", "").all("connection")
		if len(all) != 2 {
			t.Fatalf("%d connections of %s", len(all), path)
		}
		first, second := all[0].attr("id"), all[1].attr("id")
		r := u.do("PUT", path+"/connections/"+first, "text/xml", []byte(`<tsRequest><connection serverAddress="db.two" serverPort="5433" userName="writer"
			password="hush-hush" embedPassword="true" queryTaggingEnabled="true"/></tsRequest>`))
		changed, _ := r.must(t, 200).find("connection")
		want := map[string]string{"type": "postgres", "serverAddress": "db.two", "serverPort": "5433", "userName": "writer",
			"embedPassword": "true", "queryTaggingEnabled": "true"}
		if diff := cmp.Diff(want, changed.told()); diff != "" || changed.attr("id") != first {
			t.Error(diff)
		}
		u.xml(200, "PUT", path+"/connections/"+first, `<tsRequest><connection embedPassword="false"/></tsRequest>`)
		want["embedPassword"] = "false" // and nothing else
		list := u.do("GET", path+"/connections", "", nil)
		if diff := cmp.Diff(want, list.must(t, 200).all("connection")[0].told()); diff != "" {
			t.Error(diff)
		}
		if strings.Contains(string(r.body)+string(list.body), "hush") {
			t.Error("the password is told")
		}

		both := `<connectionLUIDs><connectionLUID>` + second + `</connectionLUID><connectionLUID>` + first + `</connectionLUID></connectionLUIDs>`
		answered := u.xml(200, "PUT", path+"/connections", `<tsRequest>`+both+`<connection authenticationType="auth-user-pass" userName="robot" password="p" embedPassword="true"/></tsRequest>`).all("connection")
		if len(answered) != 2 || answered[0].attr("id") != second || answered[1].attr("id") != first {
			t.Errorf("answered %+v", answered)
		}
		for _, c := range u.xml(200, "GET", path+"/connections", "").all("connection") {
			if c.attr("userName") != "robot" || c.attr("authenticationType") != "auth-user-pass" || c.attr("embedPassword") != "true" {
				t.Errorf("%v", c.Attrs)
			}
		}
		u.do("PUT", path+"/connections", "application/json", []byte(`{"connectionLUIDs":{"connectionLUID":["`+first+`"]},"connection":{"userName":"json"}}`)).must(t, 200)

		for document, code := range map[string]string{
			`<tsRequest>` + both + `</tsRequest>`:                                                               "400003",
			`<tsRequest><connection userName="x"/></tsRequest>`:                                                 "400003",
			`<tsRequest><connectionLUIDs/><connection userName="x"/></tsRequest>`:                               "400003",
			`<tsRequest>` + strings.Replace(both, first, nowhere, 1) + `<connection userName="x"/></tsRequest>`: "404003",
			`<tsRequest>` + both + `<connection embedPassword="perhaps"/></tsRequest>`:                          "400008",
			`<tsRequest>` + both + `<connection serverPort="five"/></tsRequest>`:                                "400000",
		} {
			if r := u.do("PUT", path+"/connections", "text/xml", []byte(document)); r.code() != code {
				t.Errorf("%s: code %q, want %s", document, r.code(), code)
			}
		}
		if got := u.xml(200, "GET", path+"/connections", "").all("connection")[1].attr("userName"); got != "robot" {
			t.Errorf("a refused request has changed the user to %q", got)
		}
		if r := u.do("PUT", path+"/connections/"+nowhere, "text/xml", []byte(`<tsRequest><connection userName="x"/></tsRequest>`)); r.code() != "404003" {
			t.Errorf("an unknown connection: %s", r.body)
		}
	}
}

// workbookWith publishes a workbook with the connections of a data source file.
func (u *user) workbookWith(t *testing.T, dataSource string) string {
	t.Helper()
	inner := dataSource[strings.Index(dataSource, "<datasource"):]
	file := `<workbook><datasources>` + strings.Replace(inner, "<datasource ", "<datasource name='stock' ", 1) + `</datasources><worksheets><worksheet name="Sheet"/></worksheets></workbook>`
	w, _ := u.publishTWB("Connected", "", []byte(file)).must(t, 201).find("workbook")
	return w.attr("id")
}

func TestPublishedCredentialsGoToTheirConnection(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	file := strings.Replace(tds, "</datasource>", `<connection class='postgres' dbname='till' port='5444' server='db.example.com' username='cashier'/></datasource>`, 1)
	d, _ := u.publishDataSource(`<datasource name="Two"><connections><connection serverAddress="DB.example.com" serverPort="5444">`+
		`<connectionCredentials name="oauth-user" password="p" embed="true" oAuth="true"/></connection></connections></datasource>`, "a.tds", []byte(file), "").
		must(t, 201).find("datasource")
	got := map[string]string{}
	for _, c := range u.xml(200, "GET", "/sites/{site}/datasources/"+d.attr("id")+"/connections", "").all("connection") {
		got[c.attr("serverPort")] = c.attr("userName") + " " + c.attr("embedPassword") + " " + c.attr("authenticationType")
	}
	if diff := cmp.Diff(map[string]string{"5432": "reader false ", "5444": "oauth-user true oauth"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestQualityWarnings(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	d := u.publishedDataSource("Stock", "a.tds", []byte(tds)).attr("id")
	path := "/sites/{site}/dataQualityWarnings/datasource/" + d
	explorer := colleague(u, "Explorer")
	if n := len(u.xml(200, "GET", path, "").all("dataQualityWarning")); n != 0 {
		t.Errorf("%d warnings at first", n)
	}
	if r := u.do("PUT", path, "text/xml", []byte(`<tsRequest><dataQualityWarning isActive="false"/></tsRequest>`)); r.code() != "404003" {
		t.Errorf("changing what is not there: %s", r.body)
	}
	add := func(document string) node {
		w, _ := u.xml(200, "POST", path, `<tsRequest><dataQualityWarning `+document+`/></tsRequest>`).find("dataQualityWarning")
		return w
	}
	stale := add(`type="STALE" message="a week old" isActive="true" isSevere="true"`)
	want := map[string]string{"contentId": d, "contentType": "DATASOURCE", "message": "a week old", "type": "STALE", "isActive": "true", "isSevere": "true"}
	for name, value := range want {
		if stale.attr(name) != value {
			t.Errorf("%s = %q, want %q", name, stale.attr(name), value)
		}
	}
	owner, _ := stale.find("owner")
	if owner.attr("id") != u.id || stale.attr("userDisplayName") == "" || stale.attr("createdAt") == "" {
		t.Errorf("%+v", stale)
	}
	add(`type="warning" message=""`)
	u.xml(200, "PUT", path, `<tsRequest><dataQualityWarning isActive="false"/></tsRequest>`)
	var got []string
	for _, w := range u.xml(200, "GET", path, "").all("dataQualityWarning") {
		got = append(got, w.attr("type")+" "+w.attr("isActive")+" "+w.attr("message"))
	}
	if diff := cmp.Diff([]string{"STALE false a week old", "WARNING true "}, got); diff != "" {
		t.Error(diff)
	}
	one := "/sites/{site}/dataQualityWarnings/" + stale.attr("id")
	changed, _ := u.xml(200, "PUT", one, `<tsRequest><dataQualityWarning type="deprecated"/></tsRequest>`).find("dataQualityWarning")
	read, _ := u.xml(200, "GET", one, "").find("dataQualityWarning")
	if changed.attr("type") != "DEPRECATED" || read.attr("type") != "DEPRECATED" || read.attr("contentId") != d || read.attr("isSevere") != "true" {
		t.Errorf("changed to %v, read %v", changed.Attrs, read.Attrs)
	}
	if r := explorer.do("DELETE", one, "", nil); r.status != 403 && r.status != 404 {
		t.Errorf("an Explorer deletes a warning: %d", r.status)
	}
	u.do("DELETE", one, "", nil).must(t, 204)
	if r := u.do("GET", one, "", nil); r.code() != "404003" {
		t.Errorf("a deleted warning: %s", r.body)
	}
	for document, code := range map[string]string{`type="FOUL"`: "400000", `message="no type"`: "400003", `type="STALE" isActive="maybe"`: "400008"} {
		if r := u.do("POST", path, "text/xml", []byte(`<tsRequest><dataQualityWarning `+document+`/></tsRequest>`)); r.code() != code {
			t.Errorf("%s: %s", document, r.body)
		}
	}
	if r := explorer.do("DELETE", path, "", nil); r.status != 403 && r.status != 404 {
		t.Errorf("an Explorer deletes the warnings: %d", r.status)
	}
	u.do("DELETE", path, "", nil).must(t, 204)
	if n := len(u.xml(200, "GET", path, "").all("dataQualityWarning")); n != 0 {
		t.Errorf("%d warnings are left", n)
	}
}

func TestTagBatches(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	w := u.published("Sales")
	view, _ := w.find("view")
	d := u.publishedDataSource("Stock", "a.tds", []byte(tds)).attr("id")
	batch := func(method string, contents string) reply {
		return u.do("PUT", "/sites/{site}/tags:batch"+method, "text/xml", []byte(`<tsRequest><tagBatch><tags><tag label="b c"/><tag label="a"/></tags><contents>`+
			contents+`</contents></tagBatch></tsRequest>`))
	}
	content := func(kind, id string) string { return `<content contentType="` + kind + `" id="` + id + `"/>` }
	three := content("Workbook", w.attr("id")) + content("view", view.attr("id")) + content("Datasource", d)
	tags := func() (tags []string) {
		for _, path := range []string{"workbooks/" + w.attr("id"), "views/" + view.attr("id"), "datasources/" + d} {
			list, _ := u.xml(200, "GET", "/sites/{site}/"+path, "").find("tags")
			text := ""
			for _, tag := range list.Children {
				text += "/" + tag.attr("label")
			}
			tags = append(tags, text)
		}
		return tags
	}
	answer := batch("Create", three).must(t, 200)
	if len(answer.all("tag")) != 2 || len(answer.all("content")) != 3 {
		t.Errorf("answered %+v", answer)
	}
	if diff := cmp.Diff([]string{"/a/b c", "/a/b c", "/a/b c"}, tags()); diff != "" {
		t.Error(diff)
	}
	batch("Delete", content("View", view.attr("id"))).must(t, 200)
	if r := batch("Delete", content("Workbook", w.attr("id"))+content("Datasource", nowhere)); r.code() != "404004" {
		t.Errorf("an item that is not there: %s", r.body)
	}
	if r := batch("Create", content("Soup", nowhere)); r.code() != "400000" {
		t.Errorf("an unknown kind: %s", r.body)
	}
	if r := batch("Create", ""); r.code() != "400003" {
		t.Errorf("no content: %s", r.body)
	}
	if diff := cmp.Diff([]string{"/a/b c", "", "/a/b c"}, tags()); diff != "" {
		t.Errorf("all or nothing: %s", diff)
	}
}
