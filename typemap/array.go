package typemap

import (
	"regexp"
	"strconv"

	"target-postgres/internal/jsonscan"
)

// arrayLiteral is the outside of an array as PostgreSQL prints it, with or without the bounds of its dimensions. Only
// the server reads what is inside.
var arrayLiteral = regexp.MustCompile(`^\s*(\[[-+0-9:\[\]\s]+\]\s*=\s*)?(?s:\{.*\})\s*$`)

// encodeArray writes a JSON array as an array literal, and a text that is an array literal as it is. Such columns come
// from other loaders (the SDK's target makes text[] and jsonb[]); the schema itself asks for jsonb. Arrays in arrays go
// into elements that can hold them, json and text, but become no second dimension: PostgreSQL wants that to be
// rectangular.
func encodeArray(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
	if v.kind == jsonscan.KindString && c.elements.kept() && arrayLiteral.Match(w.content(v)) {
		return encodeText(w, c, v, dst)
	}
	if v.kind != jsonscan.KindArray {
		m := mismatch(v, "an array")
		m.widen = &JSONB
		return dst, m
	}
	dst = append(dst, '"', '{')
	for i, n := jsonscan.Space(v.raw, 1), 1; v.raw[i] != ']'; n++ {
		t, _ := jsonscan.Scan(v.raw, i)
		if n > 1 {
			dst = append(dst, ',')
		}
		var m *misfit
		if dst, m = w.appendElement(dst, c.elements, value{v.raw[i:t.End], t.Kind, t.Traits}); m != nil {
			return dst, m.inArray(n)
		}
		if i = jsonscan.Space(v.raw, t.End); v.raw[i] == ',' {
			i = jsonscan.Space(v.raw, i+1)
		}
	}
	return append(dst, '}', '"'), nil
}

// kept reports whether the server keeps or refuses every element of the type c: it never silently cuts, rounds or
// changes one.
func (c *column) kept() bool { return c.Type.bits() == 0 && c.octets == 0 && !c.limited }

// appendElement writes one element as the encoder of its type does and turns that CSV field into one of an array inside
// a CSV field: `"` is then `\""`, a backslash two.
func (w *Walker) appendElement(dst []byte, c *column, v value) ([]byte, *misfit) {
	if v.kind == jsonscan.KindNull {
		return append(dst, "NULL"...), nil
	}
	field, m := c.encode(w, c, v, w.element[:0])
	if m != nil {
		return dst, m
	}
	w.element = field
	if field[0] != '"' {
		return append(dst, field...), nil
	}
	dst = append(dst, '"', '"')
	field = field[1 : len(field)-1]
	for i := 0; i < len(field); i++ {
		switch field[i] {
		case '"':
			dst = append(dst, '\\', '"', '"')
			i++ // the second of the pair
		case '\\':
			dst = append(dst, '\\', '\\')
		default:
			dst = append(dst, field[i])
		}
	}
	return append(dst, '"', '"'), nil
}

// inArray is the misfit of an array whose n-th element does not fit. If another type would hold the element, jsonb
// holds the array; no array type becomes another one, see [Convert].
func (m *misfit) inArray(n int) *misfit {
	out := &misfit{reason: "in element " + strconv.Itoa(n) + ", " + m.reason, size: m.size}
	if m.widen != nil {
		out.widen = &JSONB
	}
	return out
}
