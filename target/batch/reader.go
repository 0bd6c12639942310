package batch

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// Format is another form than CSV in which rows are sent.
type Format struct {
	// Head and Tail stand before and after the rows.
	Head, Tail string
	// AppendRow appends the first of some rows of CSV in this form, and returns the rows after it. ok is false for a
	// row that it does not write.
	AppendRow func(dst, rows []byte) (out, rest []byte, ok bool)
}

// errUnwritten ends a COPY in whose format a row cannot be written.
var errUnwritten = errors.New("a row is to be sent as CSV")

// RowReader reads chunks one after the other. Where the connection is lost pgx may still read for a moment after it has
// said so.
type RowReader struct {
	mu     sync.Mutex
	chunks [][]byte
	at     int
	wait   func() error
	// Waited is for how long.
	Waited atomic.Int64
	// Unwritten is true once a row was not written in the format.
	Unwritten atomic.Bool

	// format is nil for CSV. left is what of it did not fit into the last Read, opened and closed say that its head and
	// tail are written.
	format         *Format
	left           []byte
	opened, closed bool
}

// Reader streams the rows as one file of CSV, or of another format. It comes to its end when wait returns; nil does not
// wait. It is to be closed before the batch is recycled.
func (b *Batch) Reader(format *Format, wait func() error) *RowReader {
	return &RowReader{chunks: b.Chunks, format: format, wait: wait}
}

// Read fills p from as many chunks as it takes: COPY sends what one Read returns as one message.
func (r *RowReader) Read(p []byte) (int, error) {
	n := r.fill(p)
	if r.Unwritten.Load() {
		return 0, errUnwritten
	}
	if n > 0 {
		return n, nil
	}
	if r.wait == nil {
		return 0, io.EOF
	}
	began := time.Now()
	err := r.wait()
	r.Waited.Store(int64(time.Since(began)))
	if err != nil {
		return 0, err
	}
	return 0, io.EOF
}

func (r *RowReader) fill(p []byte) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.format != nil {
		return r.fillFormat(p)
	}
	n := 0
	for n < len(p) && len(r.chunks) > 0 {
		copied := copy(p[n:], r.chunks[0][r.at:])
		n += copied
		r.next(copied)
	}
	return n
}

// next goes on in the chunks.
func (r *RowReader) next(n int) {
	if r.at += n; r.at == len(r.chunks[0]) {
		r.chunks, r.at = r.chunks[1:], 0
	}
}

// fillFormat writes rows straight into p. The rest is left for the next Read.
func (r *RowReader) fillFormat(p []byte) int {
	n := copy(p, r.left)
	if r.left = r.left[n:]; len(r.left) > 0 {
		return n
	}
	out := p[:n:len(p)]
	if !r.opened {
		out, r.opened = append(out, r.format.Head...), true
	}
	for len(r.chunks) > 0 && (len(out) == 0 || len(p)-len(out) >= roomForRow) {
		rows := r.chunks[0][r.at:]
		rest, ok := rows, true
		if len(rows) > 0 {
			out, rest, ok = r.format.AppendRow(out, rows)
		}
		if !ok {
			r.Unwritten.Store(true)
			return 0
		}
		r.next(len(rows) - len(rest))
	}
	if len(r.chunks) == 0 && !r.closed {
		out, r.closed = append(out, r.format.Tail...), true
	}
	if cap(out) > len(p) { // it is no longer p
		n = copy(p, out)
		r.left = out[n:]
		return n
	}
	return len(out)
}

// roomForRow is what most rows need. A longer one is written beside p.
const roomForRow = 4 << 10

// Close releases the chunks. Later reads are at the end.
func (r *RowReader) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.chunks, r.left, r.closed = nil, nil, true
}
