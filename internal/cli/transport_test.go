package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"io"
	"log"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tabctl/tableau-go/emulator"
)

// authority signs certificates for one test.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	file        string // its certificate in PEM form
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{}
	a.certificate, a.key = certificate(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "Test authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, nil)
	a.file = filepath.Join(t.TempDir(), "ca.pem")
	writePEM(t, a.file, "CERTIFICATE", a.certificate.Raw)
	return a
}

// certificate makes a certificate; without an authority it signs itself.
func certificate(t *testing.T, template *x509.Certificate, by *authority) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if template.NotAfter.IsZero() {
		template.NotAfter = time.Now().Add(time.Hour)
	}
	template.SerialNumber, template.NotBefore = big.NewInt(time.Now().UnixNano()), template.NotAfter.Add(-24*time.Hour)
	parent, signer := template, key
	if by != nil {
		parent, signer = by.certificate, by.key
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return made, key
}

func writePEM(t *testing.T, file, kind string, content []byte) {
	t.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// secureServer serves an emulator over TLS with a certificate of the authority, and returns what signs in to it.
func secureServer(t *testing.T, by *authority, leaf *x509.Certificate, clients bool) (url string, env map[string]string) {
	t.Helper()
	server, err := emulator.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	leaf.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	made, key := certificate(t, leaf, by)
	front := httptest.NewUnstartedServer(server)
	front.Config.ErrorLog = log.New(io.Discard, "", 0)
	front.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{made.Raw}, PrivateKey: key}}}
	if clients {
		front.TLS.ClientAuth, front.TLS.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		front.TLS.ClientCAs.AddCert(by.certificate)
	}
	front.StartTLS()
	t.Cleanup(front.Close)
	site := server.NewSite(t)
	return front.URL, map[string]string{
		"TABLEAU_SERVER_URL": front.URL, "TABLEAU_SITE": site.ContentURL,
		"TABLEAU_TOKEN_NAME": site.TokenName, "TABLEAU_TOKEN_VALUE": site.TokenSecret,
	}
}

func loopback() *x509.Certificate {
	return &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
}

func TestTrust(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	_, env := secureServer(t, ca, loopback(), false)
	_, elsewhere := secureServer(t, ca, &x509.Certificate{DNSNames: []string{"tableau.example.com"}}, false)
	past := loopback()
	past.NotAfter = time.Now().Add(-time.Hour)
	_, expired := secureServer(t, ca, past, false)
	_, withClients := secureServer(t, ca, loopback(), true)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	own, key := certificate(t, &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, ca)
	dir := t.TempDir()
	ownFile, keyFile := filepath.Join(dir, "own.pem"), filepath.Join(dir, "key.pem")
	writePEM(t, ownFile, "CERTIFICATE", own.Raw)
	keyBytes, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, keyFile, "PRIVATE KEY", keyBytes)
	with := func(env map[string]string, name, value string) map[string]string {
		env = maps.Clone(env)
		env[name] = value
		return env
	}
	const warning = "warning: the server's certificate is not checked"
	tests := []struct {
		name string
		env  map[string]string
		args []string
		code int
		says string
	}{
		{"unknown authority", env, nil, exitFailed, "try: --ca-cert FILE, or TABLEAU_CA_CERT"},
		{"flag", env, []string{"--ca-cert", ca.file}, exitDone, ""},
		{"variable", with(env, "TABLEAU_CA_CERT", ca.file), nil, exitDone, ""},
		{"flag before variable", with(env, "TABLEAU_CA_CERT", ca.file), []string{"--ca-cert", filepath.Join(dir, "none")}, exitUsage, "the certificate authorities cannot be read: "},
		{"no certificate", env, []string{"--ca-cert", keyFile}, exitUsage, "holds no certificate"},
		{"insecure", env, []string{"--insecure"}, exitDone, warning},
		{"insecure and quiet", env, []string{"--insecure", "-q"}, exitDone, warning},
		{"other name", elsewhere, []string{"--ca-cert", ca.file}, exitFailed, "try: --server with a name that the server's certificate holds"},
		{"expired", expired, []string{"--ca-cert", ca.file}, exitFailed, "try: check this machine's clock"},
		{"no TLS", with(env, "TABLEAU_SERVER_URL", strings.Replace(plain.URL, "http:", "https:", 1)), nil, exitFailed, "or use http://"},
		{"client certificate missing", withClients, []string{"--ca-cert", ca.file}, exitFailed, "try: the server asks for a certificate that it trusts: --client-cert"},
		{"client certificate", withClients, []string{"--ca-cert", ca.file, "--client-cert", ownFile, "--client-key", keyFile}, exitDone, ""},
		{"key missing", withClients, []string{"--ca-cert", ca.file, "--client-cert", ownFile}, exitUsage, "the client certificate cannot be read: "},
		{"key alone", env, []string{"--client-key", keyFile}, exitUsage, "--client-key needs --client-cert"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			code, _, stderr := runApp(t, test.env, "", append([]string{"projects", "list"}, test.args...)...)
			if code != test.code || !strings.Contains(stderr, test.says) {
				t.Errorf("exit code %d, want %d with %q; standard error: %s", code, test.code, test.says, stderr)
			}
			if test.says != warning && strings.Contains(stderr, warning) {
				t.Errorf("there is a warning: %s", stderr)
			}
		})
	}
}

// Asking for the server's version needs no sign-in, but the way to the server.
func TestServerInfoTrusts(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	url, _ := secureServer(t, ca, loopback(), false)
	for _, test := range []struct {
		args []string
		code int
	}{{nil, exitFailed}, {[]string{"--ca-cert", ca.file}, exitDone}, {[]string{"--insecure"}, exitDone}} {
		if code, _, stderr := runApp(t, map[string]string{}, "", append([]string{"server", "info", "--server", url}, test.args...)...); code != test.code {
			t.Errorf("%v: exit code %d, want %d: %s", test.args, code, test.code, stderr)
		}
	}
}

// What was needed to sign in is remembered, and only for that server.
func TestProfileRemembersTheWay(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	_, env := secureServer(t, ca, loopback(), false)
	other, _ := secureServer(t, newAuthority(t), loopback(), false)
	env["TABCTL_CONFIG_DIR"] = t.TempDir()
	if code, _, stderr := runApp(t, env, "", "login", "--insecure"); code != exitDone {
		t.Fatal(stderr)
	}
	kept := map[string]string{"TABCTL_CONFIG_DIR": env["TABCTL_CONFIG_DIR"]}
	steps := []struct {
		args []string
		code int
		says string
	}{
		{[]string{"projects", "list"}, exitDone, "warning: the server's certificate is not checked"},
		{[]string{"projects", "list", "--insecure=false"}, exitFailed, "try: --ca-cert"},
		{[]string{"login", "--insecure=false", "--ca-cert", ca.file}, exitDone, "Signed in"},
		{[]string{"projects", "list"}, exitDone, ""},
		{[]string{"projects", "list", "--server", other}, exitSignIn, "no credentials are given"},
		{[]string{"logout"}, exitDone, "Signed out"},
	}
	for _, step := range steps {
		code, _, stderr := runApp(t, kept, "", step.args...)
		if code != step.code || !strings.Contains(stderr, step.says) {
			t.Errorf("%v: exit code %d, want %d with %q; standard error: %s", step.args, code, step.code, step.says, stderr)
		}
	}
}

// proxyFor is a proxy that asks for the password proxy-secret and takes every host for the one at address. It counts its
// tunnels.
func proxyFor(t *testing.T, address string) (host string, tunnels *atomic.Int32) {
	t.Helper()
	tunnels = new(atomic.Int32)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := strings.Cut(basicAuth(r), ":")
		if r.Method != http.MethodConnect || password != "proxy-secret" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		tunnels.Add(1)
		tunnel(w, address)
	}))
	t.Cleanup(proxy.Close)
	return strings.TrimPrefix(proxy.URL, "http://"), tunnels
}

// A proxy's password is taken from the environment alone, and not shown.
func TestProxy(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	const name = "tableau.invalid" // which nobody can reach directly
	url, _ := secureServer(t, ca, &x509.Certificate{DNSNames: []string{name}}, false)
	proxy, tunnels := proxyFor(t, strings.TrimPrefix(url, "https://"))
	_, env := secureServer(t, ca, loopback(), false)
	for _, refused := range []string{"http://me:proxy-secret@" + proxy, "me:proxy-secret@" + proxy, "ftp://me:proxy-secret@" + proxy, "http://me:proxy-secret@%zz"} {
		for _, args := range [][]string{
			{"projects", "list", "--debug", "--proxy", refused}, {"login", "--proxy", refused},
			{"config", "set", "proxy", refused}, {"config", "set", "proxy", refused, "--dry-run"},
			{"tabcmd", "list", "projects", "-x", refused},
		} {
			code, stdout, stderr := runApp(t, env, "", args...)
			if code == exitDone || strings.Contains(stdout+stderr, "proxy-secret") || !strings.Contains(stderr, "proxy") {
				t.Errorf("%v: exit code %d: %s%s", args, code, stdout, stderr)
			}
			if strings.HasSuffix(refused, proxy) && !strings.Contains(refused, "ftp") && !strings.Contains(stderr, "HTTPS_PROXY=http://USER:PASSWORD@"+proxy) {
				t.Errorf("%v: nothing says where the password belongs: %s", args, stderr)
			}
		}
	}
	if code, _, stderr := runApp(t, env, "", "projects", "list", "--ca-cert", ca.file, "--proxy", proxy); code != exitFailed ||
		!strings.Contains(stderr, "407") || !strings.Contains(stderr, "HTTPS_PROXY=http://USER:PASSWORD@"+proxy) {
		t.Errorf("without the password: exit code %d: %s", code, stderr)
	}
	if n := tunnels.Load(); n != 0 {
		t.Errorf("the proxy has opened %d tunnels without a password", n)
	}
}

func basicAuth(r *http.Request) string {
	_, encoded, _ := strings.Cut(r.Header.Get("Proxy-Authorization"), " ")
	decoded, _ := base64.StdEncoding.DecodeString(encoded) // what is no base64 is refused as a wrong password
	return string(decoded)
}

// tunnel joins the caller to a host, as a proxy does.
func tunnel(w http.ResponseWriter, host string) {
	there, err := net.Dial("tcp", host)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer there.Close()
	w.WriteHeader(http.StatusOK)
	here, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer here.Close()
	go func() {
		defer there.Close()
		io.Copy(there, here)
	}()
	io.Copy(here, there)
}

// The options of tabcmd lead to the server as those of tabctl do, and are remembered.
func TestTabcmdTrust(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	leaf := loopback()
	leaf.DNSNames = []string{"localhost"}
	_, env := secureServer(t, ca, leaf, true)
	env["TABCTL_CONFIG_DIR"] = t.TempDir()
	own, key := certificate(t, &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, ca)
	keyBytes, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "own.pem")
	both := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: own.Raw}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyBytes})...)
	if err := os.WriteFile(file, both, 0o600); err != nil {
		t.Fatal(err)
	}
	const warning = "warning: the server's certificate is not checked"
	steps := []struct {
		args  []string
		caSet bool
		code  int
		says  string
		warns bool
	}{
		{[]string{"list", "projects"}, false, exitFailed, "TABLEAU_CA_CERT", false},
		{[]string{"list", "projects"}, true, exitFailed, "tabcmd's --use-certificate FILE", false},
		{[]string{"list", "projects", "-c", file + "-none"}, true, exitFailed, "the client certificate cannot be read", false},
		{[]string{"login", "-c", file}, true, exitDone, "Signed in", false},
		{[]string{"list", "projects"}, false, exitDone, "", false},
		{[]string{"list", "projects", "-s", strings.Replace(env["TABLEAU_SERVER_URL"], "127.0.0.1", "localhost", 1)}, false, exitFailed, "TABLEAU_CA_CERT", false},
		{[]string{"list", "projects", "--no-certcheck", "-l", "ERROR"}, false, exitDone, warning, true},
		{[]string{"list", "projects"}, false, exitDone, warning, true},
		{[]string{"logout"}, false, exitDone, warning, true},
		{[]string{"login", "-c", file}, true, exitDone, "Signed in", false},
		{[]string{"logout"}, true, exitDone, "Signed out", false},
	}
	for _, step := range steps {
		env["TABLEAU_CA_CERT"] = ""
		if step.caSet {
			env["TABLEAU_CA_CERT"] = ca.file
		}
		code, _, stderr := runApp(t, env, "", append([]string{"tabcmd"}, step.args...)...)
		warnings := strings.Count(stderr, warning)
		if code != step.code || !strings.Contains(stderr, step.says) || step.warns != (warnings == 1) {
			t.Errorf("%v: exit code %d, want %d with %q; %d warnings; standard error: %s", step.args, code, step.code, step.says, warnings, stderr)
		}
	}
}

// Refusals of a sign-in say what to do where passwords do not work.
func TestRefusedSignIn(t *testing.T) {
	t.Parallel()
	refuse := func(code string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusUnauthorized)
			io.WriteString(w, `<tsResponse><error code="`+code+`"><summary>Signin Error</summary><detail>Error signing in</detail></error></tsResponse>`)
		}
	}
	page := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "<!DOCTYPE html><html><title>Sign in to Example</title></html>")
	}
	tests := []struct {
		name     string
		answer   http.HandlerFunc
		variable string
		code     int
		says     string
	}{
		{"password", refuse("401001"), "TABLEAU_PASSWORD", exitSignIn, "passwords do not work: create a personal access token"},
		{"token", refuse("401001"), "TABLEAU_TOKEN_VALUE", exitSignIn, "try: check the name and the secret"},
		{"JSON Web Token", refuse("401001"), "TABLEAU_JWT", exitSignIn, "try: check that the token has not expired"},
		{"ended", refuse("401002"), "TABLEAU_TOKEN_VALUE", exitSignIn, "another sign-in with the same token has replaced it: tabctl login"},
		{"page", page, "TABLEAU_TOKEN_VALUE", exitFailed, "where a single sign-on page or a proxy's page comes first"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(test.answer)
			defer server.Close()
			env := map[string]string{test.variable: "x"}
			switch test.variable {
			case "TABLEAU_PASSWORD":
				env["TABLEAU_USERNAME"] = "ann"
			case "TABLEAU_TOKEN_VALUE":
				env["TABLEAU_TOKEN_NAME"] = "ci"
			}
			for _, command := range [][]string{{"login"}, {"projects", "list"}, {"tabcmd", "login"}} {
				args, want, says := append(command, "--server", server.URL, "--api-version", "3.20"), test.code, test.says
				if command[0] == "tabcmd" { // which has no --api-version, and one code for all failures
					args, want, says = args[:4], exitFailed, strings.Replace(says, "tabctl login", "tabcmd login", 1)
				}
				code, _, stderr := runApp(t, env, "", args...)
				if code != want || !strings.Contains(stderr, says) {
					t.Errorf("%v: exit code %d, want %d with %q; standard error: %s", command, code, want, says, stderr)
				}
			}
		})
	}
}
