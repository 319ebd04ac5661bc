package tableau_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/tableau"
)

// breakingOff serves a file and breaks off after so many bytes of each answer; of one that has more than that left.
type breakingOff struct {
	content      []byte
	after        int
	etag         string
	lastModified string
	change       bool // of the file after each answer
	noRanges     bool
	asked        []string // Range and If-Range of each request
	answers      int
}

func (b *breakingOff) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.asked = append(b.asked, strings.TrimSpace(r.Header.Get("Range")+" "+r.Header.Get("If-Range")))
	b.answers++
	etag := b.etag
	if b.change {
		etag = fmt.Sprintf(`"%d"`, b.answers)
	}
	h := w.Header()
	if etag != "" {
		h.Set("ETag", etag)
	}
	if b.lastModified != "" {
		h.Set("Last-Modified", b.lastModified)
	}
	h.Set("Content-Disposition", `filename="Sales.twbx"`)
	h.Set("Content-Type", "application/octet-stream")
	from, status := 0, http.StatusOK
	if text, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes="); ok && !b.noRanges {
		if condition := r.Header.Get("If-Range"); condition == etag || condition == b.lastModified {
			from, _ = strconv.Atoi(strings.TrimSuffix(text, "-"))
			status = http.StatusPartialContent
			h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(b.content)-1, len(b.content)))
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(b.content)-from))
	w.WriteHeader(status)
	rest := b.content[from:]
	if len(rest) <= b.after || (b.after < 0 && b.answers > 1) {
		_, _ = w.Write(rest)
		return
	}
	if b.after >= 0 {
		rest = rest[:b.after]
	} else {
		rest = rest[:-b.after]
	}
	_, _ = w.Write(rest)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func TestDownloadGoesOnWhereItBrokeOff(t *testing.T) {
	t.Parallel()
	const modified = "Wed, 01 Jul 2026 10:00:00 GMT"
	tests := []struct {
		name    string
		server  breakingOff // negative after: only the first answer breaks off
		asked   []string
		fails   bool // to a writer, which cannot take back what it got
		neither bool // nor to a file
	}{
		{name: "tag", server: breakingOff{after: 5000, etag: `"v1"`}, asked: []string{"", `bytes=5000- "v1"`, `bytes=10000- "v1"`}},
		{name: "date", server: breakingOff{after: 5000, lastModified: modified}, asked: []string{"", "bytes=5000- " + modified, "bytes=10000- " + modified}},
		{name: "tag and date", server: breakingOff{after: -5000, etag: `"v1"`, lastModified: modified}, asked: []string{"", `bytes=5000- "v1"`}},
		{name: "weak tag", server: breakingOff{after: -5000, etag: `W/"v1"`}, asked: []string{"", ""}, fails: true},
		{name: "nothing to tell by", server: breakingOff{after: -5000}, asked: []string{"", ""}, fails: true},
		{name: "no ranges", server: breakingOff{after: -5000, etag: `"v1"`, noRanges: true}, asked: []string{"", `bytes=5000- "v1"`}, fails: true},
		{name: "file has changed", server: breakingOff{after: -5000, change: true}, asked: []string{"", `bytes=5000- "1"`}, fails: true},
		{name: "breaks off too often", server: breakingOff{after: 100, etag: `"v1"`}, asked: []string{"", `bytes=100- "v1"`, `bytes=200- "v1"`, `bytes=300- "v1"`}, fails: true, neither: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, toFile := range []bool{true, false} {
				handler := test.server
				handler.content = zipFile
				server := serve(t, handler.ServeHTTP)
				c := server.client(t, tableau.WithRetry(tableau.RetryOptions{LongestPause: time.Millisecond}))
				var told []int64
				o := tableau.DownloadOptions{Progress: func(received, total int64) {
					told = append(told, received)
					if total != int64(len(zipFile)) {
						t.Errorf("told of %d bytes in all, want %d", total, len(zipFile))
					}
				}}
				dir := t.TempDir()
				var got *tableau.Download
				var content []byte
				var err error
				if toFile {
					if got, err = c.Workbooks.DownloadFile(t.Context(), "w", dir, o); err == nil {
						content, err = os.ReadFile(filepath.Join(dir, "Sales.twbx"))
					}
				} else {
					var out bytes.Buffer
					got, err = c.Workbooks.Download(t.Context(), "w", &out, o)
					content = out.Bytes()
				}
				entries, _ := os.ReadDir(dir)
				if test.neither || test.fails && !toFile {
					if err == nil || len(entries) != 0 {
						t.Errorf("to a file: %v: %v, directory %v; want an error and nothing written", toFile, err, entries)
					}
				} else if err != nil || got.Size != int64(len(zipFile)) || got.FileName != "Sales.twbx" || !bytes.Equal(content, zipFile) {
					t.Errorf("to a file: %v: %+v, %v, with %d bytes; want the whole file", toFile, got, err, len(content))
				}
				for i := 1; i < len(told); i++ {
					if told[i] <= told[i-1] {
						t.Errorf("progress went from %d to %d bytes", told[i-1], told[i])
					}
				}
				if test.fails && !test.neither && !toFile {
					continue // what is asked for in vain does not matter
				}
				if diff := cmp.Diff(test.asked, handler.asked); diff != "" {
					t.Errorf("to a file: %v: ranges asked for (-want +got)\n%s", toFile, diff)
				}
			}
		})
	}
}
