package emulator_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/emulator"
)

// frozen is a server whose clock stands until a test moves it, with a server administrator and a site administrator.
func frozen(t *testing.T, at string, options ...emulator.Option) (server *emulator.Server, root, admin *user) {
	t.Helper()
	start, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatal(err)
	}
	server = emulator.Start(t, append([]emulator.Option{emulator.WithClock(func() time.Time { return start }),
		emulator.WithSessionTimeout(10 * 365 * 24 * time.Hour)}, options...)...)
	return server, serverAdmin(t, server), newSite(t, server)
}

// refreshedDaily publishes a data source with an extract and has it refreshed by a schedule. It returns the task's path.
func (u *user) refreshedDaily(root *user, name, start string, more string) (schedule, task string) {
	u.t.Helper()
	d := u.publishedDataSource(name, "a.hyper", []byte("HyperTest")).attr("id")
	document := strings.Replace(scheduleDocument(name, "Extract", "Daily", `start="`+start+`"`), "<schedule ", "<schedule "+more+" ", 1)
	s, _ := root.xml(201, "POST", "/schedules", document).find("schedule")
	e, _ := u.xml(200, "PUT", "/sites/{site}/schedules/"+s.attr("id")+"/datasources",
		`<tsRequest><task><extractRefresh><datasource id="`+d+`"/></extractRefresh></task></tsRequest>`).find("extractRefresh")
	return "/schedules/" + s.attr("id"), "/sites/{site}/tasks/extractRefreshes/" + e.attr("id")
}

// jobs lists a site's jobs that were not for publishing: title, status, and when they were made, in the order they were started.
func (u *user) jobs() (all []string) {
	u.t.Helper()
	for _, j := range u.xml(200, "GET", "/sites/{site}/jobs?pageSize=1000&sort=startedAt:asc", "").all("backgroundJob") {
		if !strings.HasPrefix(j.attr("jobType"), "publish") {
			all = append(all, strings.Join([]string{j.attr("title"), j.attr("status"), j.attr("createdAt")}, " "))
		}
	}
	return all
}

// TestDueTasks moves the clock over the times of schedules.
func TestDueTasks(t *testing.T) {
	t.Parallel()
	server, root, admin := frozen(t, "2024-02-27T12:00:00Z")
	site := server.NewSite(t)
	other := &user{t: t, server: server}
	other.signIn(byPassword(site.AdminName, site.AdminPassword, site.ContentURL))
	schedule, task := admin.refreshedDaily(root, "Stock", "06:00:00", "")
	other.refreshedDaily(root, "Elsewhere", "06:00:00", "")
	e, _ := admin.xml(200, "POST", "/sites/{site}/tasks/extractRefreshes", cloudTask("IncrementalRefresh", "datasource",
		admin.publishedDataSource("Own", "a.hyper", []byte("HyperTest")).attr("id"), "Monthly", `start="05:30:00"`, `monthDay="LastDay"`)).find("extractRefresh")

	server.Advance(17*time.Hour + 59*time.Minute)
	if got := admin.jobs(); got != nil {
		t.Errorf("before the first time: %v", got)
	}
	server.Advance(time.Minute)
	want := []string{"Stock Success 2024-02-28T06:00:00Z"}
	if diff := cmp.Diff(want, admin.jobs()); diff != "" {
		t.Errorf("at the first time (-want +got)\n%s", diff)
	}
	server.Advance(48 * time.Hour)
	want = append(want, "Own Success 2024-02-29T05:30:00Z", "Stock Success 2024-02-29T06:00:00Z", "Stock Success 2024-03-01T06:00:00Z")
	if diff := cmp.Diff(want, admin.jobs()); diff != "" {
		t.Errorf("after two more days (-want +got)\n%s", diff)
	}
	if got := other.jobs(); len(got) != 3 || !strings.HasPrefix(got[0], "Elsewhere") {
		t.Errorf("the other site has the jobs %v, want its own three", got)
	}

	root.xml(200, "PUT", "/schedules?state=suspended", `<tsRequest><scheduleLuids><scheduleLuid>`+strings.TrimPrefix(schedule, "/schedules/")+`</scheduleLuid></scheduleLuids></tsRequest>`)
	admin.xml(204, "DELETE", "/sites/{site}/tasks/extractRefreshes/"+e.attr("id"), "")
	server.Advance(40 * 24 * time.Hour)
	if diff := cmp.Diff(want, admin.jobs()); diff != "" {
		t.Errorf("with the schedule suspended and the task deleted (-want +got)\n%s", diff)
	}
	root.xml(200, "PUT", schedule, `<tsRequest><schedule state="Active"/></tsRequest>`)
	server.Advance(24 * time.Hour)
	want = append(want, "Stock Success 2024-04-11T06:00:00Z") // nothing that was missed
	if diff := cmp.Diff(want, admin.jobs()); diff != "" {
		t.Errorf("active again (-want +got)\n%s", diff)
	}
	before := len(other.jobs())
	root.xml(200, "PUT", "/sites/"+other.site, `<tsRequest><site state="Suspended"/></tsRequest>`)
	server.Advance(24 * time.Hour)
	root.xml(200, "PUT", "/sites/"+other.site, `<tsRequest><site state="Active"/></tsRequest>`)
	want = append(want, "Stock Success 2024-04-12T06:00:00Z")
	other.signIn(byPassword(site.AdminName, site.AdminPassword, site.ContentURL))
	if got := other.jobs(); len(got) != before {
		t.Errorf("while the site was suspended it has got the jobs %v", got[before:])
	}
	admin.xml(204, "DELETE", task, "")
	server.Advance(48 * time.Hour)
	if diff := cmp.Diff(want, admin.jobs()); diff != "" {
		t.Errorf("without a task (-want +got)\n%s", diff)
	}
}

// TestFailuresInARow counts them, and lets the rest run in the order of priority.
func TestFailuresInARow(t *testing.T) {
	t.Parallel()
	server, root, admin := frozen(t, "2024-02-27T12:00:00Z", emulator.WithFailure("refresh:Bad*"))
	_, _ = admin.refreshedDaily(root, "Later", "06:00:00", `priority="90"`)
	_, bad := admin.refreshedDaily(root, "Bad/one", "06:00:00", `priority="60"`)
	_, good := admin.refreshedDaily(root, "First", "06:00:00", `priority="1"`)
	failures := func(task string) string {
		e, _ := admin.xml(200, "GET", task, "").find("extractRefresh")
		return e.attr("consecutiveFailedCount")
	}
	for _, want := range []string{"1", "2", "3", "4", "5", "5", "5"} { // after five the schedule leaves it out
		server.Advance(24 * time.Hour)
		if failures(bad) != want || failures(good) != "0" {
			t.Errorf("failures %s and %s, want %s and 0", failures(bad), failures(good), want)
		}
	}
	admin.xml(200, "POST", bad+"/runNow", "<tsRequest/>")
	server.Advance(0)
	if failures(bad) != "6" {
		t.Errorf("run by hand it has failed %s times, want 6", failures(bad))
	}
	got := admin.jobs()[:3]
	slices.Sort(got)
	if diff := cmp.Diff([]string{"Bad/one Failed 2024-02-28T06:00:00Z", "First Success 2024-02-28T06:00:00Z", "Later Success 2024-02-28T06:00:00Z"}, got); diff != "" {
		t.Errorf("jobs of the first day (-want +got)\n%s", diff)
	}
}

// TestPriority lets jobs of one site take their time: the lowest number goes first, whatever came first.
func TestPriority(t *testing.T) {
	t.Parallel()
	server, root, admin := frozen(t, "2024-02-27T12:00:00Z", emulator.WithJobTime(10*time.Minute))
	admin.refreshedDaily(root, "Third", "06:00:00", `priority="90"`)
	admin.refreshedDaily(root, "Second", "06:00:00", `priority="60" executionOrder="Serial"`)
	admin.refreshedDaily(root, "First", "06:00:00", `priority="1"`)
	want := []string{}
	server.Advance(18 * time.Hour)
	for _, name := range []string{"First", "Second", "Third"} {
		var running []string
		for _, j := range admin.jobs() {
			if strings.Contains(j, "InProgress") {
				running = append(running, j)
			}
		}
		if diff := cmp.Diff([]string{name + " InProgress 2024-02-28T06:00:00Z"}, running); diff != "" {
			t.Errorf("after %d jobs (-want +got)\n%s", len(want), diff)
		}
		want = append(want, name)
		server.Advance(10 * time.Minute)
	}
	for _, j := range admin.jobs() {
		if !strings.Contains(j, "Success") {
			t.Errorf("in the end: %s", j)
		}
	}
}

// TestOwnSchedules makes and changes tasks with schedules of their own, in the time zone of their site.
func TestOwnSchedules(t *testing.T) {
	t.Parallel()
	server, root, admin := frozen(t, "2024-03-29T12:00:00Z")
	admin.xml(200, "PUT", "/sites/{site}", `<tsRequest><site timeZone="Europe/Paris"/></tsRequest>`)
	d := admin.publishedDataSource("Own", "a.hyper", []byte("HyperTest")).attr("id")
	w := admin.published("Bakery").attr("id")
	made := admin.xml(200, "POST", "/sites/{site}/tasks/extractRefreshes", cloudTask("IncrementalRefresh", "datasource", d, "Daily",
		`start="06:00:00" end="18:00:00"`, `hours="12"`, `weekDay="Sunday"`))
	e, _ := made.find("extractRefresh")
	s, _ := made.find("schedule")
	path := "/sites/{site}/tasks/extractRefreshes/" + e.attr("id")
	// Paris changes to summer time at 01:00 UTC on Sunday, 2024-03-31.
	if e.attr("type") != "IncrementalRefresh" || s.attr("nextRunAt") != "2024-03-31T04:00:00Z" {
		t.Errorf("made %v with %v, want an incremental refresh at six in Paris", e, s)
	}
	server.Advance(72 * time.Hour)
	want := []string{"Own Success 2024-03-31T04:00:00Z", "Own Success 2024-03-31T16:00:00Z"}
	if diff := cmp.Diff(want, admin.jobs()); diff != "" {
		t.Errorf("on Sunday (-want +got)\n%s", diff)
	}
	listed := root.xml(200, "GET", "/schedules", "").all("schedule")
	if len(listed) != 0 {
		t.Errorf("the server lists %d schedules, want none: a task's own is no schedule of the server", len(listed))
	}
	admin.withExtract("/sites/{site}/workbooks/" + w)
	changed := admin.xml(200, "POST", path, cloudTask("FullRefresh", "workbook", w, "Monthly", `start="07:00:00"`, `monthDay="First" weekDay="Monday"`))
	e, _ = changed.find("extractRefresh")
	s, _ = changed.find("schedule")
	if b, _ := e.find("workbook"); e.attr("type") != "FullRefresh" || b.attr("id") != w || s.attr("nextRunAt") != "2024-05-06T05:00:00Z" {
		t.Errorf("changed to %v with %v", e, s)
	}
	got, _ := admin.xml(200, "GET", path, "").find("extractRefresh")
	interval, _ := got.find("interval")
	if b, _ := got.find("workbook"); b.attr("id") != w || interval.attr("weekDay") != "Monday" || interval.attr("monthDay") != "First" {
		t.Errorf("read %v", got)
	}
	server.SetNow(time.Date(2024, 5, 6, 5, 0, 0, 0, time.UTC))
	if got := admin.jobs(); got[len(got)-1] != "Bakery Success 2024-05-06T05:00:00Z" {
		t.Errorf("the last job is %s", got[len(got)-1])
	}
}

func TestOwnScheduleRules(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	root, admin := serverAdmin(t, server), newSite(t, server)
	creator := colleague(admin, "Creator")
	d := admin.publishedDataSource("Own", "a.hyper", []byte("HyperTest")).attr("id")
	_, serverTask := admin.refreshedDaily(root, "Of the server", "02:00:00", "")
	task := func(frequency, times string, intervals ...string) string {
		return cloudTask("FullRefresh", "datasource", d, frequency, times, intervals...)
	}
	const tasks, monday = "/sites/{site}/tasks/extractRefreshes", `weekDay="Monday"`
	tests := []struct {
		name       string
		by         *user
		path, body string
		code       string // "": it is made
	}{
		{"hourly", admin, tasks, task("Hourly", `start="06:00:00" end="18:00:00"`, `hours="1"`, monday), ""},
		{"hourly by minutes", admin, tasks, task("Hourly", `start="06:05:00" end="02:05:00"`, `minutes="60"`, monday), ""},
		{"hourly without a day", admin, tasks, task("Hourly", `start="06:00:00" end="18:00:00"`, `hours="1"`), "409004"},
		{"every two hours", admin, tasks, task("Hourly", `start="06:00:00" end="18:00:00"`, `hours="2"`, monday), "409004"},
		{"twice every hour", admin, tasks, task("Hourly", `start="06:00:00" end="18:00:00"`, `minutes="30"`, monday), "409004"},
		{"an end off the hour", admin, tasks, task("Hourly", `start="06:00:00" end="18:30:00"`, `hours="1"`, monday), "409004"},
		{"no end", admin, tasks, task("Hourly", `start="06:00:00"`, `hours="1"`, monday), "409004"},
		{"daily", admin, tasks, task("Daily", `start="06:00:00"`, monday), ""},
		{"daily without a day", admin, tasks, task("Daily", `start="06:00:00"`), "409004"},
		{"daily every day of the hours", admin, tasks, task("Daily", `start="18:20:00" end="18:20:00"`, `hours="24"`, monday), ""},
		{"the last of the hours", admin, tasks, task("Daily", `start="06:00:00" end="18:00:00"`, `hours="4"`, `hours="12"`, monday), ""},
		{"daily every hour", admin, tasks, task("Daily", `start="06:00:00" end="18:00:00"`, `hours="1"`, monday), "409004"},
		{"daily by hours without an end", admin, tasks, task("Daily", `start="06:00:00"`, `hours="4"`, monday), "409004"},
		{"off the five minutes", admin, tasks, task("Daily", `start="06:01:00"`, monday), "409004"},
		{"weekly", admin, tasks, task("Weekly", `start="06:00:00"`, monday), ""},
		{"weekly on two days", admin, tasks, task("Weekly", `start="06:00:00"`, monday, `weekDay="Friday"`), "409004"},
		{"weekly on no day", admin, tasks, task("Weekly", `start="06:00:00"`), "409004"},
		{"monthly", admin, tasks, task("Monthly", `start="06:00:00"`, `monthDay="1"`, `monthDay="LastDay"`), ""},
		{"the fifth Monday", admin, tasks, task("Monthly", `start="06:00:00"`, `monthDay="Fifth" weekDay="Monday"`), ""},
		{"the sixth Monday", admin, tasks, task("Monthly", `start="06:00:00"`, `monthDay="Sixth" weekDay="Monday"`), "409004"},
		{"the last day twice", admin, tasks, task("Monthly", `start="06:00:00"`, `monthDay="LastDay"`, `monthDay="LastDay"`), "409004"},
		{"monthly on a week day", admin, tasks, task("Monthly", `start="06:00:00"`, monday), "409004"},
		{"yearly", admin, tasks, task("Yearly", `start="06:00:00"`, monday), "409004"},
		{"no schedule", admin, tasks, `<tsRequest><extractRefresh><datasource id="` + d + `"/></extractRefresh></tsRequest>`, "400003"},
		{"no content", admin, tasks, `<tsRequest><extractRefresh/>` + ownSchedule("Weekly", `start="06:00:00"`, monday) + `</tsRequest>`, "400003"},
		{"no refresh", admin, tasks, `<tsRequest>` + ownSchedule("Weekly", `start="06:00:00"`, monday) + `</tsRequest>`, "400003"},
		{"no document", admin, tasks, "", "400003"},
		{"another type", admin, tasks, cloudTask("HalfRefresh", "datasource", d, "Weekly", `start="06:00:00"`, monday), "400000"},
		{"unknown content", admin, tasks, cloudTask("FullRefresh", "datasource", "nowhere", "Weekly", `start="06:00:00"`, monday), "404004"},
		{"somebody else's content", creator, tasks, task("Weekly", `start="06:00:00"`, monday), "403004"},
		{"a task of the server's schedule", admin, serverTask, task("Weekly", `start="06:00:00"`, monday), "400000"},
		{"an unknown task", admin, tasks + "/nowhere", task("Weekly", `start="06:00:00"`, monday), "404003"},
		{"a mail", admin, "/sites/{site}/subscriptions", cloudSubscription("Workbook", admin.published("Bakery").attr("id"), admin.id, "Weekly", `start="06:00:00"`, monday), ""},
		{"a mail on no day", admin, "/sites/{site}/subscriptions", cloudSubscription("Workbook", admin.published("Cakes").attr("id"), admin.id, "Weekly", `start="06:00:00"`), "409004"},
	}
	for _, test := range tests {
		r := test.by.do("POST", test.path, "text/xml", []byte(test.body))
		if got := r.code(); got != test.code || test.code == "" && r.status >= 300 {
			t.Errorf("%s: code %q, want %q: %s", test.name, got, test.code, r.body)
		}
	}
}

func TestScheduleStates(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	root, admin := serverAdmin(t, server), newSite(t, server)
	var ids []string
	for _, name := range []string{"A", "B", "C"} {
		s, _ := root.xml(201, "POST", "/schedules", scheduleDocument(name, "Extract", "Daily", `start="02:00:00"`)).find("schedule")
		ids = append(ids, s.attr("id"))
	}
	states := func() (all []string) {
		for _, s := range root.xml(200, "GET", "/schedules", "").all("schedule") {
			all = append(all, s.attr("state"))
		}
		return all
	}
	named := func(ids ...string) string {
		return "<tsRequest><scheduleLuids><scheduleLuid>" + strings.Join(ids, "</scheduleLuid><scheduleLuid>") + "</scheduleLuid></scheduleLuids></tsRequest>"
	}
	for _, test := range []struct {
		name        string
		by          *user
		query, body string
		code        string
		changed     []string
		states      string
	}{
		{"two", root, "state=suspended", named(ids[0], ids[2]), "", []string{ids[0], ids[2]}, "Suspended Active Suspended"},
		{"one again", root, "state=active", named(ids[0]), "", []string{ids[0]}, "Active Active Suspended"},
		{"one that is not there", root, "state=suspended", named(ids[0], admin.site), "404003", nil, "Active Active Suspended"},
		{"none", root, "state=suspended", "<tsRequest/>", "400003", nil, "Active Active Suspended"},
		{"no state", root, "", named(ids[0]), "400000", nil, "Active Active Suspended"},
		{"all", root, "state=suspended&updateAll=true", "<tsRequest/>", "", ids, "Suspended Suspended Suspended"},
		{"a site administrator", admin, "state=active&updateAll=true", "<tsRequest/>", "403004", nil, "Suspended Suspended Suspended"},
	} {
		r := test.by.do("PUT", "/schedules?"+test.query, "text/xml", []byte(test.body))
		var changed []string
		if r.status == 200 {
			for _, e := range r.must(t, 200).all("scheduleLuid") {
				changed = append(changed, e.Text)
			}
		}
		if diff := cmp.Diff([]any{test.code, test.changed, test.states}, []any{r.code(), changed, strings.Join(states(), " ")}); diff != "" {
			t.Errorf("%s: code, changed, states (-want +got)\n%s", test.name, diff)
		}
	}
}

// TestDueByItself lets a schedule run on a clock that goes on by itself, an hour in a second.
func TestDueByItself(t *testing.T) {
	t.Parallel()
	began, start := time.Now(), time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	server := emulator.Start(t, emulator.WithClock(func() time.Time { return start.Add(3600 * time.Since(began)) }), emulator.WithSessionTimeout(1000*time.Hour))
	root, admin := serverAdmin(t, server), newSite(t, server)
	d := admin.publishedDataSource("Stock", "a.hyper", []byte("HyperTest")).attr("id")
	s, _ := root.xml(201, "POST", "/schedules", scheduleDocument("Often", "Extract", "Hourly", `start="00:00:00" end="00:00:00"`, `minutes="15"`)).find("schedule")
	admin.xml(200, "PUT", "/sites/{site}/schedules/"+s.attr("id")+"/datasources", `<tsRequest><task><extractRefresh><datasource id="`+d+`"/></extractRefresh></task></tsRequest>`)
	for deadline := time.Now().Add(30 * time.Second); len(admin.jobs()) < 2; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the schedule has started the jobs %v, want two and more", admin.jobs())
		}
	}
}
