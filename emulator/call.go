package emulator

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

// maxPayload bounds a request document: 4 MiB. Files are not in documents.
const maxPayload = 4 << 20

// call is one request, as a handler sees it.
type call struct {
	*Server
	request *http.Request
	writer  http.ResponseWriter
	route   *route
	version apiVersion    // of the path
	session store.Session // zero when the caller is not signed in
	site    store.Site    // of the session
	user    store.User    // of the session
	query   url.Values
	seen    *seenRequest

	status int   // of the answer; 0: 200, or 204 without an element
	page   *page // set by listQuery: the answer is one page of a list
	total  int64
	beside *tsxml.Element // a second element of the answer, nil: there is none
}

func (c *call) ctx() context.Context { return c.request.Context() }

// id is the value of a placeholder in the route's path.
func (c *call) id(placeholder string) string { return c.request.PathValue(placeholder) }

// read returns what find finds in one state of the store.
func read[T any](c *call, find func(*store.Tx) (T, error)) (found T, err error) {
	err = c.store.Read(c.ctx(), func(tx *store.Tx) (err error) {
		found, err = find(tx)
		return err
	})
	return found, err
}

// document returns the request document, which is XML or JSON.
func (c *call) document() (*tsxml.Element, error) {
	return parseDocument(http.MaxBytesReader(c.writer, c.request.Body, maxPayload), c.request.Header.Get("Content-Type"))
}

// payload returns the element with this name in the request document.
func (c *call) payload(name string) (*tsxml.Element, error) {
	root, err := c.document()
	if err != nil {
		return nil, err
	}
	return childOf(root, name)
}

// documentIfAny returns the request document, or nil when there is none.
func (c *call) documentIfAny() (*tsxml.Element, error) {
	body, err := io.ReadAll(http.MaxBytesReader(c.writer, c.request.Body, maxPayload))
	if err != nil {
		return nil, unreadable(err)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, nil
	}
	return parseDocument(bytes.NewReader(body), c.request.Header.Get("Content-Type"))
}

func childOf(root *tsxml.Element, name string) (*tsxml.Element, error) {
	if child := root.Child(name); child != nil {
		return child, nil
	}
	return nil, incomplete("The element <%s> is missing.", name)
}

func isJSON(mediaType string) bool {
	parsed, _, err := mime.ParseMediaType(mediaType)
	return err == nil && parsed == "application/json"
}

func wantsJSON(r *http.Request) bool {
	for _, accepted := range r.Header.Values("Accept") {
		for one := range strings.SplitSeq(accepted, ",") {
			if isJSON(strings.TrimSpace(one)) {
				return true
			}
		}
	}
	return false
}

// answer writes the document around element: pagination, fields and format are the same for every method.
func (c *call) answer(element *tsxml.Element) {
	document := tsxml.New("tsResponse")
	if c.page != nil {
		document.Add(tsxml.New("pagination").SetInt("pageNumber", c.page.number).SetInt("pageSize", c.page.size).SetInt("totalAvailable", c.total))
	}
	if c.route.fields != nil {
		c.route.fields.keep(element, c.query.Get("fields"))
	}
	status := c.status
	if status == 0 {
		status = http.StatusOK
	}
	writeDocument(c.writer, c.request, status, document.Add(element, c.beside))
}

func writeDocument(w http.ResponseWriter, r *http.Request, status int, document *tsxml.Element) {
	write := document.WriteXML
	w.Header().Set("Content-Type", "application/xml;charset=UTF-8")
	if wantsJSON(r) {
		write = document.WriteJSON
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		write(w) // the caller has gone: nobody is left to be told
	}
}

// ServeHTTP serves the REST API below /api/ and the control plane below /_emulator/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	requestID := newID()
	w.Header().Set("X-Request-Id", requestID)
	w.Header().Set("Cache-Control", "no-store")
	if strings.HasPrefix(r.URL.Path, "/_emulator/") {
		s.serveControl(w, r)
		return
	}
	started := time.Now()
	recorder := &statusRecorder{ResponseWriter: w, limits: s.config.limits, connection: http.NewResponseController(w)}
	recorder.seen = s.recorder.begin(requestID, s.config.now(), r)
	recorder.extend(0)
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = &requestBody{ReadCloser: r.Body, limits: s.config.limits, connection: recorder.connection, seen: recorder.seen}
	}
	defer func() {
		duration := time.Since(started)
		recorder.seen.end(duration)
		recorder.extend(0) // what is still in buffers is sent now
		s.config.logger.DebugContext(r.Context(), "request", "id", requestID, "method", r.Method, "path", r.URL.Path,
			"status", recorder.status, "duration", duration)
	}()
	if struck := s.faults.strike(s, r); struck != nil {
		s.serveFault(struck, recorder, r)
		return
	}
	s.serveAPI(recorder, r)
	if recorder.status == 0 && r.Context().Err() != nil {
		panic(http.ErrAbortHandler) // the caller has gone or was too slow, and must not take silence for success
	}
}

// serveAPI serves a request of the REST API.
func (s *Server) serveAPI(w *statusRecorder, r *http.Request) {
	s.serving.RLock()
	defer s.serving.RUnlock()
	s.serve(w, r)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if version, ok := pathVersion(r.URL.Path); ok {
		// The version is judged before the path: a newer one may well have paths that this one lacks.
		if v, known := parseVersion(version); version != "-" && (!known || s.version.before(v)) {
			s.refuse(w, r, fail(versionNotFound, "The API version '%s' is not known; this server speaks versions up to %s.", version, s.version))
			return
		}
		if trimmed := strings.TrimRight(r.URL.Path, "/"); trimmed != r.URL.Path {
			clone := *r.URL
			clone.Path, clone.RawPath = trimmed, strings.TrimRight(r.URL.RawPath, "/")
			r = r.WithContext(r.Context())
			r.URL = &clone
		}
	}
	s.mux.ServeHTTP(w, r)
}

// pathVersion returns what follows /api/ in a path.
func pathVersion(path string) (string, bool) {
	rest, ok := strings.CutPrefix(path, "/api/")
	if !ok {
		return "", false
	}
	version, _, _ := strings.Cut(rest, "/")
	return version, true
}

// handle answers a request to one route.
func (s *Server) handle(rt *route, w *statusRecorder, r *http.Request) {
	c := &call{Server: s, request: r, writer: w, route: rt, query: r.URL.Query()}
	c.version, _ = parseVersion(r.PathValue("version"))
	c.seen = w.seen
	c.seen.identify(c)
	element, err := c.run()
	c.seen.identify(c) // a sign-in knows its user now
	switch {
	case err != nil && w.status != 0:
		s.config.logger.ErrorContext(r.Context(), "answer broken off", "id", w.Header().Get("X-Request-Id"), "path", r.URL.Path, "error", err)
		panic(http.ErrAbortHandler) // the caller must not take half a file for all of it
	case err != nil:
		s.refuse(w, r, err)
	case rt.stream != nil: // answered
	case element == nil:
		if c.status == 0 {
			c.status = http.StatusNoContent
		}
		w.WriteHeader(c.status)
	default:
		c.answer(element)
	}
}

func (c *call) run() (*tsxml.Element, error) {
	if c.version.before(mustVersion(c.route.Since)) {
		return nil, fail(resourceNotFound, "Unknown resource '%s' specified in URI: it is part of the API from version %s on.",
			strings.TrimPrefix(c.request.URL.Path, "/api"), c.route.Since)
	}
	if c.route.Caller != Anyone {
		err := c.authenticate()
		c.seen.identify(c)
		if err != nil {
			return nil, err
		}
	}
	if c.route.fields != nil {
		if err := c.route.fields.check(c.query.Get("fields")); err != nil {
			return nil, err
		}
	}
	if c.route.stream != nil {
		return nil, c.route.stream(c)
	}
	return c.route.answer(c)
}

// authenticate finds the session of the request and checks that it may call the route on the site of the path.
func (c *call) authenticate() error {
	token := c.request.Header.Get("X-Tableau-Auth")
	if token == "" {
		return fail(noCredentials, "No authentication credentials were provided.")
	}
	session, err := c.store.Session(c.ctx(), hashSecret(token), c.config.now())
	if errors.Is(err, store.ErrNotFound) {
		return fail(deadToken, "Invalid authentication credentials were provided.")
	}
	if err != nil {
		return err
	}
	c.session, c.site, c.user = session, session.Site, session.User
	if id := c.id("site"); id != "" && strings.Contains(c.route.Path, "/sites/{site}/") && !strings.EqualFold(id, c.site.ID) {
		return c.store.Read(c.ctx(), func(tx *store.Tx) error {
			if _, err := tx.SiteByID(strings.ToLower(id)); err != nil {
				return orNotFound(err, siteNotFound, "Site", id)
			}
			return fail(forbidden, "The session is signed in to another site than '%s': switch to that site first.", id)
		})
	}
	if c.user.SiteRole == "Unlicensed" && !strings.HasPrefix(c.route.Path, "/auth/") {
		return fail(forbidden, "The user is unlicensed on this site.")
	}
	if !scopesAllow(c.session.Scopes, c.route) {
		return fail(deadToken, "Invalid authentication credentials were provided.")
	}
	if !c.route.Caller.includes(c.user) {
		return fail(forbidden, "%s may only be called by a %s.", c.route.Name, c.route.Caller)
	}
	return nil
}

// drained is how much of a refused request is read, so that a caller who is still sending can read the answer.
const drained = 70 << 20

// refuse answers with an error.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // the caller has gone
	}
	told := asAPIError(err)
	if told.code == internalError {
		s.config.logger.ErrorContext(r.Context(), "request failed", "id", w.Header().Get("X-Request-Id"), "method", r.Method, "path", r.URL.Path, "error", err)
	}
	drain(r)
	w.Header().Del("Content-Disposition")
	writeDocument(w, r, told.status(), tsxml.New("tsResponse").Add(told.element()))
}
