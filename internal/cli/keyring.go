package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	system "github.com/zalando/go-keyring"
)

// keyring keeps a text by its name where only the user gets at it.
type keyring interface {
	set(name, text string) error
	get(name string) (string, error)
	delete(name string) error
}

// The places where a profile's secrets are.
const (
	inKeyring = "keyring"
	inFile    = "file"
)

// systemKeyring is that of the operating system: Keychain, Credential Manager, or Secret Service on Linux.
type systemKeyring struct {
	patience time.Duration // with a dialogue that asks to unlock it
}

const keyringService = "tabctl"

func (k systemKeyring) set(name, text string) error {
	_, err := inTime(k.patience, func() (string, error) { return "", system.Set(keyringService, name, text) })
	return err
}

func (k systemKeyring) get(name string) (string, error) {
	return inTime(k.patience, func() (string, error) { return system.Get(keyringService, name) })
}

func (k systemKeyring) delete(name string) error {
	_, err := inTime(k.patience, func() (string, error) { return "", system.Delete(keyringService, name) })
	return err
}

// How long it may take to unlock the keyring, with and without a user at the terminal.
const (
	patienceWithUser = 30 * time.Second
	patienceAlone    = 3 * time.Second
)

// inTime bounds a call that may wait for a dialogue that nobody sees.
func inTime(patience time.Duration, call func() (string, error)) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	text, err := unlessEnded(ctx.Done(), call)
	if errors.Is(err, context.Canceled) {
		err = fmt.Errorf("it has not answered for %s", patience)
	}
	return text, err
}

// keyring is the keyring to use; nil when there is none, or TABCTL_KEYRING=off.
func (a *app) keyring() keyring {
	if a.getenv("TABCTL_KEYRING") == "off" || !hasKeyring(runtime.GOOS, a.getenv) {
		return nil
	}
	if a.canAsk {
		return systemKeyring{patienceWithUser}
	}
	return systemKeyring{patienceAlone}
}

// hasKeyring reports whether there can be a keyring. Without a session bus, asking for one might start it.
func hasKeyring(system string, getenv func(string) string) bool {
	if system == "windows" || system == "darwin" || getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	runtimeDir := getenv("XDG_RUNTIME_DIR")
	if runtimeDir == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(runtimeDir, "bus"))
	return err == nil
}

// hide puts the profile, secrets and all, into the keyring: all of it, for a secret must never meet another server than
// its own, and a keyring and a file cannot be changed at one stroke. It returns what the file then says.
func (s profileStore) hide(path string, p profile) (profile, error) {
	content, err := json.Marshal(p)
	if err != nil {
		return profile{}, errors.New("the profile cannot be written as JSON")
	}
	return profile{Secrets: inKeyring}, s.keyring.set(path, string(content))
}

// reveal reads the profile that the keyring has.
func (s profileStore) reveal(name, path string) (profile, error) {
	var p profile
	content, err := "", errors.New("there is none here, or TABCTL_KEYRING is off")
	if s.keyring != nil {
		content, err = s.keyring.get(path)
	}
	if err == nil && json.Unmarshal([]byte(content), &p) != nil {
		err = errors.New("what it holds is no profile")
	}
	if err != nil {
		return profile{}, withHint(fmt.Errorf("the profile %q is in the keyring, which cannot be read: %w", name, err),
			"unlock the keyring; or tabctl logout --profile "+name+", then log in again with TABCTL_KEYRING=off")
	}
	p.Secrets = inKeyring
	return p, nil
}
