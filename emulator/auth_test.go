package emulator_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tabctl/tableau-go/emulator"
)

func TestSignInAnswersWhoAndWhere(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t, emulator.WithAdmin("root", "s3cret&<>"), emulator.WithToken("ci", "token-secret"))
	for name, credentials := range map[string]string{
		"password":              byPassword("ROOT", "s3cret&amp;&lt;&gt;", ""),
		"personal access token": byToken("ci", "token-secret", ""),
	} {
		u := &user{t: t, server: server}
		document := u.xml(200, "POST", "/auth/signin", "<tsRequest>"+credentials+"</tsRequest>")
		c, _ := document.find("credentials")
		site, _ := document.find("site")
		if len(c.attr("token")) < 32 || c.attr("estimatedTimeToExpiration") != "4:00:00" {
			t.Errorf("%s: credentials %v", name, c.Attrs)
		}
		if site.attr("id") != server.DefaultSite().ID || site.attr("contentUrl") != "" {
			t.Errorf("%s: site %v", name, site.Attrs)
		}
	}
}

func TestSignInInJSON(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t, emulator.WithAdmin("root", "pw"))
	u := &user{t: t, server: server}
	r := u.send("POST", "/api/3.29/auth/signin", http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}},
		[]byte(`{"credentials": {"name": "root", "password": "pw", "site": {"contentUrl": ""}}}`))
	r.must(t, 200)
	c, _ := decodeJSON(t, r.body)["credentials"].(map[string]any)
	site, _ := c["site"].(map[string]any)
	if c["token"] == nil || site["id"] != server.DefaultSite().ID {
		t.Errorf("credentials %v", c)
	}
}

func TestAPersonalAccessTokenHasOneSession(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	site := server.NewSite(t)
	first, second := &user{t: t, server: server}, &user{t: t, server: server}
	first.signIn(byToken(site.TokenName, site.TokenSecret, site.ContentURL))
	byHand := &user{t: t, server: server}
	byHand.signIn(byPassword(site.AdminName, site.AdminPassword, site.ContentURL))
	second.signIn(byToken(site.TokenName, site.TokenSecret, site.ContentURL))
	if got := first.do("GET", "/sites/{site}/workbooks", "", nil).code(); got != "401002" {
		t.Errorf("the first session after the second sign-in: %q, want 401002", got)
	}
	second.xml(200, "GET", "/sites/{site}/workbooks", "")
	byHand.xml(200, "GET", "/sites/{site}/workbooks", "")
}

func TestSignOutEndsTheSession(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	u.xml(204, "POST", "/auth/signout", "")
	if got := u.do("GET", "/sites/{site}/workbooks", "", nil).code(); got != "401002" {
		t.Errorf("after signing out: %q, want 401002", got)
	}
}

func TestSessionsExpire(t *testing.T) {
	t.Parallel()
	var seconds atomic.Int64
	clock := func() time.Time { return time.Unix(1_700_000_000+seconds.Load(), 0) }
	u := newSite(t, emulator.Start(t, emulator.WithClock(clock), emulator.WithSessionTimeout(time.Hour)))
	seconds.Store(3599)
	u.xml(200, "GET", "/sites/{site}/workbooks", "")
	seconds.Store(3600)
	if got := u.do("GET", "/sites/{site}/workbooks", "", nil).code(); got != "401002" {
		t.Errorf("after an hour: %q, want 401002", got)
	}
}

func TestSwitchSite(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	u := serverAdmin(t, server)
	target := server.NewSite(t)
	before := *u
	document := u.xml(200, "POST", "/auth/switchSite", `<tsRequest><site contentUrl="`+target.ContentURL+`"/></tsRequest>`)
	c, _ := document.find("credentials")
	site, _ := document.find("site")
	if site.attr("id") != target.ID || c.attr("token") == before.token {
		t.Errorf("switched to %v with token %q", site.Attrs, c.attr("token"))
	}
	if got := before.do("GET", "/sites/{site}/workbooks", "", nil).code(); got != "401002" {
		t.Errorf("the session before: %q, want 401002", got)
	}
	u.token, u.site = c.attr("token"), site.attr("id")
	session, _ := u.xml(200, "GET", "/sessions/current", "").find("session")
	if where, _ := session.find("site"); where.attr("id") != target.ID {
		t.Errorf("the session is on %v", where.Attrs)
	}
	if got := newSite(t, server).do("POST", "/auth/switchSite", "text/xml", []byte(`<tsRequest><site contentUrl=""/></tsRequest>`)).code(); got != "401003" {
		t.Errorf("switching to a site one is no user of: %q", got)
	}
}

func TestImpersonation(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	admin := newSite(t, server)
	viewer := colleague(admin, "Viewer")
	root := server.DefaultSite()
	credentials := func(name, password string) string {
		return `<tsRequest><credentials name="` + name + `" password="` + password + `"><site contentUrl="` + admin.siteContentURL() +
			`"/><user id="` + viewer.id + `"/></credentials></tsRequest>`
	}
	nobody := &user{t: t, server: server}
	me, _ := nobody.xml(200, "POST", "/auth/signin", credentials(root.AdminName, root.AdminPassword)).find("user")
	if me.attr("id") != viewer.id {
		t.Errorf("signed in as %q, want %q", me.attr("id"), viewer.id)
	}
	if got := nobody.do("POST", "/auth/signin", "", []byte(credentials("viewer-"+admin.siteContentURL(), "open sesame"))).code(); got != "403004" {
		t.Errorf("impersonation by a viewer: %q, want 403004", got)
	}
}

func TestUnlicensedUsersCannotSignIn(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	admin := newSite(t, server)
	viewer := colleague(admin, "Viewer")
	admin.xml(200, "PUT", "/sites/{site}/users/"+viewer.id, `<tsRequest><user siteRole="Unlicensed"/></tsRequest>`)
	nobody := &user{t: t, server: server}
	contentURL := admin.siteContentURL()
	if got := nobody.do("POST", "/auth/signin", "", []byte("<tsRequest>"+byPassword("viewer-"+contentURL, "open sesame", contentURL)+"</tsRequest>")).code(); got != "401001" {
		t.Errorf("%q, want 401001", got)
	}
}

func TestSignInByJWT(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	server := emulator.Start(t, emulator.WithConnectedApp("client", "secret-id", "app secret"),
		emulator.WithClock(func() time.Time { return now }))
	site := server.NewSite(t)
	sign := func(headers, claims map[string]any, secret string) string {
		part := func(v any) string {
			data, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			return base64.RawURLEncoding.EncodeToString(data)
		}
		signed := part(headers) + "." + part(claims)
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(signed))
		return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}
	header := map[string]any{"alg": "HS256", "typ": "JWT", "kid": "secret-id", "iss": "client"}
	claims := map[string]any{"iss": "client", "sub": site.AdminName, "aud": "tableau", "exp": now.Add(5 * time.Minute).Unix(),
		"scp": []string{"tableau:content:read"}}
	with := func(m map[string]any, name string, value any) map[string]any {
		m = maps.Clone(m)
		m[name] = value
		return m
	}
	tests := []struct {
		name           string
		header, claims map[string]any
		secret         string
		ok             bool
	}{
		{"good", header, claims, "app secret", true},
		{"a list of audiences", header, with(claims, "aud", []string{"other", "tableau"}), "app secret", true},
		{"wrong secret", header, claims, "another", false},
		{"alg none", with(header, "alg", "none"), claims, "app secret", false},
		{"alg HS512", with(header, "alg", "HS512"), claims, "app secret", false},
		{"unknown kid", with(header, "kid", "x"), claims, "app secret", false},
		{"unknown iss", header, with(claims, "iss", "x"), "app secret", false},
		{"wrong aud", header, with(claims, "aud", "x"), "app secret", false},
		{"expired", header, with(claims, "exp", now.Add(-2*time.Minute).Unix()), "app secret", false},
		{"no exp", header, with(claims, "exp", 0), "app secret", false},
		{"too long a life", header, with(claims, "exp", now.Add(12*time.Minute).Unix()), "app secret", false},
		{"unknown user", header, with(claims, "sub", "nobody"), "app secret", false},
		{"no jti", header, with(claims, "jti", ""), "app secret", false},
		{"used before", header, with(claims, "jti", "good"), "app secret", false},
	}
	for _, tt := range tests { // in order: the last one uses a jti again
		t.Run(tt.name, func(t *testing.T) {
			if _, given := tt.claims["jti"]; !given {
				tt.claims = with(tt.claims, "jti", tt.name)
			}
			jwt := sign(tt.header, tt.claims, tt.secret)
			u := &user{t: t, server: server}
			r := u.do("POST", "/auth/signin", "", []byte(`<tsRequest><credentials jwt="`+jwt+`"><site contentUrl="`+site.ContentURL+`"/></credentials></tsRequest>`))
			if tt.ok {
				r.must(t, 200)
			} else if r.code() != "401001" {
				t.Errorf("status %d: %s", r.status, r.body)
			}
		})
	}
}
