package tableau

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math"
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

// WithPrefetch sets how many pages a List may fetch ahead: 8 by default; 0
// fetches a page only when it is needed.
func WithPrefetch(pages int) Option {
	return func(c *Client) error {
		if pages < 0 || pages > maxParallel {
			return invalid(fmt.Sprintf("a prefetch of %d pages is outside 0 to %d", pages, maxParallel))
		}
		c.prefetch = pages
		return nil
	}
}

// WithBlockSize sets how many bytes of a large file go in one request, 64 MiB at
// most. The default is 8 MiB, and 32 MiB where blocks go one after the other from
// a file that is read in place. Blocks become larger by themselves when the file
// would need more than the server takes, commonly 1,000.
func WithBlockSize(bytes int) Option {
	return func(c *Client) error {
		if bytes < 1 || bytes > maxSingle {
			return invalid(fmt.Sprintf("blocks of %d bytes: they hold 1 byte to 64 MiB", bytes))
		}
		c.blockSize = int64(bytes)
		return nil
	}
}

// WithParallelBlocks sets how many blocks of a file are sent at a time to
// servers that number them: 8 by default; 1 sends one after the other. Of a file
// that cannot be read in place no more go than 24 MiB hold.
func WithParallelBlocks(n int) Option {
	return func(c *Client) error {
		if n < 1 || n > maxParallel {
			return invalid(fmt.Sprintf("%d blocks at a time is outside 1 to %d", n, maxParallel))
		}
		c.parallel = n
		return nil
	}
}

// WithNumberedBlocks numbers the blocks of a file, and so sends several at a
// time, even when the server does not say that it knows numbers. One that does
// not know them would mix up the file.
func WithNumberedBlocks() Option {
	return func(c *Client) error {
		c.numbered = true
		return nil
	}
}

// WithRetry says how failed requests are repeated.
func WithRetry(o RetryOptions) Option {
	return func(c *Client) error {
		if o.Attempts < 0 || o.PerMinute < 0 || o.LongestPause < 0 {
			return invalid(fmt.Sprintf("%d attempts, %d repetitions a minute, pauses of %v: none can be negative", o.Attempts, o.PerMinute, o.LongestPause))
		}
		c.retry = RetryOptions{
			Attempts:     cmp.Or(o.Attempts, defaultRetry.Attempts),
			PerMinute:    cmp.Or(o.PerMinute, defaultRetry.PerMinute),
			LongestPause: cmp.Or(o.LongestPause, defaultRetry.LongestPause),
			OnRepeat:     o.OnRepeat,
		}
		return nil
	}
}

// WithoutRetry turns off the repetition of failed requests. Signing in again
// after a session has died stays on.
func WithoutRetry() Option { return WithRetry(RetryOptions{Attempts: 1}) }

// WithRateLimit sends at most so many requests a second, repetitions included,
// and so many at once after a silence. Calls wait for their turn, first come
// first served, as long as their contexts let them. By default there is no limit.
func WithRateLimit(perSecond float64, burst int) Option {
	return func(c *Client) error {
		if !(perSecond > 0) || math.IsInf(perSecond, 0) || burst < 1 {
			return invalid(fmt.Sprintf("a limit of %v requests a second and %d at once: both must be positive", perSecond, burst))
		}
		c.rate = newBucket(perSecond, burst)
		return nil
	}
}

// WithLogger logs each request at debug level: method, URL without query,
// status and duration; and at warning level that one is going to be repeated:
// why, and after what pause. It never logs a header or a body.
func WithLogger(logger *slog.Logger) Option {
	return func(c *Client) error {
		c.logger = logger
		return nil
	}
}
