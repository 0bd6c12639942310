package typemap

import (
	"bytes"
	"slices"
)

// appendQuoted appends text as a CSV field in quotes.
func appendQuoted(dst, text []byte) []byte {
	dst = slices.Grow(dst, len(text)+2+bytes.Count(text, quote))
	dst = append(dst, '"')
	for {
		i := bytes.IndexByte(text, '"')
		if i < 0 {
			break
		}
		dst = append(dst, text[:i+1]...)
		dst = append(dst, '"')
		text = text[i+1:]
	}
	dst = append(dst, text...)
	return append(dst, '"')
}

var quote = []byte{'"'}

// closeQuoted turns dst[from:], which starts with the opening quote of a CSV
// field, into the whole field: quotes in its text are doubled where they stand.
func closeQuoted(dst []byte, from int) []byte {
	text := dst[from+1:]
	n := bytes.Count(text, quote)
	if n > 0 {
		dst = slices.Grow(dst, n+1)[:len(dst)+n]
		for r, w := len(dst)-n-1, len(dst)-1; w > r; r, w = r-1, w-1 {
			dst[w] = dst[r]
			if dst[r] == '"' {
				w--
				dst[w] = '"'
			}
		}
	}
	return append(dst, '"')
}
