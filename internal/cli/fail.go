package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/tabctl/tableau-go/tableau"
)

// The exit codes.
const (
	exitDone      = 0
	exitFailed    = 1
	exitUsage     = 2
	exitSignIn    = 3
	exitNotFound  = 4
	exitConflict  = 5
	exitForbidden = 6
	exitTimeout   = 7
	exitPartly    = 8
)

// usageError is a command line that cannot be carried out as it stands.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usage(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// signInError is what is missing to sign in.
type signInError struct{ text string }

func (e *signInError) Error() string { return e.text }

// missingError is a name that nothing has. It matches [tableau.ErrNotFound].
type missingError struct{ kind, name string }

func (e *missingError) Error() string        { return fmt.Sprintf("there is no %s %q", e.kind, e.name) }
func (e *missingError) Is(target error) bool { return target == tableau.ErrNotFound }

// partlyError is a batch of which some items failed.
type partlyError struct{ failed, all int }

func (e *partlyError) Error() string { return fmt.Sprintf("%d of %d failed", e.failed, e.all) }

// hintedError is an error with what to try next.
type hintedError struct {
	error
	hint string
}

func (e *hintedError) Unwrap() error { return e.error }

func withHint(err error, hint string) error { return &hintedError{err, hint} }

// exitCode tells what class of failure an error is.
func exitCode(err error) int {
	answer, answered := errors.AsType[*tableau.Error](err)
	_, misused := errors.AsType[*usageError](err)
	_, partly := errors.AsType[*partlyError](err)
	_, unsigned := errors.AsType[*signInError](err)
	timeout, network := errors.AsType[net.Error](err)
	switch {
	case partly:
		return exitPartly
	case misused, errors.Is(err, tableau.ErrInvalidArgument):
		return exitUsage
	case unsigned, errors.Is(err, tableau.ErrUnauthorized):
		return exitSignIn
	case errors.Is(err, tableau.ErrUnsupportedVersion), answered && answer.Code == "":
		return exitFailed // a wrong address also answers 404, without meaning that an item is missing
	case errors.Is(err, tableau.ErrNotFound):
		return exitNotFound
	case errors.Is(err, tableau.ErrConflict):
		return exitConflict
	case errors.Is(err, tableau.ErrForbidden):
		return exitForbidden
	case errors.Is(err, context.DeadlineExceeded), network && timeout.Timeout():
		return exitTimeout
	}
	return exitFailed
}

// failure is what is told of an error.
type failure struct {
	Message   string `json:"message"`
	ExitCode  int    `json:"exitCode"`
	Code      string `json:"code,omitempty"` // Tableau's
	Summary   string `json:"summary,omitempty"`
	Detail    string `json:"detail,omitempty"`
	Status    int    `json:"status,omitempty"` // of HTTP
	Request   string `json:"request,omitempty"`
	RequestID string `json:"requestId,omitempty"`
	Try       string `json:"try,omitempty"`
	// Items are those of a batch that are not done.
	Items []itemOutcome `json:"items,omitempty"`
}

func failureOf(err error) failure {
	code := exitCode(err)
	f := failure{Message: err.Error(), ExitCode: code, Try: hintFor(err, code)}
	if answer, ok := errors.AsType[*tableau.Error](err); ok {
		f.Status, f.Code, f.Summary, f.Detail = answer.StatusCode, answer.Code, answer.Summary, answer.Detail
		f.Request, f.RequestID = answer.Method+" "+answer.URL, answer.RequestID
		if answer.Code != "" {
			said := answer.Code + " " + answer.Summary
			if answer.Detail != "" {
				said += ": " + answer.Detail
			}
			f.Message = strings.Replace(f.Message, answer.Error(), said, 1)
		}
	}
	f.Message = strings.ReplaceAll(f.Message, "tableau: ", "")
	if batch, ok := errors.AsType[*batchError](err); ok {
		f.Items = batch.outcomes
	}
	if interrupted(err) {
		f.Message, f.Try = "interrupted", ""
	}
	return f
}

// report tells the user what failed, what Tableau says and what to try, and returns the exit code.
func (a *app) report(err error) int {
	f := failureOf(err)
	if a.output.isJSON() {
		writeJSON(a.err, map[string]failure{"error": f}) // there is nobody else to tell
		return f.ExitCode
	}
	a.tell("tabctl", f)
	return f.ExitCode
}

// tell tells people of a failure.
func (a *app) tell(program string, f failure) {
	fmt.Fprintln(a.err, program+": "+printable(f.Message))
	if f.Code != "" {
		request := f.Request
		if f.RequestID != "" {
			request += " (request " + f.RequestID + ")"
		}
		fmt.Fprintln(a.err, "  request: "+printable(request))
	}
	if f.Try != "" {
		fmt.Fprintln(a.err, "  try: "+printable(f.Try))
	}
}

// hintFor says what to try next; "" when the error itself says all there is to say.
func hintFor(err error, code int) string {
	if hinted, ok := errors.AsType[*hintedError](err); ok {
		return hinted.hint
	}
	answer, refused := errors.AsType[*tableau.Error](err)
	if hint := hintForTLS(err); hint != "" {
		return hint
	}
	operation, network := errors.AsType[*net.OpError](err)
	switch {
	case refused && answer.Code == "401002":
		return "the session has ended, or another sign-in with the same token has replaced it: tabctl login"
	case refused && answer.Code == "" && (strings.Contains(answer.Detail, "web page") || answer.Summary == "redirected" && answer.StatusCode != http.StatusMovedPermanently):
		return "open the address in a browser: where a single sign-on page or a proxy's page comes first, have /api let through, " +
			"or use the address or the --proxy by which programs reach the server"
	case code == exitSignIn && refused:
		return "check the name and the secret, and that they are of this server and site; then: tabctl login"
	case code == exitForbidden:
		return "ask the item's owner or a site administrator for the permission"
	case code == exitTimeout:
		return "a longer --timeout"
	case network && (operation.Op == "dial" || operation.Op == "proxyconnect"):
		return "check the server's address (--server), the network and the proxy"
	}
	return ""
}

// printable replaces control characters, which could rewrite the terminal. Line ends stay.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 {
			return '\ufffd'
		}
		return r
	}, text)
}
