package emulator_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/emulator"
)

// startedJob publishes the sample workbook as a job and returns the job's path.
func (u *user) startedJob(name string) string {
	u.t.Helper()
	j, _ := u.publish(name, "asJob=true").must(u.t, 202).find("job")
	return "/sites/{site}/jobs/" + j.attr("id")
}

// stateOf returns what a job tells of itself: progress, finish code, and which times it has.
func (u *user) stateOf(path string) string {
	u.t.Helper()
	j, _ := u.xml(200, "GET", path, "").find("job")
	listed := ""
	for _, one := range u.xml(200, "GET", "/sites/{site}/jobs", "").all("backgroundJob") {
		if strings.HasSuffix(path, one.attr("id")) {
			listed = one.attr("status")
		}
	}
	times := ""
	for _, name := range []string{"startedAt", "completedAt"} {
		if at := j.attr(name); at != "" {
			times += " " + name + " " + strings.TrimPrefix(at, "2024-01-01T")
		}
	}
	return listed + " " + j.attr("progress") + "% code " + j.attr("finishCode") + times
}

func (u *user) workbooks() (names []string) {
	u.t.Helper()
	for _, w := range u.xml(200, "GET", "/sites/{site}/workbooks?sort=name:asc", "").all("workbook") {
		names = append(names, w.attr("name"))
	}
	return names
}

// TestJobStates follows two jobs of one site and one of another, each of which takes ten minutes.
func TestJobStates(t *testing.T) {
	t.Parallel()
	server, _, admin := frozen(t, "2024-01-01T00:00:00Z", emulator.WithJobTime(10*time.Minute))
	other := newSite(t, server)
	first, second, elsewhere := admin.startedJob("First"), admin.startedJob("Second"), other.startedJob("Elsewhere")
	server.Advance(0) // whatever can start has started then
	for _, step := range []struct {
		after                    time.Duration
		first, second, elsewhere string
		workbooks                []string
	}{
		{0, "InProgress 0% code  startedAt 00:00:00Z", "Pending 0% code ", "InProgress 0% code  startedAt 00:00:00Z", nil},
		{4 * time.Minute, "InProgress 40% code  startedAt 00:00:00Z", "Pending 0% code ", "InProgress 40% code  startedAt 00:00:00Z", nil},
		{6 * time.Minute, "Success 100% code 0 startedAt 00:00:00Z completedAt 00:10:00Z", "InProgress 0% code  startedAt 00:10:00Z",
			"Success 100% code 0 startedAt 00:00:00Z completedAt 00:10:00Z", []string{"First"}},
		{time.Hour, "Success 100% code 0 startedAt 00:00:00Z completedAt 00:10:00Z", "Success 100% code 0 startedAt 00:10:00Z completedAt 00:20:00Z",
			"Success 100% code 0 startedAt 00:00:00Z completedAt 00:10:00Z", []string{"First", "Second"}},
	} {
		server.Advance(step.after)
		want := []any{step.first, step.second, step.elsewhere, step.workbooks}
		if diff := cmp.Diff(want, []any{admin.stateOf(first), admin.stateOf(second), other.stateOf(elsewhere), admin.workbooks()}); diff != "" {
			t.Errorf("after %v (-want +got)\n%s", step.after, diff)
		}
	}
}

// TestCancel cancels jobs that wait, run and have ended.
func TestCancel(t *testing.T) {
	t.Parallel()
	server, _, admin := frozen(t, "2024-01-01T00:00:00Z", emulator.WithJobTime(10*time.Minute))
	creator := colleague(admin, "Creator")
	running, waiting, last := admin.startedJob("Running"), admin.startedJob("Waiting"), admin.startedJob("Last")
	server.Advance(5 * time.Minute)
	if r := creator.do("PUT", running, "", nil); r.code() != "404018" {
		t.Errorf("somebody else cancels it: %s", r.body)
	}
	for _, path := range []string{waiting, running} {
		j, _ := admin.xml(200, "PUT", path, "").find("job")
		if j.attr("finishCode") != "2" {
			t.Errorf("cancelled: %+v", j)
		}
	}
	server.Advance(10 * time.Minute) // the last one has begun when the one that ran was cancelled
	want := []string{"Cancelled 100% code 2 startedAt 00:00:00Z completedAt 00:05:00Z", "Cancelled 100% code 2 completedAt 00:05:00Z",
		"Success 100% code 0 startedAt 00:05:00Z completedAt 00:15:00Z"}
	got := []string{admin.stateOf(running), admin.stateOf(waiting), admin.stateOf(last)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	admin.xml(200, "PUT", last, "") // too late
	server.Advance(time.Hour)
	if diff := cmp.Diff(want, []string{admin.stateOf(running), admin.stateOf(waiting), admin.stateOf(last)}); diff != "" {
		t.Errorf("an hour later (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Last"}, admin.workbooks()); diff != "" {
		t.Errorf("workbooks (-want +got)\n%s", diff)
	}
}

// TestCancelRace cancels jobs at the moment at which they end: each is either cancelled or has published.
func TestCancelRace(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	admin := newSite(t, server)
	const count = 20
	paths := make([]string, count)
	var cancelling sync.WaitGroup
	for i := range paths {
		paths[i] = admin.startedJob("W" + strconv.Itoa(i))
		cancelling.Go(func() {
			if _, err := admin.trySend("PUT", "/api/"+version+strings.ReplaceAll(paths[i], "{site}", admin.site), "", nil); err != nil {
				t.Error(err)
			}
		})
	}
	cancelling.Wait()
	published := map[string]bool{}
	for _, path := range paths {
		admin.waitForJob(path[strings.LastIndex(path, "/")+1:])
	}
	for _, name := range admin.workbooks() {
		published[name] = true
	}
	for i, path := range paths {
		j, _ := admin.xml(200, "GET", path, "").find("job")
		if name := "W" + strconv.Itoa(i); published[name] != (j.attr("finishCode") == "0") {
			t.Errorf("the job of %s ended with %s, published: %t", name, j.attr("finishCode"), published[name])
		}
	}
}

func TestFailureRules(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t, emulator.WithFailure("publish:Bad*"), emulator.WithFailure("p*:?/x"), emulator.WithFailure("refresh:*"))
	admin := newSite(t, server)
	for name, want := range map[string]string{"Good": "0", "Bad": "1", "Bad/er": "1", "a/x": "1", "ab/x": "0"} {
		path := admin.startedJob(name)
		j := admin.waitForJob(path[strings.LastIndex(path, "/")+1:])
		if notes, _ := j.find("notes"); j.attr("finishCode") != want || want == "1" && !strings.Contains(notes.Text, name) {
			t.Errorf("%s ended with %s and the notes %q, want %s", name, j.attr("finishCode"), notes.Text, want)
		}
	}
	if diff := cmp.Diff([]string{"ab/x", "Good"}, admin.workbooks()); diff != "" {
		t.Errorf("workbooks (-want +got)\n%s", diff)
	}
	for _, rule := range []string{"publish", ":x", "publish:", "publish:[", "[:x"} {
		if server, err := emulator.New(emulator.WithFailure(rule)); err == nil {
			server.Close()
			t.Errorf("the rule %q is taken", rule)
		}
	}
}

// TestJobsSurvive stops a server while one job runs and one waits: both run again.
func TestJobsSurvive(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	options := []emulator.Option{emulator.WithDir(dir), emulator.WithAdmin("root", "open sesame")}
	start := func(more ...emulator.Option) (*emulator.Server, *user) {
		server, err := emulator.New(append(options, more...)...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := server.Listen("127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		return server, serverAdmin(t, server)
	}
	server, root := start(emulator.WithJobTime(time.Hour))
	running, waiting := root.startedJob("Running"), root.startedJob("Waiting")
	server.Advance(time.Minute)
	if state := root.stateOf(running); !strings.HasPrefix(state, "InProgress") {
		t.Errorf("the job is %s, want it in progress", state)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	server.Advance(time.Hour) // nothing happens on a closed server
	server, root = start()
	defer server.Close()
	for _, path := range []string{running, waiting} {
		if j := root.waitForJob(path[strings.LastIndex(path, "/")+1:]); j.attr("finishCode") != "0" {
			t.Errorf("after the restart a job ended with %+v", j)
		}
	}
	if diff := cmp.Diff([]string{"Running", "Waiting"}, root.workbooks()); diff != "" {
		t.Errorf("workbooks (-want +got)\n%s", diff)
	}
}

// TestRealTime lets a job end by itself on a clock that runs.
func TestRealTime(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t, emulator.WithJobTime(50*time.Millisecond))
	admin := newSite(t, server)
	path := admin.startedJob("Soon")
	if j := admin.waitForJob(path[strings.LastIndex(path, "/")+1:]); j.attr("finishCode") != "0" {
		t.Errorf("ended with %+v", j)
	}
}

// TestClock moves a server's clock: it stands where it stood, or goes on, and sessions end by it.
func TestClock(t *testing.T) {
	t.Parallel()
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	server := emulator.Start(t, emulator.WithClock(func() time.Time { return start }))
	admin := newSite(t, server)
	server.Advance(239 * time.Minute)
	if now := server.Now(); !now.Equal(start.Add(239 * time.Minute)) {
		t.Errorf("the time is %v", now)
	}
	admin.xml(200, "GET", "/sites/{site}", "")
	server.Advance(time.Minute)
	if code := admin.do("GET", "/sites/{site}", "", nil).code(); code != "401002" {
		t.Errorf("after four hours: code %q, want 401002", code)
	}
	server.SetNow(start)
	if now := server.Now(); !now.Equal(start) {
		t.Errorf("set back, the time is %v", now)
	}
	running := emulator.Start(t)
	before := time.Now()
	running.Advance(time.Hour)
	if now := running.Now(); now.Before(before.Add(time.Hour)) || now.After(time.Now().Add(time.Hour)) {
		t.Errorf("a running clock shows %v an hour after %v", now, before)
	}
}
