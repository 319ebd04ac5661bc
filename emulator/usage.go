package emulator

import (
	"context"
	"sync"

	"github.com/tabctl/tableau-go/emulator/internal/store"
)

// hits counts how often views are rendered. The counts are written in the background and together: nobody who looks at a view
// waits for them, and a crash may cost the last few.
type hits struct {
	mu      sync.Mutex
	waiting map[int64]int64 // by view: what is not written
	busy    bool            // somebody writes, and goes on until nothing waits
	writing sync.Mutex      // held from taking counts until they are written
	writers sync.WaitGroup
}

// countHit notes that a view was rendered.
func (s *Server) countHit(view int64) {
	h := &s.hits
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.waiting == nil {
		h.waiting = map[int64]int64{}
	}
	h.waiting[view]++
	if h.busy {
		return
	}
	h.busy = true
	h.writers.Go(func() {
		for s.writeHits() {
		}
	})
}

// writeHits writes what waits, and reports whether there was something. When it returns, everything counted before is written.
func (s *Server) writeHits() bool {
	h := &s.hits
	h.writing.Lock()
	defer h.writing.Unlock()
	h.mu.Lock()
	counts := h.waiting
	h.waiting = nil
	if len(counts) == 0 {
		h.busy = false
	}
	h.mu.Unlock()
	if len(counts) == 0 {
		return false
	}
	err := s.store.Write(context.Background(), func(tx *store.Tx) error {
		for view, n := range counts {
			if err := tx.CountHits(view, n); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.config.logger.Error("views that were rendered are not counted", "error", err)
	}
	return true
}
