package store

import (
	"os"
	"syscall"
)

// startWriting has the system write a file to the disk by and by, so that less is left to wait for when it must be there.
func startWriting(f *os.File) error {
	const write = 2 // SYNC_FILE_RANGE_WRITE
	err := syscall.SyncFileRange(int(f.Fd()), 0, 0, write)
	if err == syscall.ENOSYS || err == syscall.ESPIPE {
		return nil
	}
	return os.NewSyscallError("sync_file_range", err)
}
