package emulator

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/tabctl/tableau-go/emulator/internal/store"
)

// Snapshot is what a server had at one time: everything but its clock, its faults and the requests it saw. It ends with the
// server.
type Snapshot struct{ rows *store.Snapshot }

// Remove deletes the snapshot. Removing it again does nothing.
func (s *Snapshot) Remove() error { return s.rows.Remove() }

// Snapshot keeps what the server has now, so that Restore can bring it back, as often as wanted.
func (s *Server) Snapshot(ctx context.Context) (*Snapshot, error) {
	rows, err := s.store.Snapshot(ctx)
	if err != nil {
		return nil, fmt.Errorf("emulator: taking a snapshot: %w", err)
	}
	return &Snapshot{rows}, nil
}

// Restore brings back what the server had when the snapshot was taken. Sessions that were opened later have ended. It waits
// for requests under way. After a failure everything is as before.
func (s *Server) Restore(ctx context.Context, snapshot *Snapshot) error {
	if err := s.alone(func() error { return s.store.Restore(ctx, snapshot.rows) }); err != nil {
		return fmt.Errorf("emulator: restoring a snapshot: %w", err)
	}
	return nil
}

// snapshots are those that the control plane has taken, by name.
type snapshots struct {
	mu    sync.Mutex
	named map[string]*Snapshot
}

func (s *snapshots) names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, slices.Sorted(maps.Keys(s.named))...)
}

func (s *snapshots) get(name string) *Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.named[name]
}

// set names a snapshot, or with nil none, and returns the one that had the name.
func (s *snapshots) set(name string, snapshot *Snapshot) *Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.named[name]
	if s.named == nil {
		s.named = map[string]*Snapshot{}
	}
	s.named[name] = snapshot
	if snapshot == nil {
		delete(s.named, name)
	}
	return before
}
