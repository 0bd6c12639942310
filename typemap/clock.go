package typemap

// encodeTime writes a time of day without a zone. A zone that comes with it needs timetz; Airbyte drops it.
func encodeTime(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
	text, m := w.temporalText(v, "a time of day")
	if m != nil {
		return dst, m
	}
	if end := clockEnd(text, 0); end > 0 && end == len(text) {
		dst = append(append(dst, '"'), text...)
		return append(dst, '"'), nil
	}
	at, ok := parseClock(text)
	if !ok || !at.inDay() {
		return dst, unreadable("a time of day")
	}
	if at.hasZone && (c.Key || !c.airbyte) {
		return dst, &misfit{reason: "the time of day has a zone, which the column does not keep", widen: &TimeTZ}
	}
	dst = at.appendTime(append(dst, '"'))
	return append(dst, '"'), nil
}

// encodeTimeTZ writes a time of day with its zone, in UTC when it has none.
func encodeTimeTZ(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
	text, m := w.temporalText(v, "a time of day")
	if m != nil {
		return dst, m
	}
	if end := clockEnd(text, 0); end > 0 && end < len(text) && zoneCopies(text[end:]) {
		dst = append(append(dst, '"'), text...)
		return append(dst, '"'), nil
	}
	at, ok := parseClock(text)
	if !ok || !at.inDay() {
		return dst, unreadable("a time of day")
	}
	if at.offset <= -maxOffset || at.offset >= maxOffset {
		return dst, &misfit{reason: "the zone is sixteen hours or more from Greenwich", widen: &Text, size: true}
	}
	dst = at.appendTime(append(dst, '"'))
	dst = appendOffset(dst, at.offset)
	return append(dst, '"'), nil
}

// maxOffset is where PostgreSQL's time zone displacement ends, in seconds.
const maxOffset = 16 * 3600

// inDay reports whether a time of day is at most 24:00:00. The leap second 23:59:60 is.
func (m moment) inDay() bool {
	return m.secondOfDay() < daySeconds || m.secondOfDay() == daySeconds && m.micros() == 0
}

// appendTime writes the clock with its fraction as it came; the server rounds.
func (m moment) appendTime(dst []byte) []byte {
	dst = appendClock(dst, m.secondOfDay())
	if len(m.fraction) > 0 {
		dst = append(append(dst, '.'), m.fraction...)
	}
	return dst
}

func appendOffset(dst []byte, seconds int) []byte {
	sign := byte('+')
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	dst = appendTwo(append(dst, sign), seconds/3600)
	if seconds%3600 == 0 {
		return dst
	}
	dst = appendTwo(append(dst, ':'), seconds/60%60)
	if seconds%60 == 0 {
		return dst
	}
	return appendTwo(append(dst, ':'), seconds%60)
}
