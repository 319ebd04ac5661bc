package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Snapshot is a copy of all rows. The contents that its rows name stay as long as it does.
type Snapshot struct {
	store *Store
	path  string
	blobs []string // of the contents

	mu      sync.Mutex
	removed bool
}

// Remove deletes a snapshot. Removing it again does nothing.
func (s *Snapshot) Remove() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.removed {
		return nil
	}
	s.removed = true
	for _, blob := range s.blobs {
		s.store.Blobs.unpin(blob)
	}
	err := os.Remove(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // gone with the store
	}
	if collectErr := s.store.Collect(context.Background(), s.blobs...); !errors.Is(collectErr, errClosed) {
		err = errors.Join(err, collectErr)
	}
	return err
}

// Snapshot copies all rows to a file beside the database. Snapshots end with the store.
func (s *Store) Snapshot(ctx context.Context) (*Snapshot, error) {
	dir := filepath.Join(s.dir, snapshotsDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, "snapshot-")
	if err != nil {
		return nil, err
	}
	path := f.Name()
	if err := f.Close(); err != nil {
		return nil, err
	}
	// Nothing is collected between the copy and the guard of the contents that it names.
	s.Blobs.mu.Lock()
	defer s.Blobs.mu.Unlock()
	var blobs []string
	err = s.withWriter(ctx, func(ctx context.Context, c *conn) (err error) {
		if _, err := c.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
			return err
		}
		return c.attached(ctx, path, func() error {
			blobs, err = c.contents(ctx, "snapshot")
			return err
		})
	})
	if err != nil {
		return nil, errors.Join(err, os.Remove(path))
	}
	for _, blob := range blobs {
		s.Blobs.pinned[blob]++
	}
	return &Snapshot{store: s, path: path, blobs: blobs}, nil
}

// Restore makes all rows those of a snapshot, in one transaction.
func (s *Store) Restore(ctx context.Context, snapshot *Snapshot) error {
	snapshot.mu.Lock()
	defer snapshot.mu.Unlock()
	if snapshot.removed || snapshot.store != s {
		return errors.New("the snapshot has been removed, or is of another server")
	}
	err := s.withWriter(ctx, func(ctx context.Context, c *conn) error {
		return c.attached(ctx, snapshot.path, func() error { return c.replaceRows(ctx, "snapshot") })
	})
	if err != nil {
		return err
	}
	return s.collectAll()
}

// Reset deletes all rows and the contents they name.
func (s *Store) Reset(ctx context.Context) error {
	err := s.withWriter(ctx, func(ctx context.Context, c *conn) error { return c.replaceRows(ctx, "") })
	if err != nil {
		return err
	}
	return s.collectAll()
}

const snapshotsDir = "snapshots"

// withWriter lends out the connection that writes, outside of any transaction.
func (s *Store) withWriter(ctx context.Context, use func(context.Context, *conn) error) error {
	c, err := s.take(ctx, s.writers)
	if err != nil {
		return err
	}
	defer func() { s.writers <- c }()
	s.writes.Add(1)
	defer s.writes.Add(1)
	return use(context.WithoutCancel(ctx), c)
}

// attached calls use while the database in a file is at hand under the name snapshot.
func (c *conn) attached(ctx context.Context, path string, use func() error) error {
	if _, err := c.ExecContext(ctx, "ATTACH ? AS snapshot", path); err != nil {
		return err
	}
	err := use()
	_, detachErr := c.ExecContext(ctx, "DETACH snapshot")
	return errors.Join(err, detachErr)
}

// replaceRows replaces the rows of all tables by those of an attached database, or by none.
func (c *conn) replaceRows(ctx context.Context, from string) (err error) {
	// Rows arrive in any order, and none of them is a change that a trigger should answer.
	if _, err := c.ExecContext(ctx, "PRAGMA foreign_keys = OFF"); err != nil {
		return err
	}
	defer func() {
		_, onErr := c.ExecContext(ctx, "PRAGMA foreign_keys = ON")
		err = errors.Join(err, onErr)
	}()
	if _, err := c.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := c.copyRows(ctx, from); err != nil {
		_, rollbackErr := c.ExecContext(ctx, "ROLLBACK")
		return errors.Join(err, rollbackErr)
	}
	_, err = c.ExecContext(ctx, "COMMIT")
	return err
}

func (c *conn) copyRows(ctx context.Context, from string) error {
	triggers, err := c.strings(ctx, "SELECT name FROM main.sqlite_schema WHERE type = 'trigger'")
	if err != nil {
		return err
	}
	made, err := c.strings(ctx, "SELECT sql FROM main.sqlite_schema WHERE type = 'trigger'")
	if err != nil {
		return err
	}
	tables, err := c.strings(ctx, "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND (name NOT LIKE 'sqlite_%' OR name = 'sqlite_sequence')")
	if err != nil {
		return err
	}
	var statements []string
	for _, name := range triggers {
		statements = append(statements, `DROP TRIGGER "`+name+`"`)
	}
	for _, table := range tables {
		statements = append(statements, `DELETE FROM main."`+table+`"`)
	}
	for _, table := range tables {
		if from == "" {
			break
		}
		columns, err := c.strings(ctx, "SELECT name FROM pragma_table_info(?, 'main')", table)
		if err != nil {
			return err
		}
		all := `"` + strings.Join(columns, `", "`) + `"`
		if table == "sqlite_sequence" { // the inserts before may have written it
			statements = append(statements, "DELETE FROM main.sqlite_sequence")
		}
		statements = append(statements, fmt.Sprintf(`INSERT INTO main."%s" (%s) SELECT %s FROM %s."%s"`, table, all, all, from, table))
	}
	for _, statement := range append(statements, made...) {
		if _, err := c.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%w in %s", err, statement)
		}
	}
	return nil
}

// contents returns the names of the contents that the rows of an attached database name: those in a column blob.
func (c *conn) contents(ctx context.Context, database string) ([]string, error) {
	tables, err := c.strings(ctx, fmt.Sprintf(`SELECT t.name FROM %[1]s.sqlite_schema t JOIN pragma_table_info(t.name, '%[1]s') c
		WHERE t.type = 'table' AND c.name = 'blob'`, database))
	if err != nil || len(tables) == 0 {
		return nil, err
	}
	for i, table := range tables {
		tables[i] = "SELECT blob FROM " + database + `."` + table + `" WHERE blob <> ''`
	}
	return c.strings(ctx, strings.Join(tables, " UNION "))
}

// strings returns the one column of a query.
func (c *conn) strings(ctx context.Context, text string, args ...any) ([]string, error) {
	rows, err := c.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		one, err := scanString(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}
