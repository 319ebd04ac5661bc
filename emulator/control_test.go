package emulator_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/internal/sample"
)

// control sends a request to the control plane and reads the JSON that is answered.
func control(t *testing.T, server *emulator.Server, status int, method, path, body string, into any) {
	t.Helper()
	nobody := &user{t: t, server: server}
	r := nobody.send(method, "/_emulator/"+path, nil, []byte(body))
	if r.status != status {
		t.Fatalf("%s %s: status %d, want %d: %s", method, path, r.status, status, r.body)
	}
	if into != nil {
		if err := json.Unmarshal(r.body, into); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, r.body)
		}
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]emulator.Option{"memory": nil, "disk": {emulator.WithDir(t.TempDir())}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := emulator.Start(t, append(opts, emulator.WithToken("ci", "secret"))...)
			before := server.DefaultSite()
			u := newSite(t, server)
			u.published("Sales")
			u.publish("Later", "asJob=true").must(t, 202)
			root := serverAdmin(t, server)
			root.published("Stock")
			server.Fault(emulator.Fault{Route: "Query Sites", Status: 500})
			if err := server.Reset(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := server.Requests(); len(got) != 0 {
				t.Errorf("%d requests are left", len(got))
			}
			if got := u.do("GET", "/sites/{site}", "", nil).code(); got != "401002" {
				t.Errorf("the session goes on: %q", got)
			}
			after := server.DefaultSite()
			before.ID, after.ID = "", ""
			if before != after {
				t.Error("the administrator has another password or token")
			}
			root = serverAdmin(t, server)
			root.signIn(byToken("ci", "secret", ""))
			if got := names(root.xml(200, "GET", "/sites", ""), "site"); !cmp.Equal(got, []string{"Default"}) {
				t.Errorf("sites %v", got)
			}
			if got := names(root.xml(200, "GET", "/sites/{site}/workbooks", ""), "workbook"); len(got) != 0 {
				t.Errorf("workbooks %v", got)
			}
			root.waitForJob(jobID(root.publish("Later", "asJob=true").must(t, 202))) // jobs run on
		})
	}
}

func jobID(document node) string {
	job, _ := document.find("job")
	return job.attr("id")
}

func TestSnapshotAndRestore(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]emulator.Option{"memory": nil, "disk": {emulator.WithDir(t.TempDir())}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := emulator.Start(t, opts...)
			u := newSite(t, server)
			id := u.published("Sales").attr("id")
			snapshot, err := server.Snapshot(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				u.xml(204, "DELETE", "/sites/{site}/workbooks/"+id, "")
				u.published("Stock")
				if err := server.Restore(t.Context(), snapshot); err != nil {
					t.Fatal(err)
				}
				if got := names(u.xml(200, "GET", "/sites/{site}/workbooks", ""), "workbook"); !cmp.Equal(got, []string{"Sales"}) {
					t.Errorf("workbooks %v", got)
				}
				if r := u.do("GET", "/sites/{site}/workbooks/"+id+"/content", "", nil); !slices.Equal(r.body, sample.Workbook()) {
					t.Errorf("the file is not what was published: status %d", r.status)
				}
			}
			if err := snapshot.Remove(); err != nil {
				t.Error(err)
			}
			if err := server.Restore(t.Context(), snapshot); err == nil {
				t.Error("a removed snapshot was restored")
			}
		})
	}
}

func TestControlPlane(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	var site emulator.Site
	control(t, server, 200, "POST", "sites", "", &site)
	u := &user{t: t, server: server}
	u.signIn(byPassword(site.AdminName, site.AdminPassword, site.ContentURL))
	u.signIn(byToken(site.TokenName, site.TokenSecret, site.ContentURL))

	control(t, server, 204, "PUT", "snapshots/empty", "", nil)
	control(t, server, 204, "PUT", "snapshots/empty", "", nil)
	u.published("Sales")
	var names []string
	control(t, server, 200, "GET", "snapshots", "", &names)
	if !cmp.Equal(names, []string{"empty"}) {
		t.Errorf("snapshots %v", names)
	}
	control(t, server, 204, "POST", "snapshots/empty/restore", "", nil)
	if found := u.xml(200, "GET", "/sites/{site}/workbooks", "").all("workbook"); len(found) != 0 {
		t.Errorf("%d workbooks after restoring", len(found))
	}
	control(t, server, 204, "DELETE", "snapshots/empty", "", nil)
	control(t, server, 404, "DELETE", "snapshots/empty", "", nil)
	control(t, server, 404, "POST", "snapshots/empty/restore", "", nil)

	type clock struct{ Now time.Time }
	var at clock
	control(t, server, 200, "POST", "clock", `{"now": "2030-01-31T08:00:00Z"}`, &at)
	control(t, server, 200, "POST", "clock", `{"advance": "1h30m"}`, &at)
	control(t, server, 200, "GET", "clock", "", &at)
	if late := at.Now.Sub(time.Date(2030, 1, 31, 9, 30, 0, 0, time.UTC)); late < 0 || late > time.Minute {
		t.Errorf("it is %v by the clock", at.Now)
	}
	if got := u.do("GET", "/sites/{site}", "", nil).code(); got != "401002" {
		t.Errorf("the session has outlived its time: %q", got)
	}

	var fault, faults = map[string]any{}, []map[string]any{}
	control(t, server, 200, "POST", "faults", `{"route": "Sign In", "status": 429, "retryAfter": "90s", "delay": "1ms", "times": 1}`, &fault)
	nobody := &user{t: t, server: server}
	if r := nobody.do("POST", "/auth/signin", "", []byte("<tsRequest/>")); r.status != 429 || r.header.Get("Retry-After") != "90" {
		t.Errorf("status %d, %v", r.status, r.header)
	}
	control(t, server, 200, "GET", "faults", "", &faults)
	fault["hits"] = 1.0
	if diff := cmp.Diff([]map[string]any{fault}, faults); diff != "" {
		t.Error(diff)
	}
	if fault["retryAfter"] != "1m30s" || fault["delay"] != "1ms" || fault["route"] != "Sign In" {
		t.Errorf("the fault is told as %v", fault)
	}
	control(t, server, 204, "DELETE", "faults/"+fault["id"].(string), "", nil)
	control(t, server, 404, "DELETE", "faults/"+fault["id"].(string), "", nil)
	control(t, server, 200, "POST", "faults", `{"effect": "lose-answer"}`, nil)
	control(t, server, 204, "DELETE", "faults", "", nil)
	control(t, server, 200, "GET", "faults", "", &faults)
	if len(faults) != 0 {
		t.Errorf("faults are left: %v", faults)
	}

	var seen []emulator.Request
	control(t, server, 200, "GET", "requests?site="+site.ID, "", &seen)
	if len(seen) == 0 || seen[0].Route != "Sign In" || strings.Contains(seen[0].Body, site.AdminPassword) {
		t.Errorf("requests %+v", seen)
	}
	control(t, server, 204, "DELETE", "requests?site="+site.ID, "", nil)
	control(t, server, 200, "GET", "requests?site="+site.ID, "", &seen)
	if len(seen) != 0 {
		t.Errorf("requests are left: %v", seen)
	}

	control(t, server, 204, "POST", "seed", "sites: [{name: Seeded}]", nil)
	root := serverAdmin(t, server)
	if got := len(root.xml(200, "GET", "/sites", "").all("site")); got != 3 {
		t.Errorf("%d sites, want 3", got)
	}
	control(t, server, 204, "POST", "reset", "", nil)
	root = serverAdmin(t, server)
	if got := len(root.xml(200, "GET", "/sites", "").all("site")); got != 1 {
		t.Errorf("%d sites after a reset", got)
	}
	for _, bad := range [][3]string{
		{"POST", "clock", `{}`}, {"POST", "clock", `{"now": "2030-01-31T08:00:00Z", "advance": "1h"}`}, {"POST", "clock", `{"advance": "soon"}`},
		{"POST", "faults", `{"status": 200}`}, {"POST", "faults", `{"state": 500}`}, {"POST", "faults", `{"status": 500, "hits": 3}`},
		{"POST", "seed", "sites: [{nome: x}]"}, {"POST", "seed", ": :"}, {"POST", "seed", "sites: [{name: X, workbooks: [{file: /etc/hostname}]}]"},
	} {
		var told map[string]string
		control(t, server, 400, bad[0], bad[1], bad[2], &told)
		if told["error"] == "" {
			t.Errorf("%v: no error is told", bad)
		}
	}
	control(t, server, 404, "GET", "nothing", "", nil)
}

func TestWhoMayControl(t *testing.T) {
	t.Parallel()
	closed, err := emulator.New()
	if err != nil {
		t.Fatal(err)
	}
	open, err := emulator.New(emulator.WithControlPlane())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed.Close(); open.Close() })
	tests := []struct {
		name, from, host, origin string
		server                   *emulator.Server
		want                     int
	}{
		{"this machine", "127.0.0.1:4711", "localhost:8850", "", closed, 200},
		{"this machine, IPv6", "[::1]:4711", "[::1]:8850", "", closed, 200},
		{"another machine", "192.0.2.7:4711", "192.0.2.1:8850", "", closed, 403},
		{"another name", "127.0.0.1:4711", "evil.example.com", "", closed, 403},
		{"a web page", "127.0.0.1:4711", "localhost:8850", "http://evil.example.com", closed, 403},
		{"another machine, when open", "192.0.2.7:4711", "tableau.example.com", "", open, 200},
		{"a web page, when open", "127.0.0.1:4711", "localhost:8850", "http://evil.example.com", open, 403},
	}
	for _, test := range tests {
		r := httptest.NewRequest("GET", "/_emulator/faults", nil)
		r.RemoteAddr, r.Host = test.from, test.host
		if test.origin != "" {
			r.Header.Set("Origin", test.origin)
		}
		w := httptest.NewRecorder()
		test.server.ServeHTTP(w, r)
		if w.Code != test.want {
			t.Errorf("%s: status %d, want %d: %s", test.name, w.Code, test.want, w.Body)
		}
		r.URL.Path = "/_emulator/health"
		w = httptest.NewRecorder()
		if test.server.ServeHTTP(w, r); w.Code != 200 {
			t.Errorf("%s: health answers %d", test.name, w.Code)
		}
	}
}

// TestResetUnderLoad resets and restores while callers are at work: they get answers of before or of after, never half.
func TestResetUnderLoad(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	for range 4 {
		go func() {
			defer func() { done <- struct{}{} }()
			for ctx.Err() == nil {
				u := &user{t: t, server: server}
				site := server.DefaultSite()
				r, err := u.trySend("POST", "/api/"+version+"/auth/signin", "", []byte("<tsRequest>"+byPassword(site.AdminName, site.AdminPassword, "")+"</tsRequest>"))
				if err != nil || r.status != 200 {
					t.Errorf("signing in: %v, status %d: %s", err, r.status, r.body)
					return
				}
				document := r.must(t, 200)
				c, _ := document.find("credentials")
				s, _ := document.find("site")
				u.token, u.site = c.attr("token"), s.attr("id")
				if _, ok := u.tryPublish("W"); ok {
					continue
				}
				r, err = u.trySend("GET", "/api/"+version+"/sites/"+u.site+"/workbooks", "", nil)
				if err != nil || r.status != 200 && r.status != 401 {
					t.Errorf("listing: %v, status %d: %s", err, r.status, r.body)
				}
			}
		}()
	}
	times := 20
	if raceDetector {
		times = 4
	}
	for i := range times {
		snapshot, err := server.Snapshot(ctx)
		if err == nil && i%2 == 0 {
			err = server.Reset(ctx)
		}
		if err == nil {
			err = server.Restore(ctx, snapshot)
		}
		if err == nil {
			err = snapshot.Remove()
		}
		if err != nil {
			t.Error(err)
		}
	}
	stop()
	for range 4 {
		<-done
	}
}

var _ http.Handler = (*emulator.Server)(nil)
