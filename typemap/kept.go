package typemap

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"

	"target-postgres/internal/jsonscan"
)

// A change feed may leave out a large value that did not change and send a text in its place, Debezium's
// unavailable.value.placeholder. Such a field keeps the stored value, like a field that a partial record lacks.

// unavailable holds the JSON in which the text may come.
type unavailable struct {
	forms       [][]byte // without white space
	least, most int      // their lengths
}

// newUnavailable lists the forms of a text: as it is, as the base64 or base16 of bytes, as the one element of an array
// and as the one pair of an hstore.
func newUnavailable(text string) *unavailable {
	if text == "" {
		return nil
	}
	u := &unavailable{}
	for _, form := range []string{
		text, base64.StdEncoding.EncodeToString([]byte(text)), base64.RawStdEncoding.EncodeToString([]byte(text)),
		hex.EncodeToString([]byte(text)),
	} {
		quoted, err := json.Marshal(form)
		if err != nil {
			continue // a string always has a JSON form
		}
		u.forms = append(u.forms, quoted, bytes.Join([][]byte{{'['}, quoted, {']'}}, nil))
	}
	pair := u.forms[0]
	u.forms = append(u.forms, bytes.Join([][]byte{{'{'}, pair, {':'}, pair, {'}'}}, nil))
	u.least, u.most = len(u.forms[0]), len(u.forms[0])
	for _, form := range u.forms {
		u.least, u.most = min(u.least, len(form)), max(u.most, len(form))
	}
	return u
}

// mostSpace is how much white space a form may have between its parts.
const mostSpace = 32

// is reports whether a token is one of the forms.
func (u *unavailable) is(raw []byte, kind jsonscan.Kind) bool {
	if len(raw) < u.least || len(raw) > u.most+mostSpace {
		return false
	}
	switch kind {
	case jsonscan.KindString:
	case jsonscan.KindArray, jsonscan.KindObject:
		var compact bytes.Buffer
		if json.Compact(&compact, raw) != nil {
			return false
		}
		raw = compact.Bytes()
	default:
		return false
	}
	for _, form := range u.forms {
		if bytes.Equal(raw, form) {
			return true
		}
	}
	return false
}

// findKept looks for the columns that keep their stored values, and makes them null: those whose value is unavailable,
// and those of columns in which null means that.
func (w *Walker) findKept() {
	w.kept = w.kept[:0]
	for i := range w.plan.columns {
		c := &w.plan.columns[i]
		t := &w.tokens[c.slot]
		missing := t.kind > jsonscan.KindNull && w.plan.unavailable != nil && w.plan.unavailable.is(w.record[t.start:t.end], t.kind)
		if !c.Key && (missing || t.kind <= jsonscan.KindNull && c.NullKeeps) {
			w.unavailable = w.unavailable || missing
			w.kept = append(w.kept, int32(i))
		}
	}
	for _, i := range w.kept { // not before: several columns may hold one property
		t := &w.tokens[w.plan.columns[i].slot]
		t.kind = min(t.kind, jsonscan.KindNull)
	}
}

// Unavailable reports whether a field of the record has the text that stands for an unavailable value, see
// [PlanOptions.Unavailable].
func (w *Walker) Unavailable() bool { return w.unavailable }

// Kept are the fields of the record that keep their stored values, see [Walker.Unavailable].
func (w *Walker) Kept() []string {
	fields := make([]string, 0, len(w.kept))
	for _, i := range w.kept {
		fields = append(fields, w.plan.columns[i].path()[0])
	}
	return fields
}

// Partial reports whether some column is to keep what is stored: one whose value is unavailable or, where absent says
// so, whose property the record lacks.
func (w *Walker) Partial(absent bool) bool {
	return len(w.kept) > 0 || absent && !w.full()
}

// Present appends '0' for every column that keeps what is stored, see [Walker.Partial], and '1' for every other.
func (w *Walker) Present(dst []byte, absent bool) []byte {
	from := len(dst)
	for i := range w.plan.columns {
		bit := byte('1')
		if absent && w.tokens[w.plan.columns[i].slot].kind == jsonscan.KindInvalid {
			bit = '0'
		}
		dst = append(dst, bit)
	}
	for _, i := range w.kept {
		dst[from+int(i)] = '0'
	}
	return dst
}

// full reports whether the record has the property of every column.
func (w *Walker) full() bool {
	for i := range w.plan.columns {
		if w.tokens[w.plan.columns[i].slot].kind == jsonscan.KindInvalid {
			return false
		}
	}
	return true
}
