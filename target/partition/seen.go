package partition

import (
	"bytes"
	"slices"
	"strings"
	"time"
)

// Seen gathers the periods that rows need which are written as CSV, as COPY reads it. It reads no more of a value than
// it has to: of most rows the day is that of the row before, or another one that was seen.
type Seen struct {
	window Window
	// known are the periods that were seen, in this batch or one before it.
	known map[time.Time]bool
	fresh []Period
	// days are how values begin that need no offset, with their quote; day is that of the last one.
	days map[[dayLength]byte]bool
	day  []byte
}

// mostDays bounds the memory of days.
const mostDays = 4096

// NewSeen gathers the periods of a window.
func NewSeen(window Window) *Seen {
	return &Seen{window: window, known: map[time.Time]bool{}, days: map[[dayLength]byte]bool{}}
}

// Take returns the periods that were added since it was called last, and were not before.
func (s *Seen) Take() []Period {
	fresh := s.fresh
	s.fresh = nil
	return fresh
}

// Fields are where in a line of CSV the values are that Row looks at, and how many fields the line has.
type Fields struct {
	// At is the field of the partition column, Key that of whole numbers that the key begins with, -1 for none.
	At, Key, Of int
}

// Row adds the values of a line of CSV, given without the newline at its end. It reports whether they brought a period
// that was not seen before. keys, which may be nil, gets the number.
func (s *Seen) Row(line []byte, fields Fields, keys *Keys) (first bool) {
	before := len(s.fresh)
	s.add(field(line, fields.At, fields.Of))
	if keys != nil && fields.Key >= 0 {
		keys.add(field(line, fields.Key, fields.Of))
	}
	return len(s.fresh) > before
}

// TimeOf is the time in a line that brought a period, as text.
func TimeOf(line []byte, fields Fields) string {
	return strings.Trim(string(field(line, fields.At, fields.Of)), `"`)
}

// field is the nth field of a line that has so many, looked for from the nearer end. A quote within a field is written
// twice, so that every other one is outside.
func field(line []byte, n, of int) []byte {
	quoted, at := false, 0
	if n < of/2 {
		begin := 0
		for i, c := range line {
			switch {
			case c == '"':
				quoted = !quoted
			case c == ',' && !quoted:
				if at == n {
					return line[begin:i]
				}
				at, begin = at+1, i+1
			}
		}
		return line[begin:]
	}
	end := len(line)
	at = of - 1
	for i, c := range slices.Backward(line) {
		switch {
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			if at == n {
				return line[i+1 : end]
			}
			at, end = at-1, i
		}
	}
	return line[:end]
}

// dayLength is that of a date, quote included.
const dayLength = len(`"2006-01-02`)

// add adds one value, NULL as an empty field.
func (s *Seen) add(field []byte) {
	if len(field) < dayLength+1 || field[0] != '"' {
		return
	}
	text := field[1 : len(field)-1]
	last := text[len(text)-1]
	plain := len(text) == len("2006-01-02") || last == 'Z' || bytes.HasSuffix(text, []byte("+00")) || bytes.HasSuffix(text, []byte("+00:00"))
	plain = plain && !late(text)
	if plain && (bytes.Equal(field[:dayLength], s.day) || s.days[[dayLength]byte(field)]) {
		return
	}
	from, to, ok := instants(text)
	if !ok {
		return
	}
	for _, at := range []time.Time{from, to} {
		if p := s.window.unit.Of(at); s.window.Has(p) && !s.known[p.From] {
			s.known[p.From] = true
			s.fresh = append(s.fresh, p)
		}
	}
	if plain {
		if len(s.days) == mostDays {
			clear(s.days)
		}
		s.days[[dayLength]byte(field)] = true
		s.day = append(s.day[:0], field[:dayLength]...)
	}
}

// late reports whether a time of day may be rounded into the next day, or is 24:00.
func late(text []byte) bool {
	clock := text[len("2006-01-02"):]
	return len(clock) > 8 && (bytes.HasPrefix(clock[1:], []byte("23:59:")) || bytes.HasPrefix(clock[1:], []byte("24")))
}

// instants are an instant and what it may be rounded to. It reports false for one that is in no period: an end of time,
// a year before 1 or after 9999.
func instants(text []byte) (from, to time.Time, ok bool) {
	const date, whole = len("2006-01-02"), len("2006-01-02 15:04:05")
	if len(text) < date || text[4] != '-' || bytes.HasSuffix(text, []byte("BC")) {
		return from, to, false
	}
	day, err := time.Parse("2006-01-02", string(text[:date]))
	if err != nil || len(text) > date && len(text) < whole {
		return from, to, false
	}
	if len(text) == date {
		return day, day, true
	}
	seconds := 3600*two(text[11:]) + 60*two(text[14:]) + two(text[17:])
	rest := text[whole:]
	fraction := 0
	for fraction < len(rest) && (rest[fraction] == '.' || rest[fraction] >= '0' && rest[fraction] <= '9') {
		fraction++
	}
	seconds -= offset(rest[fraction:])
	at := day.Add(time.Duration(seconds) * time.Second)
	if fraction > len(".123456") {
		return at, at.Add(time.Second), true
	}
	return at, at, true
}

// offset is how many seconds east of Greenwich a zone is.
func offset(zone []byte) int {
	if len(zone) < 3 || zone[0] != '+' && zone[0] != '-' {
		return 0
	}
	seconds, digits := 3600*two(zone[1:]), bytes.ReplaceAll(zone[3:], []byte{':'}, nil)
	if len(digits) >= 2 {
		seconds += 60 * two(digits)
	}
	if len(digits) >= 4 {
		seconds += two(digits[2:])
	}
	if zone[0] == '-' {
		return -seconds
	}
	return seconds
}

func two(b []byte) int { return 10*int(b[0]-'0') + int(b[1]-'0') }
