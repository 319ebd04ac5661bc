package emulator

import (
	"io"
	"net/http"
	"time"
)

const (
	maxHeader     = 64 << 10 // bytes of a request's line and headers
	sessionsOfAll = 100_000  // the latest sessions of all users stay
)

// limits are how slow a caller may be, and how much a user may have. They bound no transfer as a whole: a long upload only
// has to go on.
type limits struct {
	patience time.Duration // how long nothing may come or go
	rate     int64         // bytes per second that a caller must reach on average, after patience
	sessions int           // of one user: the latest stay
	uploads  int           // that one user may have open
}

var defaultLimits = limits{patience: time.Minute, rate: 1 << 10, sessions: 1000, uploads: 1000}

// budget is how long the next step of a transfer may take, of which so much has moved while this long was waited.
func (l limits) budget(moved int64, waited time.Duration) time.Duration {
	return min(l.patience, l.patience+time.Duration(moved/l.rate)*time.Second-waited)
}

// requestBody reads a request's body, gives up on a caller who sends too slowly, and notes what came.
type requestBody struct {
	io.ReadCloser
	limits     limits
	connection *http.ResponseController
	seen       *seenRequest
	read       int64
	waited     time.Duration
	failed     error // of an earlier read: the caller gets no second chance
}

func (b *requestBody) Read(p []byte) (int, error) {
	if b.failed != nil {
		return 0, b.failed
	}
	started := time.Now()
	b.connection.SetReadDeadline(started.Add(b.limits.budget(b.read, b.waited))) // it fails where there is no connection
	n, err := b.ReadCloser.Read(p)
	b.waited += time.Since(started)
	b.read += int64(n)
	b.seen.note(p[:n])
	switch {
	case err == io.EOF:
		b.connection.SetReadDeadline(time.Time{}) // the connection is watched from here on, as long as the answer takes
	case err != nil:
		b.failed = err
	}
	return n, err
}
