package typemap

import (
	"encoding/binary"
	"slices"
)

// PostgreSQL keeps a numeric in groups of four decimal digits that begin at the point.

// mostGroups is how many of them are written in binary. No longer number is worth a thought about versions of the server.
const mostGroups = 1000

// fastDigits is how many digits a number has at most whose groups are cut from one word.
const fastDigits = 15

// appendBinaryNumeric appends a number with all its digits, also zeros at its end. Infinity is left to the text: before PostgreSQL 14 the
// server knows none, and says so in other words.
func appendBinaryNumeric(dst, field []byte) (out []byte, ok bool) {
	if out, ok = appendShortNumeric(dst, field); ok {
		return out, true
	}
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
	sign := uint16(0)
	if negative {
		sign = 0x4000
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(groups))
	dst = binary.BigEndian.AppendUint16(dst, uint16(weight))
	dst = binary.BigEndian.AppendUint16(dst, sign)
	return binary.BigEndian.AppendUint16(dst, uint16(scale))
}

// appendShortNumeric does the same for a number without an exponent that has few digits. ok is false for others.
func appendShortNumeric(dst, field []byte) (out []byte, ok bool) {
	i := 0
	negative := len(field) > 0 && field[0] == '-'
	if negative {
		i++
	}
	if len(field)-i > fastDigits {
		return dst, false
	}
	first, n, point := i, uint64(0), -1
	for ; i < len(field); i++ {
		switch c := field[i]; {
		case c-'0' <= 9:
			n = n*10 + uint64(c-'0')
		case c == '.' && point < 0:
			point = i
		default:
			return dst, false
		}
	}
	scale := 0
	if point >= 0 {
		scale = len(field) - point - 1
	}
	if len(field)-first == 0 || point >= 0 && len(field)-first == 1 {
		return dst, false
	}
	if n == 0 {
		return appendNumericHead(dst, 0, 0, false, scale), true
	}
	fraction := (scale + 3) / 4 // groups after the point
	for range 4*fraction - scale {
		n *= 10
	}
	for n%10000 == 0 {
		n /= 10000
		fraction--
	}
	var groups [6]uint16
	count := 0
	for ; n > 0; n /= 10000 {
		groups[count] = uint16(n % 10000)
		count++
	}
	dst = appendNumericHead(dst, count, count-1-fraction, negative, scale)
	for _, group := range slices.Backward(groups[:count]) {
		dst = binary.BigEndian.AppendUint16(dst, group)
	}
	return dst, true
}
