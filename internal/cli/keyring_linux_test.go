package cli

import (
	"bufio"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/tabctl/tableau-go/emulator"
)

// secretService answers on a session bus of its own as the desktop's keyring does.
type secretService struct {
	connection *dbus.Conn
	locked     chan struct{} // not nil: asks somebody to unlock it, who never comes

	mu    sync.Mutex
	items map[dbus.ObjectPath]*secretItem
}

type secretItem struct {
	service    *secretService
	path       dbus.ObjectPath
	attributes map[string]string
	secret     busSecret
}

type busSecret struct {
	Session           dbus.ObjectPath
	Parameters, Value []byte
	ContentType       string
}

// startSecretService returns the address of its bus.
func startSecretService(t *testing.T, locked bool) (*secretService, string) {
	t.Helper()
	program, err := exec.LookPath("dbus-daemon")
	if err != nil {
		t.Skip("dbus-daemon is not there")
	}
	bus := exec.CommandContext(t.Context(), program, "--session", "--nofork", "--print-address", "--address=unix:path="+filepath.Join(t.TempDir(), "bus"))
	out, err := bus.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := bus.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		bus.Process.Kill()
		bus.Wait()
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Skipf("dbus-daemon does not run: %v", err)
	}
	address = strings.TrimSpace(address)
	s := &secretService{items: map[dbus.ObjectPath]*secretItem{}}
	if locked {
		s.locked = make(chan struct{})
		t.Cleanup(func() { close(s.locked) })
	}
	if s.connection, err = dbus.Connect(address); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.connection.Close() })
	for path, part := range map[string]string{"": "Service", "/aliases/default": "Collection", "/session": "Session"} {
		if err := s.connection.Export(s, dbus.ObjectPath("/org/freedesktop/secrets"+path), "org.freedesktop.Secret."+part); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.connection.RequestName("org.freedesktop.secrets", dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return s, address
}

func (s *secretService) OpenSession(string, dbus.Variant) (dbus.Variant, dbus.ObjectPath, *dbus.Error) {
	return dbus.MakeVariant(""), "/org/freedesktop/secrets/session", nil
}

func (s *secretService) Close() *dbus.Error { return nil }

func (s *secretService) Unlock(paths []dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	if s.locked != nil {
		<-s.locked
	}
	return paths, "/", nil
}

func (s *secretService) CreateItem(properties map[string]dbus.Variant, secret busSecret, _ bool) (dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	attributes, _ := properties["org.freedesktop.Secret.Item.Attributes"].Value().(map[string]string)
	s.mu.Lock()
	defer s.mu.Unlock()
	for path, item := range s.items {
		if maps.Equal(item.attributes, attributes) {
			item.secret = secret
			return path, "/", nil
		}
	}
	path := dbus.ObjectPath(fmt.Sprintf("/org/freedesktop/secrets/item%d", len(s.items)))
	item := &secretItem{service: s, path: path, attributes: attributes, secret: secret}
	if err := s.connection.Export(item, path, "org.freedesktop.Secret.Item"); err != nil {
		return "/", "/", dbus.MakeFailedError(err)
	}
	s.items[path] = item
	return path, "/", nil
}

func (s *secretService) SearchItems(wanted map[string]string) ([]dbus.ObjectPath, *dbus.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []dbus.ObjectPath{}
	for path, item := range s.items {
		if maps.Equal(item.attributes, wanted) {
			found = append(found, path)
		}
	}
	return found, nil
}

func (s *secretService) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.items)
}

func (i *secretItem) GetSecret(dbus.ObjectPath) (busSecret, *dbus.Error) {
	i.service.mu.Lock()
	defer i.service.mu.Unlock()
	return i.secret, nil
}

func (i *secretItem) Delete() (dbus.ObjectPath, *dbus.Error) {
	i.service.mu.Lock()
	defer i.service.mu.Unlock()
	delete(i.service.items, i.path)
	return "/", nil
}

// The secret goes over a real bus to what answers there for the keyring, and comes back.
func TestSecretService(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	for _, locked := range []bool{false, true} {
		t.Run(fmt.Sprintf("locked %v", locked), func(t *testing.T) {
			t.Parallel()
			site := server.NewSite(t)
			service, address := startSecretService(t, locked)
			env := []string{"TABCTL_CONFIG_DIR=" + t.TempDir(), "TABCTL_KEYRING=", "DBUS_SESSION_BUS_ADDRESS=" + address}
			token := []string{"TABLEAU_SERVER_URL=" + server.URL, "TABLEAU_SITE=" + site.ContentURL, "TABLEAU_TOKEN_NAME=" + site.TokenName, "TABLEAU_TOKEN_VALUE=" + site.TokenSecret}
			run := func(env []string, args ...string) (stdout, stderr string) {
				t.Helper()
				p := start(t, env, args...)
				stdout, code := p.end(t)
				if code != exitDone {
					t.Errorf("%v: exit code %d: %s", args, code, p.err.String())
				}
				return stdout, p.err.String()
			}
			place, items := "keyring", 1
			_, stderr := run(append(token, env...), "login")
			if locked {
				place, items = "file", 0
			}
			if strings.Contains(stderr, "remembers it, in a file that only you can read") != locked {
				t.Errorf("login says %q", stderr)
			}
			if stdout, _ := run(env, "config", "get", "--jq", ".secrets"); strings.Trim(stdout, "\"\n") != place {
				t.Errorf("the secret is in %s, want %s", stdout, place)
			}
			if n := service.count(); n != items {
				t.Errorf("the keyring has %d items, want %d", n, items)
			}
			run(env, "projects", "list")
			run(env, "logout")
			if n := service.count(); n != 0 {
				t.Errorf("after logout the keyring has %d items", n)
			}
		})
	}
}
