package typemap

import (
	"bytes"

	"target-postgres/internal/jsonscan"
)

// encodeUUID writes the form 8-4-4-4-12 in lower case. It accepts capitals, braces, a URN, and a text with fewer or
// more hyphens.
func encodeUUID(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
	if v.kind == jsonscan.KindString {
		var digits [32]byte
		if uuidDigits(w.content(v), &digits) {
			return appendUUID(dst, &digits), nil
		}
		return dst, &misfit{reason: "the text is not a uuid", widen: &Text}
	}
	return dst, mismatch(v, "a uuid")
}

// uuidDigits reads the 32 hexadecimal digits of a UUID. Like PostgreSQL it takes a hyphen after every fourth digit.
func uuidDigits(s []byte, digits *[32]byte) bool {
	if rest, ok := bytes.CutPrefix(s, []byte("urn:uuid:")); ok {
		s = rest
	} else if len(s) > 2 && s[0] == '{' && s[len(s)-1] == '}' {
		s = s[1 : len(s)-1]
	}
	n := 0
	for i, c := range s {
		switch {
		case c-'0' <= 9:
		case c|0x20-'a' < 6:
			c |= 0x20
		case c == '-' && n%4 == 0 && n > 0 && n < 32 && s[i-1] != '-':
			continue
		default:
			return false
		}
		if n == 32 {
			return false
		}
		digits[n] = c
		n++
	}
	return n == 32
}

func appendUUID(dst []byte, digits *[32]byte) []byte {
	dst = append(dst, '"')
	dst = append(dst, digits[:8]...)
	for i := 8; i < 20; i += 4 {
		dst = append(dst, '-')
		dst = append(dst, digits[i:i+4]...)
	}
	dst = append(dst, '-')
	dst = append(dst, digits[20:]...)
	return append(dst, '"')
}
