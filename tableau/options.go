package tableau

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
)

// Option changes how [New] makes a client.
type Option func(*Client) error

// WithSite chooses the site by its ContentURL, the part of a browser address
// after /#/site/. "" is the site named Default.
func WithSite(contentURL string) Option {
	return func(c *Client) error {
		c.site = contentURL
		return nil
	}
}

// WithCredentials says who signs in.
func WithCredentials(credentials Credentials) Option {
	return func(c *Client) error {
		if credentials == nil {
			return invalid("credentials are nil: give a Password, PersonalAccessToken, JWT or ConnectedApp")
		}
		if err := credentials.check(); err != nil {
			return err
		}
		c.credentials = credentials
		return nil
	}
}

// WithSession takes up a session that another client exported with
// [Client.Session]. Without [WithCredentials] the client cannot sign in again
// when that session dies.
func WithSession(session Session) Option {
	return func(c *Client) error {
		if session.Token == "" || session.SiteID == "" {
			return invalid("the session has no token or no site ID: export it with Client.Session after signing in")
		}
		c.session = &session
		c.site = session.SiteContentURL
		return nil
	}
}

// ShareSession gets a session for a client that has none, or whose session the
// server has refused: dead, which is zero when there was none. It returns a
// session that another client has made meanwhile, or the one that signIn makes.
// It is the place to hold a lock, so that of several processes one signs in.
type ShareSession func(ctx context.Context, dead Session, signIn func(context.Context) (Session, error)) (Session, error)

// WithSharedSession lets several clients, also those of other processes, use
// one session: a personal access token has only one at a time, and a second
// sign-in ends the first.
func WithSharedSession(share ShareSession) Option {
	return func(c *Client) error {
		if share == nil {
			return invalid("the function that shares sessions is nil")
		}
		c.share = share
		return nil
	}
}

// WithAPIVersion pins the REST API version, such as "3.24". The default is
// the server's own, asked for once.
func WithAPIVersion(version string) Option {
	return func(c *Client) error {
		v, err := ParseVersion(version)
		if err != nil {
			return err
		}
		c.version = v
		return nil
	}
}

// WithHTTPClient sends requests through a copy of the given client: its
// transport (proxies, certificates, tracing) and timeout are kept, while
// redirects are decided here, so that a token never reaches another host.
func WithHTTPClient(client *http.Client) Option {
	return func(c *Client) error {
		if client == nil {
			return invalid("the HTTP client is nil")
		}
		c.http = new(*client)
		return nil
	}
}

// WithUserAgent puts a program's name and version before the library's own in
// the User-Agent header.
func WithUserAgent(name string) Option {
	return func(c *Client) error {
		c.userAgent = name + " tableau-go"
		return nil
	}
}

// WithPrefetch sets how many pages a List may fetch ahead: 3 by default; 0
// fetches a page only when it is needed.
func WithPrefetch(pages int) Option {
	return func(c *Client) error {
		if pages < 0 || pages > 32 {
			return invalid(fmt.Sprintf("a prefetch of %d pages is outside 0 to 32", pages))
		}
		c.prefetch = pages
		return nil
	}
}

// WithoutRetry turns off the repetition of failed requests. Signing in again
// after a session has died stays on.
func WithoutRetry() Option {
	return func(c *Client) error {
		c.attempts = 1
		return nil
	}
}

// WithLogger logs each request at debug level: method, URL without query,
// status and duration; never a header or a body.
func WithLogger(logger *slog.Logger) Option {
	return func(c *Client) error {
		c.logger = logger
		return nil
	}
}
