package tableau_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/tabctl/tableau-go/tableau"
)

const (
	siteID = "dad65087-b08b-4603-af4e-2887b8aafc67"
	userID = "ee8c6e70-43b6-11e6-af4f-f7b0d8e20760"
	ns     = `xmlns="http://tableau.com/api"`
)

var signedIn = tableau.Session{Token: "t0p-s3cret-token", SiteID: siteID, UserID: userID}

// fakeServer answers with a handler and remembers what it was asked.
type fakeServer struct {
	*httptest.Server
	mu   sync.Mutex
	seen []seenRequest
}

type seenRequest struct {
	Method, Path, Query, Token string
	Body                       []byte
}

func serve(t *testing.T, handler http.HandlerFunc) *fakeServer {
	t.Helper()
	s := &fakeServer{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.seen = append(s.seen, seenRequest{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Get("X-Tableau-Auth"), body})
		s.mu.Unlock()
		r.Body = io.NopCloser(&reader{body})
		handler(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

type reader struct{ rest []byte }

func (r *reader) Read(b []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(b, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (s *fakeServer) requests() []seenRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]seenRequest(nil), s.seen...)
}

// client returns a client of the fake server that is signed in already.
func (s *fakeServer) client(t *testing.T, options ...tableau.Option) *tableau.Client {
	t.Helper()
	c, err := tableau.New(s.URL, append([]tableau.Option{
		tableau.WithSession(signedIn), tableau.WithAPIVersion("3.27"),
	}, options...)...)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return c
}

// answer writes XML.
func answer(w http.ResponseWriter, status int, xml string) {
	w.Header().Set("Content-Type", "application/xml;charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><tsResponse %s>%s</tsResponse>`, ns, xml)
}

func fault(w http.ResponseWriter, status int, code string) {
	answer(w, status, fmt.Sprintf(`<error code="%s"><summary>A summary</summary><detail>A detail.</detail></error>`, code))
}

func asset(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "shared", "assets", name))
	if err != nil {
		t.Skipf("the recorded answers are not here: %v", err)
	}
	return data
}

// serveInMemory returns an HTTP client whose requests a handler answers without
// a network, so that time can be faked.
func serveInMemory(t *testing.T, handler http.Handler) *http.Client {
	t.Helper()
	return &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.Body == nil {
			r.Body = http.NoBody
		}
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, r)
		resp := recorder.Result()
		resp.Request = r
		return resp, nil
	})}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
