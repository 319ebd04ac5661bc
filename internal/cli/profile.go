package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/rogpeppe/go-internal/lockedfile"
	"github.com/rogpeppe/go-internal/robustio"

	"github.com/tabctl/tableau-go/tableau"
)

// profile is what tabctl remembers of a server: how to sign in, and the session of the last sign-in.
type profile struct {
	Server     string           `json:"server"`
	Site       string           `json:"site"`
	APIVersion string           `json:"apiVersion"` // only when pinned
	TokenName  string           `json:"tokenName"`
	TokenValue string           `json:"tokenValue"`
	Username   string           `json:"username"`
	Password   string           `json:"password"`
	Session    *tableau.Session `json:"session"`
	Transport  transport        `json:"transport"`
	Output     string           `json:"output"`  // how data is printed when there is no -o
	Secrets    string           `json:"secrets"` // where the profile is: inKeyring, else in the file itself
}

// transportTo is the saved way to the profile's own server; none to another.
func (p profile) transportTo(own bool) transport {
	if own {
		return p.Transport
	}
	return transport{}
}

// credentials returns the saved credentials; nil when there are none, as after a sign-in with a JSON Web Token.
func (p profile) credentials() tableau.Credentials {
	switch {
	case p.TokenName != "":
		return tableau.PersonalAccessToken{Name: p.TokenName, Secret: p.TokenValue}
	case p.Username != "":
		return tableau.Password{Name: p.Username, Password: p.Password}
	}
	return nil
}

// sessionOn is the saved session when it is on the site; else nil.
func (p profile) sessionOn(site *string) *tableau.Session {
	if site == nil || *site != p.Site {
		return nil
	}
	return p.Session
}

// newProfile is what to remember after a sign-in.
func newProfile(server string, session tableau.Session, t target) profile {
	p := profile{Server: server, Site: session.SiteContentURL, APIVersion: t.apiVersion, Session: &session, Transport: t.transport}
	switch c := t.credentials.(type) {
	case tableau.PersonalAccessToken:
		p.TokenName, p.TokenValue = c.Name, c.Secret
	case tableau.Password:
		p.Username, p.Password = c.Name, c.Password
	}
	return p
}

// profileStore keeps each profile in the keyring, or in a file of its own that only the user can read. Files are replaced whole, and who
// changes one holds its lock, so that processes side by side neither tear a file nor lose a session.
type profileStore struct {
	dir string
	err error // why there is no directory
	// keyring is nil when there is none.
	keyring keyring
}

func (a *app) profiles() profileStore {
	if dir := a.getenv("TABCTL_CONFIG_DIR"); dir != "" {
		dir, err := filepath.Abs(dir) // the keyring knows a profile by its path
		return profileStore{filepath.Join(dir, "profiles"), err, a.keyring()}
	}
	dir, err := os.UserConfigDir()
	return profileStore{filepath.Join(dir, "tabctl", "profiles"), err, a.keyring()}
}

var profileNames = pattern(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

func (s profileStore) path(name string) (string, error) {
	if !profileNames().MatchString(name) {
		return "", usage("%q is no name for a profile: use letters, digits, dots, dashes and underscores", name)
	}
	if s.err != nil {
		return "", withHint(fmt.Errorf("find the configuration directory: %w", s.err), "set TABCTL_CONFIG_DIR")
	}
	return filepath.Join(s.dir, name+".yaml"), nil
}

// load reads a profile. A machine without a home has none.
func (s profileStore) load(name string) (p profile, found bool, err error) {
	path, err := s.path(name)
	if err != nil {
		return profile{}, false, unlessDefault(name, err)
	}
	content, err := robustio.ReadFile(path) // which waits where Windows lets nobody read what is being replaced
	if errors.Is(err, fs.ErrNotExist) {
		return profile{}, false, nil
	}
	if err != nil {
		return profile{}, false, err
	}
	// The decoder's own error shows the lines around the fault, secrets among them.
	if err := yaml.Unmarshal(content, &p); err != nil {
		return profile{}, false, withHint(fmt.Errorf("the profile %q cannot be read: %s is no valid profile", name, path),
			"tabctl logout --profile "+name+", then log in again")
	}
	if p.Secrets == inKeyring {
		p, err = s.reveal(name, path)
	}
	return p, true, err
}

func unlessDefault(name string, err error) error {
	if name == "default" {
		return nil
	}
	return err
}

// keep saves a profile in the best place that there is, and returns which. The caller holds its lock.
func (s profileStore) keep(name string, p profile) (where string, err error) {
	if s.keyring != nil {
		p.Secrets = inKeyring
		if s.save(name, p) == nil {
			return inKeyring, nil
		}
		// A keyring that does not work is as good as none.
	}
	p.Secrets = inFile
	if err := s.save(name, p); err != nil {
		return "", err
	}
	s.forget(name) // what an earlier sign-in has left there
	return inFile, nil
}

// save writes a profile where it says that it is kept. The caller holds its lock.
func (s profileStore) save(name string, p profile) error {
	path, err := s.path(name)
	if err != nil {
		return err
	}
	if p.Secrets == inKeyring {
		if p, err = s.hide(path, p); err != nil {
			return fmt.Errorf("write the profile %q into the keyring: %w", name, err)
		}
	}
	content, err := yaml.Marshal(objectOf(p))
	if err != nil {
		return fmt.Errorf("write the profile %q: %w", name, err)
	}
	return replaceFile(path, content)
}

// replaceFile makes the content that of the file, which only the user can read, in one step.
func replaceFile(path string, content []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) // gone by then when all went well
	defer temporary.Close()
	if _, err := temporary.Write(content); err != nil {
		return err
	}
	if err := temporary.Close(); err != nil {
		return err
	}
	return robustio.Rename(temporary.Name(), path) // which waits where Windows lets nobody replace what is being read
}

// remove forgets a profile. It is no error when there is none.
func (s profileStore) remove(name string) error {
	path, err := s.path(name)
	if err != nil {
		return err
	}
	s.forget(name)
	if s.current() == name {
		if err := os.Remove(s.currentPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// forget takes a profile out of the keyring. Most often it is not there.
func (s profileStore) forget(name string) {
	if path, err := s.path(name); err == nil && s.keyring != nil {
		s.keyring.delete(path) // a keyring that cannot be reached keeps what nobody will ask for
	}
}

// current is the name of the profile that commands use when none is given.
func (s profileStore) current() string {
	content, err := robustio.ReadFile(s.currentPath())
	if name := strings.TrimSpace(string(content)); err == nil && profileNames().MatchString(name) {
		return name
	}
	return "default"
}

// use makes a profile the current one.
func (s profileStore) use(name string) error {
	return replaceFile(s.currentPath(), []byte(name+"\n"))
}

func (s profileStore) currentPath() string {
	return filepath.Join(filepath.Dir(s.dir), "current-profile")
}

// lock waits until no other process changes the profile.
func (s profileStore) lock(ctx context.Context, name string) (unlock func(), err error) {
	path, err := s.path(name)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	if err := os.Chmod(s.dir, 0o700); err != nil { // it may have been made by a careless hand
		return nil, err
	}
	unlock, err = unlessEnded(ctx.Done(), lockedfile.MutexAt(path+".lock").Lock)
	if errors.Is(err, context.Canceled) {
		err = fmt.Errorf("wait for another tabctl that signs in: %w", context.Cause(ctx))
	}
	return unlock, err
}

// share gives the client the profile's session, signing in when it is dead. Only one process signs in, for a personal
// access token has one session at a time; the others take up what it saved.
func (s profileStore) share(name string, hasCredentials bool) tableau.ShareSession {
	return func(ctx context.Context, dead tableau.Session, signIn func(context.Context) (tableau.Session, error)) (tableau.Session, error) {
		unlock, err := s.lock(ctx, name)
		if err != nil {
			return tableau.Session{}, err
		}
		defer unlock()
		p, found, err := s.load(name)
		if err != nil {
			return tableau.Session{}, err
		}
		if found && alive(p.Session) && p.Session.Token != dead.Token {
			return *p.Session, nil
		}
		if !hasCredentials {
			return tableau.Session{}, withHint(&signInError{fmt.Sprintf("the session of the profile %q has expired", name)}, "tabctl login --profile "+name)
		}
		session, err := signIn(ctx)
		if err != nil || !found {
			return session, err
		}
		p.Session = &session
		return session, s.save(name, p)
	}
}

// alive reports whether the session can be expected to work. The server knows best; this saves asking it.
func alive(session *tableau.Session) bool {
	return session != nil && (session.ExpiresAt.IsZero() || session.TimeToExpiry() > 0)
}
