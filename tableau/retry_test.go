package tableau_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/tableau"
)

// inMemory returns a client of a handler, for tests that fake time.
func inMemory(t *testing.T, handler http.HandlerFunc, options ...tableau.Option) *tableau.Client {
	t.Helper()
	c, err := tableau.New("http://tableau.test", append([]tableau.Option{
		tableau.WithHTTPClient(serveInMemory(t, handler)), tableau.WithSession(signedIn), tableau.WithAPIVersion("3.27"),
	}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRepetitionsAreTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var told []tableau.Repetition
		requests := 0
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			if requests++; requests < 3 {
				w.Header().Set("Retry-After", "5")
				fault(w, 503, "503000")
				return
			}
			answer(w, 200, `<pagination pageNumber="1" pageSize="100" totalAvailable="0"/>`)
		},
			tableau.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
			tableau.WithRetry(tableau.RetryOptions{OnRepeat: func(_ context.Context, r tableau.Repetition) {
				if !errors.Is(r.Err, tableau.ErrServer) {
					t.Errorf("the repetition is for %v", r.Err)
				}
				r.Err = nil
				told = append(told, r)
			}}))
		if _, err := c.Workbooks.Page(t.Context(), tableau.Query{Filter: []tableau.Filter{tableau.Eq("name", "private")}}); err != nil {
			t.Fatal(err)
		}
		url := "http://tableau.test/api/3.27/sites/" + siteID + "/workbooks"
		want := []tableau.Repetition{
			{Method: "GET", URL: url, Attempt: 1, Pause: 5 * time.Second},
			{Method: "GET", URL: url, Attempt: 2, Pause: 5 * time.Second},
		}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if n := strings.Count(log.String(), "level=WARN"); n != 2 || strings.Contains(log.String(), "private") || strings.Contains(log.String(), signedIn.Token) {
			t.Errorf("the log has %d warnings, want 2 without query and token:\n%s", n, &log)
		}
	})
}

// TestStormOfFailuresIsNotMultiplied has a hundred calls fail at once: all are sent once, and some again.
func TestStormOfFailuresIsNotMultiplied(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var requests atomic.Int32
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			fault(w, 502, "502000")
		}, tableau.WithRetry(tableau.RetryOptions{Attempts: 50, PerMinute: 20, LongestPause: time.Millisecond}))
		storm := func() int32 {
			before := requests.Load()
			var calls sync.WaitGroup
			for range 100 {
				calls.Go(func() {
					if err := look(t, c); !errors.Is(err, tableau.ErrServer) {
						t.Errorf("the call ended in %v, want ErrServer", err)
					}
				})
			}
			calls.Wait()
			return requests.Load() - before
		}
		if n := storm(); n != 120 {
			t.Errorf("%d requests, want 100 and 20 repetitions", n)
		}
		time.Sleep(30 * time.Second)
		if n := storm(); n != 110 {
			t.Errorf("%d requests half a minute later, want 100 and 10 repetitions", n)
		}
		err := look(t, c)
		if err == nil || !strings.Contains(err.Error(), "not tried again") {
			t.Errorf("%v does not say why it was not tried again", err)
		}
	})
}

func TestPausesGrowToTheLongest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const attempts = 40
		var pauses []time.Duration
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) { fault(w, 502, "502000") },
			tableau.WithRetry(tableau.RetryOptions{Attempts: attempts, LongestPause: 3 * time.Second, OnRepeat: func(_ context.Context, r tableau.Repetition) {
				pauses = append(pauses, r.Pause)
			}}))
		start := time.Now()
		_ = look(t, c)
		var sum, longest time.Duration
		for i, pause := range pauses {
			sum, longest = sum+pause, max(longest, pause)
			if bound := min(500*time.Millisecond<<min(i, 10), 3*time.Second) + time.Millisecond; pause <= 0 || pause > bound {
				t.Errorf("pause %d is %v, want at most %v", i+1, pause, bound)
			}
		}
		if len(pauses) != attempts-1 || time.Since(start) != sum || longest < time.Second {
			t.Errorf("%d pauses of %v, %v at most, while %v passed", len(pauses), sum, longest, time.Since(start))
		}
	})
}

func TestRetryAfterADateIsByTheServersClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, date := range []string{"Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"} {
			c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Date", date)
				w.Header().Set("Retry-After", strings.Replace(date, "00:00:00", "00:00:09", 1))
				fault(w, 429, "429000")
			})
			start := time.Now()
			_ = look(t, c)
			if waited := time.Since(start); waited != 27*time.Second {
				t.Errorf("%s: waited %v, want three times nine seconds", date, waited)
			}
		}
	})
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		start := time.Now()
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			at = append(at, time.Since(start))
			answer(w, 200, `<workbook id="w"/>`)
		}, tableau.WithRateLimit(2, 3))
		for range 6 {
			if err := look(t, c); err != nil {
				t.Fatal(err)
			}
		}
		want := []time.Duration{0, 0, 0, 500 * time.Millisecond, time.Second, 1500 * time.Millisecond}
		if diff := cmp.Diff(want, at); diff != "" {
			t.Errorf("requests at (-want +got)\n%s", diff)
		}
		impatient, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := c.Workbooks.Get(impatient, "w"); !errors.Is(err, context.DeadlineExceeded) || len(at) != 6 {
			t.Errorf("%v after %d requests, want the deadline and no request", err, len(at)-6)
		}
		if err := look(t, c); err != nil || at[6] != 2*time.Second {
			t.Errorf("%v at %v: who gave up took a turn", err, at[6:])
		}
	})
}

func TestOptionsThatLimitAreChecked(t *testing.T) {
	t.Parallel()
	for name, option := range map[string]tableau.Option{
		"negative attempts": tableau.WithRetry(tableau.RetryOptions{Attempts: -1}),
		"negative pause":    tableau.WithRetry(tableau.RetryOptions{LongestPause: -1}),
		"no rate":           tableau.WithRateLimit(0, 1),
		"no burst":          tableau.WithRateLimit(1, 0),
	} {
		if _, err := tableau.New("https://tableau.test", option); !errors.Is(err, tableau.ErrInvalidArgument) {
			t.Errorf("%s: %v, want ErrInvalidArgument", name, err)
		}
	}
}

// TestWhatCannotBeReadIsNoFailureOfTheConnection publishes a file whose reading fails.
func TestWhatCannotBeReadIsNoFailureOfTheConnection(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		answer(w, 201, `<fileUpload uploadSessionId="u"/>`)
	})
	broken := errors.New("the disk is broken")
	file := &brokenFile{bytes.NewReader(zipFile), broken}
	_, err := server.client(t).Workbooks.Publish(t.Context(), file, tableau.PublishWorkbook{Name: "w", ProjectID: "p", FileName: "w.twbx"})
	if !errors.Is(err, broken) || errors.Is(err, tableau.ErrConnection) {
		t.Errorf("%v, want what reading the file said", err)
	}
	_, err = server.client(t).FileUploads.Upload(t.Context(), iotest.ErrReader(broken), nil)
	if !errors.Is(err, broken) || errors.Is(err, tableau.ErrConnection) {
		t.Errorf("a stream: %v, want what reading it said", err)
	}
}

type brokenFile struct {
	*bytes.Reader
	err error
}

func (f *brokenFile) ReadAt(b []byte, at int64) (int, error) {
	if at > 0 {
		return 0, f.err
	}
	return f.Reader.ReadAt(b[:min(len(b), 100)], at)
}

var _ io.ReaderAt = (*brokenFile)(nil)

// TestConnectedAppWhoseAnswerIsLost signs in again with another token: the server takes each only once.
func TestConnectedAppWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	app := tableau.ConnectedApp{ClientID: "client-1", SecretID: "secret-1", SecretValue: "the app's secret", User: "root", Scopes: []string{"tableau:content:read"}}
	s := emulator.Start(t, emulator.WithAdmin("root", "pw"), emulator.WithConnectedApp(app.ClientID, app.SecretID, app.SecretValue))
	lost := false
	c, err := tableau.New(s.URL, tableau.WithCredentials(app), tableau.WithRetry(tableau.RetryOptions{LongestPause: time.Millisecond}),
		tableau.WithHTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := http.DefaultTransport.RoundTrip(r)
			if err == nil && strings.HasSuffix(r.URL.Path, "/auth/signin") && !lost {
				lost = true
				resp.Body.Close()
				return nil, io.ErrUnexpectedEOF
			}
			return resp, err
		})}))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.SignIn(t.Context()); err != nil || !lost {
		t.Errorf("%v, want a sign-in at the second try", err)
	}
}

func TestWebPageIsNoSuccess(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, webPage)
	})
	c := server.client(t)
	for name, err := range map[string]error{
		"delete": c.Workbooks.Delete(t.Context(), "w"),
		"image":  c.Views.Image(t.Context(), "v", io.Discard, tableau.ImageOptions{}),
	} {
		if e, ok := errors.AsType[*tableau.Error](err); !ok || e.Summary != "not a Tableau Server" {
			t.Errorf("%s: %v, want an error that says what answered", name, err)
		}
	}
}
