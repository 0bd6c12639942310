package typemap

import "bytes"

// CopyFormat is a format in which COPY takes rows, as the setting copy_format names it.
type CopyFormat string

// A [Walker] writes rows of CSV. Those of the other formats are made of them while they are sent.
const (
	CopyCSV    CopyFormat = "csv"
	CopyText   CopyFormat = "text"
	CopyBinary CopyFormat = "binary"
)

// textEscapes are the letters by which COPY's text format writes the characters that mean something in it.
var textEscapes = [256]byte{'\\': '\\', '\t': 't', '\n': 'n', '\r': 'r'}

// AppendTextRow appends the first of some rows of CSV as a row of COPY's text format, and returns the rows after it.
// The server reads the same characters for every field. ok is false for a row that no [Walker] writes.
func AppendTextRow(dst, rows []byte) (out, rest []byte, ok bool) {
	for i := 0; i < len(rows); i++ {
		switch rows[i] {
		case '"':
			dst, i = appendTextQuoted(dst, rows, i+1)
		case ',', '\n':
			dst = append(dst, `\N`...)
		default:
			start := i
			for i < len(rows) && rows[i] != ',' && rows[i] != '\n' {
				if rows[i] == '\\' {
					dst, start = append(dst, rows[start:i+1]...), i // it stands there twice
				}
				i++
			}
			dst = appendShort(dst, rows, start, i)
		}
		if i >= len(rows) {
			break
		}
		switch rows[i] {
		case ',':
			dst = append(dst, '\t')
		case '\n':
			return append(dst, '\n'), rows[i+1:], true
		default:
			return dst, rows, false
		}
	}
	return dst, rows, false
}

// appendTextQuoted appends the text of a quoted field that goes on at rows[i]. next is after its closing quote.
func appendTextQuoted(dst, rows []byte, i int) (out []byte, next int) {
	start := i
	for i < len(rows) {
		c := rows[i]
		switch {
		case c == '"' && i+1 < len(rows) && rows[i+1] == '"':
			dst = append(dst, rows[start:i+1]...)
			i += 2
			start = i
		case c == '"':
			return appendShort(dst, rows, start, i), i + 1
		case textEscapes[c] != 0:
			dst = append(append(dst, rows[start:i]...), '\\', textEscapes[c])
			i++
			start = i
		default:
			i++
		}
	}
	return dst, i
}

// shortField is a length that most texts do not exceed.
const shortField = 16

// csvField returns the characters between the quotes of a field that begins at rows[i], or all of one without quotes.
// next is after it, doubled says that quotes in it are doubled. ok is false where its end is missing.
func csvField(rows []byte, i int) (field []byte, next int, doubled, ok bool) {
	if i < len(rows) && rows[i] != '"' {
		start := i
		for i < len(rows) && rows[i] != ',' && rows[i] != '\n' {
			i++
		}
		return rows[start:i], i, false, true
	}
	start := i + 1
	for i = start; i < len(rows) && i < start+shortField; i++ { // looking for the next quote by a call takes longer
		if rows[i] == '"' && (i+1 == len(rows) || rows[i+1] != '"') {
			return rows[start:i], i + 1, false, true
		}
		if rows[i] == '"' {
			break
		}
	}
	for ; i < len(rows); i++ {
		end := bytes.IndexByte(rows[i:], '"')
		if end < 0 {
			break
		}
		if i += end; i+1 < len(rows) && rows[i+1] == '"' {
			doubled = true
			i++
			continue
		}
		return rows[start:i], i + 1, doubled, true
	}
	return nil, i, false, false
}
