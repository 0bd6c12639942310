package typemap

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"slices"

	"target-postgres/internal/jsonscan"
)

// encodeBytea writes bytes in PostgreSQL's hexadecimal form. A column that decodes nothing takes the server's own form
// \x6162, and any other string as the bytes of its UTF-8.
func encodeBytea(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
	if v.kind != jsonscan.KindString {
		m := mismatch(v, "a string of bytes")
		m.widen = nil
		return dst, m
	}
	text := w.content(v)
	if v.traits&jsonscan.Unicode != 0 {
		_, n := jsonscan.Unquote(w.binary[:0], v.raw)
		w.replaced += n
	}
	switch c.Encoding {
	case "base64":
		return w.appendBase64(dst, text)
	case "base16":
		if out, ok := appendHex(dst, text); ok {
			return out, nil
		}
		return dst, &misfit{reason: "the text is not base16"}
	}
	if bytes.HasPrefix(text, []byte(`\x`)) {
		if out, ok := appendHex(dst, text); ok {
			return out, nil
		}
	}
	dst = append(dst, `"\x`...)
	dst = hex.AppendEncode(dst, text)
	return append(dst, '"'), nil
}

// appendBase64 takes both alphabets, with and without padding and line breaks.
func (w *Walker) appendBase64(dst, text []byte) ([]byte, *misfit) {
	alphabet := base64.RawStdEncoding
	if bytes.ContainsAny(text, "-_") {
		alphabet = base64.RawURLEncoding
	}
	text = bytes.TrimRight(text, "\r\n")
	text = bytes.TrimRight(text, "=")
	decoded, err := alphabet.AppendDecode(w.binary[:0], text)
	if err != nil {
		return dst, &misfit{reason: "the text is not base64"}
	}
	w.binary = decoded
	dst = slices.Grow(dst, 2*len(decoded)+4)
	dst = append(dst, `"\x`...)
	dst = hex.AppendEncode(dst, decoded)
	return append(dst, '"'), nil
}

// appendHex takes digits in either case, bare or after 0x or \x.
func appendHex(dst, text []byte) (out []byte, ok bool) {
	if len(text) >= 2 && (text[0] == '0' || text[0] == '\\') && text[1]|0x20 == 'x' {
		text = text[2:]
	}
	if len(text)%2 != 0 {
		return dst, false
	}
	dst = append(dst, `"\x`...)
	for _, c := range text {
		switch {
		case c-'0' <= 9:
		case c|0x20-'a' < 6:
			c |= 0x20
		default:
			return dst, false
		}
		dst = append(dst, c)
	}
	return append(dst, '"'), true
}
