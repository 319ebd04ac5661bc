package store

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Blobs keeps file contents on disk under names of 64 hexadecimal digits: dir/ab/cd/abcd…. A file is named by its SHA-256, so
// that the same content is there once; one that came in blocks is a directory of its parts.
type Blobs struct {
	dir     string
	durable bool // contents outlive a crash of the machine
	opened  time.Time

	flushing chan struct{} // has place for the blocks that go to the disk at a time

	mu     sync.Mutex
	pinned map[string]int // by name: contents that are stored or read, and must stay until that is done
}

func openBlobs(dir string, durable bool) (*Blobs, error) {
	return &Blobs{dir: dir, durable: durable, opened: time.Now(), flushing: make(chan struct{}, 4), pinned: map[string]int{}}, os.MkdirAll(dir, 0o700)
}

const nameLength = 2 * sha256.Size

func (b *Blobs) path(name string) string { return filepath.Join(b.dir, name[:2], name[2:4], name) }

// Stored is content on disk. It stays at least until Done, so that a row can be written that names it.
type Stored struct {
	Name  string
	Bytes int64
	done  func()
}

// Done ends the guard of the content: from now on it stays only as long as a row names it.
func (s *Stored) Done() { s.done() }

// incoming begins the names of what is not whole yet.
const incoming = "incoming-"

// copyBuffer is how many bytes are written at a time.
const copyBuffer = 64 << 10

// Put streams r to disk. When it returns, the content of a durable store would survive a crash.
func (b *Blobs) Put(r io.Reader) (*Stored, error) { return b.put(r, sha256.New(), b.durable) }

// copyHashed writes much at a time, however little a read brings.
func copyHashed(f *os.File, digest io.Writer, r io.Reader) (int64, error) {
	w := bufio.NewWriterSize(io.MultiWriter(f, digest), copyBuffer)
	n, err := w.ReadFrom(r)
	if err != nil {
		return n, err
	}
	return n, w.Flush()
}

// put stores r under its digest. Random digits go before one that is too short to be a name.
func (b *Blobs) put(r io.Reader, digest hash.Hash, durable bool) (_ *Stored, err error) {
	f, err := os.CreateTemp(b.dir, incoming)
	if err != nil {
		return nil, err
	}
	defer func() {
		f.Close()           // closed before, or given up
		os.Remove(f.Name()) // gone after the rename
	}()
	bytes, err := copyHashed(f, digest, r)
	if err != nil {
		return nil, err
	}
	if durable {
		if err := f.Sync(); err != nil {
			return nil, err
		}
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	sum := hex.EncodeToString(digest.Sum(nil))
	return b.keep(f.Name(), newName()[len(sum):]+sum, bytes, durable)
}

func newName() string {
	var unique [nameLength / 2]byte
	rand.Read(unique[:]) // it never fails
	return hex.EncodeToString(unique[:])
}

// keep moves what is at path to where content with the name stays, unless that is there already.
func (b *Blobs) keep(path, name string, bytes int64, durable bool) (*Stored, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, err := os.Stat(b.path(name)); errors.Is(err, fs.ErrNotExist) {
		if err := b.place(path, b.path(name), durable); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	b.pinned[name]++
	return &Stored{Name: name, Bytes: bytes, done: sync.OnceFunc(func() { b.unpin(name) })}, nil
}

// place moves a file, or a directory of parts, to where it stays.
func (b *Blobs) place(from, path string, durable bool) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.Rename(from, path); err != nil || !durable {
		return err
	}
	for _, dir := range []string{filepath.Dir(path), filepath.Dir(filepath.Dir(path)), b.dir} {
		if err := syncDir(dir); err != nil {
			return err
		}
	}
	return nil
}

func (b *Blobs) unpin(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pinned[name]--; b.pinned[name] <= 0 {
		delete(b.pinned, name)
	}
}

// Content is stored content, open for reading.
type Content interface {
	io.ReadSeekCloser
	io.ReaderAt
}

// Open returns the content for reading.
func (b *Blobs) Open(name string) (Content, error) {
	info, err := os.Stat(b.path(name))
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return os.Open(b.path(name))
	}
	// Parts are removed one after the other: none is while they are opened.
	b.mu.Lock()
	defer b.mu.Unlock()
	return openParts(b.path(name))
}

// remove deletes the contents that nothing guards and unused confirms; contents being stored are left alone.
func (b *Blobs) remove(names []string, unused func(name string) (bool, error)) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var errs []error
	for _, name := range names {
		if name == "" || b.pinned[name] > 0 {
			continue
		}
		switch free, err := unused(name); {
		case err != nil:
			errs = append(errs, err)
		case free:
			if err := os.RemoveAll(b.path(name)); err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}
