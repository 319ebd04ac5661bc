package tableau

import (
	"errors"
	"syscall"
)

// isHeld reports whether a file could not be moved because another program has it, or the one in its place, open.
func isHeld(err error) bool {
	const sharingViolation, lockViolation = syscall.Errno(32), syscall.Errno(33)
	return errors.Is(err, syscall.ERROR_ACCESS_DENIED) || errors.Is(err, sharingViolation) || errors.Is(err, lockViolation)
}
