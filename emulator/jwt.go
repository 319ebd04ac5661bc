package emulator

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/tabctl/tableau-go/emulator/internal/store"
)

// connectedApp is a connected app with direct trust.
type connectedApp struct {
	secretID string
	secret   []byte
}

const (
	maxJWTLife = 10 * time.Minute
	clockSkew  = time.Minute // how far the clocks of the two sides may differ
)

// identifyByJWT checks a JWT as Tableau does: signed by a connected app, short-lived, for Tableau, for a known user.
func (c *call) identifyByJWT(jwt string) (who identity, err error) {
	refuse := func(reason string) (identity, error) {
		return identity{}, fail(signInFailed, "The JWT is not valid: %s.", reason)
	}
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return refuse("it does not have three parts")
	}
	var header struct{ Alg, Kid, Iss string }
	var claims struct {
		Iss, Sub, Jti string
		Aud           json.RawMessage
		Exp           float64
		Nbf           float64
		Scp           json.RawMessage
	}
	if decodePart(parts[0], &header) != nil || decodePart(parts[1], &claims) != nil {
		return refuse("its header or its claims are not Base64 of JSON")
	}
	app, known := c.config.connectedApps[claims.Iss]
	switch {
	case header.Alg != "HS256":
		return refuse("its alg is not HS256")
	case !known:
		return refuse("its iss is no client ID of a connected app")
	case header.Kid != app.secretID:
		return refuse("its kid is no secret ID of the connected app")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	mac := hmac.New(sha256.New, app.secret)
	mac.Write([]byte(parts[0] + "." + parts[1]))
	if err != nil || !hmac.Equal(signature, mac.Sum(nil)) {
		return refuse("its signature does not match")
	}
	now, expires := c.config.now(), time.Unix(int64(claims.Exp), 0)
	switch {
	case !isAudience(claims.Aud, "tableau"):
		return refuse("its aud is not tableau")
	case claims.Exp == 0 || expires.Add(clockSkew).Before(now):
		return refuse("it has expired")
	case expires.After(now.Add(maxJWTLife + clockSkew)):
		return refuse("its exp is more than 10 minutes away")
	case time.Unix(int64(claims.Nbf), 0).After(now.Add(clockSkew)):
		return refuse("its nbf lies in the future")
	case claims.Jti == "":
		return refuse("it has no jti")
	case claims.Sub == "":
		return refuse("it has no sub")
	}
	who.jwtID, who.jwtExpires = claims.Iss+"/"+claims.Jti, expires.Add(clockSkew)
	who.scopes = new(string(claims.Scp)) // without the claim nothing is granted
	err = c.store.Read(c.ctx(), func(tx *store.Tx) error {
		who.account, err = tx.AccountByName(claims.Sub)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return refuse("its sub is no user")
	}
	return who, err
}

func decodePart(part string, into any) error {
	data, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.NewDecoder(bytes.NewReader(data)).Decode(into)
}

// isAudience reports whether aud, one string or a list of them, names the audience.
func isAudience(aud json.RawMessage, name string) bool {
	var one string
	if json.Unmarshal(aud, &one) == nil {
		return one == name
	}
	var many []string
	return json.Unmarshal(aud, &many) == nil && slices.Contains(many, name)
}
