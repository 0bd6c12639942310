package target

import (
	"bytes"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// position is a place in the input: a line and, for the records of a BATCH file, which one of that line's records.
type position int64

// positionBits leaves room for sixteen million records a BATCH message.
const positionBits = 24

// positionOf returns the place of a record. record counts the records of a BATCH file from 0, and is 0 for all others.
func positionOf(line int64, record int) position { return position(line<<positionBits + int64(record)) }

// line returns the number of the input's line, from 1.
func (p position) line() int64 { return int64(p) >> positionBits }

// batch is one stream's encoded rows since the last checkpoint: CSV lines in chunks, so that it grows without being
// copied and its memory can be used again. It stays whole until its COMMIT is acknowledged, so that a lost connection is
// answered by sending it again.
type batch struct {
	// chunks hold whole rows; the last one is being filled.
	chunks [][]byte
	// rowsAt holds where each row stood in the input, to name it when the server refuses the row.
	rowsAt []position
	// owners are the places in the load's sharers of the streams that brought the rows. Rows beyond its end are of the first.
	owners []int32
	size   int
	// started is when the first row came; only set where a column needs it.
	started time.Time
	// duplicates, patched, removed, nullKeys, timeless, unnumbered and unavailable describe the rows, so that the merge does no more work than they ask for.
	duplicates, patched, removed, nullKeys, timeless, unnumbered, unavailable bool
}

// rows is the number of rows.
func (b *batch) rows() int { return len(b.rowsAt) }

// room returns the slice to append the next row to, with room for need bytes; give it back with add.
func (b *batch) room(pool *chunkPool, need int) []byte {
	if n := len(b.chunks); n > 0 {
		if last := b.chunks[n-1]; cap(last)-len(last) >= need {
			return last
		}
	}
	b.chunks = append(b.chunks, pool.get(len(b.chunks), need))
	return b.chunks[len(b.chunks)-1]
}

// add takes back the slice from room, one row longer.
func (b *batch) add(chunk []byte, where position) {
	last := len(b.chunks) - 1
	b.size += len(chunk) - len(b.chunks[last])
	b.chunks[last] = chunk
	b.rowsAt = append(b.rowsAt, where)
}

// recycle forgets the rows and gives the batch and its memory back.
func (b *batch) recycle(pool *chunkPool) {
	for _, chunk := range b.chunks {
		pool.put(chunk)
	}
	clear(b.chunks)
	*b = batch{rowsAt: b.rowsAt[:0], chunks: b.chunks[:0]}
	select {
	case pool.batchesLike(cap(b.rowsAt)) <- b:
	default:
	}
}

// reader streams the rows as one CSV file. It comes to its end when wait returns; nil does not wait. It is to be closed before
// the batch is recycled.
func (b *batch) reader(wait func() error) *chunkReader {
	return &chunkReader{chunks: b.chunks, wait: wait}
}

// row returns the CSV line of row i, without its newline.
func (b *batch) row(i int) []byte {
	for _, chunk := range b.chunks {
		for len(chunk) > 0 {
			end := rowEnd(chunk)
			if i == 0 {
				return chunk[:end-1]
			}
			i--
			chunk = chunk[end:]
		}
	}
	return nil
}

// without returns the batch less the rows that drop names. The flags stay: they may only say too much.
func (b *batch) without(drop func(i int) bool) *batch {
	kept := new(batch)
	*kept = *b
	kept.chunks, kept.rowsAt, kept.owners, kept.size = nil, nil, nil, 0
	i := 0
	for _, chunk := range b.chunks {
		rest := make([]byte, 0, len(chunk))
		for len(chunk) > 0 {
			end := rowEnd(chunk)
			if !drop(i) {
				rest = append(rest, chunk[:end]...)
				kept.rowsAt = append(kept.rowsAt, b.rowsAt[i])
				if i < len(b.owners) {
					kept.owners = append(kept.owners, b.owners[i])
				}
			}
			chunk = chunk[end:]
			i++
		}
		kept.chunks = append(kept.chunks, rest)
		kept.size += len(rest)
	}
	return kept
}

// rewritten returns the batch with every row, without its newline, as rewrite makes it.
func (b *batch) rewritten(rewrite func(row []byte) []byte) *batch {
	other := *b
	other.chunks, other.size = make([][]byte, 0, len(b.chunks)), 0
	for _, chunk := range b.chunks {
		out := make([]byte, 0, len(chunk))
		for len(chunk) > 0 {
			end := rowEnd(chunk)
			out = append(append(out, rewrite(chunk[:end-1])...), '\n')
			chunk = chunk[end:]
		}
		other.chunks = append(other.chunks, out)
		other.size += len(out)
	}
	return &other
}

// rowAt returns the index of the row that holds physical line n (counted from 1) of the CSV file: a quoted newline
// counts as a line for the server. It is -1 when there is no such line.
func (b *batch) rowAt(n int64) int {
	i, line := 0, int64(1)
	for _, chunk := range b.chunks {
		for len(chunk) > 0 {
			end := rowEnd(chunk)
			if i == 0 {
				// The server learns what ends a line from the first row: until then it counts quoted CRs, not LFs.
				line += 1 + int64(bytes.Count(chunk[:end], []byte{'\r'}))
			} else {
				line += int64(bytes.Count(chunk[:end], []byte{'\n'}))
			}
			if n < line {
				return i
			}
			chunk = chunk[end:]
			i++
		}
	}
	return -1
}

// rowEnd returns the length of the first CSV line: a newline inside quotes does not end it.
func rowEnd(chunk []byte) int {
	at := 0
	for {
		newline := bytes.IndexByte(chunk[at:], '\n')
		if newline < 0 {
			return len(chunk)
		}
		at += newline + 1
		if bytes.Count(chunk[:at], []byte{'"'})%2 == 0 {
			return at
		}
	}
}

// chunkReader reads chunks one after the other. Where the connection is lost pgx may still read for a moment after it has
// said so.
type chunkReader struct {
	mu     sync.Mutex
	chunks [][]byte
	at     int
	wait   func() error
	// waited is for how long.
	waited atomic.Int64
}

// Read fills p from as many chunks as it takes: COPY sends what one Read returns as one message.
func (r *chunkReader) Read(p []byte) (int, error) {
	n := r.fill(p)
	if n > 0 {
		return n, nil
	}
	if r.wait == nil {
		return 0, io.EOF
	}
	began := time.Now()
	err := r.wait()
	r.waited.Store(int64(time.Since(began)))
	if err != nil {
		return 0, err
	}
	return 0, io.EOF
}

func (r *chunkReader) fill(p []byte) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for n < len(p) && len(r.chunks) > 0 {
		copied := copy(p[n:], r.chunks[0][r.at:])
		n += copied
		r.at += copied
		if r.at == len(r.chunks[0]) {
			r.chunks, r.at = r.chunks[1:], 0
		}
	}
	return n
}

// close lets go of the chunks: whoever still reads is at the end.
func (r *chunkReader) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.chunks = nil
}
