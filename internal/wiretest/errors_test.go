package wiretest

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"

	"github.com/tabctl/tableau-go/tableau"
)

// pythonClasses says which of our errors stand for a Python exception that is
// raised before anything is sent. A class that is not here wants just an error.
var pythonClasses = map[string][]error{
	"ValueError":                {tableau.ErrInvalidArgument},
	"TypeError":                 {tableau.ErrInvalidArgument},
	"AssertionError":            {tableau.ErrInvalidArgument},
	"TabError":                  {tableau.ErrInvalidArgument},
	"MissingRequiredFieldError": {tableau.ErrInvalidArgument},
	"NotSignedInError":          {tableau.ErrInvalidArgument, tableau.ErrUnauthorized},
	"UnsupportedAttributeError": {tableau.ErrInvalidArgument, tableau.ErrUnsupportedVersion},
	"EndpointUnavailableError":  {tableau.ErrUnsupportedVersion},
	"OSError":                   {fs.ErrNotExist},
}

// compareError lists how the end of our call, with the result it gave, differs
// from the recorded one.
func compareError(c *wireCase, err error, result any) []difference {
	raised := c.Exception
	switch {
	case raised == nil && err == nil:
		return nil
	case raised == nil:
		return []difference{{Part: "error", Want: "(none)", Got: err.Error()}}
	case err == nil && isCrash(c) && isFromAnswer(c, result):
		return nil
	case err == nil:
		return []difference{{Part: "error", Want: raised.Class + ": " + raised.Message, Got: "(none)"}}
	}
	if len(c.Requests) == 0 {
		// A parameter that a version lacks is a plain ValueError in Python.
		if needs, ok := errors.AsType[*tableau.UnsupportedVersionError](err); ok && strings.Contains(raised.Message, string(needs.Needs)) {
			return nil
		}
		classes := pythonClasses[raised.Class]
		for _, class := range classes {
			if errors.Is(err, class) {
				return nil
			}
		}
		if classes == nil {
			return nil
		}
		return []difference{{Part: "error class", Want: raised.Class + ": " + raised.Message, Got: err.Error()}}
	}

	status := ""
	if n := len(c.Responses); n > 0 {
		status = fmt.Sprint(c.Responses[n-1].Status)
	}
	switch raised.Class {
	case "ServerResponseError", "FailedSignInError":
		return compareAnswer(err, status, map[string]string{
			"code": plainText(raised.Fields["code"]), "summary": plainText(raised.Fields["summary"]), "detail": plainText(raised.Fields["detail"]),
		})
	case "InternalServerError":
		return compareAnswer(err, plainText(raised.Fields["code"]), nil)
	case "NonXMLResponseError":
		// Python holds no code; one that the answer does hold may be read.
		if e, ok := errors.AsType[*tableau.Error](err); ok && holdsCode(c.lastAnswer(), e.Code) {
			return compareAnswer(err, status, nil)
		}
		return compareAnswer(err, status, map[string]string{"code": ""})
	case "JobFailedException", "JobCancelledException":
		if !errors.Is(err, tableau.ErrJobFailed) {
			return []difference{{Part: "error class", Want: raised.Class, Got: err.Error()}}
		}
	}
	return nil
}

// crashes are exceptions that Python raises by accident while it reads an
// answer: they say nothing about the answer.
var crashes = []string{"IndexError", "AttributeError", "KeyError", "LookupError", "UnicodeDecodeError"}

// isCrash tells whether Python failed to read an answer that tells success.
func isCrash(c *wireCase) bool {
	n := len(c.Responses)
	return n > 0 && c.Responses[n-1].Status/100 == 2 && slices.Contains(crashes, c.Exception.Class)
}

// isFromAnswer tells whether a result was read from the last answer: it is the
// answer, or items whose IDs stand in it.
func isFromAnswer(c *wireCase, result any) bool {
	answer := c.lastAnswer()
	switch result := result.(type) {
	case []byte:
		return bytes.Equal(result, answer)
	case fileResult:
		return bytes.Equal(result.Content, answer)
	case pageResult:
		return isFromAnswer(c, result.Items)
	}
	items := follow(reflect.ValueOf(result))
	if !items.IsValid() || items.Kind() != reflect.Slice {
		return isReadFrom(map[string]any{"text": string(answer)}, result)
	}
	for i := range items.Len() {
		if !isFromAnswer(c, items.Index(i).Interface()) {
			return false
		}
	}
	return items.Len() > 0
}

// holdsCode tells whether an answer holds the code of an error.
func holdsCode(answer []byte, code string) bool {
	return code != "" && (bytes.Contains(answer, []byte(`code="`+code+`"`)) || bytes.Contains(answer, []byte(`code='`+code+`'`)))
}

// lastAnswer is the body of the last recorded answer.
func (c *wireCase) lastAnswer() []byte {
	if len(c.Responses) == 0 {
		return nil
	}
	body, _ := c.body(&c.Responses[len(c.Responses)-1])
	return body
}

// compareAnswer compares what the typed error holds.
func compareAnswer(err error, status string, want map[string]string) []difference {
	e, ok := errors.AsType[*tableau.Error](err)
	if !ok {
		return []difference{{Part: "error type", Want: "*tableau.Error", Got: fmt.Sprintf("%T: %v", err, err)}}
	}
	got := map[string]string{"code": e.Code, "summary": e.Summary, "detail": e.Detail}
	var found []difference
	if g := fmt.Sprint(e.StatusCode); g != status {
		found = append(found, difference{Part: "error status", Want: status, Got: g})
	}
	for _, name := range sortedKeys(want, nil) {
		if want[name] != got[name] {
			found = append(found, difference{Part: "error " + name, Want: want[name], Got: got[name]})
		}
	}
	return found
}
