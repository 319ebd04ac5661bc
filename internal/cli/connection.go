package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tabctl/tableau-go/tableau"
)

// connectionFlags say which server to call, and who signs in.
type connectionFlags struct {
	server, site           string
	tokenName, tokenFile   string
	username, passwordFile string
	jwtFile                string
	profile, apiVersion    string
	timeout                time.Duration
	transport              transport
	set                    *pflag.FlagSet // tells an empty --site from none
}

func (f *connectionFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.server, "server", "", "the server's `URL`, or the address of any page of a site")
	flags.StringVar(&f.site, "site", "", "the site's `content-URL`; \"\" is the site named Default")
	flags.StringVar(&f.tokenName, "token-name", "", "`name` of a personal access token")
	flags.StringVar(&f.tokenFile, "token-value-file", "", "`file` that holds the token's secret; - is standard input")
	flags.StringVar(&f.username, "username", "", "user `name`")
	flags.StringVar(&f.passwordFile, "password-file", "", "`file` that holds the password; - is standard input")
	flags.StringVar(&f.jwtFile, "jwt-file", "", "`file` that holds a JSON Web Token; - is standard input")
	flags.StringVar(&f.profile, "profile", "", "`name` of the saved profile (default the current one: tabctl config list)")
	flags.StringVar(&f.apiVersion, "api-version", "", "REST API `version` to speak (default the server's own)")
	f.transport.add(flags)
	flags.DurationVar(&f.timeout, "timeout", 0, "give up after this `time`, such as 90s (default never)")
}

// remember keeps the flag set of the command that runs.
func (f *connectionFlags) remember(command *cobra.Command) { f.set = command.Flags() }

func (f *connectionFlags) given(name string) bool { return f.set != nil && f.set.Changed(name) }

// target is whom to call and as whom.
type target struct {
	server     string
	site       *string // nil is the one in the server's address, else Default
	apiVersion string
	// credentials may be nil when there is a session.
	credentials tableau.Credentials
	// saved says that credentials and session are the profile's: then the session outlives the command.
	saved   bool
	session *tableau.Session
	// transport is the way to the server.
	transport transport
}

// place puts flags, environment and profile together, in this order, for all of a target but who signs in. It returns the
// profile, too, and whether it is of the same server.
func (a *app) place() (t target, saved profile, own bool, err error) {
	f := &a.connection
	name := a.profileName()
	saved, found, err := a.profiles().load(name)
	if err != nil {
		return target{}, profile{}, false, err
	}
	if name != "default" && !found {
		err := usage("there is no profile %q", name)
		return target{}, profile{}, false, withHint(err, "tabctl config list, or tabctl login --profile "+name+" --server URL")
	}
	if saved.Output != "" && !f.given("output") {
		a.output.format.value = saved.Output
	}
	t = target{server: cmp.Or(f.server, a.getenv("TABLEAU_SERVER_URL"), saved.Server), site: a.givenSite(), apiVersion: f.apiVersion}
	if t.server == "" {
		return target{}, profile{}, false, withHint(usage("no server is given"), "tabctl login --server URL, or --server, or TABLEAU_SERVER_URL")
	}
	if own, err = isServer(t.server, saved.Server); err != nil {
		return target{}, profile{}, false, err
	}
	if t.transport, err = a.transport(saved.transportTo(own)); err != nil {
		return target{}, profile{}, false, err
	}
	if own {
		t.apiVersion = cmp.Or(t.apiVersion, saved.APIVersion)
		if t.site == nil && !namesSite(t.server) {
			t.site = &saved.Site
		}
		t.session = saved.sessionOn(t.site)
	}
	return t, saved, own, nil
}

// target is where and as whom commands call a server.
func (a *app) target() (target, error) {
	t, saved, own, err := a.place()
	if err != nil {
		return target{}, err
	}
	session := t.session
	t.session = nil
	if t.credentials, err = a.givenCredentials(); err != nil || t.credentials != nil {
		return t, err
	}
	if own {
		t.credentials, t.session = saved.credentials(), session
		t.saved = t.site != nil && *t.site == saved.Site
	}
	if t.credentials == nil && t.session == nil {
		missing := "no credentials are given for " + t.server
		if saved.Server != "" && !own {
			missing += fmt.Sprintf("; those of the profile %q are for %s", a.profileName(), saved.Server)
		}
		return target{}, withHint(&signInError{missing},
			"tabctl login, or --token-name, or TABLEAU_TOKEN_NAME and TABLEAU_TOKEN_VALUE (see: tabctl help environment)")
	}
	return t, nil
}

// profileName is the profile that is given, else the current one.
func (a *app) profileName() string { return cmp.Or(a.connection.profile, a.profiles().current()) }

// givenSite is the site that a flag or the environment chooses; nil when neither does.
func (a *app) givenSite() *string {
	if a.connection.given("site") {
		return new(a.connection.site)
	}
	if site := a.getenv("TABLEAU_SITE"); site != "" {
		return &site
	}
	return nil
}

// givenCredentials are those that flags or the environment give; nil when they give none.
func (a *app) givenCredentials() (tableau.Credentials, error) {
	f := &a.connection
	tokenName, username := cmp.Or(f.tokenName, a.getenv("TABLEAU_TOKEN_NAME")), cmp.Or(f.username, a.getenv("TABLEAU_USERNAME"))
	switch {
	case f.tokenName != "":
		return a.tokenCredentials(tokenName)
	case f.username != "":
		return a.passwordCredentials(username)
	case f.jwtFile != "":
		token, err := a.secret("JSON Web Token", "jwt-file", f.jwtFile, "")
		return tableau.JWT{Token: token}, err
	case tokenName != "" || f.tokenFile != "" || a.getenv("TABLEAU_TOKEN_VALUE") != "":
		return a.tokenCredentials(tokenName)
	case a.getenv("TABLEAU_JWT") != "":
		return tableau.JWT{Token: a.getenv("TABLEAU_JWT")}, nil
	case username != "" || f.passwordFile != "" || a.getenv("TABLEAU_PASSWORD") != "":
		return a.passwordCredentials(username)
	}
	return nil, nil
}

func (a *app) tokenCredentials(name string) (tableau.Credentials, error) {
	if name == "" {
		return nil, withHint(&signInError{"the secret of a personal access token is given, but not the token's name"}, "--token-name, or TABLEAU_TOKEN_NAME")
	}
	secret, err := a.secret("secret of the personal access token "+name, "token-value-file", a.connection.tokenFile, "TABLEAU_TOKEN_VALUE")
	return tableau.PersonalAccessToken{Name: name, Secret: secret}, err
}

func (a *app) passwordCredentials(name string) (tableau.Credentials, error) {
	if name == "" {
		return nil, withHint(&signInError{"a password is given, but not the user's name"}, "--username, or TABLEAU_USERNAME")
	}
	password, err := a.secret("password of "+name, "password-file", a.connection.passwordFile, "TABLEAU_PASSWORD")
	return tableau.Password{Name: name, Password: password}, err
}

// client makes the client for a target. It sends nothing.
func (a *app) client(t target, more ...tableau.Option) (*tableau.Client, error) {
	through, err := a.httpClient(t.transport)
	if err != nil {
		return nil, err
	}
	options := append(more, tableau.WithUserAgent("tabctl/"+version()), tableau.WithHTTPClient(through))
	if t.site != nil {
		options = append(options, tableau.WithSite(*t.site))
	}
	if t.apiVersion != "" {
		options = append(options, tableau.WithAPIVersion(t.apiVersion))
	}
	if t.credentials != nil {
		options = append(options, tableau.WithCredentials(t.credentials))
	}
	if t.session != nil {
		options = append(options, tableau.WithSession(*t.session))
	}
	return tableau.New(t.server, options...)
}

// untilTimeout ends the context after the time of --timeout.
func (a *app) untilTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	if a.connection.timeout > 0 {
		return context.WithTimeout(ctx, a.connection.timeout)
	}
	return ctx, func() {}
}

// withClient is the work of a command that calls a server.
func (a *app) withClient(work func(ctx context.Context, c *tableau.Client, args []string) error) func(*cobra.Command, []string) error {
	return func(command *cobra.Command, args []string) error {
		a.connection.remember(command)
		return a.action(func(ctx context.Context, args []string) error {
			ctx, cancel := a.untilTimeout(ctx)
			defer cancel()
			return a.connected(ctx, func(ctx context.Context, c *tableau.Client) error { return work(ctx, c, args) })
		})(command, args)
	}
}

// withServer is the work of a command that needs a server, and nobody signed in to it.
func (a *app) withServer(work func(ctx context.Context, c *tableau.Client) error) func(*cobra.Command, []string) error {
	return func(command *cobra.Command, args []string) error {
		a.connection.remember(command)
		return a.action(func(ctx context.Context, _ []string) error {
			ctx, cancel := a.untilTimeout(ctx)
			defer cancel()
			t, _, _, err := a.place()
			if err != nil {
				return err
			}
			t.session = nil
			c, err := a.client(t)
			if err != nil {
				return err
			}
			return work(ctx, c)
		})(command, args)
	}
}

// connected runs work with a client, and keeps or ends the client's session afterwards.
func (a *app) connected(ctx context.Context, work func(ctx context.Context, c *tableau.Client) error) error {
	t, err := a.target()
	if err != nil {
		return err
	}
	if !t.saved {
		c, err := a.client(t)
		if err != nil {
			return err
		}
		defer a.signOut(ctx, c)
		return explained(work(ctx, c), t.credentials)
	}
	name := a.profileName()
	if !alive(t.session) {
		t.session = nil
	}
	c, err := a.client(t, tableau.WithSharedSession(a.profiles().share(name, t.credentials != nil)))
	if err != nil {
		return err
	}
	a.keeper = name
	return explained(work(ctx, c), t.credentials)
}

// signedIn returns the client's session, which begins when there is none.
func signedIn(ctx context.Context, c *tableau.Client) (tableau.Session, error) {
	session, ok := c.Session()
	if ok {
		return session, nil
	}
	if err := c.SignIn(ctx); err != nil {
		return session, err
	}
	session, _ = c.Session()
	return session, nil
}

// signOut ends a session that only this command used. A failure is told and no more: the work is done.
func (a *app) signOut(ctx context.Context, c *tableau.Client) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := c.SignOut(ctx); err != nil {
		fmt.Fprintln(a.err, "tabctl: could not sign out:", printable(err.Error()))
	}
}

// isServer reports whether two addresses are of one server.
func isServer(address, other string) (bool, error) {
	c, err := tableau.New(address)
	if err != nil || other == "" {
		return false, err
	}
	o, err := tableau.New(other)
	return err == nil && c.URL() == o.URL(), nil
}

// namesSite reports whether the address is that of a site's page in a browser.
func namesSite(address string) bool {
	return strings.Contains(address, "#/site/") || strings.Contains(address, "/t/")
}
