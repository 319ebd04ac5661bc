package wiretest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tabctl/tableau-go/tableau"
)

// The session of the recorded calls.
const (
	recordedSite  = "dad65087-b08b-4603-af4e-2887b8aafc67"
	recordedUser  = "ee8c6e70-43b6-11e6-af4f-f7b0d8e20760"
	recordedToken = "j80k54ll2lfMZ0tv97mlPvvSCRyD0DOM"
)

// A call is one case on its way through our client.
type call struct {
	t       *testing.T
	c       *wireCase
	args    arguments
	server  *cannedServer
	client  *tableau.Client
	version string // what an unpinned client learnt
	// previous is what the call before gave, of several.
	previous any
}

// An adapter makes our call from the inputs of a Python call. It returns what
// the call gave, or one of the two refusals below.
type adapter func(ctx context.Context, c *call) (any, error)

// adapters holds one adapter for each Python method, "workbooks.get".
var adapters = map[string]adapter{}

// register adds adapters; a name stands once.
func register(list map[string]adapter) struct{} {
	for name, a := range list {
		if _, twice := adapters[name]; twice {
			panic("two adapters for " + name)
		}
		adapters[name] = a
	}
	return struct{}{}
}

// noCounterpart is why a Python call cannot be said in our client.
type noCounterpart string

// Error says why.
func (e noCounterpart) Error() string { return "no counterpart: " + string(e) }

// notBuilt is a method that our client will have.
type notBuilt string

// Error names the method.
func (e notBuilt) Error() string { return "method not built yet: " + string(e) }

// newClient makes a client for the case's server, version and HTTP options.
func (c *call) newClient(options ...tableau.Option) error {
	address := c.server.URL
	if given, ok := c.c.Server["address"].(string); ok {
		address = strings.NewReplacer("{server}", c.server.URL, "{hostport}", strings.TrimPrefix(c.server.URL, "http://")).Replace(given)
	}
	options = append(options, tableau.WithHTTPClient(c.httpClient()), tableau.WithoutRetry(), tableau.WithPrefetch(0))
	client, err := tableau.New(address, options...)
	c.client = client
	return err
}

// pinned is the option for the case's API version, if it has one.
func (c *call) pinned() []tableau.Option {
	if c.c.APIVersion == "" {
		return nil
	}
	return []tableau.Option{tableau.WithAPIVersion(c.c.APIVersion)}
}

// start makes the client that the case begins with: signed in or not.
func (c *call) start() error { return c.newClient(append(c.pinned(), c.session()...)...) }

// session is the option for a client that is signed in, if the case's is.
func (c *call) session() []tableau.Option {
	if !c.c.signedIn() {
		return nil
	}
	return []tableau.Option{tableau.WithSession(tableau.Session{
		Token: recordedToken, SiteID: recordedSite, UserID: recordedUser, SiteContentURL: "Samples", SignedInAt: time.Now(),
	})}
}

var factoryHeader = regexp.MustCompile(`header ([\w-]+): (\S+)`)

// httpClient turns Python's http_options and session_factory into a transport.
func (c *call) httpClient() *http.Client {
	headers := map[string]string{}
	// A transport that is shared loses its connections when any test's server closes.
	client := &http.Client{Transport: withHeaders{headers, c.server.Client().Transport}}
	httpOptions, _ := c.c.Server["http_options"].(map[string]any)
	for name, value := range arguments(httpOptions).item("headers") {
		headers[name] = plainText(value)
	}
	if seconds, ok := arguments(httpOptions).number("timeout"); ok {
		client.Timeout = time.Duration(seconds) * time.Second
	}
	factory, _ := c.c.Server["session_factory"].(string)
	if m := factoryHeader.FindStringSubmatch(factory); m != nil {
		headers[m[1]] = m[2]
	}
	return client
}

// withHeaders is a transport that adds headers to each request.
type withHeaders struct {
	headers   map[string]string
	transport http.RoundTripper
}

// RoundTrip sends the request with the headers.
func (w withHeaders) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for name, value := range w.headers {
		r.Header.Set(name, value)
	}
	return w.transport.RoundTrip(r)
}

// fileHash is the SHA-256 of the file that a case uploads, "" when it has none.
func (c *wireCase) fileHash() string {
	for name := range c.Args {
		f, err := arguments(c.Args).file(c, name)
		if err != nil || f.Missing {
			continue
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, f.open()); err == nil {
			return fmt.Sprintf("%x", sum.Sum(nil))
		}
	}
	return ""
}
