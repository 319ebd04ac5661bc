package tableau

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"time"
)

// retryClass says when a failed call may be sent again. It belongs to the
// operation, not to the HTTP method: appending a block to an upload is a PUT,
// and doing it twice corrupts the file.
type retryClass int

const (
	retryNever  retryClass = iota
	retryUnsent            // only what the server provably has not acted on
	retrySafe              // doing it twice is the same as doing it once
)

// allows reports whether a call of this class may be sent again after err.
func (class retryClass) allows(err error) bool {
	if _, final := errors.AsType[*finalError](err); final {
		return false
	}
	if errors.Is(err, ErrConnection) {
		operation, ok := errors.AsType[*net.OpError](err)
		return class == retrySafe || class == retryUnsent && ok && operation.Op == "dial"
	}
	if e, ok := errors.AsType[*Error](err); ok {
		switch e.StatusCode {
		case http.StatusTooManyRequests:
			return class >= retryUnsent
		case http.StatusServiceUnavailable:
			return class == retrySafe || class == retryUnsent && e.RetryAfter > 0
		case http.StatusRequestTimeout, http.StatusBadGateway, http.StatusGatewayTimeout:
			return class == retrySafe
		}
	}
	return false
}

// finalError is a failure that repeating the request does not mend.
type finalError struct{ error }

func (e *finalError) Unwrap() error { return e.error }

// RetryOptions say how failed requests are repeated. What is zero is as it is
// without [WithRetry].
type RetryOptions struct {
	// Attempts is how often a request is sent at most: 4 times by default.
	Attempts int
	// PerMinute is how many requests the client repeats in a minute, all calls
	// together: 60 by default. When many calls fail, those beyond it fail at
	// once, so that a server in trouble is not asked even more.
	PerMinute int
	// LongestPause bounds the pause before a repetition, which grows from half a
	// second and is chosen at random below that: 20 seconds by default. When the
	// server asks for a longer one with Retry-After, it gets that, up to two
	// minutes or LongestPause, whichever is longer; beyond it the call fails.
	LongestPause time.Duration
	// OnRepeat is called before each pause, from the goroutine of the call.
	OnRepeat func(context.Context, Repetition)
}

// Repetition says that a request has failed and is going to be sent again.
type Repetition struct {
	Method  string
	URL     string        // without query
	Attempt int           // that has failed, from 1
	Err     error         // how it has failed
	Pause   time.Duration // before the next attempt
}

var defaultRetry = RetryOptions{Attempts: 4, PerMinute: 60, LongestPause: 20 * time.Second}

const (
	firstPause = 500 * time.Millisecond
	// longestAsked is the longest wait that a server may ask for. Tableau Cloud
	// asks for up to an hour when a quota is used up: that is for the caller to
	// decide on.
	longestAsked = 2 * time.Minute
)

// beforeRepeating returns nil when the request is to be sent again, now that the
// pause has passed, and else the error to return: the failure, when it is for
// the caller to decide on.
func (c *Client) beforeRepeating(ctx context.Context, r request, session *Session, attempt int, failure error) error {
	if attempt >= c.retry.Attempts || ctx.Err() != nil || !r.class.allows(failure) {
		return failure
	}
	wait := rand.N(min(firstPause<<min(attempt-1, 16), c.retry.LongestPause)) + time.Millisecond
	if e, ok := errors.AsType[*Error](failure); ok && e.RetryAfter > 0 {
		wait = e.RetryAfter
		if wait > max(longestAsked, c.retry.LongestPause) {
			return failure
		}
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
		return fmt.Errorf("%w (no time left to try again)", failure)
	}
	if !c.budget.take() {
		return fmt.Errorf("%w (not tried again: more than %d requests have been, in a minute)", failure, c.retry.PerMinute)
	}
	repetition := Repetition{Method: r.method, URL: c.address(r.asking(nil), session).String(), Attempt: attempt, Err: failure, Pause: wait}
	c.logger.WarnContext(ctx, "tableau request is repeated", "method", repetition.Method, "url", repetition.URL,
		"attempt", attempt, "error", failure, "pause", wait)
	if c.retry.OnRepeat != nil {
		c.retry.OnRepeat(ctx, repetition)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w; last failure: %w", context.Cause(ctx), failure)
	}
}
