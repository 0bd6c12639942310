package typemap

import (
	"bytes"
	"crypto/md5" //nolint:gosec // what a stream map asks for, to tell values apart and not to protect them
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"target-postgres/internal/jsonscan"
)

// Digest is a hash that a column holds instead of a value: lower-case hexadecimal digits of SHA-256 over the value as
// text. NULL stays NULL.
type Digest struct {
	MD5           bool   // of MD5 instead of SHA-256
	Before, After string // text that is hashed before the value and after it
	Whole         bool   // the value is declared as a whole number: 1.0 is hashed as 1
	// Normal hashes equal numbers, objects and lists alike, in any spelling. Number says that the value is declared as
	// a number, so that a text that is one counts as one.
	Normal, Number bool
}

// encodeDigest writes the hash of a value. The column may be one that was there before, of a type that the server reads
// the digits into, or of JSON.
func encodeDigest(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
	d := c.Digest
	w.hashed = append(w.hashed[:0], d.Before...)
	w.hashed = append(w.appendPlainText(w.hashed, v, d), d.After...)
	if c.Key && v.traits&jsonscan.Unicode != 0 {
		w.replaced += jsonscan.Storable(bytes.Clone(v.raw)) // such texts have the hash of those with U+FFFD
	}
	quotes := ""
	if c.Type.Kind == KindJSON || c.Type.Kind == KindJSONB {
		quotes = `"""`
	}
	dst = append(dst, quotes...)
	return append(d.appendSum(dst, w.hashed), quotes...), nil
}

// appendSum appends the digits of a text's hash.
func (d *Digest) appendSum(dst, text []byte) []byte {
	if d.MD5 {
		sum := md5.Sum(text) //nolint:gosec // as above
		return hex.AppendEncode(dst, sum[:])
	}
	sum := sha256.Sum256(text)
	return hex.AppendEncode(dst, sum[:])
}

// JSON returns the hash of a value that is valid JSON, as JSON itself. It is the hash that a column of the digest gets.
func (d *Digest) JSON(raw []byte) []byte {
	t, err := jsonscan.Scan(raw, 0)
	if err != nil || t.Kind == jsonscan.KindNull {
		return []byte("null")
	}
	text := (&Walker{}).appendPlainText([]byte(d.Before), value{raw, t.Kind, t.Traits}, d)
	return append(d.appendSum([]byte{'"'}, append(text, d.After...)), '"')
}

// appendPlainText appends a value as text: a string without quotes and escapes,
// a number without an exponent, and anything else as compact JSON.
func (w *Walker) appendPlainText(dst []byte, v value, d *Digest) []byte {
	if d.Normal && (v.kind == jsonscan.KindNumber || d.Number && v.kind == jsonscan.KindString) {
		if n, _, ok := w.number(v); ok && n.fits() {
			return n.appendPlain(dst)
		}
	}
	switch v.kind {
	case jsonscan.KindString:
		return append(dst, w.content(v)...)
	case jsonscan.KindNumber:
		return appendNumberText(dst, v, d.Whole)
	case jsonscan.KindObject, jsonscan.KindArray:
		if d.Normal {
			return appendNormal(dst, v.raw)
		}
		var compact bytes.Buffer
		if json.Compact(&compact, v.raw) == nil {
			return append(dst, compact.Bytes()...)
		}
	}
	return append(dst, v.raw...)
}

// appendNormal appends JSON in a form that is the same for all its spellings: compact, the members of objects in the
// order of their names, and numbers as they are hashed alone. The form never changes: hashes of it are stored.
func appendNormal(dst, raw []byte) []byte {
	t, err := jsonscan.Scan(raw, 0)
	if err != nil {
		return dst
	}
	switch t.Kind {
	case jsonscan.KindObject:
		dst = append(dst, '{')
		for i, m := range jsonscan.Members(raw, 0) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendNormal(append(appendJSONText(dst, m.Name), ':'), m.Value)
		}
		return append(dst, '}')
	case jsonscan.KindArray:
		dst = append(dst, '[')
		first := true
		jsonscan.EachItem(raw, 0, func(item []byte) {
			if !first {
				dst = append(dst, ',')
			}
			dst, first = appendNormal(dst, item), false
		})
		return append(dst, ']')
	case jsonscan.KindString:
		text, _ := jsonscan.Unquote(nil, raw[:t.End])
		return appendJSONText(dst, text)
	case jsonscan.KindNumber:
		if n, ok := parseNumber(raw[:t.End]); ok && n.fits() {
			return n.appendPlain(dst)
		}
	}
	return append(dst, raw[:t.End]...)
}

// appendJSONText appends a text with quotes, escaped only where JSON needs it.
func appendJSONText(dst, text []byte) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, '"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

// appendNumberText appends a number without its exponent and, if it is declared as a whole number and is one, without
// its fraction.
func appendNumberText(dst []byte, v value, whole bool) []byte {
	if !whole && v.traits&jsonscan.Exponent == 0 || v.traits&jsonscan.Special != 0 {
		return append(dst, v.raw...)
	}
	n, ok := parseNumber(v.raw)
	if !ok || !n.fits() {
		return append(dst, v.raw...)
	}
	if _, after := n.extent(); after > 0 && v.traits&jsonscan.Exponent == 0 {
		return append(dst, v.raw...)
	}
	return n.appendPlain(dst)
}
