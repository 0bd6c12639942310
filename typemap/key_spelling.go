package typemap

import (
	"bytes"

	"target-postgres/internal/jsonscan"
)

// chooseSpelling is for a key of Airbyte's that is a date or time by the schema, in a column that became text because
// one value is none. PostgreSQL wrote the older keys in one spelling when the type changed (see [Convert]). A date or
// time is written in that spelling, so that a key finds its row.
func (c *column) chooseSpelling() {
	if !c.airbyte || c.length > 0 || !c.Want.temporal() {
		return
	}
	typed := column{Column: c.Column, airbyte: true}
	typed.Type = c.Want
	typed.encode = temporalEncoder(c.Want.Kind)
	typed.chooseKey()
	c.copyKinds = 0
	c.encode = func(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
		if v.kind != jsonscan.KindString {
			// As text it could equal a string.
			return dst, &misfit{reason: "the value is not a string"}
		}
		from := len(dst)
		if out, m := typed.encode(w, &typed, v, dst); m == nil {
			return respell(out, from, c.Want.Kind), nil
		}
		return encodeText(w, c, v, dst[:from])
	}
}

// respell turns the CSV field dst[from:], which a temporal encoder wrote, into the text that PostgreSQL makes of a
// column of that kind.
func respell(dst []byte, from int, k Kind) []byte {
	field := bytes.Trim(dst[from:], `"`)
	if endless(field) != "" || k == KindDate {
		return dst
	}
	var m moment
	var ok bool
	out := []byte{'"'}
	era := ""
	if k == KindTime || k == KindTimeTZ {
		m, ok = parseClock(field)
		out = appendClock(out, m.secondOfDay())
	} else {
		m, ok = parseMoment(field)
		days, second := m.days(), m.secondOfDay()-m.offset
		days += floorDiv(second, daySeconds)
		second -= floorDiv(second, daySeconds) * daySeconds
		out, era = appendDate(out, days)
		out = appendClock(append(out, 'T'), second)
	}
	if !ok {
		return dst
	}
	if fraction := bytes.TrimRight(m.fraction, "0"); len(fraction) > 0 {
		out = append(append(out, '.'), fraction...)
	}
	switch k {
	case KindTimestampTZ:
		out = append(out, "+00:00"...)
	case KindTimeTZ:
		from := len(out)
		if out = appendOffset(out, m.offset); len(out) == from+len("+00") {
			out = append(out, ":00"...)
		}
	}
	out = append(append(out, era...), '"')
	return append(dst[:from], out...)
}

func (t Type) temporal() bool {
	switch t.Kind {
	case KindDate, KindTime, KindTimeTZ, KindTimestamp, KindTimestampTZ:
		return true
	}
	return false
}
