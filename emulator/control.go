package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// maxControl bounds a request of the control plane: 64 MiB, for seeds that hold files.
const maxControl = 64 << 20

// controlError is an error of the control plane, told with a status.
type controlError struct {
	status int
	text   string
}

func (e controlError) Error() string { return e.text }

func refuseControl(status int, format string, args ...any) error {
	return controlError{status, fmt.Sprintf(format, args...)}
}

// newControl is the control plane: what a test wants of the server and Tableau's API does not have.
func (s *Server) newControl() *http.ServeMux {
	mux := http.NewServeMux()
	// A handler returns what is answered as JSON; nil: nothing.
	handle := func(pattern string, handler func(r *http.Request) (any, error)) {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" /_emulator/"+path, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, maxControl)
			answer, err := handler(r)
			if err != nil {
				answerControlError(w, err)
				return
			}
			if answer == nil {
				w.WriteHeader(http.StatusNoContent)
				return
			}
			writeJSON(w, http.StatusOK, answer)
		})
	}
	handle("POST reset", func(r *http.Request) (any, error) { return nil, s.Reset(r.Context()) })
	handle("POST sites", func(r *http.Request) (any, error) { return s.newSite(r.Context()) })
	handle("POST seed", s.controlSeed)

	handle("GET snapshots", func(*http.Request) (any, error) { return s.snapshots.names(), nil })
	handle("PUT snapshots/{name}", s.controlSnapshot)
	handle("POST snapshots/{name}/restore", s.controlRestore)
	handle("DELETE snapshots/{name}", s.controlRemoveSnapshot)

	handle("GET clock", func(*http.Request) (any, error) { return clockDocument{Now: s.Now()}, nil })
	handle("POST clock", s.controlClock)

	handle("GET faults", func(*http.Request) (any, error) { return s.faultDocuments(), nil })
	handle("POST faults", s.controlFault)
	handle("DELETE faults", func(*http.Request) (any, error) { s.ClearFaults(); return nil, nil })
	handle("DELETE faults/{fault}", s.controlRemoveFault)

	handle("GET requests", func(r *http.Request) (any, error) { return s.Requests(r.URL.Query()["site"]...), nil })
	handle("DELETE requests", func(r *http.Request) (any, error) { s.ClearRequests(r.URL.Query()["site"]...); return nil, nil })

	mux.HandleFunc("/_emulator/", func(w http.ResponseWriter, r *http.Request) {
		answerControlError(w, refuseControl(http.StatusNotFound, "nothing answers %s %s", r.Method, r.URL.Path))
	})
	return mux
}

// serveControl answers requests below /_emulator/.
func (s *Server) serveControl(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/_emulator/health" && r.Method == http.MethodGet {
		io.WriteString(w, "ok") // the caller has gone
		return
	}
	if err := s.mayControl(r); err != nil {
		answerControlError(w, err)
		return
	}
	s.control.ServeHTTP(w, r)
}

// mayControl says why a caller may not use the control plane.
func (s *Server) mayControl(r *http.Request) error {
	// Only browsers send Origin: a web page could otherwise reach a server on the machine of who looks at it.
	if r.Header.Get("Origin") != "" {
		return refuseControl(http.StatusForbidden, "the control plane does not answer web pages")
	}
	if s.config.control {
		return nil
	}
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !isLoopback(r.RemoteAddr) || local != nil && !isLoopback(local.String()) || !isLoopback(r.Host) {
		return refuseControl(http.StatusForbidden, "the control plane answers only callers on this machine: "+
			"open it to others with WithControlPlane, or tabctl emulator --control")
	}
	return nil
}

// isLoopback reports whether an address, with or without a port, is one of this machine's own.
func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = strings.Trim(address, "[]")
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		status, data = http.StatusInternalServerError, []byte(`{"error": "the answer cannot be written as JSON"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(append(data, '\n')) // the caller has gone
}

func answerControlError(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	if known, ok := errors.AsType[controlError](err); ok {
		status = known.status
	}
	writeJSON(w, status, map[string]string{"error": err.Error()})
}

// readJSON reads the request's document, which has no members that into lacks.
func readJSON(r *http.Request, into any) error {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return refuseControl(http.StatusBadRequest, "the request cannot be read: %s", err)
	}
	return nil
}

// span is a time span as people write it: "1h30m".
type span time.Duration

func (d span) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (d *span) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = span(parsed)
	return err
}

func (s *Server) controlSeed(r *http.Request) (any, error) {
	document, err := io.ReadAll(r.Body)
	if err == nil {
		err = s.seed(r.Context(), document, nil)
	}
	if err != nil {
		return nil, controlError{http.StatusBadRequest, err.Error()}
	}
	return nil, nil
}

func (s *Server) controlSnapshot(r *http.Request) (any, error) {
	made, err := s.Snapshot(r.Context())
	if err != nil {
		return nil, err
	}
	if before := s.snapshots.set(r.PathValue("name"), made); before != nil {
		return nil, before.Remove()
	}
	return nil, nil
}

func noSnapshot(r *http.Request) error {
	return refuseControl(http.StatusNotFound, "no snapshot is named %q", r.PathValue("name"))
}

func (s *Server) controlRestore(r *http.Request) (any, error) {
	snapshot := s.snapshots.get(r.PathValue("name"))
	if snapshot == nil {
		return nil, noSnapshot(r)
	}
	return nil, s.Restore(r.Context(), snapshot)
}

func (s *Server) controlRemoveSnapshot(r *http.Request) (any, error) {
	snapshot := s.snapshots.set(r.PathValue("name"), nil)
	if snapshot == nil {
		return nil, noSnapshot(r)
	}
	return nil, snapshot.Remove()
}

type clockDocument struct {
	Now time.Time `json:"now"`
}

func (s *Server) controlClock(r *http.Request) (any, error) {
	var wanted struct {
		Advance *span      `json:"advance"`
		Now     *time.Time `json:"now"`
	}
	if err := readJSON(r, &wanted); err != nil {
		return nil, err
	}
	switch {
	case (wanted.Advance == nil) == (wanted.Now == nil):
		return nil, refuseControl(http.StatusBadRequest, `give "advance", such as "1h30m", or "now", such as "2026-01-31T08:00:00Z"`)
	case wanted.Now != nil:
		s.SetNow(*wanted.Now)
	default:
		s.Advance(time.Duration(*wanted.Advance))
	}
	return clockDocument{Now: s.Now()}, nil
}

// faultDocument is a fault as the control plane reads and writes it.
type faultDocument struct {
	ID   string `json:"id,omitempty"`
	Hits int    `json:"hits"`
	Fault
	Delay      span `json:"delay,omitempty"`
	RetryAfter span `json:"retryAfter,omitempty"`
}

func (f *ActiveFault) document() faultDocument {
	return faultDocument{ID: f.id, Hits: f.Hits(), Fault: f.fault, Delay: span(f.fault.Delay), RetryAfter: span(f.fault.RetryAfter)}
}

func (s *Server) faultDocuments() []faultDocument {
	all := []faultDocument{}
	for _, f := range s.faults.active() {
		all = append(all, f.document())
	}
	return all
}

func (s *Server) controlFault(r *http.Request) (any, error) {
	var wanted faultDocument
	if err := readJSON(r, &wanted); err != nil {
		return nil, err
	}
	if wanted.ID != "" || wanted.Hits != 0 {
		return nil, refuseControl(http.StatusBadRequest, "the server gives a fault its id and counts its hits")
	}
	wanted.Fault.Delay, wanted.Fault.RetryAfter = time.Duration(wanted.Delay), time.Duration(wanted.RetryAfter)
	made, err := s.addFault(wanted.Fault)
	if err != nil {
		return nil, controlError{http.StatusBadRequest, err.Error()}
	}
	return made.document(), nil
}

func (s *Server) controlRemoveFault(r *http.Request) (any, error) {
	for _, f := range s.faults.active() {
		if f.id == r.PathValue("fault") {
			f.Remove()
			return nil, nil
		}
	}
	return nil, refuseControl(http.StatusNotFound, "no fault has the id %q", r.PathValue("fault"))
}
