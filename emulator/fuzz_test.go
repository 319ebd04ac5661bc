package emulator

import (
	"archive/zip"
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/internal/tsxml"
)

// fuzzed is a server that is called without a network, as its administrator.
type fuzzed struct {
	*Server
	dir, token, site string
}

func newFuzzed(f *testing.F) fuzzed {
	dir := f.TempDir()
	f.Setenv("TMPDIR", dir) // where a server without a directory keeps files
	server, err := New(WithAdmin("root", "pw"), WithRequestsKept(0))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { server.Close() })
	s := fuzzed{Server: server, dir: dir, site: server.DefaultSite().ID}
	answer := s.send(f, "POST", "/auth/signin", "text/xml", []byte(`<tsRequest><credentials name="root" password="pw"><site contentUrl=""/></credentials></tsRequest>`))
	root, err := tsxml.ParseXML(answer.Body, 1<<20)
	if err != nil {
		f.Fatal(err)
	}
	s.token = root.Child("credentials").Attr("token")
	return s
}

// send calls the server. Whatever is asked for, it is never the server's fault.
func (s fuzzed) send(t testing.TB, method, path, contentType string, body []byte) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "/api/"+latestVersion+path, bytes.NewReader(body))
	r.Header.Set("X-Tableau-Auth", s.token)
	if contentType != "" {
		r.Header["Content-Type"] = []string{contentType}
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code >= http.StatusInternalServerError {
		t.Fatalf("%s %s: status %d: %s", method, path, w.Code, w.Body)
	}
	return w
}

// FuzzList asks for lists with any filter, sort and fields: all that comes of it is an answer or a refusal.
func FuzzList(f *testing.F) {
	f.Add(uint8(0), "name:eq:Sales,tags:in:[a,b]", "name:asc,size:desc", "_default_,owner.name")
	f.Add(uint8(1), "lastLogin:gt:2016-05-04T21:24:49Z", "siteRole", "_all_")
	f.Add(uint8(2), "name:has:'; DROP TABLE views --", "name:asc; DROP TABLE views", "view.name,workbook")
	f.Add(uint8(3), "size:lt:99999999999999999999", "createdAt:desc,createdAt:asc", "nothing")
	f.Add(uint8(4), "priority:gte:-0,progress:eq:1e9", "", "")
	f.Add(uint8(5), "name:in:[\x00,%]", "\x00:asc", ",,")
	s := newFuzzed(f)
	lists := []string{"workbooks", "users", "views", "datasources", "jobs", "projects", "groups", "schedules", "subscriptions"}
	f.Fuzz(func(t *testing.T, list uint8, filter, sort, fields string) {
		query := url.Values{}
		for name, value := range map[string]string{"filter": filter, "sort": sort, "fields": fields} {
			if value != "" {
				query.Set(name, value)
			}
		}
		w := s.send(t, "GET", "/sites/"+s.site+"/"+lists[int(list)%len(lists)]+"?"+query.Encode(), "", nil)
		if _, err := tsxml.ParseXML(w.Body, 1<<20); err != nil {
			t.Fatalf("the answer cannot be read: %v", err)
		}
	})
}

// FuzzPublish sends any body to what takes files. What is refused leaves no file behind.
func FuzzPublish(f *testing.F) {
	s := newFuzzed(f)
	parts := func(document, name, fileName, file string) []byte {
		return []byte("--b\r\nContent-Disposition: name=\"request_payload\"\r\nContent-Type: text/xml\r\n\r\n" + document +
			"\r\n--b\r\nContent-Disposition: name=\"" + name + "\"; filename=\"" + fileName + "\"\r\n\r\n" + file + "\r\n--b--\r\n")
	}
	const mixed = "multipart/mixed; boundary=b"
	workbook := `<tsRequest><workbook name="W"/></tsRequest>`
	f.Add(uint8(0), mixed, parts(workbook, "tableau_workbook", "a.twbx", packed(f, "a.twb", "<workbook><worksheets><worksheet name='a'/></worksheets></workbook>")))
	f.Add(uint8(0), mixed, parts(workbook, "tableau_workbook", "a.twb", "<workbook><worksheets><worksheet name='a'/></worksheets></workbook>"))
	f.Add(uint8(1), mixed, parts(`<tsRequest><datasource name="D"/></tsRequest>`, "tableau_datasource", "a.hyper", "Hyper\x08\x00\x00\x01"))
	f.Add(uint8(1), mixed, parts(`<tsRequest><datasource name="D"/></tsRequest>`, "tableau_datasource", "a.tds", "<datasource><connection class='x'/></datasource>"))
	f.Add(uint8(2), mixed, parts("", "tableau_file", "file", "block"))
	f.Add(uint8(3), mixed, parts("", "tableau_user_import", "users.csv", "alice,pw,Alice,Creator,None,yes,a@example.com"))
	f.Add(uint8(0), `multipart/mixed; boundary="b`, []byte("--b\r\n\r\n"))
	f.Add(uint8(0), "multipart/mixed; boundary=b", []byte("--b\nContent-Disposition: name=request_payload\n\n<tsRequest/>\n--b--"))
	f.Add(uint8(0), "text/xml", []byte(workbook))
	upload, err := tsxml.ParseXML(s.send(f, "POST", "/sites/"+s.site+"/fileUploads", "", nil).Body, 1<<20)
	if err != nil {
		f.Fatal(err)
	}
	session := upload.Child("fileUpload").Attr("uploadSessionId")
	routes := [][2]string{{"POST", "workbooks?overwrite=true"}, {"POST", "datasources?overwrite=true"},
		{"PUT", "fileUploads/" + session + "?sequenceID=1"}, {"POST", "users/import"}}
	f.Fuzz(func(t *testing.T, route uint8, contentType string, body []byte) {
		to := routes[int(route)%len(routes)]
		before := s.contents(t)
		w := s.send(t, to[0], "/sites/"+s.site+"/"+to[1], contentType, body)
		if w.Code >= http.StatusBadRequest {
			if after := s.contents(t); after != before {
				t.Errorf("status %d: %d files before, %d afterwards", w.Code, before, after)
			}
		}
	})
}

// packed is a zip file with one file in it.
func packed(t testing.TB, name, content string) string {
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	w, err := archive.Create(name)
	if err == nil {
		_, err = w.Write([]byte(content))
	}
	if err := errors.Join(err, archive.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// contents counts the files that the server keeps.
func (s fuzzed) contents(t testing.TB) (n int) {
	err := filepath.WalkDir(s.dir, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// FuzzRequestDocument reads any request document, as XML and as JSON.
func FuzzRequestDocument(f *testing.F) {
	for _, document := range []string{
		`<tsRequest><project name="P" description="&lt;&#233;"/></tsRequest>`,
		`<?xml version="1.0"?><t:tsRequest xmlns:t="http://tableau.com/api"><t:user name='x'/></t:tsRequest>`,
		`<!DOCTYPE a [<!ENTITY b "xxxx">]><tsRequest>&b;</tsRequest>`,
		`<tsRequest><tags><tag label="a"/><tag label="b"/></tags></tsRequest>`,
		`{"project": {"name": "P", "description": "é"}}`,
		`{"tags": {"tag": [{"label": "a"}, {"label": "b"}]}}`,
		`{"tags": [[[[[[[[]]]]]]]]}`,
		`{"project": {"name": 1e400}}`,
	} {
		f.Add([]byte(document), strings.HasPrefix(document, "{"))
	}
	f.Fuzz(func(t *testing.T, data []byte, asJSON bool) {
		mediaType := "text/xml"
		if asJSON {
			mediaType = "application/json"
		}
		root, err := parseDocument(bytes.NewReader(data), mediaType)
		if _, told := errors.AsType[*apiError](err); err != nil && !told {
			t.Errorf("the caller is not told why: %v", err)
		}
		if err == nil && root.Name != "tsRequest" {
			t.Errorf("the document is <%s>", root.Name)
		}
	})
}
