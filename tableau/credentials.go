package tableau

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"time"
)

// Credentials say who signs in: [Password], [PersonalAccessToken], [JWT] or
// [ConnectedApp]. None of them shows its secret when printed or logged.
type Credentials interface {
	check() error
	// element returns the sign-in's credentials at the time of asking.
	element(now time.Time) (signInCredentials, error)
	since() Version
}

// signInCredentials is the credentials element of a sign-in request.
type signInCredentials struct {
	Name                      string      `xml:"name,attr,omitempty"`
	Password                  string      `xml:"password,attr,omitempty"`
	PersonalAccessTokenName   string      `xml:"personalAccessTokenName,attr,omitempty"`
	PersonalAccessTokenSecret string      `xml:"personalAccessTokenSecret,attr,omitempty"`
	JWT                       string      `xml:"jwt,attr,omitempty"`
	IsUAT                     *bool       `xml:"isUat,attr"`
	Site                      siteRequest `xml:"site"`
	User                      *idRequest  `xml:"user"`
}

type siteRequest struct {
	ContentURL string `xml:"contentUrl,attr"`
}

// Password signs in with a user name and password. Servers with single
// sign-on or multi-factor authentication refuse it; use a
// [PersonalAccessToken] there.
type Password struct {
	Name     string
	Password string
	// ImpersonateUserID lets a server administrator act as the user with this
	// ID. Optional.
	ImpersonateUserID string
}

// PersonalAccessToken signs in with a token that a user made in the account
// settings (REST API 3.6). One token has one session: a second sign-in with
// the same token ends the first.
type PersonalAccessToken struct {
	Name   string
	Secret string
	// ImpersonateUserID lets a server administrator act as the user with this
	// ID (REST API 3.11). Optional.
	ImpersonateUserID string
}

// JWT signs in with a ready-made JSON Web Token of a connected app or an
// external authorization server (REST API 3.17).
type JWT struct {
	Token string
	// UnifiedAccessToken says that the token is one of Tableau Cloud Manager's.
	UnifiedAccessToken bool
}

// ConnectedApp signs in with a JSON Web Token that the client makes itself,
// anew for each sign-in, from a connected app with direct trust (REST API
// 3.17).
type ConnectedApp struct {
	ClientID    string
	SecretID    string
	SecretValue string
	// User is the name of the user to sign in: the user name on Tableau
	// Server, the e-mail address on Tableau Cloud.
	User string
	// Scopes are what the session may do, such as "tableau:content:read".
	Scopes []string
}

func (p Password) check() error {
	if p.Name == "" || p.Password == "" {
		return invalid("the user name or the password is empty")
	}
	return nil
}

func (p Password) element(time.Time) (signInCredentials, error) {
	return signInCredentials{Name: p.Name, Password: p.Password, User: refTo(p.ImpersonateUserID)}, nil
}

func (Password) since() Version { return "2.0" }

func (p PersonalAccessToken) check() error {
	if p.Name == "" || p.Secret == "" {
		return invalid("the name or the secret of the personal access token is empty")
	}
	return nil
}

func (p PersonalAccessToken) element(time.Time) (signInCredentials, error) {
	return signInCredentials{
		PersonalAccessTokenName: p.Name, PersonalAccessTokenSecret: p.Secret, User: refTo(p.ImpersonateUserID),
	}, nil
}

func (p PersonalAccessToken) since() Version {
	if p.ImpersonateUserID != "" {
		return "3.11"
	}
	return "3.6"
}

func (j JWT) check() error {
	if j.Token == "" {
		return invalid("the JSON Web Token is empty")
	}
	return nil
}

func (j JWT) element(time.Time) (signInCredentials, error) {
	return signInCredentials{JWT: j.Token, IsUAT: new(j.UnifiedAccessToken)}, nil
}

func (JWT) since() Version { return "3.17" }

func (a ConnectedApp) check() error {
	switch {
	case a.ClientID == "" || a.SecretID == "" || a.SecretValue == "":
		return invalid("the connected app needs a client ID, a secret ID and a secret value")
	case a.User == "":
		return invalid("the connected app needs the name of the user to sign in")
	case len(a.Scopes) == 0:
		return invalid(`the connected app needs scopes, such as "tableau:content:read"`)
	}
	return nil
}

func (a ConnectedApp) element(now time.Time) (signInCredentials, error) {
	token, err := a.sign(now)
	return signInCredentials{JWT: token, IsUAT: new(false)}, err
}

func (ConnectedApp) since() Version { return "3.17" }

// connectedAppLife is how long a minted token is good for. Tableau allows ten
// minutes; half of that leaves room for clocks that differ.
const connectedAppLife = 5 * time.Minute

// sign mints an HS256 token as Tableau's connected apps want it.
func (a ConnectedApp) sign(now time.Time) (string, error) {
	header, err := json.Marshal(map[string]string{"alg": "HS256", "typ": "JWT", "kid": a.SecretID, "iss": a.ClientID})
	if err != nil {
		return "", err
	}
	claims, err := json.Marshal(map[string]any{
		"iss": a.ClientID,
		"sub": a.User,
		"aud": "tableau",
		"jti": rand.Text(),
		"exp": now.Add(connectedAppLife).Unix(),
		"scp": a.Scopes,
	})
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(claims)
	mac := hmac.New(sha256.New, []byte(a.SecretValue))
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), nil
}

// String, GoString and LogValue keep the secrets of credentials out of what is
// printed and logged.

func (p Password) String() string       { return "tableau.Password(" + p.Name + ")" }
func (p Password) GoString() string     { return p.String() }
func (p Password) LogValue() slog.Value { return slog.StringValue(p.String()) }
func (j JWT) String() string            { return "tableau.JWT" }
func (j JWT) GoString() string          { return j.String() }
func (j JWT) LogValue() slog.Value      { return slog.StringValue(j.String()) }
func (a ConnectedApp) String() string {
	return "tableau.ConnectedApp(" + a.ClientID + ", " + a.User + ")"
}
func (a ConnectedApp) GoString() string { return a.String() }
func (a ConnectedApp) LogValue() slog.Value {
	return slog.StringValue(a.String())
}
func (p PersonalAccessToken) String() string   { return "tableau.PersonalAccessToken(" + p.Name + ")" }
func (p PersonalAccessToken) GoString() string { return p.String() }
func (p PersonalAccessToken) LogValue() slog.Value {
	return slog.StringValue(p.String())
}
