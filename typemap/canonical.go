package typemap

// The checks of this file recognise the one spelling in which nearly all dates and times come, so that it can be
// copied: RFC 3339 as most libraries print it. A text that they turn down may still be a good value, see parseMoment.

// isDate reports whether s starts with a date YYYY-MM-DD that exists, from year 1 on.
func isDate(s []byte) bool {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return false
	}
	century, year, month, day := two(s, 0), two(s, 2), two(s, 5), two(s, 8)
	if century > 99 || year > 99 || century+year == 0 || month-1 > 11 || day-1 > 30 {
		return false
	}
	return day <= 28 || int(day) <= daysIn(int(100*century+year), int(month))
}

// clockEnd returns the index after a time of day HH:MM:SS[.f] that starts at s[i], 0 when there is none. A leap second
// is none here.
func clockEnd(s []byte, i int) int {
	if len(s) < i+8 || s[i+2] != ':' || s[i+5] != ':' {
		return 0
	}
	if two(s, i) > 23 || two(s, i+3) > 59 || two(s, i+6) > 59 {
		return 0
	}
	if i += 8; i < len(s) && s[i] == '.' {
		first := i + 1
		for i = first; i < len(s) && s[i]-'0' <= 9; i++ {
		}
		if i == first || i > first+9 {
			return 0
		}
	}
	return i
}

// zoneCopies reports whether s is a zone that PostgreSQL reads: Z, ±HH or ±HH:MM, less than sixteen hours from
// Greenwich.
func zoneCopies(s []byte) bool {
	switch {
	case len(s) == 1:
		return s[0] == 'Z'
	case len(s) == 3, len(s) == 6 && s[3] == ':' && two(s, 4) <= 59:
		return (s[0] == '+' || s[0] == '-') && two(s, 1) <= 15
	}
	return false
}

// timestampZone returns the index of the zone in a canonical date-time, len(s) when it has none, and 0 when s is not
// canonical.
func timestampZone(s []byte) int {
	if len(s) < 19 || s[10] != 'T' && s[10] != ' ' || !isDate(s) {
		return 0
	}
	zone := clockEnd(s, 11)
	if zone < len(s) && !zoneCopies(s[zone:]) {
		return 0
	}
	return zone
}

// two reads two digits; the result is above 99 when they are none.
func two(s []byte, i int) uint {
	a, b := uint(s[i])-'0', uint(s[i+1])-'0'
	if a > 9 || b > 9 {
		return 100
	}
	return 10*a + b
}
