package emulator

import "time"

// WithPatience makes the server give up on slow callers sooner.
func WithPatience(d time.Duration, rate int64) Option {
	return func(c *config) { c.limits = limits{patience: d, rate: rate} }
}

// What one user may have.
const (
	SessionsOfUser = sessionsOfUser
	UploadsOfUser  = uploadsOfUser
)
