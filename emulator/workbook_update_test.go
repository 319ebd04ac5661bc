package emulator_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"image/png"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/internal/sample"
)

func TestFreshness(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	path := "/sites/{site}/workbooks/" + u.published("Sales").attr("id")
	update := func(policy string) reply {
		return u.do("PUT", path, "text/xml", []byte(`<tsRequest><workbook>`+policy+`</workbook></tsRequest>`))
	}
	if _, shown := u.xml(200, "GET", path, "").find("dataFreshnessPolicy"); shown {
		t.Error("a policy is shown that nobody has set")
	}
	at := func(rest string) string {
		return `<dataFreshnessPolicy option="FreshAt"><freshAtSchedule ` + rest + `</freshAtSchedule></dataFreshnessPolicy>`
	}
	for policy, want := range map[string]string{
		`<dataFreshnessPolicy option="AlwaysLive"/>`: "AlwaysLive",
		`<dataFreshnessPolicy option="FreshEvery"><freshEverySchedule frequency="Hours" value="10"/></dataFreshnessPolicy>`:    "FreshEvery Hours 10",
		at(`frequency="Day" time="22:00:00" timezone="Asia/Singapore">`):                                                       "FreshAt Day 22:00:00 Asia/Singapore",
		at(`frequency="Week" time="10:00:00"><intervals><interval weekDay="Monday"/><interval weekDay="FRIDAY"/></intervals>`): "FreshAt Week 10:00:00 Monday Friday",
		at(`frequency="Month" time="00:00:00"><intervals><interval monthDay="1"/><interval monthDay="LastDay"/></intervals>`):  "FreshAt Month 00:00:00 1 LastDay",
		`<dataFreshnessPolicy option="SiteDefault"/>`:                                                                          "SiteDefault",
	} {
		update(policy).must(t, 200)
		e, _ := u.xml(200, "GET", path, "").find("dataFreshnessPolicy")
		got := e.attr("option")
		var add func(n node)
		add = func(n node) {
			for _, name := range []string{"frequency", "value", "time", "timezone", "weekDay", "monthDay"} {
				if value := n.attr(name); value != "" {
					got += " " + value
				}
			}
			for _, child := range n.Children {
				add(child)
			}
		}
		add(e)
		if got != want {
			t.Errorf("%s: %q, want %q", policy, got, want)
		}
	}
	for _, wrong := range []string{`<dataFreshnessPolicy/>`, `<dataFreshnessPolicy option="Often"/>`, `<dataFreshnessPolicy option="FreshEvery"/>`,
		`<dataFreshnessPolicy option="FreshEvery"><freshEverySchedule frequency="Hours" value="0"/></dataFreshnessPolicy>`,
		at(`frequency="Week" time="10:00:00">`), at(`frequency="Day" time="10 o'clock">`),
		at(`frequency="Month" time="10:00:00"><intervals><interval monthDay="32"/></intervals>`)} {
		if r := update(wrong); r.code() != "400000" {
			t.Errorf("%s: %s", wrong, r.body)
		}
	}
}

func TestAcceleration(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	w := u.published("Sales")
	path := "/sites/{site}/workbooks/" + w.attr("id")
	state := func(n node) string {
		text := ""
		for _, e := range n.all("dataAccelerationConfig") {
			text += e.attr("accelerationEnabled")[:1]
		}
		return text
	}
	update := func(content string) node {
		return u.xml(200, "PUT", path+"?includeViewAccelerationStatus=True", `<tsRequest><workbook>`+content+`</workbook></tsRequest>`)
	}
	if got := state(u.xml(200, "GET", path, "")); got != "f" {
		t.Errorf("at first %q, want the workbook's own, off", got)
	}
	view := w.all("view")[1].attr("id")
	if got := state(update(`<views><view id="` + view + `"/></views><dataAccelerationConfig accelerationEnabled="true"/>`)); got != "ftffft" {
		t.Errorf("one view is on: %q", got)
	}
	if got := state(update(`<dataAccelerationConfig/>`)); got != "ftffft" {
		t.Errorf("an empty element changes nothing: %q", got)
	}
	if got := state(update(`<dataAccelerationConfig accelerationEnabled="false"/>`)); got != "ffffff" {
		t.Errorf("all off: %q", got)
	}
	if r := u.do("PUT", path, "text/xml", []byte(`<tsRequest><workbook><views><view id="`+nowhere+`"/></views><dataAccelerationConfig accelerationEnabled="true"/></workbook></tsRequest>`)); r.code() != "404011" {
		t.Errorf("a view of another workbook: %s", r.body)
	}
}

func TestWorkbookByContentURL(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	w := u.published("Sales of 2025")
	got, _ := u.xml(200, "GET", "/sites/{site}/workbooks/Salesof2025?key=contentUrl", "").find("workbook")
	if got.attr("id") != w.attr("id") {
		t.Errorf("found %v", got.Attrs)
	}
	for path, code := range map[string]string{"Other?key=contentUrl": "404006", "Sales?key=name": "400000"} {
		if r := u.do("GET", "/sites/{site}/workbooks/"+path, "", nil); r.code() != code {
			t.Errorf("%s: %s", path, r.body)
		}
	}
}

func TestDeleteView(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	w := u.published("Sales")
	view := "/sites/{site}/views/" + w.all("view")[0].attr("id")
	explorer := colleague(u, "Explorer")
	if r := explorer.do("DELETE", view, "", nil); r.status != 403 && r.status != 404 {
		t.Errorf("by an Explorer: %s", r.body)
	}
	u.do("DELETE", view, "", nil).must(t, 204)
	if r := u.do("GET", view, "", nil); r.code() != "404011" {
		t.Errorf("%s", r.body)
	}
	if n := len(u.xml(200, "GET", "/sites/{site}/workbooks/"+w.attr("id"), "").all("view")); n != 4 {
		t.Errorf("%d views, want 4", n)
	}
}

func TestThumbnailsNeedSomebody(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	for attribute, code := range map[string]string{`thumbnailsUserId="` + nowhere + `"`: "404002", `thumbnailsGroupId="` + nowhere + `"`: "404012",
		`thumbnailsUserId="` + u.id + `"`: ""} {
		contentType, body := mixed(`<tsRequest><workbook name="W" `+attribute+`/></tsRequest>`, "tableau_workbook", "w.twbx", sample.Workbook())
		if r := u.do("POST", "/sites/{site}/workbooks?skipConnectionCheck=true", contentType, body); r.code() != code {
			t.Errorf("%s: %s", attribute, r.body)
		}
	}
}

// documentParts reads an Office document: every part must be there that others name, and be XML when it says so.
func documentParts(t *testing.T, r reply) map[string][]byte {
	t.Helper()
	if r.status != 200 {
		t.Fatalf("status %d: %s", r.status, r.body)
	}
	z, err := zip.NewReader(bytes.NewReader(r.body), int64(len(r.body)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string][]byte{}
	for _, file := range z.File {
		f, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		parts[file.Name], err = io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file.Name, ".xml") || strings.HasSuffix(file.Name, ".rels") {
			if err := xml.Unmarshal(parts[file.Name], new(node)); err != nil {
				t.Errorf("%s: %v", file.Name, err)
			}
		}
	}
	for name, content := range parts {
		if !strings.HasSuffix(name, ".rels") {
			continue
		}
		var document node
		xml.Unmarshal(content, &document)
		base := strings.Split(name, "/")
		base = base[:len(base)-2]
		for _, relation := range document.all("Relationship") {
			path := base
			for step := range strings.SplitSeq(relation.attr("Target"), "/") {
				if step == ".." {
					path = path[:len(path)-1]
				} else {
					path = append(path[:len(path):len(path)], step)
				}
			}
			if _, ok := parts[strings.Join(path, "/")]; !ok {
				t.Errorf("%s names %s, which is not there", name, relation.attr("Target"))
			}
		}
	}
	return parts
}

func TestOfficeDocuments(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	w := u.published("Bakery")
	view := ""
	for _, v := range w.all("view") {
		if v.attr("name") == "Revenue by Region" {
			view = "/sites/{site}/views/" + v.attr("id")
		}
	}
	rows := func(query string) (rows [][]string) {
		r := u.do("GET", view+"/crosstab/excel"+query, "", nil)
		if got := r.header.Get("Content-Type"); got != "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" {
			t.Errorf("Content-Type %s", got)
		}
		var sheet node
		xml.Unmarshal(documentParts(t, r)["xl/worksheets/sheet1.xml"], &sheet)
		for _, row := range sheet.all("row") {
			var cells []string
			for _, cell := range row.Children {
				kind := "number "
				if cell.attr("t") == "inlineStr" {
					kind = ""
				}
				text, ok := cell.find("t")
				if !ok {
					text, _ = cell.find("v")
				}
				cells = append(cells, kind+text.Text)
			}
			rows = append(rows, cells)
		}
		return rows
	}
	all := rows("")
	if diff := cmp.Diff([]string{"Region", "Category", "Revenue"}, all[0]); diff != "" || len(all) < 5 {
		t.Errorf("%d rows: %s", len(all), diff)
	}
	for _, row := range all[1:] {
		if len(row) != 3 || !strings.HasPrefix(row[2], "number ") || strings.HasPrefix(row[0], "number ") {
			t.Errorf("row %q: want two texts and a number", row)
		}
	}
	east := rows("?maxAge=0&vf_Region=East")
	if len(east) < 2 || len(east) >= len(all) {
		t.Errorf("the filter leaves %d of %d rows", len(east), len(all))
	}
	for _, row := range east[1:] {
		if row[0] != "East" {
			t.Errorf("the filter let through %q", row)
		}
	}

	parts := documentParts(t, u.do("GET", "/sites/{site}/workbooks/"+w.attr("id")+"/powerpoint?maxAge=240", "", nil))
	for n := 1; n <= 5; n++ {
		if _, err := png.Decode(bytes.NewReader(parts[fmt.Sprintf("ppt/media/image%d.png", n)])); err != nil {
			t.Errorf("slide %d: %v", n, err)
		}
	}
	if !bytes.Contains(parts["ppt/slides/slide1.xml"], []byte("Overview")) || parts["ppt/slides/slide6.xml"] != nil {
		t.Error("want one slide for each of the five views")
	}
	svg := u.do("GET", view+"/image?format=SVG&vizWidth=400&vizHeight=300", "", nil)
	if err := xml.Unmarshal(svg.body, new(node)); err != nil || svg.header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("SVG: %v, %s", err, svg.header.Get("Content-Type"))
	}
	for _, path := range []string{"/image?format=gif", "/image?maxAge=241", "/pdf?vizWidth=100", "/crosstab/excel?maxAge=-1"} {
		if got := u.do("GET", view+path, "", nil).code(); got != "400000" {
			t.Errorf("%s: %q, want 400000", path, got)
		}
	}
	usage, _ := u.xml(200, "GET", view+"?includeUsageStatistics=true", "").find("usage")
	if usage.attr("totalViewCount") != "3" { // two Excel files, one SVG
		t.Errorf("usage %v, want 3", usage.Attrs)
	}
	found := u.xml(200, "GET", "/sites/{site}/views?filter=hitsTotal:gt:2&sort=hitsTotal:desc", "").all("view")
	if len(found) != 1 {
		t.Errorf("%d views were seen more than twice, want 1", len(found))
	}
}

func TestFavoritesAreCounted(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	d := u.publishedDataSource("Stock", "a.tds", []byte(tds)).attr("id")
	u.publishedDataSource("Other", "a.tds", []byte(tds))
	u.xml(200, "PUT", "/sites/{site}/favorites/"+u.id, `<tsRequest><favorite label="D"><datasource id="`+d+`"/></favorite></tsRequest>`)
	found := u.xml(200, "GET", "/sites/{site}/datasources?filter=favoritesTotal:gte:1&fields=id,favoritesTotal", "").all("datasource")
	if len(found) != 1 || found[0].attr("id") != d || found[0].attr("favoritesTotal") != "1" {
		t.Errorf("found %+v", found)
	}
}
