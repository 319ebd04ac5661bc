package wiretest

import (
	"errors"
	"fmt"
	"io/fs"

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

// compareError lists how the end of our call differs from the recorded one.
func compareError(c *wireCase, err error) []difference {
	raised := c.Exception
	switch {
	case raised == nil && err == nil:
		return nil
	case raised == nil:
		return []difference{{Part: "error", Want: "(none)", Got: err.Error()}}
	case err == nil:
		return []difference{{Part: "error", Want: raised.Class + ": " + raised.Message, Got: "(none)"}}
	}
	if len(c.Requests) == 0 {
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
		return compareAnswer(err, status, map[string]string{"code": ""})
	case "JobFailedException", "JobCancelledException":
		if !errors.Is(err, tableau.ErrJobFailed) {
			return []difference{{Part: "error class", Want: raised.Class, Got: err.Error()}}
		}
	}
	return nil
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
