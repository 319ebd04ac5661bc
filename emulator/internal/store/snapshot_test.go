package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tabctl/tableau-go/emulator/internal/store"
)

// putWorkbook stores a content and a workbook that names it.
func putWorkbook(t *testing.T, s *store.Store, tx *store.Tx, site store.Site, p store.Project, name string) string {
	t.Helper()
	stored, err := s.Blobs.Put(strings.NewReader("content of " + name))
	if err != nil {
		t.Fatal(err)
	}
	defer stored.Done()
	if _, err := addWorkbook(tx, site, p, name, stored.Name); err != nil {
		t.Fatal(err)
	}
	return stored.Name
}

func hasWorkbook(t *testing.T, s *store.Store, site store.Site, name string) bool {
	t.Helper()
	err := s.Read(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Workbook(site.Seq, "workbook-"+name)
		return err
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

func exists(s *store.Store, hash string) bool {
	f, err := s.Blobs.Open(hash)
	if err == nil {
		f.Close()
	}
	return err == nil
}

func TestSnapshot(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{"memory": "", "disk": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, dir)
			var site store.Site
			var project store.Project
			var before, after string
			write(t, s, func(tx *store.Tx) (err error) {
				if site, _, project, err = addSite(tx, "a"); err == nil {
					before = putWorkbook(t, s, tx, site, project, "before")
				}
				return err
			})
			snapshot, err := s.Snapshot(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			write(t, s, func(tx *store.Tx) error {
				if _, err := tx.DeleteSite(site); err != nil {
					return err
				}
				_, _, _, err := addSite(tx, "b")
				return err
			})
			if err := s.Collect(t.Context(), before); err != nil || !exists(s, before) {
				t.Fatalf("the content that the snapshot names is gone: %v", err)
			}
			for range 2 { // a snapshot can be restored again
				if err := s.Restore(t.Context(), snapshot); err != nil {
					t.Fatal(err)
				}
				if !hasWorkbook(t, s, site, "before") || hasWorkbook(t, s, site, "after") {
					t.Error("the rows are not those of the snapshot")
				}
				write(t, s, func(tx *store.Tx) error {
					after = putWorkbook(t, s, tx, site, project, "after")
					return nil
				})
			}
			if err := s.Restore(t.Context(), snapshot); err != nil {
				t.Fatal(err)
			}
			if exists(s, after) {
				t.Error("a content that nothing names any more stays")
			}
			if err := s.Reset(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !exists(s, before) {
				t.Error("a reset takes a content that the snapshot names")
			}
			for range 2 {
				if err := snapshot.Remove(); err != nil {
					t.Error(err)
				}
			}
			if exists(s, before) {
				t.Error("a content stays after its snapshot")
			}
			if err := s.Restore(t.Context(), snapshot); err == nil {
				t.Error("a removed snapshot was restored")
			}
			if err := open(t, "").Restore(t.Context(), snapshot); err == nil {
				t.Error("a snapshot of another store was restored")
			}
		})
	}
}

// tables returns what all tables hold.
func tables(t *testing.T, dir string) map[string]string {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "emulator.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	content := map[string]string{}
	rows, err := db.Query("SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_schema")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			t.Fatal(err)
		}
		content[name] = text
	}
	for name := range content {
		table, ok := strings.CutPrefix(name, "table ")
		if !ok || table == "sqlite_sequence" { // numbering starts anew, with rows of 0 or without
			continue
		}
		var count int
		if err := db.QueryRow(fmt.Sprintf(`SELECT count(*) FROM "%s"`, table)).Scan(&count); err != nil {
			t.Fatal(err)
		}
		content["rows of "+table] = fmt.Sprint(count)
	}
	return content
}

// TestReset compares a store that has been reset with a new one: it must lack nothing that migrations make.
func TestReset(t *testing.T) {
	t.Parallel()
	fresh, used := t.TempDir(), t.TempDir()
	if err := open(t, fresh).Close(); err != nil {
		t.Fatal(err)
	}
	s := open(t, used)
	var hash string
	write(t, s, func(tx *store.Tx) error {
		site, _, project, err := addSite(tx, "a")
		if err == nil {
			hash = putWorkbook(t, s, tx, site, project, "w")
		}
		return err
	})
	if err := s.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if exists(s, hash) {
		t.Error("the content stays")
	}
	write(t, s, func(tx *store.Tx) error {
		site, _, project, err := addSite(tx, "a")
		if err != nil || site.Seq != 1 {
			t.Errorf("the first site is number %d: %v", site.Seq, err)
		}
		_, err = addWorkbook(tx, site, store.Project{Seq: 99, Owner: project.Owner}, "w", "x")
		if err == nil {
			t.Error("foreign keys are not held after a reset")
		}
		_, err = tx.DeleteSite(site)
		return err
	})
	if err := s.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tables(t, fresh), tables(t, used)); diff != "" {
		t.Errorf("a new store (-), one that has been reset (+):\n%s", diff)
	}
	if _, err := os.Stat(filepath.Join(used, "snapshots")); err == nil {
		t.Error("the directory of snapshots stays")
	}
}

// TestSchemaInOneGo compares a store that went through all migrations with one that was made from what they lead to.
func TestSchemaInOneGo(t *testing.T) {
	store.ForgetSchema()
	first, second := t.TempDir(), t.TempDir()
	for _, dir := range []string{first, second} {
		if err := open(t, dir).Close(); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(tables(t, first), tables(t, second)); diff != "" {
		t.Errorf("by migrations (-), in one go (+):\n%s", diff)
	}
}
