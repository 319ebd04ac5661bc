package store

import (
	"context"
	"time"
)

// Session is one sign-in that is still good.
type Session struct {
	Seq     int64
	Token   int64 // seq of the personal access token it was made with, or 0
	Scopes  *string
	Expires time.Time
	Site    Site
	User    User
}

// AddSession keeps a session under the hash of its token.
func (tx *Tx) AddSession(tokenHash []byte, s Session) error {
	var token any
	if s.Token != 0 {
		token = s.Token
	}
	_, err := tx.exec("INSERT INTO sessions (token_hash, user, access_token, scopes, expires) VALUES (?, ?, ?, ?, ?)",
		tokenHash, s.User.Seq, token, s.Scopes, s.Expires.UnixMilli())
	return err
}

// Session returns the session under the hash of its token, or [ErrNotFound] when it has ended or expired.
func (s *Store) Session(ctx context.Context, tokenHash []byte, now time.Time) (session Session, err error) {
	if session, ok := s.sessions.get(string(tokenHash), &s.writes); ok && session.Expires.After(now) {
		return session, nil
	}
	err = s.Read(ctx, func(tx *Tx) error {
		if session, err = tx.Session(tokenHash, now); err == nil {
			s.sessions.put(string(tokenHash), session, tx)
		}
		return err
	})
	return session, err
}

// Session is [Store.Session] within a transaction.
func (tx *Tx) Session(tokenHash []byte, now time.Time) (Session, error) {
	return queryOne(tx, func(row scanner) (s Session, err error) {
		var expires int64
		s.User, err = users.scan(scanFunc(func(userColumns ...any) (err error) {
			first := []any{&s.Seq, &s.Token, &s.Scopes, &expires}
			s.Site, err = sessionSites.scan(prefixed{row, append(first, userColumns...)})
			return err
		}))
		s.Expires = time.UnixMilli(expires)
		return s, err
	}, "SELECT t.seq, coalesce(t.access_token, 0), t.scopes, t.expires, "+users.columns+", "+sessionSites.columns+` FROM sessions t
		JOIN users u ON u.seq = t.user JOIN accounts a ON a.seq = u.account JOIN sites s ON s.seq = u.site
		WHERE t.token_hash = ? AND t.expires > ?`, tokenHash, now.UnixMilli())
}

// scanFunc is a row that a function reads.
type scanFunc func(into ...any) error

func (f scanFunc) Scan(into ...any) error { return f(into...) }

// sessionSites is sites without the counts, which would cost every request.
var sessionSites = list[Site]{
	columns: "s.seq, s.id, s.name, s.content_url, s.state, '{}', s.created, 0, 0",
	from:    sites.from,
	scan:    sites.scan,
}

// EndSession ends a session.
func (tx *Tx) EndSession(seq int64) error {
	_, err := tx.exec("DELETE FROM sessions WHERE seq = ?", seq)
	return err
}

// EndSessionsOfToken ends the sessions that a personal access token has made.
func (tx *Tx) EndSessionsOfToken(token int64) error {
	_, err := tx.exec("DELETE FROM sessions WHERE access_token = ?", token)
	return err
}

// EndSessionsOfSite ends the sessions on a site, save for those of server administrators.
func (tx *Tx) EndSessionsOfSite(site int64) error {
	_, err := tx.exec(`DELETE FROM sessions WHERE user IN (SELECT u.seq FROM users u JOIN accounts a ON a.seq = u.account
		WHERE u.site = ? AND NOT a.server_admin)`, site)
	return err
}

// EndOldSessions ends the sessions of a user that are not among its latest ones, and those of all that are not among the
// latest of all.
func (tx *Tx) EndOldSessions(user int64, ofUser, ofAll int) error {
	if _, err := tx.exec(`DELETE FROM sessions WHERE user = ?1 AND seq <=
		(SELECT seq FROM sessions WHERE user = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)`, user, ofUser); err != nil {
		return err
	}
	_, err := tx.exec("DELETE FROM sessions WHERE seq <= (SELECT max(seq) FROM sessions) - ?", ofAll)
	return err
}

// ForgetExpired removes sessions and used JWTs that have expired.
func (tx *Tx) ForgetExpired(now time.Time) error {
	if _, err := tx.exec("DELETE FROM sessions WHERE expires <= ?", now.UnixMilli()); err != nil {
		return err
	}
	_, err := tx.exec("DELETE FROM used_jwts WHERE expires <= ?", now.UnixMilli())
	return err
}

// UseJWT notes a JWT's id until it expires and reports whether it is the first use.
func (tx *Tx) UseJWT(id string, expires time.Time) (first bool, err error) {
	result, err := tx.exec("INSERT INTO used_jwts (id, expires) VALUES (?, ?) ON CONFLICT DO NOTHING", id, expires.UnixMilli())
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}
