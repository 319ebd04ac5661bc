package emulator

import (
	"bufio"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"

	"github.com/tabctl/tableau-go/emulator/internal/schema"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

// parseDocument reads a tsRequest in JSON when the media type says so, and in XML otherwise. What departs from Tableau's
// schema is refused, save for what the methods judge themselves: see the package schema.
func parseDocument(r io.Reader, mediaType string) (*tsxml.Element, error) {
	parse := tsxml.ParseXML
	if isJSON(mediaType) {
		parse = tsxml.ParseJSON
	}
	root, err := parse(r, maxPayload)
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); err != nil && !tooLarge {
		return nil, fail(badRequest, "The request document cannot be read: %s.", err)
	}
	if err != nil {
		return nil, err
	}
	if root.Name != "tsRequest" {
		return nil, incomplete("The document is <%s>, not <tsRequest>.", root.Name)
	}
	if isJSON(mediaType) {
		schema.ScalarsToElements(root)
	}
	if err := schema.Check(root); err != nil {
		code := badRequest
		if known, ok := errors.AsType[*schema.Error](err); ok && known.Flag {
			code = badValue
		}
		return nil, fail(code, "Payload is either malformed or incomplete. %s.", err)
	}
	return root, nil
}

// drain reads what a caller is still sending, up to a limit.
func drain(r *http.Request) {
	io.CopyN(io.Discard, r.Body, drained) // only a courtesy
}

// parts calls each with every part of a multipart request: its name, its file name, and its content.
func (c *call) parts(each func(name, fileName string, part *multipart.Part) error) error {
	mediaType, parameters, err := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	if err != nil || parameters["boundary"] == "" {
		return fail(badPayload, "The request must be multipart/mixed with a boundary; its Content-Type is '%s'.", mediaType)
	}
	// The reader of parts reads 4 KiB at a time.
	reader := multipart.NewReader(bufio.NewReaderSize(c.request.Body, 64<<10), parameters["boundary"])
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unreadable(err)
		}
		name, fileName := disposition(part.Header.Get("Content-Disposition"))
		if err := each(name, fileName, part); err != nil {
			return err
		}
	}
}

// unreadable is the error for a body that breaks off or is not what its headers say.
func unreadable(err error) error {
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return err
	}
	return fail(badRequest, "The request body cannot be read: %s.", err)
}

// disposition returns the parameters name and filename. Tableau's own examples leave out the type: name="request_payload".
func disposition(header string) (name, fileName string) {
	_, parameters, err := mime.ParseMediaType(header)
	if err != nil {
		_, parameters, _ = mime.ParseMediaType("form-data; " + header)
	}
	return parameters["name"], parameters["filename"]
}

// flag reads a boolean attribute; absent, it is the fallback.
func flag(e *tsxml.Element, name string, fallback bool) (bool, error) {
	text, ok := e.Lookup(name)
	if !ok {
		return fallback, nil
	}
	return parseFlag(name, text)
}

// queryFlag reads a boolean query parameter; absent, it is false.
func (c *call) queryFlag(name string) (bool, error) {
	if !c.query.Has(name) {
		return false, nil
	}
	return parseFlag(name, c.query.Get(name))
}

func parseFlag(name, text string) (bool, error) {
	switch text {
	case "true", "True", "TRUE", "1":
		return true, nil
	case "false", "False", "FALSE", "0":
		return false, nil
	}
	return false, fail(badValue, "The value '%s' of '%s' is neither true nor false.", text, name)
}
