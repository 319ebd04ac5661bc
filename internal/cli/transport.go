package cli

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/tabctl/tableau-go/tableau"
)

// transport is the way to a server: whom to trust, whom to be, and through which proxy. A profile remembers it.
type transport struct {
	CACert     string `json:"caCert"` // files are absolute paths
	ClientCert string `json:"clientCert"`
	ClientKey  string `json:"clientKey"`
	Proxy      string `json:"proxy"` // may hold a password, when someone has written it into the file
	Insecure   bool   `json:"insecure"`
	// What only tabcmd's options say.
	NoProxy      bool `json:"noProxy"`      // not even that of the environment
	AnswerWithin int  `json:"answerWithin"` // seconds until an answer begins; 0 is no limit
}

func (t *transport) add(flags *pflag.FlagSet) {
	flags.StringVar(&t.CACert, "ca-cert", "", "PEM `file` of certificate authorities to trust beside the system's")
	flags.StringVar(&t.ClientCert, "client-cert", "", "PEM `file` of the certificate to show to the server")
	flags.StringVar(&t.ClientKey, "client-key", "", "PEM `file` of that certificate's key (default the file of --client-cert)")
	flags.StringVar(&t.Proxy, "proxy", "", "`URL` of the proxy (default HTTPS_PROXY, HTTP_PROXY and NO_PROXY)")
	flags.BoolVar(&t.Insecure, "insecure", false, "do not check the server's certificate: anyone on the way can read and change all")
}

// transport puts flags, environment and what a profile has saved for the server together, in this order.
func (a *app) transport(saved transport) (transport, error) {
	f := &a.connection.transport
	t := transport{
		CACert: cmp.Or(f.CACert, a.getenv("TABLEAU_CA_CERT"), saved.CACert), ClientCert: f.ClientCert, ClientKey: f.ClientKey,
		Proxy: cmp.Or(f.Proxy, saved.Proxy), Insecure: saved.Insecure || f.Insecure,
		NoProxy: saved.NoProxy || f.NoProxy, AnswerWithin: cmp.Or(f.AnswerWithin, saved.AnswerWithin),
	}
	switch {
	case f.NoProxy:
		t.Proxy = ""
	case f.Proxy != "":
		t.NoProxy = false
		if err := checkProxy(f.Proxy); err != nil {
			return transport{}, err
		}
	}
	if t.ClientCert == "" && t.ClientKey == "" {
		t.ClientCert, t.ClientKey = saved.ClientCert, saved.ClientKey
	}
	if a.connection.given("insecure") {
		t.Insecure = f.Insecure
	}
	for _, file := range []*string{&t.CACert, &t.ClientCert, &t.ClientKey} {
		if *file == "" {
			continue
		}
		var err error
		if *file, err = filepath.Abs(*file); err != nil { // a later command may run elsewhere
			return transport{}, err
		}
	}
	return t, nil
}

// open makes what requests go through.
func (t transport) open() (*http.Transport, error) {
	made := http.DefaultTransport.(*http.Transport).Clone()
	made.OnProxyConnectResponse = func(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
		if answer.StatusCode == http.StatusOK {
			return nil
		}
		return &proxyError{proxy.Host, answer.Status}
	}
	made.MaxIdleConnsPerHost = 32 // as many as lists and uploads use at a time
	if t.NoProxy {
		made.Proxy = nil
	}
	if t.AnswerWithin > 0 {
		pause := time.Duration(t.AnswerWithin) * time.Second
		made.ResponseHeaderTimeout = pause
		made.DialContext = (&net.Dialer{Timeout: pause}).DialContext
	}
	if t.Proxy != "" {
		proxy, err := proxyURL(t.Proxy)
		if err != nil {
			return nil, err
		}
		made.Proxy = http.ProxyURL(proxy)
	}
	if t.CACert == "" && t.ClientCert == "" && t.ClientKey == "" && !t.Insecure {
		return made, nil
	}
	made.TLSClientConfig = &tls.Config{InsecureSkipVerify: t.Insecure}
	if t.CACert != "" {
		roots, err := authorities(t.CACert)
		if err != nil {
			return nil, err
		}
		made.TLSClientConfig.RootCAs = roots
	}
	if t.ClientCert == "" && t.ClientKey != "" {
		return nil, usage("--client-key needs --client-cert")
	}
	if t.ClientCert != "" {
		pair, err := tls.LoadX509KeyPair(t.ClientCert, cmp.Or(t.ClientKey, t.ClientCert))
		if err != nil {
			return nil, usage("the client certificate cannot be read: %w", err)
		}
		made.TLSClientConfig.Certificates = []tls.Certificate{pair}
	}
	return made, nil
}

func authorities(file string) (*x509.CertPool, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, usage("the certificate authorities cannot be read: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool() // a machine without certificates of its own
	}
	if !roots.AppendCertsFromPEM(content) {
		return nil, usage("%s holds no certificate in PEM form", file)
	}
	return roots, nil
}

// proxyURL reads the address of a proxy. Its errors do not show it, for it may hold a password.
func proxyURL(text string) (*url.URL, error) {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	proxy, err := url.Parse(text)
	if err != nil || proxy.Host == "" {
		return nil, usage("the proxy's address is no URL, such as http://proxy.example.com:8080")
	}
	switch proxy.Scheme {
	case "http", "https", "socks5", "socks5h":
		return proxy, nil
	}
	return nil, usage("the proxy's address begins with %s, which is none of http, https, socks5", proxy.Scheme)
}

// checkProxy refuses what a command line should not say of a proxy.
func checkProxy(text string) error {
	proxy, err := proxyURL(text)
	if err != nil {
		return err
	}
	if _, has := proxy.User.Password(); has {
		return withHint(usage("the proxy's password may not be in the command line, which other users of this machine can see"),
			"the variable HTTPS_PROXY=http://USER:PASSWORD@"+proxy.Host)
	}
	return nil
}

// proxyError is a proxy that does not let a request through.
type proxyError struct{ host, status string }

func (e *proxyError) Error() string { return "the proxy " + e.host + " refuses: " + e.status }

// warnInsecure says so in every run, also in a quiet one, for a saved setting is soon forgotten.
func (a *app) warnInsecure(t transport) {
	if t.Insecure && !a.warned {
		a.warned = true
		fmt.Fprintln(a.err, "tabctl: warning: the server's certificate is not checked: anyone on the way can read and change what is sent")
	}
}

// hintForTLS says what to try when no trusted connection came about; "" when the error is another.
func hintForTLS(err error) string {
	if refused, ok := errors.AsType[*proxyError](err); ok {
		return "HTTPS_PROXY=http://USER:PASSWORD@" + refused.host + " when the proxy asks who you are; NO_PROXY with the server's name when it is reached directly"
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "--ca-cert FILE, or TABLEAU_CA_CERT, with the certificate of the authority that signed the server's; its administrator has it"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "--server with a name that the server's certificate holds"
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		if invalid.Reason == x509.Expired {
			return "check this machine's clock; if it is right, the server's administrator must renew the certificate"
		}
		return "the server's administrator must replace the certificate"
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok || errors.Is(err, http.ErrSchemeMismatch) {
		return "the server does not speak TLS at this address: check the port, or use http://"
	}
	// The standard library tells a server's alerts only by their text.
	if operation, ok := errors.AsType[*net.OpError](err); ok && operation.Op == "remote error" && strings.Contains(operation.Err.Error(), "certificate") {
		return "the server asks for a certificate that it trusts: --client-cert FILE and --client-key FILE, or tabcmd's --use-certificate FILE"
	}
	return ""
}

// explained adds what to try when a server has refused credentials of this kind.
func explained(err error, credentials tableau.Credentials) error {
	answer, ok := errors.AsType[*tableau.Error](err)
	if _, hinted := errors.AsType[*hintedError](err); !ok || hinted || answer.Code != "401001" {
		return err
	}
	switch credentials.(type) {
	case tableau.Password:
		return withHint(err, "check the user name, the password and the site; where the site signs in by single sign-on (SAML, OpenID) "+
			"or with multi-factor authentication, as Tableau Cloud does, passwords do not work: create a personal access token "+
			"in the browser (My Account Settings) and use --token-name")
	case tableau.JWT:
		return withHint(err, "check that the token has not expired (10 minutes at most), that its connected app is enabled, "+
			"that its audience is tableau and its subject is a user of the site, and both machines' clocks")
	}
	return err
}
