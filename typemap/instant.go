package typemap

import (
	"bytes"
	"errors"
)

// errInstant is why a text is no instant.
var errInstant = errors.New("it is not a date-time that PostgreSQL can hold")

// AppendInstant appends a date-time of any spelling that a timestamptz column takes, with or without the quotes of a
// JSON string, as a CSV field. Without an offset it is in UTC. dst is returned as it was with an error that does not
// quote the text. A JSON string with escapes is not a date-time.
func AppendInstant(dst, text []byte) ([]byte, error) {
	text = bytes.Trim(text, `"`)
	out, fault := appendTimestampTZ(&column{Column: Column{Type: TimestampTZ}}, dst, text)
	if fault != nil {
		return dst, errInstant
	}
	return out, nil
}
