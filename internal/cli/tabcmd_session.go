package cli

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"github.com/tabctl/tableau-go/tableau"
)

// tabcmdConnected runs work with a client that is signed in as the command line or the last sign-in says.
func (a *app) tabcmdConnected(ctx context.Context, args *tabcmdArgs, work func(c *tableau.Client) error) error {
	a.tabcmdTransport(args)
	t, err := a.tabcmdTarget(args, a.tabcmdSaved())
	if err != nil {
		return err
	}
	if !t.saved {
		c, err := a.client(t)
		if err != nil {
			return err
		}
		defer a.signOut(ctx, c)
		return explained(work(c), t.credentials)
	}
	c, err := a.tabcmdSharedClient(ctx, t)
	if err != nil {
		return explained(err, t.credentials)
	}
	a.keeper = tabcmdProfile
	return explained(work(c), t.credentials)
}

// tabcmdSaved is what the last sign-in left. A file that cannot be read is as good as none.
func (a *app) tabcmdSaved() profile {
	saved, _, err := a.profiles().load(tabcmdProfile)
	if err != nil {
		a.say("warning: what was remembered of the last sign-in does not count: %v", err)
		return profile{}
	}
	return saved
}

// tabcmdTarget is whom to call, and as whom: what the command line says, else the last sign-in, else the environment.
func (a *app) tabcmdTarget(args *tabcmdArgs, saved profile) (target, error) {
	t := target{server: cmp.Or(args.value("--server"), saved.Server, a.getenv("TABLEAU_SERVER_URL"), "http://localhost"), saved: true}
	own, err := isServer(t.server, saved.Server)
	if err != nil {
		return t, err
	}
	if !own {
		saved = profile{}
	}
	if t.transport, err = a.transport(saved.Transport); err != nil {
		return t, err
	}
	if _, err := t.transport.open(); err != nil { // else it would be remembered
		return t, err
	}
	t.apiVersion = saved.APIVersion
	switch site := args.value("--site"); {
	case strings.EqualFold(site, "default"):
		t.site = new("")
	case site != "":
		t.site = &site
	case namesSite(t.server):
	case args.value("--server") != "": // then the last sign-in's site does not count
		t.site = new("")
	case own:
		t.site = &saved.Site
	default:
		t.site = a.givenSite()
	}
	if t.credentials, err = a.tabcmdCredentials(args, saved); err != nil {
		return t, err
	}
	if t.credentials != nil {
		t.saved = !args.on("--no-cookie") && a.profiles().err == nil
		return t, nil
	}
	if t.credentials = saved.credentials(); t.credentials != nil || saved.Session != nil {
		return t, nil
	}
	t.saved = args.command.name == "login"
	if t.credentials, err = a.givenCredentials(); err == nil && t.credentials == nil {
		err = withHint(&signInError{"you are not signed in, and no credentials are given"},
			"tabcmd login -s URL -t SITE --token-name NAME --token-file FILE, or set TABLEAU_SERVER_URL, TABLEAU_TOKEN_NAME and TABLEAU_TOKEN_VALUE")
	}
	return t, err
}

// tabcmdCredentials are those of the command line; nil when it has none.
func (a *app) tabcmdCredentials(args *tabcmdArgs, saved profile) (tableau.Credentials, error) {
	f := &a.connection
	f.username, f.tokenName = args.value("--username"), args.value("--token-name")
	f.passwordFile, f.tokenFile = args.value("--password-file"), args.value("--token-file")
	name := cmp.Or(f.username, saved.Username, a.getenv("TABLEAU_USERNAME"))
	token := cmp.Or(f.tokenName, saved.TokenName, a.getenv("TABLEAU_TOKEN_NAME"))
	switch {
	case args.value("--password") != "" && name != "":
		return tableau.Password{Name: name, Password: args.value("--password")}, nil
	case args.given("--password") || f.passwordFile != "":
		return a.passwordCredentials(name)
	case args.value("--token-value") != "" && token != "":
		return tableau.PersonalAccessToken{Name: token, Secret: args.value("--token-value")}, nil
	case args.given("--token-value") || f.tokenFile != "":
		return a.tokenCredentials(token)
	case f.tokenName != "" && f.tokenName != saved.TokenName:
		return a.tokenCredentials(f.tokenName)
	case f.username != "" && !strings.EqualFold(f.username, saved.Username):
		return a.passwordCredentials(f.username)
	}
	return nil, nil
}

// tabcmdSharedClient gives the client the session of the profile, which processes side by side share. It signs in when
// the profile is somebody else's, or of another site.
func (a *app) tabcmdSharedClient(ctx context.Context, t target) (*tableau.Client, error) {
	store := a.profiles()
	unlock, err := store.lock(ctx, tabcmdProfile)
	if err != nil {
		return nil, err
	}
	defer unlock()
	saved, _, err := store.load(tabcmdProfile)
	if err != nil {
		saved = profile{} // it has been told
	}
	same, err := sameSignIn(saved, t)
	if err != nil {
		return nil, err
	}
	if !same {
		if t.credentials == nil {
			return nil, withHint(&signInError{"the last sign-in was to another site"}, "tabcmd login")
		}
		c, err := a.client(t)
		if err != nil {
			return nil, err
		}
		if err := c.SignIn(ctx); err != nil {
			return nil, err
		}
		session, _ := c.Session()
		saved = newProfile(c.URL(), session, t)
	}
	if !same || saved.Transport != t.transport {
		saved.Transport = t.transport
		if _, err := store.keep(tabcmdProfile, saved); err != nil {
			return nil, err
		}
	}
	t.site = &saved.Site
	if t.session = saved.Session; !alive(t.session) {
		t.session = nil
	}
	share := store.share(tabcmdProfile, t.credentials != nil)
	return a.client(t, tableau.WithSharedSession(
		func(ctx context.Context, dead tableau.Session, signIn func(context.Context) (tableau.Session, error)) (tableau.Session, error) {
			saved, _, err := store.load(tabcmdProfile)
			if err != nil {
				return tableau.Session{}, err
			}
			if same, err := sameSignIn(saved, t); err != nil || !same { // somebody else has signed in since
				return signIn(ctx)
			}
			return share(ctx, dead, signIn)
		}))
}

// sameSignIn reports whether the profile is for the server, the site and the credentials of the target.
func sameSignIn(saved profile, t target) (bool, error) {
	own, err := isServer(t.server, saved.Server)
	if err != nil || !own || t.site == nil || !strings.EqualFold(*t.site, saved.Site) {
		return false, err
	}
	return t.credentials == nil || t.credentials == saved.credentials(), nil
}

// tabcmdTransport takes tabcmd's options on the way to the server for those of tabctl.
func (a *app) tabcmdTransport(args *tabcmdArgs) {
	f := &a.connection.transport
	f.Proxy, f.NoProxy = args.value("--proxy"), args.on("--no-proxy")
	f.ClientCert, f.Insecure = args.value("--use-certificate"), args.on("--no-certcheck")
	if text := args.value("--timeout"); text != "" {
		seconds, err := strconv.Atoi(text)
		if err != nil || seconds < 0 {
			a.say("warning: --timeout %q is no number of seconds, and does not count", text)
			seconds = 0
		}
		f.AnswerWithin = seconds
	}
}

// tabcmdLogin has been signed in already; it makes sure that the session works.
func (a *app) tabcmdLogin(ctx context.Context, c *tableau.Client, _ *tabcmdArgs) error {
	me, err := whoami(ctx, c)
	if err != nil {
		return err
	}
	a.say("Signed in to %s, site %s", me.Server, siteName(me.SiteContentURL))
	return nil
}

func (a *app) tabcmdLogout(args *tabcmdArgs) error {
	a.tabcmdTransport(args)
	a.connection.profile = tabcmdProfile
	return a.logout(context.Background())
}
