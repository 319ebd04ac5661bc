package tableau

import (
	"context"
	"sync"
	"time"
)

// bucket is a token bucket: it holds a number of tokens, and what is taken comes
// back at a steady rate.
type bucket struct {
	perSecond float64
	size      float64

	mu     sync.Mutex
	tokens float64 // below zero when some wait for theirs
	at     time.Time
}

// longestWait is beyond any context's patience and within what a Duration holds.
const longestWait = 100 * 365 * 24 * time.Hour

func newBucket(perSecond float64, size int) *bucket {
	return &bucket{perSecond: perSecond, size: float64(size), tokens: float64(size), at: time.Now()}
}

// fill adds the tokens that have come back. The caller holds the lock.
func (b *bucket) fill() {
	now := time.Now()
	b.tokens = min(b.size, b.tokens+now.Sub(b.at).Seconds()*b.perSecond)
	b.at = now
}

// take takes a token if there is one.
func (b *bucket) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fill()
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// wait takes a token, waiting until there is one or the context ends. A nil
// bucket has tokens without end.
func (b *bucket) wait(ctx context.Context) error {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	b.fill()
	b.tokens--
	short := time.Duration(min(-b.tokens/b.perSecond, longestWait.Seconds()) * float64(time.Second))
	b.mu.Unlock()
	if short <= 0 {
		return nil
	}
	timer := time.NewTimer(short)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		b.mu.Lock()
		defer b.mu.Unlock()
		b.tokens++ // for those who come after
		return context.Cause(ctx)
	}
}
