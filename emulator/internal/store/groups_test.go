package store

import (
	"io/fs"
	"testing"
	"time"
)

// TestEveryoneOfOlderData takes data of the first version to the present: its sites get the group of all their users.
func TestEveryoneOfOlderData(t *testing.T) {
	t.Parallel()
	s, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	statements, err := fs.ReadFile(migrations, "migrations/0002_groups.sql")
	if err != nil {
		t.Fatal(err)
	}
	err = s.Write(t.Context(), func(tx *Tx) error {
		// Back to what the first version had: no groups, no triggers, and rows from before.
		for _, drop := range []string{"TRIGGER sites_everyone", "TRIGGER users_everyone", "TRIGGER workbooks_favorites", "TRIGGER views_favorites",
			"TRIGGER projects_favorites", "TABLE favorites", "TABLE group_members", "TABLE groups"} {
			if _, err := tx.exec("DROP " + drop); err != nil {
				return err
			}
		}
		site, account := Site{ID: "s", Name: "S", ContentURL: "s", State: "Active", Created: time.Unix(1, 0)}, Account{Name: "a"}
		if err := tx.AddSite(&site); err != nil {
			return err
		}
		if err := tx.AddAccount(&account); err != nil {
			return err
		}
		old := User{ID: "old", Site: site.Seq, Account: account.Seq, SiteRole: "Viewer", AuthSetting: "ServerDefault", Created: time.Unix(1, 0)}
		if err := tx.AddUser(&old); err != nil {
			return err
		}
		if _, err := tx.conn.ExecContext(tx.ctx, string(statements)); err != nil {
			return err
		}
		later := Account{Name: "b"}
		if err := tx.AddAccount(&later); err != nil {
			return err
		}
		if err := tx.AddUser(&User{ID: "new", Site: site.Seq, Account: later.Seq, SiteRole: "Viewer", AuthSetting: "ServerDefault", Created: time.Unix(2, 0)}); err != nil {
			return err
		}
		found, _, err := tx.Groups(site.Seq, old.Seq, Query{})
		if err != nil || len(found) != 1 || !found[0].Everyone || found[0].Users != 2 || len(found[0].ID) != 36 {
			t.Errorf("groups = %+v, %v; want All Users with both", found, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
