package cli

import (
	"errors"
	"net/url"
	"strings"

	"github.com/tabctl/tableau-go/tableau"
)

// explain adds what to try when a server refuses who signs in, or when it is no Tableau that answers.
func (t target) explain(err error) error {
	answer, answered := errors.AsType[*tableau.Error](err)
	if _, hinted := errors.AsType[*hintedError](err); hinted || !answered && !errors.Is(err, tableau.ErrSessionReplaced) {
		return err
	}
	switch {
	case errors.Is(err, tableau.ErrSessionReplaced):
		return withHint(err, "a personal access token for each program that runs by itself: it has one session at a time")
	case answer.Code == "" && isWebPage(answer):
		return withHint(err, "--server with the address of Tableau itself; a single sign-on page or proxy before it must let requests below /api through")
	case answer.Code == "401001":
		return withHint(err, t.refused())
	case answer.Code == "401002":
		return withHint(err, "tabctl login; the session has ended, or another sign-in with the same personal access token has ended it")
	}
	return err
}

// refused says what to try when the credentials are refused.
func (t target) refused() string {
	switch t.credentials.(type) {
	case tableau.Password:
		if isCloud(t.server) {
			return "a personal access token instead (--token-name): Tableau Cloud takes no password where multi-factor authentication or single sign-on is on"
		}
		return "check the name, the password and the site; where people sign in by single sign-on, a personal access token instead (--token-name)"
	case tableau.JWT:
		return "a new JSON Web Token: each is good for one sign-in and ten minutes; check its user, that its scopes cover the command, and that the connected app is enabled"
	}
	return "check the name and the secret, and that they are of this server and site; a token ends after a year, or 15 days without use: make a new one in My Account Settings"
}

func isCloud(server string) bool {
	if !strings.Contains(server, "://") {
		server = "https://" + server
	}
	address, err := url.Parse(server)
	return err == nil && strings.HasSuffix("."+address.Hostname(), ".online.tableau.com")
}

// isWebPage reports whether the answer is meant for a browser: a page, or a way to one.
func isWebPage(answer *tableau.Error) bool {
	body := strings.ToLower(answer.Body)
	return answer.Summary == "redirected" || strings.HasPrefix(body, "<!doctype html") || strings.Contains(body, "<html")
}
