package tableau

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
)

const (
	// blockSize is how much of a file goes in one request of an upload.
	blockSize = 32 << 20
	// bufferedBlockSize is the same for a reader that cannot seek, whose blocks
	// must be held in memory.
	bufferedBlockSize = 8 << 20
	// maxBlocks is how many blocks Tableau takes for one file.
	maxBlocks = 1000
)

// FileUploadsService calls the methods that bring a file to the server in
// blocks. Publishing uses them by itself; what is uploaded counts only once an
// item is published from it.
type FileUploadsService service

// FileUpload is a file on its way to the server.
type FileUpload struct {
	SessionID string     `xml:"uploadSessionId,attr"`
	Size      int        `xml:"fileSize,attr"` // of what has arrived, in megabytes
	Extra     Attributes `xml:",any,attr"`
}

// Start begins an upload.
//
//tableau:op POST /sites/{site}/fileUploads since=2.0 retry=safe tsc=fileuploads.initiate
func (s *FileUploadsService) Start(ctx context.Context) (*FileUpload, error) {
	return s.client.startUpload(ctx)
}

// Append adds a block of at most 64 MiB to the file. When it fails the block
// may have arrived all the same: begin a new upload instead of sending it
// again.
//
//tableau:op PUT /sites/{site}/fileUploads/{upload} since=2.0 retry=unsent tsc=fileuploads.append
func (s *FileUploadsService) Append(ctx context.Context, sessionID string, block []byte) (*FileUpload, error) {
	return fetch[FileUpload](ctx, s.client, "fileUpload",
		appendBlock(sessionID, int64(len(block)), func() io.Reader { return bytes.NewReader(block) }))
}

// Upload brings all that whole holds to the server and returns the ID of the upload
// session. A reader that can seek is read again when a block fails. Errors:
// [ErrUploadIncomplete] when a block may or may not have arrived. progress is
// called as the file is sent, with bytes, and may be nil; total is -1 when the
// size is not known.
//
//tableau:op POST /sites/{site}/fileUploads since=2.0 retry=safe tsc=fileuploads.upload
func (s *FileUploadsService) Upload(ctx context.Context, whole io.Reader, progress func(sent, total int64)) (sessionID string, err error) {
	source, err := newSource(whole, "file", "") // of no type
	if err != nil {
		return "", err
	}
	return s.client.uploadBlocks(ctx, source, progress)
}

func (c *Client) startUpload(ctx context.Context) (*FileUpload, error) {
	return fetch[FileUpload](ctx, c, "fileUpload", post("fileUploads").retry(retrySafe))
}

func appendBlock(sessionID string, length int64, open func() io.Reader) request {
	part := &filePart{name: "tableau_file", fileName: "file", size: length, open: open}
	return put("fileUploads", sessionID).retry(retryUnsent).carry(multipartBody(nil, part))
}

// uploadBlocks sends the file block by block and returns the upload session.
//
// Appending is not idempotent: a block that may have arrived is never sent
// twice. The upload then starts over in a new session when the file can be read
// again, once; else it fails with [ErrUploadIncomplete].
func (c *Client) uploadBlocks(ctx context.Context, s source, progress func(sent, total int64)) (string, error) {
	session, err := c.uploadOnce(ctx, s, progress)
	if err == nil || ctx.Err() != nil || errors.Is(err, ErrInvalidArgument) {
		return session, err
	}
	e, refused := errors.AsType[*Error](err)
	if refused && e.StatusCode < 500 {
		return "", err
	}
	if s.at == nil {
		return "", fmt.Errorf("%w: a block may or may not have arrived, and the file cannot be read again: %w", ErrUploadIncomplete, err)
	}
	if c.attempts == 1 {
		return "", fmt.Errorf("%w: a block may or may not have arrived: %w", ErrUploadIncomplete, err)
	}
	if session, err = c.uploadOnce(ctx, s, progress); err != nil {
		return "", fmt.Errorf("%w, twice: %w", ErrUploadIncomplete, err)
	}
	return session, nil
}

func (c *Client) uploadOnce(ctx context.Context, s source, progress func(sent, total int64)) (string, error) {
	started, err := c.startUpload(ctx)
	if err != nil {
		return "", err
	}
	size := int64(blockSize)
	if s.at == nil {
		size = bufferedBlockSize
	} else if s.size > size*maxBlocks {
		size = (s.size + maxBlocks - 1) / maxBlocks
	}
	if size > maxSingle {
		return "", invalid(fmt.Sprintf("publish: a file of %d bytes is larger than %d blocks of 64 MiB", s.size, maxBlocks))
	}
	var sent int64
	next := s.blocks(size)
	for count := 1; ; count++ {
		block, length, err := next()
		if err == io.EOF {
			return started.SessionID, nil
		}
		if err != nil {
			return "", fmt.Errorf("tableau: read the file to publish: %w", err)
		}
		if count > maxBlocks {
			return "", invalid(fmt.Sprintf("publish: the file is larger than %d blocks of %d bytes: give a reader that can seek", maxBlocks, size))
		}
		err = c.run(ctx, appendBlock(started.SessionID, length, func() io.Reader {
			var told func(done, total int64)
			if progress != nil {
				told = func(done, _ int64) { progress(sent+done, s.size) }
			}
			return &progressReader{block(), told, 0, length}
		}))
		if err != nil {
			return "", err
		}
		sent += length
	}
}

// blocks returns a function that gives one block after the other, and io.EOF
// after the last.
func (s source) blocks(size int64) func() (block func() io.Reader, length int64, err error) {
	if s.at != nil {
		var position int64
		return func() (func() io.Reader, int64, error) {
			if position >= s.size {
				return nil, 0, io.EOF
			}
			start := s.start + position
			length := min(size, s.size-position)
			position += length
			return func() io.Reader { return io.NewSectionReader(s.at, start, length) }, length, nil
		}
	}
	buffer := make([]byte, size)
	return func() (func() io.Reader, int64, error) {
		n, err := io.ReadFull(s.reader, buffer)
		if err != nil && err != io.ErrUnexpectedEOF {
			return nil, 0, err
		}
		return func() io.Reader { return bytes.NewReader(buffer[:n]) }, int64(n), nil
	}
}
