package emulator

import (
	"errors"
	"fmt"
	"time"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func authRoutes() []route {
	return []route{
		answered("POST", "/auth/signin", "Sign In", "2.0", Anyone, signIn),
		answered("POST", "/auth/signout", "Sign Out", "2.0", SignedIn, signOut),
		answered("POST", "/auth/switchSite", "Switch Site", "2.6", SignedIn, switchSite),
		answered("POST", "/auth/revokeAllServerAdminTokens", "Revoke Administrator Personal Access Tokens", "3.10", ServerAdministrator, revokeAdminTokens),
		answered("DELETE", "/auth/serverAdminAccessTokens", "Revoke Administrator Personal Access Tokens", "3.10", ServerAdministrator, revokeAdminTokens),
		answered("GET", "/sessions/current", "Get Current Server Session", "3.1", SignedIn, currentSession),
	}
}

// errSignIn does not say which of name, password and site was wrong.
var errSignIn = fail(signInFailed, "Error signing in to Tableau Server")

func signIn(c *call) (*tsxml.Element, error) {
	credentials, err := c.payload("credentials")
	if err != nil {
		return nil, err
	}
	wantedSite, err := childOf(credentials, "site")
	if err != nil {
		return nil, err
	}
	c.noteSite(wantedSite.Attr("contentUrl"))
	who, err := c.identify(credentials)
	if err != nil {
		return nil, err
	}
	token := newSecret()
	session := store.Session{Token: who.token.Seq, Scopes: who.scopes, Expires: c.config.now().Add(c.config.sessionTimeout)}
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		session.Site, err = tx.SiteByContentURL(wantedSite.Attr("contentUrl"))
		if errors.Is(err, store.ErrNotFound) {
			return errSignIn
		}
		if err != nil {
			return err
		}
		if session.User, err = c.member(tx, session.Site, who.account); err != nil {
			return err
		}
		if other := credentials.Child("user").Attr("id"); other != "" {
			if !session.User.ServerAdmin {
				return fail(forbidden, "Only a server administrator may sign in as another user.")
			}
			if session.User, err = findUser(tx, session.Site.Seq, other); err != nil {
				return err
			}
			if err := mustEnter(tx, session.Site, &session.User); err != nil {
				return err
			}
		}
		if who.jwtID != "" {
			first, err := tx.UseJWT(who.jwtID, who.jwtExpires)
			if err != nil {
				return err
			}
			if !first {
				return fail(signInFailed, "The JWT has been used before: its jti must be unique.")
			}
		}
		return c.openSession(tx, token, session)
	})
	if err != nil {
		return nil, err
	}
	c.user = session.User
	return c.credentials(token, session), nil
}

// identity is who signs in, and by what.
type identity struct {
	account    store.Account
	token      store.AccessToken // zero when it was something else
	scopes     *string
	jwtID      string
	jwtExpires time.Time
}

func (c *call) identify(credentials *tsxml.Element) (who identity, err error) {
	if jwt, ok := credentials.Lookup("jwt"); ok {
		return c.identifyByJWT(jwt)
	}
	tokenName, byToken := credentials.Lookup("personalAccessTokenName")
	name, hasName := credentials.Lookup("name")
	password, hasPassword := credentials.Lookup("password")
	switch {
	case byToken && hasName:
		return who, fail(badRequest, "The request has both a name and a personal access token.")
	case byToken:
		return c.identifyByToken(tokenName, credentials.Attr("personalAccessTokenSecret"))
	case !hasName || !hasPassword:
		return who, incomplete("Credentials are name and password, personalAccessTokenName and personalAccessTokenSecret, or jwt.")
	}
	err = c.store.Read(c.ctx(), func(tx *store.Tx) error {
		who.account, err = tx.AccountByName(name)
		return err
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return who, err
	}
	hash := who.account.PasswordHash
	if hash == nil {
		hash = c.dummyHash // whether somebody has an account does not show in how long the answer takes
	}
	matches := isPassword(hash, password) && who.account.PasswordHash != nil
	wanted, ofDirectory, err := c.directoryPassword(who.account.Name)
	if err != nil {
		return who, err
	}
	if ofDirectory {
		matches = wanted != "" && isPassword(hashSecret(wanted), password) // hashes, so that its length does not show either
	}
	if !matches {
		return who, errSignIn
	}
	return who, nil
}

// How long a personal access token lives, and how long without being used.
const (
	tokenLife = 365 * 24 * time.Hour
	tokenIdle = 15 * 24 * time.Hour
)

func (c *call) identifyByToken(name, secret string) (who identity, err error) {
	err = c.store.Read(c.ctx(), func(tx *store.Tx) error {
		who.account, who.token, err = tx.AccountByToken(name, hashSecret(secret))
		return err
	})
	now := c.now()
	switch {
	case errors.Is(err, store.ErrNotFound):
		err = fail(signInFailed, "The personal access token you provided is invalid.")
	case err != nil:
	case !now.Before(who.token.Created.Add(tokenLife)):
		err = fail(signInFailed, "The personal access token has expired: it is a year old.")
	case !now.Before(who.token.Used.Add(tokenIdle)):
		err = fail(signInFailed, "The personal access token has expired: it was not used for 15 days.")
	}
	return who, err
}

// member returns the user that an account is on a site. A server administrator is one on every site.
func (s *Server) member(tx *store.Tx, site store.Site, account store.Account) (store.User, error) {
	user, err := tx.UserByAccount(site.Seq, account.Seq)
	if errors.Is(err, store.ErrNotFound) {
		if !account.ServerAdmin {
			return user, errSignIn
		}
		user, err = s.addMember(tx, site.Seq, account.Seq, "ServerAdministrator")
	}
	if err != nil {
		return user, err
	}
	return user, mustEnter(tx, site, &user)
}

// mustEnter refuses users who may not work on a site. Who is in a group that grants its site role on sign-in gets it first.
func mustEnter(tx *store.Tx, site store.Site, user *store.User) error {
	if user.ServerAdmin {
		return nil
	}
	if site.State == "Suspended" {
		return fail(signInFailed, "The site is suspended.")
	}
	groups, _, err := tx.Groups(site.Seq, user.Seq, store.Query{})
	for _, g := range groups {
		if g.LicenseMode == grantOnLogin && err == nil {
			err = raise(tx, user, g.MinimumSiteRole)
		}
	}
	if told, ok := errors.AsType[*apiError](err); ok && told.code == licenceConflict {
		err = nil // no licence is left: the user stays what he or she was
	}
	if err == nil && user.SiteRole == "Unlicensed" {
		err = fail(signInFailed, "The user is unlicensed and cannot sign in.")
	}
	return err
}

// openSession keeps a session. A personal access token has one session: the one before ends.
func (s *Server) openSession(tx *store.Tx, token string, session store.Session) error {
	if err := tx.ForgetExpired(s.config.now()); err != nil {
		return err
	}
	if session.Token != 0 {
		if err := tx.EndSessionsOfToken(session.Token); err != nil {
			return err
		}
		if err := tx.UseToken(session.Token, s.now()); err != nil {
			return err
		}
	}
	session.User.LastLogin = s.now()
	if err := tx.UpdateUser(session.User); err != nil {
		return err
	}
	if err := tx.AddSession(hashSecret(token), session); err != nil {
		return err
	}
	return tx.EndOldSessions(session.User.Seq, s.config.limits.sessions, sessionsOfAll)
}

func (s *Server) credentials(token string, session store.Session) *tsxml.Element {
	seconds := int(s.config.sessionTimeout.Seconds())
	return tsxml.New("credentials", "token", token,
		"estimatedTimeToExpiration", fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)).Add(
		tsxml.New("site", "id", session.Site.ID, "contentUrl", session.Site.ContentURL),
		tsxml.New("user", "id", session.User.ID))
}

func signOut(c *call) (*tsxml.Element, error) {
	return nil, c.store.Write(c.ctx(), func(tx *store.Tx) error { return tx.EndSession(c.session.Seq) })
}

// revokeAdminTokens takes the personal access tokens of all server administrators, and the sessions they opened.
func revokeAdminTokens(c *call) (*tsxml.Element, error) {
	return nil, c.store.Write(c.ctx(), (*store.Tx).RevokeAdminTokens)
}

func switchSite(c *call) (*tsxml.Element, error) {
	wanted, err := c.payload("site")
	if err != nil {
		return nil, err
	}
	contentURL := wanted.Attr("contentUrl")
	token := newSecret()
	session := store.Session{Token: c.session.Token, Scopes: c.session.Scopes, Expires: c.config.now().Add(c.config.sessionTimeout)}
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		if session.Site, err = tx.SiteByContentURL(contentURL); err != nil {
			return orNotFound(err, switchFailed, "Site", contentURL)
		}
		if session.Site.Seq == c.site.Seq {
			return fail(sameSite, "The session is already signed in to this site.")
		}
		account := store.Account{Seq: c.user.Account, ServerAdmin: c.user.ServerAdmin}
		session.User, err = c.member(tx, session.Site, account)
		if told, ok := errors.AsType[*apiError](err); ok {
			return fail(switchFailed, "The session cannot switch to this site. %s", told.detail)
		}
		if err != nil {
			return err
		}
		if err := tx.EndSession(c.session.Seq); err != nil {
			return err
		}
		return c.openSession(tx, token, session)
	})
	if err != nil {
		return nil, err
	}
	return c.credentials(token, session), nil
}

func currentSession(c *call) (*tsxml.Element, error) {
	return tsxml.New("session").Add(
		tsxml.New("site", "id", c.site.ID, "name", c.site.Name, "contentUrl", c.site.ContentURL),
		tsxml.New("user", "id", c.user.ID, "name", c.user.Name, "siteRole", c.user.SiteRole)), nil
}
