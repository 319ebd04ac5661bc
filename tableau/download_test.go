package tableau_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/tableau"
)

func serveFile(disposition string, content []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if disposition != "" {
			w.Header().Set("Content-Disposition", disposition)
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write(content)
	}
}

func TestDownload(t *testing.T) {
	t.Parallel()
	server := serve(t, serveFile(`name="tableau_workbook"; filename="Sales.twbx"`, zipFile))
	var out bytes.Buffer
	var last [2]int64
	got, err := server.client(t).Workbooks.Download(t.Context(), "w", &out, tableau.DownloadOptions{
		WithoutExtract: true, Progress: func(received, total int64) { last = [2]int64{received, total} },
	})
	if err != nil {
		t.Fatal(err)
	}
	want := &tableau.Download{FileName: "Sales.twbx", ContentType: "application/octet-stream", Size: int64(len(zipFile))}
	if diff := cmp.Diff(want, got); diff != "" || !bytes.Equal(out.Bytes(), zipFile) {
		t.Errorf("%d bytes; (-want +got)\n%s", out.Len(), diff)
	}
	if request := server.requests()[0]; request.Query != "includeExtract=false" || !strings.HasSuffix(request.Path, "/workbooks/w/content") {
		t.Errorf("request = %v", request)
	}
	if last[0] != int64(len(zipFile)) {
		t.Errorf("last progress = %v", last)
	}
}

func TestDownloadFileStaysInItsDirectory(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		`filename="Sales.twbx"`:                            "Sales.twbx",
		`attachment; filename="Sales.twbx"`:                "Sales.twbx",
		`filename*=UTF-8''Donn%C3%A9es%20%2B1.twbx`:        "Données +1.twbx",
		`filename="../../etc/passwd"`:                      "passwd",
		`filename="..\\..\\boot.ini"`:                      "boot.ini",
		`filename="C:\\Windows\\x.twbx"`:                   "x.twbx",
		`filename="/etc/cron.d/x"`:                         "x",
		`filename="%2e%2e%2fx.twbx"`:                       "x.twbx",
		`filename="a:b*c?<d>|.twbx"`:                       "abcd.twbx",
		`filename="CON.twbx"`:                              "_CON.twbx",
		`filename="com1"`:                                  "_com1",
		`filename="nul.tar.twbx"`:                          "_nul.tar.twbx",
		"filename*=UTF-8''a%00b%0d%0a%1b.twbx":             "ab.twbx",
		"filename*=UTF-8''Sales%E2%80%AExbwt.exe":          "Salesxbwt.exe",
		`filename="\\\\host\\share\\x.twbx"`:               "x.twbx",
		`filename="x.twbx:stream"`:                         "x.twbxstream",
		`filename="trailing. . "`:                          "trailing",
		`filename="` + strings.Repeat("x", 300) + `.twbx"`: strings.Repeat("x", 250) + ".twbx",
	}
	for disposition, want := range tests {
		dir := t.TempDir()
		c := serve(t, serveFile(`name="tableau_workbook"; `+strings.TrimPrefix(disposition, "attachment; "), zipFile)).client(t)
		got, err := c.Workbooks.DownloadFile(t.Context(), "w", dir, tableau.DownloadOptions{})
		if err != nil {
			t.Errorf("%s: %v", disposition, err)
			continue
		}
		if got.Path != filepath.Join(dir, want) {
			t.Errorf("%s: written to %q, want %q", disposition, got.Path, want)
		}
		if entries, _ := os.ReadDir(dir); len(entries) != 1 {
			t.Errorf("%s: the directory holds %v", disposition, entries)
		}
	}
	for _, disposition := range []string{"", `filename=".."`, `filename="..."`, `filename=""`, `filename="/"`} {
		dir := t.TempDir()
		c := serve(t, serveFile(disposition, zipFile)).client(t)
		_, err := c.Workbooks.DownloadFile(t.Context(), "w", dir, tableau.DownloadOptions{})
		if entries, _ := os.ReadDir(dir); err == nil || len(entries) != 0 {
			t.Errorf("%q: %v, directory %v; want an error and nothing written", disposition, err, entries)
		}
	}
}

func TestDownloadFileAppearsOnlyWhole(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(zipFile)))
		_, _ = w.Write(zipFile[:100])
		panic(http.ErrAbortHandler)
	})
	dir := t.TempDir()
	path := filepath.Join(dir, "mine.twbx")
	if err := os.WriteFile(path, []byte("the old one"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := server.client(t).Workbooks.DownloadFile(t.Context(), "w", path, tableau.DownloadOptions{}); err == nil {
		t.Error("half a file was taken for a whole one")
	}
	content, err := os.ReadFile(path)
	entries, _ := os.ReadDir(dir)
	if err != nil || string(content) != "the old one" || len(entries) != 1 {
		t.Errorf("content %q, %v, directory %v; want the old file alone", content, err, entries)
	}
}

// TestLargeDownloads are brought to the disk while they arrive.
func TestLargeDownloads(t *testing.T) {
	t.Parallel()
	block := content(1 << 20)
	for sent, whole := range map[int]bool{70: true, 40: false} {
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(70<<20))
			for range sent {
				_, _ = w.Write(block)
			}
		})
		dir := t.TempDir()
		path := filepath.Join(dir, "large.twbx")
		var told []int64
		got, err := server.client(t).Workbooks.DownloadFile(t.Context(), "w", path, tableau.DownloadOptions{
			Progress: func(received, _ int64) { told = append(told, received) },
		})
		entries, readErr := os.ReadDir(dir)
		if readErr != nil {
			t.Fatal(readErr)
		}
		if !whole {
			if err == nil || len(entries) != 0 {
				t.Errorf("%d of 70 MiB: %v, directory %v; want an error and nothing left", sent, err, entries)
			}
			continue
		}
		if err != nil || got.Size != 70<<20 || !slices.IsSorted(told) || told[len(told)-1] != 70<<20 {
			t.Fatalf("%+v, %v, progress %v", got, err, told)
		}
		if data, err := os.ReadFile(path); err != nil || !bytes.Equal(data, bytes.Repeat(block, sent)) {
			t.Errorf("the file is not what was sent: %d bytes, %v", len(data), err)
		}
	}
}

func TestRenderings(t *testing.T) {
	t.Parallel()
	server := serve(t, serveFile("", []byte("rendered")))
	c := server.client(t)
	data := tableau.ViewData{
		MaxAge:     new(5 * time.Minute),
		Language:   "de",
		Filters:    []tableau.ViewFilter{{Field: "Sub Category", Values: []string{"A & B", "C, D"}}},
		Parameters: []tableau.ViewParameter{{Name: "Top N", Value: "10"}},
	}
	common := `&vf_Parameters.Top+N=10&vf_Sub+Category=A+%26+B%2CC%5C%2C+D`
	tests := []struct {
		call        func(w io.Writer) error
		path, query string
	}{
		{func(w io.Writer) error { return c.Views.Image(t.Context(), "v", w, tableau.ImageOptions{}) }, "/views/v/image", ""},
		{func(w io.Writer) error {
			return c.Views.Image(t.Context(), "v", w, tableau.ImageOptions{ViewData: data, HighResolution: true, Size: tableau.VizSize{Width: 1024, Height: 768}})
		}, "/views/v/image", "language=de&maxAge=5&resolution=high" + common + "&vizHeight=768&vizWidth=1024"},
		{func(w io.Writer) error { return c.Views.CSV(t.Context(), "v", w, tableau.CSVOptions{ViewData: data}) }, "/views/v/data", "language=de&maxAge=5" + common},
		{func(w io.Writer) error {
			return c.Views.PDF(t.Context(), "v", w, tableau.PDFOptions{PageType: tableau.PageA4, Orientation: tableau.Landscape})
		}, "/views/v/pdf", "orientation=Landscape&type=A4"},
		{func(w io.Writer) error { return c.Workbooks.PDF(t.Context(), "b", w, tableau.PDFOptions{}) }, "/workbooks/b/pdf", ""},
		{func(w io.Writer) error { return c.Workbooks.PreviewImage(t.Context(), "b", w) }, "/workbooks/b/previewImage", ""},
		{func(w io.Writer) error { return c.Views.PreviewImage(t.Context(), "b", "v", w) }, "/workbooks/b/views/v/previewImage", ""},
	}
	for i, test := range tests {
		var out bytes.Buffer
		if err := test.call(&out); err != nil || out.String() != "rendered" {
			t.Errorf("%s: %q, %v", test.path, &out, err)
		}
		request := server.requests()[i]
		if !strings.HasSuffix(request.Path, siteID+test.path) || request.Query != test.query {
			t.Errorf("request %s?%s, want %s?%s", request.Path, request.Query, test.path, test.query)
		}
	}
	sent := len(server.requests())
	for name, err := range map[string]error{
		"half a size":  c.Views.Image(t.Context(), "v", io.Discard, tableau.ImageOptions{Size: tableau.VizSize{Width: 3}}),
		"seconds":      c.Views.CSV(t.Context(), "v", io.Discard, tableau.CSVOptions{ViewData: tableau.ViewData{MaxAge: new(time.Second)}}),
		"no field":     c.Views.PDF(t.Context(), "v", io.Discard, tableau.PDFOptions{ViewData: tableau.ViewData{Filters: []tableau.ViewFilter{{}}}}),
		"no parameter": c.Views.PDF(t.Context(), "v", io.Discard, tableau.PDFOptions{ViewData: tableau.ViewData{Parameters: []tableau.ViewParameter{{}}}}),
	} {
		if err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	if len(server.requests()) != sent {
		t.Error("bad options were sent")
	}
}
