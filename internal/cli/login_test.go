package cli

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tabctl/tableau-go/emulator"
)

// jsonWebToken is a token of a connected app, good for one sign-in.
func jsonWebToken(t *testing.T, client, secretID, secret, user string, scopes ...string) string {
	t.Helper()
	part := func(value any) string {
		data, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(data)
	}
	text := part(map[string]string{"alg": "HS256", "typ": "JWT", "kid": secretID, "iss": client}) + "." + part(map[string]any{
		"iss": client, "sub": user, "aud": "tableau", "jti": rand.Text(), "exp": time.Now().Add(5 * time.Minute).Unix(), "scp": scopes,
	})
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// whoami works with whatever signs in, given by file, by standard input or by the environment, and after a login.
func TestWhoAmI(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t, emulator.WithConnectedApp("app", "key", "secret of the app"))
	site := server.NewSite(t)
	token := func() string {
		return jsonWebToken(t, "app", "key", "secret of the app", site.AdminName, "tableau:sites:read", "tableau:content:read")
	}
	file := func(content string) string {
		path := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(path, []byte(content+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	there := []string{"--server", server.URL, "--site", site.ContentURL}
	for _, test := range []struct {
		name  string
		env   map[string]string
		args  []string
		stdin string
	}{
		{"token of the environment", map[string]string{"TABLEAU_TOKEN_NAME": site.TokenName, "TABLEAU_TOKEN_VALUE": site.TokenSecret}, nil, ""},
		{"token file", nil, []string{"--token-name", site.TokenName, "--token-value-file", file(site.TokenSecret)}, ""},
		{"token on standard input", nil, []string{"--token-name", site.TokenName, "--token-value-file", "-"}, site.TokenSecret + "\n"},
		{"password of the environment", map[string]string{"TABLEAU_USERNAME": site.AdminName, "TABLEAU_PASSWORD": site.AdminPassword}, nil, ""},
		{"password file", nil, []string{"--username", site.AdminName, "--password-file", file(site.AdminPassword)}, ""},
		{"JSON Web Token of the environment", map[string]string{"TABLEAU_JWT": token()}, nil, ""},
		{"JSON Web Token file", nil, []string{"--jwt-file", file(token())}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, stdout, stderr := runApp(t, with(test.env), test.stdin, append([]string{"whoami", "-o", "json"}, append(there, test.args...)...)...)
			if code != exitDone || !strings.Contains(stdout, `"siteId": "`+site.ID+`"`) || stderr != "" {
				t.Errorf("exit code %d, %s%s", code, stdout, stderr)
			}
		})
	}

	t.Run("login with a JSON Web Token", func(t *testing.T) {
		config := map[string]string{"TABCTL_CONFIG_DIR": t.TempDir()}
		code, _, stderr := runApp(t, with(config, "TABLEAU_JWT", token()), "", append([]string{"login"}, there...)...)
		if code != exitDone {
			t.Fatal(stderr)
		}
		if code, stdout, stderr := runApp(t, config, "", "whoami"); code != exitDone || !strings.Contains(stdout, site.ID) {
			t.Errorf("exit code %d: %s", code, stderr)
		}
		if code, _, stderr := runApp(t, config, "", "login"); code != exitSignIn || !strings.Contains(stderr, "no credentials are given") {
			t.Errorf("exit code %d: %s", code, stderr)
		}
	})

	t.Run("JSON Web Token that may not read the site", func(t *testing.T) {
		narrow := jsonWebToken(t, "app", "key", "secret of the app", site.AdminName, "tableau:content:read")
		code, stdout, stderr := runApp(t, map[string]string{"TABLEAU_JWT": narrow}, "", append([]string{"whoami", "-o", "json"}, there...)...)
		if code != exitDone || !strings.Contains(stdout, site.ID) {
			t.Errorf("exit code %d: %s", code, stderr)
		}
	})

	t.Run("JSON Web Token that was used", func(t *testing.T) {
		env := map[string]string{"TABLEAU_JWT": token()}
		runApp(t, with(env), "", append([]string{"whoami"}, there...)...)
		code, _, stderr := runApp(t, with(env), "", append([]string{"whoami"}, there...)...)
		if code != exitSignIn || !strings.Contains(stderr, "try: check that the token has not expired") {
			t.Errorf("exit code %d: %s", code, stderr)
		}
	})
}

// Where nobody sits at a terminal nothing waits for an answer, even when standard input stays open.
func TestNothingWaitsForAnAnswer(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	site := server.NewSite(t)
	token := []string{"TABLEAU_SERVER_URL=" + server.URL, "TABLEAU_SITE=" + site.ContentURL, "TABLEAU_TOKEN_NAME=" + site.TokenName, "TABLEAU_TOKEN_VALUE=" + site.TokenSecret}
	for _, test := range []struct {
		env  []string
		args string
		code int
	}{
		{nil, "login", exitUsage},
		{token[:2], "login", exitSignIn},
		{token[:3], "login", exitSignIn},
		{token[:2], "login --username ann", exitSignIn},
		{token[:2], "projects list", exitSignIn},
		{token, "login", exitDone},
		{token, "projects delete Default", exitUsage},
		{token[:2], "tabcmd login", exitFailed},
	} {
		t.Run(test.args, func(t *testing.T) {
			open, held, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer held.Close()
			defer open.Close()
			env := append([]string{"TABLEAU_TOKEN_NAME=", "TABLEAU_TOKEN_VALUE=", "TABCTL_CONFIG_DIR=" + t.TempDir(), "TABCTL_KEYRING=off"}, test.env...)
			command := exec.CommandContext(t.Context(), "tabctl", strings.Fields(test.args)...)
			command.Env, command.Stdin = append(os.Environ(), env...), open
			output, _ := command.CombinedOutput()
			if code := command.ProcessState.ExitCode(); code != test.code {
				t.Errorf("exit code %d, want %d: %s", code, test.code, output)
			}
		})
	}
}

// with returns the variables with more, as pairs of name and value.
func with(env map[string]string, more ...string) map[string]string {
	all := map[string]string{}
	maps.Copy(all, env)
	for i := 0; i < len(more); i += 2 {
		all[more[i]] = more[i+1]
	}
	return all
}
