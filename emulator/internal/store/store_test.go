package store_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tabctl/tableau-go/emulator/internal/store"
)

var now = time.Unix(1_700_000_000, 0).UTC()

func open(t *testing.T, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func write(t *testing.T, s *store.Store, change func(*store.Tx) error) {
	t.Helper()
	if err := s.Write(t.Context(), change); err != nil {
		t.Fatal(err)
	}
}

// addSite adds a site with one user and one project, who owns it.
func addSite(tx *store.Tx, name string) (site store.Site, user store.User, project store.Project, err error) {
	site = store.Site{ID: "site-" + name, Name: name, ContentURL: name, State: "Active", Created: now}
	account := store.Account{Name: "user-" + name}
	user = store.User{ID: "user-" + name, SiteRole: "Creator", AuthSetting: "ServerDefault", Created: now}
	project = store.Project{ID: "project-" + name, Name: "default", Default: true, ContentPermissions: "ManagedByOwner", Created: now, Updated: now}
	err = errors.Join(tx.AddSite(&site), tx.AddAccount(&account))
	user.Site, user.Account = site.Seq, account.Seq
	err = errors.Join(err, tx.AddUser(&user))
	project.Owner = user
	err = errors.Join(err, tx.AddProject(site.Seq, &project))
	return site, user, project, err
}

func addWorkbook(tx *store.Tx, site store.Site, p store.Project, name, blob string) (store.Workbook, error) {
	w := store.Workbook{ID: "workbook-" + name, Name: name, ContentURL: name, Kind: "twbx", Blob: blob, Bytes: 1, Created: now, Updated: now,
		Project: p, Owner: p.Owner}
	return w, tx.AddWorkbook(site.Seq, &w)
}

func TestWhatIsWrittenIsThereAfterReopening(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	write(t, s, func(tx *store.Tx) error {
		_, _, _, err := addSite(tx, "a")
		return err
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	err := open(t, dir).Read(t.Context(), func(tx *store.Tx) error {
		site, err := tx.SiteByContentURL("A")
		if site.Name != "a" || site.Users != 1 || !site.Created.Equal(now) {
			t.Errorf("site %+v", site)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestAfterClosing(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	if err := s.Write(t.Context(), func(*store.Tx) error { return nil }); err == nil {
		t.Error("a closed store takes a change")
	}
}

func TestADirectoryHasOneServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open(t, dir)
	if _, err := store.Open(dir); err == nil || !strings.Contains(err.Error(), "another server") {
		t.Errorf("got %v", err)
	}
}

func TestAFailedChangeLeavesNothing(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	failure := errors.New("no")
	err := s.Write(t.Context(), func(tx *store.Tx) error {
		if _, _, _, err := addSite(tx, "a"); err != nil {
			return err
		}
		return failure
	})
	if !errors.Is(err, failure) {
		t.Errorf("got %v", err)
	}
	err = s.Read(t.Context(), func(tx *store.Tx) error {
		_, err := tx.SiteByName("a")
		return err
	})
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

func put(t *testing.T, s *store.Store, text string) *store.Stored {
	t.Helper()
	stored, err := s.Blobs.Put(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func readable(s *store.Store, hash string) bool {
	f, err := s.Blobs.Open(hash)
	if err == nil {
		f.Close()
	}
	return err == nil
}

func TestBlobs(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	stored := put(t, s, "hello")
	// SHA-256 of "hello", as sha256sum prints it.
	if want := "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"; stored.Name != want || stored.Bytes != 5 {
		t.Errorf("stored %+v", stored)
	}
	f, err := s.Blobs.Open(stored.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, _ := io.ReadAll(f); string(got) != "hello" {
		t.Errorf("read %q", got)
	}
	again := put(t, s, "hello")
	stored.Done()
	if err := s.Collect(t.Context(), stored.Name); err != nil || !readable(s, stored.Name) {
		t.Errorf("collected while it was guarded: %v", err)
	}
	again.Done()
	again.Done() // once more does no harm
	write(t, s, func(tx *store.Tx) error {
		site, _, p, err := addSite(tx, "a")
		if err != nil {
			return err
		}
		_, err = addWorkbook(tx, site, p, "w", stored.Name)
		return err
	})
	if err := s.Collect(t.Context(), stored.Name); err != nil || !readable(s, stored.Name) {
		t.Errorf("collected while a row named it: %v", err)
	}
	write(t, s, func(tx *store.Tx) error {
		site, err := tx.SiteByName("a")
		if err != nil {
			return err
		}
		hashes, err := tx.DeleteSite(site)
		if diff := cmp.Diff([]string{stored.Name}, hashes); diff != "" {
			t.Error(diff)
		}
		return err
	})
	if err := s.Collect(t.Context(), stored.Name); err != nil || readable(s, stored.Name) {
		t.Errorf("not collected: %v", err)
	}
}

func TestAFailedPutLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	failure := errors.New("connection lost")
	if _, err := s.Blobs.Put(io.MultiReader(strings.NewReader("part"), failingReader{failure})); !errors.Is(err, failure) {
		t.Errorf("got %v", err)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "content")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

func TestOpenSweeps(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	kept, lost := put(t, s, "kept"), put(t, s, "lost")
	write(t, s, func(tx *store.Tx) error {
		site, _, p, err := addSite(tx, "a")
		if err != nil {
			return err
		}
		_, err = addWorkbook(tx, site, p, "w", kept.Name)
		return err
	})
	if err := os.WriteFile(filepath.Join(dir, "content", "incoming-1"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	if !readable(s, kept.Name) || readable(s, lost.Name) {
		t.Error("the sweep took the wrong file")
	}
	if _, err := os.Stat(filepath.Join(dir, "content", "incoming-1")); err == nil {
		t.Error("an unfinished file stays")
	}
}

func TestDeletingAProjectDeletesWhatIsInIt(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	write(t, s, func(tx *store.Tx) error {
		site, user, top, err := addSite(tx, "a")
		if err != nil {
			return err
		}
		outer := store.Project{ID: "outer", Name: "outer", Owner: user, ContentPermissions: "ManagedByOwner", Created: now, Updated: now}
		err = tx.AddProject(site.Seq, &outer)
		inner := store.Project{ID: "inner", Name: "inner", Parent: outer.Seq, Owner: user, ContentPermissions: "ManagedByOwner", Created: now, Updated: now}
		err = errors.Join(err, tx.AddProject(site.Seq, &inner))
		w, err2 := addWorkbook(tx, site, inner, "w", "hash")
		_, err3 := addWorkbook(tx, site, top, "stays", "hash2")
		err = errors.Join(err, err2, err3, tx.AddTags("workbooks", w.Seq, []string{"x"}),
			tx.SetViews(site.Seq, w.Seq, []store.View{{ID: "v", Name: "v", URLName: "v", SheetType: "worksheet", Position: 1}}))
		if err != nil {
			return err
		}
		hashes, err := tx.DeleteProject(outer.Seq)
		if diff := cmp.Diff([]string{"hash"}, hashes); diff != "" {
			t.Error(diff)
		}
		if tags, _ := tx.Tags("workbooks", w.Seq); len(tags) > 0 {
			t.Errorf("tags stay: %q", tags)
		}
		if _, err := tx.View(site.Seq, "v"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the view: %v", err)
		}
		left, total, err2 := tx.Workbooks(site.Seq, 0, store.Query{})
		if total != 1 || left[0].Name != "stays" {
			t.Errorf("%d workbooks: %+v", total, left)
		}
		return errors.Join(err, err2)
	})
}

func TestViewsKeepTheirIdentity(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	write(t, s, func(tx *store.Tx) error {
		site, _, p, err := addSite(tx, "a")
		if err != nil {
			return err
		}
		w, err := addWorkbook(tx, site, p, "w", "hash")
		if err != nil {
			return err
		}
		view := func(id, name string, position int64) store.View {
			return store.View{ID: id, Name: name, URLName: name, SheetType: "worksheet", Position: position}
		}
		if err := tx.SetViews(site.Seq, w.Seq, []store.View{view("1", "one", 1), view("2", "two", 2)}); err != nil {
			return err
		}
		if err := tx.SetViews(site.Seq, w.Seq, []store.View{view("3", "three", 1), view("4", "two", 2)}); err != nil {
			return err
		}
		views, _, err := tx.Views(site.Seq, w.Seq, store.Query{})
		var got []string
		for _, v := range views {
			got = append(got, v.ID+" "+v.Name)
		}
		if diff := cmp.Diff([]string{"3 three", "2 two"}, got); diff != "" {
			t.Error(diff)
		}
		return err
	})
}

func TestQueriesRefuse(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	tests := map[string]store.Query{
		"unknown field":      {Filters: []store.Filter{{Field: "name; DROP TABLE sites", Operator: "eq", Values: []string{"x"}}}},
		"unknown operator":   {Filters: []store.Filter{{Field: "name", Operator: "like", Values: []string{"x"}}}},
		"operator of others": {Filters: []store.Filter{{Field: "name", Operator: "gt", Values: []string{"x"}}}},
		"not a number":       {Filters: []store.Filter{{Field: "size", Operator: "gt", Values: []string{"big"}}}},
		"not a time":         {Filters: []store.Filter{{Field: "createdAt", Operator: "gt", Values: []string{"2016"}}}},
		"not a boolean":      {Filters: []store.Filter{{Field: "hasExtracts", Operator: "eq", Values: []string{"1"}}}},
		"sort by labels":     {Sorts: []store.Sort{{Field: "tags"}}},
	}
	for name, q := range tests {
		t.Run(name, func(t *testing.T) {
			err := s.Read(t.Context(), func(tx *store.Tx) error {
				_, _, err := tx.Workbooks(1, 0, q)
				return err
			})
			if _, ok := errors.AsType[*store.QueryError](err); !ok {
				t.Errorf("got %v, want a QueryError", err)
			}
		})
	}
}

func TestDirectories(t *testing.T) {
	for _, dir := range []string{"data", "./data", "one/two", "100% of it? #1"} {
		t.Chdir(t.TempDir())
		s := open(t, dir)
		if err := s.Close(); err != nil {
			t.Errorf("%s: %v", dir, err)
		}
		if _, err := os.Stat(filepath.Join(dir, "emulator.db")); err != nil {
			t.Error(err)
		}
	}
}
