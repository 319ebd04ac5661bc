//go:build unix

package store

import (
	"syscall"
	"testing"
)

// TestUnlockDir reopens a directory while a copy of the lock's file is still open, as it is in a child between fork and
// exec.
func TestUnlockDir(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := lockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockDir(dir); err == nil {
		t.Error("a directory in use was locked again")
	}
	copied, err := syscall.Dup(int(first.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(copied)
	if err := unlockDir(first); err != nil {
		t.Fatal(err)
	}
	second, err := lockDir(dir)
	if err != nil {
		t.Fatalf("after it was unlocked: %v", err)
	}
	if err := unlockDir(second); err != nil {
		t.Error(err)
	}
}
