package tableau

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
)

// DownloadOptions say what of a file to download. The zero value is all of it.
type DownloadOptions struct {
	// WithoutExtract leaves the extracts out of a packaged file. Servers before REST API 2.5 send them all the same.
	WithoutExtract bool
	// Progress is called as the file arrives, with bytes; total is -1 when the
	// server does not say.
	Progress func(received, total int64)
}

func (o DownloadOptions) apply(r request) request {
	if o.WithoutExtract {
		r = r.param("includeExtract", "false")
	}
	return r
}

// Download says what was downloaded.
type Download struct {
	FileName    string // the server's name for the file, made safe; "" when it gives none
	Path        string // where the file is now; "" when it went to a writer
	ContentType string
	Size        int64 // bytes
}

// copyTo writes the answer's body to w.
func (c *Client) copyTo(ctx context.Context, w io.Writer, r request) error {
	_, err := c.download(ctx, w, r, nil)
	return err
}

func (c *Client) download(ctx context.Context, w io.Writer, r request, progress func(received, total int64)) (*Download, error) {
	resp, err := c.open(ctx, r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	d := &Download{
		FileName:    safeFileName(dispositionFileName(resp.Header.Get("Content-Disposition"))),
		ContentType: resp.Header.Get("Content-Type"),
	}
	if d.Size, err = copyBody(w, resp, progress); err != nil {
		return nil, fmt.Errorf("tableau: %s: download: %w", r.name(), err)
	}
	return d, nil
}

// copyBuffer is how many bytes a download reads and writes at a time. net/http
// hides the connection, so that the system cannot copy by itself; few large
// reads and writes come near it.
const copyBuffer = 256 << 10

func copyBody(w io.Writer, resp *http.Response, progress func(received, total int64)) (int64, error) {
	size := int64(copyBuffer)
	if resp.ContentLength >= 0 {
		size = min(size, resp.ContentLength+1) // the one for the end of the file
	}
	return io.CopyBuffer(struct{ io.Writer }{w}, &progressReader{resp.Body, progress, 0, resp.ContentLength}, make([]byte, size))
}

// progressReader tells how much has been read.
type progressReader struct {
	io.Reader
	tell        func(done, total int64)
	done, total int64
}

func (p *progressReader) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	if n > 0 && p.tell != nil {
		p.done += int64(n)
		p.tell(p.done, p.total)
	}
	return n, err
}

// downloadFile downloads to a temporary name beside path and renames the file
// when it is whole and on disk.
func (c *Client) downloadFile(ctx context.Context, path string, r request, progress func(received, total int64)) (*Download, error) {
	dir, name := filepath.Split(path)
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		dir, name = path, ""
	}
	if dir == "" {
		dir = "."
	}
	// Unlike os.CreateTemp's, the file gets the permissions that any new file gets.
	temporary, err := os.OpenFile(filepath.Join(dir, ".download-"+rand.Text()), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return nil, &fileError{err}
	}
	defer os.Remove(temporary.Name()) // gone by then when all went well
	defer temporary.Close()
	toDisk := &syncingFile{File: temporary}
	defer toDisk.wait()
	d, err := c.download(ctx, toDisk, r, progress)
	if err != nil {
		return nil, err
	}
	if name == "" {
		if name = d.FileName; name == "" {
			return nil, invalid("download: the server gives the file no name: name the file to write instead of a directory")
		}
	}
	if err := cmp.Or(toDisk.wait(), temporary.Sync()); err != nil {
		return nil, &fileError{err}
	}
	if err := temporary.Close(); err != nil {
		return nil, &fileError{err}
	}
	d.Path = filepath.Join(dir, name)
	if err := os.Rename(temporary.Name(), d.Path); err != nil {
		return nil, &fileError{err}
	}
	return d, nil
}

// syncEvery is how many bytes of a download the disk may be behind before it is
// asked for them. The download goes on meanwhile and at its end has little left
// to wait for.
const syncEvery = 32 << 20

// syncingFile is a file that is brought to the disk while it is written.
type syncingFile struct {
	*os.File
	behind  int
	syncing chan error // nil when the disk is not at work
}

func (f *syncingFile) Write(b []byte) (int, error) {
	n, err := f.File.Write(b)
	f.behind += n
	if err != nil || f.behind < syncEvery || len(f.syncing) == 0 && f.syncing != nil {
		return n, err
	}
	if err := f.wait(); err != nil {
		return n, err
	}
	f.behind, f.syncing = 0, make(chan error, 1)
	go func(done chan<- error) { done <- f.Sync() }(f.syncing)
	return n, nil
}

// wait waits for the disk if it is at work. Its error is not told again by the
// next Sync.
func (f *syncingFile) wait() error {
	if f.syncing == nil {
		return nil
	}
	err := <-f.syncing
	f.syncing = nil
	return err
}

// quotedExtended finds a file name that is both percent-encoded and quoted,
// which the standard does not allow and some servers send.
var quotedExtended = regexp.MustCompile(`(?i)filename\*\s*=\s*UTF-8'[^']*'"([^"]*)"`)

// dispositionFileName reads the file name of a Content-Disposition header.
// Tableau leaves out the type before the first parameter.
func dispositionFileName(header string) string {
	if _, parameters, err := mime.ParseMediaType(header); err == nil && parameters["filename"] != "" {
		return parameters["filename"]
	}
	if _, parameters, err := mime.ParseMediaType("attachment; " + header); err == nil {
		return parameters["filename"]
	}
	if match := quotedExtended.FindStringSubmatch(header); match != nil {
		if name, err := url.PathUnescape(match[1]); err == nil {
			return name
		}
	}
	return ""
}

// safeFileName makes a server's file name one that stays in the directory it is
// put into, on every system: no path, no control or reserved characters, no
// device name.
func safeFileName(name string) string {
	if unescaped, err := url.PathUnescape(name); err == nil && strings.ContainsAny(unescaped, `/\`) {
		name = unescaped
	}
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar || strings.ContainsRune(`<>:"|?*`, r) {
			return -1
		}
		return r
	}, name)
	name = strings.TrimRight(strings.TrimSpace(name), ". ")
	if strings.Trim(name, ".") == "" {
		return ""
	}
	stem, _, _ := strings.Cut(name, ".")
	switch upper := strings.ToUpper(strings.TrimSpace(stem)); {
	case upper == "CON", upper == "PRN", upper == "AUX", upper == "NUL",
		len(upper) == 4 && (strings.HasPrefix(upper, "COM") || strings.HasPrefix(upper, "LPT")) && upper[3] >= '0' && upper[3] <= '9':
		name = "_" + name
	}
	for len(name) > 255 {
		extension := filepath.Ext(name)
		if len(extension) > 16 {
			extension = ""
		}
		name = strings.ToValidUTF8(name[:255-len(extension)], "") + extension
	}
	return name
}
