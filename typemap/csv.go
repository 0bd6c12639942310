package typemap

import (
	"bytes"
	"slices"
)

// appendQuoted appends text as a CSV field in quotes. JSON has a quote in every few bytes, for which a plain loop is
// faster than looking for the next one.
func appendQuoted(dst, text []byte) []byte {
	doubled := bytes.Count(text, quote)
	if doubled == 0 {
		dst = append(dst, '"')
		dst = append(dst, text...)
		return append(dst, '"')
	}
	n := len(text) + doubled + 2
	dst = slices.Grow(dst, n)
	field := dst[len(dst) : len(dst)+n]
	field[0], field[n-1] = '"', '"'
	i := 1
	for _, c := range text {
		field[i] = c
		i++
		if c == '"' {
			field[i] = '"'
			i++
		}
	}
	return dst[:len(dst)+n]
}

var quote = []byte{'"'}

// closeQuoted turns dst[from:], which starts with the opening quote of a CSV field, into the whole field: quotes in its
// text are doubled where they stand.
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
