package cli

import (
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

	"github.com/spf13/pflag"
)

// network says how a server is reached. It is comparable; the zero value is Go's own way.
type network struct {
	CACert     string `json:"caCert"`     // path of PEM certificates to trust besides the system's
	ClientCert string `json:"clientCert"` // path of a PEM certificate to show
	ClientKey  string `json:"clientKey"`  // path of its key; "" when the certificate's file holds it
	Proxy      string `json:"proxy"`      // URL; "" is what HTTPS_PROXY and NO_PROXY say
	Insecure   bool   `json:"insecure"`   // whoever answers is believed
}

func (n *network) add(flags *pflag.FlagSet) {
	flags.StringVar(&n.CACert, "ca-cert", "", "`file` with certificates (PEM) of authorities to trust besides the system's")
	flags.StringVar(&n.ClientCert, "client-cert", "", "`file` with the certificate (PEM) to show to the server")
	flags.StringVar(&n.ClientKey, "client-key", "", "`file` with that certificate's key (PEM), when it is not in the same file")
	flags.StringVar(&n.Proxy, "proxy", "", "`URL` of the proxy to use (default what HTTPS_PROXY and NO_PROXY say)")
	flags.BoolVar(&n.Insecure, "insecure", false, "do not check the server's certificate; anyone on the way can then read and change everything")
}

// network puts flags, environment and, for its own server, the profile together.
func (a *app) network(saved profile, own bool) network {
	f := &a.connection
	var n network
	if own {
		n = saved.Network
	}
	n.CACert = first(f.network.CACert, a.getenv("TABLEAU_CA_CERT"), n.CACert)
	if f.network.ClientCert != "" {
		n.ClientCert, n.ClientKey = f.network.ClientCert, ""
	}
	n.ClientKey = first(f.network.ClientKey, n.ClientKey)
	if f.given("proxy") {
		n.Proxy = f.network.Proxy
	}
	if f.given("insecure") {
		n.Insecure = f.network.Insecure
	}
	for _, path := range []*string{&n.CACert, &n.ClientCert, &n.ClientKey} { // a profile is used in other directories too
		if absolute, err := filepath.Abs(*path); err == nil && *path != "" {
			*path = absolute
		}
	}
	return n
}

// transport is what requests go through.
func (n network) transport() (*http.Transport, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	config, err := n.tls()
	if err != nil {
		return nil, err
	}
	transport.TLSClientConfig = config
	transport.Proxy = proxyFromEnvironment
	if n.Proxy != "" {
		proxy, err := parseProxy(n.Proxy)
		if err != nil {
			return nil, err
		}
		transport.Proxy = http.ProxyURL(proxy)
	}
	transport.OnProxyConnectResponse = func(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
		if answer.StatusCode == http.StatusOK {
			return nil
		}
		return &proxyError{proxy.Host, answer.Status, answer.StatusCode == http.StatusProxyAuthRequired}
	}
	return transport, nil
}

func (n network) tls() (*tls.Config, error) {
	config := &tls.Config{InsecureSkipVerify: n.Insecure}
	if n.CACert != "" {
		content, err := os.ReadFile(n.CACert)
		if err != nil {
			return nil, usage("--ca-cert: %w", err)
		}
		if config.RootCAs, err = x509.SystemCertPool(); err != nil {
			config.RootCAs = x509.NewCertPool() // a machine without certificates
		}
		if !config.RootCAs.AppendCertsFromPEM(content) {
			return nil, usage("--ca-cert: %s holds no certificate in PEM", n.CACert)
		}
	}
	switch {
	case n.ClientCert != "":
		pair, err := tls.LoadX509KeyPair(n.ClientCert, first(n.ClientKey, n.ClientCert))
		if err != nil {
			return nil, withHint(usage("--client-cert and --client-key: %w", err), "a certificate and its unencrypted key, both in PEM")
		}
		config.Certificates = []tls.Certificate{pair}
	case n.ClientKey != "":
		return nil, usage("--client-key needs --client-cert")
	}
	return config, nil
}

// parseProxy reads a proxy's URL. A password in it would stand in process lists and in the profile.
func parseProxy(text string) (*url.URL, error) {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	proxy, err := url.Parse(text)
	if err != nil {
		return nil, usage("--proxy is no URL such as http://proxy.example.com:3128")
	}
	if _, secret := proxy.User.Password(); secret {
		return nil, withHint(usage("--proxy holds a password, which other users of this machine could see"), "the environment variable HTTPS_PROXY instead")
	}
	switch proxy.Scheme {
	case "http", "https", "socks5", "socks5h":
		if proxy.Host != "" {
			return proxy, nil
		}
	}
	return nil, usage("--proxy %s is no URL such as http://proxy.example.com:3128", text)
}

// proxyFromEnvironment keeps a proxy's password out of the error, which shows the whole variable.
func proxyFromEnvironment(r *http.Request) (*url.URL, error) {
	proxy, err := http.ProxyFromEnvironment(r)
	if err != nil {
		return nil, usage("HTTPS_PROXY or HTTP_PROXY is no URL such as http://proxy.example.com:3128")
	}
	return proxy, nil
}

// proxyError is a proxy that does not let a request through.
type proxyError struct {
	host, status string
	unknown      bool // it wants to know who asks
}

func (e *proxyError) Error() string { return "the proxy " + e.host + " refuses: " + e.status }

// hintForNetwork says what to try when no connection comes about; "" for anything else.
func hintForNetwork(err error) string {
	if refused, ok := errors.AsType[*proxyError](err); ok {
		if refused.unknown {
			return "HTTPS_PROXY=http://USER:PASSWORD@" + refused.host
		}
		return "another --proxy, or NO_PROXY with the server's name when it is reached directly"
	}
	if _, unknown := errors.AsType[x509.UnknownAuthorityError](err); unknown {
		return "--ca-cert FILE (or TABLEAU_CA_CERT) with the certificate of the authority that signed the server's; its administrators have it"
	}
	if wrong, ok := errors.AsType[x509.HostnameError](err); ok && wrong.Certificate != nil && len(wrong.Certificate.DNSNames) > 0 {
		return "--server with a name that the certificate is for: " + strings.Join(wrong.Certificate.DNSNames, ", ")
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return "check this machine's clock; the server's administrators renew its certificate"
	}
	if _, untrusted := errors.AsType[*tls.CertificateVerificationError](err); untrusted {
		return "check --server and --ca-cert"
	}
	if _, alert := errors.AsType[tls.AlertError](err); alert || strings.Contains(err.Error(), "remote error: tls: ") {
		return "when the server asks for a certificate: --client-cert FILE and --client-key FILE"
	}
	if errors.Is(err, http.ErrSchemeMismatch) {
		return "http:// in --server, when the server has no TLS; else check its port"
	}
	operation, network := errors.AsType[*net.OpError](err)
	switch {
	case network && operation.Op == "proxyconnect":
		return "check the proxy: --proxy, HTTPS_PROXY, NO_PROXY"
	case network && (operation.Op == "dial" || operation.Op == "socks connect"):
		return "check the server's address (--server), the network and the proxy"
	}
	return ""
}

func (a *app) warnInsecure() {
	fmt.Fprintln(a.err, "tabctl: warning: the server's certificate is not checked (--insecure): anyone on the way can read and change everything")
}
