package emulator_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
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
			jwt := signJWT(t, tt.header, tt.claims, tt.secret)
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

func signJWT(t testing.TB, headers, claims map[string]any, secret string) string {
	t.Helper()
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

func TestScopesOfAConnectedApp(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t, emulator.WithConnectedApp("client", "secret-id", "app secret"))
	site := server.NewSite(t)
	for name, tt := range map[string]struct {
		scopes any // nil: none in the JWT
		codes  [4]string
	}{
		// The codes of: listing workbooks, publishing, listing users, listing favorites, which no scope guards.
		"content":      {[]string{"tableau:content:read"}, [4]string{"", "401002", "401002", ""}},
		"several":      {[]string{"tableau:content:read", "tableau:users:read"}, [4]string{"", "401002", "", ""}},
		"a text":       {"tableau:content:read tableau:workbooks:create", [4]string{"", "", "401002", ""}},
		"any action":   {[]string{"tableau:workbooks:*"}, [4]string{"401002", "", "401002", ""}},
		"any resource": {[]string{"tableau:*:read"}, [4]string{"", "401002", "", ""}},
		"another word": {[]string{"*:content:read", "tableau:content", "content:read"}, [4]string{"401002", "401002", "401002", ""}},
		"none":         {[]string{}, [4]string{"401002", "401002", "401002", ""}},
		"no claim":     {nil, [4]string{"401002", "401002", "401002", ""}},
		"no text":      {42, [4]string{"401002", "401002", "401002", ""}},
	} {
		claims := map[string]any{"iss": "client", "sub": site.AdminName, "aud": "tableau", "exp": time.Now().Add(time.Minute).Unix(), "jti": name}
		if tt.scopes != nil {
			claims["scp"] = tt.scopes
		}
		jwt := signJWT(t, map[string]any{"alg": "HS256", "kid": "secret-id", "iss": "client"}, claims, "app secret")
		u := &user{t: t, server: server}
		u.signIn(`<credentials jwt="` + jwt + `"><site contentUrl="` + site.ContentURL + `"/></credentials>`)
		got := [4]string{u.do("GET", "/sites/{site}/workbooks", "", nil).code(), u.publish("By "+name, "").code(),
			u.do("GET", "/sites/{site}/users", "", nil).code(), u.do("GET", "/sites/{site}/favorites/"+u.id, "", nil).code()}
		if got != tt.codes {
			t.Errorf("%s: %q, want %q", name, got, tt.codes)
		}
		u.xml(204, "POST", "/auth/signout", "")
	}
}

func TestPersonalAccessTokensExpire(t *testing.T) {
	t.Parallel()
	var days atomic.Int64
	clock := func() time.Time { return time.Unix(1_700_000_000, 0).Add(time.Duration(days.Load()) * 24 * time.Hour) }
	server := emulator.Start(t, emulator.WithClock(clock))
	used, unused := server.NewSite(t), server.NewSite(t)
	code := func(site emulator.Site) string {
		u := &user{t: t, server: server}
		return u.do("POST", "/auth/signin", "", []byte("<tsRequest>"+byToken(site.TokenName, site.TokenSecret, site.ContentURL)+"</tsRequest>")).code()
	}
	for day := int64(0); day < 364; day += 14 {
		days.Store(day)
		if got := code(used); got != "" {
			t.Fatalf("on day %d: %q", day, got)
		}
	}
	if got := code(unused); got != "401001" {
		t.Errorf("a token that was never used: %q, want 401001", got)
	}
	days.Store(365)
	if got := code(used); got != "401001" {
		t.Errorf("after a year: %q, want 401001", got)
	}
}

func TestRevokingTheTokensOfServerAdministrators(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"POST /auth/revokeAllServerAdminTokens", "DELETE /auth/serverAdminAccessTokens"} {
		server := emulator.Start(t, emulator.WithToken("ci", "secret"))
		root, other := &user{t: t, server: server}, newSite(t, server)
		root.signIn(byToken("ci", "secret", ""))
		byHand := serverAdmin(t, server)
		method, path, _ := strings.Cut(call, " ")
		byHand.xml(204, method, path, "")
		if got := root.do("GET", "/sites", "", nil).code(); got != "401002" {
			t.Errorf("%s: the session of the token: %q, want 401002", call, got)
		}
		if got := root.do("POST", "/auth/signin", "", []byte("<tsRequest>"+byToken("ci", "secret", "")+"</tsRequest>")).code(); got != "401001" {
			t.Errorf("%s: the token: %q, want 401001", call, got)
		}
		byHand.xml(200, "GET", "/sites", "")
		other.xml(200, "GET", "/sites", "") // of no server administrator
	}
}

func TestSignInThatCannotBe(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	admin, elsewhere := newSite(t, server), newSite(t, server)
	viewer := colleague(admin, "Viewer")
	name := "viewer-" + admin.siteContentURL()
	admin.xml(201, "POST", "/sites/{site}/users", `<tsRequest><user name="unlicensed" siteRole="Unlicensed"/></tsRequest>`)
	noPassword, _ := admin.xml(201, "POST", "/sites/{site}/users", `<tsRequest><user name="without a password" siteRole="Viewer"/></tsRequest>`).find("user")
	root := server.DefaultSite()
	impersonate := func(id string) string {
		return `<credentials name="` + root.AdminName + `" password="` + root.AdminPassword + `"><site contentUrl="` + admin.siteContentURL() + `"/><user id="` + id + `"/></credentials>`
	}
	unlicensed, _ := admin.xml(200, "GET", "/sites/{site}/users?filter=siteRole:eq:Unlicensed", "").find("user")
	nobody := &user{t: t, server: server}
	for _, tt := range []struct{ name, credentials, code string }{
		{"a site one is not on", byPassword(name, "open sesame", elsewhere.siteContentURL()), "401001"},
		{"a site that is not there", byPassword(name, "open sesame", "nowhere"), "401001"},
		{"the default site, where one is not", byPassword(name, "open sesame", ""), "401001"},
		{"no password", byPassword(name, "", admin.siteContentURL()), "401001"},
		{"a user without a password", byPassword(noPassword.attr("name"), "", admin.siteContentURL()), "401001"},
		{"the password of nobody", byPassword(noPassword.attr("name"), "nobody's", admin.siteContentURL()), "401001"},
		{"a name and a token", `<credentials name="a" password="b" personalAccessTokenName="c" personalAccessTokenSecret="d"><site contentUrl=""/></credentials>`, "400000"},
		{"nothing", `<credentials><site contentUrl=""/></credentials>`, "400003"},
		{"no site", `<credentials name="a" password="b"/>`, "400003"},
		{"as an unlicensed user", impersonate(unlicensed.attr("id")), "401001"},
		{"as nobody", impersonate("nobody"), "404002"},
		{"as a user of another site", impersonate(elsewhere.id), "404002"},
		{"as a viewer", impersonate(viewer.id), ""},
	} {
		if got := nobody.do("POST", "/auth/signin", "", []byte("<tsRequest>"+tt.credentials+"</tsRequest>")).code(); got != tt.code {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.code)
		}
	}
	if got := viewer.do("POST", "/auth/switchSite", "", []byte(`<tsRequest><site contentUrl="nowhere"/></tsRequest>`)).code(); got != "401003" {
		t.Errorf("switching to a site that is not there: %q, want 401003", got)
	}
}

// TestSignInTellsNobodyWhoHasAnAccount times refusals on a server that hashes as slowly as one that keeps its data does.
func TestSignInTellsNobodyWhoHasAnAccount(t *testing.T) {
	server := emulator.Start(t, emulator.WithDir(t.TempDir()), emulator.WithAdmin("root", "pw"))
	admin := serverAdmin(t, server)
	admin.xml(201, "POST", "/sites/{site}/users", `<tsRequest><user name="without" siteRole="Viewer"/></tsRequest>`)
	nobody := &user{t: t, server: server}
	fastest := func(name string) time.Duration {
		best := time.Hour
		for range 3 {
			start := time.Now()
			nobody.do("POST", "/auth/signin", "", []byte("<tsRequest>"+byPassword(name, "wrong", "")+"</tsRequest>"))
			best = min(best, time.Since(start))
		}
		return best
	}
	known := fastest("root")
	for _, name := range []string{"nobody", "without"} {
		if took := fastest(name); took < known/3 {
			t.Errorf("refusing %s took %v, refusing root %v", name, took, known)
		}
	}
}
