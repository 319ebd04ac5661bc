package cli

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tabctl/tableau-go/tableau"
)

// tabcmdNetwork is how tabcmd reaches the server. It is remembered with the sign-in.
type tabcmdNetwork struct {
	Proxy       string `json:"proxy"`
	Certificate string `json:"certificate"` // path of a PEM file
	Timeout     int    `json:"timeout"`     // seconds; 0 is none
}

// tabcmdConnected runs work with a client that is signed in as the command line or the last sign-in says.
func (a *app) tabcmdConnected(ctx context.Context, args *tabcmdArgs, work func(c *tableau.Client) error) error {
	saved := a.tabcmdSaved()
	network, err := a.tabcmdNetwork(args, saved)
	if err != nil {
		return err
	}
	t, err := a.tabcmdTarget(args, saved)
	if err != nil {
		return err
	}
	if !t.saved {
		c, err := a.client(t)
		if err != nil {
			return err
		}
		defer a.signOut(ctx, c)
		return work(c)
	}
	c, err := a.tabcmdSharedClient(ctx, t, network)
	if err != nil {
		return err
	}
	a.keeper = tabcmdProfile
	return work(c)
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
	t := target{server: first(args.value("--server"), saved.Server, a.getenv("TABLEAU_SERVER_URL"), "http://localhost"), saved: true}
	own, err := isServer(t.server, saved.Server)
	if err != nil {
		return t, err
	}
	if !own {
		saved = profile{}
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
	name := first(f.username, saved.Username, a.getenv("TABLEAU_USERNAME"))
	token := first(f.tokenName, saved.TokenName, a.getenv("TABLEAU_TOKEN_NAME"))
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
func (a *app) tabcmdSharedClient(ctx context.Context, t target, network tabcmdNetwork) (*tableau.Client, error) {
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
	if !same || saved.Tabcmd == nil || *saved.Tabcmd != network {
		saved.Tabcmd = &network
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

// tabcmdNetwork makes requests go as the command line or the last sign-in says.
func (a *app) tabcmdNetwork(args *tabcmdArgs, saved profile) (tabcmdNetwork, error) {
	var n tabcmdNetwork
	if saved.Tabcmd != nil {
		n = *saved.Tabcmd
	}
	n.Proxy, n.Certificate = first(args.value("--proxy"), n.Proxy), first(args.value("--use-certificate"), n.Certificate)
	if text := args.value("--timeout"); text != "" {
		seconds, err := strconv.Atoi(text)
		if err != nil || seconds < 0 {
			a.say("warning: --timeout %q is no number of seconds, and does not count", text)
			seconds = 0
		}
		n.Timeout = seconds
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{}
	if n.Timeout > 0 {
		pause := time.Duration(n.Timeout) * time.Second
		transport.ResponseHeaderTimeout = pause
		transport.DialContext = (&net.Dialer{Timeout: pause}).DialContext
	}
	if n.Proxy != "" {
		address := n.Proxy
		if !strings.Contains(address, "://") {
			address = "http://" + address
		}
		proxy, err := url.Parse(address)
		if err != nil || proxy.Host == "" {
			return n, fmt.Errorf("--proxy %q is not of the form HOST:PORT", n.Proxy)
		}
		transport.Proxy = http.ProxyURL(proxy)
	}
	if args.on("--no-proxy") {
		transport.Proxy = nil
	}
	if n.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(n.Certificate, n.Certificate)
		if err != nil {
			return n, fmt.Errorf("--use-certificate %s: %w", n.Certificate, err)
		}
		transport.TLSClientConfig.Certificates = []tls.Certificate{pair}
	}
	if args.on("--no-certcheck") {
		a.say("warning: the server's certificate is not checked: anyone on the way can read and change what is sent")
		transport.TLSClientConfig.InsecureSkipVerify = true
	}
	a.through = transport
	return n, nil
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
	if _, err := a.tabcmdNetwork(args, a.tabcmdSaved()); err != nil {
		return err
	}
	a.connection.profile = tabcmdProfile
	return a.logout(context.Background())
}
