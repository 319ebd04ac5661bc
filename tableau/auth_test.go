package tableau_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/tableau"
)

const secret = "s3cr3t-that-must-not-show"

// tokens is a server on which a sign-in ends the session before it, as a
// personal access token's does.
type tokens struct {
	mu      sync.Mutex
	signIns int
	live    string
	deaf    bool // refuses every token
}

func (s *tokens) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case strings.HasSuffix(r.URL.Path, "/auth/signin"):
		s.signIns++
		s.live = fmt.Sprintf("token-%d", s.signIns)
		answer(w, 200, credentialsAnswer(s.live))
	case s.deaf || r.Header.Get("X-Tableau-Auth") != s.live:
		fault(w, 401, "401002")
	case strings.HasSuffix(r.URL.Path, "/auth/signout"):
		s.live = ""
		w.WriteHeader(204)
	default:
		answer(w, 200, `<workbooks><workbook id="w"/></workbooks>`)
	}
}

func credentialsAnswer(token string) string {
	return fmt.Sprintf(`<credentials token="%s" estimatedTimeToExpiration="3:30:15"><site id="%s" contentUrl="marketing"/><user id="%s"/></credentials>`, token, siteID, userID)
}

var pat = tableau.PersonalAccessToken{Name: "ci", Secret: secret}

func (s *fakeServer) signingClient(t *testing.T, options ...tableau.Option) *tableau.Client {
	t.Helper()
	c, err := tableau.New(s.URL, append([]tableau.Option{
		tableau.WithCredentials(pat), tableau.WithSite("marketing"), tableau.WithAPIVersion("3.27"),
	}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func look(t *testing.T, c *tableau.Client) error {
	t.Helper()
	_, err := c.Workbooks.Page(t.Context(), tableau.Query{})
	return err
}

func TestFirstCallSignsIn(t *testing.T) {
	t.Parallel()
	server := serve(t, (&tokens{}).ServeHTTP)
	c := server.signingClient(t)
	if _, ok := c.Session(); ok {
		t.Error("signed in before any call")
	}
	if err := look(t, c); err != nil {
		t.Fatal(err)
	}
	got := server.requests()
	want := `<tsRequest><credentials personalAccessTokenName="ci" personalAccessTokenSecret="` + secret + `"><site contentUrl="marketing"></site></credentials></tsRequest>`
	if len(got) != 2 || string(got[0].Body) != want || got[0].Token != "" || got[1].Token != "token-1" {
		t.Errorf("requests = %v, want a sign-in of %s and a call with its token", got, want)
	}
	session, ok := c.Session()
	if !ok || session.SiteID != siteID || session.UserID != userID || session.SiteContentURL != "marketing" {
		t.Errorf("Session = %#v, %t", session, ok)
	}
	if left := session.TimeToExpiry(); left < 3*time.Hour+29*time.Minute || left > 3*time.Hour+31*time.Minute {
		t.Errorf("TimeToExpiry = %v, want about 3h30m", left)
	}
}

func TestManyCallsShareOneSignIn(t *testing.T) {
	t.Parallel()
	tokens := &tokens{}
	c := serve(t, tokens.ServeHTTP).signingClient(t)
	each(t, 16, func() error { return look(t, c) })
	if tokens.signIns != 1 {
		t.Errorf("%d sign-ins, want 1", tokens.signIns)
	}
	tokens.mu.Lock()
	tokens.live = "ended by age"
	tokens.mu.Unlock()
	each(t, 16, func() error { return look(t, c) })
	if tokens.signIns != 2 {
		t.Errorf("%d sign-ins after the session died, want 2", tokens.signIns)
	}
}

func each(t *testing.T, n int, do func() error) {
	t.Helper()
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			if err := do(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestTwoProcessesWithOneTokenAreTold(t *testing.T) {
	t.Parallel()
	tokens := &tokens{}
	server := serve(t, tokens.ServeHTTP)
	a, b := server.signingClient(t), server.signingClient(t)
	var err error
	for range 10 {
		if err = errors.Join(look(t, a), look(t, b)); err != nil {
			break
		}
	}
	if !errors.Is(err, tableau.ErrSessionReplaced) || !errors.Is(err, tableau.ErrUnauthorized) {
		t.Fatalf("error = %v, want ErrSessionReplaced", err)
	}
	if !strings.Contains(err.Error(), "another sign-in") || strings.Contains(err.Error(), secret) {
		t.Errorf("the error does not explain, or shows the secret: %v", err)
	}
}

func TestSessionMayDieOncePerLife(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tokens := &tokens{}
		server := serveInMemory(t, tokens)
		c, err := tableau.New("http://tableau.test", tableau.WithHTTPClient(server), tableau.WithCredentials(pat), tableau.WithAPIVersion("3.27"))
		if err != nil {
			t.Fatal(err)
		}
		for range 20 { // twenty lives of four hours are no quarrel
			if err := look(t, c); err != nil {
				t.Fatal(err)
			}
			tokens.mu.Lock()
			tokens.live = "ended by age"
			tokens.mu.Unlock()
			time.Sleep(4 * time.Hour)
		}
	})
}

func TestTokenRefusedTwiceIsAnError(t *testing.T) {
	t.Parallel()
	tokens := &tokens{deaf: true}
	c := serve(t, tokens.ServeHTTP).signingClient(t)
	err := look(t, c)
	if e, ok := errors.AsType[*tableau.Error](err); !ok || e.Code != "401002" || tokens.signIns != 2 {
		t.Errorf("error = %v after %d sign-ins, want 401002 after 2", err, tokens.signIns)
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	tokens := &tokens{}
	server := serve(t, tokens.ServeHTTP)
	c := server.signingClient(t)
	if err := c.SignOut(t.Context()); err != nil || len(server.requests()) != 0 {
		t.Errorf("sign-out without a session: %v, %d requests; want nothing", err, len(server.requests()))
	}
	if err := c.SignIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	tokens.mu.Lock()
	tokens.live = "another"
	tokens.mu.Unlock()
	if err := c.SignOut(t.Context()); err != nil {
		t.Errorf("sign-out of a dead session: %v", err)
	}
	if _, ok := c.Session(); ok {
		t.Error("still signed in")
	}
	if tokens.signIns != 1 {
		t.Errorf("%d sign-ins, want 1: signing out must not sign in", tokens.signIns)
	}
}

func TestSwitchSite(t *testing.T) {
	t.Parallel()
	status := 200
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if status != 200 {
			fault(w, status, "403070")
			return
		}
		answer(w, 200, `<credentials token="new"><site id="11111111-b08b-4603-af4e-2887b8aafc67" contentUrl="sales"/><user id="`+userID+`"/></credentials>`)
	})
	c := server.client(t)
	if err := c.SwitchSite(t.Context(), "sales"); err != nil {
		t.Fatal(err)
	}
	if session, _ := c.Session(); session.Token != "new" || session.SiteContentURL != "sales" {
		t.Errorf("Session = %v with another token or site", session)
	}
	request := server.requests()[0]
	if want := `<tsRequest><site contentUrl="sales"></site></tsRequest>`; request.Path != "/api/3.27/auth/switchSite" || string(request.Body) != want || request.Token != signedIn.Token {
		t.Errorf("request = %s %s", request.Path, request.Body)
	}
	status = 403
	if err := c.SwitchSite(t.Context(), "sales"); err != nil {
		t.Errorf("switching to the same site: %v", err)
	}
}

func TestSessionTravels(t *testing.T) {
	t.Parallel()
	tokens := &tokens{}
	server := serve(t, tokens.ServeHTTP)
	first := server.signingClient(t)
	if err := first.SignIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	session, _ := first.Session()
	file, err := json.Marshal(session)
	if err != nil {
		t.Fatal(err)
	}
	var read tableau.Session
	if err := json.Unmarshal(file, &read); err != nil {
		t.Fatal(err)
	}
	second, err := tableau.New(server.URL, tableau.WithSession(read), tableau.WithAPIVersion("3.27"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(look(t, first), look(t, second)); err != nil || tokens.signIns != 1 {
		t.Errorf("%v after %d sign-ins, want both clients on one session", err, tokens.signIns)
	}
	tokens.mu.Lock()
	tokens.live = ""
	tokens.mu.Unlock()
	if err := look(t, second); !errors.Is(err, tableau.ErrUnauthorized) {
		t.Errorf("dead session without credentials: %v, want ErrUnauthorized", err)
	}
}

// Two clients with one token, which would end each other's session, get along when they share it.
func TestSharedSession(t *testing.T) {
	t.Parallel()
	tokens := &tokens{}
	server := serve(t, tokens.ServeHTTP)
	var mu sync.Mutex
	var kept tableau.Session
	share := tableau.WithSharedSession(func(ctx context.Context, dead tableau.Session, signIn func(context.Context) (tableau.Session, error)) (tableau.Session, error) {
		mu.Lock()
		defer mu.Unlock()
		if kept.Token != "" && kept.Token != dead.Token {
			return kept, nil
		}
		session, err := signIn(ctx)
		if err == nil {
			kept = session
		}
		return session, err
	})
	a, b := server.signingClient(t, share), server.signingClient(t, share)
	for range 10 {
		if err := errors.Join(look(t, a), look(t, b)); err != nil {
			t.Fatal(err)
		}
	}
	tokens.mu.Lock()
	tokens.live = ""
	tokens.mu.Unlock()
	each(t, 8, func() error { return errors.Join(look(t, a), look(t, b)) })
	if tokens.signIns != 2 {
		t.Errorf("%d sign-ins, want one, and one after the session had died", tokens.signIns)
	}

	// Without credentials, sharing is all there is.
	c, err := tableau.New(server.URL, share, tableau.WithAPIVersion("3.27"))
	if err != nil {
		t.Fatal(err)
	}
	if err := look(t, c); err != nil || tokens.signIns != 2 {
		t.Errorf("%v after %d sign-ins", err, tokens.signIns)
	}
	if _, err := tableau.New(server.URL, tableau.WithSharedSession(nil)); !errors.Is(err, tableau.ErrInvalidArgument) {
		t.Errorf("a nil function: %v, want ErrInvalidArgument", err)
	}
}

func TestConnectedAppMintsItsToken(t *testing.T) {
	t.Parallel()
	var bodies []string
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, 200, credentialsAnswer("x")) })
	app := tableau.ConnectedApp{ClientID: "client-1", SecretID: "secret-id-1", SecretValue: secret, User: "ann", Scopes: []string{"tableau:content:read", "tableau:views:download"}}
	c := server.signingClient(t, tableau.WithCredentials(app))
	for range 2 {
		if err := c.SignIn(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, request := range server.requests() {
		bodies = append(bodies, string(request.Body))
	}
	var ids []string
	for _, body := range bodies {
		_, rest, _ := strings.Cut(body, `jwt="`)
		token, _, _ := strings.Cut(rest, `"`)
		parts := strings.Split(token, ".")
		if len(parts) != 3 {
			t.Fatalf("no token of three parts in %s", body)
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(parts[0] + "." + parts[1]))
		if parts[2] != base64.RawURLEncoding.EncodeToString(mac.Sum(nil)) {
			t.Error("the signature is not HS256 of header and claims")
		}
		var header, claims map[string]any
		for i, into := range []*map[string]any{&header, &claims} {
			data, err := base64.RawURLEncoding.DecodeString(parts[i])
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(data, into); err != nil {
				t.Fatal(err)
			}
		}
		if header["alg"] != "HS256" || header["kid"] != "secret-id-1" || header["iss"] != "client-1" {
			t.Errorf("header = %v", header)
		}
		life := time.Until(time.Unix(int64(claims["exp"].(float64)), 0))
		if life <= 0 || life > 10*time.Minute {
			t.Errorf("the token lives %v, want at most ten minutes", life)
		}
		ids = append(ids, claims["jti"].(string))
		delete(claims, "exp")
		delete(claims, "jti")
		want := map[string]any{"iss": "client-1", "sub": "ann", "aud": "tableau", "scp": []any{"tableau:content:read", "tableau:views:download"}}
		if diff := cmp.Diff(want, claims); diff != "" {
			t.Errorf("claims (-want +got)\n%s", diff)
		}
	}
	if len(slices.Compact(ids)) != 2 || ids[0] == "" {
		t.Errorf("token IDs %v: want one of its own for each sign-in", ids)
	}
}

func TestSecretsDoNotShow(t *testing.T) {
	t.Parallel()
	var logged strings.Builder
	logger := slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	all := []tableau.Credentials{
		tableau.Password{Name: "ann", Password: secret},
		pat,
		tableau.JWT{Token: secret},
		tableau.ConnectedApp{ClientID: "c", SecretID: "s", SecretValue: secret, User: "u", Scopes: []string{"x"}},
	}
	for _, credentials := range all {
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "signin") {
				answer(w, 200, credentialsAnswer(secret))
				return
			}
			fault(w, 404, "404006")
		})
		c := server.signingClient(t, tableau.WithCredentials(credentials), tableau.WithLogger(logger))
		_, err := c.Workbooks.Get(t.Context(), "w")
		if !errors.Is(err, tableau.ErrNotFound) {
			t.Fatal(err)
		}
		session, _ := c.Session()
		logger.Debug("all", "credentials", credentials, "session", session, "client", c)
		for _, value := range []any{credentials, c, session, &session, err} {
			for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
				if text := fmt.Sprintf(format, value); strings.Contains(text, secret) {
					t.Errorf("%s of %T shows the secret: %s", format, value, text)
				}
			}
		}
	}
	if strings.Contains(logged.String(), secret) || !strings.Contains(logged.String(), "workbooks/w") {
		t.Errorf("the log shows a secret, or no request:\n%s", logged.String())
	}
}

func TestSignInCanBeGivenUp(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { <-hold })
	defer close(hold)
	c := server.signingClient(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 2)
	for range 2 {
		go func() { done <- c.SignIn(ctx) }()
	}
	cancel()
	for range 2 {
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("error = %v, want context.Canceled", err)
		}
	}
}

func TestNoCredentials(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {})
	c, err := tableau.New(server.URL, tableau.WithAPIVersion("3.27"))
	if err != nil {
		t.Fatal(err)
	}
	if err := look(t, c); !errors.Is(err, tableau.ErrInvalidArgument) || len(server.requests()) != 0 {
		t.Errorf("error = %v after %d requests, want ErrInvalidArgument after none", err, len(server.requests()))
	}
	for _, credentials := range []tableau.Credentials{
		nil, tableau.Password{Name: "x"}, tableau.PersonalAccessToken{Secret: "x"}, tableau.JWT{}, tableau.ConnectedApp{ClientID: "c"},
	} {
		if _, err := tableau.New(server.URL, tableau.WithCredentials(credentials)); !errors.Is(err, tableau.ErrInvalidArgument) {
			t.Errorf("New with %v: %v, want ErrInvalidArgument", credentials, err)
		}
	}
}
