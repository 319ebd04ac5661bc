//go:build !windows

package tableau

// isHeld reports whether a file could not be moved because another program has it open, which only Windows minds.
func isHeld(error) bool { return false }
