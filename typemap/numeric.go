package typemap

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"target-postgres/internal/jsonscan"
)

var beyondNumeric = &misfit{reason: "the number has more digits than PostgreSQL's numeric can hold", widen: &Text, size: true}

// encodeInteger writes whole numbers in the one form "-12", whether they came as 12, 12.0, 1.2e1 or "12", so that equal
// keys are equal text.
func encodeInteger(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
	n, _, ok := w.number(v)
	if !ok {
		if special(w, v) != "" && !c.airbyte {
			return dst, &misfit{reason: notFinite, widen: &Numeric}
		}
		return dst, mismatch(v, "a whole number")
	}
	if !n.fits() {
		return dst, beyondNumeric
	}
	if _, after := n.extent(); after > 0 {
		return dst, &misfit{reason: "the number is not whole", widen: &Numeric}
	}
	abs, ok := n.integer()
	switch limit := integerLimit(c.Type.Kind); {
	case ok && (abs <= limit || n.negative && abs == limit+1):
		if n.negative && abs > 0 {
			dst = append(dst, '-')
		}
		return strconv.AppendUint(dst, abs, 10), nil
	case ok && (abs <= math.MaxInt64 || n.negative && abs == math.MaxInt64+1):
		return dst, &misfit{reason: "the number is outside the range of " + c.Type.Name, widen: &BigInt, size: true}
	}
	return dst, &misfit{reason: "the number is outside the range of " + c.Type.Name, widen: &Numeric, size: true}
}

func integerKind(k Kind) bool { return k == KindInt2 || k == KindInt4 || k == KindInt8 }

func integerLimit(k Kind) uint64 {
	switch k {
	case KindInt2:
		return math.MaxInt16
	case KindInt4:
		return math.MaxInt32
	}
	return math.MaxInt64
}

// encodeNumeric writes numbers digit for digit, also those past 64 bits.
func encodeNumeric(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
	n, written, ok := w.number(v)
	if !ok {
		word := special(w, v)
		switch {
		case word == "":
			return dst, mismatch(v, "a number")
		case c.limited && word != "NaN":
			return dst, &misfit{reason: "the value is infinite", widen: &Numeric}
		}
		return append(dst, word...), nil
	}
	if !n.fits() {
		return dst, beyondNumeric
	}
	if before, after := n.extent(); c.limited && !n.zero() && (before > c.whole || after > c.scale) {
		return dst, &misfit{reason: "the number has more digits than " + c.Type.Name + " keeps", widen: &Numeric, size: true}
	}
	if !n.storable() || n.zero() && n.exponent != 0 {
		return n.appendPlain(dst), nil // only its superfluous zeros are too many
	}
	return append(dst, written...), nil
}

// special returns how PostgreSQL writes a value that stands for no finite number, a bare word or a string, and "" for
// any other. Numeric holds the infinities from PostgreSQL 14 on; an older server says so itself.
func special(w *Walker, v value) string {
	text := v.raw
	switch {
	case v.kind == jsonscan.KindString && len(v.raw) <= 32:
		text = bytes.TrimSpace(w.content(v))
	case v.traits&jsonscan.Special == 0:
		return ""
	}
	switch strings.ToLower(string(text)) {
	case "nan":
		return "NaN"
	case "infinity", "+infinity", "inf", "+inf":
		return "Infinity"
	case "-infinity", "-inf":
		return "-Infinity"
	}
	return ""
}

// encodeFloat writes numbers as they are, and the server rounds them. A number beyond the column's range is a misfit.
func encodeFloat(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
	n, written, ok := w.number(v)
	if !ok {
		if word := special(w, v); word != "" {
			return append(dst, word...), nil
		}
		return dst, mismatch(v, "a number")
	}
	size := 64
	if c.Type.Kind == KindFloat4 {
		size = 32
	}
	f, err := strconv.ParseFloat(string(written), size)
	wide := &misfit{reason: "the number is outside the range of " + c.Type.Name, widen: &Numeric, size: true}
	if !n.fits() {
		wide.widen = &Text
	}
	if err != nil || f == 0 && !n.zero() {
		return dst, wide
	}
	if c.exact && !n.equals(f) {
		wide.reason = "the number has more digits than " + c.Type.Name + " keeps"
		return dst, wide
	}
	return append(dst, written...), nil
}

// equals reports whether a whole number is exactly f. It returns true for fractions, hardly any of which is exact in
// binary, and for numbers with an exponent, because floats are written so.
func (n number) equals(f float64) bool {
	if _, after := n.extent(); after > 0 || n.zero() || n.exponent != 0 {
		return true
	}
	return string(n.appendPlain(nil)) == strconv.FormatFloat(f, 'f', 0, 64)
}
