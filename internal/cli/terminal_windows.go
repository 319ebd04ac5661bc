package cli

import (
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
