package emulator_test

import (
	"bytes"
	"encoding/base64"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/emulator"
)

// TestSecretsAreNotKept signs in in every way and looks for the secrets in everything that the server has on disk.
func TestSecretsAreNotKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := emulator.Start(t, emulator.WithDir(dir), emulator.WithAdmin("root", "the-password"), emulator.WithToken("ci", "the-token-secret"),
		emulator.WithConnectedApp("client", "secret-id", "the-app-secret"))
	site := server.NewSite(t)
	secrets := []string{"the-password", "the-token-secret", "the-app-secret", "the-new-password", site.AdminPassword, site.TokenSecret}
	for _, credentials := range []string{byPassword("root", "the-password", ""), byToken("ci", "the-token-secret", ""),
		byPassword(site.AdminName, site.AdminPassword, site.ContentURL), byToken(site.TokenName, site.TokenSecret, site.ContentURL)} {
		u := &user{t: t, server: server}
		u.signIn(credentials)
		secrets = append(secrets, u.token)
	}
	admin := rootAdmin(t, server)
	made, _ := admin.xml(201, "POST", "/sites/{site}/users", `<tsRequest><user name="ann" siteRole="Viewer"/></tsRequest>`).find("user")
	admin.xml(200, "PUT", "/sites/{site}/users/"+made.attr("id"), `<tsRequest><user password="the-new-password"/></tsRequest>`)
	ann := &user{t: t, server: server}
	ann.signIn(byPassword("ann", "the-new-password", ""))
	secrets = append(secrets, ann.token)
	for _, path := range []string{"/sites/{site}/users?fields=_all_", "/sites/{site}/users/" + made.attr("id"), "/sessions/current", "/sites"} {
		answer := admin.do("GET", path, "", nil)
		for _, secret := range secrets {
			if bytes.Contains(answer.body, []byte(secret)) {
				t.Errorf("%s shows the secret %q", path, secret)
			}
		}
	}
	hashed := false
	look := func() {
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			for _, secret := range secrets {
				if bytes.Contains(data, []byte(secret)) {
					t.Errorf("%s holds the secret %q", path, secret)
				}
			}
			hashed = hashed || bytes.Contains(data, []byte("$2a$10$")) // bcrypt at its usual cost
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	look()
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	look()
	if !hashed {
		t.Error("no password is kept as a hash")
	}
}

// rootAdmin signs the administrator of durable data in.
func rootAdmin(t *testing.T, server *emulator.Server) *user {
	u := &user{t: t, server: server}
	u.signIn(byPassword("root", "the-password", ""))
	return u
}

// TestTokensAreRandom looks at the tokens of sessions: 256 bits each, and no two alike.
func TestTokensAreRandom(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	site := server.NewSite(t)
	seen := map[string]bool{}
	for range 50 {
		u := &user{t: t, server: server}
		u.signIn(byToken(site.TokenName, site.TokenSecret, site.ContentURL))
		bits, err := base64.RawURLEncoding.DecodeString(u.token)
		if err != nil || len(bits) != 32 || seen[u.token] {
			t.Errorf("the token has %d bytes, seen before: %v (%v)", len(bits), seen[u.token], err)
		}
		seen[u.token] = true
	}
}

// TestNamesAreNoSQL uses SQL wherever a caller may write something, and finds everything as it was written.
func TestNamesAreNoSQL(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	names := []string{`'; DROP TABLE projects; --`, `" OR 1=1 --`, `x') UNION SELECT password_hash FROM accounts --`, `%_\`, "?1"}
	for _, name := range names {
		document := `<tsRequest><project name="` + strings.ReplaceAll(name, `"`, "&quot;") + `"/></tsRequest>`
		u.xml(201, "POST", "/sites/{site}/projects", document)
	}
	for _, name := range names {
		found := u.xml(200, "GET", "/sites/{site}/projects?filter="+url.QueryEscape("name:eq:"+name), "").all("project")
		if len(found) != 1 || found[0].attr("name") != name {
			t.Errorf("filtered by %q: %v", name, found)
		}
		for _, query := range []string{"filter=" + url.QueryEscape(name+":eq:x"), "filter=" + url.QueryEscape("name:"+name+":x"),
			"sort=" + url.QueryEscape(name), "fields=" + url.QueryEscape(name), "pageSize=" + url.QueryEscape(name)} {
			if got := u.do("GET", "/sites/{site}/workbooks?"+query, "", nil); got.status != 400 {
				t.Errorf("%s: status %d, want 400: %s", query, got.status, got.body)
			}
		}
		for _, path := range []string{"/sites/{site}/workbooks/" + url.PathEscape(name), "/sites/{site}/users/" + url.PathEscape(name)} {
			if got := u.do("GET", path, "", nil); got.status != 404 {
				t.Errorf("%s: status %d, want 404: %s", path, got.status, got.body)
			}
		}
	}
}

// TestListsAreBounded asks for lists with more than a database takes.
func TestListsAreBounded(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	for name, query := range map[string]string{
		"filters": "filter=" + strings.Repeat("name:eq:a,", 3000) + "name:eq:a",
		"values":  "filter=name:in:[" + strings.Repeat("a,", 20_000) + "a]",
		"sorts":   "sort=" + strings.Repeat("name,", 3000) + "name",
	} {
		if got := u.do("GET", "/sites/{site}/workbooks?"+query, "", nil); got.status != 400 {
			t.Errorf("too many %s: status %d, want 400: %.300s", name, got.status, got.body)
		}
	}
	u.xml(200, "GET", "/sites/{site}/workbooks?filter=name:in:["+strings.Repeat("a,", 5000)+"a]", "")
}
