package emulator_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/emulator"
)

// scheduleDocument asks for a schedule; times are the attributes of frequencyDetails, intervals one attribute each.
func scheduleDocument(name, kind, frequency, times string, intervals ...string) string {
	var all strings.Builder
	for _, one := range intervals {
		fmt.Fprintf(&all, "<interval %s/>", one)
	}
	return fmt.Sprintf(`<tsRequest><schedule name="%s" type="%s" frequency="%s"><frequencyDetails %s><intervals>%s</intervals></frequencyDetails></schedule></tsRequest>`,
		name, kind, frequency, times, all.String())
}

func subscriptionDocument(kind, content, schedule, user string) string {
	return fmt.Sprintf(`<tsRequest><subscription subject="S"><content id="%s" type="%s"/><schedule id="%s"/><user id="%s"/></subscription></tsRequest>`,
		content, kind, schedule, user)
}

func TestNextRun(t *testing.T) {
	t.Parallel()
	var now atomic.Pointer[time.Time]
	now.Store(new(time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)))
	server := emulator.Start(t, emulator.WithClock(func() time.Time { return *now.Load() }), emulator.WithSessionTimeout(100*365*24*time.Hour))
	root := serverAdmin(t, server)
	const workday = `start="08:00:00" end="18:00:00"`
	tests := []struct {
		name, frequency, times string
		intervals              []string
		now, want              string
	}{
		{"hourly before the start", "Hourly", workday, []string{`hours="4"`}, "2024-02-28T07:59:59Z", "2024-02-28T08:00:00Z"},
		{"hourly at a run", "Hourly", workday, []string{`hours="4"`}, "2024-02-28T08:00:00Z", "2024-02-28T12:00:00Z"},
		{"hourly at the end", "Hourly", workday, []string{`hours="2"`}, "2024-02-28T17:00:00Z", "2024-02-28T18:00:00Z"},
		{"hourly where no run meets the end", "Hourly", workday, []string{`hours="4"`}, "2024-02-28T16:00:00Z", "2024-02-29T08:00:00Z"},
		{"every quarter of an hour", "Hourly", workday, []string{`minutes="15"`}, "2024-02-28T09:50:00Z", "2024-02-28T10:00:00Z"},
		{"every sixty minutes", "Hourly", workday, []string{`minutes="60"`}, "2024-02-28T09:50:00Z", "2024-02-28T10:00:00Z"},
		{"past midnight", "Hourly", `start="22:00:00" end="02:00:00"`, []string{`hours="1"`}, "2024-02-29T00:30:00Z", "2024-02-29T01:00:00Z"},
		{"past midnight, at the end", "Hourly", `start="22:00:00" end="02:00:00"`, []string{`hours="1"`}, "2024-02-29T02:00:00Z", "2024-02-29T22:00:00Z"},
		{"all day", "Hourly", `start="00:30:00" end="00:30:00"`, []string{`hours="12"`}, "2024-02-28T13:00:00Z", "2024-02-29T00:30:00Z"},
		// 2024-03-01 is a Friday.
		{"hourly on Mondays", "Hourly", workday, []string{`hours="1"`, `weekDay="Monday"`}, "2024-03-01T09:00:00Z", "2024-03-04T08:00:00Z"},
		{"on Thursdays past midnight", "Hourly", `start="22:00:00" end="02:00:00"`, []string{`hours="1"`, `weekDay="Thursday"`}, "2024-03-01T00:30:00Z", "2024-03-01T01:00:00Z"},
		{"daily, later today", "Daily", `start="06:30:15"`, nil, "2024-12-31T06:30:14Z", "2024-12-31T06:30:15Z"},
		{"daily, now", "Daily", `start="06:30:00"`, nil, "2024-12-31T06:30:00Z", "2025-01-01T06:30:00Z"},
		{"daily ignores intervals", "Daily", workday, []string{`hours="2"`, `weekDay="Monday"`}, "2024-03-01T08:30:00Z", "2024-03-02T08:00:00Z"},
		{"weekly, today", "Weekly", `start="08:00:00"`, []string{`weekDay="Friday"`}, "2024-03-01T07:00:00Z", "2024-03-01T08:00:00Z"},
		{"weekly, in a week", "Weekly", `start="08:00:00"`, []string{`weekDay="Friday"`}, "2024-03-01T08:00:00Z", "2024-03-08T08:00:00Z"},
		{"weekly, the nearest day", "Weekly", `start="08:00:00"`, []string{`weekDay="Friday"`, `weekDay="Sunday"`}, "2024-03-01T09:00:00Z", "2024-03-03T08:00:00Z"},
		{"monthly, the 1st", "Monthly", `start="08:00:00"`, []string{`monthDay="1"`}, "2024-12-01T08:00:00Z", "2025-01-01T08:00:00Z"},
		{"monthly, the 31st skips short months", "Monthly", `start="08:00:00"`, []string{`monthDay="31"`}, "2024-01-31T08:00:00Z", "2024-03-31T08:00:00Z"},
		{"monthly, the 30th skips February", "Monthly", `start="08:00:00"`, []string{`monthDay="30"`}, "2024-01-30T08:00:00Z", "2024-03-30T08:00:00Z"},
		{"the last day of a leap February", "Monthly", `start="08:00:00"`, []string{`monthDay="LastDay"`}, "2024-02-28T09:00:00Z", "2024-02-29T08:00:00Z"},
		{"the last day of another February", "Monthly", `start="08:00:00"`, []string{`monthDay="LastDay"`}, "2023-02-27T09:00:00Z", "2023-02-28T08:00:00Z"},
		{"after the last day", "Monthly", `start="08:00:00"`, []string{`monthDay="LastDay"`}, "2024-02-29T08:00:00Z", "2024-03-31T08:00:00Z"},
		{"all day on Mondays ends with Monday", "Hourly", `start="00:30:00" end="00:30:00"`, []string{`hours="12"`, `weekDay="Monday"`}, "2024-03-04T12:30:00Z", "2024-03-11T00:30:00Z"},
		{"around midnight, before", "Hourly", `start="23:45:00" end="00:15:00"`, []string{`minutes="15"`}, "2024-12-31T23:44:59Z", "2024-12-31T23:45:00Z"},
		{"around midnight, at it", "Hourly", `start="23:45:00" end="00:15:00"`, []string{`minutes="15"`}, "2024-12-31T23:45:00Z", "2025-01-01T00:00:00Z"},
		{"around midnight, the last", "Hourly", `start="23:45:00" end="00:15:00"`, []string{`minutes="15"`}, "2025-01-01T00:00:00Z", "2025-01-01T00:15:00Z"},
		{"around midnight, after", "Hourly", `start="23:45:00" end="00:15:00"`, []string{`minutes="15"`}, "2025-01-01T00:15:00Z", "2025-01-01T23:45:00Z"},
		{"hourly from Sunday into Monday", "Hourly", `start="23:00:00" end="01:00:00"`, []string{`hours="1"`, `weekDay="Sunday"`}, "2024-03-04T00:00:00Z", "2024-03-04T01:00:00Z"},
		{"hourly at weekends", "Hourly", workday, []string{`hours="8"`, `weekDay="Saturday"`, `weekDay="Sunday"`}, "2024-03-02T16:00:00Z", "2024-03-03T08:00:00Z"},
		{"once from start to end", "Hourly", workday, []string{`hours="12"`}, "2024-03-02T08:00:00Z", "2024-03-03T08:00:00Z"},
		{"daily at midnight", "Daily", `start="00:00:00"`, nil, "2024-02-28T00:00:00Z", "2024-02-29T00:00:00Z"},
		{"daily, the last second", "Daily", `start="23:59:59"`, nil, "2023-12-31T23:59:58Z", "2023-12-31T23:59:59Z"},
		{"weekly over the end of a year", "Weekly", `start="08:00:00"`, []string{`weekDay="Wednesday"`}, "2024-12-26T00:00:00Z", "2025-01-01T08:00:00Z"},
		{"monthly, the 29th of no leap year", "Monthly", `start="08:00:00"`, []string{`monthDay="29"`}, "2023-01-29T08:00:00Z", "2023-03-29T08:00:00Z"},
		{"monthly, the 29th of a leap year", "Monthly", `start="08:00:00"`, []string{`monthDay="29"`}, "2024-01-29T08:00:00Z", "2024-02-29T08:00:00Z"},
		{"monthly, the 30th and the last day", "Monthly", `start="08:00:00"`, []string{`monthDay="30"`, `monthDay="LastDay"`}, "2024-04-30T07:00:00Z", "2024-04-30T08:00:00Z"},
		{"monthly, December's last day", "Monthly", `start="08:00:00"`, []string{`monthDay="LastDay"`}, "2024-11-30T08:00:00Z", "2024-12-31T08:00:00Z"},
		{"the first Monday", "Monthly", `start="08:00:00"`, []string{`monthDay="First" weekDay="Monday"`}, "2024-09-02T08:00:00Z", "2024-10-07T08:00:00Z"},
		{"the second Tuesday", "Monthly", `start="08:00:00"`, []string{`monthDay="Second" weekDay="Tuesday"`}, "2024-10-01T09:00:00Z", "2024-10-08T08:00:00Z"},
		{"the fourth Thursday", "Monthly", `start="08:00:00"`, []string{`monthDay="Fourth" weekDay="Thursday"`}, "2024-11-21T09:00:00Z", "2024-11-28T08:00:00Z"},
		{"the fifth Friday", "Monthly", `start="08:00:00"`, []string{`monthDay="Fifth" weekDay="Friday"`}, "2024-03-29T08:00:00Z", "2024-05-31T08:00:00Z"},
		{"the last Friday", "Monthly", `start="08:00:00"`, []string{`monthDay="LastDay" weekDay="Friday"`}, "2024-02-23T08:00:00Z", "2024-03-29T08:00:00Z"},
		{"the 15th and the last day", "Monthly", `start="08:00:00"`, []string{`monthDay="LastDay"`, `monthDay="15"`}, "2024-04-30T08:00:00Z", "2024-05-15T08:00:00Z"},
	}
	for _, test := range tests {
		at, err := time.Parse(time.RFC3339, test.now)
		if err != nil {
			t.Fatal(err)
		}
		now.Store(new(at.In(time.FixedZone("east", 5*60*60)))) // the zone of the clock does not matter
		made, _ := root.xml(201, "POST", "/schedules", scheduleDocument(test.name, "Extract", test.frequency, test.times, test.intervals...)).find("schedule")
		if got := made.attr("nextRunAt"); got != test.want {
			t.Errorf("%s: nextRunAt %s at %s, want %s", test.name, got, test.now, test.want)
		}
	}
}

// TestNextRunInZones has tasks with schedules of their own: their times of day are those of their site.
func TestNextRunInZones(t *testing.T) {
	t.Parallel()
	server, _, admin := frozen(t, "2023-01-01T00:00:00Z")
	d := admin.publishedDataSource("Own", "a.hyper", []byte("HyperTest")).attr("id")
	const early = `start="06:00:00"`
	tests := []struct {
		zone, frequency, times string
		intervals              []string
		now, want              string
	}{
		{"America/New_York", "Daily", early, []string{`weekDay="Sunday"`}, "2024-03-09T12:00:00Z", "2024-03-10T10:00:00Z"}, // summer time has begun at 2
		{"America/New_York", "Daily", early, []string{`weekDay="Saturday"`}, "2024-03-08T12:00:00Z", "2024-03-09T11:00:00Z"},
		{"America/New_York", "Daily", early, []string{`weekDay="Sunday"`}, "2024-11-02T12:00:00Z", "2024-11-03T11:00:00Z"}, // it has ended at 2
		{"Asia/Kolkata", "Weekly", `start="00:00:00"`, []string{`weekDay="Monday"`}, "2023-12-31T18:29:59Z", "2023-12-31T18:30:00Z"},
		{"Asia/Kolkata", "Weekly", `start="00:00:00"`, []string{`weekDay="Monday"`}, "2023-12-31T18:30:00Z", "2024-01-07T18:30:00Z"},
		{"Pacific/Kiritimati", "Monthly", `start="23:30:00"`, []string{`monthDay="LastDay"`}, "2024-02-29T00:00:00Z", "2024-02-29T09:30:00Z"},
		{"Pacific/Kiritimati", "Monthly", `start="23:30:00"`, []string{`monthDay="LastDay"`}, "2024-02-29T09:30:00Z", "2024-03-31T09:30:00Z"},
		{"Pacific/Pago_Pago", "Monthly", `start="00:05:00"`, []string{`monthDay="1"`}, "2024-01-01T11:04:00Z", "2024-01-01T11:05:00Z"},
		{"Asia/Tokyo", "Hourly", `start="22:00:00" end="02:00:00"`, []string{`hours="1"`, `weekDay="Monday"`}, "2024-01-01T16:30:00Z", "2024-01-01T17:00:00Z"},
		{"Asia/Tokyo", "Hourly", `start="22:00:00" end="02:00:00"`, []string{`hours="1"`, `weekDay="Monday"`}, "2024-01-01T17:00:00Z", "2024-01-08T13:00:00Z"},
		{"Asia/Tokyo", "Daily", `start="18:20:00" end="18:20:00"`, []string{`hours="24"`, `weekDay="Tuesday"`}, "2024-01-02T09:20:00Z", "2024-01-09T09:20:00Z"},
		{"Europe/Paris", "Daily", `start="06:00:00" end="18:00:00"`, []string{`hours="4"`, `weekDay="Friday"`}, "2024-03-01T09:00:00Z", "2024-03-01T13:00:00Z"},
		{"", "Daily", early, []string{`weekDay="Friday"`}, "2024-03-01T05:00:00Z", "2024-03-01T06:00:00Z"},
	}
	for _, test := range tests {
		at, err := time.Parse(time.RFC3339, test.now)
		if err != nil {
			t.Fatal(err)
		}
		setting := `useDefaultTimeZone="true"`
		if test.zone != "" {
			setting = `useDefaultTimeZone="false" timeZone="` + test.zone + `"`
		}
		admin.xml(200, "PUT", "/sites/{site}", "<tsRequest><site "+setting+"/></tsRequest>")
		server.SetNow(at)
		made := admin.xml(200, "POST", "/sites/{site}/tasks/extractRefreshes", cloudTask("FullRefresh", "datasource", d, test.frequency, test.times, test.intervals...))
		s, _ := made.find("schedule")
		if got := s.attr("nextRunAt"); got != test.want {
			t.Errorf("%s %s %s %v: nextRunAt %s at %s, want %s", test.zone, test.frequency, test.times, test.intervals, got, test.now, test.want)
		}
		task, _ := made.find("extractRefresh")
		admin.xml(204, "DELETE", "/sites/{site}/tasks/extractRefreshes/"+task.attr("id"), "")
	}
}

func TestScheduleRules(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	root, admin := serverAdmin(t, server), newSite(t, server)
	creator := colleague(admin, "Creator")
	w, schedule := admin.published("Bakery"), func(name, kind string) string {
		made, _ := root.xml(201, "POST", "/schedules", scheduleDocument(name, kind, "Daily", `start="02:00:00"`)).find("schedule")
		return made.attr("id")
	}
	extracts, mails := schedule("Extracts", "Extract"), schedule("Mails", "Subscription")
	path := "/sites/{site}/schedules/" + extracts + "/workbooks"
	add := func(workbook string) string {
		return `<tsRequest><task><extractRefresh><workbook id="` + workbook + `"/></extractRefresh></task></tsRequest>`
	}
	made, _ := admin.xml(200, "PUT", path, add(w.attr("id"))).find("extractRefresh")
	task := "/sites/{site}/tasks/extractRefreshes/" + made.attr("id")
	document := func(frequency, times string, intervals ...string) string {
		return scheduleDocument("Other", "Extract", frequency, times, intervals...)
	}
	const day, hours = `start="06:00:00"`, `start="06:00:00" end="18:00:00"`
	tests := []struct {
		name         string
		by           *user
		method, path string
		body         string
		code         string
	}{
		{"hourly without an end", root, "POST", "/schedules", document("Hourly", day, `hours="1"`), "409004"},
		{"hourly without intervals", root, "POST", "/schedules", document("Hourly", hours), "409004"},
		{"hourly with days only", root, "POST", "/schedules", document("Hourly", hours, `weekDay="Monday"`), "409004"},
		{"hourly with hours and minutes", root, "POST", "/schedules", document("Hourly", hours, `hours="1"`, `minutes="15"`), "409004"},
		{"hourly with both in one interval", root, "POST", "/schedules", document("Hourly", hours, `hours="1" minutes="15"`), "409004"},
		{"every three hours", root, "POST", "/schedules", document("Hourly", hours, `hours="3"`), "409004"},
		{"every 2.0 hours", root, "POST", "/schedules", document("Hourly", hours, `hours="2.0"`), "409004"},
		{"every 45 minutes", root, "POST", "/schedules", document("Hourly", hours, `minutes="45"`), "409004"},
		{"no start", root, "POST", "/schedules", document("Daily", ""), "409004"},
		{"a start without seconds", root, "POST", "/schedules", document("Daily", `start="06:00"`), "409004"},
		{"weekly without days", root, "POST", "/schedules", document("Weekly", day), "409004"},
		{"weekly with hours", root, "POST", "/schedules", document("Weekly", day, `hours="2"`, `weekDay="Monday"`), "409004"},
		{"a day twice", root, "POST", "/schedules", document("Weekly", day, `weekDay="Monday"`, `weekDay="Monday"`), "409004"},
		{"no day of the week", root, "POST", "/schedules", document("Weekly", day, `weekDay="Mon"`), "409004"},
		{"monthly without days", root, "POST", "/schedules", document("Monthly", day), "409004"},
		{"the 32nd", root, "POST", "/schedules", document("Monthly", day, `monthDay="32"`), "409004"},
		{"the first Monday", root, "POST", "/schedules", document("Monthly", day, `monthDay="First"`, `monthDay="Monday"`), "409004"},
		{"another frequency", root, "POST", "/schedules", document("Yearly", day), "409004"},
		{"a name that is taken", root, "POST", "/schedules", scheduleDocument("mails", "Extract", "Daily", day), "409004"},
		{"a system schedule", root, "POST", "/schedules", scheduleDocument("S", "System", "Daily", day), "400000"},
		{"no name", root, "POST", "/schedules", scheduleDocument("", "Extract", "Daily", day), "400003"},
		{"no details", root, "POST", "/schedules", `<tsRequest><schedule name="n" type="Extract" frequency="Daily"/></tsRequest>`, "400003"},
		{"a site administrator makes one", admin, "POST", "/schedules", document("Daily", day), "403004"},
		{"priority 101", root, "PUT", "/schedules/" + mails, `<tsRequest><schedule priority="101"/></tsRequest>`, "400000"},
		{"another state", root, "PUT", "/schedules/" + mails, `<tsRequest><schedule state="Asleep"/></tsRequest>`, "400000"},
		{"another type", root, "PUT", "/schedules/" + mails, `<tsRequest><schedule type="Extract"/></tsRequest>`, "400000"},
		{"a frequency without details", root, "PUT", "/schedules/" + mails, `<tsRequest><schedule frequency="Weekly"/></tsRequest>`, "409004"},
		{"unknown schedule", admin, "GET", "/schedules/" + nowhere, "", "404003"},
		{"a workbook on a schedule for mails", admin, "PUT", "/sites/{site}/schedules/" + mails + "/workbooks", add(w.attr("id")), "409004"},
		{"an unknown workbook", admin, "PUT", path, add(nowhere), "404006"},
		{"no workbook", admin, "PUT", path, `<tsRequest><task/></tsRequest>`, "400003"},
		{"somebody else's workbook", creator, "PUT", path, add(w.attr("id")), "403004"},
		{"somebody else's task", creator, "POST", task + "/runNow", "<tsRequest/>", "404003"},
		{"unknown task", admin, "DELETE", "/sites/{site}/tasks/extractRefreshes/" + nowhere, "", "404003"},
		{"a mail on a schedule for extracts", admin, "POST", "/sites/{site}/subscriptions", subscriptionDocument("Workbook", w.attr("id"), extracts, admin.id), "400063"},
		{"a mail of a project", admin, "POST", "/sites/{site}/subscriptions", subscriptionDocument("Project", w.attr("id"), mails, admin.id), "400063"},
		{"a mail of an unknown view", admin, "POST", "/sites/{site}/subscriptions", subscriptionDocument("View", nowhere, mails, admin.id), "404011"},
		{"a mail to nobody", admin, "POST", "/sites/{site}/subscriptions", subscriptionDocument("Workbook", w.attr("id"), mails, nowhere), "404002"},
		{"a mail at no time", admin, "POST", "/sites/{site}/subscriptions", subscriptionDocument("Workbook", w.attr("id"), nowhere, admin.id), "404003"},
		{"a mail without content", admin, "POST", "/sites/{site}/subscriptions", `<tsRequest><subscription subject="S"/></tsRequest>`, "400003"},
		{"a mail to somebody else", creator, "POST", "/sites/{site}/subscriptions", subscriptionDocument("Workbook", w.attr("id"), mails, admin.id), "403004"},
		{"unknown subscription", admin, "GET", "/sites/{site}/subscriptions/" + nowhere, "", "404025"},
	}
	for _, test := range tests {
		if got := test.by.do(test.method, test.path, "text/xml", []byte(test.body)).code(); got != test.code {
			t.Errorf("%s: code %q, want %s", test.name, got, test.code)
		}
	}
}

// TestSchedulesTakeAlong deletes what tasks and subscriptions depend on.
func TestSchedulesTakeAlong(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	root, admin := serverAdmin(t, server), newSite(t, server)
	member := colleague(admin, "Viewer")
	id := func(n node, name string) string {
		found, _ := n.find(name)
		return found.attr("id")
	}
	extracts := id(root.xml(201, "POST", "/schedules", scheduleDocument("E", "Extract", "Daily", `start="02:00:00"`)), "schedule")
	mails := id(root.xml(201, "POST", "/schedules", scheduleDocument("M", "Subscription", "Daily", `start="02:00:00"`)), "schedule")
	first, second := admin.published("First"), admin.published("Second")
	for range 2 { // adding again changes nothing
		for _, w := range []node{first, second} {
			admin.xml(200, "PUT", "/sites/{site}/schedules/"+extracts+"/workbooks",
				`<tsRequest><task><extractRefresh><workbook id="`+w.attr("id")+`"/></extractRefresh></task></tsRequest>`)
		}
	}
	for _, to := range []string{admin.id, member.id} {
		admin.xml(201, "POST", "/sites/{site}/subscriptions", subscriptionDocument("View", id(first, "view"), mails, to))
		admin.xml(201, "POST", "/sites/{site}/subscriptions", subscriptionDocument("Workbook", second.attr("id"), mails, to))
	}
	count := func() []int {
		return []int{len(admin.xml(200, "GET", "/sites/{site}/tasks/extractRefreshes", "").all("task")),
			len(admin.xml(200, "GET", "/sites/{site}/subscriptions", "").all("subscription"))}
	}
	steps := []struct {
		name   string
		by     *user
		path   string
		counts []int
	}{
		{"nothing", nil, "", []int{2, 4}},
		{"a user", admin, "/sites/{site}/users/" + member.id, []int{2, 2}},
		{"a workbook", admin, "/sites/{site}/workbooks/" + first.attr("id"), []int{1, 1}},
		{"the schedule of the mails", root, "/schedules/" + mails, []int{1, 0}},
		{"the schedule of the extracts", root, "/schedules/" + extracts, []int{0, 0}},
	}
	if seen := len(member.xml(200, "GET", "/sites/{site}/subscriptions", "").all("subscription")); seen != 2 {
		t.Errorf("a viewer sees %d subscriptions, want the viewer's own 2", seen)
	}
	for _, step := range steps {
		if step.by != nil {
			step.by.xml(204, "DELETE", step.path, "")
		}
		if diff := cmp.Diff(step.counts, count()); diff != "" {
			t.Errorf("tasks and subscriptions after deleting %s (-want +got)\n%s", step.name, diff)
		}
	}
}
