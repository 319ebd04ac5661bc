package emulator

import (
	"crypto/tls"
	"io"
	"log/slog"
	"time"
)

// Option configures a Server.
type Option func(*config)

type config struct {
	dir                    string
	directory              string // file
	adminName, adminSecret string
	tokenName, tokenSecret string
	version                string
	now                    func() time.Time
	logger                 *slog.Logger
	sessionTimeout         time.Duration
	connectedApps          map[string]connectedApp // by client ID
	jobTime                time.Duration
	failures               []string
	mailFrom               string
	mailers                []mailer
	certificate            *tls.Certificate // nil: plain HTTP
	control                bool             // the control plane answers callers on other machines too
	requestsKept           int
	limits                 limits
}

func defaults() config {
	return config{
		adminName:      "admin",
		version:        latestVersion,
		now:            time.Now,
		logger:         slog.New(slog.NewTextHandler(io.Discard, nil)),
		sessionTimeout: 240 * time.Minute,
		connectedApps:  map[string]connectedApp{},
		mailFrom:       "tableau@localhost",
		requestsKept:   1000,
		limits:         defaultLimits,
	}
}

// WithDir keeps everything in a directory, which is created when missing. Without it rows stay in memory, and file
// contents in a temporary directory that Close removes.
func WithDir(dir string) Option { return func(c *config) { c.dir = dir } }

// WithAdmin names the server administrator and sets the password. Without it the name is admin and the password random:
// see [Server.DefaultSite].
func WithAdmin(name, password string) Option {
	return func(c *config) { c.adminName, c.adminSecret = name, password }
}

// WithToken gives the server administrator a personal access token.
func WithToken(name, secret string) Option {
	return func(c *config) { c.tokenName, c.tokenSecret = name, secret }
}

// WithAPIVersion makes the server one of an earlier REST API version, such as "3.19".
func WithAPIVersion(version string) Option { return func(c *config) { c.version = version } }

// WithClock replaces the clock that sets times, ends sessions and starts what schedules run. [Server.Advance] moves it on.
func WithClock(now func() time.Time) Option { return func(c *config) { c.now = now } }

// WithLogger logs requests at debug level and failures at error level. Secrets are never logged.
func WithLogger(logger *slog.Logger) Option { return func(c *config) { c.logger = logger } }

// WithSessionTimeout sets how long a sign-in is good for; 240 minutes without it, as on Tableau Server.
func WithSessionTimeout(d time.Duration) Option { return func(c *config) { c.sessionTimeout = d } }

// WithConnectedApp trusts a connected app (direct trust): JWTs signed with its secret sign their subject in.
func WithConnectedApp(clientID, secretID, secret string) Option {
	return func(c *config) { c.connectedApps[clientID] = connectedApp{secretID: secretID, secret: []byte(secret)} }
}

// WithJobTime sets how long each job takes on the server's clock; without it jobs end as soon as they have started.
func WithJobTime(d time.Duration) Option { return func(c *config) { c.jobTime = d } }

// WithFailure makes jobs fail that a rule of the form kind:name matches, such as "refresh:Sales*". Kinds are publish,
// refresh, extract, encryption, subscription, import and flow; the name is that of the workbook, data source, flow or group,
// or the subject of the subscription; * stands for any text and ? for one character in both. Several rules add up.
func WithFailure(rule string) Option {
	return func(c *config) { c.failures = append(c.failures, rule) }
}

// WithSMTP sends the mails of subscriptions to the SMTP server at addr, host:port, without signing in and without TLS: it is
// meant for a server on this machine that keeps them. from is the sender's address; "" is tableau@localhost.
func WithSMTP(addr, from string) Option {
	return func(c *config) {
		if from != "" {
			c.mailFrom = from
		}
		c.mailers = append(c.mailers, smtpServer(addr).deliver)
	}
}

// WithMailDir puts the mails of subscriptions into a maildir, which is created when missing.
func WithMailDir(dir string) Option {
	return func(c *config) { c.mailers = append(c.mailers, mailDir(dir).deliver) }
}

// WithTLS makes [Server.Listen] speak HTTPS with this certificate.
func WithTLS(certificate tls.Certificate) Option {
	return func(c *config) { c.certificate = &certificate }
}

// WithControlPlane opens the control plane under /_emulator/ to everybody who can reach the server. Without it only callers
// on this machine are answered there. It can delete and change everything, without a sign-in.
func WithControlPlane() Option { return func(c *config) { c.control = true } }

// WithRequestsKept sets how many requests [Server.Requests] remembers; 1,000 without it, none with 0.
func WithRequestsKept(n int) Option { return func(c *config) { c.requestsKept = n } }
