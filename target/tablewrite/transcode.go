package tablewrite

import (
	"bytes"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/typemap"
)

// The program always sends UTF-8. A database of another encoding converts it, and refuses a character that it lacks.

// replacement is what stands for a character that PostgreSQL cannot store.
const replacement = "\uFFFD"

// encodingOf is the encoding of the database, as the server says at the login.
func encodingOf(conn *pgx.Conn) string { return conn.PgConn().ParameterStatus("server_encoding") }

// recode prepares the rows for a database that is not in UTF8. Escapes in JSON become the characters they stand for,
// which the server converts like others: SQL_ASCII refuses escapes. A character that the program replaced becomes a
// question mark where the encoding has nothing better, but not in a key: two keys could become one.
func (w *Write) recode(encoding string) {
	if encoding == "UTF8" || encoding == "" {
		return
	}
	documents, keys := map[int]bool{}, map[int]bool{}
	for i, c := range w.Layout.Columns {
		documents[i] = c.Type.Kind == typemap.KindJSONB
		keys[i] = slices.ContainsFunc(w.Job.Key, func(k merge.Column) bool { return k.Name == c.Name })
	}
	for i, e := range w.Layout.Extras {
		documents[len(w.Layout.Columns)+i] = e.Type.Kind == typemap.KindJSONB
	}
	w.Batch = w.Batch.Rewritten(func(row []byte) []byte {
		if bytes.Contains(row, []byte(`\u`)) {
			fields := rawFields(row)
			for i := range fields {
				if documents[i] {
					fields[i] = unescape(fields[i])
				}
			}
			row = bytes.Join(fields, []byte{','})
		}
		if encoding != "SQL_ASCII" && bytes.Contains(row, []byte(replacement)) {
			fields := rawFields(row)
			for i := range fields {
				if !keys[i] {
					fields[i] = bytes.ReplaceAll(fields[i], []byte(replacement), []byte{'?'})
				}
			}
			row = bytes.Join(fields, []byte{','})
		}
		return row
	})
}

// unescape writes the characters beyond ASCII for which JSON has escapes. ASCII may need its escapes.
func unescape(field []byte) []byte {
	out := make([]byte, 0, len(field))
	for {
		i := bytes.IndexByte(field, '\\')
		if i < 0 || i+1 >= len(field) {
			return append(out, field...)
		}
		out = append(out, field[:i]...)
		field = field[i:]
		r, n := escaped(field)
		if n == 0 {
			out = append(out, field[:2]...)
			field = field[2:]
			continue
		}
		out = utf8.AppendRune(out, r)
		field = field[n:]
	}
}

// escaped reads the escape of a character beyond ASCII, or the two escapes of one, at the start of b. n is 0 for
// anything else.
func escaped(b []byte) (r rune, n int) {
	unit := func(at int) rune {
		if len(b) < at+6 || b[at] != '\\' || b[at+1] != 'u' {
			return 0
		}
		value, err := strconv.ParseUint(string(b[at+2:at+6]), 16, 16)
		if err != nil {
			return 0
		}
		return rune(value)
	}
	switch r = unit(0); {
	case r < utf8.RuneSelf:
		return 0, 0
	case utf16.IsSurrogate(r):
		return utf16.DecodeRune(r, unit(6)), 12
	default:
		return r, 6
	}
}

// columnWith names the first column of a row that has a character, "" for none.
func (w *Write) columnWith(char, row []byte) string {
	at := slices.IndexFunc(rawFields(row), func(field []byte) bool { return len(char) > 0 && bytes.Contains(field, char) })
	switch columns := len(w.Layout.Columns); {
	case at < 0 || at >= columns+len(w.Layout.Extras):
		return ""
	case at < columns:
		return w.Layout.Columns[at].Name
	default:
		return w.Layout.Extras[at-columns].Name
	}
}

// InASCII is a write of one rejected record in which every character beyond ASCII is its escape: the character that had
// the record refused would have the rejection refused, too. It is nil where there is none.
func (w *Write) InASCII() *Write {
	batch := w.Batch.Rewritten(func(row []byte) []byte {
		fields := rawFields(row)
		for i, c := range w.Layout.Columns {
			if i < len(fields) {
				// In JSON the escape itself has to be one: what it stands for cannot be stored.
				fields[i] = escapeAll(fields[i], c.Type.Kind == typemap.KindJSONB)
			}
		}
		return bytes.Join(fields, []byte{','})
	})
	if batch.Size == w.Batch.Size {
		return nil
	}
	return w.With(batch)
}

func escapeAll(field []byte, document bool) []byte {
	if document {
		field = unescape(field)
	}
	var out []byte
	for _, r := range string(field) {
		if r < utf8.RuneSelf {
			out = append(out, byte(r))
			continue
		}
		if document {
			out = append(out, '\\')
		}
		quoted := strconv.QuoteRuneToASCII(r)
		out = append(out, quoted[1:len(quoted)-1]...)
	}
	return out
}
