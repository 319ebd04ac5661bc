package emulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

// Fault is something that goes wrong with requests of the REST API: which requests it strikes, and what happens to them.
// The zero value of what it says about requests means any.
type Fault struct {
	Method string `json:"method,omitempty"`
	Route  string `json:"route,omitempty"` // Tableau's name of the method, as in Routes: "Publish Workbook"
	Path   string `json:"path,omitempty"`  // below /api/{version}: "/sites/*/workbooks/*"; * or {name} is any one part, ** at the end any rest
	Site   string `json:"site,omitempty"`  // ID or content URL of the site that a request is about

	After  int     `json:"after,omitempty"`  // so many matching requests pass first: 2 strikes the third
	Times  int     `json:"times,omitempty"`  // so many are struck; 0: all, until it is removed
	Chance float64 `json:"chance,omitempty"` // from 0 to 1: how likely a matching request is struck; 0: always
	Seed   uint64  `json:"seed,omitempty"`   // of Chance: the same seed strikes the same requests

	Delay          time.Duration `json:"-"`                        // before anything else; with SlowAnswer it is how long the answer takes
	Status         int           `json:"status,omitempty"`         // answer with this status, 400 to 599, and do nothing
	RetryAfter     time.Duration `json:"-"`                        // with Status: what Retry-After says, in seconds
	RetryAfterDate bool          `json:"retryAfterDate,omitempty"` // with RetryAfter: say it as a date
	Answer         Answer        `json:"answer,omitempty"`         // with Status: what is answered
	Effect         Effect        `json:"effect,omitempty"`         // instead of Status
}

// Effect is what a fault does to a request, other than to delay or refuse it.
type Effect string

// The effects of faults.
const (
	DropConnection Effect = "drop-connection" // the connection is closed before anything is done
	LoseAnswer     Effect = "lose-answer"     // the request is carried out, and the connection closed without an answer
	CutAnswer      Effect = "cut-answer"      // the request is carried out, and the connection closed in the middle of the answer
	ShortLength    Effect = "short-length"    // the request is carried out, and Content-Length is half of what it should be, so that half an answer looks whole
	EndSession     Effect = "end-session"     // the caller's session has ended: 401002
	SlowAnswer     Effect = "slow-answer"     // the answer comes piece by piece, and takes as long as Delay says
)

var effects = []Effect{DropConnection, LoseAnswer, CutAnswer, ShortLength, EndSession, SlowAnswer}

// Answer is what a fault with a Status answers.
type Answer string

// The answers of faults. Without one of them it is an error document like those of the API, in XML or JSON.
const (
	HTMLAnswer  Answer = "html"  // a page, as a proxy in between would send it
	EmptyAnswer Answer = "empty" // no body
)

// check returns what is wrong with a fault.
func (f *Fault) check() error {
	if f.Route != "" && !slices.ContainsFunc(Routes(), func(rt Route) bool { return rt.Name == f.Route }) {
		return fmt.Errorf("no route is named %q: use a name that Routes lists", f.Route)
	}
	if f.Path != "" && !strings.HasPrefix(f.Path, "/") {
		return fmt.Errorf("the path %q does not begin with /: it is what follows /api/{version}", f.Path)
	}
	if f.Effect != "" && !slices.Contains(effects, f.Effect) {
		return fmt.Errorf("the effect %q is none of %q", f.Effect, effects)
	}
	if f.Answer != "" && f.Answer != HTMLAnswer && f.Answer != EmptyAnswer {
		return fmt.Errorf("the answer %q is neither %q nor %q", f.Answer, HTMLAnswer, EmptyAnswer)
	}
	switch {
	case f.Status != 0 && (f.Status < 400 || f.Status > 599):
		return fmt.Errorf("the status %d is not from 400 to 599", f.Status)
	case f.Status != 0 && f.Effect != "":
		return errors.New("a fault has a status or an effect, not both")
	case f.Status == 0 && (f.Answer != "" || f.RetryAfter != 0 || f.RetryAfterDate):
		return errors.New("only a fault with a status has an answer or a Retry-After")
	case f.Status == 0 && f.Effect == "" && f.Delay == 0:
		return errors.New("the fault does nothing: give it a status, an effect or a delay")
	case f.Effect == SlowAnswer && f.Delay == 0:
		return errors.New("a slow answer needs a delay: how long it takes")
	case f.After < 0 || f.Times < 0 || f.Delay < 0 || f.RetryAfter < 0:
		return errors.New("a number or a time of the fault is below 0")
	case f.Chance < 0 || f.Chance > 1:
		return fmt.Errorf("the chance %v is not from 0 to 1", f.Chance)
	}
	return nil
}

// Fault makes something go wrong from now on. Of several faults that match a request the first one that was added strikes.
// It panics when the fault makes no sense.
func (s *Server) Fault(f Fault) *ActiveFault {
	active, err := s.addFault(f)
	if err != nil {
		panic("emulator: " + err.Error())
	}
	return active
}

func (s *Server) addFault(f Fault) (*ActiveFault, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	active := &ActiveFault{id: newID(), fault: f, random: rand.New(rand.NewPCG(f.Seed, 0)), server: s}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.set(append(slices.Clone(s.faults.list), active))
	return active, nil
}

// ClearFaults removes all faults.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.set(nil)
}

// ActiveFault is a fault at work.
type ActiveFault struct {
	id     string
	fault  Fault
	server *Server

	// These are guarded by the server's faults.
	random  *rand.Rand
	matched int
	hits    int
}

// Remove ends the fault. Removing it again does nothing.
func (f *ActiveFault) Remove() {
	faults := &f.server.faults
	faults.mu.Lock()
	defer faults.mu.Unlock()
	faults.set(slices.DeleteFunc(slices.Clone(faults.list), func(one *ActiveFault) bool { return one == f }))
}

// Hits returns how many requests the fault has struck.
func (f *ActiveFault) Hits() int {
	f.server.faults.mu.Lock()
	defer f.server.faults.mu.Unlock()
	return f.hits
}

// faults are those at work.
type faults struct {
	any  atomic.Bool // spares requests the lock while there are none
	mu   sync.Mutex
	list []*ActiveFault
}

func (f *faults) set(list []*ActiveFault) {
	f.list = list
	f.any.Store(len(list) > 0)
}

// active returns the list, which is replaced and never changed.
func (f *faults) active() []*ActiveFault {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.list
}

// strike returns the fault that strikes a request, or nil.
func (f *faults) strike(s *Server, r *http.Request) *ActiveFault {
	if !f.any.Load() {
		return nil
	}
	var site store.Site
	known := false
	for _, one := range f.active() {
		if !one.fault.matches(s, r) {
			continue
		}
		if one.fault.Site != "" {
			if !known {
				site, known = s.siteOf(r), true
			}
			if site.ID == "" || !strings.EqualFold(one.fault.Site, site.ID) && !strings.EqualFold(one.fault.Site, site.ContentURL) {
				continue
			}
		}
		if f.draw(one) {
			return one
		}
	}
	return nil
}

// draw reports whether a fault strikes this time.
func (f *faults) draw(one *ActiveFault) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	one.matched++
	if one.matched <= one.fault.After || one.fault.Times > 0 && one.hits >= one.fault.Times || !slices.Contains(f.list, one) {
		return false
	}
	if one.fault.Chance > 0 && one.random.Float64() >= one.fault.Chance {
		return false
	}
	one.hits++
	return true
}

// matches compares everything but the site.
func (f *Fault) matches(s *Server, r *http.Request) bool {
	if f.Method != "" && !strings.EqualFold(f.Method, r.Method) {
		return false
	}
	if f.Path != "" && !matchesPath(f.Path, belowVersion(r.URL.Path)) {
		return false
	}
	if f.Route == "" {
		return true
	}
	_, pattern := s.mux.Handler(r)
	return slices.ContainsFunc(routes(), func(rt route) bool {
		return rt.Name == f.Route && (pattern == rt.Method+" /api/{version}"+rt.Path || pattern == rt.Method+" /api/{version}"+spellings[rt.Path])
	})
}

// belowVersion is what follows /api/{version} in a path.
func belowVersion(path string) string {
	version, ok := pathVersion(path)
	if !ok {
		return path
	}
	return strings.TrimRight(strings.TrimPrefix(path, "/api/"+version), "/")
}

// matchesPath compares a path with a pattern part by part.
func matchesPath(pattern, path string) bool {
	parts, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	for i, part := range parts {
		if part == "**" && i == len(parts)-1 {
			return len(got) >= i
		}
		if i >= len(got) || part != "*" && !strings.HasPrefix(part, "{") && !strings.EqualFold(part, got[i]) {
			return false
		}
	}
	return len(parts) == len(got)
}

// siteOf returns the site that a request is about: the one of its path, of its session, or the one it signs in to.
func (s *Server) siteOf(r *http.Request) (site store.Site) {
	contentURL, named := "", false
	if isSignIn(r.URL.Path) {
		contentURL, named = signInSite(r)
	}
	id := ""
	if rest, ok := strings.CutPrefix(belowVersion(r.URL.Path), "/sites/"); ok {
		id, _, _ = strings.Cut(rest, "/")
	}
	s.store.Read(r.Context(), func(tx *store.Tx) (err error) { // no site when it fails
		switch token := r.Header.Get("X-Tableau-Auth"); {
		case named:
			site, err = tx.SiteByContentURL(contentURL)
		case id != "":
			site, err = tx.SiteByID(strings.ToLower(id))
		case token != "":
			var session store.Session
			session, err = tx.Session(hashSecret(token), s.config.now())
			site = session.Site
		}
		return err
	})
	return site
}

// signInSite reads the content URL of a sign-in, and gives the request its body back.
func signInSite(r *http.Request) (contentURL string, ok bool) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxPayload))
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), r.Body), r.Body}
	if err != nil {
		return "", false
	}
	document, err := parseDocument(bytes.NewReader(body), r.Header.Get("Content-Type"))
	if err != nil {
		return "", false
	}
	return document.Child("credentials").Child("site").Lookup("contentUrl")
}

// serveFault answers a request as the fault that strikes it says.
func (s *Server) serveFault(struck *ActiveFault, w *statusRecorder, r *http.Request) {
	f := struck.fault
	w.seen.change(func(seen *seenRequest) { seen.request.Fault = struck.id })
	if f.Effect != SlowAnswer && !pause(r.Context(), f.Delay) {
		return // the caller has gone
	}
	switch f.Effect {
	case "":
		if f.Status == 0 {
			s.serveAPI(w, r)
			return
		}
		s.refuseByFault(f, w, r)
	case DropConnection:
		panic(http.ErrAbortHandler)
	case EndSession:
		err := s.store.Write(r.Context(), func(tx *store.Tx) error {
			session, err := tx.Session(hashSecret(r.Header.Get("X-Tableau-Auth")), s.config.now())
			if err != nil {
				return err
			}
			return tx.EndSession(session.Seq)
		})
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			s.refuse(w, r, err)
			return
		}
		s.serveAPI(w, r)
	default:
		s.spoil(f, w, r)
	}
}

// pause waits, and reports whether the caller is still there.
func pause(ctx context.Context, d time.Duration) bool {
	if d == 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *Server) refuseByFault(f Fault, w http.ResponseWriter, r *http.Request) {
	drain(r)
	if f.RetryAfter > 0 {
		seconds := int64((f.RetryAfter + time.Second - 1) / time.Second)
		w.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
		if f.RetryAfterDate {
			w.Header().Set("Retry-After", time.Now().Add(time.Duration(seconds)*time.Second).UTC().Format(http.TimeFormat)) // the caller's clock is the real one
		}
	}
	text := http.StatusText(f.Status)
	switch f.Answer {
	case EmptyAnswer:
		w.Header().Set("Content-Length", "0")
		w.WriteHeader(f.Status)
	case HTMLAnswer:
		w.Header().Set("Content-Type", "text/html;charset=UTF-8")
		w.WriteHeader(f.Status)
		fmt.Fprintf(w, "<!DOCTYPE html>\n<html><head><title>%d %s</title></head><body><h1>%[2]s</h1></body></html>\n", f.Status, text) // the caller may have gone
	default:
		e := tsxml.New("error", "code", fmt.Sprintf("%d000", f.Status)).Add(
			&tsxml.Element{Name: "summary", Text: text}, &tsxml.Element{Name: "detail", Text: "A fault that was asked for."})
		writeDocument(w, r, f.Status, tsxml.New("tsResponse").Add(e))
	}
}

// spoil carries a request out and spoils its answer.
func (s *Server) spoil(f Fault, w *statusRecorder, r *http.Request) {
	held := &heldAnswer{header: w.Header()}
	s.serveAPI(&statusRecorder{ResponseWriter: held, seen: w.seen}, r)
	if f.Effect == LoseAnswer {
		panic(http.ErrAbortHandler)
	}
	if held.status == 0 {
		held.status = http.StatusOK
	}
	body := held.body.Bytes()
	half := body[:len(body)/2]
	switch f.Effect {
	case CutAnswer:
		w.Header().Set("Content-Length", strconv.Itoa(max(len(body), 1)))
		if held.status == http.StatusNoContent || len(body) == 0 {
			panic(http.ErrAbortHandler) // there is nothing to cut
		}
		w.WriteHeader(held.status)
		w.Write(half)
		w.connection.Flush()
		panic(http.ErrAbortHandler)
	case ShortLength:
		if len(body) > 0 {
			w.Header().Set("Content-Length", strconv.Itoa(len(half)))
			w.Header().Set("Connection", "close")
		}
		w.WriteHeader(held.status)
		w.Write(half)
	case SlowAnswer:
		const pieces = 10
		if len(body) > 0 {
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		}
		w.WriteHeader(held.status)
		for i := range pieces {
			if !pause(r.Context(), f.Delay/pieces) {
				return
			}
			w.Write(body[len(body)*i/pieces : len(body)*(i+1)/pieces])
			w.connection.Flush()
		}
	}
}

// heldAnswer keeps an answer back.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (h *heldAnswer) Header() http.Header { return h.header }

func (h *heldAnswer) WriteHeader(status int) {
	if h.status == 0 {
		h.status = status
	}
}

func (h *heldAnswer) Write(p []byte) (int, error) { return h.body.Write(p) }
