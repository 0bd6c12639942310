package jsonscan

import (
	"encoding/binary"
	"math/bits"
)

// String validates the string that starts at b[i], which must be its opening quote, and returns the index just past the
// closing one and whether there is a backslash in between. The error is a *[SyntaxError].
func String(b []byte, i int) (end int, escaped bool, err error) {
	if i >= len(b) || b[i] != '"' {
		return 0, false, &SyntaxError{Offset: i, Reason: "a string was expected"}
	}
	end, traits, err := scanString(b, i)
	return end, traits&Escaped != 0, err
}

func scanString(b []byte, i int) (end int, traits Traits, err error) {
	j := i + 1
	for {
		j = plain(b, j)
		if j >= len(b) {
			return 0, 0, truncated(b)
		}
		switch b[j] {
		case '"':
			return j + 1, traits, nil
		case '\\':
			n := escapeLength(b[j:])
			if n == 0 {
				return 0, 0, escapeError(b, j)
			}
			if n == 6 {
				traits |= Unicode
			}
			traits |= Escaped
			j += n
		default:
			return 0, 0, &SyntaxError{Offset: j, Reason: "a string has a raw control character"}
		}
	}
}

const (
	lows  = 0x0101010101010101
	highs = 0x8080808080808080
)

// plain returns the index of the first byte at or after i that ends a run of ordinary string bytes: a quote, a
// backslash or a control character.
func plain(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		if n := leadingPlain(binary.LittleEndian.Uint64(b[i:])); n < 8 {
			return i + n
		}
	}
	for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= ' ' {
		i++
	}
	return i
}

// leadingPlain returns how many of the eight bytes, from the lowest on, are ordinary before one is not. (x - 1) &^ x
// has the high bit of a byte set where that byte of x is zero, and (x - 0x20) &^ x where it is below 0x20. A borrow can
// only disturb bytes above a true hit, so the lowest hit is exact.
func leadingPlain(w uint64) int {
	quote := w ^ '"'*lows
	slash := w ^ '\\'*lows
	return bits.TrailingZeros64(((quote-lows)&^quote|(slash-lows)&^slash|(w-' '*lows)&^w)&highs) >> 3
}

// escapeLength returns the length of the escape sequence at the start of b,
// 2 or 6, or 0 when it is none.
func escapeLength(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, ok := codeUnit(b); ok {
			return 6
		}
	}
	return 0
}

// codeUnit reads the UTF-16 code unit of the \uXXXX at the start of b.
func codeUnit(b []byte) (unit rune, ok bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	for _, c := range b[2:6] {
		switch {
		case c-'0' <= 9:
			c -= '0'
		case c|0x20-'a' < 6:
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		unit = unit<<4 | rune(c)
	}
	return unit, true
}

func escapeError(b []byte, i int) error {
	if len(b)-i < 2 || b[i+1] == 'u' && len(b)-i < 6 {
		return truncated(b)
	}
	return &SyntaxError{Offset: i, Reason: "a string has an escape sequence that JSON does not know"}
}
