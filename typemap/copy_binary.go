package typemap

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"
)

// BinaryRows turns rows of CSV, as a [Walker] writes them, into rows of COPY's binary format. It writes a value only if
// the server would read the very same one from the text.
type BinaryRows struct{ columns []binaryColumn }

// binaryColumn is how the fields of a column are written.
type binaryColumn struct {
	kind    Kind
	bits    bool // bit varying
	integer bool
}

// BinaryHead and BinaryTail are what stands before the rows of COPY's binary format and after them.
const (
	BinaryHead = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	BinaryTail = "\xff\xff"
)

// NewBinaryRows makes the rows of columns of these types. unknown is the index of the first type that only the server
// can read,
// -1 if there is none.
func NewBinaryRows(types []Type) (rows *BinaryRows, unknown int) {
	b := &BinaryRows{columns: make([]binaryColumn, len(types))}
	for i, t := range types {
		if t.Base != nil {
			t = *t.Base
		}
		base, _ := splitModifier(t.Name)
		b.columns[i] = binaryColumn{t.Kind, base == "bit varying", integerKind(t.Kind)}
		if (t.Kind == KindOther || t.Kind == KindArray) && !b.columns[i].bits {
			return nil, i
		}
	}
	return b, -1
}

// AppendRow appends the first of some rows of CSV, and returns the rows after it. ok is false for a value that is not
// proved to be the same in this format.
func (b *BinaryRows) AppendRow(dst, rows []byte) (out, rest []byte, ok bool) {
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(b.columns)))
	i, last := 0, len(b.columns)-1
	for n := range b.columns {
		if i >= len(rows) {
			return dst, rows, false
		}
		c := &b.columns[n]
		switch {
		case rows[i] == ',' || rows[i] == '\n':
			dst, ok = append(dst, 0xff, 0xff, 0xff, 0xff), true // NULL
		case c.integer:
			dst, i, ok = appendBinaryInteger(dst, rows, i, c.kind)
		default:
			dst, i, ok = c.appendField(dst, rows, i)
		}
		if !ok || i >= len(rows) || (rows[i] == '\n') != (n == last) || n < last && rows[i] != ',' {
			return dst, rows, false
		}
		i++
	}
	return dst, rows[i:], true
}

// appendField appends the field that begins at rows[i]. next is after it.
func (c *binaryColumn) appendField(dst, rows []byte, i int) (out []byte, next int, ok bool) {
	if c.kind == KindNumeric {
		if dst, next, ok = appendShortNumeric(dst, rows, i); ok {
			return dst, next, true
		}
	}
	field, next, doubled, ok := csvField(rows, i)
	if !ok {
		return dst, i, false
	}
	from := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	switch c.kind {
	case KindText, KindJSON:
		dst = appendUndoubled(dst, field, doubled)
	case KindJSONB:
		dst = appendUndoubled(append(dst, 1), field, doubled) // the version of its format
	default:
		dst, ok = c.appendValue(dst, field)
	}
	binary.BigEndian.PutUint32(dst[from:], uint32(len(dst)-from-4))
	return dst, next, ok && !(doubled && c.kind != KindText && c.kind != KindJSON && c.kind != KindJSONB)
}

// appendValue appends a value that is no text.
func (c *binaryColumn) appendValue(dst, field []byte) (out []byte, ok bool) {
	switch c.kind {
	case KindBool:
		if string(field) == "t" {
			return append(dst, 1), true
		}
		return append(dst, 0), string(field) == "f"
	case KindNumeric:
		return appendBinaryNumeric(dst, field)
	case KindFloat4, KindFloat8:
		return appendBinaryFloat(dst, field, c.kind)
	case KindBytea:
		digits, is := bytes.CutPrefix(field, []byte(`\x`))
		if !is {
			return dst, false
		}
		dst, err := hex.AppendDecode(dst, digits)
		return dst, err == nil
	case KindUUID:
		var digits [32]byte
		if len(field) != 36 || !uuidDigits(field, &digits) {
			return dst, false
		}
		dst, err := hex.AppendDecode(dst, digits[:])
		return dst, err == nil
	case KindDate, KindTime, KindTimeTZ, KindTimestamp, KindTimestampTZ:
		return appendBinaryMoment(dst, field, c.kind)
	}
	return appendBinaryBits(dst, field)
}

// appendUndoubled appends a text in which quotes may be doubled.
func appendUndoubled(dst, field []byte, doubled bool) []byte {
	if !doubled {
		return appendShort(dst, field, 0, len(field))
	}
	for i := 0; i < len(field); i++ {
		if dst = append(dst, field[i]); field[i] == '"' {
			i++
		}
	}
	return dst
}

// appendBinaryInteger appends the whole number that begins at rows[i].
func appendBinaryInteger(dst, rows []byte, i int, k Kind) (out []byte, next int, ok bool) {
	negative := rows[i] == '-'
	if negative {
		i++
	}
	first, n := i, uint64(0)
	for i < len(rows) && rows[i]-'0' <= 9 {
		n = n*10 + uint64(rows[i]-'0')
		i++
	}
	limit := integerLimit(k)
	if i == first || i-first > 19 || n > limit && (!negative || n > limit+1) {
		return dst, i, false
	}
	v := int64(n)
	if negative {
		v = -v
	}
	switch k {
	case KindInt2:
		dst = binary.BigEndian.AppendUint16(append(dst, 0, 0, 0, 2), uint16(v))
	case KindInt4:
		dst = binary.BigEndian.AppendUint32(append(dst, 0, 0, 0, 4), uint32(v))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, 0, 0, 0, 8), uint64(v))
	}
	return dst, i, true
}

// appendBinaryFloat appends the float that is nearest to a number. Both servers and strconv round to it, half to even.
func appendBinaryFloat(dst, field []byte, k Kind) (out []byte, ok bool) {
	size, nan := 64, uint64(0x7ff8000000000000)
	if k == KindFloat4 {
		size = 32
	}
	var f float64
	switch string(field) {
	case "NaN":
		if size == 32 {
			return binary.BigEndian.AppendUint32(dst, 0x7fc00000), true
		}
		return binary.BigEndian.AppendUint64(dst, nan), true
	case "Infinity":
		f = math.Inf(1)
	case "-Infinity":
		f = math.Inf(-1)
	default:
		n, is := parseNumber(field)
		if !is {
			return dst, false
		}
		var err error
		if f, err = strconv.ParseFloat(string(field), size); err != nil || f == 0 && !n.zero() {
			return dst, false
		}
	}
	if size == 32 {
		return binary.BigEndian.AppendUint32(dst, math.Float32bits(float32(f))), true
	}
	return binary.BigEndian.AppendUint64(dst, math.Float64bits(f)), true
}

// appendBinaryBits appends a string of bits.
func appendBinaryBits(dst, field []byte) (out []byte, ok bool) {
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(field)))
	for i, c := range field {
		if c != '0' && c != '1' {
			return dst, false
		}
		if i%8 == 0 {
			dst = append(dst, 0)
		}
		dst[len(dst)-1] |= (c - '0') << (7 - i%8)
	}
	return dst, true
}
