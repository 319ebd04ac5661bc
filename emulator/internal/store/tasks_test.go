package store_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/emulator/internal/store"
)

func TestHasOpenJob(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	write(t, s, func(tx *store.Tx) error {
		site, user, _, err := addSite(tx, "a")
		other, _, _, err2 := addSite(tx, "b")
		if err := errors.Join(err, err2); err != nil {
			return err
		}
		j := store.Job{ID: "j", Site: site.Seq, User: user.Seq, JobType: "refresh_extracts", WorkbookID: "w", Created: now, Updated: now}
		j.Status = store.Pending
		if err := tx.AddJob(&j); err != nil {
			return err
		}
		got := map[string]bool{}
		for _, status := range []string{store.Pending, store.InProgress, store.Success, store.Failed, store.Cancelled} {
			j.Status = status
			if err := tx.UpdateJob(j); err != nil {
				return err
			}
			if got[status], err = tx.HasOpenJob(site.Seq, "w", "", "increment_extracts", "refresh_extracts"); err != nil {
				return err
			}
		}
		want := map[string]bool{store.Pending: true, store.InProgress: true, store.Success: false, store.Failed: false, store.Cancelled: false}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("open by status (-want +got)\n%s", diff)
		}
		j.Status = store.Pending
		if err := tx.UpdateJob(j); err != nil {
			return err
		}
		for name, has := range map[string]func() (bool, error){
			"another workbook": func() (bool, error) { return tx.HasOpenJob(site.Seq, "v", "", "refresh_extracts") },
			"a data source":    func() (bool, error) { return tx.HasOpenJob(site.Seq, "", "w", "refresh_extracts") },
			"another type":     func() (bool, error) { return tx.HasOpenJob(site.Seq, "w", "", "publish_workbook") },
			"another site":     func() (bool, error) { return tx.HasOpenJob(other.Seq, "w", "", "refresh_extracts") },
		} {
			if taken, err := has(); taken || err != nil {
				t.Errorf("the job is taken for one of %s: %v", name, err)
			}
		}
		return nil
	})
}
