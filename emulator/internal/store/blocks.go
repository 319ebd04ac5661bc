package store

import (
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// PutBlock streams to disk what [Blobs.Join] makes a part of a file. It survives the end of the program, but not that of the
// machine: the checksum that ends its name tells when it is joined.
func (b *Blobs) PutBlock(r io.Reader) (*Stored, error) {
	block, err := b.put(r, crc32.New(castagnoli), false)
	if err == nil && b.durable {
		go b.flush(block.Name)
	}
	return block, err
}

// flush brings a block to the disk beside the upload, so that little is left to wait for when it is joined.
func (b *Blobs) flush(name string) {
	b.flushing <- struct{}{}
	defer func() { <-b.flushing }()
	f, err := b.openBlock(name)
	if err != nil {
		return // it has been collected
	}
	defer f.Close() // it was not written
	_ = f.Sync()    // joining does it again, and says what is wrong
}

// ErrBlockLost is a block of an upload that was not on disk yet when the machine failed.
var ErrBlockLost = errors.New("a block has been lost in a crash")

// smallestPart is how long each part of a file is at least, but the last: who reads the file has all of them open.
const smallestPart = 4 << 20

// Join makes one content of blocks, which remain as they are. It is a directory of links to them, so that nothing is copied but
// small blocks, of which several become one part.
func (b *Blobs) Join(blocks []Block) (_ *Stored, err error) {
	dir, err := os.MkdirTemp(b.dir, incoming)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) // gone after the rename
	var size int64
	var joining sync.WaitGroup
	problems := make([]error, len(blocks))
	for begin, end := 0, 0; begin < len(blocks); begin = end {
		length := int64(0)
		for ; end < len(blocks) && length < smallestPart; end++ {
			length += blocks[end].Bytes
		}
		size += length
		joining.Go(func() {
			problems[begin] = b.makePart(filepath.Join(dir, fmt.Sprintf("%06d", begin)), blocks[begin:end])
		})
	}
	joining.Wait()
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	if b.durable {
		if err := syncDir(dir); err != nil {
			return nil, err
		}
	}
	return b.keep(dir, newName(), size, b.durable)
}

// makePart makes blocks a part of a file, and brings it to the disk.
func (b *Blobs) makePart(path string, blocks []Block) error {
	b.flushing <- struct{}{}
	defer func() { <-b.flushing }()
	if len(blocks) > 1 {
		return b.copyPart(path, blocks)
	}
	from, err := b.openBlock(blocks[0].Blob)
	if err != nil {
		return err
	}
	defer from.Close() // it was not written
	if b.durable {
		if err := from.Sync(); err != nil {
			return err
		}
	}
	if os.Link(from.Name(), path) != nil {
		return b.copyPart(path, blocks) // some file systems have no links
	}
	return nil
}

func (b *Blobs) copyPart(path string, blocks []Block) error {
	to, err := os.Create(path)
	if err != nil {
		return err
	}
	defer to.Close() // closed before, or given up
	for _, block := range blocks {
		from, err := b.openBlock(block.Blob)
		if err != nil {
			return err
		}
		_, err = io.Copy(to, from)
		from.Close() // it was not written
		if err != nil {
			return err
		}
	}
	if b.durable {
		if err := to.Sync(); err != nil {
			return err
		}
	}
	return to.Close()
}

// openBlock opens a block that is as it came. It can be written, for some systems flush nothing else.
func (b *Blobs) openBlock(name string) (_ *os.File, err error) {
	f, err := os.OpenFile(b.path(name), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrBlockLost
	}
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	info, err := f.Stat()
	if err != nil || !info.ModTime().Before(b.opened) {
		return f, err
	}
	// The machine may have failed since.
	digest := crc32.New(castagnoli)
	if _, err := io.Copy(digest, f); err != nil {
		return nil, err
	}
	if !strings.HasSuffix(name, hex.EncodeToString(digest.Sum(nil))) {
		return nil, ErrBlockLost
	}
	_, err = f.Seek(0, io.SeekStart)
	return f, err
}

// parts reads the parts of a file as one.
type parts struct {
	*io.SectionReader // over the parts
	files             []*os.File
	ends              []int64 // where each part ends in the whole
}

// openParts opens all, so that what is removed meanwhile can still be read.
func openParts(dir string) (Content, error) {
	entries, err := os.ReadDir(dir) // in the order of their names
	if err != nil {
		return nil, err
	}
	p := &parts{}
	var size int64
	for _, entry := range entries {
		f, err := os.Open(filepath.Join(dir, entry.Name()))
		if err != nil {
			return nil, errors.Join(err, p.Close())
		}
		p.files = append(p.files, f)
		info, err := f.Stat()
		if err != nil {
			return nil, errors.Join(err, p.Close())
		}
		size += info.Size()
		p.ends = append(p.ends, size)
	}
	p.SectionReader = io.NewSectionReader(partsAt{p}, 0, size)
	return p, nil
}

func (p *parts) Close() error {
	var errs []error
	for _, f := range p.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// partsAt reads within the bounds that the section has checked.
type partsAt struct{ *parts }

func (p partsAt) ReadAt(buffer []byte, at int64) (n int, err error) {
	i := sort.Search(len(p.ends), func(i int) bool { return p.ends[i] > at })
	for n < len(buffer) && i < len(p.files) {
		begin := int64(0)
		if i > 0 {
			begin = p.ends[i-1]
		}
		most := min(len(buffer)-n, int(p.ends[i]-at))
		got, err := p.files[i].ReadAt(buffer[n:n+most], at-begin)
		n, at = n+got, at+int64(got)
		if got < most {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF // it has become shorter
			}
			return n, err
		}
		i++
	}
	if n < len(buffer) {
		return n, io.EOF
	}
	return n, nil
}
