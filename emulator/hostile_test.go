//go:build linux && !race

// The race detector multiplies memory, and what is measured here is how much of it the server takes.

package emulator_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// stream makes a long text out of one piece, without holding it.
func stream(piece string, size int64) io.Reader {
	block := []byte(strings.Repeat(piece, 1+1<<16/len(piece)))
	return io.LimitReader(readerFunc(func(p []byte) (int, error) { return copy(p, block), nil }), size)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// around is text between two others.
func around(before string, inside io.Reader, after string) io.Reader {
	return io.MultiReader(strings.NewReader(before), inside, strings.NewReader(after))
}

// lie is a zip file whose only file, packed, is much larger than the directory says.
func lie(t *testing.T, name string, content io.Reader, declared uint32) []byte {
	t.Helper()
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	raw, err := archive.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, CompressedSize64: uint64(packed.Len()), UncompressedSize64: uint64(declared)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw.Write(packed.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// slipping is a zip file with a workbook, and another file of that name.
func slipping(t *testing.T, name string) []byte {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for _, name := range []string{"a.twb", name} {
		w, err := archive.Create(name)
		if err == nil {
			_, err = io.WriteString(w, "<workbook><worksheets><worksheet name='a'/></worksheets></workbook>")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// manyEntries is the directory of a zip file with so many files, all of them empty.
func manyEntries(entries int) []byte {
	var directory bytes.Buffer
	header := make([]byte, 46)
	copy(header, "PK\x01\x02")
	binary.LittleEndian.PutUint32(header[16:], crc32.ChecksumIEEE(nil))
	binary.LittleEndian.PutUint16(header[28:], 1)
	for range entries {
		directory.Write(header)
		directory.WriteString("n")
	}
	end := make([]byte, 22)
	copy(end, "PK\x05\x06")
	binary.LittleEndian.PutUint16(end[8:], 0xffff&uint16(entries))
	binary.LittleEndian.PutUint16(end[10:], 0xffff&uint16(entries))
	binary.LittleEndian.PutUint32(end[12:], uint32(directory.Len()))
	return append(directory.Bytes(), end...)
}

// TestHostileRequests sends what is made to harm to a server of its own, which refuses each in time, reads no file and asks
// no address, and in the end has not taken more memory than its limits allow.
func TestHostileRequests(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "a", "b", "data")
	if err := os.MkdirAll(filepath.Dir(data), 0o700); err != nil {
		t.Fatal(err)
	}
	u, child := serveChild(t, data)
	var asked atomic.Int64
	canary, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { canary.Close() })
	go func() {
		for {
			c, err := canary.Accept()
			if err != nil {
				return
			}
			asked.Add(1)
			c.Close()
		}
	}()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("the secret in the file"), 0o600); err != nil {
		t.Fatal(err)
	}

	upload, _ := u.xml(201, "POST", "/sites/{site}/fileUploads", "").find("fileUpload")
	const gigabyte = 1 << 30
	type hostile struct {
		name, method, path, contentType string
		body                            io.Reader
	}
	document := func(name string, body io.Reader) hostile {
		return hostile{name, "POST", "/sites/" + u.site + "/projects", "text/xml", body}
	}
	parts := func(file, fileName string, content io.Reader) io.Reader {
		return around("--b\r\nContent-Disposition: name=\"request_payload\"\r\nContent-Type: text/xml\r\n\r\n<tsRequest><"+file+
			" name=\"hostile\"/></tsRequest>\r\n--b\r\nContent-Disposition: name=\"tableau_"+file+"\"; filename=\""+fileName+"\"\r\n\r\n", content, "\r\n--b--\r\n")
	}
	workbook := func(name, fileName string, content io.Reader) hostile {
		return hostile{name, "POST", "/sites/" + u.site + "/workbooks", "multipart/mixed; boundary=b", parts("workbook", fileName, content)}
	}
	text := func(s string) io.Reader { return strings.NewReader(s) }
	bomb := `<!DOCTYPE a [<!ENTITY a "lol">` + strings.Repeat(`<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">`, 10) + `]>`
	file := `<!DOCTYPE a [<!ENTITY e SYSTEM "file://` + secret + `">]>`
	address := `<!DOCTYPE a [<!ENTITY % d SYSTEM "http://` + canary.Addr().String() + `/d.dtd"> %d; <!ENTITY e SYSTEM "http://` + canary.Addr().String() + `/">]>`
	tests := []hostile{
		document("attribute of 1 GB", around(`<tsRequest><project name="`, stream("x", gigabyte), `"/></tsRequest>`)),
		document("text of 1 GB", around(`<tsRequest>`, stream("x", gigabyte), `</tsRequest>`)),
		document("1 GB of elements", around(`<tsRequest>`, stream("<project/>", gigabyte), `</tsRequest>`)),
		document("1 GB of attributes", around(`<tsRequest><project `, stream(`a="" `, gigabyte), `/></tsRequest>`)),
		document("deep nesting", around(`<tsRequest>`, stream("<project>", 3<<20), ``)),
		document("entity bomb", text(bomb+`<tsRequest><project name="&b;"/></tsRequest>`)),
		document("entity of a file", text(file+`<tsRequest><project name="&e;"/></tsRequest>`)),
		document("entity of an address", text(address+`<tsRequest><project name="&e;"/></tsRequest>`)),
		{"JSON text of 1 GB", "POST", "/sites/" + u.site + "/projects", "application/json", around(`{"project": {"name": "`, stream("x", gigabyte), `"}}`)},
		{"deep JSON", "POST", "/sites/" + u.site + "/projects", "application/json", around(`{"project": `, stream(`[`, 3<<20), `}`)},
		{"deep JSON of rows", "PATCH", "/sites/" + u.site + "/datasources/d/data", "application/json", around(`{"actions": `, stream(`[`, 3<<20), `}`)},
		{"sign-in of 1 GB", "POST", "/auth/signin", "text/xml", around(`<tsRequest><credentials name="`, stream("x", gigabyte), `"/></tsRequest>`)},
		{"seed of 1 GB", "POST", "", "application/json", around(`{"`, stream("x", gigabyte), `"}`)},
		{"part with a header of 1 GB", "POST", "/sites/" + u.site + "/workbooks", "multipart/mixed; boundary=b", around("--b\r\nX: ", stream("x", gigabyte), "\r\n\r\n")},
		{"1 GB of parts", "POST", "/sites/" + u.site + "/workbooks", "multipart/mixed; boundary=b", stream("--b\r\nContent-Disposition: name=request_payload\r\n\r\n\r\n", gigabyte)},
		{"block of 1 GB", "PUT", "/sites/" + u.site + "/fileUploads/" + upload.attr("uploadSessionId"), "multipart/mixed; boundary=b", parts("file", "file", stream("x", gigabyte))},
		workbook("file of 1 GB", "a.twb", around("<workbook>", stream(" ", gigabyte), "</workbook>")),
		workbook("attribute of 60 MB", "a.twb", around("<workbook><worksheets><worksheet name='", stream("x", 60<<20), "'/></worksheets></workbook>")),
		workbook("attribute of 1 GB, packed", "a.twbx", bytes.NewReader(lie(t, "a.twb", around("<workbook><worksheets><worksheet name='", stream("x", gigabyte), "'/></worksheets></workbook>"), 1000))),
		workbook("sheets of 512 MB, packed", "a.twbx", bytes.NewReader(lie(t, "a.twb", around("<workbook><worksheets>", stream("<worksheet name='a'/>", 512<<20), "</worksheets></workbook>"), 1000))),
		workbook("bomb that says what it is", "a.twbx", bytes.NewReader(lie(t, "a.twb", stream(" ", 32<<20), 1<<32-2))),
		workbook("a million files", "a.twbx", bytes.NewReader(manyEntries(1_000_000))),
		workbook("deep nesting in a workbook", "a.twb", around("<workbook>", stream("<a>", 60<<20), "")),
		workbook("entity bomb in a workbook", "a.twb", text(bomb+"<workbook>&b;</workbook>")),
		workbook("entity of a file in a workbook", "a.twb", text(file+"<workbook><worksheets><worksheet name='&e;'/></worksheets></workbook>")),
		workbook("entity of an address in a workbook", "a.twb", text(address+"<workbook><worksheets><worksheet name='&e;'/></worksheets></workbook>")),
		{"data source in a lie", "POST", "/sites/" + u.site + "/datasources", "multipart/mixed; boundary=b",
			parts("datasource", "a.tdsx", bytes.NewReader(lie(t, "a.tds", around("<datasource name='", stream("x", gigabyte), "'/>"), 1000)))},
	}
	for _, name := range []string{"../x.csv", "Data/../../x.csv", "/tmp/x.csv", `C:\x.csv`, "C:x.csv", `..\x.csv`, `\\host\share\x.csv`, "a\x00b"} {
		tests = append(tests, workbook("zip with "+strconv.Quote(name), "a.twbx", bytes.NewReader(slipping(t, name))))
	}
	for _, test := range tests {
		path := "/api/" + version + test.path
		if test.path == "" {
			path = "/_emulator/seed"
		}
		request, err := http.NewRequestWithContext(t.Context(), test.method, u.server.URL+path, test.body)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", test.contentType)
		request.Header.Set("X-Tableau-Auth", u.token)
		request.Header.Set("RequestID", "hostile") // changes of rows need it
		started := time.Now()
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil { // hanging up in the middle of 1 GB is a refusal, too
			t.Logf("%s: %v, %v", test.name, err, time.Since(started).Round(time.Millisecond))
		} else {
			answer, _ := io.ReadAll(response.Body) // what there is of it
			response.Body.Close()
			t.Logf("%s: status %d, %v: %.200s", test.name, response.StatusCode, time.Since(started).Round(time.Millisecond), answer[min(len(answer), 240):])
			if response.StatusCode < 400 || response.StatusCode >= 500 {
				t.Errorf("%s: status %d, want a refusal: %.500s", test.name, response.StatusCode, answer)
			}
			if bytes.Contains(answer, []byte("the secret in the file")) {
				t.Errorf("%s: the answer holds what is in the file", test.name)
			}
		}
		if took := time.Since(started); took > 20*time.Second {
			t.Errorf("%s: it takes %v", test.name, took)
		}
		if got := u.do("GET", "/sites/{site}/workbooks", "", nil); got.status != 200 || bytes.Contains(got.body, []byte("hostile")) {
			t.Fatalf("%s: afterwards the server answers %d: %s", test.name, got.status, got.body)
		}
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("the server asked an address in a document %d times", n)
	}
	err = filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !strings.HasPrefix(path, data) && path != secret {
			t.Errorf("the server has written %s", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if files := storedFiles(t, data); files > 0 {
		t.Errorf("%d files of refused requests stay", files)
	}
	const most = 400 << 20
	if peak := peakMemory(t, child.Process); peak > most {
		t.Errorf("the server took %d MiB", peak>>20)
	} else {
		t.Logf("the server took %d MiB", peak>>20)
	}
}

// peakMemory is the most that a process has had in memory at a time.
func peakMemory(t *testing.T, process *os.Process) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	line, _, _ := strings.Cut(rest, "\n")
	kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(line), " kB"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes << 10
}
