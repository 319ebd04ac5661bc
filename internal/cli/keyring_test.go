package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tabctl/tableau-go/tableau"
)

// memoryKeyring is a keyring of a test.
type memoryKeyring struct {
	mu     sync.Mutex
	texts  map[string]string
	broken error
}

func (m *memoryKeyring) set(name, text string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken == nil {
		m.texts[name] = text
	}
	return m.broken
}

func (m *memoryKeyring) get(name string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	text, ok := m.texts[name]
	if m.broken == nil && !ok {
		return "", errors.New("not found")
	}
	return text, m.broken
}

func (m *memoryKeyring) delete(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.texts, name)
	return m.broken
}

func keyringStore(t *testing.T) (profileStore, *memoryKeyring) {
	t.Helper()
	ring := &memoryKeyring{texts: map[string]string{}}
	store := profileStore{dir: filepath.Join(t.TempDir(), "profiles"), keyring: ring}
	unlock, err := store.lock(t.Context(), "prod") // which makes the directory
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	return store, ring
}

var secretive = profile{
	Server: "https://tableau.example.com", Site: "acme", TokenName: "ci", TokenValue: "hidden-value",
	Session: &tableau.Session{Token: "hidden-session", SiteID: "s", ExpiresAt: time.Date(2126, 1, 1, 0, 0, 0, 0, time.UTC)},
}

func TestSecretsAreInTheKeyring(t *testing.T) {
	t.Parallel()
	store, ring := keyringStore(t)
	where, err := store.keep("prod", secretive)
	if err != nil || where != inKeyring {
		t.Fatalf("kept in %q, error %v", where, err)
	}
	content, err := os.ReadFile(filepath.Join(store.dir, "prod.yaml"))
	if err != nil || strings.Contains(string(content), "hidden") {
		t.Errorf("the file holds a secret, or cannot be read: %v", err)
	}
	got, found, err := store.load("prod")
	if err != nil || !found || got.TokenValue != "hidden-value" || got.Session == nil || *got.Session != *secretive.Session {
		t.Errorf("the profile is not what was saved: found %v, error %v", found, err)
	}
	item, err := store.item("prod")
	if err != nil || item.Server != secretive.Server || item.SignIn != "token ci" || item.Secrets != inKeyring {
		t.Errorf("it is shown as %+v, error %v", item, err)
	}
	if err := store.remove("prod"); err != nil || len(ring.texts) != 0 {
		t.Errorf("the keyring still has %d, error %v", len(ring.texts), err)
	}
}

// Where the keyring does not work, a file takes its place; what the keyring had does not stay behind.
func TestKeyringFallsBackToAFile(t *testing.T) {
	t.Parallel()
	store, ring := keyringStore(t)
	ring.broken = errors.New("no keyring here")
	where, err := store.keep("prod", secretive)
	if err != nil || where != inFile {
		t.Fatalf("kept in %q, error %v", where, err)
	}
	got, _, err := store.load("prod")
	if err != nil || got.TokenValue != "hidden-value" {
		t.Errorf("the profile is not what was saved: %v", err)
	}
	info, err := os.Stat(filepath.Join(store.dir, "prod.yaml"))
	if err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read the file: %v, %v", info.Mode(), err)
	}
}

func TestKeyringThatCannotBeRead(t *testing.T) {
	t.Parallel()
	store, ring := keyringStore(t)
	if _, err := store.keep("prod", secretive); err != nil {
		t.Fatal(err)
	}
	ring.broken = errors.New("it is locked")
	for _, store := range []profileStore{store, {dir: store.dir}} {
		_, _, err := store.load("prod")
		if hint := hintFor(err, exitFailed); !strings.Contains(hint, "unlock the keyring") {
			t.Errorf("the hint for %v is %q", err, hint)
		}
	}
}

// Processes that share a profile in the keyring sign in once, and leave it there.
func TestProcessesShareTheKeyring(t *testing.T) {
	t.Parallel()
	store, _ := keyringStore(t)
	if _, err := store.keep("prod", secretive); err != nil {
		t.Fatal(err)
	}
	var signIns atomic.Int32
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			session, err := store.share("prod", true)(t.Context(), *secretive.Session, func(context.Context) (tableau.Session, error) {
				return tableau.Session{Token: fmt.Sprint("new", signIns.Add(1)), ExpiresAt: time.Now().Add(time.Hour)}, nil
			})
			if err != nil || session.Token != "new1" {
				t.Errorf("a session that is not the first: %v", err)
			}
		})
	}
	group.Wait()
	if p, _, err := store.load("prod"); err != nil || p.Secrets != inKeyring || p.Session.Token != "new1" {
		t.Errorf("the profile has not the new session: %v", err)
	}
}

func TestHasKeyring(t *testing.T) {
	t.Parallel()
	withBus, without := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(withBus, "bus"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		system, bus, dir string
		want             bool
	}{
		{"darwin", "", "", true},
		{"windows", "", "", true},
		{"linux", "", "", false},
		{"linux", "unix:path=/run/bus", "", true},
		{"linux", "", withBus, true},
		{"linux", "", without, false},
	}
	for _, test := range tests {
		env := map[string]string{"DBUS_SESSION_BUS_ADDRESS": test.bus, "XDG_RUNTIME_DIR": test.dir}
		if got := hasKeyring(test.system, func(name string) string { return env[name] }); got != test.want {
			t.Errorf("%+v: got %v", test, got)
		}
	}
}
