package tableau

import (
	"log/slog"
	"time"
)

// Session is a signed-in session, as [Client.Session] exports it and
// [WithSession] takes it up, in another process if need be. Its token is as
// good as a password until the session ends: store it accordingly.
type Session struct {
	Token          string    `json:"token"`
	SiteID         string    `json:"siteId"`
	SiteContentURL string    `json:"siteContentUrl"`
	UserID         string    `json:"userId"`
	SignedInAt     time.Time `json:"signedInAt"`
	// ExpiresAt is the server's estimate; zero when it gives none.
	ExpiresAt time.Time `json:"expiresAt"`
}

// TimeToExpiry is how long the session is estimated to live on; 0 when it has
// expired or the server gave no estimate.
func (s Session) TimeToExpiry() time.Duration {
	if s.ExpiresAt.IsZero() {
		return 0
	}
	return max(0, time.Until(s.ExpiresAt))
}

// String names the session without its token.
func (s Session) String() string {
	return "tableau.Session(site " + s.SiteID + ", user " + s.UserID + ")"
}

// GoString keeps the token out of %#v.
func (s Session) GoString() string { return s.String() }

// LogValue keeps the token out of logs.
func (s Session) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Session returns the session that the client is signed in with; ok is false
// when it is not signed in.
func (c *Client) Session() (session Session, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session == nil {
		return Session{}, false
	}
	return *c.session, true
}
