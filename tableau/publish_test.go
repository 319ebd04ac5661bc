package tableau_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/tableau"
)

// zipFile begins and ends like one.
var zipFile = slices.Concat([]byte("PK\x03\x04"), bytes.Repeat([]byte("some workbook "), 1000), []byte("PK\x05\x06"), make([]byte, 18))

// part is one part of a multipart body. Tableau's are not quite those of
// mime/multipart, so they are read by hand here.
type part struct{ Head, Body string }

func parts(t *testing.T, contentType string, body []byte) []part {
	t.Helper()
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/mixed" {
		t.Fatalf("content type %q: %v", contentType, err)
	}
	text := "\r\n" + string(body)
	mark := "\r\n--" + parameters["boundary"]
	pieces := strings.Split(text, mark)
	if pieces[0] != "" || pieces[len(pieces)-1] != "--\r\n" {
		t.Fatalf("the body is not framed: it starts %q, ends %q", pieces[0], pieces[len(pieces)-1])
	}
	var out []part
	for _, piece := range pieces[1 : len(pieces)-1] {
		head, content, ok := strings.Cut(strings.TrimPrefix(piece, "\r\n"), "\r\n\r\n")
		if !ok {
			t.Fatalf("part without head: %.100q", piece)
		}
		out = append(out, part{head, content})
	}
	return out
}

// publishServer takes uploads and remembers what became of them.
type publishServer struct {
	t         *testing.T
	mu        sync.Mutex
	sessions  map[string][]byte
	blocks    int
	payload   string
	file      []byte
	fileHead  string
	query     string
	published int
	failBlock func(n int) bool // whether the n-th block's answer is lost
}

func (s *publishServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	if s.sessions == nil {
		s.sessions = map[string][]byte{}
	}
	switch {
	case r.Method == "POST" && strings.HasSuffix(r.URL.Path, "/fileUploads"):
		id := fmt.Sprintf("1:abc-%d:0", len(s.sessions))
		s.sessions[id] = nil
		answer(w, 201, `<fileUpload uploadSessionId="`+id+`"/>`)
	case r.Method == "PUT":
		s.blocks++
		id := filepath.Base(r.URL.Path)
		got := parts(s.t, r.Header.Get("Content-Type"), body)
		s.sessions[id] = append(s.sessions[id], got[1].Body...)
		if s.failBlock != nil && s.failBlock(s.blocks) {
			w.WriteHeader(504)
			return
		}
		answer(w, 200, `<fileUpload uploadSessionId="`+id+`" fileSize="1"/>`)
	default:
		s.published++
		s.query = r.URL.RawQuery
		got := parts(s.t, r.Header.Get("Content-Type"), body)
		s.payload = got[0].Body
		if id := r.URL.Query().Get("uploadSessionId"); id != "" {
			s.file = s.sessions[id]
		} else {
			s.fileHead, s.file = got[1].Head, []byte(got[1].Body)
		}
		answer(w, 201, `<workbook id="w" name="Sales"/>`)
	}
}

func TestPublishInOneRequest(t *testing.T) {
	t.Parallel()
	state := &publishServer{t: t}
	c := serve(t, state.ServeHTTP).client(t)
	var last [2]int64
	workbook, err := c.Workbooks.Publish(t.Context(), bytes.NewReader(zipFile), tableau.PublishWorkbook{
		Name: "Sales & <more>", ProjectID: "p-1", Mode: tableau.Overwrite, ShowTabs: true, Description: "d",
		HiddenViews: []string{"Secret sheet"}, SkipConnectionCheck: true,
		Connections: []tableau.PublishConnection{
			{ServerAddress: "db.example.com", ServerPort: "5432", Credentials: &tableau.ConnectionCredentials{Name: "reader", Password: "p&w", Embed: true}},
		},
		FileName: `Süd "1".twbx`,
		Progress: func(sent, total int64) { last = [2]int64{sent, total} },
	})
	if err != nil || workbook.ID != "w" {
		t.Fatalf("Publish = %v, %v", workbook, err)
	}
	wantPayload := `<tsRequest><workbook name="Sales &amp; &lt;more&gt;" showTabs="true" description="d">` +
		`<connections><connection serverAddress="db.example.com" serverPort="5432"><connectionCredentials name="reader" password="p&amp;w" embed="true"></connectionCredentials></connection></connections>` +
		`<project id="p-1"></project><views><view name="Secret sheet" hidden="true"></view></views></workbook></tsRequest>`
	if diff := cmp.Diff(wantPayload, state.payload); diff != "" {
		t.Errorf("payload (-want +got)\n%s", diff)
	}
	wantHead := "Content-Disposition: form-data; name=\"tableau_workbook\"; filename=\"Süd %221%22.twbx\"\r\nContent-Type: application/octet-stream"
	if diff := cmp.Diff(wantHead, state.fileHead); diff != "" {
		t.Errorf("file part (-want +got)\n%s", diff)
	}
	if !bytes.Equal(state.file, zipFile) {
		t.Errorf("%d bytes arrived, want %d", len(state.file), len(zipFile))
	}
	if want := "overwrite=true&skipConnectionCheck=true&workbookType=twbx"; state.query != want {
		t.Errorf("query = %s, want %s", state.query, want)
	}
	if want := [2]int64{int64(len(zipFile)), int64(len(zipFile))}; last != want {
		t.Errorf("last progress = %v, want %v", last, want)
	}
}

func TestPublishFileTakesItsNameFromThePath(t *testing.T) {
	t.Parallel()
	state := &publishServer{t: t}
	c := serve(t, state.ServeHTTP).client(t)
	path := filepath.Join(t.TempDir(), "North.v2.twbx")
	if err := os.WriteFile(path, zipFile, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Workbooks.PublishFile(t.Context(), path, tableau.PublishWorkbook{ProjectID: "p"}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(state.payload, `name="North.v2"`) || !strings.Contains(state.fileHead, `filename="North.v2.twbx"`) {
		t.Errorf("payload %s, file %s", state.payload, state.fileHead)
	}
	for _, path := range []string{filepath.Join(t.TempDir(), "missing.twbx"), "book.xlsx", "book"} {
		_, err := c.Workbooks.PublishFile(t.Context(), path, tableau.PublishWorkbook{ProjectID: "p"})
		if !errors.Is(err, tableau.ErrInvalidArgument) {
			t.Errorf("PublishFile(%q) = %v, want ErrInvalidArgument", path, err)
		}
	}
	if _, err := c.Workbooks.PublishFile(t.Context(), filepath.Join(t.TempDir(), "missing.twbx"), tableau.PublishWorkbook{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v, want os.ErrNotExist", err)
	}
}

func TestPublishWhatCannotSeekGoesInBlocks(t *testing.T) {
	t.Parallel()
	for _, size := range []int{4, 8 << 20, 8<<20 + 1, 20 << 20} {
		state := &publishServer{t: t}
		c := serve(t, state.ServeHTTP).client(t)
		file := append([]byte("PK\x03\x04"), bytes.Repeat([]byte{7}, size-4)...)
		var last [2]int64
		_, err := c.Workbooks.Publish(t.Context(), iotest.HalfReader(bytes.NewReader(file)), tableau.PublishWorkbook{
			Name: "n", ProjectID: "p", Progress: func(sent, total int64) { last = [2]int64{sent, total} },
		})
		if err != nil {
			t.Fatal(err)
		}
		if sha256.Sum256(state.file) != sha256.Sum256(file) || !strings.Contains(state.query, "uploadSessionId=") {
			t.Errorf("%d of %d bytes arrived, query %s", len(state.file), size, state.query)
		}
		if want := [2]int64{int64(size), -1}; last != want {
			t.Errorf("last progress = %v, want %v", last, want)
		}
	}
}

func TestLargeFilesGoInBlocks(t *testing.T) {
	t.Parallel()
	state := &publishServer{t: t}
	c := serve(t, state.ServeHTTP).client(t)
	file := append([]byte("PK\x03\x04"), bytes.Repeat([]byte{1, 2, 3, 4}, 65<<18)...)
	if _, err := c.Workbooks.Publish(t.Context(), bytes.NewReader(file), tableau.PublishWorkbook{Name: "n", ProjectID: "p"}); err != nil {
		t.Fatal(err)
	}
	if sha256.Sum256(state.file) != sha256.Sum256(file) || state.blocks != 3 {
		t.Errorf("%d of %d bytes arrived in %d blocks, want all in 3", len(state.file), len(file), state.blocks)
	}
}

func TestABlockIsNeverSentTwice(t *testing.T) {
	t.Parallel()
	file := append([]byte("PK\x03\x04"), bytes.Repeat([]byte{9}, 70<<20)...)
	t.Run("a file that can be read again starts over", func(t *testing.T) {
		state := &publishServer{t: t, failBlock: func(n int) bool { return n == 2 }}
		c := serve(t, state.ServeHTTP).client(t)
		if _, err := c.Workbooks.Publish(t.Context(), bytes.NewReader(file), tableau.PublishWorkbook{Name: "n", ProjectID: "p"}); err != nil {
			t.Fatal(err)
		}
		if sha256.Sum256(state.file) != sha256.Sum256(file) || len(state.sessions) != 2 {
			t.Errorf("%d of %d bytes in session %d, want all in the second", len(state.file), len(file), len(state.sessions))
		}
	})
	t.Run("a stream fails", func(t *testing.T) {
		state := &publishServer{t: t, failBlock: func(n int) bool { return n == 2 }}
		c := serve(t, state.ServeHTTP).client(t)
		_, err := c.Workbooks.Publish(t.Context(), io.MultiReader(bytes.NewReader(file)), tableau.PublishWorkbook{Name: "n", ProjectID: "p"})
		if !errors.Is(err, tableau.ErrUploadIncomplete) || !errors.Is(err, tableau.ErrServer) || state.blocks != 2 || state.published != 0 {
			t.Errorf("error = %v after %d blocks and %d publishes, want ErrUploadIncomplete after 2 and 0", err, state.blocks, state.published)
		}
	})
}

func TestPublishRefusesBeforeSending(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, 201, `<workbook id="w"/>`) })
	c := server.client(t)
	good := bytes.NewReader(zipFile)
	tests := map[string]struct {
		file io.Reader
		p    tableau.PublishWorkbook
	}{
		"no name":          {good, tableau.PublishWorkbook{ProjectID: "p"}},
		"no file":          {nil, tableau.PublishWorkbook{Name: "n"}},
		"append":           {good, tableau.PublishWorkbook{Name: "n", Mode: tableau.Append}},
		"unknown mode":     {good, tableau.PublishWorkbook{Name: "n", Mode: "overwrite"}},
		"unknown kind":     {strings.NewReader("hello"), tableau.PublishWorkbook{Name: "n"}},
		"empty":            {strings.NewReader(""), tableau.PublishWorkbook{Name: "n"}},
		"wrong type":       {good, tableau.PublishWorkbook{Name: "n", FileName: "n.tdsx"}},
		"no address":       {good, tableau.PublishWorkbook{Name: "n", Connections: []tableau.PublishConnection{{}}}},
		"half credentials": {good, tableau.PublishWorkbook{Name: "n", Connections: []tableau.PublishConnection{{ServerAddress: "s", Credentials: &tableau.ConnectionCredentials{Name: "u"}}}}},
	}
	for name, test := range tests {
		if _, err := c.Workbooks.Publish(t.Context(), test.file, test.p); !errors.Is(err, tableau.ErrInvalidArgument) {
			t.Errorf("%s: %v, want ErrInvalidArgument", name, err)
		}
	}
	if n := len(server.requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestPublishSignsInAgainAndSendsTheFileAgain(t *testing.T) {
	t.Parallel()
	tokens, state := &tokens{}, &publishServer{t: t}
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		tokens.mu.Lock()
		alive := r.Header.Get("X-Tableau-Auth") == tokens.live && tokens.live != ""
		tokens.mu.Unlock()
		if alive {
			state.ServeHTTP(w, r)
		} else {
			tokens.ServeHTTP(w, r)
		}
	})
	c := server.signingClient(t)
	if err := c.SignIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	tokens.mu.Lock()
	tokens.live = "ended by age"
	tokens.mu.Unlock()
	if _, err := c.Workbooks.Publish(t.Context(), bytes.NewReader(zipFile), tableau.PublishWorkbook{Name: "n", ProjectID: "p"}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(state.file, zipFile) || state.published != 1 {
		t.Errorf("%d bytes arrived in %d publishes, want %d in one", len(state.file), state.published, len(zipFile))
	}
}
