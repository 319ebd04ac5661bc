package content

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
)

// errNoText says that there is no text data with a view's columns.
var errNoText = errors.New("no text data")

// textData is an open file of separated values.
type textData struct {
	io.Closer
	source       *boundedReader
	reader       *csv.Reader
	header       map[string]int // index of a column by its heading
	decimalComma bool
}

// openText opens the file in the package that has the view's columns: the one its data source names, or any other.
func openText(r io.ReaderAt, size int64, wb *Workbook, view View) (*textData, error) {
	magic := make([]byte, 2)
	if _, err := r.ReadAt(magic, 0); err != nil || string(magic) != "PK" {
		return nil, errNoText // a plain workbook holds no data
	}
	archive, err := openArchive(r, size)
	if err != nil {
		return nil, err
	}
	var best *zip.File
	bestFound := 0
	for _, file := range textFiles(archive, wb, view) {
		text, err := openTextFile(file)
		if err != nil {
			return nil, err
		}
		found := 0
		for _, f := range slices.Concat(view.Fields, view.Measures) {
			if _, ok := text.header[f.Column]; ok {
				found++
			}
		}
		if err := text.Close(); err != nil {
			return nil, err
		}
		if found > bestFound {
			best, bestFound = file, found
		}
	}
	if best == nil {
		return nil, errNoText
	}
	return openTextFile(best)
}

// textFiles lists the package's text files, those of the view's data source first.
func textFiles(archive *zip.Reader, wb *Workbook, view View) []*zip.File {
	const most = 100 // each is opened to read its header
	named := map[string]bool{}
	if ds := wb.byName[view.DataSource]; ds != nil {
		for _, c := range ds.Connections {
			named[path.Base(c.Filename)] = c.Filename != ""
		}
	}
	var files, others []*zip.File
	for _, file := range archive.File {
		switch {
		case !hasExtension(file.Name, "csv", "txt", "tsv", "tab"):
		case named[path.Base(file.Name)]:
			files = append(files, file)
		default:
			others = append(others, file)
		}
	}
	files = append(files, others...)
	return files[:min(len(files), most)]
}

func openTextFile(file *zip.File) (*textData, error) {
	entry, err := openEntry(file)
	if err != nil {
		return nil, err
	}
	text := &textData{Closer: entry, source: &boundedReader{Reader: entry}}
	buffered := bufio.NewReaderSize(text.source, 64<<10)
	start, _ := buffered.Peek(64 << 10)
	if mark := []byte("\ufeff"); bytes.HasPrefix(start, mark) {
		start = start[len(mark):]
		_, _ = buffered.Discard(len(mark))
	}
	text.reader = csv.NewReader(buffered)
	text.reader.Comma = separator(start)
	text.reader.FieldsPerRecord = -1
	text.reader.LazyQuotes = true
	text.reader.ReuseRecord = true
	text.decimalComma = text.reader.Comma == ';'
	header, err := text.record()
	if err != nil && err != io.EOF {
		_ = entry.Close()
		return nil, err
	}
	text.header = make(map[string]int, len(header))
	for i, name := range header {
		if _, ok := text.header[name]; !ok {
			text.header[strings.TrimSpace(name)] = i
		}
	}
	return text, nil
}

// record returns the next record, which is valid until the one after it.
func (t *textData) record() ([]string, error) {
	t.source.piece = 0
	record, err := t.reader.Read()
	if err == nil || err == io.EOF {
		return record, err
	}
	if _, ok := errors.AsType[*InvalidError](err); ok {
		return nil, err
	}
	return nil, invalid("The package's text data cannot be read (%v).", err)
}

// separator returns the separator that occurs most in the first line, outside quotes.
func separator(start []byte) rune {
	counts := map[byte]int{}
	quoted := false
	for _, b := range start {
		if b == '"' {
			quoted = !quoted
		}
		if quoted {
			continue
		}
		if b == '\n' {
			break
		}
		counts[b]++
	}
	best := byte(',')
	for _, b := range []byte(";\t|") {
		if counts[b] > counts[best] {
			best = b
		}
	}
	return rune(best)
}
