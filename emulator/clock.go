package emulator

import (
	"sync"
	"time"
)

// clock tells the server's time: that of the clock it was given, and what it was moved by. It is safe for concurrent use.
type clock struct {
	base func() time.Time

	mu    sync.Mutex
	ahead time.Duration // of base
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.base().Add(c.ahead)
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead = t.Sub(c.base())
}

// Now returns the server's time.
func (s *Server) Now() time.Time { return s.clock.now() }

// Advance moves the server's clock on by d, as [Server.SetNow] does.
func (s *Server) Advance(d time.Duration) { s.SetNow(s.Now().Add(d)) }

// SetNow moves the server's clock to t, from where it goes on. On its way it stops at each time at which something is due:
// schedules start what they run, jobs end, one time after the other. When it returns all of that is done; sessions that
// have come to their end by then have ended. Moving the clock back starts nothing.
func (s *Server) SetNow(t time.Time) {
	s.moving.Lock()
	defer s.moving.Unlock()
	for {
		next, open := s.jobs.settle()
		if !open || next.IsZero() || next.After(t) {
			break
		}
		if next.After(s.Now()) {
			s.clock.set(next)
		}
	}
	s.clock.set(t)
	s.jobs.settle()
}
