package parquetfile

import (
	"bufio"
	"encoding/binary"
	"io"

	"github.com/parquet-go/parquet-go/encoding"

	"target-postgres/internal/tempfile"
)

// A row group has a page of every column in memory, and with many columns or large pages that is too much. A column's
// values beyond the budget are then written to a temporary file: value by value, as JSON, in blocks from which it is
// read again.

// blockSize is how much text a block has, unless a value is longer.
const blockSize = 32 << 10

// aside is the rest of a column in the temporary file.
type aside struct {
	from *bufio.Reader
	// block is the one that the cursor reads: its levels, then its text.
	block []byte
	ends  []uint32
}

// setAside writes the entries of the cursor's page and of all later pages of its column into the temporary file.
func (c *cursor) setAside() error {
	g := c.rowGroup
	if g.file == nil {
		file, err := tempfile.New()
		if err != nil {
			return &Error{Column: c.node.name, Reason: "its pages do not fit in memory", Err: err}
		}
		g.file = file
	}
	begin := g.end
	c.before(nil)
	c.whole = false
	w := &blockWriter{to: bufio.NewWriterSize(io.NewOffsetWriter(g.file, begin), blockSize)}
	for {
		for ; c.at < c.entries; w.add(c) {
		}
		c.release()
		page, err := c.pages.ReadPage()
		if page == nil || err != nil {
			if err != nil && err != io.EOF { //nolint:errorlint // ReadPage returns it bare
				return &Error{Column: c.node.name, Reason: "a page cannot be read", Err: err}
			}
			break
		}
		c.use(page)
	}
	w.flush()
	if err := w.to.Flush(); err != nil {
		return &Error{Reason: "the temporary file cannot be written (set TMPDIR to a directory with enough space)", Err: err}
	}
	g.end += w.written
	_ = c.pages.Close()
	c.pages, c.cache, c.indexes, c.text, c.ends, c.render = nil, nil, nil, nil, nil, appendRaw
	c.before(c.node.member)
	c.aside = &aside{from: bufio.NewReaderSize(io.NewSectionReader(g.file, begin, w.written), 4<<10)}
	g.held -= c.held
	c.held = 0
	return nil
}

func appendRaw(dst []byte, v *values, i int) []byte { return append(dst, v.text(i)...) }

// blockWriter gathers entries into blocks: how many there are, how many of them are values, the length of the text,
// then the levels, the ends of the values, the text.
type blockWriter struct {
	to         *bufio.Writer
	written    int64
	defs, reps []byte
	ends       []uint32
	text       []byte
}

// add takes over the entry at which a cursor is.
func (w *blockWriter) add(c *cursor) {
	w.defs, w.reps = append(w.defs, c.def()), append(w.reps, c.rep())
	if c.def() == c.most {
		w.text = c.take(w.text)
		w.ends = append(w.ends, uint32(len(w.text)))
	} else {
		c.skip()
	}
	if len(w.text) >= blockSize || len(w.defs) >= blockSize {
		w.flush()
	}
}

func (w *blockWriter) flush() {
	if len(w.defs) == 0 {
		return
	}
	head := binary.LittleEndian.AppendUint32(nil, uint32(len(w.defs)))
	head = binary.LittleEndian.AppendUint32(head, uint32(len(w.ends)))
	head = binary.LittleEndian.AppendUint32(head, uint32(len(w.text)))
	ends := make([]byte, 0, 4*len(w.ends))
	for _, end := range w.ends {
		ends = binary.LittleEndian.AppendUint32(ends, end)
	}
	for _, part := range [][]byte{head, w.defs, w.reps, ends, w.text} {
		_, _ = w.to.Write(part) // an error stays with the writer until it is flushed
		w.written += int64(len(part))
	}
	w.defs, w.reps, w.ends, w.text = w.defs[:0], w.reps[:0], w.ends[:0], w.text[:0]
}

// load makes the next block the cursor's. It reports false at the end of the column.
func (a *aside) load(c *cursor) bool {
	var head [12]byte
	if _, err := io.ReadFull(a.from, head[:]); err != nil {
		c.entries, c.at = 0, 0
		if err == io.EOF {
			return false
		}
		panic(&Error{Column: c.node.name, Reason: "the temporary file cannot be read", Err: err})
	}
	entries, count := int(binary.LittleEndian.Uint32(head[:])), int(binary.LittleEndian.Uint32(head[4:]))
	size := 2*entries + 4*count + int(binary.LittleEndian.Uint32(head[8:]))
	if cap(a.block) < size {
		a.block = make([]byte, size)
	}
	a.block = a.block[:size]
	if _, err := io.ReadFull(a.from, a.block); err != nil {
		panic(&Error{Column: c.node.name, Reason: "the temporary file cannot be read", Err: err})
	}
	c.entries, c.at, c.value = entries, 0, 0
	c.defs, c.reps = a.block[:entries], a.block[entries:2*entries]
	a.ends = append(a.ends[:0], 0)
	for i := range count {
		a.ends = append(a.ends, binary.LittleEndian.Uint32(a.block[2*entries+4*i:]))
	}
	c.values = values{kind: encoding.ByteArray, bytes: a.block[2*entries+4*count:], offsets: a.ends}
	return true
}
