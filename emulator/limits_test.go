package emulator_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/internal/sample"
)

// TestStartIsFast leaves room for a machine that is busy with other tests: see BenchmarkStart for what it takes.
func TestStartIsFast(t *testing.T) {
	fastest := func(n int, f func()) time.Duration {
		best := time.Hour
		for range n {
			started := time.Now()
			f()
			best = min(best, time.Since(started))
		}
		return best
	}
	start := fastest(10, func() {
		server, err := emulator.New()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := server.Listen("127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
	})
	server := emulator.Start(t)
	site := fastest(50, func() { server.NewSite(t) })
	t.Logf("a server starts and ends in %v, a site is made in %v", start, site)
	if raceDetector {
		t.Skip("the race detector is slow")
	}
	if start > 50*time.Millisecond {
		t.Errorf("starting and closing a server takes %v, not 50 ms", start)
	}
	if site > 2*time.Millisecond {
		t.Errorf("making a site takes %v, not 2 ms", site)
	}
}

func TestSessionsOfAUserAreBounded(t *testing.T) {
	t.Parallel()
	const kept = 5
	server := emulator.Start(t, emulator.WithBounds(kept, 1))
	site := server.NewSite(t)
	var sessions []*user
	for range kept + 2 {
		u := &user{t: t, server: server}
		u.signIn(byPassword(site.AdminName, site.AdminPassword, site.ContentURL))
		sessions = append(sessions, u)
	}
	for i, want := range map[int]string{0: "401002", 1: "401002", 2: "", len(sessions) - 1: ""} {
		if got := sessions[i].do("GET", "/sites/{site}", "", nil).code(); got != want {
			t.Errorf("session %d: error %q, want %q", i, got, want)
		}
	}
}

func TestUploadsOfAUserAreBounded(t *testing.T) {
	t.Parallel()
	const kept = 3
	server := emulator.Start(t, emulator.WithBounds(10, kept))
	u := newSite(t, server)
	for range kept {
		u.xml(201, "POST", "/sites/{site}/fileUploads", "")
	}
	if got := u.do("POST", "/sites/{site}/fileUploads", "", nil).code(); got != "400000" {
		t.Errorf("one upload too many: error %q", got)
	}
	server.Advance(25 * time.Hour) // the uploads are old now, and so is the session
	site, _ := serverAdmin(t, server).xml(200, "GET", "/sites/"+u.site, "").find("site")
	admin := &user{t: t, server: server}
	admin.signIn(byPassword("admin", server.DefaultSite().AdminPassword, site.attr("contentUrl")))
	admin.xml(201, "POST", "/sites/{site}/fileUploads", "")
}

// slowly sends a request piece by piece and returns the answer.
func slowly(t *testing.T, server *emulator.Server, head string, pieces []string, pause time.Duration) (*http.Response, error) {
	t.Helper()
	connection, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	connection.SetDeadline(time.Now().Add(30 * time.Second))
	go func() {
		io.WriteString(connection, head)
		for _, piece := range pieces {
			time.Sleep(pause) // the caller is slow
			if _, err := io.WriteString(connection, piece); err != nil {
				return
			}
		}
	}()
	return http.ReadResponse(bufio.NewReader(connection), nil)
}

func TestSlowCallers(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t, emulator.WithPatience(1500*time.Millisecond, 1<<10))
	u := newSite(t, server)
	publish := func(name string) (head, body string) {
		contentType, data := mixed(`<tsRequest><workbook name="`+name+`"/></tsRequest>`, "tableau_workbook", "any.twbx", sample.Workbook())
		return fmt.Sprintf("POST /api/%s/sites/%s/workbooks HTTP/1.1\r\nHost: localhost\r\nX-Tableau-Auth: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n",
			version, u.site, u.token, contentType, len(data)), string(data)
	}
	var pieces []string
	head, body := publish("Steady")
	for piece := range slices.Chunk([]byte(body), len(body)/8) {
		pieces = append(pieces, string(piece))
	}
	// The whole takes longer than the server's patience, but it goes on.
	if r, err := slowly(t, server, head, pieces, 300*time.Millisecond); err != nil || r.StatusCode != 201 {
		t.Errorf("a steady upload: %v, %v", r, err)
	}
	head, body = publish("Stalled")
	r, err := slowly(t, server, head, []string{body[:len(body)/2]}, time.Millisecond)
	if err == nil && r.StatusCode < 400 {
		t.Errorf("a stalled upload: status %d", r.StatusCode)
	}
	trickle := strings.Split(strings.Repeat("x", 600), "")
	head, _ = publish("Trickling")
	started := time.Now()
	r, err = slowly(t, server, head, trickle, 20*time.Millisecond)
	if err == nil && r.StatusCode < 400 || time.Since(started) > 10*time.Second {
		t.Errorf("a trickling upload: %v, %v after %v", r, err, time.Since(started))
	}
	if got := names(u.xml(200, "GET", "/sites/{site}/workbooks", ""), "workbook"); len(got) != 1 {
		t.Errorf("workbooks %v", got)
	}
	// An answer may take longer than the server's patience with callers.
	server.Fault(emulator.Fault{Delay: 2 * time.Second, Times: 1})
	u.xml(201, "POST", "/sites/{site}/projects", `<tsRequest><project name="P"/></tsRequest>`)
}

func TestHeadersAreBounded(t *testing.T) {
	t.Parallel()
	nobody := &user{t: t, server: emulator.Start(t)}
	if r := nobody.send("GET", "/api/2.4/serverinfo", http.Header{"X-Long": {strings.Repeat("x", 200<<10)}}, nil); r.status != 431 {
		t.Errorf("status %d, want 431", r.status)
	}
}

// certificate makes a certificate for this machine.
func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	made := certificate(t)
	server := emulator.Start(t, emulator.WithTLS(made))
	leaf, err := x509.ParseCertificate(made.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	for _, http2 := range []bool{false, true} {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: http2}
		t.Cleanup(transport.CloseIdleConnections)
		client := &http.Client{Transport: transport}
		r, err := client.Get(server.URL + "/api/2.4/serverinfo")
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != 200 || !strings.HasPrefix(server.URL, "https://127.0.0.1:") || (r.ProtoMajor == 2) != http2 {
			t.Errorf("%s: status %d, %s", server.URL, r.StatusCode, r.Proto)
		}
		contentType, body := mixed("", "tableau_file", "file", bytes.Repeat([]byte("x"), 200<<10))
		if r, err = client.Post(server.URL+"/api/"+version+"/sites/x/fileUploads", contentType, bytes.NewReader(body)); err != nil {
			t.Fatal(err)
		}
		if r.Body.Close(); r.StatusCode != 401 {
			t.Errorf("status %d, want 401", r.StatusCode)
		}
	}
	if _, err := http.Get(server.URL + "/api/2.4/serverinfo"); err == nil {
		t.Error("a certificate that nobody trusts is trusted")
	}
}

// TestShutdownFinishesWhatItHasBegun shuts a server down in the middle of an upload.
func TestShutdownFinishesWhatItHasBegun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := emulator.Start(t, durableOptions(dir)...)
	u := &user{t: t, server: server}
	u.signIn(byToken("ci", "token-secret", ""))
	contentType, body := mixed(`<tsRequest><workbook name="Last"/></tsRequest>`, "tableau_workbook", "any.twbx", sample.Workbook())
	reader, writer := io.Pipe()
	request, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+"/api/"+version+"/sites/"+u.site+"/workbooks", reader)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("X-Tableau-Auth", u.token)
	answered := make(chan *http.Response, 1)
	go func() {
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			t.Error(err)
		}
		answered <- response
	}()
	if _, err := writer.Write(body[:1000]); err != nil {
		t.Fatal(err)
	}
	for at := (emulator.Request{}); at.Method != "POST" || !strings.HasSuffix(at.Path, "/workbooks") || at.Size == 0; { // until the server is at work on it
		time.Sleep(time.Millisecond)
		requests := server.Requests()
		at = requests[len(requests)-1]
	}
	down := make(chan error, 1)
	go func() { down <- server.Shutdown(context.Background()) }()
	for { // until nobody else is let in
		connection, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
		if err != nil {
			break
		}
		connection.Close()
	}
	if _, err := writer.Write(body[1000:]); err != nil {
		t.Error(err)
	}
	writer.Close()
	if response := <-answered; response == nil || response.StatusCode != 201 {
		t.Fatalf("the answer is %v", response)
	}
	if err := <-down; err != nil {
		t.Error(err)
	}
	after := &user{t: t, server: emulator.Start(t, durableOptions(dir)...), token: u.token, site: u.site}
	if got := names(after.xml(200, "GET", "/sites/{site}/workbooks", ""), "workbook"); !slices.Equal(got, []string{"Last"}) {
		t.Errorf("after a restart: %v", got)
	}
}
