package cli

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tabctl/tableau-go/emulator"
)

// authority is a certificate authority of a test, which writes what it signs into a directory.
type authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	ca := &authority{dir: t.TempDir()}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Authority of a test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	ca.cert, ca.key = ca.sign(t, template, nil, nil)
	ca.file = ca.write(t, "ca.pem", pemOf("CERTIFICATE", ca.cert.Raw))
	return ca
}

func (ca *authority) sign(t *testing.T, template, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if parent == nil {
		parent, parentKey = template, key
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

// issue returns the PEM of a certificate for the names and of its key.
func (ca *authority) issue(t *testing.T, until time.Time, names []string, addresses ...net.IP) (cert, key []byte) {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "issued"}, DNSNames: names, IPAddresses: addresses,
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: until,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	issued, private := ca.sign(t, template, ca.cert, ca.key)
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pemOf("CERTIFICATE", issued.Raw), pemOf("PRIVATE KEY", raw)
}

func pemOf(kind string, raw []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw})
}

func (ca *authority) write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(ca.dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

var loopback = net.IPv4(127, 0, 0, 1)

// serveTLS serves an emulator over TLS, and returns its address and what signs in there.
func (ca *authority) serveTLS(t *testing.T, until time.Time, change func(*tls.Config)) (url string, env map[string]string) {
	t.Helper()
	server, err := emulator.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	site := server.NewSite(t)
	cert, key := ca.issue(t, until, []string{"tableau.example.com"}, loopback)
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewUnstartedServer(server)
	front.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	front.Config.ErrorLog = log.New(io.Discard, "", 0)
	if change != nil {
		change(front.TLS)
	}
	front.StartTLS()
	t.Cleanup(front.Close)
	return front.URL, map[string]string{"TABLEAU_SITE": site.ContentURL, "TABLEAU_TOKEN_NAME": site.TokenName, "TABLEAU_TOKEN_VALUE": site.TokenSecret}
}

// with returns the variables with more.
func with(env map[string]string, more ...string) map[string]string {
	all := map[string]string{}
	for name, value := range env {
		all[name] = value
	}
	for i := 0; i < len(more); i += 2 {
		all[more[i]] = more[i+1]
	}
	return all
}

type attempt struct {
	name string
	env  map[string]string
	args []string
	code int
	says string // standard error
}

func (a attempt) run(t *testing.T) {
	t.Run(a.name, func(t *testing.T) {
		code, _, stderr := runApp(t, with(a.env), "", append([]string{"projects", "list"}, a.args...)...)
		if code != a.code || !strings.Contains(stderr, a.says) {
			t.Errorf("exit code %d, want %d; standard error is %q, want %q in it", code, a.code, stderr, a.says)
		}
	})
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	url, env := ca.serveTLS(t, time.Now().Add(time.Hour), nil)
	expired, expiredEnv := ca.serveTLS(t, time.Now().Add(-time.Hour), nil)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	port := url[strings.LastIndex(url, ":"):]
	text := ca.write(t, "text", []byte("no certificate"))
	for _, test := range []attempt{
		{"unknown authority", env, []string{"--server", url}, exitFailed, "try: --ca-cert FILE (or TABLEAU_CA_CERT)"},
		{"authority", env, []string{"--server", url, "--ca-cert", ca.file}, exitDone, ""},
		{"authority of the environment", with(env, "TABLEAU_CA_CERT", ca.file), []string{"--server", url}, exitDone, ""},
		{"no authority", env, []string{"--server", url, "--ca-cert", text}, exitUsage, "holds no certificate in PEM"},
		{"no file", env, []string{"--server", url, "--ca-cert", "missing.pem"}, exitUsage, "missing.pem"},
		{"other name", env, []string{"--server", "https://localhost" + port, "--ca-cert", ca.file}, exitFailed, "try: --server with a name that the certificate is for: tableau.example.com"},
		{"expired", expiredEnv, []string{"--server", expired, "--ca-cert", ca.file}, exitFailed, "try: check this machine's clock"},
		{"insecure", env, []string{"--server", url, "--insecure"}, exitDone, "tabctl: warning: the server's certificate is not checked"},
		{"insecure and quiet", env, []string{"--server", url, "--insecure", "--quiet"}, exitDone, "tabctl: warning: the server's certificate is not checked"},
		{"no TLS", env, []string{"--server", strings.Replace(plain.URL, "http:", "https:", 1)}, exitFailed, "try: http:// in --server"},
	} {
		test.run(t)
	}
}

func TestClientCertificates(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	url, env := ca.serveTLS(t, time.Now().Add(time.Hour), func(config *tls.Config) {
		config.ClientCAs = x509.NewCertPool()
		config.ClientCAs.AddCert(ca.cert)
		config.ClientAuth = tls.RequireAndVerifyClientCert
	})
	env["TABLEAU_CA_CERT"], env["TABLEAU_SERVER_URL"] = ca.file, url
	cert, key := ca.issue(t, time.Now().Add(time.Hour), nil)
	certFile, keyFile := ca.write(t, "client.pem", cert), ca.write(t, "client.key", key)
	both := ca.write(t, "both.pem", bytes.Join([][]byte{cert, key}, nil))
	for _, test := range []attempt{
		{"none", env, nil, exitFailed, "try: when the server asks for a certificate: --client-cert FILE and --client-key FILE"},
		{"two files", env, []string{"--client-cert", certFile, "--client-key", keyFile}, exitDone, ""},
		{"one file", env, []string{"--client-cert", both}, exitDone, ""},
		{"key missing", env, []string{"--client-cert", certFile}, exitUsage, "unencrypted key"},
		{"certificate missing", env, []string{"--client-key", keyFile}, exitUsage, "--client-key needs --client-cert"},
	} {
		test.run(t)
	}

	t.Run("a profile remembers them", func(t *testing.T) {
		config := map[string]string{"TABCTL_CONFIG_DIR": t.TempDir()}
		login := with(env, "TABCTL_CONFIG_DIR", config["TABCTL_CONFIG_DIR"])
		if code, _, stderr := runApp(t, login, "", "login", "--client-cert", certFile, "--client-key", keyFile); code != exitDone {
			t.Fatal(stderr)
		}
		if code, _, stderr := runApp(t, config, "", "projects", "list"); code != exitDone {
			t.Error(stderr)
		}
		if code, _, stderr := runApp(t, config, "", "server", "info"); code != exitDone {
			t.Error(stderr)
		}
		if _, stdout, _ := runApp(t, config, "", "config", "get", "client-key"); stdout != keyFile+"\n" {
			t.Errorf("client-key is %q", stdout)
		}
		if code, _, stderr := runApp(t, config, "", "config", "set", "ca-cert", ""); code != exitDone {
			t.Error(stderr)
		}
		if code, _, stderr := runApp(t, config, "", "projects", "list"); code != exitFailed || !strings.Contains(stderr, "--ca-cert") {
			t.Errorf("exit code %d: %s", code, stderr)
		}
		if code, _, stderr := runApp(t, config, "", "config", "set", "insecure", "true"); code != exitDone {
			t.Error(stderr)
		}
		if code, _, stderr := runApp(t, config, "", "projects", "list"); code != exitDone || !strings.Contains(stderr, "warning") {
			t.Errorf("exit code %d: %s", code, stderr)
		}
		if code, _, _ := runApp(t, config, "", "projects", "list", "--insecure=false"); code != exitFailed {
			t.Errorf("exit code %d with --insecure=false", code)
		}
		if code, _, stderr := runApp(t, config, "", "logout"); code != exitDone {
			t.Error(stderr)
		}
	})
}

// testProxy is a proxy that leads every CONNECT to one server.
type testProxy struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []string // the hosts
	wanted string   // Proxy-Authorization; "" lets everybody through
}

func newProxy(t *testing.T, target, wanted string) *testProxy {
	t.Helper()
	p := &testProxy{wanted: wanted}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			http.Error(w, "only CONNECT", http.StatusBadRequest)
			return
		}
		if p.wanted != "" && r.Header.Get("Proxy-Authorization") != p.wanted {
			http.Error(w, "who are you?", http.StatusProxyAuthRequired)
			return
		}
		p.mu.Lock()
		p.asked = append(p.asked, r.Host)
		p.mu.Unlock()
		there, err := net.Dial("tcp", strings.TrimPrefix(target, "https://"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer there.Close()
		here, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer here.Close()
		io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() {
			io.Copy(there, bufio.NewReader(buffered))
			there.Close()
		}()
		io.Copy(here, there)
	}))
	t.Cleanup(p.Close)
	return p
}

func TestProxy(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	url, env := ca.serveTLS(t, time.Now().Add(time.Hour), nil)
	env["TABLEAU_CA_CERT"], env["TABLEAU_SERVER_URL"] = ca.file, "https://tableau.example.com"
	open, closed := newProxy(t, url, ""), newProxy(t, url, "Basic YW5uOm5ldmVyLXNob3du") // ann:never-shown
	for _, test := range []attempt{
		{"flag", env, []string{"--proxy", open.URL}, exitDone, ""},
		{"without a scheme", env, []string{"--proxy", strings.TrimPrefix(open.URL, "http://")}, exitDone, ""},
		{"authentication", env, []string{"--proxy", closed.URL}, exitFailed, "try: HTTPS_PROXY=http://USER:PASSWORD@" + strings.TrimPrefix(closed.URL, "http://")},
		{"nobody there", env, []string{"--proxy", "http://127.0.0.1:1"}, exitFailed, "try: check the proxy"},
		{"no URL", env, []string{"--proxy", "gopher://proxy"}, exitUsage, "is no URL such as"},
		{"password", env, []string{"--proxy", "http://ann:never-shown@proxy.example.com"}, exitUsage, "try: the environment variable HTTPS_PROXY"},
	} {
		test.run(t)
	}
	open.mu.Lock()
	for _, host := range open.asked {
		if host != "tableau.example.com:443" {
			t.Errorf("the proxy was asked for %s", host)
		}
	}
	if len(open.asked) < 2 {
		t.Errorf("the proxy was asked %d times", len(open.asked))
	}
	open.mu.Unlock()

	var list []string
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	inEnvironment := func(proxy string, args ...string) (code int, stderr string) {
		t.Helper()
		p := start(t, append(list, "HTTPS_PROXY="+proxy, "NO_PROXY="), append([]string{"projects", "list"}, args...)...)
		stdout, code := p.end(t)
		if strings.Contains(stdout+p.err.String(), "never-shown") {
			t.Error("the proxy's password is shown")
		}
		return code, p.err.String()
	}
	withPassword := strings.Replace(closed.URL, "http://", "http://ann:never-shown@", 1)
	if code, stderr := inEnvironment(withPassword, "--debug"); code != exitDone {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if code, stderr := inEnvironment("http://ann:never-shown@[::1"); code == exitDone || !strings.Contains(stderr, "HTTPS_PROXY") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}
