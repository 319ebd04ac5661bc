package tableau_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/tableau"
)

func TestErrorTellsWhatTheServerSaid(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "req-7")
		w.Header().Set("Retry-After", "120")
		answer(w, 404, `<error code="404006"><summary>Resource Not Found</summary><detail>Workbook &#39;w&#39; could not be found.</detail></error>`)
	})
	_, err := server.client(t).Workbooks.Get(t.Context(), "w")
	e, ok := errors.AsType[*tableau.Error](err)
	if !ok {
		t.Fatalf("error is a %T", err)
	}
	want := &tableau.Error{
		StatusCode: 404, Code: "404006", Summary: "Resource Not Found", Detail: "Workbook 'w' could not be found.",
		Method: "GET", URL: server.URL + "/api/3.27/sites/" + siteID + "/workbooks/w", RequestID: "req-7", RetryAfter: 2 * time.Minute,
	}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, part := range []string{"404006", "Resource Not Found", "could not be found", "req-7"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q lacks %q", err, part)
		}
	}
}

func TestErrorClasses(t *testing.T) {
	t.Parallel()
	classes := []error{
		tableau.ErrBadRequest, tableau.ErrUnauthorized, tableau.ErrForbidden, tableau.ErrNotFound,
		tableau.ErrConflict, tableau.ErrRateLimited, tableau.ErrServer, tableau.ErrUnsupportedVersion,
	}
	tests := []struct {
		status int
		code   string
		want   []error
	}{
		{400, "400000", []error{tableau.ErrBadRequest}},
		{401, "401001", []error{tableau.ErrUnauthorized}},
		{403, "403004", []error{tableau.ErrForbidden}},
		{403, "403007", []error{tableau.ErrConflict}},
		{404, "404001", []error{tableau.ErrNotFound, tableau.ErrUnsupportedVersion}},
		{404, "404006", []error{tableau.ErrNotFound}},
		{409, "409006", []error{tableau.ErrConflict}},
		{418, "418999", nil}, // unknown to us, an error all the same
		{429, "429000", []error{tableau.ErrRateLimited}},
		{500, "500000", []error{tableau.ErrServer}},
	}
	for _, test := range tests {
		server := serve(t, func(w http.ResponseWriter, r *http.Request) { fault(w, test.status, test.code) })
		_, err := server.client(t, tableau.WithoutRetry()).Workbooks.Get(t.Context(), "w")
		if err == nil {
			t.Errorf("%s: no error", test.code)
		}
		var got []error
		for _, class := range classes {
			if errors.Is(err, class) {
				got = append(got, class)
			}
		}
		if diff := cmp.Diff(texts(test.want), texts(got)); diff != "" {
			t.Errorf("%s: classes (-want +got)\n%s", test.code, diff)
		}
	}
}

func texts(list []error) (out []string) {
	for _, err := range list {
		out = append(out, err.Error())
	}
	return out
}

func TestAnswersThatAreNotTableaus(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		body   string
		says   string
	}{
		"gateway page":     {502, "<html><body>Bad gateway</body></html>", "Bad gateway"},
		"empty":            {500, "", "Internal Server Error"},
		"plain text":       {404, "nothing here", "nothing here"},
		"page with 200":    {200, "<!DOCTYPE html><html><body>Please sign in</body></html>", "single sign-on"},
		"text with 200":    {200, "hello", "unreadable answer"},
		"nothing with 200": {200, "", "unreadable answer"},
		"JSON with 200":    {200, "{}", "unreadable answer"},
		"truncated":        {200, `<tsResponse xmlns="http://tableau.com/api"><workbook id="w"`, "unreadable answer"},
		"other XML":        {200, `<tsResponse xmlns="http://tableau.com/api"><view id="w"/></tsResponse>`, "no workbook"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			})
			_, err := server.client(t, tableau.WithoutRetry()).Workbooks.Get(t.Context(), "w")
			e, ok := errors.AsType[*tableau.Error](err)
			if !ok || e.StatusCode != test.status || e.Code != "" || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error = %v, want an *Error with status %d that says %q", err, test.status, test.says)
			}
		})
	}
}

func TestHeadOfAnAnswerIsBounded(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(500)
		_, _ = io.WriteString(w, strings.Repeat("ä", 1<<20))
	})
	_, err := server.client(t, tableau.WithoutRetry()).Workbooks.Get(t.Context(), "w")
	e, _ := errors.AsType[*tableau.Error](err)
	if len(e.Body) == 0 || len(e.Body) > 1024 || strings.Contains(e.Body, "\ufffd") {
		t.Errorf("the error keeps %d bytes", len(e.Body))
	}
}

func TestTransportErrorsKeepTheirCause(t *testing.T) {
	t.Parallel()
	c, err := tableau.New("http://127.0.0.1:1", tableau.WithSession(signedIn), tableau.WithAPIVersion("3.27"), tableau.WithoutRetry())
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Workbooks.Page(t.Context(), tableau.Query{Filter: []tableau.Filter{tableau.Eq("name", "private")}})
	var operation *net.OpError
	if !errors.As(err, &operation) || strings.Contains(err.Error(), "private") {
		t.Errorf("error = %v, want one that wraps net.OpError and shows no query", err)
	}
}

func TestRetriesByOperation(t *testing.T) {
	t.Parallel()
	read := func(c *tableau.Client, t *testing.T) error { return look(t, c) }
	create := func(c *tableau.Client, t *testing.T) error {
		_, err := c.Projects.Create(t.Context(), tableau.CreateProject{Name: "p"})
		return err
	}
	tests := []struct {
		name    string
		call    func(*tableau.Client, *testing.T) error
		status  int
		header  string // Retry-After
		want    int    // requests
		options []tableau.Option
	}{
		{"read, 503", read, 503, "", 4, nil},
		{"read, 502", read, 502, "", 4, nil},
		{"read, 429", read, 429, "", 4, nil},
		{"read, 500", read, 500, "", 1, nil},
		{"read, 404", read, 404, "", 1, nil},
		{"read, off", read, 503, "", 1, []tableau.Option{tableau.WithoutRetry()}},
		{"create, 502 may have been acted on", create, 502, "", 1, nil},
		{"create, 503 without a word", create, 503, "", 1, nil},
		{"create, 503 with Retry-After", create, 503, "7", 4, nil},
		{"create, 429", create, 429, "", 4, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				requests := 0
				start := time.Now()
				client := serveInMemory(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					requests++
					if test.header != "" {
						w.Header().Set("Retry-After", test.header)
					}
					fault(w, test.status, fmt.Sprint(test.status*1000))
				}))
				c, err := tableau.New("http://tableau.test", append(test.options, tableau.WithHTTPClient(client), tableau.WithSession(signedIn), tableau.WithAPIVersion("3.27"))...)
				if err != nil {
					t.Fatal(err)
				}
				err = test.call(c, t)
				if e, ok := errors.AsType[*tableau.Error](err); !ok || e.StatusCode != test.status || requests != test.want {
					t.Errorf("%v after %d requests, want status %d after %d", err, requests, test.status, test.want)
				}
				if waited := time.Since(start); test.header != "" && waited != 21*time.Second {
					t.Errorf("waited %v, want three times the seven seconds that the server asked for", waited)
				}
			})
		})
	}
}

func TestRefusedSignInIsNotTriedForEachAttemptOfTheCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		client := serveInMemory(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests++
			fault(w, 503, "503000")
		}))
		c, err := tableau.New("http://tableau.test", tableau.WithHTTPClient(client), tableau.WithCredentials(pat), tableau.WithAPIVersion("3.27"))
		if err != nil {
			t.Fatal(err)
		}
		if err := look(t, c); !errors.Is(err, tableau.ErrServer) || requests != 4 {
			t.Errorf("%v after %d requests, want ErrServer after 4", err, requests)
		}
	})
}

func TestLongWaitsAreForTheCallerToDecide(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "3600")
		fault(w, 429, "429000")
	})
	err := look(t, server.client(t))
	e, ok := errors.AsType[*tableau.Error](err)
	if !ok || !errors.Is(err, tableau.ErrRateLimited) || e.RetryAfter != time.Hour || len(server.requests()) != 1 {
		t.Errorf("%v after %d requests, want ErrRateLimited at once", err, len(server.requests()))
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	var stolen []string
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		stolen = append(stolen, r.Header.Get("X-Tableau-Auth"))
	}))
	defer other.Close()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/moved"):
			answer(w, 200, `<workbook id="w" name="found"/>`)
		case strings.HasSuffix(r.URL.Path, "here"):
			http.Redirect(w, r, "/moved/"+"w", http.StatusFound)
		default:
			http.Redirect(w, r, other.URL+"/x", http.StatusFound)
		}
	})
	c := server.client(t)
	if workbook, err := c.Workbooks.Get(t.Context(), "here"); err != nil || workbook.Name != "found" {
		t.Errorf("a GET sent on within the host: %v, %v", workbook, err)
	}
	if _, err := c.Workbooks.Get(t.Context(), "away"); err == nil || !strings.Contains(err.Error(), "sends this request on to") {
		t.Errorf("a GET sent on to another host: %v, want an error that names the host", err)
	}
	if _, err := c.Projects.Create(t.Context(), tableau.CreateProject{Name: "p"}); err == nil {
		t.Error("a POST sent on to another host succeeded")
	}
	if len(stolen) != 0 {
		t.Errorf("another host was asked with the token")
	}
}
