//go:build !unix

package store

import (
	"os"
	"path/filepath"
)

// lockDir only marks the directory: this system has no lock that ends with its process.
func lockDir(dir string) (*os.File, error) {
	return os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
}

// syncDir does nothing: this system has no way to flush a directory.
func syncDir(string) error { return nil }

func unlockDir(f *os.File) error { return f.Close() }
