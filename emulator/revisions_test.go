package emulator_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tabctl/tableau-go/emulator"
)

// tdsNumber is a data source file that differs from those of other numbers.
func tdsNumber(n int) []byte {
	return []byte(strings.Replace(tds, "reader", fmt.Sprintf("reader%d", n), 1))
}

// twbNumber is a workbook file that differs from those of other numbers.
func twbNumber(n int) []byte {
	return fmt.Appendf(nil, `<workbook><worksheets><worksheet name="Sheet"/><worksheet name="Sheet %d"/></worksheets></workbook>`, n)
}

func (u *user) publishTWB(name, query string, file []byte) reply {
	u.t.Helper()
	contentType, body := mixed(`<tsRequest><workbook name="`+name+`"/></tsRequest>`, "tableau_workbook", "a.twb", file)
	return u.do("POST", "/sites/{site}/workbooks?"+query, contentType, body)
}

// storedFiles counts the contents that a server keeps in dir.
func storedFiles(t *testing.T, dir string) (n int) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(dir, "content"), func(_ string, entry fs.DirEntry, err error) error {
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

// revisionsOf tells the revisions of an item as text: number, size, and what they are.
func (u *user) revisionsOf(path string) (found []string) {
	u.t.Helper()
	for _, r := range u.xml(200, "GET", path+"/revisions", "").all("revision") {
		text := r.attr("revisionNumber") + " " + r.attr("sizeInBytes")
		for _, what := range []string{"current", "deleted"} {
			if r.attr(what) == "true" {
				text += " " + what
			}
		}
		found = append(found, text)
	}
	return found
}

func TestRevisions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := emulator.Start(t, emulator.WithDir(dir))
	u := newSite(t, server)
	for kind, item := range map[string]struct {
		publish func(n int, query string) reply
		file    func(n int) []byte
	}{
		"datasource": {func(n int, query string) reply {
			return u.publishDataSource(`<datasource name="Stock"/>`, "a.tds", tdsNumber(n), query)
		}, tdsNumber},
		"workbook": {func(n int, query string) reply { return u.publishTWB("Sales", query, twbNumber(n)) }, twbNumber},
	} {
		made, _ := item.publish(1, "").must(t, 201).find(kind)
		path := "/sites/{site}/" + kind + "s/" + made.attr("id")
		item.publish(22, "overwrite=true").must(t, 201)
		job, _ := item.publish(333, "overwrite=true&asJob=true").must(t, 202).find("job")
		u.waitForJob(job.attr("id"))
		size := func(n int) int { return len(item.file(n)) }
		want := []string{fmt.Sprint("1 ", size(1)), fmt.Sprint("2 ", size(22)), fmt.Sprint("3 ", size(333), " current")}
		if diff := cmp.Diff(want, u.revisionsOf(path)); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
		page := u.xml(200, "GET", path+"/revisions?pageSize=2&pageNumber=2", "")
		pagination, _ := page.find("pagination")
		publisher, _ := page.find("publisher")
		if pagination.attr("totalAvailable") != "3" || len(page.all("revision")) != 1 || publisher.attr("id") != u.id {
			t.Errorf("%s: second page %+v", kind, page)
		}
		for number, n := range map[int]int{1: 1, 2: 22, 3: 333} {
			r := u.do("GET", fmt.Sprintf("%s/revisions/%d/content", path, number), "", nil)
			if !bytes.Equal(r.body, item.file(n)) || !strings.Contains(r.header.Get("Content-Disposition"), `name="tableau_`+kind+`"`) {
				t.Errorf("%s: revision %d is %q, %v", kind, number, r.body, r.header)
			}
		}
		u.do("DELETE", path+"/revisions/1", "", nil).must(t, 204)
		want[0] += " deleted"
		if diff := cmp.Diff(want, u.revisionsOf(path)); diff != "" {
			t.Errorf("%s after deletion: %s", kind, diff)
		}
		for request, code := range map[string]string{"GET 1/content": "404003", "GET 4/content": "404003", "GET x/content": "404003",
			"DELETE 1": "404003", "DELETE 3": "400032", "DELETE 4": "404003"} {
			method, rest, _ := strings.Cut(request, " ")
			if r := u.do(method, path+"/revisions/"+rest, "", nil); r.code() != code {
				t.Errorf("%s: %s: code %q, want %s", kind, request, r.code(), code)
			}
		}
		if r := u.do("GET", path+"/content", "", nil); !bytes.Equal(r.body, item.file(333)) {
			t.Errorf("%s: the current file is %q", kind, r.body)
		}
	}
	if n := storedFiles(t, dir); n != 4 {
		t.Errorf("%d files, want the 2 of each item that are left", n)
	}
	serverAdmin(t, server).do("DELETE", "/sites/"+u.site, "", nil).must(t, 204)
	if n := storedFiles(t, dir); n != 0 {
		t.Errorf("the site has gone, and %d files are there", n)
	}
}

// TestRevisionsGoWithTheirItem deletes items in every way and looks for files that stay behind.
func TestRevisionsGoWithTheirItem(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	u := newSite(t, emulator.Start(t, emulator.WithDir(dir)))
	project := u.project("P", "")
	for n, way := range []string{"item", "project"} {
		document := `<datasource name="D` + way + `"><project id="` + project + `"/></datasource>`
		d, _ := u.publishDataSource(document, "a.tds", tdsNumber(10*n), "").must(t, 201).find("datasource")
		u.publishDataSource(document, "a.tds", tdsNumber(10*n+1), "overwrite=true").must(t, 201)
		if got := storedFiles(t, dir); got != 2 {
			t.Errorf("%d files, want 2", got)
		}
		path := "/sites/{site}/datasources/" + d.attr("id")
		if way == "project" {
			path = "/sites/{site}/projects/" + project
		}
		u.do("DELETE", path, "", nil).must(t, 204)
		if got := storedFiles(t, dir); got != 0 {
			t.Errorf("the %s was deleted, and %d files are there", way, got)
		}
	}
}

func TestRevisionLimit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := emulator.Start(t, emulator.WithDir(dir))
	u := newSite(t, server)
	numbers := func(path string) (numbers []string) {
		for _, r := range u.revisionsOf(path) {
			number, _, _ := strings.Cut(r, " ")
			numbers = append(numbers, number)
		}
		return numbers
	}
	d, _ := u.publishDataSource(`<datasource name="Stock"/>`, "a.tds", tdsNumber(1), "").must(t, 201).find("datasource")
	path := "/sites/{site}/datasources/" + d.attr("id")
	published := 1
	for _, step := range []struct {
		settings string
		publish  int
		want     []string
		files    int
	}{
		{`revisionLimit="2"`, 3, []string{"3", "4"}, 2},
		{`revisionLimit="-1"`, 2, []string{"3", "4", "5", "6"}, 4},
		{`revisionLimit="3"`, 0, []string{"3", "4", "5", "6"}, 4}, // the next publish makes room
		{`revisionLimit="3"`, 1, []string{"5", "6", "7"}, 3},
		{`revisionHistoryEnabled="false"`, 1, []string{"8"}, 1},
	} {
		u.xml(200, "PUT", "/sites/{site}", `<tsRequest><site `+step.settings+`/></tsRequest>`)
		for range step.publish {
			published++
			u.publishDataSource(`<datasource name="Stock"/>`, "a.tds", tdsNumber(published), "overwrite=true").must(t, 201)
		}
		if diff := cmp.Diff(step.want, numbers(path)); diff != "" {
			t.Errorf("%s: %s", step.settings, diff)
		}
		if n := storedFiles(t, dir); n != step.files {
			t.Errorf("%s: %d files, want %d", step.settings, n, step.files)
		}
	}
}

func TestWhoMaySeeRevisions(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	path := "/sites/{site}/workbooks/" + u.published("Sales").attr("id")
	explorer := colleague(u, "Explorer")
	for _, request := range []string{"GET /revisions", "GET /revisions/1/content", "DELETE /revisions/1"} {
		method, rest, _ := strings.Cut(request, " ")
		if r := explorer.do(method, path+rest, "", nil); r.status != 403 && r.status != 404 {
			t.Errorf("%s by an Explorer: %s", request, r.body)
		}
	}
}

// testClock is a clock that tests move.
type testClock struct{ now chan time.Time }

func newTestClock() testClock {
	c := testClock{make(chan time.Time, 1)}
	c.now <- time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return c
}

func (c testClock) read() time.Time { return c.pass(0) }

func (c testClock) pass(d time.Duration) time.Time {
	now := (<-c.now).Add(d)
	c.now <- now
	return now
}

func TestUploadsAreForgotten(t *testing.T) {
	t.Parallel()
	dir, clock := t.TempDir(), newTestClock()
	server := emulator.Start(t, emulator.WithDir(dir), emulator.WithClock(clock.read), emulator.WithSessionTimeout(1000*time.Hour))
	u := newSite(t, server)
	other := colleague(u, "Creator")
	start := func() string {
		e, _ := u.xml(201, "POST", "/sites/{site}/fileUploads", "").find("fileUpload")
		return e.attr("uploadSessionId")
	}
	add := func(by *user, id, query, block string) reply {
		contentType, body := mixed("", "tableau_file", "file", []byte(block))
		return by.do("PUT", "/sites/{site}/fileUploads/"+url.PathEscape(id)+query, contentType, body)
	}
	commit := func(by *user, id string) reply {
		contentType, body := mixed(`<tsRequest><workbook name="W"/></tsRequest>`, "", "", nil)
		return by.do("POST", "/sites/{site}/workbooks?workbookType=twb&uploadSessionId="+id, contentType, body)
	}
	id := start()
	add(u, id, "?sequenceID=1", "first").must(t, 200)
	add(u, id, "?sequenceID=1", "second").must(t, 200)
	if n := storedFiles(t, dir); n != 1 {
		t.Errorf("%d files, want one: a block that is sent again replaces itself", n)
	}
	if r := add(other, id, "", "x"); r.code() != "404003" {
		t.Errorf("somebody else adds a block: %s", r.body)
	}
	if r := commit(other, id); r.code() != "400000" {
		t.Errorf("somebody else publishes the upload: %s", r.body)
	}
	clock.pass(20 * time.Hour)
	add(u, id, "?sequenceID=2", "third").must(t, 200)
	clock.pass(20 * time.Hour)
	add(u, id, "?sequenceID=3", "fourth").must(t, 200) // it was touched in between
	clock.pass(25 * time.Hour)
	if r := add(u, id, "", "late"); r.code() != "404003" {
		t.Errorf("an upload that nobody has touched for a day: %s", r.body)
	}
	if r := commit(u, id); r.code() != "400000" {
		t.Errorf("an upload that nobody has touched for a day: %s", r.body)
	}
	start()
	if n := storedFiles(t, dir); n != 0 {
		t.Errorf("%d files, want none: the blocks of forgotten uploads are gone", n)
	}
}

func TestTooManyBlocks(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	e, _ := u.xml(201, "POST", "/sites/{site}/fileUploads", "").find("fileUpload")
	if e.attr("maxFileChunkCount") != "1000" {
		t.Errorf("%v", e.Attrs)
	}
	contentType, body := mixed("", "tableau_file", "file", []byte("block"))
	add := func(query string) reply {
		return u.do("PUT", "/sites/{site}/fileUploads/"+url.PathEscape(e.attr("uploadSessionId"))+query, contentType, body)
	}
	for n := range 1000 {
		add(fmt.Sprintf("?sequenceID=%d", 999-n)).must(t, 200)
	}
	if r := add("?sequenceID=1000"); r.code() != "400000" {
		t.Errorf("the 1001st block: %s", r.body)
	}
	add("?sequenceID=7").must(t, 200) // sent again
	for _, wrong := range []string{"-1", "x", "1.5"} {
		if r := add("?sequenceID=" + wrong); r.code() != "400000" {
			t.Errorf("sequenceID %s: %s", wrong, r.body)
		}
	}
}

func TestRevisionsOfSomebodyWhoHasLeft(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	creator := colleague(u, "Creator")
	d, _ := creator.publishDataSource(`<datasource name="Stock"/>`, "a.tds", tdsNumber(1), "").must(t, 201).find("datasource")
	path := "/sites/{site}/datasources/" + d.attr("id")
	u.xml(200, "PUT", path, `<tsRequest><datasource><owner id="`+u.id+`"/></datasource></tsRequest>`)
	u.do("DELETE", "/sites/{site}/users/"+creator.id, "", nil).must(t, 204)
	r, _ := u.xml(200, "GET", path+"/revisions", "").find("revision")
	if _, named := r.find("publisher"); named || r.attr("revisionNumber") != "1" {
		t.Errorf("revision %+v, want it without a publisher", r)
	}
}

// TestRevisionsUnderLoad publishes, reads and deletes at once: no revision is lost, and no file stays behind or goes too early.
func TestRevisionsUnderLoad(t *testing.T) {
	t.Parallel()
	const publishers, each = 6, 8
	dir := t.TempDir()
	u := newSite(t, emulator.Start(t, emulator.WithDir(dir)))
	d, _ := u.publishDataSource(`<datasource name="Stock"/>`, "a.tds", tdsNumber(0), "").must(t, 201).find("datasource")
	path := "/sites/{site}/datasources/" + d.attr("id")
	workbook := u.published("Bakery")
	view := "/sites/{site}/views/" + workbook.all("view")[0].attr("id")
	var working sync.WaitGroup
	for p := range publishers {
		working.Go(func() {
			for n := range each {
				file := tdsNumber(1 + (p*each+n)%20) // some are the same
				contentType, body := mixed(`<tsRequest><datasource name="Stock"/></tsRequest>`, "tableau_datasource", "a.tds", file)
				for _, call := range []struct{ method, path, contentType, body string }{
					{"POST", "/sites/{site}/datasources?overwrite=true", contentType, string(body)},
					{"GET", path + "/content", "", ""},
					{"GET", path + "/revisions", "", ""},
					{"GET", fmt.Sprintf("%s/revisions/%d/content", path, 1+n), "", ""},
					{"DELETE", fmt.Sprintf("%s/revisions/%d", path, 2*p+1), "", ""},
					{"GET", view + "/data", "", ""},
				} {
					r, err := u.trySend(call.method, "/api/"+version+strings.ReplaceAll(call.path, "{site}", u.site), call.contentType, []byte(call.body))
					if err != nil || r.status >= 500 {
						t.Errorf("%s %s: %v %s", call.method, call.path, err, r.body)
					}
				}
			}
		})
	}
	working.Wait()
	revisions := u.xml(200, "GET", path+"/revisions?pageSize=1000", "").all("revision")
	if len(revisions) != 25+countDeleted(revisions) {
		t.Errorf("%d revisions, want 25 and those that were deleted", len(revisions))
	}
	last := revisions[len(revisions)-1]
	if last.attr("revisionNumber") != fmt.Sprint(1+publishers*each) || last.attr("current") != "true" {
		t.Errorf("the last revision is %v, want number %d", last.Attrs, 1+publishers*each)
	}
	different := map[string]bool{}
	for _, r := range revisions {
		if r.attr("deleted") != "true" {
			different[string(u.do("GET", path+"/revisions/"+r.attr("revisionNumber")+"/content", "", nil).body)] = true
		}
	}
	if n := storedFiles(t, dir); n != len(different)+1 {
		t.Errorf("%d files, want the workbook's and %d that revisions have", n, len(different))
	}
	usage, _ := u.xml(200, "GET", view+"?includeUsageStatistics=true", "").find("usage")
	if usage.attr("totalViewCount") != fmt.Sprint(publishers*each) {
		t.Errorf("usage %v, want %d", usage.Attrs, publishers*each)
	}
}

// countDeleted counts the revisions that were deleted by hand.
func countDeleted(revisions []node) (n int) {
	for _, r := range revisions {
		if r.attr("deleted") == "true" {
			n++
		}
	}
	return n
}
