package typemap

import (
	"strconv"

	"target-postgres/internal/jsonscan"
)

// bits returns the size of the server's own unsigned numbers, 0 for other types. Before PostgreSQL 16 the server reads
// any text as one of the first three, 0 if it is no number, and a negative oid as a positive one.
func (t Type) bits() int {
	switch t.Name {
	case "xid", "cid", "oid":
		return 32
	case "xid8":
		return 64
	}
	return 0
}

// encodeCounter writes a whole number that such a type holds, without leading zeros: the server would take them for the
// prefix of an octal number.
func encodeCounter(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
	var text []byte
	switch v.kind {
	case jsonscan.KindString:
		text = w.content(v)
	case jsonscan.KindNumber:
		text = v.raw
	}
	bits := c.Type.bits()
	n, err := strconv.ParseUint(string(text), 10, bits)
	if err != nil {
		most := strconv.FormatUint(1<<bits-1, 10)
		return dst, &misfit{reason: "the value is not a whole number from 0 to " + most, widen: &Text}
	}
	return strconv.AppendUint(dst, n, 10), nil
}
