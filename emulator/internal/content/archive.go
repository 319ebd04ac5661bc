package content

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// Limits on a package. Extracts may be large, but they are never unpacked here.
const (
	maxEntries       = 10_000
	maxDirectory     = 16 << 20 // bytes of the zip's directory
	maxUncompressed  = 64 << 30 // bytes of all entries, as declared
	maxRatio         = 500      // of an entry larger than ratioFreeSize
	ratioFreeSize    = 8 << 20
	maxDocumentBytes = 256 << 20 // of an entry or file that is read
)

// directoryReader fails once more was read than a reasonable directory has, since zip.NewReader keeps all of it.
type directoryReader struct {
	io.ReaderAt
	left   int
	opened bool
}

var errDirectory = errors.New("directory too large")

func (d *directoryReader) ReadAt(p []byte, offset int64) (int, error) {
	if !d.opened {
		if d.left -= len(p); d.left < 0 {
			return 0, errDirectory
		}
	}
	return d.ReaderAt.ReadAt(p, offset)
}

// openArchive opens a package and checks every entry's name and declared size.
func openArchive(r io.ReaderAt, size int64) (*zip.Reader, error) {
	source := &directoryReader{ReaderAt: r, left: maxDirectory}
	archive, err := zip.NewReader(source, size)
	switch {
	case errors.Is(err, errDirectory):
		return nil, invalid("The package has too many files: at most %d are read.", maxEntries)
	case errors.Is(err, zip.ErrInsecurePath):
		// Names are checked below, with a text that says which.
	case err != nil:
		return nil, invalid("The package is damaged or incomplete: it cannot be read as a zip file (%v).", err)
	}
	source.opened = true
	if len(archive.File) > maxEntries {
		return nil, invalid("The package has %d files: at most %d are read.", len(archive.File), maxEntries)
	}
	var total uint64
	for _, file := range archive.File {
		if !safeName(file.Name) {
			return nil, invalid("The package has a file named %q, which points outside the package.", file.Name)
		}
		unpacked := file.UncompressedSize64
		if unpacked > maxUncompressed-total {
			return nil, invalid("The package is too large when unpacked: at most %d GiB are read.", maxUncompressed>>30)
		}
		total += unpacked
		if unpacked > ratioFreeSize && unpacked/maxRatio > file.CompressedSize64 {
			return nil, invalid("The package's file %q unpacks to more than %d times its size.", file.Name, maxRatio)
		}
	}
	return archive, nil
}

// safeName reports whether an entry's name stays inside the package on every system.
func safeName(name string) bool {
	driveLetter := len(name) > 1 && name[1] == ':'
	return name != "" && !path.IsAbs(name) && !driveLetter && !strings.ContainsAny(name, "\\\x00") &&
		!slices.Contains(strings.Split(name, "/"), "..")
}

func hasExtension(name string, extensions ...string) bool {
	return slices.Contains(extensions, strings.ToLower(strings.TrimPrefix(path.Ext(name), ".")))
}

// openEntry opens one entry of a package for reading.
func openEntry(file *zip.File) (io.ReadCloser, error) {
	const encrypted = 1
	if file.Flags&encrypted != 0 {
		return nil, invalid("The package's file %q is encrypted.", file.Name)
	}
	if file.UncompressedSize64 > maxDocumentBytes {
		return nil, invalid("The package's file %q is larger than %d MiB.", file.Name, maxDocumentBytes>>20)
	}
	reader, err := file.Open()
	if err != nil {
		return nil, invalid("The package's file %q cannot be unpacked (%v).", file.Name, err)
	}
	return reader, nil
}

// boundedReader fails when a document is larger than maxDocumentBytes, or when more than maxPieceBytes were read since
// piece was set to zero: the readers above it keep one XML token or one CSV record in memory.
type boundedReader struct {
	io.Reader
	total, piece int64
}

const maxPieceBytes = 32 << 20

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.total > maxDocumentBytes {
		return 0, invalid("The file is larger than %d MiB.", maxDocumentBytes>>20)
	}
	if b.piece > maxPieceBytes {
		return 0, invalid("The file has a single value larger than %d MiB.", maxPieceBytes>>20)
	}
	n, err := b.Reader.Read(p)
	b.total += int64(n)
	b.piece += int64(n)
	return n, err
}

// WithoutExtracts writes the package in r, a .twbx or .tdsx of size bytes, to w without its extracts (.hyper, .tde).
// A package that cannot be read returns an [*InvalidError].
func WithoutExtracts(w io.Writer, r io.ReaderAt, size int64) error {
	archive, err := openArchive(r, size)
	if err != nil {
		return err
	}
	out := zip.NewWriter(w)
	for _, file := range archive.File {
		if hasExtension(file.Name, "hyper", "tde") {
			continue
		}
		if err := out.Copy(file); err != nil {
			return fmt.Errorf("write the package without extracts: %w", err)
		}
	}
	return out.Close()
}
