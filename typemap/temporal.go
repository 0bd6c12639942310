package typemap

import (
	"bytes"

	"target-postgres/internal/jsonscan"
)

// The encoders of dates and times. PostgreSQL rounds a fraction of a second to the column's precision, six digits at
// most, and so do we where we compute. All that is written means the same under every TimeZone and DateStyle.

func temporalEncoder(k Kind) encoder {
	switch k {
	case KindDate:
		return encodeDate
	case KindTime:
		return encodeTime
	case KindTimeTZ:
		return encodeTimeTZ
	case KindTimestamp:
		return encodeTimestamp
	}
	return encodeTimestampTZ
}

// temporalText returns the text of a string, or why the value is no date or time. An empty string has no type that
// would hold it better: null would.
func (w *Walker) temporalText(v value, what string) ([]byte, *misfit) {
	if v.kind == jsonscan.KindNumber {
		return nil, &misfit{reason: "the value is a number, not " + what + "; an epoch must be converted at its source", widen: &Text}
	}
	if v.kind != jsonscan.KindString {
		return nil, mismatch(v, what)
	}
	text := w.content(v)
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, &misfit{reason: "the text is empty, not " + what + "; null would say that there is none"}
	}
	return text, nil
}

func unreadable(what string) *misfit {
	return &misfit{reason: "the text is not " + what, widen: &Text}
}

func outOfRange(t Type) *misfit {
	return &misfit{reason: "the date is outside the range of " + t.Name, widen: &Text, size: true}
}

// encodeTimestampTZ writes an instant with its offset. A text without one is in UTC: the server's TimeZone has no
// effect.
func encodeTimestampTZ(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
	text, m := w.temporalText(v, "a date-time")
	if m != nil {
		return dst, m
	}
	return appendTimestampTZ(c, dst, text)
}

func appendTimestampTZ(c *column, dst, text []byte) ([]byte, *misfit) {
	if zone := timestampZone(text); zone > 0 {
		dst = append(append(dst, '"'), text...)
		if zone == len(text) {
			dst = append(dst, "+00"...)
		}
		return append(dst, '"'), nil
	}
	return appendInstant(c, dst, text, "+00")
}

// encodeTimestamp writes the instant's wall time in UTC; Airbyte wants the wall time of the offset that came with it.
func encodeTimestamp(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
	text, m := w.temporalText(v, "a date-time")
	if m != nil {
		return dst, m
	}
	zone := timestampZone(text)
	if zone > 0 && (c.airbyte && !c.Key || zone == len(text) || text[zone] == 'Z') {
		dst = append(append(dst, '"'), text[:zone]...)
		return append(dst, '"'), nil
	}
	return appendInstant(c, dst, text, "")
}

// appendInstant writes a date-time of any spelling in the one that PostgreSQL prints, converted to UTC.
func appendInstant(c *column, dst, text []byte, zone string) ([]byte, *misfit) {
	if word := endless(text); word != "" {
		return append(dst, word...), nil
	}
	m, ok := parseMoment(text)
	if !ok {
		return dst, unreadable("a date-time")
	}
	if c.airbyte && zone == "" {
		if c.Key && m.offset != 0 {
			return dst, &misfit{reason: "the date-time has a zone, which a key without one does not keep", widen: &TimestampTZ}
		}
		m.offset = 0
	}
	second, micros := m.secondOfDay()-m.offset, m.micros()
	if micros == 1e6 {
		second, micros = second+1, 0
	}
	days := m.days() + floorDiv(second, daySeconds)
	second -= floorDiv(second, daySeconds) * daySeconds
	if days < firstDay || days >= endOfTimestamps {
		return dst, outOfRange(c.Type)
	}
	dst, era := appendDate(append(dst, '"'), days)
	dst = appendClock(append(dst, ' '), second)
	if micros > 0 {
		dst = append(dst, '.')
		for least := 100_000; least > 0; least /= 10 {
			dst = append(dst, byte('0'+micros/least%10))
		}
	}
	dst = append(append(dst, zone...), era...)
	return append(dst, '"'), nil
}

// endless returns the two words for the ends of time, quoted for CSV.
func endless(text []byte) string {
	if len(text) > len("-infinity") {
		return ""
	}
	switch string(bytes.ToLower(text)) {
	case "infinity", "+infinity":
		return `"infinity"`
	case "-infinity":
		return `"-infinity"`
	}
	return ""
}

// encodeDate writes a date. A date-time is one when it is midnight in UTC or has no offset; Airbyte takes the date of
// any.
func encodeDate(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
	text, bad := w.temporalText(v, "a date")
	if bad != nil {
		return dst, bad
	}
	if len(text) == 10 && isDate(text) {
		dst = append(append(dst, '"'), text...)
		return append(dst, '"'), nil
	}
	if word := endless(text); word != "" {
		return append(dst, word...), nil
	}
	m, ok := parseMoment(text)
	switch {
	case !ok:
		return dst, unreadable("a date")
	case !m.midnight() && (c.Key || !c.airbyte):
		return dst, &misfit{reason: "the value has a time of day, which a date does not keep", widen: &TimestampTZ}
	}
	days := m.days()
	if days < firstDay || days >= endOfDates {
		return dst, outOfRange(c.Type)
	}
	dst, era := appendDate(append(dst, '"'), days)
	return append(append(dst, era...), '"'), nil
}
