package typemap

import (
	"bytes"
	"math"
	"strconv"
	"strings"
)

// moment is a date, a time of day or both, as read from text. Its fields are in range, except that second is 60 for a
// leap second and hour 24 for the end of a day.
type moment struct {
	year, month, day     int // astronomical year
	hour, minute, second int
	fraction             []byte // digits of a second
	offset               int    // seconds east of Greenwich
	hasZone              bool
}

// parseMoment reads dates and date-times leniently: the separators - / . and space, one-digit months, month names, no
// seconds, a comma before the fraction, 24:00, zones in every ISO form, two zones (pipelinewise taps append +00:00 to
// what has an offset already), years past 9999 and before 1, with a sign or an era. It does not read an ambiguous date,
// such as 01/02/2020, nor words whose meaning depends on the day, such as "now".
func parseMoment(s []byte) (m moment, ok bool) {
	s, era := cutEra(bytes.TrimSpace(s))
	r := reader{s: s}
	if !r.date(&m) {
		return m, false
	}
	if c := r.peek(); c == 'T' || c == 't' || c == ' ' {
		r.i++
		r.spaces()
		if digit(r.peek()) {
			if !r.clock(&m) {
				return m, false
			}
		} else if c != ' ' {
			return m, false
		}
	}
	if !r.zones(&m) || r.i != len(s) {
		return m, false
	}
	if era != "" && m.year < 1 {
		return m, false
	}
	if era == "BC" {
		m.year = 1 - m.year
	}
	return m, m.day <= daysIn(m.year, m.month)
}

// parseClock reads a time of day with or without a zone. A time without colons has at most one zone: 2020-01-01 is a
// date, not 20:20 with the zone -01 twice.
func parseClock(s []byte) (m moment, ok bool) {
	r := reader{s: bytes.TrimSpace(s)}
	if c := r.peek(); c == 'T' || c == 't' {
		r.i++
	}
	if !r.clock(&m) {
		return m, false
	}
	if bytes.IndexByte(r.s[:r.i], ':') < 0 {
		return m, r.zone(&m.offset, &m.hasZone) && r.i == len(r.s)
	}
	return m, r.zones(&m) && r.i == len(r.s)
}

// cutEra removes a BC or AD at the end.
func cutEra(s []byte) (rest []byte, era string) {
	if len(s) > 3 && s[len(s)-3] == ' ' {
		switch era = strings.ToUpper(string(s[len(s)-2:])); era {
		case "BC", "AD":
			return bytes.TrimSpace(s[:len(s)-3]), era
		}
	}
	return s, ""
}

// days returns the day which the moment's own date names.
func (m moment) days() int { return dayNumber(m.year, m.month, m.day) }

// secondOfDay can be a whole day or, for a leap second, one second more.
func (m moment) secondOfDay() int { return m.hour*3600 + m.minute*60 + m.second }

// micros rounds the fraction as PostgreSQL's input does: as a float, half to even. It can be a whole second.
func (m moment) micros() int {
	if len(m.fraction) <= 6 {
		n := 0
		for i := range 6 {
			n *= 10
			if i < len(m.fraction) {
				n += int(m.fraction[i] - '0')
			}
		}
		return n
	}
	f, err := strconv.ParseFloat("0."+string(m.fraction), 64)
	if err != nil {
		return 0
	}
	return int(math.RoundToEven(f * 1e6))
}

// midnight reports whether the moment is the first instant of its date in UTC, so that a date holds it.
func (m moment) midnight() bool {
	return m.secondOfDay() == 0 && m.offset == 0 && len(bytes.TrimLeft(m.fraction, "0")) == 0
}
