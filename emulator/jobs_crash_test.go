package emulator

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/sample"
)

// TestJobsAreNotDoneTwice crashes a server after the work of a job is done and before its end is written: what comes after
// the restart must not do it again.
func TestJobsAreNotDoneTwice(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	start := func() *Server {
		server, err := New(WithDir(dir), WithAdmin("root", "pw"), WithToken("ci", "secret"), WithJobTime(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { server.Close() })
		return server
	}
	server := start()
	var user store.User
	var job store.Job
	err := server.store.Write(t.Context(), func(tx *store.Tx) error {
		site, err := tx.SiteByContentURL("")
		if err != nil {
			return err
		}
		account, err := tx.AccountByName("root")
		if err != nil {
			return err
		}
		user, err = tx.UserByAccount(site.Seq, account.Seq)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	file, err := server.store.Blobs.Put(strings.NewReader(string(sample.Workbook())))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Done()
	err = server.store.Write(t.Context(), func(tx *store.Tx) (err error) {
		job = store.Job{JobType: "publish_workbook", Site: user.Site, User: user.Seq, Title: "Sales", Blob: file.Name}
		job, err = server.addJob(tx, job, publication{Element: "workbook", Name: "Sales", Kind: "twbx", Blob: file.Name, Bytes: file.Bytes})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	job.Status = store.InProgress
	if err := server.store.Write(t.Context(), func(tx *store.Tx) error { return tx.UpdateJob(job) }); err != nil {
		t.Fatal(err)
	}
	if _, err := server.publishContent(context.Background(), user, &job); err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}

	server = start()
	server.Advance(2 * time.Hour)
	err = server.store.Read(t.Context(), func(tx *store.Tx) (err error) {
		job, err = tx.Job(user.Site, job.ID)
		return err
	})
	if err != nil || job.Status != store.Success || job.WorkbookID == "" {
		t.Errorf("after the restart the job is %s, of the workbook %q: %s (%v)", job.Status, job.WorkbookID, job.Notes, err)
	}
	var w store.Workbook
	err = server.store.Read(t.Context(), func(tx *store.Tx) (err error) {
		w, err = tx.Workbook(user.Site, job.WorkbookID)
		return err
	})
	if err != nil || w.Revision != 1 {
		t.Errorf("the workbook has the revision %d: %v", w.Revision, err)
	}
}
