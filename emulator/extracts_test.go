package emulator_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/emulator"
)

func init() {
	schemaExceptions = append(schemaExceptions, struct {
		why     string
		pattern *regexp.Regexp
		instead string
	}{"the schema has one element in an answer; servers answer a task and, beside it, its own schedule",
		regexp.MustCompile(`(</extractRefresh>)<schedule .*</schedule>`), `$1`})
	moreRequests = append(moreRequests, func(w *walk) map[string][]request {
		wb := w.admin.published("Extracted").attr("id")
		ds := w.admin.publishedDataSource("Extracted", "a.tds", []byte(tds)).attr("id")
		wbPath, dsPath := "/sites/{site}/workbooks/"+wb, "/sites/{site}/datasources/"+ds
		other := w.admin.published("Bare").attr("id")
		otherDataSource := w.admin.publishedDataSource("Bare", "a.tds", []byte(tds)).attr("id")
		w.admin.withExtract(wbPath)
		w.admin.withExtract(dsPath)
		id := func(n node, name string) string {
			e, _ := n.find(name)
			return e.attr("id")
		}
		schedule := id(w.root.xml(201, "POST", "/schedules", scheduleDocument("Of both", "Extract", "Daily", `start="02:00:00"`)), "schedule")
		task := cloudTask("FullRefresh", "workbook", wb, "Daily", `start="06:00:00"`, `weekDay="Monday"`, `weekDay="Friday"`)
		own := id(w.admin.xml(200, "POST", "/sites/{site}/tasks/extractRefreshes", task), "extractRefresh")
		const xmlType, nothing = "text/xml", "<tsRequest/>"
		return map[string][]request{
			"POST /sites/{site}/workbooks/{workbook}/refresh":           {{w.admin, wbPath + "/refresh", xmlType, `<tsRequest><extractRefresh incremental="true"/></tsRequest>`}},
			"POST /sites/{site}/workbooks/{workbook}/createExtract":     {{w.admin, "/sites/{site}/workbooks/" + other + "/createExtract?encrypt=False", xmlType, `<tsRequest><datasources includeAll="true"/></tsRequest>`}},
			"POST /sites/{site}/workbooks/{workbook}/deleteExtract":     {{w.admin, wbPath + "/deleteExtract", xmlType, `<tsRequest><datasources includeAll="true"/></tsRequest>`}},
			"POST /sites/{site}/datasources/{datasource}/refresh":       {{w.admin, dsPath + "/refresh", xmlType, nothing}},
			"POST /sites/{site}/datasources/{datasource}/createExtract": {{w.admin, "/sites/{site}/datasources/" + otherDataSource + "/createExtract?encrypt=True", xmlType, nothing}},
			"POST /sites/{site}/datasources/{datasource}/deleteExtract": {{w.admin, dsPath + "/deleteExtract", xmlType, nothing}},
			"POST /sites/{site}/encrypt-extracts":                       {{w.admin, "/sites/{site}/encrypt-extracts", xmlType, nothing}},
			"POST /sites/{site}/decrypt-extracts":                       {{by: w.admin, path: "/sites/{site}/decrypt-extracts"}},
			"POST /sites/{site}/reencrypt-extracts":                     {{w.admin, "/sites/{site}/reencrypt-extracts", xmlType, nothing}},
			"PUT /schedules":                                            {{w.root, "/schedules?state=suspended", xmlType, "<tsRequest><scheduleLuids><scheduleLuid>" + schedule + "</scheduleLuid></scheduleLuids></tsRequest>"}},
			"PUT /sites/{site}/schedules/{schedule}/datasources":        {{w.admin, "/sites/{site}/schedules/" + schedule + "/datasources", xmlType, `<tsRequest><task><extractRefresh><datasource id="` + ds + `"/></extractRefresh></task></tsRequest>`}},
			"GET /sites/{site}/schedules/{schedule}/extracts":           {{by: w.admin, path: "/sites/{site}/schedules/" + schedule + "/extracts"}},
			"POST /sites/{site}/tasks/extractRefreshes":                 {{w.admin, "/sites/{site}/tasks/extractRefreshes", xmlType, cloudTask("IncrementalRefresh", "datasource", ds, "Hourly", `start="06:00:00" end="18:00:00"`, `hours="1"`, `weekDay="Monday"`)}},
			"POST /sites/{site}/tasks/extractRefreshes/{task}":          {{w.admin, "/sites/{site}/tasks/extractRefreshes/" + own, xmlType, cloudTask("FullRefresh", "workbook", wb, "Monthly", `start="06:00:00"`, `monthDay="LastDay"`)}},
			"GET /sites/{site}/tasks/extractRefreshes/{task}":           {{by: w.admin, path: "/sites/{site}/tasks/extractRefreshes/" + own}},
			"GET /sites/{site}/tasks/dataAcceleration":                  {{by: w.admin, path: "/sites/{site}/tasks/dataAcceleration"}},
			"GET /sites/{site}/tasks/runFlow":                           {{by: w.admin, path: "/sites/{site}/tasks/runFlow"}},
			"GET /sites/{site}/tasks/linked":                            {{by: w.admin, path: "/sites/{site}/tasks/linked?pageSize=10"}},
			"POST /sites/{site}/subscriptions":                          {{w.admin, "/sites/{site}/subscriptions", xmlType, cloudSubscription("View", w.view, w.admin.id, "Weekly", `start="06:00:00"`, `weekDay="Monday"`)}},
		}
	})
}

// ownSchedule is the schedule that a task or a subscription has for itself; times are the attributes of frequencyDetails,
// intervals one element's attributes each.
func ownSchedule(frequency, times string, intervals ...string) string {
	var all strings.Builder
	for _, one := range intervals {
		all.WriteString("<interval " + one + "/>")
	}
	return `<schedule frequency="` + frequency + `"><frequencyDetails ` + times + `><intervals>` + all.String() + `</intervals></frequencyDetails></schedule>`
}

func cloudTask(refreshType, kind, id, frequency, times string, intervals ...string) string {
	return `<tsRequest><extractRefresh type="` + refreshType + `"><` + kind + ` id="` + id + `"/></extractRefresh>` +
		ownSchedule(frequency, times, intervals...) + `</tsRequest>`
}

func cloudSubscription(kind, content, user, frequency, times string, intervals ...string) string {
	return `<tsRequest><subscription subject="S"><content id="` + content + `" type="` + kind + `"/><user id="` + user + `"/></subscription>` +
		ownSchedule(frequency, times, intervals...) + `</tsRequest>`
}

// listedJob waits until a job of the list has ended, and returns its status.
func (u *user) listedJob(id string) string {
	u.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		for _, j := range u.xml(200, "GET", "/sites/{site}/jobs?pageSize=1000", "").all("backgroundJob") {
			if j.attr("id") == id && j.attr("endedAt") != "" {
				return j.attr("status")
			}
		}
	}
	u.t.Fatalf("the job %s has not ended", id)
	return ""
}

// withExtract makes extracts of the workbook or the data source at path.
func (u *user) withExtract(path string) {
	u.t.Helper()
	j, _ := u.xml(202, "POST", path+"/createExtract", "<tsRequest/>").find("job")
	if status := u.listedJob(j.attr("id")); status != "Success" {
		u.t.Fatalf("creating extracts ended with %s", status)
	}
}

// TestExtracts takes a workbook and a data source through all that can be done with extracts.
func TestExtracts(t *testing.T) {
	t.Parallel()
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	server := emulator.Start(t, emulator.WithClock(func() time.Time { return start }), emulator.WithSessionTimeout(1000*time.Hour))
	admin := newSite(t, server)
	viewer := colleague(admin, "Viewer")
	wb, ds := admin.published("Bakery").attr("id"), admin.publishedDataSource("Stock", "a.tds", []byte(tds)).attr("id")
	hyper := admin.publishedDataSource("Rows", "a.hyper", []byte("HyperTest")).attr("id")
	connection, _ := admin.xml(200, "GET", "/sites/{site}/workbooks/"+wb+"/connections", "").find("datasource")
	embedded := connection.attr("id")
	const all, nothing = `<tsRequest><datasources includeAll="true"/></tsRequest>`, "<tsRequest/>"
	one := `<tsRequest><datasources><datasource id="` + embedded + `"/></datasources></tsRequest>`
	state := func(kind, id string) string {
		e, _ := admin.xml(200, "GET", "/sites/{site}/"+kind+"s/"+id, "").find(kind)
		return e.attr("hasExtracts") + " " + e.attr("encryptExtracts") + " " + e.attr("updatedAt")[11:]
	}
	tests := []struct {
		name, kind, id, what, body string
		want                       string // status of the job, a code, or "" when there is no job
		after                      string // hasExtracts, encryptExtracts, time of updatedAt
	}{
		{"no extract to refresh", "workbook", wb, "refresh", nothing, "409090", "false false 00:00:00Z"},
		{"no extract to delete", "workbook", wb, "deleteExtract", all, "409090", "false false 00:00:00Z"},
		{"an unknown source", "workbook", wb, "createExtract", `<tsRequest><datasources><datasource id="` + wb + `"/></datasources></tsRequest>`, "404004", "false false 00:00:00Z"},
		{"no source", "workbook", wb, "createExtract", `<tsRequest><datasources/></tsRequest>`, "400003", "false false 00:00:00Z"},
		{"no flag", "workbook", wb, "createExtract?encrypt=maybe", all, "400008", "false false 00:00:00Z"},
		{"create", "workbook", wb, "createExtract?encrypt=False", one, "Success", "true false 06:00:00Z"},
		{"create again", "workbook", wb, "createExtract", all, "409090", "true false 06:00:00Z"},
		{"refresh", "workbook", wb, "refresh", nothing, "Success", "true false 08:00:00Z"},
		{"refresh without a body", "workbook", wb, "refresh", "", "Success", "true false 09:00:00Z"},
		{"refresh what is new", "workbook", wb, "refresh", `<tsRequest><extractRefresh incremental="true"/></tsRequest>`, "Success", "true false 10:00:00Z"},
		{"a wrong flag", "workbook", wb, "refresh", `<tsRequest><extractRefresh incremental="perhaps"/></tsRequest>`, "400008", "true false 10:00:00Z"},
		{"delete", "workbook", wb, "deleteExtract", one, "Success", "false false 12:00:00Z"},
		{"create it encrypted", "workbook", wb, "createExtract?encrypt=True", nothing, "Success", "true true 13:00:00Z"},
		{"no workbook", "workbook", ds, "refresh", nothing, "404006", ""},

		{"no extract of a data source", "datasource", ds, "refresh", nothing, "409090", "false false 00:00:00Z"},
		{"no extract of a data source to delete", "datasource", ds, "deleteExtract", nothing, "409090", "false false 00:00:00Z"},
		{"create of a data source", "datasource", ds, "createExtract?encrypt=true", nothing, "Success", "true true 17:00:00Z"},
		{"create of a data source again", "datasource", ds, "createExtract", nothing, "409090", "true true 17:00:00Z"},
		{"refresh a data source", "datasource", ds, "refresh", nothing, "Success", "true true 19:00:00Z"},
		{"delete of a data source", "datasource", ds, "deleteExtract", nothing, "", "false false 20:00:00Z"},
		{"refresh what is nothing else", "datasource", hyper, "refresh", nothing, "Success", "true false 21:00:00Z"},
		{"delete what is nothing else", "datasource", hyper, "deleteExtract", nothing, "409090", "true false 21:00:00Z"},
		{"no data source", "datasource", wb, "createExtract", nothing, "404004", ""},
	}
	for i, test := range tests {
		server.SetNow(start.Add(time.Duration(i+1) * time.Hour))
		path := "/sites/{site}/" + test.kind + "s/" + test.id + "/" + test.what
		r := admin.do("POST", path, "text/xml", []byte(test.body))
		got := r.code()
		if j, ok := r.must(t, r.status).find("job"); ok {
			if got = admin.listedJob(j.attr("id")); r.status != 202 {
				t.Errorf("%s: status %d, want 202", test.name, r.status)
			}
		}
		if got != test.want {
			t.Errorf("%s: got %q, want %q: %s", test.name, got, test.want, r.body)
		}
		if test.after != "" {
			if diff := cmp.Diff(test.after, state(test.kind, test.id)); diff != "" {
				t.Errorf("after %s (-want +got)\n%s", test.name, diff)
			}
		}
	}
	if code := viewer.do("POST", "/sites/{site}/workbooks/"+wb+"/refresh", "text/xml", []byte(nothing)).code(); code != "403004" {
		t.Errorf("a viewer refreshes: code %q, want 403004", code)
	}
}

// TestOneRefreshAtATime asks for a refresh of what is refreshed already.
func TestOneRefreshAtATime(t *testing.T) {
	t.Parallel()
	now := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	server := emulator.Start(t, emulator.WithClock(func() time.Time { return now }), emulator.WithJobTime(time.Minute))
	admin := newSite(t, server)
	path := "/sites/{site}/datasources/" + admin.publishedDataSource("Rows", "a.hyper", []byte("HyperTest")).attr("id")
	refresh := func() reply { return admin.do("POST", path+"/refresh", "text/xml", []byte("<tsRequest/>")) }
	first, _ := refresh().must(t, 202).find("job")
	for _, want := range []string{"409093", "409093"} {
		if code := refresh().code(); code != want {
			t.Errorf("while one waits or runs: code %q, want %s", code, want)
		}
		server.Advance(30 * time.Second)
	}
	second, _ := refresh().must(t, 202).find("job")
	if first.attr("id") == second.attr("id") {
		t.Error("the second refresh has the first one's job")
	}
}

// TestSiteEncryption encrypts and decrypts what has extracts, on one site.
func TestSiteEncryption(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	admin, other := newSite(t, server), newSite(t, server)
	creator := colleague(admin, "Creator")
	admin.publishedDataSource("Rows", "a.hyper", []byte("HyperTest"))
	admin.publishedDataSource("Live", "a.tds", []byte(tds))
	other.publishedDataSource("Rows", "a.hyper", []byte("HyperTest"))
	w := admin.published("Bakery").attr("id")
	admin.withExtract("/sites/{site}/workbooks/" + w)
	encrypted := func(u *user) (names []string) {
		for _, kind := range []string{"workbook", "datasource"} {
			for _, e := range u.xml(200, "GET", "/sites/{site}/"+kind+"s", "").all(kind) {
				if e.attr("encryptExtracts") == "true" {
					names = append(names, e.attr("name"))
				}
			}
		}
		return names
	}
	for _, step := range []struct {
		what string
		want []string
	}{{"encrypt", []string{"Bakery", "Rows"}}, {"reencrypt", []string{"Bakery", "Rows"}}, {"decrypt", nil}} {
		path := "/sites/{site}/" + step.what + "-extracts"
		if code := creator.do("POST", path, "text/xml", []byte("<tsRequest/>")).code(); code != "403004" {
			t.Errorf("a creator wants to %s: code %q, want 403004", step.what, code)
		}
		j, _ := admin.xml(200, "POST", path, "<tsRequest/>").find("job")
		if status := admin.listedJob(j.attr("id")); status != "Success" {
			t.Errorf("%s ended with %s", step.what, status)
		}
		if code := admin.do("GET", "/sites/{site}/jobs/"+j.attr("id"), "", nil).code(); code != "400031" {
			t.Errorf("the job by itself: code %q, want 400031, as only the list knows such jobs", code)
		}
		if diff := cmp.Diff(step.want, encrypted(admin)); diff != "" {
			t.Errorf("encrypted after %s (-want +got)\n%s", step.what, diff)
		}
		if names := encrypted(other); names != nil {
			t.Errorf("after %s, on another site %v is encrypted", step.what, names)
		}
	}
}
