package tableau

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tabctl/tableau-go/internal/tsxml"
)

// PublishMode says what happens when the project holds an item of that name.
type PublishMode string

// The publish modes. Only data sources can be appended to or have their data
// replaced.
const (
	CreateNew PublishMode = "CreateNew" // the server refuses with [ErrConflict]
	Overwrite PublishMode = "Overwrite"
	Append    PublishMode = "Append"  // adds the rows of the file, a .hyper or .tde
	Replace   PublishMode = "Replace" // keeps the data source and takes the file's data
)

// PublishConnection gives one of the file's connections its address and
// credentials.
type PublishConnection struct {
	ServerAddress string
	ServerPort    string // optional
	Credentials   *ConnectionCredentials
}

// ConnectionCredentials are what a connection signs in to its database with.
// With OAuth the name is that of credentials that the server has saved, and
// there is no password.
type ConnectionCredentials struct {
	Name     string
	Password string
	Embed    bool // keep them with the published item
	OAuth    bool
}

// String names the credentials without the password.
func (c ConnectionCredentials) String() string {
	return "tableau.ConnectionCredentials(" + c.Name + ")"
}

// GoString keeps the password out of %#v.
func (c ConnectionCredentials) GoString() string { return c.String() }

type connectionPublishEntry struct {
	ServerAddress string              `xml:"serverAddress,attr"`
	ServerPort    string              `xml:"serverPort,attr,omitempty"`
	Credentials   *credentialsRequest `xml:"connectionCredentials"`
}

type credentialsRequest struct {
	Name     string `xml:"name,attr"`
	Password string `xml:"password,attr,omitempty"`
	Embed    bool   `xml:"embed,attr"`
	OAuth    bool   `xml:"oAuth,attr,omitempty"`
}

// credentialsEntry is nil when there are no credentials.
func credentialsEntry(c *ConnectionCredentials, whose string) (*credentialsRequest, error) {
	if c == nil {
		return nil, nil
	}
	if c.Name == "" || c.Password == "" && !c.OAuth {
		return nil, invalid("publish: the credentials for " + whose + " need a name and, unless it is OAuth, a password")
	}
	return &credentialsRequest{c.Name, c.Password, c.Embed, c.OAuth}, nil
}

func connectionEntries(connections []PublishConnection) ([]connectionPublishEntry, error) {
	var entries []connectionPublishEntry
	for i, connection := range connections {
		if connection.ServerAddress == "" {
			return nil, invalid(fmt.Sprintf("publish: connection %d has no server address", i+1))
		}
		credentials, err := credentialsEntry(connection.Credentials, connection.ServerAddress)
		if err != nil {
			return nil, err
		}
		entries = append(entries, connectionPublishEntry{connection.ServerAddress, connection.ServerPort, credentials})
	}
	return entries, nil
}

// source is a file to send.
type source struct {
	reader   io.Reader
	at       io.ReaderAt // nil when the reader can be read only once
	start    int64       // where the reader stood
	size     int64       // -1 when not known
	fileType string
}

// beginnings are the first bytes of a file by its type. Parquet is not among
// them: its first bytes are those of many a text.
var beginnings = map[string]string{
	"twb": "<?xml", "tds": "<?xml",
	"twbx": "PK\x03\x04", "tdsx": "PK\x03\x04",
	"hyper": "Hyper\x08\x00\x00\x01\x00\x00\x00", "tde": "\x20\x02\x01\x62",
}

// typeByBeginning returns which of types a file is that begins so, "" when none.
func typeByBeginning(first []byte, types []string) string {
	first = bytes.TrimPrefix(first, []byte("\ufeff"))
	for _, fileType := range types {
		if start := beginnings[fileType]; start != "" && bytes.HasPrefix(first, []byte(start)) {
			return fileType
		}
	}
	return ""
}

// typeByName returns the type of a file of that name, which must be one of types.
func typeByName(name string, types []string) (string, error) {
	fileType := strings.ToLower(strings.TrimPrefix(filepath.Ext(name), "."))
	if !slices.Contains(types, fileType) {
		return "", invalid(fmt.Sprintf("publish: %s is not a file of type %s", name, oneOf(types)))
	}
	return fileType, nil
}

// oneOf lists words as "a, b or c".
func oneOf(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// sized finds out whether r can be read again, and its size.
func sized(r io.Reader) (source, error) {
	s := source{reader: r, size: -1}
	if r == nil {
		return s, invalid("publish: there is no file to read")
	}
	if seeker, ok := r.(io.ReadSeeker); ok {
		if at, ok := r.(io.ReaderAt); ok {
			start, err := seeker.Seek(0, io.SeekCurrent)
			if err == nil {
				var end int64
				if end, err = seeker.Seek(0, io.SeekEnd); err == nil {
					_, err = seeker.Seek(start, io.SeekStart)
				}
				if err == nil {
					s.at, s.start, s.size = at, start, end-start
				}
			}
		}
	}
	return s, nil
}

// newSource finds out the size of what r holds and, from the file name or the
// first bytes, its type, which must be one of types.
func newSource(r io.Reader, fileName string, types ...string) (source, error) {
	s, err := sized(r)
	if err != nil {
		return s, err
	}
	if fileName != "" {
		s.fileType, err = typeByName(fileName, types)
		return s, err
	}
	first := make([]byte, 256)
	var n int
	if s.at != nil {
		n, err = s.at.ReadAt(first, s.start)
	} else {
		n, err = io.ReadFull(r, first)
		s.reader = io.MultiReader(bytes.NewReader(first[:n]), r)
	}
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return s, fmt.Errorf("tableau: read the file to publish: %w", err)
	}
	if s.fileType = typeByBeginning(first[:n], types); s.fileType == "" {
		return s, invalid(fmt.Sprintf("publish: the file does not begin like a %s: give FileName if it is one", oneOf(types)))
	}
	return s, nil
}

// openToPublish opens the file and fills in the names that are empty.
func openToPublish(path string, name, fileName *string, types ...string) (*os.File, error) {
	base := filepath.Base(path)
	if *fileName == "" {
		*fileName = base
	}
	if *name == "" {
		*name = strings.TrimSuffix(base, filepath.Ext(base))
	}
	if _, err := typeByName(base, types); err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, &fileError{err}
	}
	return file, nil
}

// fileError is a local file that cannot be used. It matches
// [ErrInvalidArgument] and the file system's own error.
type fileError struct{ err error }

func (e *fileError) Error() string        { return "tableau: " + e.err.Error() }
func (e *fileError) Unwrap() error        { return e.err }
func (e *fileError) Is(target error) bool { return target == ErrInvalidArgument }

// upload is a file on its way to becoming an item.
type upload struct {
	request  request
	element  string // of the payload
	payload  any
	part     string // name of the file's part
	fileName string
	source   source
	progress func(sent, total int64)
}

// maxSingle is the largest file that Tableau takes in one request. Files of
// just this size go in blocks already.
const maxSingle = 64 << 20

// publish sends the file in one request or in blocks, and returns what the
// answer holds.
func publish[T any](ctx context.Context, c *Client, answer string, u upload) (*T, error) {
	payload, err := tsxml.EncodeRequest(tsxml.Child{Name: u.element, Value: u.payload})
	if err != nil {
		return nil, fmt.Errorf("tableau: write the publish request: %w", err)
	}
	r := u.request
	if u.source.at != nil && u.source.size < maxSingle {
		whole := &piece{
			content: io.NewSectionReader(u.source.at, u.source.start, u.source.size), size: u.source.size,
			meter: &meter{tell: u.progress, total: u.source.size},
		}
		defer whole.close()
		part := &filePart{name: u.part, fileName: u.fileName, size: whole.size, open: whole.open}
		return fetch[T](ctx, c, answer, r.carry(multipartBody(payload, part)))
	}
	if r, err = c.permitted(ctx, r); err != nil {
		return nil, err
	}
	session, err := c.uploadBlocks(ctx, u.source, u.progress)
	if err != nil {
		return nil, err
	}
	return fetch[T](ctx, c, answer, r.param("uploadSessionId", session).carry(multipartBody(payload, nil)))
}

// filePart is a file in a multipart body.
type filePart struct {
	name, fileName string
	size           int64
	open           func() io.Reader
}

// multipartBody is Tableau's multipart/mixed body: the request's XML, then the
// file. It is streamed, and its length is known beforehand.
func multipartBody(payload []byte, file *filePart) *body {
	boundary := rand.Text()
	var start bytes.Buffer
	writePartHead(&start, boundary, "request_payload", "", "text/xml")
	start.Write(payload)
	start.WriteString("\r\n")
	if file != nil {
		writePartHead(&start, boundary, file.name, file.fileName, "application/octet-stream")
	}
	end := "--" + boundary + "--\r\n"
	if file != nil {
		end = "\r\n" + end
	}
	size := int64(start.Len() + len(end))
	if file != nil {
		size += file.size
	}
	return &body{contentType: "multipart/mixed; boundary=" + boundary, size: size, open: func() (io.Reader, error) {
		parts := []io.Reader{bytes.NewReader(start.Bytes())}
		if file != nil {
			parts = append(parts, file.open())
		}
		return io.MultiReader(append(parts, strings.NewReader(end))...), nil
	}}
}

var fileNameEscaper = strings.NewReplacer(`"`, "%22", "\r", "%0D", "\n", "%0A")

func writePartHead(b *bytes.Buffer, boundary, name, fileName, contentType string) {
	fmt.Fprintf(b, "--%s\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"%s\"\r\nContent-Type: %s\r\n\r\n",
		boundary, name, fileNameEscaper.Replace(fileName), contentType)
}
