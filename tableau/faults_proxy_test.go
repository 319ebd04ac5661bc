package tableau_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// wireFault is a way in which a request can go wrong between client and server.
type wireFault struct {
	name string
	says string // what it is, for docs/reliability.md
	// serve answers in the server's place, or forwards the request and spoils the answer. It returns whether the
	// connection is still good. nil forwards.
	serve func(*exchange) bool
	// refused has the connection refused, so that the request reaches nobody; impatient has the client wait for an answer
	// for a quarter of a second only; signedOut ends the session before the request, or after it when it is the sign-in.
	refused, impatient, signedOut bool
}

const webPage = "<!DOCTYPE html><html><body>Please sign in</body></html>"

// wireFaults are all that is tried with every kind of request.
var wireFaults = []wireFault{
	{name: "connection refused", says: "nobody listens", refused: true},
	{name: "reset before the body", says: "the connection is reset when the head of the request has arrived", serve: func(x *exchange) bool { return x.reset() }},
	{name: "reset during the body", says: "… when half of the body has", serve: func(x *exchange) bool {
		_, _ = io.CopyN(io.Discard, x.request.Body, x.request.ContentLength/2)
		return x.reset()
	}},
	{name: "reset after the body", says: "… when all of it has, and the server has not acted on it", serve: func(x *exchange) bool {
		_, _ = io.Copy(io.Discard, x.request.Body)
		return x.reset()
	}},
	{name: "answer lost", says: "the server acts, and the connection is reset before the answer", serve: func(x *exchange) bool {
		x.forward()
		return x.reset()
	}},
	{name: "half an answer", says: "the server acts, and half of the body follows a whole Content-Length", serve: func(x *exchange) bool {
		a := x.forward()
		return x.write(a.status, a.header, len(a.body), half(a.body))
	}},
	{name: "half an answer, chunked", says: "… half of it in chunks, and no last chunk", serve: func(x *exchange) bool {
		a := x.forward()
		part := half(a.body)
		a.header.Set("Transfer-Encoding", "chunked")
		return x.write(a.status, a.header, -1, fmt.Appendf(nil, "%x\r\n%s\r\n", len(part), part))
	}},
	{name: "half an answer, no length", says: "… half of it, which ends like a whole one of unknown length", serve: func(x *exchange) bool {
		a := x.forward()
		a.header.Set("Connection", "close")
		return x.write(a.status, a.header, -1, half(a.body))
	}},
	{name: "half a gzip", says: "… half of the compressed body, with a Content-Length that fits", serve: func(x *exchange) bool {
		a := x.forward()
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, _ = w.Write(a.body)
		_ = w.Close()
		a.header.Set("Content-Encoding", "gzip")
		part := half(packed.Bytes())
		return x.write(a.status, a.header, len(part), part)
	}},
	{name: "Content-Length too small", says: "… the body is ten bytes longer than Content-Length says", serve: func(x *exchange) bool {
		a := x.forward()
		a.header.Set("Connection", "close")
		return x.write(a.status, a.header, max(0, len(a.body)-10), a.body)
	}},
	{name: "Content-Length too large", says: "… and ten bytes shorter", serve: func(x *exchange) bool {
		a := x.forward()
		return x.write(a.status, a.header, len(a.body)+10, a.body)
	}},
	{name: "late answer", says: "the first byte comes late, but it comes", serve: func(x *exchange) bool {
		time.Sleep(50 * time.Millisecond)
		return x.pass(x.forward())
	}},
	{name: "no answer", says: "the server is silent for longer than the HTTP client's ResponseHeaderTimeout", impatient: true, serve: func(x *exchange) bool {
		_, _ = io.Copy(io.Discard, x.request.Body)
		_, _ = x.reader.Peek(1) // until the client hangs up
		return false
	}},
	{name: "web page, 200", says: "a sign-on page answers, as if all were well", serve: func(x *exchange) bool {
		return x.refuse(http.StatusOK, http.Header{"Content-Type": {"text/html"}}, webPage)
	}},
	{name: "web page, 502", says: "a gateway answers", serve: func(x *exchange) bool {
		return x.refuse(http.StatusBadGateway, http.Header{"Content-Type": {"text/html"}}, webPage)
	}},
	{name: "empty 500", says: "the server fails without a word", serve: func(x *exchange) bool {
		return x.refuse(http.StatusInternalServerError, http.Header{}, "")
	}},
	{name: "503", says: "without Retry-After", serve: func(x *exchange) bool {
		return x.refuse(http.StatusServiceUnavailable, http.Header{}, "")
	}},
	{name: "503, a date", says: "Retry-After is a date, a second after the Date of a server whose clock is far ahead", serve: func(x *exchange) bool {
		return x.refuse(http.StatusServiceUnavailable, http.Header{"Date": {"Fri, 01 Jan 2100 00:00:00 GMT"}, "Retry-After": {"Fri, 01 Jan 2100 00:00:01 GMT"}}, "")
	}},
	{name: "429", says: "Retry-After is a second", serve: func(x *exchange) bool {
		return x.refuse(http.StatusTooManyRequests, http.Header{"Retry-After": {"1"}}, "")
	}},
	{name: "429, an hour", says: "Retry-After is an hour", serve: func(x *exchange) bool {
		return x.refuse(http.StatusTooManyRequests, http.Header{"Retry-After": {"3600"}}, "")
	}},
	{name: "redirect, same host", says: "302 to the same address", serve: func(x *exchange) bool {
		return x.refuse(http.StatusFound, http.Header{"Location": {x.request.URL.RequestURI()}}, "")
	}},
	{name: "redirect, other host", says: "302 to another server, which must not see the token", serve: func(x *exchange) bool {
		return x.refuse(http.StatusFound, http.Header{"Location": {x.proxy.elsewhere + x.request.URL.RequestURI()}}, "")
	}},
	{name: "session ended", says: "someone ends the session just before the request, or after the sign-in", signedOut: true},
	{name: "clock skew", says: "Date and the session's time to expiration are absurd", serve: func(x *exchange) bool {
		a := x.forward()
		a.header.Set("Date", "Thu, 01 Jan 1970 00:00:00 GMT")
		a.body = timeToExpiration.ReplaceAll(a.body, []byte(`estimatedTimeToExpiration="99999999:-7:99"`))
		return x.pass(a)
	}},
}

var (
	timeToExpiration = regexp.MustCompile(`estimatedTimeToExpiration="[^"]*"`)
	tokenAttribute   = regexp.MustCompile(` token="([^"]*)"`)
)

func half(data []byte) []byte { return data[:len(data)/2] }

// Headers by which the client's transport tells the proxy what to do.
const (
	faultHeader  = "X-Test-Fault"  // the fault's name
	targetHeader = "X-Test-Target" // the request is of the kind that the trial is about
)

// faultProxy stands between client and server and speaks HTTP as badly as a fault asks for.
type faultProxy struct {
	url       string
	upstream  string
	elsewhere string            // address of a server that must not be asked
	transport http.RoundTripper // to upstream
	listener  net.Listener
	acted     atomic.Int32 // requests of the trial's kind that the server said yes to
	serving   sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]bool
}

func startProxy(t *testing.T, upstream, elsewhere string, transport http.RoundTripper) *faultProxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &faultProxy{url: "http://" + listener.Addr().String(), upstream: upstream, elsewhere: elsewhere, transport: transport, listener: listener, conns: map[net.Conn]bool{}}
	p.serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			p.mu.Lock()
			p.conns[conn] = true
			p.mu.Unlock()
			p.serving.Go(func() {
				p.serve(conn)
				p.mu.Lock()
				delete(p.conns, conn)
				p.mu.Unlock()
				conn.Close()
			})
		}
	})
	return p
}

// close ends all connections and waits until nothing of the proxy runs.
func (p *faultProxy) close() {
	p.listener.Close()
	p.mu.Lock()
	for conn := range p.conns {
		conn.Close()
	}
	p.mu.Unlock()
	p.serving.Wait()
}

func (p *faultProxy) serve(conn net.Conn) {
	reader := bufio.NewReader(conn)
	for {
		request, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		x := &exchange{p, conn, reader, request, request.Header.Get(targetHeader) != ""}
		serve := func(x *exchange) bool { return x.pass(x.forward()) }
		for _, f := range wireFaults {
			if f.serve != nil && f.name == request.Header.Get(faultHeader) {
				serve = f.serve
			}
		}
		request.Header.Del(faultHeader)
		request.Header.Del(targetHeader)
		if !serve(x) {
			return
		}
		_, _ = io.Copy(io.Discard, request.Body)
	}
}

// exchange is one request and its answer.
type exchange struct {
	proxy   *faultProxy
	conn    net.Conn
	reader  *bufio.Reader
	request *http.Request
	target  bool
}

type wireAnswer struct {
	status int
	header http.Header
	body   []byte
}

// forward has the server act.
func (x *exchange) forward() wireAnswer {
	out, err := http.NewRequest(x.request.Method, x.proxy.upstream+x.request.URL.RequestURI(), x.request.Body)
	if err != nil {
		return wireAnswer{status: http.StatusInternalServerError, header: http.Header{}, body: []byte(err.Error())}
	}
	out.Header = x.request.Header.Clone()
	out.Header.Set("Accept-Encoding", "identity")
	out.ContentLength = x.request.ContentLength
	if out.ContentLength == 0 {
		out.Body = http.NoBody
	}
	resp, err := x.proxy.transport.RoundTrip(out)
	if err != nil {
		return wireAnswer{status: http.StatusInternalServerError, header: http.Header{}, body: []byte(err.Error())}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		body = []byte(err.Error())
	}
	if x.target && resp.StatusCode < 300 {
		x.proxy.acted.Add(1)
	}
	resp.Header.Del("Content-Length")
	return wireAnswer{resp.StatusCode, resp.Header, body}
}

// reset ends the connection rudely.
func (x *exchange) reset() bool {
	if tcp, ok := x.conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	x.conn.Close()
	return false
}

// pass hands an answer on as it is.
func (x *exchange) pass(a wireAnswer) bool {
	x.write(a.status, a.header, len(a.body), a.body)
	return true
}

// refuse answers without the server.
func (x *exchange) refuse(status int, header http.Header, body string) bool {
	_, _ = io.Copy(io.Discard, x.request.Body)
	return x.pass(wireAnswer{status, header, []byte(body)})
}

// write sends an answer with that Content-Length, none when it is negative. The connection ends with it.
func (x *exchange) write(status int, header http.Header, length int, body []byte) bool {
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	header = header.Clone()
	if length >= 0 && status != http.StatusNoContent {
		header.Set("Content-Length", strconv.Itoa(length))
	}
	_ = header.Write(&b)
	b.WriteString("\r\n")
	if status != http.StatusNoContent {
		b.Write(body)
	}
	_, _ = x.conn.Write(b.Bytes())
	return false
}

// faultyTransport is the client's: it marks the requests that the fault is for.
type faultyTransport struct {
	proxy  *faultProxy
	normal *http.Transport
	fault  wireFault
	always bool // else once
	target func(*http.Request) bool
	plain  bool // hides from the client that the server numbers blocks

	seen atomic.Int32 // requests of the trial's kind
	all  atomic.Int32
	kill int32 // ends the session before the request of this number, from 1; 0 for none
}

func (f *faultyTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if f.all.Add(1) == f.kill {
		f.signOut(r.Context(), r.Header.Get("X-Tableau-Auth"))
	}
	hit := false
	if f.target(r) {
		r.Header.Set(targetHeader, "yes")
		hit = f.seen.Add(1) == 1 || f.always
	}
	transport := f.normal
	if hit {
		if f.fault.serve != nil {
			r.Header.Set(faultHeader, f.fault.name)
		}
		if f.fault.signedOut {
			f.signOut(r.Context(), r.Header.Get("X-Tableau-Auth"))
		}
		if f.fault.refused {
			transport = refusing
		}
		if f.fault.impatient {
			transport = f.normal.Clone()
			transport.ResponseHeaderTimeout = 250 * time.Millisecond
			defer transport.CloseIdleConnections()
		}
	}
	resp, err := transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	signIn := hit && f.fault.signedOut && strings.HasSuffix(r.URL.Path, "/auth/signin")
	numbers := f.plain && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/fileUploads")
	if signIn || numbers {
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			return nil, err
		}
		if found := tokenAttribute.FindSubmatch(body); signIn && found != nil {
			f.signOut(r.Context(), string(found[1]))
		}
		if numbers {
			body = bytes.Replace(body, []byte("maxFileChunkCount"), []byte("somethingElse"), 1)
		}
		resp.Body = io.NopCloser(bytes.NewReader(body))
		resp.ContentLength = int64(len(body))
	}
	return resp, nil
}

// signOut ends the session of that token at the server.
func (f *faultyTransport) signOut(ctx context.Context, token string) {
	if token == "" {
		return
	}
	pprof.SetGoroutineLabels(context.Background()) // the connection is not the client's
	defer pprof.SetGoroutineLabels(ctx)
	r, err := http.NewRequest(http.MethodPost, f.proxy.upstream+"/api/3.24/auth/signout", http.NoBody)
	if err != nil {
		panic(err)
	}
	r.Header.Set("X-Tableau-Auth", token)
	resp, err := f.proxy.transport.RoundTrip(r)
	if err == nil {
		resp.Body.Close()
	}
}

// refusing asks a port where nobody listens.
var refusing = &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, network, "127.0.0.1:1")
}}
