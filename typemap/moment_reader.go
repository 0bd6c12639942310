package typemap

import "strings"

// reader is the lenient parser's place in a text.
type reader struct {
	s []byte
	i int
}

// peek returns the next byte, 0 at the end.
func (r *reader) peek() byte {
	if r.i < len(r.s) {
		return r.s[r.i]
	}
	return 0
}

func (r *reader) accept(c byte) bool {
	ok := r.peek() == c && c != 0
	if ok {
		r.i++
	}
	return ok
}

func (r *reader) spaces() {
	for r.accept(' ') {
	}
}

func digit(c byte) bool { return c-'0' <= 9 }

// digits reads between least and most digits.
func (r *reader) digits(least, most int) (n int, ok bool) {
	first := r.i
	for digit(r.peek()) && r.i-first < most {
		n = 10*n + int(r.s[r.i]-'0')
		r.i++
	}
	return n, r.i-first >= least
}

// date reads year, month and day, or eight digits YYYYMMDD.
func (r *reader) date(m *moment) (ok bool) {
	negative := r.accept('-')
	signed := negative || r.accept('+')
	first := r.i
	if m.year, ok = r.digits(4, 8); !ok {
		return false
	}
	if !signed && r.i-first == 8 {
		m.month, m.day, m.year = m.year/100%100, m.year%100, m.year/10000
		return m.month >= 1 && m.month <= 12 && m.day > 0 && !digit(r.peek())
	}
	if negative {
		m.year = -m.year
	}
	separator := r.peek()
	if strings.IndexByte("-/. ", separator) < 0 || !r.accept(separator) {
		return false
	}
	if m.month, ok = r.month(); !ok || !r.accept(separator) {
		return false
	}
	m.day, ok = r.digits(1, 2)
	return ok && m.day > 0 && !digit(r.peek())
}

// month reads one or two digits or an English name's first three letters.
func (r *reader) month() (n int, ok bool) {
	if digit(r.peek()) {
		n, _ = r.digits(1, 2)
		return n, n >= 1 && n <= 12
	}
	if len(r.s)-r.i < 3 {
		return 0, false
	}
	at := strings.Index("janfebmaraprmayjunjulaugsepoctnovdec", strings.ToLower(string(r.s[r.i:r.i+3])))
	r.i += 3
	return at/3 + 1, at >= 0 && at%3 == 0
}

// clock reads HH[:MM[:SS[.f]]] and, as after a compact date, HHMM[SS[.f]].
func (r *reader) clock(m *moment) (ok bool) {
	if m.hour, ok = r.digits(1, 2); !ok {
		return false
	}
	colons := r.accept(':')
	if (colons || digit(r.peek())) && !r.minute(m, colons) {
		return false
	}
	if m.hour >= 24 {
		return m.hour == 24 && m.minute == 0 && m.second == 0 && m.micros() == 0
	}
	return !digit(r.peek())
}

// minute reads MM and what follows it, with or without colons in between.
func (r *reader) minute(m *moment, colons bool) (ok bool) {
	if m.minute, ok = r.digits(2, 2); !ok || m.minute > 59 {
		return false
	}
	if colons && !r.accept(':') || !colons && !digit(r.peek()) {
		return true
	}
	if m.second, ok = r.digits(2, 2); !ok || m.second > 60 {
		return false
	}
	if !r.accept('.') && !r.accept(',') {
		return true
	}
	first := r.i
	for digit(r.peek()) {
		r.i++
	}
	m.fraction = r.s[first:r.i]
	return len(m.fraction) > 0
}
