package tableau

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"syscall"
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
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
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
		return false
	}
	var operation *net.OpError
	if errors.As(err, &operation) && operation.Op == "dial" {
		return class >= retryUnsent
	}
	return class == retrySafe && isTransport(err)
}

// isTransport reports whether err came from the connection, not from the
// caller's side.
func isTransport(err error) bool {
	if errors.Is(err, ErrInvalidArgument) || errors.Is(err, ErrUnsupportedVersion) || errors.Is(err, ErrSessionReplaced) {
		return false
	}
	_, network := errors.AsType[net.Error](err)
	return network || isBrokenConnection(err)
}

const (
	firstPause   = 500 * time.Millisecond
	longestPause = 20 * time.Second
	// longestAsked is the longest wait that a server may ask for. Tableau Cloud
	// asks for up to an hour when a quota is used up: that is for the caller to
	// decide on.
	longestAsked = 2 * time.Minute
)

// pause waits before the next attempt: as long as the server asks, else an
// exponentially growing time with full jitter. When the context ends sooner it
// returns at once, with the failure that would have been retried.
func pause(ctx context.Context, attempt int, failure error) error {
	wait := time.Duration(rand.Int64N(int64(min(firstPause<<(attempt-1), longestPause)))) + time.Millisecond
	if e, ok := errors.AsType[*Error](failure); ok && e.RetryAfter > 0 {
		wait = e.RetryAfter
		if wait > longestAsked {
			return failure
		}
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
		return fmt.Errorf("%w (no time left to try again)", failure)
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

// isBrokenConnection reports whether the connection ended before the answer did.
func isBrokenConnection(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
