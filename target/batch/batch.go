package batch

import (
	"bytes"
	"time"
)

// Position is a place in the input: a line and, for the records of a BATCH file, which one of that line's records.
type Position int64

// positionBits leaves room for 268 million records a BATCH message, and for 34 billion lines.
const positionBits = 28

// PositionOf returns the place of a record. record counts the records of a BATCH message from 1, over all of its files,
// and is 0 for all others. Those for which there is no room have the place of the last that there is room for: no
// record stands behind the next line.
func PositionOf(line int64, record int) Position {
	return Position(line<<positionBits + min(int64(record), 1<<positionBits-1))
}

// Line returns the number of the input's line, from 1.
func (p Position) Line() int64 { return int64(p) >> positionBits }

// Record says which record of a BATCH message it is, from 1, and is 0 for all others.
func (p Position) Record() int64 { return int64(p) & (1<<positionBits - 1) }

// Batch is one stream's encoded rows since the last checkpoint: CSV lines in chunks, so that it grows without being
// copied and its memory can be used again. It stays whole until its COMMIT is acknowledged, so that a lost connection
// is answered by sending it again. The goroutine that reads the input fills it; once its checkpoint is submitted, the
// task of that has it.
type Batch struct {
	// Chunks hold whole rows; the last one is being filled.
	Chunks [][]byte
	// RowsAt holds where each row stood in the input, to name it when the server refuses the row.
	RowsAt []Position
	// Owners are the places in the write's sharers of the streams that brought the rows. Rows beyond its end are of the
	// first.
	Owners []int32
	// Size is the length of all chunks in bytes.
	Size int
	// Started is when the first row came; only set where a column needs it.
	Started time.Time
	// Duplicates, Patched, Removed, NullKeys, Timeless, Unnumbered and Unavailable describe the rows, so that the merge
	// does no more work than they ask for.
	Duplicates, Patched, Removed, NullKeys, Timeless, Unnumbered, Unavailable bool
}

// Rows is the number of rows.
func (b *Batch) Rows() int { return len(b.RowsAt) }

// Room returns the slice to append the next row to, with room for need bytes; give it back with Add.
func (b *Batch) Room(pool *Pool, need int) []byte {
	if n := len(b.Chunks); n > 0 {
		if last := b.Chunks[n-1]; cap(last)-len(last) >= need {
			return last
		}
	}
	b.Chunks = append(b.Chunks, pool.get(len(b.Chunks), need))
	return b.Chunks[len(b.Chunks)-1]
}

// Add takes back the slice from Room, one row longer.
func (b *Batch) Add(chunk []byte, where Position) {
	last := len(b.Chunks) - 1
	b.Size += len(chunk) - len(b.Chunks[last])
	b.Chunks[last] = chunk
	b.RowsAt = append(b.RowsAt, where)
}

// AddRow adds a row, which is given without the newline at its end.
func (b *Batch) AddRow(pool *Pool, row []byte, where Position) {
	b.Add(append(append(b.Room(pool, len(row)+1), row...), '\n'), where)
}

// Recycle forgets the rows and gives the batch and its memory back.
func (b *Batch) Recycle(pool *Pool) {
	for _, chunk := range b.Chunks {
		pool.put(chunk)
	}
	clear(b.Chunks)
	*b = Batch{RowsAt: b.RowsAt[:0], Chunks: b.Chunks[:0]}
	select {
	case pool.batchesLike(cap(b.RowsAt)) <- b:
	default:
	}
}

// Row returns the CSV line of row i, counted from 0, without its newline; nil if there are not so many.
func (b *Batch) Row(i int) []byte {
	for _, chunk := range b.Chunks {
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

// Without returns the batch less the rows that drop names. The flags stay: they may only say too much.
func (b *Batch) Without(drop func(i int) bool) *Batch {
	kept := new(Batch)
	*kept = *b
	kept.Chunks, kept.RowsAt, kept.Owners, kept.Size = nil, nil, nil, 0
	i := 0
	for _, chunk := range b.Chunks {
		var rest []byte
		for len(chunk) > 0 {
			end := rowEnd(chunk)
			if !drop(i) {
				if rest == nil {
					rest = make([]byte, 0, len(chunk))
				}
				rest = append(rest, chunk[:end]...)
				kept.RowsAt = append(kept.RowsAt, b.RowsAt[i])
				if i < len(b.Owners) {
					kept.Owners = append(kept.Owners, b.Owners[i])
				}
			}
			chunk = chunk[end:]
			i++
		}
		kept.Chunks = append(kept.Chunks, rest)
		kept.Size += len(rest)
	}
	return kept
}

// Few returns a batch of some of its lines, which are given without their newlines. The flags stay: they may only say
// too much.
func (b *Batch) Few(lines [][]byte) *Batch {
	few := new(Batch)
	*few = *b
	chunk := append(bytes.Join(lines, []byte{'\n'}), '\n')
	few.Chunks, few.Size = [][]byte{chunk}, len(chunk)
	few.RowsAt, few.Owners = make([]Position, len(lines)), nil
	return few
}

// Each goes through the rows, without their newlines.
func (b *Batch) Each(do func(row []byte)) {
	for _, chunk := range b.Chunks {
		for len(chunk) > 0 {
			end := rowEnd(chunk)
			do(chunk[:end-1])
			chunk = chunk[end:]
		}
	}
}

// Rewritten returns the batch with every row, without its newline, as rewrite makes it.
func (b *Batch) Rewritten(rewrite func(row []byte) []byte) *Batch {
	other := *b
	other.Chunks, other.Size = make([][]byte, 0, len(b.Chunks)), 0
	for _, chunk := range b.Chunks {
		out := make([]byte, 0, len(chunk))
		for len(chunk) > 0 {
			end := rowEnd(chunk)
			out = append(append(out, rewrite(chunk[:end-1])...), '\n')
			chunk = chunk[end:]
		}
		other.Chunks = append(other.Chunks, out)
		other.Size += len(out)
	}
	return &other
}

// RowAt returns the index of the row that holds physical line n (counted from 1) of the CSV file: a quoted newline
// counts as a line for the server. It is -1 when there is no such line.
func (b *Batch) RowAt(n int64) int {
	i, line := 0, int64(1)
	for _, chunk := range b.Chunks {
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
	at, quotes := 0, 0
	for {
		newline := bytes.IndexByte(chunk[at:], '\n')
		if newline < 0 {
			return len(chunk)
		}
		quotes += bytes.Count(chunk[at:at+newline], []byte{'"'})
		if at += newline + 1; quotes%2 == 0 {
			return at
		}
	}
}

// MaxPosition comes after every record.
const MaxPosition = Position(1<<63 - 1)
