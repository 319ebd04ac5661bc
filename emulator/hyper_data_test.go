package emulator_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/tabctl/tableau-go/emulator"
)

func TestHyperData(t *testing.T) {
	t.Parallel()
	clock := newTestClock()
	u := newSite(t, emulator.Start(t, emulator.WithClock(clock.read), emulator.WithSessionTimeout(1000*time.Hour)))
	d := u.publishedDataSource("Rows", "a.hyper", hyper)
	live := u.publishedDataSource("Live", "a.tds", []byte(tds))
	path := "/sites/{site}/datasources/" + d.attr("id")
	upload := func(block []byte) string {
		e, _ := u.xml(201, "POST", "/sites/{site}/fileUploads", "").find("fileUpload")
		contentType, body := mixed("", "tableau_file", "file", block)
		u.do("PUT", "/sites/{site}/fileUploads/"+e.attr("uploadSessionId"), contentType, body).must(t, 200)
		return e.attr("uploadSessionId")
	}
	patch := func(path, name, actions string) reply {
		header := http.Header{"Content-Type": {"text/xml"}} // which the Python client sends with JSON
		if name != "" {
			header.Set("RequestID", name)
		}
		return u.send("PATCH", "/api/"+version+"/sites/"+u.site+path[len("/sites/{site}"):], header, []byte(`{"actions":[`+actions+`]}`))
	}
	const insert = `{"action":"insert","source-schema":"Extract","source-table":"Extract","target-schema":"Extract","target-table":"Extract"}`
	const remove = `{"action":"delete","target-table":"Extract","condition":{"op":"and","args":[{"op":"eq","target-col":"a","const":{"type":"string","v":"x"}},{"op":"not","args":[{"op":"lt","target-col":"a","source-col":"b"}]}]}}`
	const upsert = `{"action":"update-or-insert","target-table":"t","source-table":"s","condition":{"op":"eq","target-col":"k","source-col":"k"}}`

	answer := patch(path+"/data?uploadSessionId="+upload(hyper), "first", insert).must(t, 202)
	started, _ := answer.find("job")
	about, _ := answer.find("updateUploadedFileJob")
	if started.attr("type") != "UpdateUploadedFile" || about.Children[0].attr("id") != d.attr("id") || about.Children[1].Text != u.connection(path) {
		t.Errorf("answered %+v", answer)
	}
	if job := u.waitForJob(started.attr("id")); job.attr("finishCode") != "0" {
		t.Errorf("job %v", job.Attrs)
	}
	after, _ := u.xml(200, "GET", path, "").find("datasource")
	if after.attr("size") != "4" {
		t.Errorf("size %s, want twice the 2 MB", after.attr("size"))
	}
	// Repeating a request that has the same name starts nothing, for a day.
	again, _ := patch(path+"/data", "first", remove).must(t, 202).find("job")
	if again.attr("id") != started.attr("id") {
		t.Error("a repeated request has started another job")
	}
	other, _ := patch(path+"/connections/"+u.connection(path)+"/data", "second", remove+","+upsert).must(t, 202).find("job")
	clock.pass(25 * time.Hour)
	later, _ := patch(path+"/data", "first", remove).must(t, 202).find("job")
	if other.attr("id") == started.attr("id") || later.attr("id") == started.attr("id") {
		t.Error("another request has not started another job")
	}

	for name, test := range map[string]struct{ path, name, actions, code string }{
		"no name":               {path + "/data", "", remove, "400000"},
		"unknown action":        {path + "/data", "n", `{"action":"truncate","target-table":"t"}`, "400000"},
		"no table":              {path + "/data", "n", `{"action":"delete"}`, "400000"},
		"no source":             {path + "/data", "n", `{"action":"update","target-table":"t","condition":{"op":"eq","target-col":"a","source-col":"a"}}`, "400000"},
		"no condition":          {path + "/data", "n", `{"action":"update","target-table":"t","source-table":"s"}`, "400000"},
		"a bad condition":       {path + "/data", "n", `{"action":"delete","target-table":"t","condition":{"op":"like","target-col":"a"}}`, "400000"},
		"compares with nothing": {path + "/data", "n", `{"action":"delete","target-table":"t","condition":{"op":"eq","target-col":"a"}}`, "400000"},
		"rows from nowhere":     {path + "/data", "n", insert, "400000"},
		"an unknown upload":     {path + "/data?uploadSessionId=1:ab-1:0", "n", insert, "400000"},
		"no Hyper file":         {path + "/data?uploadSessionId=" + upload([]byte("nonsense")), "n", insert, "400011"},
		"an unknown connection": {path + "/connections/" + nowhere + "/data", "n", remove, "404003"},
		"a live data source":    {"/sites/{site}/datasources/" + live.attr("id") + "/data", "n", remove, "400000"},
		"nowhere":               {"/sites/{site}/datasources/" + nowhere + "/data", "n", remove, "404004"},
		"not JSON":              {path + "/data", "n", `<tsRequest/>`, "400000"},
	} {
		if r := patch(test.path, test.name, test.actions); r.code() != test.code {
			t.Errorf("%s: want %s: %s", name, test.code, r.body)
		}
	}
}
