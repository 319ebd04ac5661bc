package emulator_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/internal/sample"
)

// reply is an answer, read whole.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// node is one element of an answer, read with encoding/xml so that the test shares nothing with the server.
type node struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []node     `xml:",any"`
	Text     string     `xml:",chardata"`
}

// routesToCall are all routes in an order in which each can succeed: what takes away comes last, the inner before the outer.
func routesToCall() []emulator.Route {
	var others, last []emulator.Route
	for _, rt := range emulator.Routes() {
		if rt.Method == "DELETE" || rt.Name == "Sign Out" {
			last = append(last, rt)
		} else {
			others = append(others, rt)
		}
	}
	slices.Reverse(last)
	return append(others, last...)
}

func (n node) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// find returns the first element with the name, at any depth.
func (n node) find(name string) (node, bool) {
	if n.XMLName.Local == name {
		return n, true
	}
	for _, child := range n.Children {
		if found, ok := child.find(name); ok {
			return found, true
		}
	}
	return node{}, false
}

// all returns every element with the name, at any depth.
func (n node) all(name string) (found []node) {
	if n.XMLName.Local == name {
		found = append(found, n)
	}
	for _, child := range n.Children {
		found = append(found, child.all(name)...)
	}
	return found
}

// user talks to a server as one signed-in user.
type user struct {
	t      testing.TB
	server *emulator.Server
	site   string // id
	id     string
	token  string
}

const version = "3.29"

// do sends a request; path is below /api/{version}, with {site} for the user's site.
func (u *user) do(method, path, contentType string, body []byte) reply {
	u.t.Helper()
	header := http.Header{"Content-Type": {contentType}}
	if method == "PATCH" { // changes of data have names, by which servers know those that are repeated
		header.Set("RequestID", path)
	}
	return u.send(method, "/api/"+version+strings.ReplaceAll(path, "{site}", u.site), header, body)
}

func (u *user) send(method, path string, header http.Header, body []byte) reply {
	u.t.Helper()
	r, err := u.exchange(method, path, header, body)
	if err != nil {
		u.t.Fatal(err)
	}
	return r
}

// trySend is send for callers that outlive the server, or run beside the test.
func (u *user) trySend(method, path, contentType string, body []byte) (reply, error) {
	return u.exchange(method, path, http.Header{"Content-Type": {contentType}}, body)
}

func (u *user) exchange(method, path string, header http.Header, body []byte) (reply, error) {
	request, err := http.NewRequestWithContext(u.t.Context(), method, u.server.URL+path, bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	for name, values := range header {
		if values[0] != "" {
			request.Header[name] = values
		}
	}
	if u.token != "" {
		request.Header.Set("X-Tableau-Auth", u.token)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	return reply{response.StatusCode, response.Header, data}, err
}

// xml sends an XML request and returns the answer, which must have the status.
func (u *user) xml(status int, method, path, body string) node {
	u.t.Helper()
	return u.do(method, path, "text/xml", []byte(body)).must(u.t, status)
}

// must returns the document, after checking the status.
func (r reply) must(t testing.TB, status int) (document node) {
	t.Helper()
	if r.status != status {
		t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	if len(r.body) > 0 && strings.Contains(r.header.Get("Content-Type"), "/xml") {
		if err := xml.Unmarshal(r.body, &document); err != nil {
			t.Fatalf("%v in %s", err, r.body)
		}
	}
	return document
}

// code returns the error code of an answer, or "".
func (r reply) code() string {
	var document node
	if xml.Unmarshal(r.body, &document) != nil {
		return ""
	}
	e, _ := document.find("error")
	return e.attr("code")
}

func (u *user) signIn(credentials string) {
	u.t.Helper()
	document := u.do("POST", "/auth/signin", "text/xml", []byte("<tsRequest>"+credentials+"</tsRequest>")).must(u.t, 200)
	c, _ := document.find("credentials")
	s, _ := document.find("site")
	me, _ := document.find("user")
	u.token, u.site, u.id = c.attr("token"), s.attr("id"), me.attr("id")
}

func byToken(name, secret, contentURL string) string {
	return fmt.Sprintf(`<credentials personalAccessTokenName="%s" personalAccessTokenSecret="%s"><site contentUrl="%s"/></credentials>`, name, secret, contentURL)
}

func byPassword(name, password, contentURL string) string {
	return fmt.Sprintf(`<credentials name="%s" password="%s"><site contentUrl="%s"/></credentials>`, name, password, contentURL)
}

// newSite returns the administrator of a new site.
func newSite(t testing.TB, server *emulator.Server) *user {
	t.Helper()
	site := server.NewSite(t)
	u := &user{t: t, server: server}
	u.signIn(byToken(site.TokenName, site.TokenSecret, site.ContentURL))
	return u
}

// serverAdmin returns the server administrator on the default site.
func serverAdmin(t testing.TB, server *emulator.Server) *user {
	t.Helper()
	site := server.DefaultSite()
	u := &user{t: t, server: server}
	u.signIn(byPassword(site.AdminName, site.AdminPassword, ""))
	return u
}

// colleague adds a user with a site role to the site of admin and signs in as that user.
func colleague(admin *user, siteRole string) *user {
	admin.t.Helper()
	contentURL := admin.siteContentURL()
	name := strings.ToLower(siteRole) + "-" + contentURL
	made, _ := admin.xml(201, "POST", "/sites/{site}/users", `<tsRequest><user name="`+name+`" siteRole="`+siteRole+`"/></tsRequest>`).find("user")
	admin.xml(200, "PUT", "/sites/{site}/users/"+made.attr("id"), `<tsRequest><user password="open sesame"/></tsRequest>`)
	u := &user{t: admin.t, server: admin.server}
	u.signIn(byPassword(name, "open sesame", contentURL))
	return u
}

func (u *user) siteContentURL() string {
	u.t.Helper()
	site, _ := u.xml(200, "GET", "/sites/{site}", "").find("site")
	return site.attr("contentUrl")
}

// mixed is a multipart/mixed body: a document, and a file under the field's name unless the name is "".
func mixed(document, field, fileName string, file []byte) (contentType string, body []byte) {
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	part, _ := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`name="request_payload"`}, "Content-Type": {"text/xml"}})
	part.Write([]byte(document))
	if field != "" {
		part, _ = w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`name="` + field + `"; filename="` + fileName + `"`},
			"Content-Type": {"application/octet-stream"}})
		part.Write(file)
	}
	w.Close()
	return "multipart/mixed; boundary=" + w.Boundary(), out.Bytes()
}

// publish publishes the sample workbook.
func (u *user) publish(name, query string) reply {
	u.t.Helper()
	contentType, body := mixed(`<tsRequest><workbook name="`+name+`"/></tsRequest>`, "tableau_workbook", "any.twbx", sample.Workbook())
	return u.do("POST", "/sites/{site}/workbooks?"+query, contentType, body)
}

// published publishes the sample workbook and returns it.
func (u *user) published(name string) node {
	u.t.Helper()
	w, ok := u.publish(name, "").must(u.t, 201).find("workbook")
	if !ok {
		u.t.Fatal("no workbook in the answer")
	}
	return w
}

// waitForJob waits until a job has ended and returns it.
func (u *user) waitForJob(id string) node {
	u.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		job, _ := u.xml(200, "GET", "/sites/{site}/jobs/"+id, "").find("job")
		if job.attr("finishCode") != "" {
			return job
		}
	}
	u.t.Fatalf("the job %s has not ended", id)
	return node{}
}

// untilIdle waits until no job of the site waits or runs.
func (u *user) untilIdle() {
	u.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		_, waits := u.xml(200, "GET", "/sites/{site}/jobs?filter=status:eq:Pending", "").find("backgroundJob")
		_, runs := u.xml(200, "GET", "/sites/{site}/jobs?filter=status:eq:InProgress", "").find("backgroundJob")
		if !waits && !runs {
			return
		}
	}
	u.t.Fatal("jobs go on and on")
}

// shared returns the path of reference material, or skips the test where it is absent.
func shared(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "shared", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the reference material is absent: %v", err)
	}
	return path
}

func decodeJSON(t testing.TB, data []byte) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return v
}
