package typemap

import (
	"bytes"
	"strings"

	"target-postgres/internal/jsonscan"
)

// encodeBool writes t or f. Besides the two JSON words it takes what PostgreSQL's boolean does: 0 and 1, and the words
// for yes and no. In Airbyte mode only the JSON words are taken, except for a column that is not of the declared type.
func encodeBool(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
	is, ok := v.kind == jsonscan.KindTrue, v.kind == jsonscan.KindTrue || v.kind == jsonscan.KindFalse
	strict := c.airbyte && !c.crosses()
	switch {
	case ok || strict:
	case v.kind == jsonscan.KindNumber:
		is, ok = numberBool(v.raw)
	case v.kind == jsonscan.KindString:
		is, ok = textBool(w.content(v))
	}
	switch {
	case !ok && v.kind == jsonscan.KindNumber && !strict:
		return dst, &misfit{reason: "the number is not a boolean, which is 0 or 1", widen: &Text}
	case !ok && v.kind == jsonscan.KindString && !strict:
		return dst, &misfit{reason: "the text is none of PostgreSQL's words for true and false", widen: &Text}
	case !ok:
		return dst, mismatch(v, "true or false")
	case is:
		return append(dst, 't'), nil
	}
	return append(dst, 'f'), nil
}

// numberBool reads 0 and 1, however they are spelt.
func numberBool(raw []byte) (is, ok bool) {
	n, ok := parseNumber(raw)
	if !ok || n.negative && !n.zero() {
		return false, false
	}
	abs, ok := n.integer()
	return abs == 1, ok && abs <= 1
}

// textBool reads a text as PostgreSQL does: in any case, with space around it, and words also by their first letters if
// these are unambiguous.
func textBool(text []byte) (is, ok bool) {
	word := strings.ToLower(string(bytes.TrimSpace(text)))
	switch {
	case word == "":
		return false, false
	case word == "1", word == "on", begins(word, "true"), begins(word, "yes"):
		return true, true
	case word == "0", word == "of", word == "off", begins(word, "false"), begins(word, "no"):
		return false, true
	}
	return false, false
}

// begins reports whether a word is another one or its beginning.
func begins(word, whole string) bool {
	_, ok := strings.CutPrefix(whole, word)
	return ok
}
