package typemap

import (
	"bytes"
	"strconv"

	"target-postgres/internal/jsonscan"
)

// Two keys must not become equal because a column rounds them, drops a part of them or cannot hold them. A value that a
// key column would change is a misfit: the column becomes wider, or the record is refused.

// chooseKey makes the encoder of a key column strict.
func (c *column) chooseKey() {
	if !c.Key {
		return
	}
	typed := c.encode
	switch c.Type.Kind {
	case KindFloat4, KindFloat8:
		c.copyMax = 15 // a double precision gives so many digits back
		if c.Type.Kind == KindFloat4 {
			c.copyMax = 6
		}
		c.encode = func(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
			return keyFloat(w, c, v, dst, typed)
		}
	case KindDate, KindTime, KindTimeTZ, KindTimestamp, KindTimestampTZ:
		c.encode = func(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
			return keyMoment(w, c, v, dst, typed)
		}
	case KindText:
		c.chooseSpelling()
	}
}

// unstorable is the misfit of text in which U+FFFD would have to replace a character.
func unstorable(c *column) *misfit {
	m := &misfit{reason: `the text holds \u0000 or half of a surrogate pair, which PostgreSQL cannot store`}
	if c.Key {
		m.reason += "; in a key nothing is replaced, since two keys could become one"
	}
	return m
}

// keyFloat refuses a number that a float column gives back as another one.
func keyFloat(w *Walker, c *column, v value, dst []byte, typed encoder) ([]byte, *misfit) {
	out, m := typed(w, c, v, dst)
	if m != nil {
		return out, m
	}
	n, written, ok := w.number(v)
	if !ok {
		return out, nil // infinite, or not a number
	}
	size := 64
	if c.Type.Kind == KindFloat4 {
		size = 32
	}
	f, _ := strconv.ParseFloat(string(written), size)
	back, _ := parseNumber(strconv.AppendFloat(nil, f, 'e', -1, size))
	if !n.same(back) {
		return dst, &misfit{reason: "the number has more digits than " + c.Type.Name + " keeps", widen: &Numeric, size: true}
	}
	return out, nil
}

// same reports whether two numbers are equal. Their spellings may differ.
func (n number) same(m number) bool {
	if n.zero() || m.zero() {
		return n.zero() && m.zero()
	}
	before, after := n.extent()
	if b, a := m.extent(); n.negative != m.negative || before != b || after != a {
		return false
	}
	first, end := n.span()
	other, _ := m.span()
	for i := first; i < end; i++ {
		if n.digit(i) != m.digit(other+i-first) {
			return false
		}
	}
	return true
}

// keyMoment refuses a fraction of a second that the column would round. Only a text that is no such moment may widen
// the column to another type.
func keyMoment(w *Walker, c *column, v value, dst []byte, typed encoder) ([]byte, *misfit) {
	out, m := typed(w, c, v, dst)
	if m != nil && v.kind != jsonscan.KindString {
		return out, &misfit{reason: m.reason, size: m.size}
	}
	if m == nil && fractionDigits(w.content(v)) > c.Type.Fraction() {
		return dst, &misfit{reason: "the fraction of a second has more digits than " + c.Type.Name + " keeps", widen: &Text, size: true}
	}
	return out, m
}

// fractionDigits counts the digits of a second's fraction, without the zeros at its end.
func fractionDigits(text []byte) int {
	colon := bytes.LastIndexByte(text, ':')
	point := bytes.IndexAny(text[colon+1:], ".,")
	if colon < 0 || point < 0 {
		// The last colon may be that of the zone.
		zone := bytes.LastIndexAny(text, "+-")
		if colon < 0 || zone < 0 || zone > colon {
			return 0
		}
		return fractionDigits(text[:zone])
	}
	fraction, _ := leadingDigits(text[colon+1+point+1:])
	return len(bytes.TrimRight(fraction, "0"))
}
