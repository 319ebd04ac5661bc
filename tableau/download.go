package tableau

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"
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
	t := &transfer{to: w, tell: progress, header: http.Header{}}
	r.header = t.header
	if err := c.do(ctx, r, t.receive); err != nil {
		return nil, err
	}
	return &t.Download, nil
}

// transfer is a download that may take several answers. One that breaks off goes
// on where it ended when the server can tell that the file is the same, and else
// starts anew, where what has been written can be taken back.
type transfer struct {
	Download
	to     io.Writer
	tell   func(received, total int64)
	header http.Header // of the next request
	told   int64
}

// rewritable is a place to write to that can be emptied and looked at.
type rewritable interface {
	restart() error
	cutShort(size int64) (bool, error)
}

func (t *transfer) receive(resp *http.Response) error {
	contentType, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if contentType == "text/html" {
		start, _ := io.ReadAll(io.LimitReader(resp.Body, bodyHeadInError))
		return webPage(resp, start)
	}
	if resp.Close && resp.ContentLength < 0 && len(resp.TransferEncoding) == 0 {
		// Then the whole file and half of it look the same.
		return broken(resp.Request, fmt.Errorf("the answer has no length and no end: %w", io.ErrUnexpectedEOF))
	}
	if resp.StatusCode == http.StatusRequestedRangeNotSatisfiable {
		return t.broken(broken(resp.Request, fmt.Errorf("the server has no more of the file than the %d bytes that it broke off after: %w", t.Size, io.ErrUnexpectedEOF)))
	}
	if err := t.place(resp); err != nil {
		return err
	}
	n, err := copyBody(t.to, resp, t.Size, t.progress)
	t.Size += n
	if err != nil && !errors.Is(err, ErrConnection) {
		return fmt.Errorf("tableau: download: write the file: %w", err)
	}
	if condition := sameFile(resp); err != nil && condition != "" {
		t.header.Set("Range", fmt.Sprintf("bytes=%d-", t.Size))
		t.header.Set("If-Range", condition)
		return err
	}
	if file, ok := t.to.(rewritable); err == nil && ok {
		var cut bool
		if cut, err = file.cutShort(t.Size); err != nil {
			return &fileError{err}
		}
		if cut {
			err = broken(resp.Request, fmt.Errorf("the answer is a zip file without an end: %w", io.ErrUnexpectedEOF))
		}
	}
	if err != nil {
		return t.broken(err)
	}
	return nil
}

// broken makes the next request one for all of the file.
func (t *transfer) broken(err error) error {
	clear(t.header)
	if _, ok := t.to.(rewritable); !ok && t.Size > 0 {
		return &finalError{fmt.Errorf("%w (after %d bytes, and the server does not say whether it could go on from there)", err, t.Size)}
	}
	return err
}

// place makes ready for what the answer holds: the rest of the file, or all of it.
func (t *transfer) place(resp *http.Response) error {
	if resp.StatusCode == http.StatusPartialContent {
		if strings.HasPrefix(resp.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", t.Size)) {
			return nil
		}
		e := errorFrom(resp.Request, resp, nil)
		e.Summary, e.Detail = "unexpected answer", "it is another part of the file than was asked for"
		return e
	}
	if t.Size > 0 {
		file, ok := t.to.(rewritable)
		if !ok {
			e := errorFrom(resp.Request, resp, nil)
			e.Summary, e.Detail = "download broken off", fmt.Sprintf("after %d bytes; the server cannot go on from there, or the file has changed", t.Size)
			return e
		}
		if err := file.restart(); err != nil {
			return &fileError{err}
		}
	}
	t.Download = Download{
		FileName:    safeFileName(dispositionFileName(resp.Header.Get("Content-Disposition"))),
		ContentType: resp.Header.Get("Content-Type"),
	}
	return nil
}

// progress tells how much has arrived. What comes a second time does not count.
func (t *transfer) progress(received, total int64) {
	if t.tell != nil && received > t.told {
		t.told = received
		t.tell(received, total)
	}
}

// sameFile returns by what the server can tell that the file has not changed, ""
// when by nothing, or when its bytes are not those that were sent.
func sameFile(resp *http.Response) string {
	tag := resp.Header.Get("ETag")
	switch {
	case resp.Uncompressed || resp.Header.Get("Content-Encoding") != "":
		return ""
	case tag != "" && !strings.HasPrefix(tag, "W/"):
		return tag
	}
	return resp.Header.Get("Last-Modified")
}

// copyBuffer is how many bytes a download reads and writes, and an upload writes, at a time. net/http
// hides the connection, so that the system cannot copy by itself; few large
// reads and writes come near it.
const copyBuffer = 256 << 10

// copyBody writes the answer's body to w. before is how many bytes of the file
// earlier answers have brought.
func copyBody(w io.Writer, resp *http.Response, before int64, progress func(received, total int64)) (int64, error) {
	size, total := int64(copyBuffer), resp.ContentLength
	if total >= 0 {
		size = min(size, total+1) // the one for the end of the file
		total += before
	}
	return io.CopyBuffer(struct{ io.Writer }{w}, &progressReader{resp.Body, progress, before, total}, make([]byte, size))
}

// progressReader tells how much has been read.
type progressReader struct {
	io.Reader
	tell        func(done, total int64)
	done, total int64
}

func (p *progressReader) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	if n > 0 {
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
	temporary, err := os.OpenFile(filepath.Join(dir, ".download-"+rand.Text()), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o666)
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
	if err := cmp.Or(rename(ctx, temporary.Name(), d.Path, isHeld), syncDirectory(dir)); err != nil {
		return nil, &fileError{err}
	}
	return d, nil
}

// renamePatience is how long another program may hold a file.
const renamePatience = 2 * time.Second

// rename gives a file its final name. A virus scanner may hold a new file, and a
// reader the one in its place: then it tries again, for a moment.
func rename(ctx context.Context, from, to string, held func(error) bool) error {
	end := time.Now().Add(renamePatience)
	for pause := time.Millisecond; ; pause *= 2 {
		err := os.Rename(from, to)
		if err == nil || !held(err) || time.Now().Add(pause).After(end) {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return fmt.Errorf("%w; last failure: %w", context.Cause(ctx), err)
		}
	}
}

// syncDirectory brings a new name in the directory to the disk, where the system
// can do that.
func syncDirectory(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return nil // we may write into it but not read it
	}
	defer d.Close()
	if err := d.Sync(); !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
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

// restart empties the file.
func (f *syncingFile) restart() error {
	err := f.wait()
	if err == nil {
		err = f.Truncate(0)
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	f.behind = 0
	return err
}

// cutShort reports whether the file begins as a zip file and does not end as one.
func (f *syncingFile) cutShort(size int64) (bool, error) {
	first := make([]byte, 4)
	if _, err := f.ReadAt(first, 0); err != nil && err != io.EOF {
		return false, err
	}
	if string(first) != "PK\x03\x04" {
		return false, nil
	}
	const endRecord, longestComment = 22, 1<<16 - 1
	last := make([]byte, min(size, endRecord+longestComment))
	if _, err := f.ReadAt(last, size-int64(len(last))); err != nil && err != io.EOF {
		return false, err
	}
	end := bytes.LastIndex(last, []byte("PK\x05\x06"))
	if end < 0 || len(last)-end < endRecord {
		return true, nil
	}
	comment := int(binary.LittleEndian.Uint16(last[end+endRecord-2:]))
	return len(last)-end < endRecord+comment, nil
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
var quotedExtended = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)filename\*\s*=\s*UTF-8'[^']*'"([^"]*)"`)
})

// dispositionFileName reads the file name of a Content-Disposition header.
// Tableau leaves out the type before the first parameter.
func dispositionFileName(header string) string {
	if _, parameters, err := mime.ParseMediaType(header); err == nil && parameters["filename"] != "" {
		return parameters["filename"]
	}
	if _, parameters, err := mime.ParseMediaType("attachment; " + header); err == nil {
		return parameters["filename"]
	}
	if match := quotedExtended().FindStringSubmatch(header); match != nil {
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
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar || strings.ContainsRune(`<>:"|?*`, r) {
			return -1
		}
		return r
	}, name)
	if name = strings.TrimRight(strings.TrimSpace(name), ". "); name == "" {
		return ""
	}
	stem, _, _ := strings.Cut(name, ".")
	if isDevice(strings.ToUpper(strings.TrimSpace(stem))) {
		name = "_" + name
	}
	for len(name) > 255 {
		extension := filepath.Ext(name)
		if len(extension) > 16 {
			extension = ""
		}
		name = strings.TrimRight(strings.ToValidUTF8(name[:255-len(extension)], ""), ". ") + extension
	}
	return name
}

// isDevice reports whether Windows takes the name for one of its devices.
func isDevice(upper string) bool {
	switch upper {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	number, ok := strings.CutPrefix(upper, "COM")
	if !ok {
		number, ok = strings.CutPrefix(upper, "LPT")
	}
	return ok && utf8.RuneCountInString(number) == 1 && strings.Contains("0123456789¹²³", number)
}
