package store

import (
	"database/sql"
	"io/fs"
	"path/filepath"
	"testing"
)

// TestEveryoneOfOlderData takes data of the first version to the present: its sites get the group of all their users, and
// its users stay local.
func TestEveryoneOfOlderData(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := fs.ReadFile(migrations, "migrations/0001_start.sql")
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, "emulator.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, statements := range []string{string(first), `PRAGMA user_version = 1`,
		`INSERT INTO sites (id, name, content_url, created) VALUES ('s', 'S', 's', 1)`,
		`INSERT INTO accounts (name, full_name) VALUES ('ann', 'Ann')`,
		`INSERT INTO users (id, site, account, site_role, created) VALUES ('old', 1, 1, 'Viewer', 1)`,
		`INSERT INTO access_tokens (account, name, secret_hash, created) VALUES (1, 'ci', x'00', 1)`} {
		if _, err := db.Exec(statements); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.Write(t.Context(), func(tx *Tx) error {
		site, err := tx.SiteByID("s")
		if err != nil {
			return err
		}
		later := Account{Name: "bob"}
		if err := tx.AddAccount(&later); err != nil {
			return err
		}
		if err := tx.AddUser(&User{ID: "new", Site: site.Seq, Account: later.Seq, SiteRole: "Viewer", AuthSetting: "ServerDefault"}); err != nil {
			return err
		}
		old, err := tx.User(site.Seq, "old")
		if err != nil || old.Name != "ann" || old.Domain != "local" || old.FullName != "Ann" {
			t.Errorf("the user from before = %+v, %v", old, err)
		}
		found, _, err := tx.Groups(site.Seq, old.Seq, Query{})
		if err != nil || len(found) != 1 || !found[0].Everyone || found[0].Users != 2 || len(found[0].ID) != 36 || found[0].Domain != "local" {
			t.Errorf("groups = %+v, %v; want All Users with both", found, err)
		}
		_, token, err := tx.AccountByToken("ci", []byte{0})
		if err != nil || token.Used.Year() < 2026 {
			t.Errorf("the token from before = %+v, %v; want its unused days counted from now on", token, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
