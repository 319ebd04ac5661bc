package emulator_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/tabctl/tableau-go/emulator"
)

func TestServerInfo(t *testing.T) {
	t.Parallel()
	tests := map[string]string{"": "3.29", "3.19": "3.19", "2.4": "2.4"}
	for configured, want := range tests {
		var opts []emulator.Option
		if configured != "" {
			opts = append(opts, emulator.WithAPIVersion(configured))
		}
		nobody := &user{t: t, server: emulator.Start(t, opts...)}
		for _, path := range []string{"/api/2.4/serverinfo", "/api/2.4/serverInfo"} {
			info, _ := nobody.send("GET", path, nil, nil).must(t, 200).find("restApiVersion")
			if info.Text != want {
				t.Errorf("%s of %q: %q, want %q", path, configured, info.Text, want)
			}
		}
	}
	if _, err := emulator.New(emulator.WithAPIVersion("9.9")); err == nil {
		t.Error("a version that does not exist is accepted")
	}
}

func TestAnOlderServerKnowsNoNewerVersion(t *testing.T) {
	t.Parallel()
	nobody := &user{t: t, server: emulator.Start(t, emulator.WithAPIVersion("3.19"))}
	if got := nobody.send("GET", "/api/3.20/serverinfo", nil, nil).code(); got != "404001" {
		t.Errorf("%q, want 404001", got)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	nobody := &user{t: t, server: emulator.Start(t)}
	if r := nobody.send("GET", "/_emulator/health", nil, nil); r.status != 200 || string(r.body) != "ok" {
		t.Errorf("status %d: %s", r.status, r.body)
	}
}

func TestConcurrentCallers(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]emulator.Option{"memory": nil, "disk": {emulator.WithDir(t.TempDir())}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newSite(t, emulator.Start(t, opts...))
			const publishers, each = 4, 5
			var callers sync.WaitGroup
			for p := range publishers {
				callers.Go(func() {
					for i := range each {
						if _, ok := u.tryPublish(fmt.Sprintf("w-%d-%d", p, i)); !ok {
							t.Errorf("publishing w-%d-%d failed", p, i)
						}
					}
				})
				callers.Go(func() {
					for range 2 * each {
						r, err := u.trySend("GET", "/api/"+version+"/sites/"+u.site+"/workbooks?sort=name:asc", "", nil)
						if err != nil || r.status != 200 {
							t.Errorf("listing: %v, status %d", err, r.status)
						}
					}
				})
				callers.Go(func() { // all of them want the same name: one gets it
					u.trySend("POST", "/api/"+version+"/sites/"+u.site+"/projects", "", []byte(`<tsRequest><project name="one"/></tsRequest>`))
				})
			}
			callers.Wait()
			p, _ := u.xml(200, "GET", "/sites/{site}/workbooks", "").find("pagination")
			if p.attr("totalAvailable") != fmt.Sprint(publishers*each) {
				t.Errorf("%s workbooks, want %d", p.attr("totalAvailable"), publishers*each)
			}
			urls := map[string]bool{}
			for _, w := range u.xml(200, "GET", "/sites/{site}/workbooks", "").all("workbook") {
				urls[w.attr("contentUrl")] = true
			}
			if len(urls) != publishers*each {
				t.Errorf("%d content URLs for %d workbooks", len(urls), publishers*each)
			}
			if got := names(u.xml(200, "GET", "/sites/{site}/projects?filter=name:eq:one", ""), "project"); len(got) != 1 {
				t.Errorf("%d projects of one name", len(got))
			}
		})
	}
}

func TestCloseRemovesTemporaryFiles(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	server, err := emulator.New()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestSecretsAreNotLogged(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	server := emulator.Start(t, emulator.WithAdmin("root", "very-secret-password"), emulator.WithToken("ci", "very-secret-token"),
		emulator.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	u := &user{t: t, server: server}
	u.signIn(byPassword("root", "very-secret-password", ""))
	session := u.token
	u.signIn(byToken("ci", "very-secret-token", ""))
	u.do("POST", "/auth/signin", "", []byte("<tsRequest>"+byPassword("root", "very-secret-guess", "")+"</tsRequest>"))
	text := log.String()
	if !strings.Contains(text, "/auth/signin") {
		t.Error("requests are not logged")
	}
	for _, secret := range []string{"very-secret", session, u.token} {
		if strings.Contains(text, secret) {
			t.Errorf("the log has the secret %q", secret)
		}
	}
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func TestDownloadInParts(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	w := u.published("Sales")
	path := "/api/" + version + "/sites/" + u.site + "/workbooks/" + w.attr("id") + "/content"
	whole := u.send("GET", path, nil, nil)
	part := u.send("GET", path, http.Header{"Range": {"bytes=10-19"}}, nil)
	if part.status != http.StatusPartialContent || !bytes.Equal(part.body, whole.body[10:20]) {
		t.Errorf("status %d, %d bytes", part.status, len(part.body))
	}
}
