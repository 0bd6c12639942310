package typemap

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"target-postgres/internal/jsonscan"
)

// content returns the text of a string token. It is valid until the walker's next string with an escape in it.
func (w *Walker) content(v value) []byte {
	if v.traits&jsonscan.Escaped == 0 {
		return v.raw[1 : len(v.raw)-1]
	}
	w.text, _ = jsonscan.Unquote(w.text[:0], v.raw)
	return w.text
}

// encodeText writes any value as text: strings as they are, numbers by their digits, objects and arrays by their JSON.
// U+0000 is also replaced in JSON, although it takes six characters there: otherwise the text could never become jsonb.
func encodeText(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
	from := len(dst)
	switch {
	case v.kind == jsonscan.KindNumber && v.traits&jsonscan.Special != 0:
		dst = appendQuoted(dst, v.raw)
	case v.kind != jsonscan.KindString:
		dst = w.appendJSON(dst, v)
	case v.traits&jsonscan.Escaped == 0:
		dst = append(dst, v.raw...)
	default:
		var n int
		dst, n = jsonscan.Unquote(append(dst, '"'), v.raw)
		w.replaced += n
		dst = closeQuoted(dst, from)
	}
	return dst, c.tooLong(dst[from:])
}

// tooLong reports a CSV field that has more characters or bytes than the column takes. PostgreSQL would silently cut
// off blanks past the end, and any characters of a name or a "char".
func (c *column) tooLong(field []byte) *misfit {
	inner := field[1 : len(field)-1]
	bytesOver, charactersOver := c.octets > 0 && len(inner) > c.octets, c.length > 0 && len(inner) > c.length
	if !bytesOver && !charactersOver {
		return nil
	}
	doubled := bytes.Count(inner, quote) / 2
	if bytesOver && len(inner)-doubled > c.octets {
		return &misfit{reason: "the text is longer than " + c.Type.Name + " can be, which is " + strconv.Itoa(c.octets) + " in bytes", widen: &Text, size: true}
	}
	if !charactersOver || utf8.RuneCount(inner)-doubled <= c.length {
		return nil
	}
	return &misfit{
		reason: "the text is longer than " + strconv.Itoa(c.length) + " characters",
		widen:  &Text,
		size:   true,
	}
}
