package cli

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/tableau"
)

// One personal access token has one session: of processes that find it expired, or that the server refuses, one signs in
// and the others share.
func TestProcessesShareOneSession(t *testing.T) {
	t.Parallel()
	t.Run("expired", func(t *testing.T) { t.Parallel(); shareOneSession(t, time.Now().Add(-time.Hour)) })
	t.Run("ended on the server", func(t *testing.T) { t.Parallel(); shareOneSession(t, time.Now().Add(time.Hour)) })
}

func shareOneSession(t *testing.T, expiresAt time.Time) {
	server, err := emulator.New()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	var signIns atomic.Int32
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/auth/signin") {
			signIns.Add(1)
		}
		server.ServeHTTP(w, r)
	}))
	defer front.Close()
	site := server.NewSite(t)
	expired := tableau.Session{Token: "old", SiteID: site.ID, SiteContentURL: site.ContentURL, ExpiresAt: expiresAt}
	config := t.TempDir()
	store := profileStore{dir: filepath.Join(config, "profiles")}
	unlock, err := store.lock(t.Context(), "default")
	if err != nil {
		t.Fatal(err)
	}
	err = store.save("default", profile{
		Server: front.URL, Site: site.ContentURL, TokenName: site.TokenName, TokenValue: site.TokenSecret, Session: &expired,
	})
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	var running []*program
	for range 5 {
		running = append(running, start(t, []string{"TABCTL_CONFIG_DIR=" + config}, "whoami"))
	}
	for _, p := range running {
		if _, code := p.end(t); code != 0 {
			t.Errorf("exit code %d: %s", code, p.err.String())
		}
	}
	if n := signIns.Load(); n != 1 {
		t.Errorf("there were %d sign-ins, want 1", n)
	}
}

func TestProfileKeepsEverything(t *testing.T) {
	t.Parallel()
	store := profileStore{dir: filepath.Join(t.TempDir(), "profiles")}
	unlock, err := store.lock(t.Context(), "prod")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)
	want := profile{
		Server: "https://tableau.example.com", Site: "123", APIVersion: "3.20", TokenName: "no: yes", TokenValue: "#a=b:'c'\"\t\x01\n",
		Username: "null", Password: " spaces ", Session: &tableau.Session{Token: "0x10", SiteID: "1e3", UserID: "true", SignedInAt: at, ExpiresAt: at.Add(time.Hour)},
	}
	if err := store.save("prod", want); err != nil {
		t.Fatal(err)
	}
	unlock()
	got, found, err := store.load("prod")
	if err != nil || !found {
		t.Fatalf("load: found %v, error %v", found, err)
	}
	gotSession, wantSession := *got.Session, *want.Session
	got.Session, want.Session = nil, nil
	if got != want || gotSession != wantSession {
		t.Error("the profile is not what was saved") // without the values: a habit where secrets are
	}
}
