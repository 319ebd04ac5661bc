package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	oskeyring "github.com/zalando/go-keyring"
)

// keyring keeps secrets: one text for each account. Its get and delete return [errNoSecret] when there is none.
type keyring interface {
	get(account string) (string, error)
	set(account, secret string) error
	delete(account string) error
}

// errNoSecret is what a keyring has not got.
var errNoSecret = errors.New("it has no such secret")

// osKeyring is the operating system's: Keychain, Credential Manager, Secret Service.
type osKeyring struct {
	patience time.Duration // a locked one may ask somebody who is not there
}

// keyringService is what the keyring's owner finds the secrets under.
const keyringService = "tabctl"

// osKeyring returns the operating system's keyring; nil when there is none, or TABCTL_KEYRING=off says to leave it alone.
func (a *app) osKeyring() keyring {
	if strings.EqualFold(a.getenv("TABCTL_KEYRING"), "off") || !hasKeyring(a.getenv) {
		return nil
	}
	if a.canAsk {
		return osKeyring{time.Minute}
	}
	return osKeyring{3 * time.Second}
}

// hasKeyring reports whether a keyring may answer. Without a session bus the library would start one, which nobody ends.
func hasKeyring(getenv func(string) string) bool {
	switch runtime.GOOS {
	case "darwin", "windows":
		return true
	}
	if getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	_, err := os.Stat(filepath.Join("/run/user", fmt.Sprint(os.Getuid()), "bus"))
	return err == nil
}

func (k osKeyring) get(account string) (secret string, err error) {
	return within(k.patience, func() (string, error) { return oskeyring.Get(keyringService, account) })
}

func (k osKeyring) set(account, secret string) error {
	_, err := within(k.patience, func() (string, error) { return "", oskeyring.Set(keyringService, account, secret) })
	return err
}

func (k osKeyring) delete(account string) error {
	_, err := within(k.patience, func() (string, error) { return "", oskeyring.Delete(keyringService, account) })
	return err
}

// within gives up a call that does not come back.
func within(patience time.Duration, call func() (string, error)) (string, error) {
	type answer struct {
		secret string
		err    error
	}
	done := make(chan answer, 1)
	go func() {
		secret, err := call()
		if errors.Is(err, oskeyring.ErrNotFound) {
			err = errNoSecret
		}
		done <- answer{secret, err}
	}()
	select {
	case got := <-done:
		return got.secret, got.err
	case <-time.After(patience):
		return "", fmt.Errorf("it did not answer within %s", patience)
	}
}
