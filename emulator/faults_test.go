package emulator_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tabctl/tableau-go/emulator"
)

const someWorkbooks = "/sites/{site}/workbooks"

// statuses sends a request several times and returns what came: -1 for no answer.
func (u *user) statuses(n int, method, path string) (all []int) {
	u.t.Helper()
	for range n {
		r, err := u.trySend(method, "/api/"+version+strings.ReplaceAll(path, "{site}", u.site), "", nil)
		if err != nil {
			r.status = -1
		}
		all = append(all, r.status)
	}
	return all
}

func TestFaultsStrikeWhatTheyMatch(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	u, other := newSite(t, server), newSite(t, server)
	down := func(f emulator.Fault) emulator.Fault { f.Status = 503; return f }
	tests := []struct {
		name  string
		fault emulator.Fault
		want  []int
	}{
		{"everything", emulator.Fault{}, []int{503, 503, 503, 503}},
		{"method", emulator.Fault{Method: "get"}, []int{503, 503, 503, 503}},
		{"other method", emulator.Fault{Method: "POST"}, []int{200, 200, 200, 200}},
		{"route", emulator.Fault{Route: "Query Workbooks for Site"}, []int{503, 503, 503, 503}},
		{"other route", emulator.Fault{Route: "Publish Workbook"}, []int{200, 200, 200, 200}},
		{"path", emulator.Fault{Path: "/sites/*/workbooks"}, []int{503, 503, 503, 503}},
		{"path of a route", emulator.Fault{Path: "/sites/{site}/workbooks"}, []int{503, 503, 503, 503}},
		{"beginning of a path", emulator.Fault{Path: "/sites/**"}, []int{503, 503, 503, 503}},
		{"longer path", emulator.Fault{Path: "/sites/*/workbooks/*"}, []int{200, 200, 200, 200}},
		{"shorter path", emulator.Fault{Path: "/sites/*"}, []int{200, 200, 200, 200}},
		{"times", emulator.Fault{Times: 2}, []int{503, 503, 200, 200}},
		{"after", emulator.Fault{After: 1, Times: 1}, []int{200, 503, 200, 200}},
		{"site by ID", emulator.Fault{Site: u.site}, []int{503, 503, 503, 503}},
		{"site by content URL", emulator.Fault{Site: u.siteContentURL()}, []int{503, 503, 503, 503}},
		{"other site", emulator.Fault{Site: other.site}, []int{200, 200, 200, 200}},
	}
	for _, test := range tests {
		f := server.Fault(down(test.fault))
		got := u.statuses(4, "GET", someWorkbooks)
		hits := f.Hits()
		f.Remove()
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s:\n%s", test.name, diff)
		}
		struck := 0
		for _, status := range got {
			if status == 503 {
				struck++
			}
		}
		if hits != struck {
			t.Errorf("%s: %d hits are counted, %d requests were struck", test.name, hits, struck)
		}
		if got := u.statuses(1, "GET", someWorkbooks); got[0] != 200 {
			t.Errorf("%s: status %d after the fault was removed", test.name, got[0])
		}
	}
}

func TestFaultsBySiteStrikeSignIns(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	struck, spared := server.NewSite(t), server.NewSite(t)
	server.Fault(emulator.Fault{Route: "Sign In", Site: struck.ID, Status: 500})
	signIn := func(site emulator.Site) int {
		nobody := &user{t: t, server: server}
		return nobody.do("POST", "/auth/signin", "", []byte("<tsRequest>"+byToken(site.TokenName, site.TokenSecret, site.ContentURL)+"</tsRequest>")).status
	}
	if got := signIn(struck); got != 500 {
		t.Errorf("status %d on the site of the fault", got)
	}
	if got := signIn(spared); got != 200 {
		t.Errorf("status %d on another site", got)
	}
}

func TestFaultsByChance(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	u := newSite(t, server)
	run := func(seed uint64) []int {
		f := server.Fault(emulator.Fault{Chance: 0.5, Seed: seed, Status: 500})
		defer f.Remove()
		return u.statuses(40, "GET", "/sites/{site}")
	}
	first := run(1)
	if diff := cmp.Diff(first, run(1)); diff != "" {
		t.Errorf("one seed, two courses:\n%s", diff)
	}
	if cmp.Equal(first, run(2)) {
		t.Error("two seeds, one course")
	}
	struck := 0
	for _, status := range first {
		if status == 500 {
			struck++
		}
	}
	if struck < 8 || struck > 32 {
		t.Errorf("of 40 requests %d were struck, about 20 are wanted", struck)
	}
}

func TestFaultStatuses(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	u := newSite(t, server)
	get := func(f emulator.Fault) reply {
		f.Times = 1
		server.Fault(f)
		return u.do("GET", someWorkbooks, "", nil)
	}
	if r := get(emulator.Fault{Status: 503}); r.status != 503 || r.code() != "503000" {
		t.Errorf("status %d: %s", r.status, r.body)
	}
	if r := get(emulator.Fault{Status: 502, Answer: emulator.HTMLAnswer}); r.status != 502 || !strings.HasPrefix(string(r.body), "<!DOCTYPE html>") || !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
		t.Errorf("status %d, %v: %s", r.status, r.header, r.body)
	}
	if r := get(emulator.Fault{Status: 504, Answer: emulator.EmptyAnswer}); r.status != 504 || len(r.body) != 0 {
		t.Errorf("status %d: %s", r.status, r.body)
	}
	if r := get(emulator.Fault{Status: 429, RetryAfter: 90 * time.Second}); r.status != 429 || r.header.Get("Retry-After") != "90" {
		t.Errorf("status %d: %v", r.status, r.header)
	}
	r := get(emulator.Fault{Status: 429, RetryAfter: time.Hour, RetryAfterDate: true})
	if at, err := http.ParseTime(r.header.Get("Retry-After")); err != nil || time.Until(at) < 59*time.Minute || time.Until(at) > time.Hour {
		t.Errorf("Retry-After is %q: %v", r.header.Get("Retry-After"), err)
	}
	server.Fault(emulator.Fault{Status: 500, Times: 1})
	asJSON := u.send("GET", "/api/"+version+"/sites/"+u.site, http.Header{"Accept": {"application/json"}}, nil)
	if _, ok := decodeJSON(t, asJSON.body)["error"]; !ok {
		t.Errorf("no error in %s", asJSON.body)
	}
}

func TestFaultEffects(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	u := newSite(t, server)
	try := func(f emulator.Fault, name string) (string, reply, error) {
		f.Method, f.Times = "POST", 1
		active := server.Fault(f)
		defer active.Remove()
		r, err := u.trySend("POST", "/api/"+version+"/sites/"+u.site+"/projects", "text/xml", []byte(`<tsRequest><project name="`+name+`"/></tsRequest>`))
		if active.Hits() != 1 {
			t.Errorf("%s: %d hits", name, active.Hits())
		}
		return name, r, err
	}
	made := func(name string) bool {
		return len(names(u.xml(200, "GET", "/sites/{site}/projects?filter=name:eq:"+name, ""), "project")) == 1
	}
	if name, r, err := try(emulator.Fault{Effect: emulator.DropConnection}, "dropped"); err == nil || made(name) {
		t.Errorf("dropped connection: status %d, error %v, made %t", r.status, err, made(name))
	}
	if name, r, err := try(emulator.Fault{Effect: emulator.LoseAnswer}, "lost"); err == nil || !made(name) {
		t.Errorf("lost answer: status %d, error %v, made %t", r.status, err, made(name))
	}
	if name, r, err := try(emulator.Fault{Effect: emulator.CutAnswer}, "cut"); !errors.Is(err, io.ErrUnexpectedEOF) || r.status != 201 || len(r.body) == 0 || !made(name) {
		t.Errorf("cut answer: status %d, error %v, %d bytes, made %t", r.status, err, len(r.body), made(name))
	}
	name, r, err := try(emulator.Fault{Effect: emulator.ShortLength}, "short")
	if err != nil || r.status != 201 || strings.Contains(string(r.body), "</tsResponse>") || len(r.body) == 0 || !made(name) {
		t.Errorf("short length: status %d, error %v, made %t: %s", r.status, err, made(name), r.body)
	}
	started := time.Now()
	name, r, err = try(emulator.Fault{Effect: emulator.SlowAnswer, Delay: 100 * time.Millisecond}, "slow")
	if took := time.Since(started); err != nil || r.status != 201 || !strings.Contains(string(r.body), "</tsResponse>") || !made(name) || took < 100*time.Millisecond {
		t.Errorf("slow answer: status %d after %v, error %v, made %t", r.status, took, err, made(name))
	}
	started = time.Now()
	name, r, err = try(emulator.Fault{Delay: 50 * time.Millisecond}, "late")
	if took := time.Since(started); err != nil || r.status != 201 || !made(name) || took < 50*time.Millisecond {
		t.Errorf("delay: status %d after %v, error %v, made %t", r.status, took, err, made(name))
	}
	if name, r, err := try(emulator.Fault{Effect: emulator.EndSession}, "ended"); err != nil || r.code() != "401002" {
		t.Errorf("%s session: %v: %s", name, err, r.body)
	}
	if got := u.do("GET", "/sites/{site}", "", nil).code(); got != "401002" {
		t.Errorf("the session goes on: %q", got)
	}
}

func TestFaultsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	for name, f := range map[string]emulator.Fault{
		"nothing happens":            {},
		"unknown route":              {Route: "Query Everything", Status: 500},
		"path without slash":         {Path: "sites", Status: 500},
		"unknown effect":             {Effect: "melt"},
		"unknown answer":             {Status: 500, Answer: "poem"},
		"a success":                  {Status: 200},
		"status and effect":          {Status: 500, Effect: emulator.LoseAnswer},
		"an answer without a status": {Effect: emulator.LoseAnswer, Answer: emulator.HTMLAnswer},
		"slow at once":               {Effect: emulator.SlowAnswer},
		"negative":                   {Status: 500, Times: -1},
		"more than certain":          {Status: 500, Chance: 2},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("the fault was accepted")
				}
			}()
			server.Fault(f)
		})
	}
}
