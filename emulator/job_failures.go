package emulator

import (
	"fmt"
	"path"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/store"
)

// failureRule makes jobs fail.
type failureRule struct{ kind, name string } // each with * and ?

// parseFailure reads kind:name.
func parseFailure(text string) (failureRule, error) {
	kind, name, ok := strings.Cut(text, ":")
	rule := failureRule{kind, asOneName(name)}
	_, err := path.Match(rule.kind, "")
	_, err2 := path.Match(rule.name, "")
	if !ok || kind == "" || name == "" || err != nil || err2 != nil {
		return rule, fmt.Errorf("emulator: the failure %q is not of the form kind:name, such as refresh:Sales*", text)
	}
	return rule, nil
}

// asOneName lets * match slashes too.
func asOneName(name string) string { return strings.ReplaceAll(name, "/", "\x00") }

func (r failureRule) matches(kind, name string) bool {
	ofKind, _ := path.Match(r.kind, kind) // the patterns were checked
	ofName, _ := path.Match(r.name, asOneName(name))
	return ofKind && ofName
}

// injectedFailure is the error of a job that is to fail.
func (s *Server) injectedFailure(kind jobKind, j store.Job) error {
	for _, rule := range s.failures {
		if rule.matches(kind.failing, j.Title) {
			return fail(badRequest, "The %s of '%s' failed, as this server was told to let it.", kind.failing, j.Title)
		}
	}
	return nil
}
