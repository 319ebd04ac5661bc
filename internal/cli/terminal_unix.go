//go:build !windows

package cli

import "os"

// obeysEscapes reports whether escape sequences move the cursor and set colours in a terminal.
func obeysEscapes(*os.File) bool { return true }
