package batch

import (
	"bytes"
)

// CsvFields splits a CSV line as the plan and COPY write and read it: nil is NULL, an empty text is not.
func CsvFields(line []byte) []*string {
	var fields []*string
	for {
		field, rest, more := nextField(line)
		fields = append(fields, field)
		if !more {
			return fields
		}
		line = rest
	}
}

func nextField(line []byte) (field *string, rest []byte, more bool) {
	if len(line) == 0 || line[0] != '"' {
		text, rest, more := bytes.Cut(line, []byte{','})
		if len(text) == 0 {
			return nil, rest, more
		}
		plain := string(text)
		return &plain, rest, more
	}
	var text []byte
	for line = line[1:]; ; {
		end := bytes.IndexByte(line, '"')
		if end < 0 {
			end = len(line)
		}
		text = append(text, line[:end]...)
		line = line[min(end+1, len(line)):]
		if len(line) == 0 || line[0] != '"' {
			break
		}
		text = append(text, '"')
		line = line[1:]
	}
	quoted := string(text)
	_, rest, more = bytes.Cut(line, []byte{','})
	return &quoted, rest, more
}
