package cli

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// obeysEscapes reports whether escape sequences move the cursor and set colours in a console, which has to be asked for.
func obeysEscapes(file *os.File) bool {
	var mode uint32
	console := windows.Handle(file.Fd())
	if windows.GetConsoleMode(console, &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}

// isReaderGone reports whether the error is that of a pipe without a reader.
func isReaderGone(err error) bool {
	return errors.Is(err, windows.ERROR_BROKEN_PIPE) || errors.Is(err, windows.ERROR_NO_DATA)
}
