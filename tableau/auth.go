package tableau

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tabctl/tableau-go/internal/tsxml"
)

// SignIn signs in to the client's site now, instead of at the first call, and
// replaces the session if there is one. With [WithSharedSession] it takes up
// the session that the others have, unless that is its own. Errors: [ErrUnauthorized] when the
// server refuses the credentials, [ErrInvalidArgument] when there are none.
//
//tableau:op POST /auth/signin since=2.0 retry=safe tsc=auth.sign_in
func (c *Client) SignIn(ctx context.Context) error {
	if err := c.lockSigning(ctx); err != nil {
		return err
	}
	defer c.unlockSigning()
	own, _ := c.Session()
	_, err := c.obtain(ctx, own)
	return err
}

// SignOut ends the session. It is no error when there is none, or when it has
// died already. A later call signs in anew.
//
//tableau:op POST /auth/signout since=2.0 retry=safe tsc=auth.sign_out
func (c *Client) SignOut(ctx context.Context) error {
	if err := c.lockSigning(ctx); err != nil {
		return err
	}
	defer c.unlockSigning()
	session, ok := c.Session()
	if !ok {
		return nil
	}
	err := c.run(ctx, post("auth", "signout").onServer().with(session).retry(retrySafe))
	if errors.Is(err, ErrUnauthorized) {
		err = nil
	}
	if err == nil {
		c.setSession(nil)
	}
	return err
}

// SwitchSite moves the session to another site, "" being the site named
// Default. It is no error to be there already. The former session's token is
// dead afterwards. Minimum version 2.6.
//
//tableau:op POST /auth/switchSite since=2.6 retry=unsent tsc=auth.switch_site
func (c *Client) SwitchSite(ctx context.Context, contentURL string) error {
	session, err := c.signedIn(ctx)
	if err != nil {
		return err
	}
	if err := c.lockSigning(ctx); err != nil {
		return err
	}
	defer c.unlockSigning()
	if now, ok := c.Session(); ok {
		session = now
	}
	answer, err := fetch[signInAnswer](ctx, c, "credentials",
		post("auth", "switchSite").onServer().with(session).since("2.6").send("site", siteRequest{contentURL}))
	if e, ok := errors.AsType[*Error](err); ok && e.Code == codeSameSite {
		return nil
	} else if ok && e.Code == codeDeadToken && c.credentials != nil {
		c.mu.Lock()
		c.site = contentURL
		c.mu.Unlock()
		_, err = c.signIn(ctx)
		return err
	}
	if err != nil {
		return err
	}
	c.setSession(answer.session())
	return nil
}

// signInAnswer is the credentials element of the server's answer.
type signInAnswer struct {
	Token            string `xml:"token,attr"`
	TimeToExpiration string `xml:"estimatedTimeToExpiration,attr"`
	Site             struct {
		ID         string `xml:"id,attr"`
		ContentURL string `xml:"contentUrl,attr"`
	} `xml:"site"`
	User struct {
		ID string `xml:"id,attr"`
	} `xml:"user"`
}

func (a *signInAnswer) session() *Session {
	s := &Session{
		Token:          a.Token,
		SiteID:         a.Site.ID,
		SiteContentURL: a.Site.ContentURL,
		UserID:         a.User.ID,
		SignedInAt:     time.Now(),
	}
	if life := parseClock(a.TimeToExpiration); life > 0 {
		s.ExpiresAt = s.SignedInAt.Add(life)
	}
	return s
}

// parseClock reads hours:minutes:seconds; 0 when it is nothing of the kind.
func parseClock(text string) time.Duration {
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return 0
	}
	var total time.Duration
	for i, unit := range []time.Duration{time.Hour, time.Minute, time.Second} {
		n, err := strconv.ParseUint(parts[i], 10, 20)
		if err != nil {
			return 0
		}
		total += time.Duration(n) * unit
	}
	return total
}

// signedIn returns the session, signing in when there is none.
func (c *Client) signedIn(ctx context.Context) (Session, error) {
	if session, ok := c.Session(); ok {
		return session, nil
	}
	if err := c.lockSigning(ctx); err != nil {
		return Session{}, err
	}
	defer c.unlockSigning()
	if session, ok := c.Session(); ok { // another call signed in meanwhile
		return session, nil
	}
	return c.obtain(ctx, Session{})
}

// canRenew reports whether a session that has died can be replaced.
func (c *Client) canRenew() bool { return c.credentials != nil || c.share != nil }

// obtain gets a session in the place of a dead one, or of none. The caller
// holds the signing lock.
func (c *Client) obtain(ctx context.Context, dead Session) (Session, error) {
	if c.share == nil {
		return c.signIn(ctx)
	}
	session, err := c.share(ctx, dead, c.signIn)
	if err != nil {
		return Session{}, err
	}
	if session.Token == "" || session.SiteID == "" {
		return Session{}, invalid("the shared session has no token or no site ID")
	}
	c.setSession(&session)
	return session, nil
}

// signIn signs in. The caller holds the signing lock.
func (c *Client) signIn(ctx context.Context) (Session, error) {
	if c.credentials == nil {
		return Session{}, invalid("not signed in, and there are no credentials: use WithCredentials or WithSession")
	}
	version, err := c.APIVersion(ctx)
	if err != nil {
		return Session{}, err
	}
	if needs := c.credentials.since(); version.Less(needs) {
		return Session{}, &UnsupportedVersionError{Call: "sign-in with " + fmt.Sprint(c.credentials), Needs: needs, Speaking: version}
	}
	signIn := post("auth", "signin").onServer().withoutSession().retry(retrySafe).carry(&body{contentType: "text/xml", open: c.openCredentials})
	answer, err := fetch[signInAnswer](ctx, c, "credentials", signIn)
	if moved, ok := errors.AsType[*movedError](err); ok {
		// A server that has moved within its host says so once, to the sign-in.
		answer, err = fetch[signInAnswer](ctx, c, "credentials", signIn.at(moved.location))
	}
	if err != nil {
		return Session{}, err
	}
	if answer.Token == "" || answer.Site.ID == "" {
		return Session{}, c.notTableau(http.StatusOK, "the answer to the sign-in holds no token")
	}
	session := answer.session()
	c.setSession(session)
	return *session, nil
}

// openCredentials makes the content of one attempt to sign in: a server takes
// the token of a connected app only once, even if its answer was lost.
func (c *Client) openCredentials() (io.Reader, error) {
	credentials, err := c.credentials.element(time.Now())
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	credentials.Site.ContentURL = c.site
	c.mu.Unlock()
	data, err := tsxml.EncodeRequest(tsxml.Child{Name: "credentials", Value: credentials})
	return bytes.NewReader(data), err
}

// Two sessions that die within a minute were not ended by age: another process
// signs in with the same personal access token.
const (
	renewalWindow = time.Minute
	renewalLimit  = 2
)

// renew replaces the session whose token the server refused. One call signs
// in; the others that find the same token dead wait for it.
func (c *Client) renew(ctx context.Context, dead Session) error {
	if err := c.lockSigning(ctx); err != nil {
		return err
	}
	defer c.unlockSigning()
	if now, ok := c.Session(); ok && now.Token != dead.Token {
		return nil
	}
	moment := time.Now()
	c.mu.Lock()
	recent := slices.DeleteFunc(c.renewals, func(at time.Time) bool { return moment.Sub(at) >= renewalWindow })
	c.renewals = append(recent, moment)
	c.mu.Unlock()
	if len(recent) >= renewalLimit {
		who := "the shared session" // only who shares it knows
		if c.credentials != nil {
			who = fmt.Sprint(c.credentials)
		}
		return &SessionReplacedError{Credentials: who}
	}
	_, err := c.obtain(ctx, dead)
	return err
}

// SessionReplacedError says that the session keeps being ended by someone
// else. It matches [ErrSessionReplaced] and [ErrUnauthorized].
type SessionReplacedError struct {
	Credentials string // who was signed in, without secrets
}

func (e *SessionReplacedError) Error() string {
	return "tableau: the session of " + e.Credentials + " is ended again and again by another sign-in: one personal access token has one session at a time; give each process its own token, or let them share one session (Client.Session, WithSession)"
}

// Is matches [ErrSessionReplaced] and [ErrUnauthorized].
func (e *SessionReplacedError) Is(target error) bool {
	return target == ErrSessionReplaced || target == ErrUnauthorized
}

func (c *Client) setSession(s *Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session = s
	if s != nil {
		c.site = s.SiteContentURL
	}
}

func (c *Client) lockSigning(ctx context.Context) error {
	select {
	case c.signing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (c *Client) unlockSigning() { <-c.signing }

// movedError is a permanent redirect of a sign-in within the same host.
type movedError struct {
	failure  *Error
	location *url.URL
}

func (e *movedError) Error() string { return e.failure.Error() }
func (e *movedError) Unwrap() error { return e.failure }
