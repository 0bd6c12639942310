package typemap

import "target-postgres/internal/jsonscan"

// encodeJSON writes a value as its own JSON, with its white space, key order and digits. The column's type decides
// which of them are stored.
func encodeJSON(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
	if c.Type.Kind == KindJSONB && v.traits&(jsonscan.Exponent|jsonscan.Long) != 0 && !numbersFit(v.raw) {
		return dst, &misfit{reason: "a number has more digits than jsonb can hold", size: true}
	}
	return w.appendJSON(dst, v), nil
}

// encodeContainer takes objects or arrays only, as Airbyte does: a string with JSON in it is neither.
func encodeContainer(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
	wanted := jsonscan.KindObject
	if c.Container == "array" {
		wanted = jsonscan.KindArray
	}
	if v.kind != wanted {
		return dst, mismatch(v, "an "+c.Container)
	}
	return encodeJSON(w, c, v, dst)
}

// appendJSON appends a value's JSON text as a CSV field in quotes.
func (w *Walker) appendJSON(dst []byte, v value) []byte {
	from := len(dst)
	if v.traits&jsonscan.Special != 0 {
		var n int
		w.strict, n = jsonscan.AppendStrict(w.strict[:0], v.raw, "null")
		w.special += n
		v.raw = w.strict
	}
	dst = appendQuoted(dst, v.raw)
	if v.traits&jsonscan.Unicode != 0 {
		w.replaced += jsonscan.Storable(dst[from:])
	}
	return dst
}

// numbersFit reports whether every number in valid JSON is one that numeric,
// and so jsonb, can hold.
func numbersFit(raw []byte) bool {
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c == '"':
			i, _, _ = jsonscan.String(raw, i)
		case c == '-' || c-'0' <= 9:
			t, _ := jsonscan.Scan(raw, i)
			if t.Traits&(jsonscan.Exponent|jsonscan.Long) != 0 {
				if d, _ := parseNumber(raw[i:t.End]); !d.storable() {
					return false
				}
			}
			i = t.End
		default:
			i++
		}
	}
	return true
}
