package tableau_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tabctl/tableau-go/tableau"
)

// downloadFrom makes the test below a program that downloads from this address, to be killed.
const downloadFrom = "TABLEAU_TEST_DOWNLOAD_FROM"

// TestKilledWhileDownloading kills a program in the middle of a download: the file that was there before stays what it was,
// and the next download succeeds.
func TestKilledWhileDownloading(t *testing.T) {
	if url := os.Getenv(downloadFrom); url != "" {
		c, err := tableau.New(url, tableau.WithAPIVersion("3.29"), tableau.WithSession(tableau.Session{Token: "token", SiteID: siteID}))
		if err == nil {
			_, err = c.Workbooks.DownloadFile(t.Context(), "w", os.Getenv("TABLEAU_TEST_DOWNLOAD_TO"), tableau.DownloadOptions{})
		}
		t.Fatal("the download has ended: ", err)
	}
	t.Parallel()
	for name, before := range map[string]string{"new file": "", "file that was there": "the old one"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var whole atomic.Bool
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Length", fmt.Sprint(len(zipFile)))
				if whole.Load() {
					_, _ = w.Write(zipFile)
					return
				}
				_, _ = w.Write(zipFile[:len(zipFile)/2])
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done() // the program is gone
			})
			dir := t.TempDir()
			path := filepath.Join(dir, "mine.twbx")
			if before != "" {
				if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			child := exec.Command(os.Args[0], "-test.run=^TestKilledWhileDownloading$")
			child.Env = append(os.Environ(), downloadFrom+"="+server.URL, "TABLEAU_TEST_DOWNLOAD_TO="+path)
			var out strings.Builder
			child.Stdout, child.Stderr = &out, &out
			if err := child.Start(); err != nil {
				t.Fatal(err)
			}
			half := func() bool {
				entries, err := os.ReadDir(dir)
				for _, entry := range entries {
					if info, err := entry.Info(); err == nil && info.Size() == int64(len(zipFile)/2) {
						return true
					}
				}
				return err != nil
			}
			for deadline := time.Now().Add(time.Minute); !half() && time.Now().Before(deadline); {
				time.Sleep(time.Millisecond)
			}
			arrived := half()
			_ = child.Process.Kill() // with the half of it on the disk
			_ = child.Wait()         // killed
			if !arrived {
				t.Fatalf("half of the file never came: %s", &out)
			}
			content, err := os.ReadFile(path)
			if got := string(content); got != before || (err == nil) != (before != "") {
				t.Errorf("after the kill the file holds %d bytes, %v; want %q", len(got), err, before)
			}
			whole.Store(true)
			if _, err := server.client(t).Workbooks.DownloadFile(t.Context(), "w", path, tableau.DownloadOptions{}); err != nil {
				t.Error(err)
			}
			if content, err := os.ReadFile(path); err != nil || string(content) != string(zipFile) {
				t.Errorf("downloaded again the file has %d bytes, %v", len(content), err)
			}
		})
	}
}
