package parquetfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"github.com/parquet-go/parquet-go"
)

// magic is what a file begins and ends with, encrypted what one does that is encrypted as a whole.
var magic, encrypted = []byte("PAR1"), []byte("PARE")

// mostCached bounds the values of dictionaries that are kept as JSON, over all columns.
const mostCached = 1 << 19

// Read calls take for each row of a file, as a JSON object. Binary values are base64, or base16 in the fields for which
// that reports so. The error is an *Error, or take's.
func Read(from io.ReaderAt, size int64, base16 func(field string) bool, take func(row int64, record []byte) error) error {
	return read(from, size, base16, usual, take)
}

func read(from io.ReaderAt, size int64, base16 func(field string) bool, within limits, take func(row int64, record []byte) error) error {
	file, root, leaves, err := open(from, size, base16)
	if err != nil {
		return err
	}
	rows := &reading{root: root, leaves: leaves, limits: within, take: take}
	for _, of := range file.RowGroups() {
		if of.NumRows() == 0 {
			continue
		}
		if err := rows.group(of); err != nil {
			return err
		}
	}
	return nil
}

// open reads the footer.
func open(from io.ReaderAt, size int64, base16 func(field string) bool) (file *parquet.File, root *node, leaves []*node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = damaged(r)
		}
	}()
	if err := checkEnds(from, size); err != nil {
		return nil, nil, nil, err
	}
	file, err = parquet.OpenFile(from, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, nil, nil, &Error{Reason: "its footer is damaged", Err: err}
	}
	root, leaves, err = tree(file.Metadata().Schema, base16)
	return file, root, leaves, err
}

// checkEnds looks for what a Parquet file begins and ends with.
func checkEnds(from io.ReaderAt, size int64) error {
	var head, tail [8]byte
	if size < int64(len(magic)) {
		return &Error{Reason: "it is no Parquet file: it is too short"}
	}
	n, err := from.ReadAt(head[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return &Error{Reason: "it cannot be read", Err: err}
	}
	switch {
	case bytes.HasPrefix(head[:n], encrypted):
		return &Error{Reason: "it is encrypted"}
	case !bytes.HasPrefix(head[:n], magic):
		return &Error{Reason: "it is no Parquet file: it does not begin with PAR1"}
	case size < 12:
		return &Error{Reason: "it is cut off"}
	}
	if _, err := from.ReadAt(tail[:], size-8); err != nil {
		return &Error{Reason: "it cannot be read", Err: err}
	}
	if !bytes.Equal(tail[4:], magic) || int64(binary.LittleEndian.Uint32(tail[:])) > size-12 {
		return &Error{Reason: "it is cut off"}
	}
	return nil
}

// reading is where in a file it is read.
type reading struct {
	root   *node
	leaves []*node
	limits limits
	take   func(row int64, record []byte) error
	n      int64
	record []byte
}

// group reads the rows of a row group.
func (r *reading) group(of parquet.RowGroup) error {
	g := &rowGroup{cached: min(max(mostCached/max(len(r.leaves), 1), 64), 1<<14), limits: r.limits}
	defer g.close()
	if err := g.open(r.leaves, of); err != nil {
		return err
	}
	for range of.NumRows() {
		r.n++
		var err error
		if r.record, err = g.row(r.record[:0], r.root); err != nil {
			if e, ok := errors.AsType[*Error](err); ok {
				e.Row = r.n
			}
			return err
		}
		if err := r.take(r.n, r.record); err != nil {
			return err
		}
	}
	return nil
}

// row writes the next row. A damaged file makes the library panic, and this package, too.
func (g *rowGroup) row(dst []byte, root *node) (record []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			record, err = dst, damaged(r)
		}
	}()
	return g.members(dst, root), nil
}
