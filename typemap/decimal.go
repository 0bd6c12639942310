package typemap

import (
	"strconv"

	"target-postgres/internal/jsonscan"
)

// maxPrecision is the largest precision that numeric(p,s) takes.
const maxPrecision = 1000

// decimal holds the limits of a numeric: how many digits stand before and after the point. The zero decimal has no
// limits.
type decimal struct {
	limited      bool
	whole, scale int
}

// decimalOf returns the limits of numeric(precision,scale).
func decimalOf(precision, scale int) decimal {
	return decimal{limited: true, whole: precision - scale, scale: scale}
}

// holds reports whether every number of e is one of d.
func (d decimal) holds(e decimal) bool {
	return !d.limited || e.limited && d.whole >= e.whole && d.scale >= e.scale
}

// join returns the narrowest limits that hold the numbers of d and of e.
func (d decimal) join(e decimal) decimal {
	j := decimal{d.limited && e.limited, max(d.whole, e.whole), max(d.scale, e.scale)}
	if !j.limited || j.whole+j.scale > maxPrecision {
		return decimal{}
	}
	return j
}

// columnType returns the numeric type with these limits.
func (d decimal) columnType() Type {
	if !d.limited {
		return Numeric
	}
	return NumericOf(d.whole+d.scale, d.scale)
}

// decimalFormat reads the limits beside "format": "singer.decimal", directly as Meltano's SDK writes them or in an
// object "decimal". Missing limits, and those that PostgreSQL before 15 refuses (a scale that is negative or larger
// than the precision), count as no limits.
func decimalFormat(n *node) decimal {
	if nested := n.get("decimal"); nested != nil && nested.kind == jsonscan.KindObject {
		n = nested
	}
	precision, okP := wholeNumber(n.get("precision"))
	scale, okS := wholeNumber(n.get("scale"))
	if !okP || !okS || precision < 1 || precision > maxPrecision || scale < 0 || scale > precision {
		return decimal{}
	}
	return decimalOf(precision, scale)
}

// wholeNumber reads a small whole number, also one written as 38.0.
func wholeNumber(n *node) (int, bool) {
	if n == nil || n.kind != jsonscan.KindNumber {
		return 0, false
	}
	f, err := strconv.ParseFloat(n.text, 64)
	if err != nil || f != float64(int32(f)) {
		return 0, false
	}
	return int(f), true
}
