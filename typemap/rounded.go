package typemap

import (
	"bytes"
	"strconv"
	"strings"
)

// decimals returns how many digits after the point a money or an interval keeps. The server silently rounds the rest
// away. rounds is false for a column of another type, and for an interval that is no key and keeps microseconds, as all
// times do.
func (c *column) decimals() (n int, rounds bool) {
	base, modifier := splitModifier(c.Type.Name)
	switch {
	case base == "money":
		return 2, true
	case base == "interval" || strings.HasPrefix(base, "interval "):
		if n, err := strconv.Atoi(modifier); err == nil {
			return n, true
		}
		return maxFraction, c.Key
	}
	return 0, false
}

// encodeRounded writes a value for the server to read, and refuses one that the server would round.
func encodeRounded(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
	from := len(dst)
	dst, m := encodeText(w, c, v, dst)
	if m != nil {
		return dst, m
	}
	most, _ := c.decimals()
	for rest := dst[from:]; ; {
		_, after, found := bytes.Cut(rest, []byte{'.'})
		if !found {
			return dst, nil
		}
		digits, _ := leadingDigits(after)
		if len(bytes.TrimRight(digits, "0")) > most {
			return dst, &misfit{reason: "the value has more digits after the point than " + c.Type.Name + " keeps"}
		}
		rest = after
	}
}
