package wiretest

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sampleCase is a case with one list request.
func sampleCase() *wireCase {
	return &wireCase{
		ID: "workbooks.get/sample",
		Requests: []recordedRequest{{
			Method:  "GET",
			Path:    "/api/3.27/sites/s%201/workbooks",
			Query:   map[string]any{"filter": "name:eq:a,tags:in:[b,c]", "pageNumber": "1", "pageSize": "50"},
			Headers: map[string]string{"x-tableau-auth": "token", "X-Custom": "yes", "Accept": "*/*"},
		}},
		Responses: []recordedResponse{{Status: 200, ContentType: "text/plain", Body: "from {server}"}},
	}
}

// publishCase is a case with a multipart request.
func publishCase() *wireCase {
	return &wireCase{
		ID: "workbooks.publish/sample",
		Requests: []recordedRequest{{
			Method: "POST", Path: "/p", ContentType: "multipart/mixed; boundary={boundary}",
			BodyParts: []recordedPart{
				{Name: "request_payload", ContentType: "text/xml", Text: `<tsRequest><workbook name="a" showTabs="True"><project id="p"/></workbook></tsRequest>`},
				{Name: "tableau_workbook", FileName: "ü %22x%22.twb", ContentType: "application/octet-stream", Size: 3,
					SHA256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}, // SHA-256 of "abc", from FIPS 180
			},
		}},
		Responses: []recordedResponse{{Status: 201}},
	}
}

// differencesOf sends requests to the server of a case and returns what differs.
func differencesOf(t *testing.T, c *wireCase, send func(address string) []*http.Request) []string {
	t.Helper()
	server := startCanned(t, c)
	for _, request := range send(server.URL) {
		response, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil {
			t.Fatal(err)
		}
	}
	var parts []string
	for _, d := range compareRequests(server, "") {
		parts = append(parts, d.Part)
	}
	return parts
}

// request builds one, with headers in pairs.
func request(t *testing.T, method, address, body string, headers ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func TestComparisonSeesDifferences(t *testing.T) {
	t.Parallel()
	const right = "/api/3.27/sites/s%201/workbooks?pageSize=50&filter=tags%3Ain%3A%5Bb%2Cc%5D%2Cname%3Aeq%3Aa"
	tests := []struct {
		name    string
		address string
		headers []string
		times   int
		want    []string
	}{
		{"the same in other words", right, []string{"X-Tableau-Auth", "token", "X-Custom", "yes"}, 1, nil},
		{"missing parameter", "/api/3.27/sites/s%201/workbooks?filter=name:eq:a,tags:in:[b,c]", []string{"X-Tableau-Auth", "token", "X-Custom", "yes"}, 1, []string{"query pageSize"}},
		{"added parameter", right + "&fields=_all_", []string{"X-Tableau-Auth", "token", "X-Custom", "yes"}, 1, []string{"query fields"}},
		{"other filter", strings.Replace(right, "aeq%3Aa", "aeq%3Ab", 1) + "x", []string{"X-Tableau-Auth", "token", "X-Custom", "yes"}, 1, []string{"query filter"}},
		{"other path", "/api/3.26/sites/s%201/workbooks?pageSize=50&filter=name:eq:a,tags:in:[b,c]", []string{"X-Tableau-Auth", "token", "X-Custom", "yes"}, 1, []string{"path"}},
		{"missing token", right, []string{"X-Custom", "yes"}, 1, []string{"token"}},
		{"missing header", right, []string{"X-Tableau-Auth", "token"}, 1, []string{"header x-custom"}},
		{"one request too many", right, []string{"X-Tableau-Auth", "token", "X-Custom", "yes"}, 2, []string{"extra request"}},
		{"one request too few", right, nil, 0, []string{"missing request"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := differencesOf(t, sampleCase(), func(address string) []*http.Request {
				var all []*http.Request
				for range test.times {
					all = append(all, request(t, "GET", address+test.address, "", test.headers...))
				}
				return all
			})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
		})
	}
}

func TestComparisonSeesOtherMethodAndBody(t *testing.T) {
	t.Parallel()
	got := differencesOf(t, sampleCase(), func(address string) []*http.Request {
		return []*http.Request{request(t, "PUT", address+"/api/3.27/sites/s%201/workbooks?pageSize=50&filter=name:eq:a,tags:in:[b,c]", "body", "X-Tableau-Auth", "token", "X-Custom", "yes")}
	})
	if diff := cmp.Diff([]string{"method", "body"}, got); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
}

func TestComparisonOfXML(t *testing.T) {
	t.Parallel()
	const want = `<tsRequest><workbook name="a" showTabs="true"><project id="p"/><views><view name="v"/></views></workbook></tsRequest>`
	tests := []struct{ name, got, want string }{
		{"other spelling", "<tsRequest xmlns='http://tableau.com/api'>\n <workbook showTabs='True' name='a'><project id='p'></project><views><view name='v'/></views><connections/></workbook></tsRequest>", ""},
		{"changed attribute", strings.Replace(want, `"a"`, `"b"`, 1), "body tsRequest/workbook@name"},
		{"missing attribute", strings.Replace(want, ` name="a"`, "", 1), "body tsRequest/workbook@name"},
		{"added attribute", strings.Replace(want, ` name="a"`, ` name="a" x="y"`, 1), "body tsRequest/workbook@x"},
		{"elements of other names in other order", `<tsRequest><workbook name="a" showTabs="true"><views><view name="v"/></views><project id="p"/></workbook></tsRequest>`, ""},
		{"another element", strings.Replace(want, `<project id="p"/>`, `<owner id="p"/>`, 1), "body tsRequest/workbook/ownerbody tsRequest/workbook/owner@idbody tsRequest/workbook/projectbody tsRequest/workbook/project@id"},
		{"other text", strings.Replace(want, `<view name="v"/>`, `<view name="v">x</view>`, 1), "body tsRequest/workbook/views/view"},
		{"no XML", "hello", "body"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			for _, d := range compareXML("body", want, test.got) {
				got += d.Part
			}
			if got != test.want {
				t.Errorf("differences %q, want %q", got, test.want)
			}
		})
	}
}

func TestComparisonOfParts(t *testing.T) {
	t.Parallel()
	type part struct{ name, file, kind, content string }
	payload := part{"request_payload", "", "application/xml", `<tsRequest><workbook showTabs="true" name="a"><project id="p"/></workbook></tsRequest>`}
	file := part{"tableau_workbook", `ü \"x\".twb`, "application/octet-stream", "abc"}
	tests := []struct {
		name  string
		parts []part
		want  []string
	}{
		{"the same", []part{payload, file}, nil},
		{"other order", []part{file, payload}, []string{"parts"}},
		{"missing part", []part{payload}, []string{"parts"}},
		{"other content", []part{payload, {file.name, file.file, file.kind, "abd"}}, []string{"part tableau_workbook content"}},
		{"other file name", []part{payload, {file.name, "x.twb", file.kind, file.content}}, []string{"part tableau_workbook file name"}},
		{"other type", []part{payload, {file.name, file.file, "text/plain", file.content}}, []string{"part tableau_workbook content type"}},
		{"other payload", []part{{payload.name, "", payload.kind, strings.Replace(payload.content, "true", "false", 1)}, file}, []string{"part request_payload tsRequest/workbook@showTabs"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var body bytes.Buffer
			writer := multipart.NewWriter(&body)
			for _, p := range test.parts {
				w, err := writer.CreatePart(textproto.MIMEHeader{
					"Content-Disposition": {fmt.Sprintf(`form-data; name="%s"; filename="%s"`, p.name, p.file)},
					"Content-Type":        {p.kind},
				})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := w.Write([]byte(p.content)); err != nil {
					t.Fatal(err)
				}
			}
			if err := writer.Close(); err != nil {
				t.Fatal(err)
			}
			got := differencesOf(t, publishCase(), func(address string) []*http.Request {
				return []*http.Request{request(t, "POST", address+"/p", body.String(), "Content-Type", "multipart/mixed; boundary="+writer.Boundary())}
			})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
		})
	}
}

func TestComparisonOfResults(t *testing.T) {
	t.Parallel()
	type project struct{ ID, Name string }
	type item struct {
		ID        string
		Project   *project
		CreatedAt time.Time
		Size      int64
		ShowTabs  bool
		Tags      []string
	}
	want := map[string]any{
		"$type": "WorkbookItem", "id": "w", "project_id": "p", "project_name": "n",
		"created_at": "2016-07-26T20:34:56Z", "size": nil, "show_tabs": true, "tags": []any{"a", "b"}, "never_heard_of": nil,
	}
	right := func() *item {
		return &item{"w", &project{"p", "n"}, time.Date(2016, 7, 26, 20, 34, 56, 0, time.UTC), 0, true, []string{"b", "a"}}
	}
	tests := []struct {
		name   string
		change func(*item)
		want   []string
	}{
		{"the same", func(*item) {}, nil},
		{"text", func(i *item) { i.ID = "x" }, []string{"result .id"}},
		{"inner text", func(i *item) { i.Project.ID = "x" }, []string{"result .project_id"}},
		{"inner item missing", func(i *item) { i.Project = nil }, []string{"result .project_id", "result .project_name"}},
		{"time", func(i *item) { i.CreatedAt = time.Time{} }, []string{"result .created_at"}},
		{"not null", func(i *item) { i.Size = 5 }, []string{"result .size"}},
		{"boolean", func(i *item) { i.ShowTabs = false }, []string{"result .show_tabs"}},
		{"set", func(i *item) { i.Tags = []string{"a", "c"} }, []string{"result .tags"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := right()
			test.change(got)
			var parts []string
			for _, d := range compareResult("", want, got) {
				parts = append(parts, d.Part)
			}
			if diff := cmp.Diff(test.want, parts); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
		})
	}
	if found := compareResult("", []any{want}, []*item{}); len(found) != 1 {
		t.Errorf("an item too few: %v", found)
	}
	withMore := map[string]any{"$type": "WorkbookItem", "never_heard_of": "x"}
	if found := compareResult("", withMore, right()); len(found) != 1 {
		t.Errorf("an attribute without a field: %v", found)
	}
}

func TestAllowances(t *testing.T) {
	t.Parallel()
	table := newAllowanceTable([]allowance{
		{Cases: `projects\..*`, Part: "query publishSamples", Want: "false", Got: `\(absent\)`},
		{Cases: `projects\.get/.*`, Part: "path"},
		{Cases: `projects\.never/.*`, Part: "method"},
	})
	allowed, left := table.judge("projects.get/x", []difference{
		{Part: "query publishSamples", Want: "false", Got: absent},
		{Part: "query publishSamples", Want: "true", Got: absent},
	})
	if len(allowed) != 1 || len(left) != 1 || left[0].Want != "true" {
		t.Errorf("allowed %v, left %v", allowed, left)
	}
	if stale := table.stale(); len(stale) != 1 || stale[0].Part != "path" {
		t.Errorf("stale %v, want the entry whose case ran without needing it", stale)
	}
}
