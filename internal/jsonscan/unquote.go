package jsonscan

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// Unquote appends the text of raw to dst. raw must be a JSON string token with its quotes that [String] or [Value] has
// accepted. U+0000 and surrogates without their other half, which PostgreSQL cannot store, become U+FFFD, and replaced
// counts them.
func Unquote(dst, raw []byte) (out []byte, replaced int) {
	raw = raw[1 : len(raw)-1]
	for {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 {
			return append(dst, raw...), replaced
		}
		dst = append(dst, raw[:i]...)
		raw = raw[i:]
		if raw[1] != 'u' {
			dst = append(dst, unescaped(raw[1]))
			raw = raw[2:]
			continue
		}
		r, n := escapedRune(raw)
		if n < 0 {
			n = -n
			replaced++
		}
		dst = utf8.AppendRune(dst, r)
		raw = raw[n:]
	}
}

// unescaped returns the byte which a backslash and c stand for.
func unescaped(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// escapedRune reads the \u escape, or the pair of them, at the start of b and returns how many bytes it takes. The
// length is negative where the character cannot be stored and r is U+FFFD in its place.
func escapedRune(b []byte) (r rune, n int) {
	r, _ = codeUnit(b)
	if r == 0 {
		return utf8.RuneError, -6
	}
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if low, ok := codeUnit(b[6:]); ok {
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return utf8.RuneError, -6
}

// Storable overwrites, in JSON text that [Value] has accepted, every escape of U+0000 and of a surrogate without its
// other half by the escape of U+FFFD, which is as long, and returns how many there were. A quote that was doubled for
// CSV does not disturb it.
func Storable(text []byte) (replaced int) {
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 {
			return replaced
		}
		text = text[i:]
		n := 2
		if text[1] == 'u' {
			if _, n = escapedRune(text); n < 0 {
				n = -n
				copy(text, `\ufffd`)
				replaced++
			}
		}
		text = text[n:]
	}
}
