package emulator_test

import (
	"archive/zip"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/internal/sample"
)

// recordedCall is one call of the Python client, with what it sent and the canned answers that it got.
type recordedCall struct {
	ID       string
	Requests []struct {
		Method      string
		Path        string
		RawQuery    string `json:"raw_query"`
		Headers     map[string]string
		ContentType string         `json:"content_type"`
		BodyRaw     string         `json:"body_raw"`
		BodyText    string         `json:"body_text"`
		BodyParts   []recordedPart `json:"body_parts"`
	}
	Responses []struct{ Status int }
}

type recordedPart struct {
	Name, Filename, Text, SHA256 string
	XML                          string
	RawHeaders                   json.RawMessage `json:"raw_headers"`
	ContentType                  string          `json:"content_type"`
}

// refusedWithReason are recorded requests that are refused as malformed, by their calls.
var refusedWithReason = []struct {
	calls  *regexp.Regexp
	code   string
	reason string
}{
	{regexp.MustCompile(`.`), "400006", "the page lies beyond the few things that are here"},
	{regexp.MustCompile(`^(groups|jobs|users)\.(filter|order_by)/|_get/filter_sort_page$`), "400065", "one filter was tried on all lists, whether they have the field or not"},
	{regexp.MustCompile(`/filter_has|_filter/has$`), "400065", "only jobs know has"},
	{regexp.MustCompile(`/filter_in_empty_list`), "400065", "a list of no values"},
	{regexp.MustCompile(`/filter_value_datetime$`), "400065", "a fault of the client: that is no time as the reference has it"},
	{regexp.MustCompile(`/filter_in_ints$`), "400065", "a size is compared, not looked for in a list"},
	{regexp.MustCompile(`^(groups|users|jobs)\.(fields|only_fields)/`), "400000", "the fields of owners were tried on lists that have none"},
	{regexp.MustCompile(`/queryset_fields_bug$`), "400000", "a fault of the client: the letters of _default_ as fields"},
	{regexp.MustCompile(`^datasources.publish/(parquet|tde)$`), "400011", "files of no content"},
	{regexp.MustCompile(`^views.populate_pdf/values_not_checked$`), "400000", "a page type that was made up"},
	{regexp.MustCompile(`^schedules.create/(type_System|priority_out_of_range)$`), "400000", "values that were made up"},
	{regexp.MustCompile(`^tasks.create/no_schedule$`), "400003", "a task needs a schedule"},
	{regexp.MustCompile(`^workbooks.create_extract/none_chosen$`), "400003", "no data sources were chosen"},
	{regexp.MustCompile(`^(databases|tables|flows)\..*_dqw/`), "400000", "only data sources have warnings here"},
	{regexp.MustCompile(`^datasources.update_hyper_data/with_http_options_headers$`), "400000", "a fault of the client: the RequestID gets lost"},
	{regexp.MustCompile(`_default_permissions/basic$`), "400009", "content has no ProjectLeader"},
}

// TestReplay sends what the Python client was seen to send, with ids of things that exist here: none of it may be refused as
// malformed.
func TestReplay(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(shared(t, "wire/golden"), "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	used := make([]atomic.Bool, len(refusedWithReason))
	t.Cleanup(func() {
		for i := range used {
			if !used[i].Load() && !t.Failed() && !raceDetector {
				t.Errorf("no request needs this any more: %s, %s", refusedWithReason[i].calls, refusedWithReason[i].reason)
			}
		}
	})
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var calls []recordedCall
		if json.Unmarshal(data, &calls) != nil {
			continue // no file of calls
		}
		group := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(group, func(t *testing.T) {
			t.Parallel()
			server := emulator.Start(t)
			root := serverAdmin(t, server)
			outcomes, sent, succeeded := map[string]int{}, 0, 0
			for i, call := range calls {
				if raceDetector && i%8 > 0 { // it makes pictures take minutes, and calls one after the other race with nothing
					continue
				}
				p := &replay{T: t, root: root, made: map[string]string{}, call: call}
				for i := range call.Requests {
					r, ok := p.send(i)
					if !ok {
						continue // no method that is served
					}
					sent++
					outcome := cmp.Or(errorCode(r), fmt.Sprint(r.status))
					if r.status < 300 {
						succeeded++
					}
					outcomes[outcome]++
					if r.status >= 300 {
						t.Logf("%s: %s %s?%s: %s", call.ID, call.Requests[i].Method, call.Requests[i].Path, call.Requests[i].RawQuery, outcome)
					}
					if strings.HasPrefix(outcome, "400") || strings.HasPrefix(outcome, "5") {
						refusal := i < len(call.Responses) && call.Responses[i].Status >= 400
						for i, known := range refusedWithReason {
							if known.code == outcome && known.calls.MatchString(call.ID) {
								refusal = true
								used[i].Store(true)
							}
						}
						if !refusal {
							t.Errorf("%s: %s %s?%s: %s\n%s", call.ID, call.Requests[i].Method, call.Requests[i].Path, call.Requests[i].RawQuery, r.body, call.Requests[i].BodyRaw)
						}
					}
				}
			}
			var list []string
			for _, outcome := range slices.Sorted(maps.Keys(outcomes)) {
				list = append(list, fmt.Sprintf("%d× %s", outcomes[outcome], outcome))
			}
			t.Logf("%d of %d requests succeeded: %s", succeeded, sent, strings.Join(list, ", "))
			if least, known := replaysThatSucceed[group]; known && !raceDetector && succeeded*100 < least*sent {
				t.Errorf("only %d of %d requests succeeded; at least %d %% should", succeeded, sent, least)
			}
		})
	}
}

// replaysThatSucceed is the least share of requests, in percent, that must succeed: the others are about things that are not
// there, or done already.
var replaysThatSucceed = map[string]int{"auth": 50, "datasources": 75, "errors": 90, "favorites": 50, "fileuploads": 100, "groups": 65, "jobs": 85,
	"projects": 60, "queryset": 75, "request_options": 75, "schedules": 75, "server": 100, "sites": 65, "subscriptions": 90, "tasks": 65,
	"users": 65, "views": 85, "workbooks": 80}

func errorCode(r reply) string {
	if strings.HasPrefix(r.header.Get("Content-Type"), "application/json") {
		var document struct{ Error struct{ Code string } }
		if json.Unmarshal(r.body, &document) == nil {
			return document.Error.Code
		}
	}
	return r.code()
}

// replay is one recorded call on a site of its own.
type replay struct {
	*testing.T
	root, admin *user
	site        emulator.Site
	made        map[string]string // ids of things by kind
	call        recordedCall
	blocks      int // of a file, sent so far
}

// send sends a recorded request, or reports that no route is made for it.
func (p *replay) send(i int) (reply, bool) {
	recorded := p.call.Requests[i]
	version, path, ok := strings.Cut(strings.TrimPrefix(recorded.Path, "/api/"), "/")
	if !ok || !strings.HasPrefix(recorded.Path, "/api/") {
		return reply{}, false
	}
	segments := strings.Split(strings.TrimRight("/"+path, "/"), "/")
	rt, ok := routeOf(recorded.Method, segments)
	if !ok {
		return reply{}, false
	}
	if p.admin == nil {
		p.site = p.root.server.NewSite(p.T)
		p.admin = &user{t: p.T, server: p.root.server}
		p.admin.signIn(byToken(p.site.TokenName, p.site.TokenSecret, p.site.ContentURL))
	}
	by := p.admin
	if rt.Caller == emulator.ServerAdministrator {
		by = p.root
	}
	kind := ""
	for n, name := range strings.Split(rt.Path, "/") {
		if !strings.HasPrefix(name, "{") || segments[n] == "None" {
			continue
		}
		name = strings.Trim(name, "{}")
		switch name {
		case "tag":
			p.tag(strings.Join(segments[:n], "/"), segments[n])
			continue
		case "kind", "grantees":
			kind = strings.TrimSuffix(segments[n], "s")
			continue
		case "item", "grantee":
			name = kind
		}
		if name == "site" && strings.Contains(recorded.RawQuery, "key=") {
			continue // by name
		}
		if id := p.thing(name); id != "" {
			segments[n] = id
		}
	}
	p.prepare(rt, segments)
	query := uploadInQuery.ReplaceAllStringFunc(recorded.RawQuery, func(string) string {
		return "uploadSessionId=" + url.QueryEscape(p.thing("upload"))
	})
	header := http.Header{}
	for name, value := range recorded.Headers {
		if !strings.EqualFold(name, "X-Tableau-Auth") {
			header.Set(name, value)
		}
	}
	sender := &user{t: p.T, server: by.server}
	if rt.Caller != emulator.Anyone {
		sender.token = by.token
	}
	contentType, body := p.body(i, rt)
	header.Set("Content-Type", contentType)
	header.Set("Accept", cmp.Or(header.Get("Accept"), "*/*"))
	address := "/api/" + version + strings.Join(segments, "/")
	if query != "" {
		address += "?" + query
	}
	r := sender.send(recorded.Method, address, header, body)
	if upload, ok := r.find("fileUpload"); ok && recorded.Method == "POST" {
		p.made["upload"] = upload.attr("uploadSessionId")
	}
	if rt.Name == "Switch Site" && r.status == 200 {
		p.admin = nil // its session has ended
	}
	return r, true
}

// prepare makes sure that what a request takes away is there.
func (p *replay) prepare(rt emulator.Route, segments []string) {
	last := len(segments) - 1
	if rt.Method != "DELETE" || slices.Contains(segments, "None") {
		return
	}
	switch {
	case strings.HasSuffix(rt.Path, "/{grantees}/{grantee}/{capability}/{mode}"):
		grantee, id, capability, mode := strings.TrimSuffix(segments[last-3], "s"), segments[last-2], segments[last-1], segments[last]
		p.admin.do("PUT", strings.Join(segments[:last-3], "/"), "text/xml", fmt.Appendf(nil, `<tsRequest><permissions><granteeCapabilities><%s id="%s"/>`+
			`<capabilities><capability name="%s" mode="%s"/></capabilities></granteeCapabilities></permissions></tsRequest>`, grantee, id, capability, mode))
	case strings.HasSuffix(rt.Path, "/favorites/{user}/{kind}/{item}"):
		p.admin.do("PUT", strings.Join(segments[:last-1], "/"), "text/xml", fmt.Appendf(nil, `<tsRequest><favorite label="F"><%s id="%s"/></favorite></tsRequest>`,
			strings.TrimSuffix(segments[last-1], "s"), segments[last]))
	case strings.HasSuffix(rt.Path, "/groups/{group}/users/{user}"):
		p.admin.xml(200, "POST", strings.Join(segments[:last], "/"), `<tsRequest><user id="`+segments[last]+`"/></tsRequest>`)
	}
}

// tag makes sure that a thing has the tag that is taken away from it.
func (p *replay) tag(path, tag string) {
	label, err := url.PathUnescape(tag)
	if err != nil {
		p.Fatal(err)
	}
	var escaped strings.Builder
	xml.EscapeText(&escaped, []byte(label))
	p.admin.xml(200, "PUT", path, `<tsRequest><tags><tag label="`+escaped.String()+`"/></tags></tsRequest>`)
}

// find returns an element of an answer in XML.
func (r reply) find(name string) (node, bool) {
	var document node
	if xml.Unmarshal(r.body, &document) != nil {
		return node{}, false
	}
	return document.find(name)
}

var uploadInQuery = regexp.MustCompile(`uploadSessionId=[^&]*`)

func routeOf(method string, segments []string) (emulator.Route, bool) {
	for _, rt := range emulator.Routes() {
		pattern := strings.Split(rt.Path, "/")
		if rt.Method != method || len(pattern) != len(segments) {
			continue
		}
		fits := true
		for n := range pattern {
			fits = fits && (strings.HasPrefix(pattern[n], "{") || strings.EqualFold(pattern[n], segments[n]))
		}
		if fits {
			return rt, true
		}
	}
	return emulator.Route{}, false
}

// thing returns the id of something of a kind on the site, made when it is first asked for; "" for kinds that are not known.
func (p *replay) thing(kind string) string {
	if id, ok := p.made[kind]; ok {
		return id
	}
	make := func(by *user, status int, method, path, document, element string) string {
		p.Helper()
		e, _ := by.xml(status, method, path, document).find(element)
		return cmp.Or(e.attr("id"), e.attr("uploadSessionId"))
	}
	admin := p.admin
	switch kind {
	case "site":
		return admin.site
	case "project", "parent":
		p.made[kind] = make(admin, 201, "POST", "/sites/{site}/projects", `<tsRequest><project name="The `+kind+`"/></tsRequest>`, "project")
	case "user", "newUser":
		p.made[kind] = make(admin, 201, "POST", "/sites/{site}/users", `<tsRequest><user name="`+kind+admin.site+`" siteRole="Explorer"/></tsRequest>`, "user")
	case "group":
		p.made[kind] = make(admin, 201, "POST", "/sites/{site}/groups", `<tsRequest><group name="Replayed"/></tsRequest>`, "group")
	case "workbook":
		p.made[kind] = admin.published("The workbook").attr("id")
	case "view":
		p.made[kind] = make(admin, 200, "GET", "/sites/{site}/workbooks/"+p.thing("workbook")+"/views", "", "view")
	case "datasource":
		if strings.HasPrefix(p.call.ID, "datasources.update_hyper_data/") {
			p.made[kind] = admin.publishedDataSource("The data source", "a.hyper", hyper).attr("id")
			break
		}
		p.made[kind] = admin.publishedDataSource("The data source", "a.tds", []byte(tds)).attr("id")
	case "connection":
		p.made[kind] = make(admin, 200, "GET", "/sites/{site}/datasources/"+p.thing("datasource")+"/connections", "", "connection")
	case "job":
		job, _ := admin.publish("A job", "asJob=true").must(p, 202).find("job")
		p.made[kind] = job.attr("id")
	case "upload":
		p.made[kind] = make(admin, 201, "POST", "/sites/{site}/fileUploads", "", "fileUpload")
	case "schedule":
		p.made[kind] = make(p.root, 201, "POST", "/schedules", scheduleDocument("S "+admin.site, "Extract", "Daily", `start="02:00:00"`), "schedule")
	case "mornings":
		p.made[kind] = make(p.root, 201, "POST", "/schedules", scheduleDocument("M "+admin.site, "Subscription", "Daily", `start="02:00:00"`), "schedule")
	case "task":
		p.made[kind] = make(admin, 200, "PUT", "/sites/{site}/schedules/"+p.thing("schedule")+"/workbooks",
			`<tsRequest><task><extractRefresh><workbook id="`+p.thing("workbook")+`"/></extractRefresh></task></tsRequest>`, "extractRefresh")
	case "subscription":
		p.made[kind] = make(admin, 201, "POST", "/sites/{site}/subscriptions",
			subscriptionDocument("View", p.thing("view"), p.thing("mornings"), admin.id), "subscription")
	}
	return p.made[kind]
}

var (
	idInBody   = regexp.MustCompile(`<(user|owner|project|workbook|view|datasource|group|schedule|content|contact|certifier)\b[^<>]*?\bid="[^"]*"`)
	idValue    = regexp.MustCompile(`\bid="[^"]*"$`)
	parentID   = regexp.MustCompile(`parentProjectId="[^"]+"`)
	byName     = regexp.MustCompile(`<credentials name="[^"]*" password="[^"]*"`)
	byPAT      = regexp.MustCompile(`<credentials personalAccessTokenName="[^"]*" personalAccessTokenSecret="[^"]*"`)
	contentURL = regexp.MustCompile(`contentUrl="[^"]+"`)
	newName    = regexp.MustCompile(`<(site|schedule) name="[^"]*"`)
)

// document replaces ids and credentials in a recorded document.
func (p *replay) document(document string, rt emulator.Route) string {
	document = idInBody.ReplaceAllStringFunc(document, func(tag string) string {
		kind := idInBody.FindStringSubmatch(tag)[1]
		switch {
		case kind == "owner", kind == "contact", kind == "certifier":
			kind = "user"
		case kind == "content" && strings.Contains(strings.ToLower(document), `type="workbook"`):
			kind = "workbook"
		case kind == "content":
			kind = "view"
		case kind == "schedule" && strings.Contains(document, "<subscription"):
			kind = "mornings"
		}
		return idValue.ReplaceAllLiteralString(tag, `id="`+p.thing(kind)+`"`)
	})
	if strings.HasPrefix(document, "<tsRequest><credentials") || rt.Name == "Switch Site" {
		site := p.site
		document = contentURL.ReplaceAllString(document, `contentUrl="`+site.ContentURL+`"`)
		document = byName.ReplaceAllString(document, `<credentials name="`+site.AdminName+`" password="`+site.AdminPassword+`"`)
		document = byPAT.ReplaceAllString(document, `<credentials personalAccessTokenName="`+site.TokenName+`" personalAccessTokenSecret="`+site.TokenSecret+`"`)
	}
	document = parentID.ReplaceAllStringFunc(document, func(string) string { return `parentProjectId="` + p.thing("parent") + `"` })
	document = newName.ReplaceAllString(document, `<$1 name="`+p.call.ID+`"`)
	if strings.HasPrefix(document, "<tsRequest><site name=") {
		document = contentURL.ReplaceAllString(document, `contentUrl="`+p.admin.id+`"`)
	}
	return document
}

// body rebuilds the body of a recorded request.
func (p *replay) body(i int, rt emulator.Route) (contentType string, body []byte) {
	recorded := p.call.Requests[i]
	if len(recorded.BodyParts) == 0 {
		return recorded.ContentType, []byte(p.document(cmp.Or(recorded.BodyRaw, recorded.BodyText), rt))
	}
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	for _, part := range recorded.BodyParts {
		content := []byte(p.document(part.Text, rt))
		if part.SHA256 != "" {
			content = p.file(part)
		}
		header := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="%s"; filename="%s"`, part.Name, part.Filename)}}
		if part.ContentType != "" {
			header.Set("Content-Type", part.ContentType)
		}
		one, err := w.CreatePart(header)
		if err != nil {
			p.Fatal(err)
		}
		one.Write(content)
	}
	w.Close()
	return strings.Replace(recorded.ContentType, "{boundary}", w.Boundary(), 1), out.Bytes()
}

// file returns the content of a recorded file: that of the reference material when it is there, else one of that kind.
func (p *replay) file(part recordedPart) []byte {
	kind := strings.ToLower(strings.TrimPrefix(filepath.Ext(part.Filename), "."))
	if part.Name != "tableau_file" {
		if content, err := os.ReadFile(filepath.Join(shared(p, "assets"), filepath.Base(part.Filename))); err == nil {
			if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) == part.SHA256 {
				return content
			}
		}
		return fileOfKind(p.T, kind)
	}
	// The blocks of a file that a later request publishes, cut anew.
	count := 0
	for _, recorded := range p.call.Requests {
		if recorded.Method == "PUT" {
			count++
		}
		if m := kindInQuery.FindStringSubmatch(recorded.RawQuery); m != nil {
			kind = m[1]
		}
	}
	whole := fileOfKind(p.T, kind)
	size := len(whole)/count + 1
	from := min(p.blocks*size, len(whole))
	p.blocks++
	return whole[from:min(from+size, len(whole))]
}

var kindInQuery = regexp.MustCompile(`(?:workbookType|datasourceType)=(\w+)`)

func fileOfKind(t *testing.T, kind string) []byte {
	switch kind {
	case "twbx":
		return sample.Workbook()
	case "twb":
		archive, err := zip.NewReader(bytes.NewReader(sample.Workbook()), int64(len(sample.Workbook())))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range archive.File {
			if strings.HasSuffix(file.Name, ".twb") {
				r, err := file.Open()
				if err != nil {
					t.Fatal(err)
				}
				content, err := io.ReadAll(r)
				if err != nil {
					t.Fatal(err)
				}
				return content
			}
		}
	case "tds":
		return []byte(tds)
	case "tdsx":
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		one, _ := w.Create("a.tds")
		one.Write([]byte(tds))
		w.Close()
		return out.Bytes()
	}
	return hyper
}
