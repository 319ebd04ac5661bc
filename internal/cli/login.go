package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

func (a *app) loginCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "login",
		Short: "Sign in and remember it",
		Long: `Signs in, and saves the server, the credentials and the session as a profile
that later commands take up: in the keyring of the operating system or, where
there is none or TABCTL_KEYRING is off, in a file that only you can read.

Secrets are taken from a file, standard input, the environment or a hidden
prompt at a terminal; never from the command line, which other users can see.
Without new credentials a saved profile signs in anew.`,
		Example: `  tabctl login --server https://tableau.example.com --site marketing --token-name ci
  tabctl login --server https://tableau.example.com --username ann --password-file -
  tabctl login --profile prod --server https://10ax.online.tableau.com/#/site/acme/home --token-name ci --token-value-file secret.txt`,
		Args: cobra.NoArgs,
	}
	a.connection.add(command.Flags())
	command.MarkFlagsMutuallyExclusive("token-name", "username", "jwt-file")
	command.RunE = func(command *cobra.Command, args []string) error {
		a.connection.remember(command)
		return a.action(func(ctx context.Context, _ []string) error { return a.login(ctx) })(command, args)
	}
	return command
}

func (a *app) login(ctx context.Context) error {
	ctx, cancel := a.untilTimeout(ctx)
	defer cancel()
	name := a.profileName()
	t, err := a.loginTarget(name)
	if err != nil {
		return err
	}
	c, err := a.client(t)
	if err != nil {
		return err
	}
	unlock, err := a.profiles().lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	if err := c.SignIn(ctx); err != nil {
		return explained(err, t.credentials)
	}
	session, _ := c.Session()
	p := newProfile(c.URL(), session, t)
	if before, _, err := a.profiles().load(name); err == nil { // a preference, not a matter of the server
		p.Output = before.Output
	}
	where, err := a.profiles().keep(name, p)
	if err != nil {
		return err
	}
	a.say("Signed in to %s, site %s. The profile %q remembers it, in %s.", c.URL(), siteName(session.SiteContentURL), name, placeName(where))
	if current := a.profiles().current(); current != name {
		a.say("Commands use the profile %q unless --profile says otherwise; to change that: tabctl config use %s", current, name)
	}
	return nil
}

// loginTarget is whom to sign in to: what is given, else what the profile has, else what the user answers.
func (a *app) loginTarget(name string) (target, error) {
	saved, _, err := a.profiles().load(name)
	if err != nil {
		return target{}, err
	}
	t := target{
		server: cmp.Or(a.connection.server, a.getenv("TABLEAU_SERVER_URL"), saved.Server), site: a.givenSite(), apiVersion: a.connection.apiVersion,
	}
	if t.server == "" {
		if !a.canAsk {
			return target{}, withHint(usage("no server is given, and there is no terminal to ask for it"), "--server URL, or TABLEAU_SERVER_URL")
		}
		if t.server, err = a.ask("Server URL: "); err != nil {
			return target{}, err
		}
	}
	own, err := isServer(t.server, saved.Server)
	if err != nil {
		return target{}, err
	}
	if t.transport, err = a.transport(saved.transportTo(own)); err != nil {
		return target{}, err
	}
	if own && t.site == nil && !namesSite(t.server) {
		t.site = &saved.Site
	}
	if t.credentials, err = a.givenCredentials(); err != nil || t.credentials != nil {
		return t, err
	}
	if own {
		if t.credentials = saved.credentials(); t.credentials != nil {
			return t, nil
		}
	}
	if !a.canAsk {
		return target{}, withHint(&signInError{"no credentials are given, and there is no terminal to ask for them"},
			"--token-name and TABLEAU_TOKEN_VALUE or --token-value-file (see: tabctl help environment)")
	}
	t.credentials, err = a.askCredentials()
	return t, err
}

func (a *app) askCredentials() (tableau.Credentials, error) {
	name, err := a.ask("Name of your personal access token (empty to use a user name and password): ")
	if err != nil {
		return nil, err
	}
	if name != "" {
		return a.tokenCredentials(name)
	}
	if name, err = a.ask("User name: "); err != nil {
		return nil, err
	}
	return a.passwordCredentials(name)
}

func (a *app) logoutCommand() *cobra.Command {
	command := &cobra.Command{
		Use:     "logout",
		Short:   "End the session of a profile and forget the profile",
		Example: "  tabctl logout\n  tabctl logout --profile prod",
		Args:    cobra.NoArgs,
		RunE:    a.action(func(ctx context.Context, _ []string) error { return a.logout(ctx) }),
	}
	a.profileFlag(command)
	return command
}

func (a *app) logout(ctx context.Context) error {
	name := a.profileName()
	unlock, err := a.profiles().lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	saved, found, loadErr := a.profiles().load(name)
	if err := a.profiles().remove(name); err != nil {
		return err
	}
	if loadErr == nil && !found {
		a.say("There is no profile %q: nothing to forget.", name)
		return nil
	}
	if loadErr == nil && saved.Session != nil {
		t := target{server: saved.Server, apiVersion: saved.APIVersion, session: saved.Session}
		if t.transport, err = a.transport(saved.Transport); err != nil {
			return err
		}
		if err := a.endSession(ctx, t); err != nil {
			return fmt.Errorf("the profile %q is forgotten, but its session could not be ended: %w", name, err)
		}
	}
	a.say("Signed out; the profile %q is forgotten.", name)
	return nil
}

func (a *app) endSession(ctx context.Context, t target) error {
	c, err := a.client(t)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return c.SignOut(ctx)
}

// identity is what whoami tells.
type identity struct {
	Server         string    `json:"server"`
	Site           string    `json:"site"`
	SiteContentURL string    `json:"siteContentUrl"`
	SiteID         string    `json:"siteId"`
	UserID         string    `json:"userId"`
	APIVersion     string    `json:"apiVersion"`
	ExpiresAt      time.Time `json:"expiresAt"`
	ExpiresIn      string    `json:"expiresIn"`
}

func (a *app) whoamiCommand() *cobra.Command {
	command := &cobra.Command{
		Use:     "whoami",
		Short:   "Show the server, the site and the user that commands use",
		Example: "  tabctl whoami\n  tabctl whoami --profile prod -o json",
		Args:    cobra.NoArgs,
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, _ []string) error {
			me, err := whoami(ctx, c)
			if err != nil {
				return err
			}
			return printOne(a, me, []column{
				{title: "SERVER", path: "server"}, {title: "SITE", path: "site"}, {title: "USER ID", path: "userId"}, {title: "API VERSION", path: "apiVersion"}, {title: "EXPIRES IN", path: "expiresIn"},
			})
		}),
	}
	a.connection.add(command.Flags())
	command.MarkFlagsMutuallyExclusive("token-name", "username", "jwt-file")
	a.outputFlag(command, command.Flags())
	return command
}

// whoami asks the server for the site, so that a session that has died is noticed. A new one need not be allowed to know:
// that of a JSON Web Token can do what the token's scopes say, and no more.
func whoami(ctx context.Context, c *tableau.Client) (identity, error) {
	version, err := c.APIVersion(ctx)
	if err != nil {
		return identity{}, err
	}
	session, old := c.Session()
	if !old {
		if err := c.SignIn(ctx); err != nil {
			return identity{}, err
		}
		session, _ = c.Session()
	}
	name := session.SiteContentURL
	site, err := c.Sites.Get(ctx, session.SiteID)
	switch {
	case err == nil:
		name = site.Name
		if now, ok := c.Session(); ok { // it may have been renewed on the way
			session = now
		}
	case old || !errors.Is(err, tableau.ErrUnauthorized) && !errors.Is(err, tableau.ErrForbidden):
		return identity{}, err
	}
	me := identity{
		Server: c.URL(), Site: name, SiteContentURL: session.SiteContentURL, SiteID: session.SiteID,
		UserID: session.UserID, APIVersion: string(version), ExpiresAt: session.ExpiresAt,
	}
	if left := session.TimeToExpiry(); left > 0 {
		me.ExpiresIn = left.Round(time.Second).String()
	}
	return me, nil
}

func siteName(contentURL string) string { return cmp.Or(contentURL, "Default") }
