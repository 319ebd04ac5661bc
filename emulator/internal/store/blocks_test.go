package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/tabctl/tableau-go/emulator/internal/store"
)

func putBlocks(t *testing.T, s *store.Store, texts ...string) (blocks []store.Block) {
	t.Helper()
	for i, text := range texts {
		stored, err := s.Blobs.PutBlock(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		blocks = append(blocks, store.Block{Number: int64(i), Blob: stored.Name, Bytes: stored.Bytes})
	}
	return blocks
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	blocks := putBlocks(t, s, "first ", "second")
	joined := func(s *store.Store) (string, error) {
		file, err := s.Blobs.Join(blocks)
		if err != nil {
			return "", err
		}
		f, err := s.Blobs.Open(file.Name)
		if err != nil {
			return "", err
		}
		defer f.Close()
		text, err := io.ReadAll(f)
		if int64(len(text)) != file.Bytes {
			t.Errorf("the file is said to have %d bytes, and has %d", file.Bytes, len(text))
		}
		return string(text), err
	}
	if got, err := joined(s); got != "first second" || err != nil {
		t.Errorf("joined: %q, %v", got, err)
	}
	same, err := s.Blobs.Put(strings.NewReader("second"))
	if err != nil {
		t.Fatal(err)
	}
	if same.Name == blocks[1].Blob {
		t.Error("a file has the name of a block, which may not be on disk yet")
	}

	// What a machine's failure leaves: a file without its last bytes, from before the program began.
	path := func(hash string) string { return filepath.Join(dir, "content", hash[:2], hash[2:4], hash) }
	before := time.Now().Add(-time.Hour)
	lose := func(text string) {
		if err := os.WriteFile(path(blocks[1].Blob), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path(blocks[1].Blob), before, before); err != nil {
			t.Fatal(err)
		}
	}
	lose("second")
	if got, err := joined(s); got != "first second" || err != nil {
		t.Errorf("after a restart: %q, %v", got, err)
	}
	lose("sec\x00\x00\x00")
	if got, err := joined(s); !errors.Is(err, store.ErrBlockLost) {
		t.Errorf("with a block half lost: %q, %v; want ErrBlockLost", got, err)
	}
	if err := os.Remove(path(blocks[1].Blob)); err != nil {
		t.Fatal(err)
	}
	if got, err := joined(s); !errors.Is(err, store.ErrBlockLost) {
		t.Errorf("with a block lost: %q, %v; want ErrBlockLost", got, err)
	}
}

// Whoever reads parts sees one file, however it was cut.
func TestPartsAreRead(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewSource(1))
	for _, sizes := range [][]int{{0}, {1}, {7, 1, 1, 30}, {0, 3, 0, 0, 4, 0}, {10_000, 5, 7_000}} {
		dir := t.TempDir()
		var whole string
		for i, size := range sizes {
			text := make([]byte, size)
			random.Read(text)
			whole += string(text)
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%06d", i)), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		f, err := store.OpenParts(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := iotest.TestReader(f, []byte(whole)); err != nil {
			t.Errorf("parts of %v bytes: %v", sizes, err)
		}
		for range 50 {
			from, length := random.Intn(len(whole)+1), random.Intn(len(whole)+1)
			got, want := make([]byte, length), make([]byte, length)
			n, err := f.ReadAt(got, int64(from))
			wantN, wantErr := strings.NewReader(whole).ReadAt(want, int64(from))
			if n != wantN || err != wantErr || !bytes.Equal(got, want) {
				t.Errorf("parts of %v bytes: %d bytes at %d: %d bytes, %v; want %d, %v", sizes, length, from, n, err, wantN, wantErr)
			}
		}
	}
}

// A file that is deleted while somebody reads it is read to its end, and nothing stays of it or its blocks.
func TestJoinedIsDeleted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	file, err := s.Blobs.Join(putBlocks(t, s, "first ", "second"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Blobs.Open(file.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	file.Done()
	if err := s.Collect(t.Context(), file.Name); err != nil || readable(s, file.Name) {
		t.Errorf("the file is still there: %v", err)
	}
	if text, err := io.ReadAll(f); string(text) != "first second" {
		t.Errorf("read %q, %v", text, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir) // which sweeps
	if left, err := filepath.Glob(filepath.Join(dir, "content", "*", "*", "*")); len(left) > 0 || err != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestPartsAreCopiedWithoutLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	part := filepath.Join(dir, "part")
	if err := s.Blobs.CopyPart(part, putBlocks(t, s, "content")[0]); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(part); string(got) != "content" {
		t.Errorf("copied %q, %v", got, err)
	}
}

// Who reads a file has its parts open: there must not be more of them than a file of its size needs.
func TestSmallBlocksBecomeOnePart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	large := strings.Repeat("large", store.SmallestPart/5+1)
	for _, test := range []struct {
		texts []string
		parts int
	}{
		{[]string{"a", "b", "c", "d"}, 1},
		{[]string{large, large, "e"}, 3},
		{[]string{"f", large, "g", "h"}, 2},
	} {
		file, err := s.Blobs.Join(putBlocks(t, s, test.texts...))
		if err != nil {
			t.Fatal(err)
		}
		parts, err := os.ReadDir(filepath.Join(dir, "content", file.Name[:2], file.Name[2:4], file.Name))
		if len(parts) != test.parts || err != nil {
			t.Errorf("blocks %.6q became %d parts, want %d: %v", test.texts, len(parts), test.parts, err)
		}
		f, err := s.Blobs.Open(file.Name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if got, err := io.ReadAll(f); string(got) != strings.Join(test.texts, "") || file.Bytes != int64(len(got)) {
			t.Errorf("blocks %.6q: %d bytes were read of %d, %v", test.texts, len(got), file.Bytes, err)
		}
	}
}

// A file is there as a whole or not at all, however its deletion and its opening meet.
func TestJoinedIsOpenedWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	blocks := slices.Repeat(putBlocks(t, s, strings.Repeat("x", store.SmallestPart)), 20)
	for range 100 {
		file, err := s.Blobs.Join(blocks)
		if err != nil {
			t.Fatal(err)
		}
		file.Done()
		var readers sync.WaitGroup
		for range 4 {
			readers.Go(func() {
				for {
					f, err := s.Blobs.Open(file.Name)
					if errors.Is(err, fs.ErrNotExist) {
						return
					}
					if err != nil {
						t.Error(err)
						return
					}
					if size, err := f.Seek(0, io.SeekEnd); size != file.Bytes || err != nil {
						t.Errorf("%d bytes of %d were there: %v", size, file.Bytes, err)
					}
					f.Close()
				}
			})
		}
		if err := s.Collect(t.Context(), file.Name); err != nil {
			t.Error(err)
		}
		readers.Wait()
	}
}
