package wiretest

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// arguments are the inputs of a call by their Python names.
type arguments map[string]any

// A notCompiled is an argument that Go's compiler refuses: of a type that
// Python takes and then refuses as it runs, or one that does not exist.
type notCompiled struct {
	argument string
	value    any
	wants    string // what stands there in Go, "a boolean"; "" when there is no such argument
}

// Error says what the compiler says.
func (e notCompiled) Error() string {
	text := fmt.Sprintf("argument %s=%v", e.argument, plainText(e.value))
	if e.wants != "" {
		text += " is not " + e.wants
	}
	return text
}

// isRefusal tells whether Python refused the same argument before it sent
// anything.
func (e notCompiled) isRefusal(c *wireCase) bool {
	switch {
	case c.Exception == nil || len(c.Requests) > 0:
		return false
	case e.wants == "":
		return strings.Contains(c.Exception.Message, "unexpected keyword argument '"+e.argument+"'")
	case c.Exception.Class == "TypeError" || c.Exception.Class == "AssertionError":
		return true
	}
	value := plainText(e.value)
	return strings.Contains(c.Exception.Message, e.argument) || value != "" && strings.Contains(c.Exception.Message, value)
}

// markers are the keys of the recorded inputs that mean something by themselves.
var markers = []string{
	"$item", "$options", "$file", "$generated", "$textfile", "$tmpdir", "$writer", "$set", "$tuple", "$bytes", "$time", "$datetime", "$rule",
	"$args", "$chain", "$then",
}

// unknownMarker finds a marker that no adapter reads, "" when there is none.
func unknownMarker(value any) string {
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			if strings.HasPrefix(name, "$") && !slices.Contains(markers, name) {
				return name
			}
			if found := unknownMarker(inner); found != "" {
				return found
			}
		}
	case []any:
		for _, inner := range value {
			if found := unknownMarker(inner); found != "" {
				return found
			}
		}
	}
	return ""
}

// only refuses inputs that the adapter does not know, so that none is dropped
// without a word. Names that begin with $ are markers.
func (a arguments) only(known ...string) error {
	for _, name := range sortedKeys(a, nil) {
		if !strings.HasPrefix(name, "$") && !slices.Contains(known, name) && a[name] != nil {
			return notCompiled{argument: name, value: a[name]}
		}
	}
	return nil
}

// text returns a text, "" when it is null or absent.
func (a arguments) text(name string) string { return plainText(a[name]) }

// flag returns a boolean, false when it is null or absent. Anything else ends
// the call with [notCompiled].
func (a arguments) flag(name string) bool {
	value, ok := a[name].(bool)
	if !ok && a[name] != nil {
		panic(notCompiled{name, a[name], "a boolean"})
	}
	return value
}

// number returns an integer and whether there is one. Anything but a number
// ends the call with [notCompiled].
func (a arguments) number(name string) (int, bool) {
	value, ok := a[name].(json.Number)
	if !ok {
		if a[name] != nil {
			panic(notCompiled{name, a[name], "a number"})
		}
		return 0, false
	}
	n, err := value.Int64()
	return int(n), err == nil
}

// has tells whether an input is there and not null.
func (a arguments) has(name string) bool { return a[name] != nil }

// item returns a nested item or options object.
func (a arguments) item(name string) arguments {
	value, _ := a[name].(map[string]any)
	return value
}

// items returns a list of nested items.
func (a arguments) items(name string) []arguments {
	var list []arguments
	for _, value := range elements(a[name]) {
		inner, _ := value.(map[string]any)
		list = append(list, inner)
	}
	return list
}

// texts returns a list of texts.
func (a arguments) texts(name string) []string {
	var list []string
	for _, value := range elements(a[name]) {
		list = append(list, plainText(value))
	}
	return list
}

// id returns an item's id, where Python takes an item or the id itself.
func (a arguments) id(name string) string {
	if _, ok := a[name].(string); ok {
		return a.text(name)
	}
	return a.item(name).text("id")
}

// elements returns the members of a list, tuple or set.
func elements(value any) []any {
	switch value := value.(type) {
	case []any:
		return value
	case map[string]any:
		for _, marker := range []string{"$set", "$tuple"} {
			if list, ok := value[marker].([]any); ok {
				return list
			}
		}
	}
	return nil
}

// A fileArgument is a file that a call sends.
type fileArgument struct {
	Name    string // "" for a memory file without a name
	AsFile  bool   // given as a path
	Missing bool   // a path that leads nowhere
	open    func() io.ReadSeeker
}

// generatedPeriod is the length after which a made-up file repeats itself.
const generatedPeriod = 251

// file reads the markers for files.
func (a arguments) file(c *wireCase, name string) (*fileArgument, error) {
	if path, ok := a[name].(string); ok {
		return &fileArgument{Name: path, AsFile: true, Missing: true}, nil
	}
	marker := a.item(name)
	f := &fileArgument{Name: marker.text("name")}
	switch as := marker.text("as"); as {
	case "", "path", "pathlib", "PathLike":
		f.AsFile = true
	}
	switch {
	case marker.has("$file"):
		content, err := c.asset(marker.text("$file"))
		if err != nil {
			return nil, err
		}
		if f.AsFile {
			f.Name = marker.text("$file")
		}
		f.open = func() io.ReadSeeker { return bytes.NewReader(content) }
	case marker["$textfile"] != nil:
		text := marker.text("$textfile")
		f.open = func() io.ReadSeeker { return strings.NewReader(text) }
	case marker.has("$generated"):
		recipe := marker.item("$generated")
		size, _ := recipe.number("size")
		header, err := hex.DecodeString(recipe.text("header_hex"))
		if err != nil {
			return nil, err
		}
		f.open = func() io.ReadSeeker { return io.NewSectionReader(generated{header, int64(size)}, 0, int64(size)) }
	default:
		return nil, fmt.Errorf("no file marker in %v", a[name])
	}
	return f, nil
}

// onDisk writes the file into a fresh folder and returns its path.
func (f *fileArgument) onDisk(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), f.Name)
	if f.Missing {
		return path
	}
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, f.open()); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// generated is a made-up file: byte i is i % 251, after a header.
type generated struct {
	header []byte
	size   int64
}

// generatedBlock is the pattern, long enough to be copied in large pieces.
var generatedBlock = func() []byte {
	block := make([]byte, generatedPeriod*4096)
	for i := range block {
		block[i] = byte(i % generatedPeriod)
	}
	return block
}()

// ReadAt makes the bytes from an offset on.
func (g generated) ReadAt(p []byte, offset int64) (int, error) {
	n := int(min(int64(len(p)), max(g.size-offset, 0)))
	for done := 0; done < n; {
		done += copy(p[done:n], generatedBlock[(offset+int64(done))%generatedPeriod:])
	}
	if offset < int64(len(g.header)) {
		copy(p[:n], g.header[offset:])
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// moment reads {"$datetime": …}; ok is false for anything else.
func moment(value any) (at time.Time, ok bool) {
	marker, isMap := value.(map[string]any)
	text, isText := marker["$datetime"].(string)
	if !isMap || !isText {
		return time.Time{}, false
	}
	at, err := time.Parse(time.RFC3339, text)
	return at, err == nil
}
