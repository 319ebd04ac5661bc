package tableau

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tabctl/tableau-go/internal/tsxml"
)

// The classes of failure, for [errors.Is].
var (
	ErrBadRequest         = errors.New("tableau: bad request")                      // 400
	ErrUnauthorized       = errors.New("tableau: not signed in or sign-in refused") // 401
	ErrForbidden          = errors.New("tableau: forbidden")                        // 403
	ErrNotFound           = errors.New("tableau: not found")                        // 404
	ErrConflict           = errors.New("tableau: conflict")                         // 409, and 403007: exists already
	ErrRateLimited        = errors.New("tableau: too many requests")                // 429
	ErrServer             = errors.New("tableau: server failure")                   // 5xx
	ErrConnection         = errors.New("tableau: connection failure")               // no answer, or only a part of one
	ErrUnsupportedVersion = errors.New("tableau: unsupported REST API version")     // refused before sending
	ErrInvalidArgument    = errors.New("tableau: invalid argument")                 // refused before sending
	ErrSessionReplaced    = errors.New("tableau: session replaced by another sign-in")
	ErrUploadIncomplete   = errors.New("tableau: upload incomplete")
	ErrJobFailed          = errors.New("tableau: job failed")
)

// Error is a failure reported by the server, or an answer that is not
// Tableau's. Nothing in it is secret.
type Error struct {
	StatusCode int           // HTTP status
	Code       string        // Tableau's code, such as "404006"; "" when the answer is not Tableau's
	Summary    string        // Tableau's summary
	Detail     string        // Tableau's detail
	Method     string        // HTTP method
	URL        string        // URL without query
	RequestID  string        // the server's name for the request; "" when it gave none
	RetryAfter time.Duration // how long the server asks to wait; 0 when it does not say
	Body       string        // head of an answer that is not Tableau's, at most 1 KiB
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "tableau: %s %s: ", e.Method, e.URL)
	if e.Code != "" {
		b.WriteString(e.Code)
	} else {
		fmt.Fprintf(&b, "HTTP %d", e.StatusCode)
	}
	switch {
	case e.Summary != "":
		b.WriteString(" " + e.Summary)
	case e.Code == "":
		b.WriteString(" " + http.StatusText(e.StatusCode))
	}
	if e.Detail != "" {
		b.WriteString(": " + e.Detail)
	}
	if e.Body != "" {
		fmt.Fprintf(&b, ": the answer is not Tableau's: %.200q", e.Body)
	}
	if e.RequestID != "" {
		b.WriteString(" (request " + e.RequestID + ")")
	}
	return b.String()
}

// Is matches the class of failure.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrConflict:
		return e.StatusCode == http.StatusConflict || e.Code == codeExists
	case ErrBadRequest:
		return e.StatusCode == http.StatusBadRequest
	case ErrUnauthorized:
		return e.StatusCode == http.StatusUnauthorized
	case ErrForbidden:
		return e.StatusCode == http.StatusForbidden && e.Code != codeExists
	case ErrNotFound:
		return e.StatusCode == http.StatusNotFound
	case ErrRateLimited:
		return e.StatusCode == http.StatusTooManyRequests
	case ErrServer:
		return e.StatusCode >= 500
	case ErrUnsupportedVersion:
		return e.Code == "404001"
	}
	return false
}

// Codes that the client acts on.
const (
	codeNoSuchPage  = "400006"
	codeJobQuery    = "400031"
	codeDeadToken   = "401002"
	codeExists      = "403007"
	codeSameSite    = "403070"
	bodyHeadInError = 1 << 10
)

// argumentError is what was wrong with a call that was not sent.
type argumentError struct{ text string }

func (e *argumentError) Error() string        { return "tableau: " + e.text }
func (e *argumentError) Is(target error) bool { return target == ErrInvalidArgument }

func invalid(text string) error { return &argumentError{text} }

// errorFrom reads the failure that an answer with this status and body reports.
func errorFrom(req *http.Request, resp *http.Response, body []byte) *Error {
	e := &Error{
		StatusCode: resp.StatusCode,
		Method:     req.Method,
		URL:        publicURL(req),
		RequestID:  requestID(resp.Header),
		RetryAfter: retryAfter(resp.Header),
	}
	var answer *struct {
		Code    string `xml:"code,attr"`
		Summary string `xml:"summary"`
		Detail  string `xml:"detail"`
	}
	if err := tsxml.Decode(body, tsxml.At("error", &answer)); err == nil && answer != nil {
		e.Code, e.Summary, e.Detail = answer.Code, answer.Summary, answer.Detail
		return e
	}
	e.Body = head(body)
	return e
}

// publicURL is the URL without what may be private: its query.
func publicURL(req *http.Request) string {
	u := *req.URL
	u.RawQuery, u.User, u.Fragment = "", nil, ""
	return u.String()
}

func requestID(h http.Header) string {
	for _, name := range []string{"X-Request-Id", "X-Tableau-Request-Id", "Request-Id"} {
		if id := h.Get(name); id != "" {
			return id
		}
	}
	return ""
}

// retryAfter reads the header's two forms: seconds, or a date, which is by the
// server's clock.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil && seconds > 0 {
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(0, at.Sub(now))
}

func head(body []byte) string {
	if len(body) > bodyHeadInError {
		body = body[:bodyHeadInError]
		for len(body) > 0 && !utf8.Valid(body[max(0, len(body)-utf8.UTFMax):]) {
			body = body[:len(body)-1]
		}
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(body), "�"))
}

// connectionError is a request without an answer, or with a part of one. It
// matches [ErrConnection] and what the network said.
type connectionError struct {
	method, url string
	err         error
}

func (e *connectionError) Error() string {
	return fmt.Sprintf("tableau: %s %s: %v", e.method, e.url, e.err)
}
func (e *connectionError) Unwrap() error        { return e.err }
func (e *connectionError) Is(target error) bool { return target == ErrConnection }

// broken is the error of a request whose connection failed, unless its context
// has ended or what was to be sent could not be read.
func broken(req *http.Request, err error) error {
	if ctx := req.Context(); ctx.Err() != nil {
		return fmt.Errorf("tableau: %s %s: %w", req.Method, publicURL(req), context.Cause(ctx))
	}
	if e, ok := errors.AsType[*sendingError](err); ok {
		return fmt.Errorf("tableau: %s %s: read what is to be sent: %w", req.Method, publicURL(req), e.err)
	}
	return &connectionError{req.Method, publicURL(req), err}
}

// sending tells failures to read what is to be sent from those of the connection.
type sending struct{ io.Reader }

func (s sending) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = &sendingError{err}
	}
	return n, err
}

type sendingError struct{ err error }

func (e *sendingError) Error() string { return e.err.Error() }
func (e *sendingError) Unwrap() error { return e.err }

// tornError is an answer that breaks off although the connection did not. It
// matches [ErrConnection].
type tornError struct{ answer *Error }

func (e *tornError) Error() string        { return e.answer.Error() }
func (e *tornError) Unwrap() error        { return e.answer }
func (e *tornError) Is(target error) bool { return target == ErrConnection }
