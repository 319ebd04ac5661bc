package cli

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// httpClient is what requests go through.
func (a *app) httpClient(t transport) (*http.Client, error) {
	opened, err := t.open()
	if err != nil {
		return nil, err
	}
	a.warnInsecure(t)
	var through http.RoundTripper = opened
	if a.verbose || a.debug {
		through = &tracer{app: a, next: through}
	}
	return &http.Client{Transport: through}, nil
}

// tracer tells each request, and with --debug what it and its answer hold.
type tracer struct {
	app  *app
	next http.RoundTripper
}

// tracedBody is how much of a body is told.
const tracedBody = 16 << 10

// RoundTrip sends a request and tells of it.
func (t *tracer) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.app.debug {
		r = r.Clone(r.Context()) // a transport may not change what it is given
		t.tellHeader("> ", r.Method+" "+r.URL.String(), r.Header)
		t.tellBody("> ", r.Header, t.requestBody(r))
	}
	started := time.Now()
	resp, err := t.next.RoundTrip(r)
	took := time.Since(started).Round(time.Millisecond)
	if err != nil {
		t.tell("%s %s: %v (%s)", r.Method, r.URL, err, took)
		return resp, err
	}
	t.tell("%s %s: %s (%s)", r.Method, r.URL, resp.Status, took)
	if t.app.debug {
		t.tellHeader("< ", resp.Status, resp.Header)
		t.tellBody("< ", resp.Header, t.answerBody(resp))
	}
	return resp, nil
}

// requestBody returns what a small request carries, and leaves it whole.
func (t *tracer) requestBody(r *http.Request) []byte {
	if r.Body == nil || !isText(r.Header) || r.ContentLength < 0 || r.ContentLength > tracedBody {
		return nil
	}
	content, err := io.ReadAll(r.Body)
	rest := io.Reader(bytes.NewReader(content))
	if err != nil {
		rest = io.MultiReader(rest, failing{err})
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{rest, r.Body}
	return content
}

// answerBody returns the beginning of an answer and leaves it whole.
func (t *tracer) answerBody(resp *http.Response) []byte {
	if !isText(resp.Header) || resp.Header.Get("Content-Encoding") != "" {
		return nil
	}
	begin, err := io.ReadAll(io.LimitReader(resp.Body, tracedBody))
	rest := io.Reader(resp.Body)
	if err != nil {
		rest = failing{err}
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(begin), rest), resp.Body}
	return begin
}

// failing is a reader that has failed.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func isText(header http.Header) bool {
	kind := header.Get("Content-Type")
	return strings.Contains(kind, "xml") || strings.Contains(kind, "json") || strings.HasPrefix(kind, "text/")
}

func (t *tracer) tellHeader(prefix, first string, header http.Header) {
	t.tell("%s%s", prefix, first)
	names := make([]string, 0, len(header))
	for name := range header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		value := strings.Join(header[name], ", ")
		if secretHeader().MatchString(name) {
			value = removed
		}
		t.tell("%s%s: %s", prefix, name, value)
	}
}

func (t *tracer) tellBody(prefix string, header http.Header, body []byte) {
	if len(body) > 0 {
		t.tell("%s%s", prefix, withoutSecrets(string(body)))
		return
	}
	if kind := header.Get("Content-Type"); kind != "" {
		t.tell("%s(content of the type %s)", prefix, kind)
	}
}

func (t *tracer) tell(format string, args ...any) {
	fmt.Fprintln(t.app.err, printable(fmt.Sprintf(format, args...)))
}

// removed stands where a secret was.
const removed = "(removed)"

var (
	secretHeader = pattern(`(?i)^(x-tableau-auth|authorization|proxy-authorization|cookie|set-cookie)$`)
	// secretValue is a secret in a document, as XML or JSON.
	secretValue = pattern(`(?is)("?\b(?:password|personalAccessTokenSecret|jwt|token|secret|clientSecret|privateKey)"?\s*[:=]\s*)("(?:[^"\\]|\\.)*"?|'[^']*'?)`)
)

// withoutSecrets takes passwords, tokens and the like out of a document, also out of one that was cut off.
func withoutSecrets(document string) string {
	return secretValue().ReplaceAllString(document, `${1}"`+removed+`"`)
}
