package typemap

import (
	"encoding/binary"
	"slices"
)

// PostgreSQL keeps a numeric in groups of four decimal digits that begin at the point.

// mostGroups is how many of them are written in binary. Longer numbers are left to the text: versions of the server
// differ in them.
const mostGroups = 1000

// fastDigits is how many digits a number has at most whose groups are cut from one word.
const fastDigits = 15

// appendBinaryNumeric appends a number with all its digits, also zeros at its end. Infinity is left to the text: a
// server before PostgreSQL 14 has none, and its error for the binary form is another.
func appendBinaryNumeric(dst, field []byte) (out []byte, ok bool) {
	if string(field) == "NaN" {
		return append(dst, 0, 0, 0, 0, 0xc0, 0, 0, 0), true
	}
	n, ok := parseNumber(field)
	if !ok || !n.storable() {
		return dst, false
	}
	first, end := n.span()
	point := len(n.whole) + n.exponent // counted as digits are
	weight, least := floorDiv(point-1-first, 4), floorDiv(point-end, 4)
	if first == end {
		weight, least = 0, 1 // zero has no groups
	}
	if weight-least >= mostGroups {
		return dst, false
	}
	dst = appendNumericHead(dst, weight-least+1, weight, n.negative && first < end, max(0, len(n.fraction)-n.exponent))
	for group := weight; group >= least; group-- {
		value := uint16(0)
		for i := point - 4*group - 4; i < point-4*group; i++ {
			value *= 10
			if i >= first && i < end {
				value += uint16(n.digit(i) - '0')
			}
		}
		dst = binary.BigEndian.AppendUint16(dst, value)
	}
	return dst, true
}

func appendNumericHead(dst []byte, groups, weight int, negative bool, scale int) []byte {
	head := uint64(groups)<<48 | uint64(uint16(weight))<<32 | uint64(scale)
	if negative {
		head |= 0x4000 << 16
	}
	return binary.BigEndian.AppendUint64(dst, head)
}

// appendShortNumeric appends the number that begins at rows[i], as a whole field, if it has few digits and no exponent.
// ok is false, and nothing is appended, for others.
func appendShortNumeric(dst, rows []byte, i int) (out []byte, next int, ok bool) {
	negative := rows[i] == '-'
	if negative {
		i++
	}
	first, whole := i, uint64(0)
	for i < len(rows) && rows[i]-'0' <= 9 {
		whole = whole*10 + uint64(rows[i]-'0')
		i++
	}
	digits, fraction, scale := i-first, uint64(0), 0
	if i < len(rows) && rows[i] == '.' {
		point := i
		for i++; i < len(rows) && rows[i]-'0' <= 9; i++ {
			fraction = fraction*10 + uint64(rows[i]-'0')
		}
		scale = i - point - 1
	}
	if digits += scale; digits == 0 || digits > fastDigits || i == len(rows) || rows[i] != ',' && rows[i] != '\n' {
		return dst, i, false
	}
	from := len(dst)
	dst = append(dst, 0, 0, 0, 10)
	if fraction == 0 && whole < 10000 && whole > 0 {
		dst = appendNumericHead(dst, 1, 0, negative, scale)
		return binary.BigEndian.AppendUint16(dst, uint16(whole)), i, true
	}
	dst = appendGroups(dst, whole, fraction, scale, negative)
	binary.BigEndian.PutUint32(dst[from:], uint32(len(dst)-from-4))
	return dst, i, true
}

// appendGroups appends a number whose fraction is a number of scale digits.
func appendGroups(dst []byte, whole, fraction uint64, scale int, negative bool) []byte {
	if whole == 0 && fraction == 0 {
		return appendNumericHead(dst, 0, 0, false, scale)
	}
	n := whole
	for range scale {
		n *= 10
	}
	n += fraction
	after := (scale + 3) / 4 // groups after the point
	for range 4*after - scale {
		n *= 10
	}
	for n%10000 == 0 {
		n /= 10000
		after--
	}
	var groups [6]uint16
	count := 0
	for ; n > 0; n /= 10000 {
		groups[count] = uint16(n % 10000)
		count++
	}
	dst = appendNumericHead(dst, count, count-1-after, negative, scale)
	for _, group := range slices.Backward(groups[:count]) {
		dst = binary.BigEndian.AppendUint16(dst, group)
	}
	return dst
}
