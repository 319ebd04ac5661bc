package tableau_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/tableau"
)

// blockServer takes uploads in numbered blocks, several at a time.
type blockServer struct {
	t       *testing.T
	most    int                                   // the maxFileChunkCount that it names; 0 names none
	latency time.Duration                         // of each request
	fault   func(number, attempt int) (int, bool) // the status to answer a block with instead, and whether the block is kept

	mu       sync.Mutex
	sessions []map[int][]byte
	attempts map[int]int
	inFlight int
	peak     int // most requests at a time
	unnamed  int // blocks that came without a number
}

func (s *blockServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.inFlight++
	s.peak = max(s.peak, s.inFlight)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.inFlight--
		s.mu.Unlock()
	}()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(400)
		return
	}
	select {
	case <-time.After(s.latency):
	case <-r.Context().Done():
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method == "POST" {
		s.sessions = append(s.sessions, map[int][]byte{})
		count := ""
		if s.most > 0 {
			count = fmt.Sprintf(` maxFileChunkCount="%d"`, s.most)
		}
		answer(w, 201, fmt.Sprintf(`<fileUpload uploadSessionId="1:a-%d:0"%s/>`, len(s.sessions)-1, count))
		return
	}
	var session int
	if _, err := fmt.Sscanf(filepath.Base(r.URL.Path), "1:a-%d:0", &session); err != nil {
		s.t.Error(err)
	}
	number, err := strconv.Atoi(r.URL.Query().Get("sequenceID"))
	if err != nil {
		s.unnamed++
		number = len(s.sessions[session]) + 1
	}
	if s.attempts == nil {
		s.attempts = map[int]int{}
	}
	s.attempts[number]++
	status, keep := 200, true
	if s.fault != nil {
		status, keep = s.fault(number, s.attempts[number])
	}
	if keep {
		s.sessions[session][number] = []byte(parts(s.t, r.Header.Get("Content-Type"), body)[1].Body)
	}
	if status == 200 {
		answer(w, 200, `<fileUpload uploadSessionId="`+filepath.Base(r.URL.Path)+`" fileSize="1"/>`)
	} else {
		fault(w, status, strconv.Itoa(status*1000))
	}
}

// file returns what arrived in the last session.
func (s *blockServer) file() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	var whole []byte
	last := s.sessions[len(s.sessions)-1]
	for number := 1; number <= len(last); number++ {
		whole = append(whole, last[number]...)
	}
	return whole
}

// content returns n bytes that tell where they are from.
func content(n int) []byte {
	var b bytes.Buffer
	for b.Len() < n {
		fmt.Fprintf(&b, "%d,", b.Len())
	}
	return b.Bytes()[:n]
}

// stream hides that a reader can seek.
func stream(b []byte) io.Reader { return io.MultiReader(bytes.NewReader(b)) }

func (s *blockServer) client(t *testing.T, options ...tableau.Option) *tableau.Client {
	t.Helper()
	c, err := tableau.New("http://tableau.test", append([]tableau.Option{
		tableau.WithHTTPClient(serveInMemory(t, s)), tableau.WithSession(signedIn), tableau.WithAPIVersion("3.29"),
	}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestNumberedBlocksGoInParallel sends forty blocks to a server that takes 50 ms
// for each request.
func TestNumberedBlocksGoInParallel(t *testing.T) {
	t.Parallel()
	file := content(40<<10 - 7)
	tests := map[string]struct {
		most    int
		options []tableau.Option
		peak    int
		within  time.Duration
		unnamed int
	}{
		"the server numbers blocks":     {1000, nil, 8, 300 * time.Millisecond, 0},
		"the server is said to":         {0, []tableau.Option{tableau.WithNumberedBlocks()}, 8, 300 * time.Millisecond, 0},
		"two at a time":                 {1000, []tableau.Option{tableau.WithParallelBlocks(2)}, 2, 1050 * time.Millisecond, 0},
		"numbered, one after the other": {1000, []tableau.Option{tableau.WithParallelBlocks(1)}, 1, 2050 * time.Millisecond, 0},
		"a server without numbers":      {0, nil, 1, 2050 * time.Millisecond, 40},
	}
	for name, test := range tests {
		for kind, open := range map[string]func() io.Reader{
			"file":   func() io.Reader { return bytes.NewReader(file) },
			"stream": func() io.Reader { return stream(file) },
		} {
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					server := &blockServer{t: t, most: test.most, latency: 50 * time.Millisecond}
					c := server.client(t, append(test.options, tableau.WithBlockSize(1<<10))...)
					start := time.Now()
					var told []int64
					if _, err := c.FileUploads.Upload(t.Context(), open(), func(sent, _ int64) { told = append(told, sent) }); err != nil {
						t.Fatal(err)
					}
					if took := time.Since(start); took > test.within {
						t.Errorf("it took %v, want at most %v", took, test.within)
					}
					if !bytes.Equal(server.file(), file) {
						t.Errorf("%d bytes arrived, or not the right ones", len(server.file()))
					}
					if server.peak != test.peak || server.unnamed != test.unnamed {
						t.Errorf("%d blocks at a time, %d without number, want %d and %d", server.peak, server.unnamed, test.peak, test.unnamed)
					}
					if !slices.IsSorted(told) || told[len(told)-1] != int64(len(file)) {
						t.Errorf("progress is not steady: %v", told)
					}
				})
			})
		}
	}
}

func TestANumberedBlockIsSentAgainByItself(t *testing.T) {
	t.Parallel()
	file := content(10 << 10)
	for _, status := range []int{500, 502, 503, 504, 429} {
		for _, kept := range []bool{true, false} {
			t.Run(fmt.Sprintf("%d, arrived %t", status, kept), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					server := &blockServer{t: t, most: 1000, latency: time.Millisecond, fault: func(number, attempt int) (int, bool) {
						if number%4 == 3 && attempt == 1 {
							return status, kept
						}
						return 200, true
					}}
					c := server.client(t, tableau.WithBlockSize(1<<10))
					var told []int64
					if _, err := c.FileUploads.Upload(t.Context(), stream(file), func(sent, _ int64) { told = append(told, sent) }); err != nil {
						t.Fatal(err)
					}
					if !bytes.Equal(server.file(), file) || len(server.sessions) != 1 {
						t.Errorf("%d bytes arrived in %d sessions, or not the right ones", len(server.file()), len(server.sessions))
					}
					want := map[int]int{1: 1, 2: 1, 3: 2, 4: 1, 5: 1, 6: 1, 7: 2, 8: 1, 9: 1, 10: 1}
					if diff := cmp.Diff(want, server.attempts); diff != "" {
						t.Errorf("attempts by block (-want +got)\n%s", diff)
					}
					if !slices.IsSorted(told) || told[len(told)-1] != int64(len(file)) {
						t.Errorf("progress is not steady: %v", told)
					}
				})
			})
		}
	}
}

func TestProgressDoesNotGoBackWhenAnUploadStartsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		file := content(10 << 10)
		server := &blockServer{t: t, fault: func(number, attempt int) (int, bool) {
			if number == 7 && attempt == 1 {
				return 504, true
			}
			return 200, true
		}}
		var told []int64
		_, err := server.client(t, tableau.WithBlockSize(1<<10)).FileUploads.Upload(t.Context(), bytes.NewReader(file),
			func(sent, _ int64) { told = append(told, sent) })
		if err != nil || !bytes.Equal(server.file(), file) || len(server.sessions) != 2 {
			t.Errorf("%v, %d bytes arrived in %d sessions, or not the right ones", err, len(server.file()), len(server.sessions))
		}
		if !slices.IsSorted(told) || told[len(told)-1] != int64(len(file)) {
			t.Errorf("progress is not steady: %v", told)
		}
	})
}

// TestAFailureStopsAllBlocks ends with all goroutines gone, or synctest fails.
func TestAFailureStopsAllBlocks(t *testing.T) {
	t.Parallel()
	file := content(1000 << 10)
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			server := &blockServer{t: t, most: 1000, latency: time.Second, fault: func(number, _ int) (int, bool) {
				if number == 20 {
					return 403, false
				}
				return 200, true
			}}
			_, err := server.client(t, tableau.WithBlockSize(1<<10)).FileUploads.Upload(t.Context(), bytes.NewReader(file), nil)
			if !errors.Is(err, tableau.ErrForbidden) || len(server.attempts) > 28 || len(server.sessions) != 1 {
				t.Errorf("%v after %d blocks in %d sessions, want ErrForbidden after few in one", err, len(server.attempts), len(server.sessions))
			}
		})
	})
	t.Run("unreadable", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			server := &blockServer{t: t, most: 1000, latency: time.Second}
			broken := errors.New("the disk is gone")
			reader := io.MultiReader(bytes.NewReader(file[:20<<10]), brokenReader{broken})
			_, err := server.client(t, tableau.WithBlockSize(1<<10)).FileUploads.Upload(t.Context(), reader, nil)
			if !errors.Is(err, broken) {
				t.Errorf("error = %v, want %v", err, broken)
			}
		})
	})
	t.Run("cancelled", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			server := &blockServer{t: t, most: 1000, latency: time.Hour}
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour)
			defer cancel()
			start := time.Now()
			_, err := server.client(t, tableau.WithBlockSize(1<<10)).FileUploads.Upload(ctx, bytes.NewReader(file), nil)
			if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, tableau.ErrUploadIncomplete) {
				t.Errorf("error = %v, want the context's own", err)
			}
			if took := time.Since(start); took != 2*time.Hour {
				t.Errorf("it went on for %v after the context had ended", took-2*time.Hour)
			}
		})
	})
}

type brokenReader struct{ err error }

func (r brokenReader) Read([]byte) (int, error) { return 0, r.err }

func TestBlocksFitTheFile(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		most   int
		size   int // of blocks; 0 leaves it to the client
		file   io.Reader
		blocks int // 0 when the file does not fit
	}{
		{"a file gets larger blocks", 4, 1 << 10, bytes.NewReader(content(10 << 10)), 4},
		{"a stream cannot", 4, 1 << 10, stream(content(10 << 10)), 0},
		{"a stream that just fits", 4, 1 << 10, stream(content(4 << 10)), 4},
		{"8 MiB by default", 1000, 0, stream(make([]byte, 20<<20)), 3},
		{"an offset is kept", 1000, 1 << 10, offset(content(10<<10), 5<<10), 5},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := &blockServer{t: t, most: test.most}
			var options []tableau.Option
			if test.size > 0 {
				options = append(options, tableau.WithBlockSize(test.size))
			}
			_, err := server.client(t, options...).FileUploads.Upload(t.Context(), test.file, nil)
			if test.blocks == 0 {
				if !errors.Is(err, tableau.ErrInvalidArgument) || !strings.Contains(err.Error(), "WithBlockSize") {
					t.Errorf("error = %v, want ErrInvalidArgument and a way out", err)
				}
				return
			}
			if err != nil || len(server.sessions[0]) != test.blocks {
				t.Errorf("%v, %d blocks, want %d", err, len(server.sessions[0]), test.blocks)
			}
		})
	}
	for name, option := range map[string]tableau.Option{
		"no block size":  tableau.WithBlockSize(0),
		"a huge block":   tableau.WithBlockSize(64<<20 + 1),
		"none at a time": tableau.WithParallelBlocks(0),
		"many at a time": tableau.WithParallelBlocks(33),
	} {
		if _, err := tableau.New("http://tableau.test", option); !errors.Is(err, tableau.ErrInvalidArgument) {
			t.Errorf("%s: %v, want ErrInvalidArgument", name, err)
		}
	}
}

func offset(b []byte, at int64) io.Reader {
	r := bytes.NewReader(b)
	_, _ = r.Seek(at, io.SeekStart)
	return r
}

// TestNothingIsReadAfterTheEnd answers before the file has been sent: net/http
// may then go on reading the body for a while, which the file's owner must not
// see.
func TestNothingIsReadAfterTheEnd(t *testing.T) {
	t.Parallel()
	const size = 100 << 10
	file := append([]byte("PK\x03\x04"), make([]byte, size)...)
	var bodies []io.Reader
	early := roundTrip(func(r *http.Request) (*http.Response, error) {
		bodies = append(bodies, r.Body)
		recorder := httptest.NewRecorder()
		if r.Method == "PUT" || strings.HasSuffix(r.URL.Path, "/workbooks") {
			fault(recorder, 403, "403004")
		} else {
			answer(recorder, 201, `<fileUpload uploadSessionId="1:a-0:0" maxFileChunkCount="1000"/>`)
		}
		return recorder.Result(), nil
	})
	c, err := tableau.New("http://tableau.test", tableau.WithHTTPClient(&http.Client{Transport: early}),
		tableau.WithSession(signedIn), tableau.WithAPIVersion("3.29"), tableau.WithParallelBlocks(1))
	if err != nil {
		t.Fatal(err)
	}
	for kind, reader := range map[string]io.Reader{"in one request": bytes.NewReader(file), "in blocks": stream(file)} {
		bodies = nil
		_, err := c.Workbooks.Publish(t.Context(), reader, tableau.PublishWorkbook{Name: "n", ProjectID: "p"})
		if !errors.Is(err, tableau.ErrForbidden) {
			t.Errorf("%s: %v, want ErrForbidden", kind, err)
		}
		if read, err := io.ReadAll(bodies[len(bodies)-1]); err == nil || len(read) > size/2 {
			t.Errorf("%s: %d bytes can still be read, %v", kind, len(read), err)
		}
	}
}
