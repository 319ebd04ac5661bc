package wiretest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// keptBytes is how much of a multipart file is kept as text; the rest is only
// hashed.
const keptBytes = 1 << 20

// A sentRequest is one request of our client.
type sentRequest struct {
	Method      string
	Path        string // decoded
	Query       url.Values
	Header      http.Header
	ContentType string
	Body        []byte
	Parts       []recordedPart
	Problem     string // why the body could not be read
}

// An exchange is a recorded request with what our client sent in its place.
type exchange struct {
	recorded recordedRequest
	response recordedResponse
	answered bool
	sent     *sentRequest
}

// A cannedServer plays the recorded answers to whoever asks and keeps what was
// asked.
//
// An answer belongs to its recorded request: a request that equals one still
// open gets that one's answer, any other gets the next open one. A client that
// fetches pages ahead therefore sees the same pages.
type cannedServer struct {
	*httptest.Server
	c *wireCase

	mu        sync.Mutex
	exchanges []*exchange
	extra     []*sentRequest
	uploaded  hash.Hash // all appended chunks in order
	size      int64
	lastChunk *recordedResponse
}

// startCanned starts the server of one case; it ends with the test.
func startCanned(t *testing.T, c *wireCase) *cannedServer {
	t.Helper()
	s := &cannedServer{c: c, uploaded: sha256.New()}
	for i, request := range c.Requests {
		e := &exchange{recorded: request}
		if i < len(c.Responses) {
			e.response, e.answered = c.Responses[i], true
		}
		s.exchanges = append(s.exchanges, e)
	}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

// ServeHTTP keeps the request and plays the answer.
func (s *cannedServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sent := s.read(r)
	response := s.take(sent)
	if response == nil {
		w.WriteHeader(http.StatusTeapot) // nothing was recorded for this request
		return
	}
	s.play(w, response)
}

// read takes in the whole request.
func (s *cannedServer) read(r *http.Request) *sentRequest {
	sent := &sentRequest{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(),
		Header: r.Header.Clone(), ContentType: r.Header.Get("Content-Type"),
	}
	mediaType, parameters, err := mime.ParseMediaType(sent.ContentType)
	if err == nil && strings.HasPrefix(mediaType, "multipart/") {
		isChunk := r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/fileUploads/")
		err = s.readParts(sent, multipart.NewReader(r.Body, parameters["boundary"]), isChunk)
	} else {
		sent.Body, err = io.ReadAll(r.Body)
	}
	if err != nil {
		sent.Problem = err.Error()
	}
	return sent
}

var (
	partName     = regexp.MustCompile(`\bname="([^"]*)"`)
	partFileName = regexp.MustCompile(`\bfilename="((?:[^"\\]|\\.)*)"`)
	partFileStar = regexp.MustCompile(`\bfilename\*=UTF-8''([^;]*)`)
)

// readParts reads a multipart body leniently: multipart/mixed holds parts that
// call themselves form-data.
func (s *cannedServer) readParts(sent *sentRequest, reader *multipart.Reader, isChunk bool) error {
	for {
		part, err := reader.NextRawPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		disposition := part.Header.Get("Content-Disposition")
		p := recordedPart{ContentType: part.Header.Get("Content-Type")}
		if m := partName.FindStringSubmatch(disposition); m != nil {
			p.Name = m[1]
		}
		if m := partFileStar.FindStringSubmatch(disposition); m != nil {
			p.FileName, _ = url.PathUnescape(m[1])
		} else if m := partFileName.FindStringSubmatch(disposition); m != nil {
			p.FileName = m[1]
		}
		sum := sha256.New()
		target := io.Writer(sum)
		if isChunk && p.Name == "tableau_file" {
			s.mu.Lock()
			target = io.MultiWriter(sum, s.uploaded)
		}
		head, err := io.ReadAll(io.LimitReader(io.TeeReader(part, target), keptBytes))
		p.Size = int64(len(head))
		if err == nil {
			var rest int64
			rest, err = io.Copy(target, part)
			p.Size += rest
		}
		if isChunk && p.Name == "tableau_file" {
			s.size += p.Size
			s.mu.Unlock()
		}
		if err != nil {
			return err
		}
		p.SHA256 = hex.EncodeToString(sum.Sum(nil))
		if p.Size < keptBytes {
			p.Text = string(head)
		}
		sent.Parts = append(sent.Parts, p)
	}
}

// take finds the answer to a request, or nil when none is left.
func (s *cannedServer) take(sent *sentRequest) *recordedResponse {
	s.mu.Lock()
	defer s.mu.Unlock()
	var next *exchange
	for _, e := range s.exchanges {
		if e.sent != nil {
			continue
		}
		if next == nil {
			next = e
		}
		if looksAlike(&e.recorded, sent) {
			next = e
			break
		}
	}
	isChunk := isAppend(sent.Method, sent.Path)
	// A client with smaller chunks appends more often than was recorded.
	if isChunk && s.lastChunk != nil && (next == nil || !isAppend(next.recorded.Method, next.recorded.Path)) {
		s.extra = append(s.extra, sent)
		return s.lastChunk
	}
	if next == nil {
		s.extra = append(s.extra, sent)
		return nil
	}
	next.sent = sent
	if !next.answered {
		return nil
	}
	if isChunk {
		s.lastChunk = &next.response
	}
	return &next.response
}

// play writes a recorded answer.
func (s *cannedServer) play(w http.ResponseWriter, response *recordedResponse) {
	address := strings.NewReplacer("{server}", s.URL, "{hostport}", strings.TrimPrefix(s.URL, "http://"))
	body, err := s.c.body(response)
	if err != nil {
		http.Error(w, err.Error(), http.StatusTeapot)
		return
	}
	if response.Body != "" {
		body = []byte(address.Replace(response.Body))
	}
	if page := s.pageOf(response); page != "" {
		body = pageNumber.ReplaceAll(body, []byte(`${1}"`+page+`"`))
	}
	for name, value := range response.Headers {
		if !strings.EqualFold(name, "Content-Length") {
			w.Header().Set(name, address.Replace(value))
		}
	}
	if response.ContentType != "" {
		w.Header().Set("Content-Type", response.ContentType)
	} else {
		w.Header()["Content-Type"] = nil // keep net/http from guessing one
	}
	if body == nil {
		body = []byte{}
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	if response.Status == http.StatusNoContent || response.Status == http.StatusNotModified {
		w.Header().Del("Content-Length")
		w.WriteHeader(response.Status)
		return
	}
	w.WriteHeader(response.Status)
	_, _ = w.Write(body) // a client that hangs up shows in the comparison
}

var pageNumber = regexp.MustCompile(`(<pagination\b[^>]*\bpageNumber=)"\d+"`)

// pageOf is the number of the page that an answer is to name. Many recorded
// answers are files of a first page, whatever page was asked for; a server names
// the page that was asked for. Where Python returns the number, the answer stays.
func (s *cannedServer) pageOf(response *recordedResponse) string {
	if pair, ok := s.c.Result.([]any); ok && len(pair) == 2 {
		if second, ok := pair[1].(map[string]any); ok && second["$type"] == "PaginationItem" {
			return ""
		}
	}
	if _, ok := s.c.Result.(json.Number); ok {
		return ""
	}
	for _, e := range s.exchanges {
		if &e.response == response {
			page, _ := e.recorded.Query["pageNumber"].(string)
			return page
		}
	}
	return ""
}

// sent returns everything that arrived, in the order of the recording, then
// what was too much.
func (s *cannedServer) arrived() []*sentRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*sentRequest
	for _, e := range s.exchanges {
		if e.sent != nil {
			all = append(all, e.sent)
		}
	}
	return append(all, s.extra...)
}

// isAppend tells the upload of a chunk.
func isAppend(method, path string) bool {
	return method == http.MethodPut && strings.Contains(path, "/fileUploads/")
}
