package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// namedBy counts the rows that name the content.
const namedBy = `SELECT (SELECT count(*) FROM workbooks WHERE blob = ?1) + (SELECT count(*) FROM datasources WHERE blob = ?1)
	+ (SELECT count(*) FROM upload_parts WHERE blob = ?1) + (SELECT count(*) FROM jobs WHERE blob = ?1)
	+ (SELECT count(*) FROM revisions WHERE blob = ?1)`

// Collect deletes those of the contents, and of those that revisions and uploads have let go of, that no row names any more.
// Call it outside of any transaction.
func (s *Store) Collect(ctx context.Context, names ...string) error {
	ctx = context.WithoutCancel(ctx)
	var dropped []string
	err := s.Read(ctx, func(tx *Tx) (err error) {
		dropped, err = query(tx, scanString, "SELECT hash FROM dropped WHERE hash <> ''")
		return err
	})
	if err != nil {
		return err
	}
	err = s.Blobs.remove(append(slices.Clone(names), dropped...), func(name string) (free bool, err error) {
		err = s.Read(ctx, func(tx *Tx) error {
			var names int
			err := tx.queryRow(namedBy, name).Scan(&names)
			free = names == 0
			return err
		})
		return free, err
	})
	if err != nil || len(dropped) == 0 {
		return err
	}
	return s.Write(ctx, func(tx *Tx) error {
		for _, name := range dropped {
			if _, err := tx.exec("DELETE FROM dropped WHERE hash = ?", name); err != nil {
				return err
			}
		}
		return nil
	})
}

// sweep deletes what a crash left behind: unfinished files, and contents that were never acknowledged.
func (s *Store) sweep() error {
	unfinished, err := filepath.Glob(filepath.Join(s.Blobs.dir, incoming+"*"))
	if err != nil {
		return err
	}
	for _, path := range unfinished {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return s.collectAll()
}

// collectAll deletes all contents that no row names.
func (s *Store) collectAll() error {
	var names []string
	err := filepath.WalkDir(s.Blobs.dir, func(_ string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // an unfinished file that has just been moved
		}
		if err != nil {
			return err
		}
		switch {
		case strings.HasPrefix(entry.Name(), incoming):
		case len(entry.Name()) == nameLength:
			names = append(names, entry.Name())
		default:
			return nil
		}
		if entry.IsDir() {
			return fs.SkipDir
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.Collect(context.Background(), names...)
}
