package store

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Blobs keeps file contents on disk by a SHA-256 that comes of them: dir/ab/cd/abcd…
type Blobs struct {
	dir     string
	durable bool // contents outlive a crash
	opened  time.Time

	mu     sync.Mutex
	pinned map[string]int // by hash: contents that are stored or read, and must stay until that is done
}

func openBlobs(dir string, durable bool) (*Blobs, error) {
	return &Blobs{dir: dir, durable: durable, opened: time.Now(), pinned: map[string]int{}}, os.MkdirAll(dir, 0o700)
}

func (b *Blobs) path(hash string) string { return filepath.Join(b.dir, hash[:2], hash[2:4], hash) }

// Stored is content on disk. It stays at least until Done, so that a row can be written that names it.
type Stored struct {
	Hash  string
	Bytes int64
	done  func()
}

// Done ends the guard of the content: from now on it stays only as long as a row names it.
func (s *Stored) Done() { s.done() }

// copyBuffer is how many bytes are written at a time.
const copyBuffer = 64 << 10

// Put streams r to disk. When it returns, the content of a durable store would survive a crash.
func (b *Blobs) Put(r io.Reader) (*Stored, error) {
	return b.put(b.durable, func(f *os.File, digest io.Writer) (int64, error) { return copyHashed(f, digest, r) })
}

// A block is not called what a file of the same content is called, for the one is there when the machine fails, the other not.
const blockPrefix, joinedPrefix = "block\n", "blocks\n"

// PutBlock streams to disk what [Blobs.Join] makes a part of a file. It survives the end of the program, but not that of the
// machine: that is noticed when it is joined.
func (b *Blobs) PutBlock(r io.Reader) (*Stored, error) {
	return b.put(false, func(f *os.File, digest io.Writer) (int64, error) {
		_, _ = io.WriteString(digest, blockPrefix) // it never fails
		return copyHashed(f, digest, r)
	})
}

// ErrBlockLost is a block of an upload that was not on disk yet when the machine failed.
var ErrBlockLost = errors.New("a block has been lost in a crash")

// Join makes one file of blocks. It is named by the names of its blocks, so that they need not be read for that.
func (b *Blobs) Join(blocks []Block) (*Stored, error) {
	return b.put(b.durable, func(f *os.File, digest io.Writer) (size int64, err error) {
		_, _ = io.WriteString(digest, joinedPrefix)
		for _, block := range blocks {
			_, _ = io.WriteString(digest, block.Blob)
			n, err := b.copyBlock(f, block)
			if err != nil {
				return 0, err
			}
			size += n
		}
		return size, nil
	})
}

func (b *Blobs) copyBlock(to *os.File, block Block) (int64, error) {
	from, err := b.Open(block.Blob)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, ErrBlockLost
	}
	if err != nil {
		return 0, err
	}
	defer from.Close() // it is only read
	info, err := from.Stat()
	if err != nil {
		return 0, err
	}
	if !info.ModTime().Before(b.opened) {
		return io.Copy(to, from) // which the system does by itself
	}
	digest := sha256.New()
	_, _ = io.WriteString(digest, blockPrefix)
	n, err := copyHashed(to, digest, from)
	if err == nil && hex.EncodeToString(digest.Sum(nil)) != block.Blob {
		err = ErrBlockLost
	}
	return n, err
}

// copyHashed writes much at a time, however little a read brings.
func copyHashed(f *os.File, digest io.Writer, r io.Reader) (int64, error) {
	w := bufio.NewWriterSize(io.MultiWriter(f, digest), copyBuffer)
	n, err := w.ReadFrom(r)
	if err != nil {
		return n, err
	}
	return n, w.Flush()
}

// put stores what write writes under the hash of what it gives to the digest.
func (b *Blobs) put(durable bool, write func(f *os.File, digest io.Writer) (int64, error)) (_ *Stored, err error) {
	f, err := os.CreateTemp(b.dir, "incoming-")
	if err != nil {
		return nil, err
	}
	defer func() {
		f.Close()           // closed before, or given up
		os.Remove(f.Name()) // gone after the rename
	}()
	digest := sha256.New()
	bytes, err := write(f, digest)
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
	hash := hex.EncodeToString(digest.Sum(nil))

	b.mu.Lock()
	defer b.mu.Unlock()
	if _, err := os.Stat(b.path(hash)); errors.Is(err, fs.ErrNotExist) {
		err = b.place(f.Name(), b.path(hash), durable)
		if err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	b.pinned[hash]++
	return &Stored{Hash: hash, Bytes: bytes, done: sync.OnceFunc(func() { b.unpin(hash) })}, nil
}

// place moves a file to where it stays.
func (b *Blobs) place(file, path string, durable bool) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.Rename(file, path); err != nil || !durable {
		return err
	}
	for _, dir := range []string{filepath.Dir(path), filepath.Dir(filepath.Dir(path)), b.dir} {
		if err := syncDir(dir); err != nil {
			return err
		}
	}
	return nil
}

func (b *Blobs) unpin(hash string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pinned[hash]--; b.pinned[hash] <= 0 {
		delete(b.pinned, hash)
	}
}

// Open returns the content for reading.
func (b *Blobs) Open(hash string) (*os.File, error) { return os.Open(b.path(hash)) }

// remove deletes the contents that nothing guards and unused confirms; contents being stored are left alone.
func (b *Blobs) remove(hashes []string, unused func(hash string) (bool, error)) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var errs []error
	for _, hash := range hashes {
		if hash == "" || b.pinned[hash] > 0 {
			continue
		}
		switch free, err := unused(hash); {
		case err != nil:
			errs = append(errs, err)
		case free:
			if err := os.Remove(b.path(hash)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// namedBy counts the rows that name the content.
const namedBy = `SELECT (SELECT count(*) FROM workbooks WHERE blob = ?1) + (SELECT count(*) FROM datasources WHERE blob = ?1)
	+ (SELECT count(*) FROM upload_parts WHERE blob = ?1) + (SELECT count(*) FROM jobs WHERE blob = ?1)
	+ (SELECT count(*) FROM revisions WHERE blob = ?1)`

// Collect deletes those of the contents, and of those that revisions and uploads have let go of, that no row names any more.
// Call it outside of any transaction.
func (s *Store) Collect(ctx context.Context, hashes ...string) error {
	ctx = context.WithoutCancel(ctx)
	var dropped []string
	err := s.Read(ctx, func(tx *Tx) (err error) {
		dropped, err = query(tx, scanString, "SELECT hash FROM dropped WHERE hash <> ''")
		return err
	})
	if err != nil {
		return err
	}
	err = s.Blobs.remove(append(slices.Clone(hashes), dropped...), func(hash string) (free bool, err error) {
		err = s.Read(ctx, func(tx *Tx) error {
			var names int
			err := tx.queryRow(namedBy, hash).Scan(&names)
			free = names == 0
			return err
		})
		return free, err
	})
	if err != nil || len(dropped) == 0 {
		return err
	}
	return s.Write(ctx, func(tx *Tx) error {
		for _, hash := range dropped {
			if _, err := tx.exec("DELETE FROM dropped WHERE hash = ?", hash); err != nil {
				return err
			}
		}
		return nil
	})
}

// sweep deletes what a crash left behind: unfinished files, and contents that were never acknowledged.
func (s *Store) sweep() error {
	unfinished, err := filepath.Glob(filepath.Join(s.Blobs.dir, "incoming-*"))
	if err != nil {
		return err
	}
	for _, path := range unfinished {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return s.collectAll()
}

// collectAll deletes all contents that no row names.
func (s *Store) collectAll() error {
	var hashes []string
	err := filepath.WalkDir(s.Blobs.dir, func(_ string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // an unfinished file that has just been moved
		}
		if err == nil && !entry.IsDir() && !strings.HasPrefix(entry.Name(), "incoming-") {
			hashes = append(hashes, entry.Name())
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.Collect(context.Background(), hashes...)
}
