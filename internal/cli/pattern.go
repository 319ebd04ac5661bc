package cli

import (
	"regexp"
	"sync"
)

// pattern returns a regular expression that is compiled when it is first needed, for each command starts and most need none.
func pattern(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
