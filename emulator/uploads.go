package emulator

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"time"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func uploadRoutes() []route {
	return []route{
		answered("POST", "/sites/{site}/fileUploads", "Initiate File Upload", "2.0", SignedIn, startUpload),
		answered("PUT", "/sites/{site}/fileUploads/{upload}", "Append to File Upload", "2.0", SignedIn, appendToUpload),
	}
}

const (
	maxFile    = 64 << 20 // bytes of a file in one request, or of one block
	maxBlocks  = 1000
	uploadLife = 24 * time.Hour       // of an upload that nothing is added to
	maxRequest = maxFile + maxPayload // with the document and the boundaries around the file
)

func startUpload(c *call) (*tsxml.Element, error) {
	if err := c.mustPublish(); err != nil {
		return nil, err
	}
	var unique [16]byte
	rand.Read(unique[:]) // it never fails
	var id string
	err := c.store.Write(c.ctx(), func(tx *store.Tx) error {
		if err := tx.ForgetUploads(c.now().Add(-uploadLife)); err != nil {
			return err
		}
		open, err := tx.CountUploads(c.user.Seq)
		if err != nil {
			return err
		}
		if open >= int64(c.config.limits.uploads) {
			return fail(badRequest, "The user has %d uploads open: publish them, or wait a day.", open)
		}
		id, err = tx.AddUpload(c.site.Seq, c.user.Seq, hex.EncodeToString(unique[:]), c.now())
		return err
	})
	if err != nil {
		return nil, err
	}
	c.collect() // what belonged to forgotten uploads
	c.status = http.StatusCreated
	return uploadElement(store.Upload{SessionID: id}), nil
}

func uploadElement(u store.Upload) *tsxml.Element {
	return tsxml.New("fileUpload", "uploadSessionId", u.SessionID, "fileSize", fmt.Sprint((u.Bytes+1<<20-1)>>20),
		"maxFileChunkCount", strconv.Itoa(maxBlocks))
}

// upload returns an open upload of the caller's.
func (c *call) upload(tx *store.Tx, id string) (store.Upload, error) {
	u, err := tx.Upload(c.site.Seq, id)
	if err == nil && (u.User != c.user.Seq || u.Touched.Before(c.now().Add(-uploadLife))) {
		err = store.ErrNotFound
	}
	return u, orNotFound(err, resourceNotFound, "Upload session", id)
}

func appendToUpload(c *call) (*tsxml.Element, error) {
	if err := c.mustPublish(); err != nil {
		return nil, err
	}
	number := int64(-1)
	if text := c.query.Get("sequenceID"); text != "" {
		var err error
		if number, err = strconv.ParseInt(text, 10, 32); err != nil || number < 0 {
			return nil, fail(badRequest, "The sequenceID '%s' is not a number from 0 on.", text)
		}
	}
	// Refusing before the block is read saves the caller from sending it.
	var u store.Upload
	find := func(tx *store.Tx) (err error) {
		u, err = c.upload(tx, c.id("upload"))
		return err
	}
	if err := c.store.Read(c.ctx(), find); err != nil {
		return nil, err
	}
	var block *store.Stored
	err := c.fileParts("tableau_file", nil, func(_ string, file io.Reader) (err error) {
		block, err = c.store.Blobs.PutBlock(file)
		return err
	})
	if block != nil {
		defer c.collect(block.Name) // after Done: with a block that this one has replaced
		defer block.Done()
	}
	if err != nil {
		return nil, err
	}
	if block == nil {
		return nil, incomplete("The part tableau_file is missing.")
	}
	err = c.store.WriteAtEase(c.ctx(), func(tx *store.Tx) error {
		if err := find(tx); err != nil {
			return err
		}
		again, err := tx.HasBlock(u.Seq, number)
		if err != nil {
			return err
		}
		if u.Blocks >= maxBlocks && !again {
			return fail(badRequest, "A file has at most %d blocks: send larger ones, up to 64 MB.", maxBlocks)
		}
		if err := tx.SetBlock(u.Seq, store.Block{Number: number, Blob: block.Name, Bytes: block.Bytes}, c.now()); err != nil {
			return err
		}
		return find(tx)
	})
	if err != nil {
		return nil, err
	}
	return uploadElement(u), nil
}

// fileParts reads a multipart request: document gets request_payload, file gets the part with the name fileField.
func (c *call) fileParts(fileField string, document func(mediaType string, r io.Reader) error, file func(fileName string, r io.Reader) error) error {
	c.request.Body = http.MaxBytesReader(c.writer, c.request.Body, maxRequest)
	return c.parts(func(name, fileName string, part *multipart.Part) error {
		switch name {
		case "request_payload":
			if document == nil {
				return nil // the block's own request says nothing
			}
			return document(part.Header.Get("Content-Type"), part)
		case fileField:
			limited := &limitedFile{r: part}
			err := file(fileName, limited)
			if limited.err != nil {
				return limited.err
			}
			return err
		}
		return incomplete("The part '%s' is not expected.", name)
	})
}

// limitedFile reads a file of at most maxFile bytes, and keeps apart what went wrong with the request.
type limitedFile struct {
	r    io.Reader
	read int64
	err  error
}

func (l *limitedFile) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	l.read += int64(n)
	if l.read > maxFile {
		err = fail(payloadTooLarge, "The file is larger than the 64 MB that one request may have: use fileUploads.")
	} else if err != nil && err != io.EOF {
		err = unreadable(err)
	}
	if err != nil && err != io.EOF {
		l.err = err
	}
	return n, err
}

// assemble joins the blocks of an upload to one file. The caller ends the guard of the file.
func (c *call) assemble(id string) (u store.Upload, file *store.Stored, err error) {
	var blocks []store.Block
	err = c.store.Read(c.ctx(), func(tx *store.Tx) error {
		if u, err = c.upload(tx, id); err != nil {
			if told, ok := errors.AsType[*apiError](err); ok {
				return fail(badRequest, "%s", told.detail)
			}
			return err
		}
		blocks, err = tx.Blocks(u.Seq)
		return err
	})
	if err != nil {
		return u, nil, err
	}
	if len(blocks) == 0 {
		return u, nil, fail(badRequest, "The upload session '%s' is empty.", id)
	}
	for i, b := range blocks {
		if b.Number != blocks[0].Number+int64(i) || b.Number > int64(i)+1 {
			return u, nil, fail(badRequest, "The upload session '%s' lacks the block before sequenceID %d.", id, b.Number)
		}
	}
	file, err = c.store.Blobs.Join(blocks)
	if errors.Is(err, store.ErrBlockLost) {
		return u, nil, fail(badRequest, "The upload session '%s' has lost a block in a crash of the machine: upload the file again.", id)
	}
	return u, file, err
}
