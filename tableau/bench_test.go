package tableau_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/tableau"
)

// benchClient returns a client of a server that answers with the handler.
func benchClient(b *testing.B, handler http.HandlerFunc, options ...tableau.Option) *tableau.Client {
	b.Helper()
	server := httptest.NewServer(handler)
	b.Cleanup(server.Close)
	c, err := tableau.New(server.URL, append(options, tableau.WithSession(signedIn), tableau.WithAPIVersion("3.29"))...)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	return c
}

func BenchmarkList(b *testing.B) {
	const pages, size = 10, 1000
	var items strings.Builder
	for i := range size {
		fmt.Fprintf(&items, `<workbook id="PAGE-%04d" name="Sales %d" showTabs="true" createdAt="2024-02-14T04:42:09Z"><project id="p" name="Samples"/><owner id="o"/><tags><tag label="weekly"/></tags></workbook>`, i, i)
	}
	c := benchClient(b, func(w http.ResponseWriter, r *http.Request) {
		number := r.URL.Query().Get("pageNumber")
		answer(w, 200, fmt.Sprintf(`<pagination pageNumber="%s" pageSize="%d" totalAvailable="%d"/><workbooks>%s</workbooks>`,
			number, size, pages*size, strings.ReplaceAll(items.String(), "PAGE", number)))
	})
	for b.Loop() {
		all, err := tableau.Collect(c.Workbooks.List(b.Context(), tableau.Query{}), -1)
		if err != nil || len(all) != pages*size {
			b.Fatalf("%d items, %v", len(all), err)
		}
	}
}

func BenchmarkUpload(b *testing.B) {
	file := make([]byte, 64<<20)
	for name, parallel := range map[string]int{"in turn": 1, "in parallel": 8} {
		b.Run(name, func(b *testing.B) {
			c := benchClient(b, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				answer(w, 200, `<fileUpload uploadSessionId="1:a-1:0" maxFileChunkCount="1000"/>`)
			}, tableau.WithParallelBlocks(parallel))
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				if _, err := c.FileUploads.Upload(b.Context(), bytes.NewReader(file), nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDownloadFile(b *testing.B) {
	file := make([]byte, 64<<20)
	c := benchClient(b, serveFile("", file))
	path := filepath.Join(b.TempDir(), "file.twbx")
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if _, err := c.Workbooks.DownloadFile(b.Context(), "w", path, tableau.DownloadOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
