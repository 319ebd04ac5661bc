package emulator

import (
	"bytes"
	"io"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

// Request is a request of the REST API that the server saw.
type Request struct {
	ID       string        `json:"id"`       // what the answer's header X-Request-Id said
	Time     time.Time     `json:"time"`     // of arrival, by the server's clock
	Method   string        `json:"method"`   //
	Path     string        `json:"path"`     // from /api/ on
	Query    string        `json:"query"`    // as sent, without secrets
	Route    string        `json:"route"`    // Tableau's name of the method; "" when nothing serves the path
	SiteID   string        `json:"siteId"`   // of the site that it was about, or ""
	User     string        `json:"user"`     // name of the caller; "" without a valid session
	Status   int           `json:"status"`   // 0: not answered yet, or never
	Duration time.Duration `json:"duration"` // nanoseconds; 0 until it has ended
	Fault    string        `json:"fault"`    // ID of the fault that struck it, or ""
	Body     string        `json:"body"`     // the first 64 KiB, without secrets
	Size     int64         `json:"size"`     // bytes of the body that were read
}

// maxBodyKept is how much of a request's body is remembered.
const maxBodyKept = 64 << 10

// Requests returns the latest requests of the REST API in the order they arrived, at most 1,000 (see [WithRequestsKept]):
// those of sites by their IDs, or all. Passwords, tokens and other secrets in them are replaced by "***". A request is
// there before its answer reaches the caller.
func (s *Server) Requests(siteIDs ...string) []Request {
	return s.recorder.requests(siteIDs)
}

// ClearRequests forgets the requests of sites by their IDs, or all.
func (s *Server) ClearRequests(siteIDs ...string) {
	s.recorder.clear(siteIDs)
}

// recorder remembers the latest requests.
type recorder struct {
	limit int

	mu   sync.Mutex
	ring []*seenRequest // the oldest is at next once the ring is full
	next int
}

// seenRequest is a request as it comes in. Its methods do nothing on nil.
type seenRequest struct {
	recorder *recorder // its mutex guards the rest
	request  Request
	body     []byte // as sent: most of it is never looked at, so secrets are taken out when it is
	mayHide  bool   // the path is one of sign-in
}

func (r *recorder) begin(id string, now time.Time, request *http.Request) *seenRequest {
	if r.limit <= 0 {
		return nil
	}
	seen := &seenRequest{recorder: r, request: Request{ID: id, Time: now, Method: request.Method, Path: request.URL.Path, Query: request.URL.RawQuery},
		mayHide: isSignIn(request.URL.Path)}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.ring) < r.limit {
		r.ring = append(r.ring, seen)
	} else {
		r.ring[r.next] = seen
		r.next = (r.next + 1) % r.limit
	}
	return seen
}

func isSignIn(path string) bool {
	return strings.EqualFold(strings.TrimRight(path[strings.LastIndex(strings.TrimRight(path, "/"), "/")+1:], "/"), "signin")
}

// change makes a change to what is remembered.
func (s *seenRequest) change(change func(*seenRequest)) {
	if s == nil {
		return
	}
	s.recorder.mu.Lock()
	defer s.recorder.mu.Unlock()
	change(s)
}

// note takes in the next part of the body.
func (s *seenRequest) note(part []byte) {
	if len(part) == 0 {
		return
	}
	s.change(func(s *seenRequest) {
		s.request.Size += int64(len(part))
		s.body = append(s.body, part[:min(len(part), maxBodyKept-len(s.body))]...)
	})
}

// identify says who called what, and where.
func (s *seenRequest) identify(c *call) {
	s.change(func(s *seenRequest) {
		s.request.Route, s.request.SiteID, s.request.User = c.route.Name, c.site.ID, c.user.Name
		if s.request.SiteID == "" {
			s.request.SiteID = strings.ToLower(c.id("site"))
		}
	})
}

func (s *seenRequest) setStatus(status int) {
	s.change(func(s *seenRequest) { s.request.Status = status })
}

func (s *seenRequest) end(d time.Duration) {
	s.change(func(s *seenRequest) { s.request.Duration = d })
}

// noteSite says early which site a sign-in is for, so that one that fails is seen as the site's too.
func (c *call) noteSite(contentURL string) {
	if c.recorder.limit > 0 {
		c.store.Read(c.ctx(), func(tx *store.Tx) (err error) { // there may be none
			c.site, err = tx.SiteByContentURL(contentURL)
			return err
		})
	}
}

// wanted reports whether a request is one of those that are asked for.
func (s *seenRequest) wanted(siteIDs []string) bool {
	return len(siteIDs) == 0 || slices.Contains(siteIDs, s.request.SiteID)
}

func (r *recorder) requests(siteIDs []string) []Request {
	r.mu.Lock()
	var found []seenRequest
	for i := range r.ring {
		if seen := r.ring[(r.next+i)%len(r.ring)]; seen.wanted(siteIDs) {
			found = append(found, *seen)
		}
	}
	r.mu.Unlock()
	all := make([]Request, len(found))
	for i, seen := range found {
		all[i] = seen.request
		all[i].Query = secrets().inQuery.ReplaceAllString(seen.request.Query, "${1}***")
		all[i].Body = string(withoutSecrets(seen.body, seen.mayHide))
	}
	return all
}

func (r *recorder) clear(siteIDs []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var kept []*seenRequest
	for i := range r.ring {
		if seen := r.ring[(r.next+i)%len(r.ring)]; !seen.wanted(siteIDs) {
			kept = append(kept, seen)
		}
	}
	r.ring, r.next = kept, 0
}

// secretName is the name of an attribute, a JSON member or a query parameter that holds a secret.
const secretName = `[\w.:-]*(?i:password|secret|jwt|token|credentialsKey)`

// secretPatterns find secrets in bodies and queries.
type secretPatterns struct{ inXML, inElement, inJSON, inQuery, isFlag *regexp.Regexp }

// secrets are compiled when they are first needed: tabctl starts without.
var secrets = sync.OnceValue(func() secretPatterns {
	return secretPatterns{
		inXML:     regexp.MustCompile(`(?s)(\b` + secretName + `\s*=\s*)("[^"]*"?|'[^']*'?)`),
		inElement: regexp.MustCompile(`(?s)(<` + secretName + `(?:\s[^>]*)?>)[^<]+`),
		inJSON:    regexp.MustCompile(`(?s)("` + secretName + `"\s*:\s*)"(?:[^"\\]|\\.)*(?:"|\\?$)`),
		inQuery:   regexp.MustCompile(`((?:^|[&;])` + secretName + `=)[^&;]*`),
		isFlag:    regexp.MustCompile(`["'](?i:true|false)["']$`), // of embedPassword
	}
})

// withoutSecrets replaces the secrets in the first part of a body by "***". A sign-in that cannot be read is left out: where
// its secrets are is not known.
func withoutSecrets(body []byte, signIn bool) []byte {
	if len(body) == 0 {
		return nil
	}
	if signIn {
		parse, write := tsxml.ParseXML, (*tsxml.Element).WriteXML
		if bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n\xef\xbb\xbf"), []byte("{")) {
			parse, write = tsxml.ParseJSON, (*tsxml.Element).WriteJSON
		}
		document, err := parse(bytes.NewReader(body), maxPayload)
		if err != nil {
			return []byte("(a sign-in that cannot be read)")
		}
		var out bytes.Buffer
		if err := write(document, &out); err != nil {
			return []byte("(a sign-in that cannot be shown)")
		}
		body = out.Bytes()
	}
	hide := func(pattern *regexp.Regexp, instead string) {
		body = pattern.ReplaceAllFunc(body, func(found []byte) []byte {
			if secrets().isFlag.Match(found) {
				return found
			}
			return pattern.ReplaceAll(found, []byte(instead))
		})
	}
	hide(secrets().inXML, `${1}"***"`)
	hide(secrets().inElement, `${1}***`)
	hide(secrets().inJSON, `${1}"***"`)
	return body
}

// statusRecorder remembers the status of an answer, and gives up on a caller who reads it too slowly.
type statusRecorder struct {
	http.ResponseWriter
	status     int
	seen       *seenRequest
	limits     limits
	connection *http.ResponseController
}

func (w *statusRecorder) setStatus(status int) {
	if w.status == 0 {
		w.status = status
		w.seen.setStatus(status)
	}
}

// extend gives the caller time to read this many more bytes.
func (w *statusRecorder) extend(bytes int64) {
	if w.connection != nil {
		w.connection.SetWriteDeadline(time.Now().Add(w.limits.patience + time.Duration(bytes/w.limits.rate)*time.Second)) // it fails where there is no connection
	}
}

func (w *statusRecorder) WriteHeader(status int) {
	w.setStatus(status)
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusRecorder) Write(p []byte) (int, error) {
	w.setStatus(http.StatusOK)
	w.extend(int64(len(p)))
	return w.ResponseWriter.Write(p)
}

// ReadFrom keeps the short way from a file to the network, step by step.
func (w *statusRecorder) ReadFrom(r io.Reader) (total int64, err error) {
	w.setStatus(http.StatusOK)
	left, limited := r.(*io.LimitedReader)
	if !limited {
		left = &io.LimitedReader{R: r, N: math.MaxInt64}
	}
	for left.N > 0 {
		step := min(left.N, 256<<10)
		w.extend(step)
		n, err := io.CopyN(w.ResponseWriter, left.R, step)
		total += n
		left.N -= n
		if err == io.EOF {
			break
		}
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusRecorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
