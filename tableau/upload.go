package tableau

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
)

const (
	// blockSize is how much of a file goes in one request of an upload: in
	// numbered blocks, of which several are under way, and in those that must be
	// held in memory, because the file cannot be read in place.
	blockSize = 8 << 20
	// lonelyBlockSize is the same for blocks that are read in place and go one
	// after the other.
	lonelyBlockSize = 32 << 20
	// maxBlocks is how many blocks Tableau takes for one file.
	maxBlocks = 1000
	// maxBuffered is how many bytes of blocks are held in memory at a time.
	maxBuffered = 24 << 20
)

// FileUploadsService calls the methods that bring a file to the server in
// blocks. Publishing uses them by itself; what is uploaded counts only once an
// item is published from it.
type FileUploadsService service

// FileUpload is a file on its way to the server.
type FileUpload struct {
	SessionID string     `xml:"uploadSessionId,attr"`
	Size      int        `xml:"fileSize,attr"`          // of what has arrived, in megabytes
	MaxBlocks int        `xml:"maxFileChunkCount,attr"` // of one file; 0 from servers that know no numbered blocks
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

// AppendNumbered puts a block of at most 64 MiB into the file. Numbers count
// from 1 and say the order of the blocks, which may be sent in any order, at the
// same time and twice. Only servers that name [FileUpload.MaxBlocks] know
// numbers: others append the blocks as they come.
//
//tableau:op PUT /sites/{site}/fileUploads/{upload} since=2.0 retry=safe tsc=-
func (s *FileUploadsService) AppendNumbered(ctx context.Context, sessionID string, number int, block []byte) (*FileUpload, error) {
	if number < 1 {
		return nil, invalid(fmt.Sprintf("upload: block number %d: they count from 1", number))
	}
	return fetch[FileUpload](ctx, s.client, "fileUpload",
		appendBlock(sessionID, int64(len(block)), func() io.Reader { return bytes.NewReader(block) }).numbered(number))
}

// Upload brings all that whole holds to the server and returns the ID of the
// upload session. Blocks go in parallel where the server numbers them
// ([WithParallelBlocks]). A reader that is an [io.ReaderAt] and can seek is read
// in place, from several goroutines; of others at most 24 MiB, or one block, are
// held in memory.
//
// Errors: [ErrUploadIncomplete] when a block may or may not have arrived.
// progress is called as the file is sent, one call at a time, with bytes, and
// may be nil; sent never shrinks, and total is -1 when the size is not known.
//
//tableau:op POST /sites/{site}/fileUploads since=2.0 retry=safe tsc=fileuploads.upload
func (s *FileUploadsService) Upload(ctx context.Context, whole io.Reader, progress func(sent, total int64)) (sessionID string, err error) {
	source, err := sized(whole)
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

// numbered makes the request to append a block one that may be sent twice.
func (r request) numbered(number int) request {
	return r.param("sequenceID", strconv.Itoa(number)).retry(retrySafe)
}

// uploadBlocks sends the file block by block and returns the upload session.
//
// Appending is not idempotent: a block without a number that may have arrived is
// never sent twice. The upload then starts over in a new session when the file
// can be read again, once; else it fails with [ErrUploadIncomplete].
func (c *Client) uploadBlocks(ctx context.Context, s source, progress func(sent, total int64)) (string, error) {
	m := &meter{tell: progress, total: s.size}
	session, err := c.uploadOnce(ctx, s, m)
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
	if c.retry.Attempts == 1 {
		return "", fmt.Errorf("%w: a block may or may not have arrived: %w", ErrUploadIncomplete, err)
	}
	m.restart()
	if session, err = c.uploadOnce(ctx, s, m); err != nil {
		return "", fmt.Errorf("%w, twice: %w", ErrUploadIncomplete, err)
	}
	return session, nil
}

func (c *Client) uploadOnce(ctx context.Context, s source, m *meter) (string, error) {
	started, err := c.startUpload(ctx)
	if err != nil {
		return "", err
	}
	b := blocks{numbered: c.numbered || started.MaxBlocks > 0, most: started.MaxBlocks, size: c.blockSize, parallel: 1}
	if err := b.fit(s, c.parallel); err != nil {
		return "", err
	}
	return started.SessionID, c.sendBlocks(ctx, started.SessionID, s, b, m)
}

// blocks says how a file is cut and sent.
type blocks struct {
	numbered bool
	most     int
	size     int64 // of each but the last
	parallel int   // under way at a time
}

// fit fills in what is not set and makes the blocks large enough for the file.
func (b *blocks) fit(s source, parallel int) error {
	if b.most <= 0 {
		b.most = maxBlocks
	}
	if b.size == 0 {
		b.size = blockSize
		if s.at != nil && !b.numbered {
			b.size = lonelyBlockSize
		}
	}
	if needed := (s.size + int64(b.most) - 1) / int64(b.most); s.at != nil {
		b.size = max(b.size, needed)
	}
	if b.size > maxSingle {
		return invalid(fmt.Sprintf("publish: a file of %d bytes is larger than %d blocks of 64 MiB", s.size, b.most))
	}
	if b.numbered {
		b.parallel = parallel
		if s.at == nil {
			b.parallel = max(1, min(parallel, int(maxBuffered/b.size)))
		}
	}
	return nil
}

// sendBlocks sends the blocks, which one goroutine cuts in order. It returns
// when none is under way any more.
func (c *Client) sendBlocks(ctx context.Context, session string, s source, b blocks, m *meter) error {
	whole := ctx
	ctx, stop := context.WithCancelCause(whole)
	defer stop(nil)
	var sending sync.WaitGroup
	free := make(chan []byte, b.parallel) // one for each block that may be under way, and its buffer
	for range b.parallel {
		free <- nil
	}
	for number, position := 1, int64(0); ctx.Err() == nil; number++ {
		var buffer []byte
		select {
		case buffer = <-free:
		case <-ctx.Done():
		}
		if ctx.Err() != nil { // a block may have failed and given its place free at once
			break
		}
		content, length, err := s.block(position, b.size, &buffer)
		if err == io.EOF {
			break
		}
		if err != nil {
			stop(err)
			break
		}
		if number > b.most {
			stop(invalid(fmt.Sprintf("publish: the file is larger than %d blocks of %d bytes: choose larger ones with WithBlockSize, or give a reader that can seek", b.most, b.size)))
			break
		}
		position += length
		sending.Go(func() {
			p := &piece{content: content, size: length, meter: m}
			defer p.close()
			r := appendBlock(session, length, p.open)
			if b.numbered {
				r = r.numbered(number)
			}
			if err := c.sendBlock(ctx, r); err != nil {
				stop(err)
			}
			free <- buffer
		})
	}
	sending.Wait()
	if whole.Err() != nil {
		return fmt.Errorf("tableau: upload: %w", context.Cause(whole))
	}
	return context.Cause(ctx)
}

// sendBlock sends one block. One that may be sent twice is, even after a 500,
// which costs less than all of them again.
func (c *Client) sendBlock(ctx context.Context, r request) error {
	err := c.run(ctx, r)
	e, ok := errors.AsType[*Error](err)
	if ok && e.StatusCode == http.StatusInternalServerError && r.class == retrySafe && c.retry.Attempts > 1 && ctx.Err() == nil {
		err = c.run(ctx, r)
	}
	return err
}

// block returns what lies at position, at most size bytes, and io.EOF at the
// end. What cannot be read in place is read into the buffer.
func (s source) block(position, size int64, buffer *[]byte) (content io.ReaderAt, length int64, err error) {
	if s.at != nil {
		if position >= s.size {
			return nil, 0, io.EOF
		}
		length = min(size, s.size-position)
		return io.NewSectionReader(s.at, s.start+position, length), length, nil
	}
	if *buffer == nil {
		*buffer = make([]byte, size)
	}
	n, err := io.ReadFull(s.reader, *buffer)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, 0, fmt.Errorf("tableau: read the file to publish: %w", err)
	}
	if n == 0 {
		return nil, 0, io.EOF
	}
	return bytes.NewReader((*buffer)[:n]), int64(n), nil
}

// piece is a part of a file while it is sent, perhaps more than once. Once it is
// closed nothing reads it any more: net/http may go on reading a body after the
// answer has come, when buffer and file are not ours any more.
type piece struct {
	content io.ReaderAt
	size    int64
	meter   *meter

	mu      sync.Mutex
	counted int64 // of the bytes, by the meter
	closed  bool
}

func (p *piece) open() io.Reader { return &pieceReader{piece: p} }

func (p *piece) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
}

type pieceReader struct {
	*piece
	position int64
}

func (r *pieceReader) Read(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return 0, errors.New("tableau: the request is over")
	}
	if r.position >= r.size {
		return 0, io.EOF
	}
	n, err := r.content.ReadAt(b[:min(int64(len(b)), r.size-r.position)], r.position)
	r.position += int64(n)
	if fresh := r.position - r.counted; fresh > 0 {
		r.counted = r.position
		r.meter.add(fresh)
	}
	if n > 0 && err == io.EOF {
		err = nil
	}
	return n, err
}

// meter tells how much of a file has been sent. What goes a second time does not
// count until it catches up.
type meter struct {
	tell  func(sent, total int64)
	total int64

	mu         sync.Mutex
	sent, told int64
}

func (m *meter) add(n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent += n
	if m.sent > m.told && m.tell != nil {
		m.told = m.sent
		m.tell(m.sent, m.total)
	}
}

func (m *meter) restart() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent = 0
}
