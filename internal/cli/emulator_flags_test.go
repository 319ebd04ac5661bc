package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tabctl/tableau-go/tableau"
)

func TestEmulatorSeedAndTLS(t *testing.T) {
	needSignals(t)
	t.Parallel()
	dir := t.TempDir()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for name, content := range map[string][]byte{
		"cert.pem":  cert,
		"key.pem":   pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
		"seed.yaml": []byte("sites:\n  - name: Bakery\n    workbooks: [{name: Bread}]\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := start(t, nil, "emulator", "--addr", "127.0.0.1:0", "--pat", "ci:secret", "--seed", filepath.Join(dir, "seed.yaml"),
		"--tls-cert", filepath.Join(dir, "cert.pem"), "--tls-key", filepath.Join(dir, "key.pem"))
	url := strings.TrimSpace(strings.TrimPrefix(p.until(t, "listening on https://"), "listening on "))
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(cert)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	t.Cleanup(transport.CloseIdleConnections)
	browser := &http.Client{Transport: transport}
	c, err := tableau.New(url, tableau.WithCredentials(tableau.PersonalAccessToken{Name: "ci", Secret: "secret"}), tableau.WithSite("Bakery"), tableau.WithHTTPClient(browser))
	if err != nil {
		t.Fatal(err)
	}
	found, err := tableau.Collect(c.Workbooks.List(t.Context(), tableau.Query{}), -1)
	if err != nil || len(found) != 1 || found[0].Name != "Bread" {
		t.Errorf("workbooks %v, error %v", found, err)
	}
	response, err := browser.Get(url + "/_emulator/clock")
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(response.Body)
	if response.Body.Close(); err != nil || !strings.Contains(string(answer), `"now"`) {
		t.Errorf("the clock: %s, error %v", answer, err)
	}
	p.interrupt(t)
	if _, code := p.end(t); code != 0 {
		t.Errorf("exit code %d: %s", code, p.err.String())
	}
}

func TestEmulatorFlagsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for _, flags := range [][]string{{"--tls-cert", "cert.pem"}, {"--tls-cert", "none.pem", "--tls-key", "none.pem"}, {"--seed", "none.yaml"}} {
		p := start(t, nil, append([]string{"emulator", "--addr", "127.0.0.1:0", "--pat", "ci:secret"}, flags...)...)
		if out, code := p.end(t); code == 0 || out != "" || p.err.String() == "" {
			t.Errorf("%v: exit code %d, output %q, errors %q", flags, code, out, p.err.String())
		}
	}
}
