package emulator_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"image/png"
	"math/rand"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/internal/sample"
)

func TestPublishReadsTheWorkbook(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	w := u.published("Sales &amp; Cost (2025)")
	if w.attr("name") != "Sales & Cost (2025)" || w.attr("contentUrl") != "SalesCost2025" {
		t.Errorf("workbook %v", w.Attrs)
	}
	got := map[string]string{}
	for _, v := range u.xml(200, "GET", "/sites/{site}/workbooks/"+w.attr("id")+"/views", "").all("view") {
		got[v.attr("name")] = v.attr("contentUrl") + " " + v.attr("sheetType")
	}
	want := map[string]string{
		"Overview":            "SalesCost2025/sheets/Overview dashboard",
		"Monthly Revenue":     "SalesCost2025/sheets/MonthlyRevenue worksheet",
		"Revenue by Region":   "SalesCost2025/sheets/RevenuebyRegion worksheet",
		"Quantity by Product": "SalesCost2025/sheets/QuantitybyProduct worksheet",
		"Average Delivery":    "SalesCost2025/sheets/AverageDelivery worksheet",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	c, _ := u.xml(200, "GET", "/sites/{site}/workbooks/"+w.attr("id")+"/connections", "").find("connection")
	d, _ := c.find("datasource")
	if c.attr("type") != "textscan" || d.attr("name") != "Deliveries" {
		t.Errorf("connection %v %v", c.Attrs, d.Attrs)
	}
	r := u.do("GET", "/sites/{site}/workbooks/"+w.attr("id")+"/content", "", nil)
	if !bytes.Equal(r.body, sample.Workbook()) {
		t.Error("the download is not what was published")
	}
	if got, want := r.header.Get("Content-Disposition"), `name="tableau_workbook"; filename="Sales & Cost (2025).twbx"`; got != want {
		t.Errorf("Content-Disposition %s, want %s", got, want)
	}
}

func TestOverwrite(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	w := u.published("Sales")
	views := func() map[string]string {
		ids := map[string]string{}
		for _, v := range u.xml(200, "GET", "/sites/{site}/workbooks/"+w.attr("id")+"/views", "").all("view") {
			ids[v.attr("name")] = v.attr("id")
		}
		return ids
	}
	before := views()
	if got := u.publish("Sales", "").code(); got != "403007" {
		t.Errorf("publishing again: %q, want 403007", got)
	}
	again, _ := u.publish("Sales", "overwrite=true").must(t, 201).find("workbook")
	if again.attr("id") != w.attr("id") || again.attr("contentUrl") != "Sales" {
		t.Errorf("overwritten: %v, was %v", again.Attrs, w.Attrs)
	}
	if diff := cmp.Diff(before, views()); diff != "" {
		t.Errorf("views: %s", diff)
	}
	other := u.project("Other", "")
	contentType, body := mixed(`<tsRequest><workbook name="Sales"><project id="`+other+`"/></workbook></tsRequest>`, "tableau_workbook", "x.twbx", sample.Workbook())
	elsewhere, _ := u.do("POST", "/sites/{site}/workbooks", contentType, body).must(t, 201).find("workbook")
	if elsewhere.attr("contentUrl") != "Sales_1" {
		t.Errorf("the same name in another project has contentUrl %q, want Sales_1", elsewhere.attr("contentUrl"))
	}
}

func TestPublishRefuses(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	u := newSite(t, server)
	explorer := colleague(u, "Explorer")
	good := `<tsRequest><workbook name="W"/></tsRequest>`
	tests := []struct {
		name            string
		by              *user
		query, document string
		field, fileName string
		file            []byte
		code, detail    string
	}{
		{"no workbook", u, "", good, "tableau_workbook", "w.twbx", []byte("hello"), "400011", "W.twbx"},
		{"an empty file", u, "", good, "tableau_workbook", "w.twb", nil, "400011", "empty"},
		{"another kind", u, "", good, "tableau_workbook", "w.txt", []byte("hello"), "400011", "txt"},
		{"a wrong workbookType", u, "workbookType=twb", good, "tableau_workbook", "w.twbx", sample.Workbook(), "400011", ""},
		{"no file", u, "", good, "", "", nil, "400003", "tableau_workbook"},
		{"another part", u, "", good, "tableau_datasource", "w.twbx", sample.Workbook(), "400003", "tableau_datasource"},
		{"no name", u, "", `<tsRequest><workbook/></tsRequest>`, "tableau_workbook", "w.twbx", sample.Workbook(), "400003", "name"},
		{"a broken document", u, "", `<tsRequest>`, "tableau_workbook", "w.twbx", sample.Workbook(), "400000", ""},
		{"unknown project", u, "", `<tsRequest><workbook name="W"><project id="` + nowhere + `"/></workbook></tsRequest>`, "tableau_workbook", "w.twbx", sample.Workbook(), "404005", nowhere},
		{"unknown upload", u, "uploadSessionId=1:ab-1:0&workbookType=twbx", good, "", "", nil, "400000", ""},
		{"by an explorer", explorer, "", good, "tableau_workbook", "w.twbx", sample.Workbook(), "403004", "Explorer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			contentType, body := mixed(tt.document, tt.field, tt.fileName, tt.file)
			r := tt.by.do("POST", "/sites/{site}/workbooks?"+tt.query, contentType, body)
			if r.code() != tt.code || !strings.Contains(string(r.body), tt.detail) {
				t.Errorf("want %s with %q: %s", tt.code, tt.detail, r.body)
			}
		})
	}
	if got := names(u.xml(200, "GET", "/sites/{site}/workbooks", ""), "workbook"); len(got) > 0 {
		t.Errorf("refused, yet there: %q", got)
	}
}

// startUpload opens an upload and returns its session.
func (u *user) startUpload() string {
	u.t.Helper()
	e, _ := u.xml(201, "POST", "/sites/{site}/fileUploads", "").find("fileUpload")
	return e.attr("uploadSessionId")
}

func (u *user) addBlock(session, query string, block []byte) reply {
	u.t.Helper()
	contentType, body := mixed("", "tableau_file", "file", block)
	return u.do("PUT", "/sites/{site}/fileUploads/"+session+query, contentType, body)
}

// publishUpload makes a workbook of what has been uploaded.
func (u *user) publishUpload(session, name string) reply {
	u.t.Helper()
	contentType, body := mixed(`<tsRequest><workbook name="`+name+`"/></tsRequest>`, "", "", nil)
	return u.do("POST", "/sites/{site}/workbooks?workbookType=twbx&uploadSessionId="+session, contentType, body)
}

// downloads checks that a published workbook is the file, also from the middle of it.
func (u *user) downloads(workbook string, file []byte) {
	u.t.Helper()
	path := "/api/" + version + "/sites/" + u.site + "/workbooks/" + workbook + "/content"
	if got := u.send("GET", path, nil, nil).body; !bytes.Equal(got, file) {
		u.t.Errorf("downloaded %d bytes that differ from the %d published", len(got), len(file))
	}
	from, to := len(file)/4, len(file)/4*3
	part := u.send("GET", path, http.Header{"Range": {fmt.Sprintf("bytes=%d-%d", from, to-1)}}, nil)
	if part.status != http.StatusPartialContent || !bytes.Equal(part.body, file[from:to]) {
		u.t.Errorf("from the middle: status %d, %d bytes", part.status, len(part.body))
	}
}

func TestUploadInBlocks(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	file := sample.Workbook()
	third := len(file) / 3
	blocks := [][]byte{file[:third], file[third : 2*third], file[2*third:]}
	published := func(r reply) string {
		w, _ := r.must(t, 201).find("workbook")
		return w.attr("id")
	}
	t.Run("in order", func(t *testing.T) {
		session := u.startUpload()
		for _, block := range blocks {
			u.addBlock(session, "", block).must(t, 200)
		}
		u.downloads(published(u.publishUpload(session, "in order")), file)
		if got := u.publishUpload(session, "again").code(); got != "400000" {
			t.Errorf("the upload is used up: %q, want 400000", got)
		}
	})
	for first := range 2 {
		t.Run(fmt.Sprintf("out of order from %d", first), func(t *testing.T) {
			session := u.startUpload()
			for _, i := range []int{2, 0, 1, 0} { // one is sent twice, as after a timeout
				u.addBlock(session, fmt.Sprintf("?sequenceID=%d", i+first), blocks[i]).must(t, 200)
			}
			u.downloads(published(u.publishUpload(session, t.Name())), file)
		})
	}
	t.Run("a block is missing", func(t *testing.T) {
		session := u.startUpload()
		u.addBlock(session, "?sequenceID=0", blocks[0]).must(t, 200)
		u.addBlock(session, "?sequenceID=2", blocks[2]).must(t, 200)
		if r := u.publishUpload(session, "gap"); r.code() != "400000" {
			t.Errorf("%s", r.body)
		}
	})
	t.Run("nothing was sent", func(t *testing.T) {
		if r := u.publishUpload(u.startUpload(), "empty"); r.code() != "400000" {
			t.Errorf("%s", r.body)
		}
	})
}

// largeWorkbook is the sample with 12 MiB of data.
func largeWorkbook(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	small, err := zip.NewReader(bytes.NewReader(sample.Workbook()), int64(len(sample.Workbook())))
	if err != nil {
		t.Fatal(err)
	}
	data, err := archive.CreateHeader(&zip.FileHeader{Name: "Data/large.bin", Method: zip.Store})
	if err != nil {
		t.Fatal(err)
	}
	large := make([]byte, 12<<20)
	rand.New(rand.NewSource(1)).Read(large)
	_, err = data.Write(large)
	for _, entry := range small.File {
		err = errors.Join(err, archive.Copy(entry))
	}
	if err := errors.Join(err, archive.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A file whose blocks are large stays in them, and is read and sent as one file, also by the servers after one that is killed.
func TestFileInLargeBlocks(t *testing.T) {
	t.Parallel()
	dir, file := t.TempDir(), largeWorkbook(t)
	u, child := serveChild(t, dir)
	session := u.startUpload()
	const size = 5 << 20
	u.addBlock(session, "?sequenceID=1", file[:size]).must(t, 200)
	u.addBlock(session, "?sequenceID=3", file[2*size:]).must(t, 200)
	child.kill()

	u, child = serveChild(t, dir)
	u.addBlock(session, "?sequenceID=2", file[size:2*size]).must(t, 200)
	w, _ := u.publishUpload(session, "Large").must(t, 201).find("workbook")
	child.kill()

	server := emulator.Start(t, durableOptions(dir)...)
	after := &user{t: t, server: server, token: u.token, site: u.site}
	after.downloads(w.attr("id"), file)
	if got := after.xml(200, "GET", "/sites/{site}/workbooks/"+w.attr("id")+"/views", "").all("view"); len(got) == 0 {
		t.Error("no views were found in it")
	}
	after.xml(204, "DELETE", "/sites/{site}/workbooks/"+w.attr("id"), "")
	if n := storedFiles(t, dir); n != 0 {
		t.Errorf("%d files stay of what was deleted", n)
	}
}

func TestPublishAsJob(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	started, _ := u.publish("Sales", "asJob=true").must(t, 202).find("job")
	if started.attr("type") != "PublishWorkbook" || started.attr("mode") != "Asynchronous" || started.attr("finishCode") != "" {
		t.Errorf("job %v", started.Attrs)
	}
	job := u.waitForJob(started.attr("id"))
	w, _ := job.find("workbook")
	if job.attr("finishCode") != "0" || job.attr("progress") != "100" {
		t.Errorf("job %v", job.Attrs)
	}
	u.xml(200, "GET", "/sites/{site}/workbooks/"+w.attr("id"), "")

	again, _ := u.publish("Sales", "asJob=true").must(t, 202).find("job")
	failed := u.waitForJob(again.attr("id"))
	notes, _ := failed.find("notes")
	if failed.attr("finishCode") != "1" || !strings.Contains(notes.Text, "overwrite") {
		t.Errorf("job %v, notes %q", failed.Attrs, notes.Text)
	}
	var statuses []string
	for _, j := range u.xml(200, "GET", "/sites/{site}/jobs?filter=jobType:eq:publish_workbook", "").all("backgroundJob") {
		statuses = append(statuses, j.attr("status"))
	}
	if diff := cmp.Diff([]string{"Success", "Failed"}, statuses); diff != "" {
		t.Error(diff)
	}
}

func TestRenderedViews(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	w := u.published("Bakery")
	ids := map[string]string{}
	for _, v := range w.all("view") {
		ids[v.attr("name")] = "/sites/{site}/views/" + v.attr("id")
	}
	view := ids["Revenue by Region"]

	for query, want := range map[string][2]int{"": {784, 588}, "?resolution=high": {1568, 1176}, "?vizWidth=300&vizHeight=200": {300, 200}} {
		r := u.do("GET", view+"/image"+query, "", nil)
		picture, err := png.Decode(bytes.NewReader(r.body))
		if err != nil || r.header.Get("Content-Type") != "image/png" {
			t.Fatalf("image%s: %v, %s", query, err, r.header.Get("Content-Type"))
		}
		if got := picture.Bounds().Size(); got.X != want[0] || got.Y != want[1] {
			t.Errorf("image%s is %v, want %v", query, got, want)
		}
	}
	rows := func(query string) [][]string {
		r := u.do("GET", view+"/data"+query, "", nil)
		r.must(t, 200)
		rows, err := csv.NewReader(bytes.NewReader(r.body)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	all := rows("")
	if diff := cmp.Diff([]string{"Region", "Category", "Revenue"}, all[0]); diff != "" || len(all) < 5 {
		t.Errorf("%d rows: %s", len(all), diff)
	}
	for _, row := range rows("?vf_Region=East,West")[1:] {
		if row[0] != "East" && row[0] != "West" {
			t.Errorf("the filter let through %q", row)
		}
	}
	for _, path := range []string{view + "/pdf?type=letter&orientation=landscape", "/sites/{site}/workbooks/" + w.attr("id") + "/pdf"} {
		if r := u.do("GET", path, "", nil); !bytes.HasPrefix(r.body, []byte("%PDF-")) {
			t.Errorf("%s: status %d, no PDF", path, r.status)
		}
	}
	for _, path := range []string{view + "/pdf?type=Poster", view + "/pdf?orientation=up", view + "/image?resolution=low", view + "/image?vizWidth=-1"} {
		if got := u.do("GET", path, "", nil).code(); got != "400000" {
			t.Errorf("%s: %q, want 400000", path, got)
		}
	}
	one, _ := u.xml(200, "GET", view+"?includeUsageStatistics=true", "").find("usage")
	if one.attr("totalViewCount") != "6" { // three images, two times data, one PDF; refused requests do not count
		t.Errorf("usage %v, want 6", one.Attrs)
	}
}

func TestDownloadWithoutExtracts(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile(shared(t, "assets/SampleWB.twbx"))
	if err != nil {
		t.Fatal(err)
	}
	u := newSite(t, emulator.Start(t))
	contentType, body := mixed(`<tsRequest><workbook name="W"/></tsRequest>`, "tableau_workbook", "w.twbx", file)
	w, _ := u.do("POST", "/sites/{site}/workbooks", contentType, body).must(t, 201).find("workbook")
	entries := func(query string) (names []string) {
		data := u.do("GET", "/sites/{site}/workbooks/"+w.attr("id")+"/content"+query, "", nil).body
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			names = append(names, f.Name)
		}
		return names
	}
	isExtract := func(name string) bool { return strings.HasSuffix(name, ".tde") || strings.HasSuffix(name, ".hyper") }
	whole, without := entries(""), entries("?includeExtract=False")
	if !slices.ContainsFunc(whole, isExtract) || slices.ContainsFunc(without, isExtract) || len(without) == 0 {
		t.Errorf("with extracts %q, without %q", whole, without)
	}
}

func TestHiddenViews(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	contentType, body := mixed(`<tsRequest><workbook name="W"><views><view name="Overview" hidden="true"/></views></workbook></tsRequest>`,
		"tableau_workbook", "w.twbx", sample.Workbook())
	w, _ := u.do("POST", "/sites/{site}/workbooks", contentType, body).must(t, 201).find("workbook")
	for _, v := range w.all("view") {
		if v.attr("name") == "Overview" {
			t.Error("a hidden view is shown")
		}
	}
	if len(w.all("view")) != 4 {
		t.Errorf("%d views, want 4", len(w.all("view")))
	}
}
