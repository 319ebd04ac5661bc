//go:build !windows

package cli

import (
	"errors"
	"os"
	"syscall"
)

// obeysEscapes reports whether escape sequences move the cursor and set colours in a terminal.
func obeysEscapes(*os.File) bool { return true }

// isReaderGone reports whether the error is that of a pipe without a reader.
func isReaderGone(err error) bool { return errors.Is(err, syscall.EPIPE) }
