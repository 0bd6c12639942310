package typemap

import (
	"bytes"

	"target-postgres/internal/jsonscan"
)

// keepSpelling restricts a column of numbers or booleans whose field is declared as text or JSON. Such a column stays
// as it is while nothing is lost: "12" may be stored as 12, but "007" would come back as 7.
func (c *column) keepSpelling() {
	numeric := c.Type.Kind.family() == familyNumber
	if !c.crosses() || !numeric && c.Type.Kind != KindBool {
		return
	}
	json := c.Want.Kind == KindJSON || c.Want.Kind == KindJSONB
	if !json && c.Want.Kind != KindText {
		return
	}
	encode := c.encode
	c.encode = func(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
		if !numeric && v.kind == jsonscan.KindNumber {
			return dst, mismatch(v, "true or false")
		}
		if v.kind == jsonscan.KindString && (json || !c.spells(w.content(v))) {
			return dst, &misfit{reason: "the column cannot give the text back as it came", widen: &Text}
		}
		return encode(w, c, v, dst)
	}
}

// spells reports whether a number or boolean column gives a text back as it came, apart from zeros that its scale adds
// at the end.
func (c *column) spells(text []byte) bool {
	switch string(text) {
	case "true", "false", "t", "f":
		return c.Type.Kind == KindBool
	case "NaN", "Infinity", "-Infinity":
		return c.Type.Kind.family() == familyNumber
	}
	if c.Type.Kind == KindBool {
		return false
	}
	whole, rest := leadingDigits(bytes.TrimPrefix(text, []byte("-")))
	if len(whole) == 0 || whole[0] == '0' && len(whole) > 1 {
		return false
	}
	if len(rest) == 0 {
		return string(text) != "-0"
	}
	fraction, rest := leadingDigits(rest[1:])
	point := text[len(text)-len(fraction)-len(rest)-1] == '.'
	return point && len(fraction) > 0 && len(rest) == 0 && !integerKind(c.Type.Kind)
}
