package typemap

import (
	"strings"

	"target-postgres/internal/jsonscan"
)

// encodeBool writes t or f. Besides the two JSON words it takes strings that
// spell them, as CSV-born streams do, but no other word for yes and no: those
// would come back as another text. Airbyte takes no string.
func encodeBool(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
	switch v.kind {
	case jsonscan.KindTrue:
		return append(dst, 't'), nil
	case jsonscan.KindFalse:
		return append(dst, 'f'), nil
	case jsonscan.KindString:
		if c.airbyte {
			break
		}
		switch strings.ToLower(string(w.content(v))) {
		case "true", "t":
			return append(dst, 't'), nil
		case "false", "f":
			return append(dst, 'f'), nil
		}
	}
	return dst, mismatch(v, "true or false")
}
