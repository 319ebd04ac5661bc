package tableau

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tabctl/tableau-go/internal/tsxml"
)

// request is one call: where it goes, what it carries, and how it may be
// repeated. The methods return changed copies, so that a call reads as a line.
type request struct {
	method   string
	segments []string // path below the site, or below the server's API root
	server   bool     // below the API root instead of the site
	public   bool     // sent without a session
	session  *Session // instead of the client's own
	location *url.URL // instead of the address made from the segments
	version  Version  // instead of the client's
	minimum  Version
	class    retryClass
	query    url.Values
	header   http.Header // what this request has beside the usual
	body     *body
	err      error
}

// body is what a request carries. open gives a fresh reader for each attempt.
type body struct {
	contentType string
	size        int64 // of what open gives, unless that is a bytes.Reader; -1 when not known
	open        func() (io.Reader, error)
}

func get(segments ...string) request {
	return request{method: http.MethodGet, segments: segments, class: retrySafe}
}

func post(segments ...string) request {
	return request{method: http.MethodPost, segments: segments, class: retryUnsent}
}

func put(segments ...string) request {
	return request{method: http.MethodPut, segments: segments, class: retrySafe}
}

func patch(segments ...string) request {
	return request{method: http.MethodPatch, segments: segments, class: retryUnsent}
}

func del(segments ...string) request {
	return request{method: http.MethodDelete, segments: segments, class: retrySafe}
}

func (r request) onServer() request               { r.server = true; return r }
func (r request) withoutSession() request         { r.public = true; return r }
func (r request) with(s Session) request          { r.session = &s; return r }
func (r request) at(location *url.URL) request    { r.location = location; return r }
func (r request) speaking(v Version) request      { r.version = v; return r }
func (r request) retry(class retryClass) request  { r.class = class; return r }
func (r request) carry(b *body) request           { r.body = b; return r }
func (r request) asking(query url.Values) request { r.query = query; return r }

// since is the first version that takes the request. Given several, the newest counts.
func (r request) since(v Version) request {
	if r.minimum.Less(v) {
		r.minimum = v
	}
	return r
}

// param adds a query parameter.
func (r request) param(name, value string) request {
	query := url.Values{}
	for key, values := range r.query {
		query[key] = slices.Clone(values)
	}
	query.Add(name, value)
	r.query = query
	return r
}

// send puts one XML element into the request.
func (r request) send(name string, value any) request {
	return r.sendAll(tsxml.Child{Name: name, Value: value})
}

// sendAll puts XML elements into the request. Without any it is empty, and yet
// a document.
func (r request) sendAll(children ...tsxml.Child) request {
	data, err := tsxml.EncodeRequest(children...)
	if err != nil {
		r.err = fmt.Errorf("tableau: write the request: %w", err)
		return r
	}
	if data == nil {
		data = []byte("<tsRequest></tsRequest>")
	}
	return r.carry(bytesBody("text/xml", data))
}

// sendJSON puts a value into the request as JSON.
func (r request) sendJSON(value any) request {
	data, err := json.Marshal(value)
	if err != nil {
		return r.fail(invalid("a value cannot be written as JSON: " + err.Error()))
	}
	return r.carry(bytesBody("application/json", data))
}

func bytesBody(contentType string, data []byte) *body {
	return &body{contentType: contentType, open: func() (io.Reader, error) {
		return bytes.NewReader(data), nil
	}}
}

// fail refuses the call before anything is sent.
func (r request) fail(err error) request {
	if err != nil {
		r.err = err
	}
	return r
}

// name is how messages call the request: method and path, IDs included.
func (r request) name() string { return r.method + " " + strings.Join(r.segments, "/") }

// check refuses empty and escaping path segments.
func (r request) check() error {
	if r.err != nil {
		return r.err
	}
	for i, segment := range r.segments {
		switch segment {
		case "":
			return invalid(fmt.Sprintf("%s %s/…: the ID is empty", r.method, strings.Join(r.segments[:i], "/")))
		case ".", "..":
			return invalid(fmt.Sprintf("%s %s/…: %q is no ID", r.method, strings.Join(r.segments[:i], "/"), segment))
		}
	}
	return nil
}

// fetch sends the request and decodes the one element of the answer.
func fetch[T any](ctx context.Context, c *Client, element string, r request) (*T, error) {
	var value *T
	if err := c.decode(ctx, r, tsxml.At(element, &value)); err != nil {
		return nil, err
	}
	if value == nil {
		return nil, c.unreadable(r, "it holds no "+element)
	}
	return value, nil
}

// fetchAll sends the request and decodes all elements of an unpaged list.
func fetchAll[T any](ctx context.Context, c *Client, path string, r request) ([]*T, error) {
	var values []*T
	err := c.decode(ctx, r, tsxml.At(path, &values))
	return values, err
}

// maxAnswer bounds how much XML is read into memory, decompressed.
const maxAnswer = 64 << 20

func (c *Client) decode(ctx context.Context, r request, targets ...tsxml.Target) error {
	resp, data, err := c.read(ctx, r)
	if err != nil {
		return err
	}
	return decodeAnswer(resp, data, targets...)
}

// read sends the request and returns the answer with all that it holds.
func (c *Client) read(ctx context.Context, r request) (resp *http.Response, data []byte, err error) {
	err = c.do(ctx, r, func(answer *http.Response) (err error) {
		resp = answer
		if data, err = readAll(answer); err != nil {
			return err
		}
		return checkWhole(answer, data)
	})
	if err != nil {
		return nil, nil, err
	}
	return resp, data, nil
}

// checkWhole refuses a document that breaks off: a server or proxy that fails in
// the middle of an answer need not say so.
func checkWhole(resp *http.Response, data []byte) error {
	document := bytes.TrimSpace(data)
	if !bytes.HasPrefix(document, []byte("<")) || isHTML(data) || bytes.HasSuffix(document, []byte("tsResponse>")) {
		return nil
	}
	if !errors.Is(tsxml.Decode(data), io.ErrUnexpectedEOF) {
		return nil // whole, or not XML
	}
	e := errorFrom(resp.Request, resp, data)
	e.Summary, e.Detail = "unreadable answer", "it breaks off in the middle"
	return &tornError{e}
}

func decodeAnswer(resp *http.Response, data []byte, targets ...tsxml.Target) error {
	if isHTML(data) {
		return webPage(resp, data)
	}
	if err := tsxml.Decode(data, targets...); err != nil {
		e := errorFrom(resp.Request, resp, data)
		e.Summary, e.Detail = "unreadable answer", err.Error()
		return e
	}
	return nil
}

// webPage is the error of a success that is not Tableau's: what was asked for
// has not happened.
func webPage(resp *http.Response, data []byte) error {
	e := errorFrom(resp.Request, resp, data)
	e.Summary, e.Detail = "not a Tableau Server", "the answer is a web page; a proxy or single sign-on page may stand before the server"
	return e
}

// run sends a request whose answer says nothing but that it worked.
func (c *Client) run(ctx context.Context, r request) error {
	return c.do(ctx, r, func(resp *http.Response) error {
		start, err := io.ReadAll(io.LimitReader(resp.Body, bodyHeadInError))
		if err != nil {
			return err
		}
		if isHTML(start) {
			return webPage(resp, start)
		}
		_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer))
		return err
	})
}

// permitted returns the request with the version that it speaks, and refuses it
// when its path or its content is wrong or the version lacks it.
func (c *Client) permitted(ctx context.Context, r request) (request, error) {
	if err := r.check(); err != nil {
		return r, err
	}
	if r.version == "" {
		version, err := c.APIVersion(ctx)
		if err != nil {
			return r, err
		}
		r.version = version
	}
	if r.version.Less(r.minimum) {
		return r, &UnsupportedVersionError{Call: r.name(), Needs: r.minimum, Speaking: r.version}
	}
	return r, nil
}

// do sends the request, signing in first and repeating it where that is sound,
// and hands the answer of a success to consume. An answer that cannot be read to
// its end has failed like one that never came.
func (c *Client) do(ctx context.Context, r request, consume func(*http.Response) error) error {
	r, err := c.permitted(ctx, r)
	if err != nil {
		return err
	}
	renewed := false
	for attempt := 1; ; attempt++ {
		session := r.session
		if session == nil && !r.public {
			now, err := c.signedIn(ctx) // which repeats itself where that is sound
			if err != nil {
				return err
			}
			session = &now
		}
		err := c.attempt(ctx, r, session, consume)
		if err == nil {
			return nil
		}
		if e, ok := errors.AsType[*Error](err); ok && e.Code == codeDeadToken && session != nil && r.session == nil && c.canRenew() {
			if renewed {
				return err
			}
			if err := c.renew(ctx, *session); err != nil {
				return err
			}
			renewed = true
			attempt--
			continue
		}
		if err := c.beforeRepeating(ctx, r, session, attempt, err); err != nil {
			return err
		}
	}
}

// attempt sends the request once. An answer that is no success becomes an error.
func (c *Client) attempt(ctx context.Context, r request, session *Session, consume func(*http.Response) error) error {
	req, err := c.build(ctx, r, session)
	if err != nil {
		return err
	}
	if err := c.rate.wait(ctx); err != nil {
		return fmt.Errorf("tableau: %s: wait for the rate limit: %w", r.name(), err)
	}
	start := time.Now()
	resp, err := c.http.Do(req)
	if err != nil {
		err = unwrapTransport(err)
		c.logger.DebugContext(ctx, "tableau request", "method", req.Method, "url", publicURL(req), "error", err, "duration", time.Since(start))
		return broken(req, err)
	}
	defer resp.Body.Close()
	c.logger.DebugContext(ctx, "tableau request", "method", req.Method, "url", publicURL(req), "status", resp.StatusCode, "duration", time.Since(start))
	resp.Body = &answerBody{resp.Body, req}
	switch resp.StatusCode {
	case http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent:
		return consume(resp)
	case http.StatusPartialContent, http.StatusRequestedRangeNotSatisfiable:
		if req.Header.Get("Range") != "" {
			return consume(resp)
		}
	}
	data, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<20)) // a torn error answer is still an error
	return answerError(req, resp, data)
}

// answerBody says of failures to read an answer what was asked for.
type answerBody struct {
	io.ReadCloser
	request *http.Request
}

func (b *answerBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = broken(b.request, err)
	}
	return n, err
}

// answerError is the error of an answer that is no success.
func answerError(req *http.Request, resp *http.Response, data []byte) error {
	e := errorFrom(req, resp, data)
	location, err := resp.Location()
	if err != nil || resp.StatusCode < 300 || resp.StatusCode > 399 {
		return e
	}
	e.Summary = "redirected"
	e.Detail = fmt.Sprintf("the server sends this request on to %s: use that address as the server URL", location.Host)
	if resp.StatusCode == http.StatusMovedPermanently && location.Host == req.URL.Host && location.Scheme == req.URL.Scheme {
		return &movedError{e, location}
	}
	return e
}

func (c *Client) build(ctx context.Context, r request, session *Session) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, c.address(r, session).String(), nil)
	if err != nil {
		return nil, err
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	req.Header.Set("User-Agent", c.userAgent)
	req.Header.Set("Accept", "*/*")
	if session != nil {
		req.Header.Set("X-Tableau-Auth", session.Token)
	}
	if r.body == nil {
		if r.method == http.MethodPost || r.method == http.MethodPut {
			req.Header.Set("Content-Type", "text/xml")
			req.Body = http.NoBody
		}
		return req, nil
	}
	reader, err := r.body.open()
	if err != nil {
		return nil, fmt.Errorf("tableau: %s: open what is to be sent: %w", r.name(), err)
	}
	req.Header.Set("Content-Type", r.body.contentType)
	req.ContentLength = r.body.size
	if whole, ok := reader.(*bytes.Reader); ok {
		req.ContentLength = int64(whole.Len())
	}
	// The transport must not close what belongs to the caller.
	req.Body = io.NopCloser(sending{reader})
	// A kept connection that the server has closed is found out before anything is sent.
	req.GetBody = func() (io.ReadCloser, error) {
		reader, err := r.body.open()
		return io.NopCloser(sending{reader}), err
	}
	return req, nil
}

// address joins the server's address, the API version, the site and the path.
func (c *Client) address(r request, session *Session) *url.URL {
	if r.location != nil {
		return r.location
	}
	plain := c.base.Path + "/api/" + string(r.version)
	escaped := c.base.EscapedPath() + "/api/" + string(r.version)
	segments := r.segments
	if !r.server && session != nil {
		segments = append([]string{"sites", session.SiteID}, segments...)
	}
	for _, segment := range segments {
		plain += "/" + segment
		escaped += "/" + url.PathEscape(segment)
	}
	u := *c.base
	u.Path, u.RawPath = plain, escaped
	u.RawQuery = r.query.Encode()
	return &u
}

// maxRedirects is how often a GET may be sent on within its host.
const maxRedirects = 5

// checkRedirect follows a GET within its host; everything else is returned as
// it is: a redirected POST would lose its body, and another host must not see
// the token.
func checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0]
	sameHost := req.URL.Host == first.URL.Host && (req.URL.Scheme == first.URL.Scheme || req.URL.Scheme == "https")
	if first.Method != http.MethodGet || !sameHost || len(via) > maxRedirects {
		return http.ErrUseLastResponse
	}
	return nil
}

// unwrapTransport drops net/url's wrapping, which repeats the URL with its query.
func unwrapTransport(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// readAll reads a whole answer of bounded size. The caller owns what it returns,
// which is no larger than the answer.
func readAll(resp *http.Response) ([]byte, error) {
	known := resp.ContentLength > 0 && resp.ContentLength < maxAnswer
	buffer := new(bytes.Buffer)
	if known {
		buffer.Grow(int(resp.ContentLength) + bytes.MinRead)
	} else {
		buffer = growing.Get().(*bytes.Buffer)
		buffer.Reset()
		defer func() {
			if buffer.Cap() <= maxKept {
				growing.Put(buffer)
			}
		}()
	}
	n, err := buffer.ReadFrom(io.LimitReader(resp.Body, maxAnswer+1))
	if err == nil && n > maxAnswer {
		e := errorFrom(resp.Request, resp, nil)
		e.Summary, e.Detail = "unreadable answer", fmt.Sprintf("it is larger than %d MiB", maxAnswer>>20)
		err = e
	}
	if known {
		return buffer.Bytes(), err
	}
	return bytes.Clone(buffer.Bytes()), err
}

// growing are buffers for answers of unknown size, compressed ones above all.
var growing = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxKept is the largest buffer that is kept for the next answer.
const maxKept = 4 << 20

// isHTML reports whether the answer is a web page.
func isHTML(data []byte) bool {
	start := bytes.ToLower(bytes.TrimSpace(data[:min(len(data), 256)]))
	return bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html"))
}

// unreadable is the error of an answer that lacks what the call is about.
func (c *Client) unreadable(r request, why string) error {
	return &Error{
		StatusCode: http.StatusOK,
		Method:     r.method,
		URL:        c.base.String() + "/…/" + strings.Join(r.segments, "/"),
		Summary:    "unexpected answer",
		Detail:     why,
	}
}
