package emulator

import "time"

// WithPatience makes the server give up on slow callers sooner.
func WithPatience(d time.Duration, rate int64) Option {
	return func(c *config) { c.limits.patience, c.limits.rate = d, rate }
}

// WithBounds sets how many sessions and open uploads a user may have.
func WithBounds(sessions, uploads int) Option {
	return func(c *config) { c.limits.sessions, c.limits.uploads = sessions, uploads }
}
