package cli

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// testKeyring keeps secrets in a directory, for processes to share. One without a directory is locked.
type testKeyring string

func (k testKeyring) path(account string) (string, error) {
	if k == "" {
		return "", errors.New("it is locked")
	}
	if !filepath.IsAbs(account) { // it would be another one in another directory
		return "", errors.New("the account is no absolute path")
	}
	return filepath.Join(string(k), hex.EncodeToString([]byte(filepath.Base(account)))), nil
}

func (k testKeyring) get(account string) (string, error) {
	path, err := k.path(account)
	if err != nil {
		return "", err
	}
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", errNoSecret
	}
	return string(content), err
}

func (k testKeyring) set(account, secret string) error {
	path, err := k.path(account)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(secret), 0o600)
}

func (k testKeyring) delete(account string) error {
	path, err := k.path(account)
	if err != nil {
		return err
	}
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return errNoSecret
}

// A keyring that asks somebody who is not there does not hold the program up.
func TestKeyringThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		started := time.Now()
		_, err := within(3*time.Second, func() (string, error) {
			<-release
			return "late", nil
		})
		if err == nil || time.Since(started) != 3*time.Second {
			t.Errorf("after %s: %v", time.Since(started), err)
		}
		close(release)
	})
}

func TestKeyringIsOff(t *testing.T) {
	t.Parallel()
	for _, off := range []string{"off", "OFF"} {
		env := map[string]string{"TABCTL_KEYRING": off, "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}
		if k := (&app{getenv: func(name string) string { return env[name] }}).osKeyring(); k != nil {
			t.Errorf("TABCTL_KEYRING=%s leaves a keyring", off)
		}
	}
}
