package batch

import "strconv"

// NumberedFields is the form of some fields of each row, in the order in which they are named, with the row's number
// after them, from 0: a file of CSV.
func NumberedFields(fields []int) *Format {
	n := int64(0)
	var starts, ends []int
	most := 0
	for _, field := range fields {
		most = max(most, field)
	}
	return &Format{AppendRow: func(dst, rows []byte) (out, rest []byte, ok bool) {
		row := rows[:rowEnd(rows)]
		starts, ends = starts[:0], ends[:0]
		for at := 0; len(starts) <= most; {
			end := fieldEnd(row, at)
			starts, ends = append(starts, at), append(ends, end)
			at = end + 1
		}
		for _, field := range fields {
			dst = append(append(dst, row[starts[field]:ends[field]]...), ',')
		}
		dst = append(strconv.AppendInt(dst, n, 10), '\n')
		n++
		return dst, rows[len(row):], true
	}}
}

// fieldEnd is where the field of a CSV line that begins at a place ends: at a comma or the newline.
func fieldEnd(row []byte, at int) int {
	quoted := false
	for ; at < len(row); at++ {
		switch c := row[at]; {
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ',' || c == '\n'):
			return at
		}
	}
	return at
}
