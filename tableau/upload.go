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

type fileUpload struct {
	SessionID string `xml:"uploadSessionId,attr"`
	FileSize  string `xml:"fileSize,attr"` // megabytes
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
	started, err := fetch[fileUpload](ctx, c, "fileUpload", post("fileUploads").retry(retrySafe))
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
		part := &filePart{name: "tableau_file", fileName: "file", size: length, open: func() io.Reader {
			var told func(done, total int64)
			if progress != nil {
				told = func(done, _ int64) { progress(sent+done, s.size) }
			}
			return &progressReader{block(), told, 0, length}
		}}
		if err := c.run(ctx, put("fileUploads", started.SessionID).retry(retryUnsent).carry(multipartBody(nil, part))); err != nil {
			return "", err
		}
		sent += length
	}
}

// blocks returns a function that gives one block after the other, and io.EOF
// after the last. A file of no bytes is one empty block.
func (s source) blocks(size int64) func() (block func() io.Reader, length int64, err error) {
	var position int64
	if s.at != nil {
		return func() (func() io.Reader, int64, error) {
			if position >= s.size && position > 0 {
				return nil, 0, io.EOF
			}
			start := s.start + position
			length := min(size, s.size-position)
			position += max(length, 1)
			return func() io.Reader { return io.NewSectionReader(s.at, start, length) }, length, nil
		}
	}
	buffer := make([]byte, size)
	return func() (func() io.Reader, int64, error) {
		n, err := io.ReadFull(s.reader, buffer)
		if err == io.ErrUnexpectedEOF || err == io.EOF && n == 0 && position == 0 {
			err = nil
		}
		if err != nil {
			return nil, 0, err
		}
		position += max(int64(n), 1)
		return func() io.Reader { return bytes.NewReader(buffer[:n]) }, int64(n), nil
	}
}
