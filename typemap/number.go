package typemap

import (
	"bytes"

	"target-postgres/internal/jsonscan"
)

// number is a decimal number as it is written: nothing is rounded, and no digits are computed before they are needed.
type number struct {
	negative        bool
	whole, fraction []byte // digits
	exponent        int    // of ten; beyond ±numericExponent it is cut off there
}

// The limits of PostgreSQL's numeric, in digits before and after the point.
const (
	numericWhole    = 131072
	numericFraction = 16383
	numericExponent = 1<<30 - 1 // numeric's input function stops here
)

// parseNumber reads what JSON calls a number and besides a plus sign, leading zeros and a missing whole or fraction,
// which Airbyte and PostgreSQL take too.
func parseNumber(s []byte) (n number, ok bool) {
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		n.negative = s[0] == '-'
		s = s[1:]
	}
	n.whole, s = leadingDigits(s)
	if len(s) > 0 && s[0] == '.' {
		n.fraction, s = leadingDigits(s[1:])
	}
	if len(n.whole)+len(n.fraction) == 0 {
		return n, false
	}
	if len(s) == 0 {
		return n, true
	}
	if s[0]|0x20 != 'e' {
		return n, false
	}
	n.exponent, ok = parseExponent(s[1:])
	return n, ok
}

func parseExponent(s []byte) (exponent int, ok bool) {
	negative := false
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		negative = s[0] == '-'
		s = s[1:]
	}
	digits, rest := leadingDigits(s)
	for _, d := range digits {
		exponent = min(exponent*10+int(d-'0'), numericExponent)
	}
	if negative {
		exponent = -exponent
	}
	return exponent, len(digits) > 0 && len(rest) == 0
}

func leadingDigits(s []byte) (digits, rest []byte) {
	i := 0
	for i < len(s) && s[i]-'0' <= 9 {
		i++
	}
	return s[:i], s[i:]
}

// digit returns the i-th digit as written, counted over whole and fraction.
func (n number) digit(i int) byte {
	if i < len(n.whole) {
		return n.whole[i]
	}
	return n.fraction[i-len(n.whole)]
}

// span returns the indexes of the first digit that is not zero and of the one after the last. They are equal for zero.
func (n number) span() (first, end int) {
	end = len(n.whole) + len(n.fraction)
	for end > 0 && n.digit(end-1) == '0' {
		end--
	}
	for first < end && n.digit(first) == '0' {
		first++
	}
	return first, end
}

func (n number) zero() bool {
	first, end := n.span()
	return first == end
}

// extent returns how many digits the number needs before and after the point; either is negative where zeros stand
// there first, as before in 0.001 (-2) and after in 12000 (-3). Zero needs none.
func (n number) extent() (before, after int) {
	first, end := n.span()
	if first == end {
		return 0, 0
	}
	point := len(n.whole) + n.exponent
	return point - first, end - point
}

// fits reports whether numeric can hold the number.
func (n number) fits() bool {
	before, after := n.extent()
	return before <= numericWhole && after <= numericFraction
}

// storable reports whether numeric takes the number as it is written, which superfluous zeros can prevent.
func (n number) storable() bool {
	return n.fits() && len(n.fraction)-n.exponent <= numericFraction && n.exponent < numericExponent
}

// integer returns the absolute value of a whole number. ok is false when it is not whole or has more than 19 digits.
func (n number) integer() (abs uint64, ok bool) {
	before, after := n.extent()
	if after > 0 || before > 19 {
		return 0, false
	}
	first, end := n.span()
	for i := first; i < end; i++ {
		abs = abs*10 + uint64(n.digit(i)-'0')
	}
	for ; after < 0; after++ {
		abs *= 10
	}
	return abs, true
}

// appendPlain appends the number without exponent and without superfluous zeros.
func (n number) appendPlain(dst []byte) []byte {
	first, end := n.span()
	if first == end {
		return append(dst, '0')
	}
	if n.negative {
		dst = append(dst, '-')
	}
	point := len(n.whole) + n.exponent
	if point <= first {
		dst = append(dst, '0')
	}
	for i := min(first, point); i < max(end, point); i++ {
		if i == point {
			dst = append(dst, '.')
		}
		if i < first || i >= end {
			dst = append(dst, '0')
		} else {
			dst = append(dst, n.digit(i))
		}
	}
	return dst
}

// number reads a number token, or a string that PostgreSQL's numeric takes in every version: with space around it, a
// plus, and no digit before the point.
func (w *Walker) number(v value) (n number, written []byte, ok bool) {
	if v.kind == jsonscan.KindNumber {
		n, ok = parseNumber(v.raw)
		return n, v.raw, ok
	}
	if v.kind != jsonscan.KindString {
		return n, nil, false
	}
	written = bytes.Trim(w.content(v), " \t\n\v\f\r")
	n, ok = parseNumber(written)
	return n, written, ok
}
