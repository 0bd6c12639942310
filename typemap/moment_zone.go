package typemap

import (
	"bytes"
	"strings"
)

// zones reads what follows a time of day: nothing, a zone, or a zone twice. Of two that differ the first counts, and
// the other must be zero. A place in brackets, as Java prints it after the offset, adds nothing.
func (r *reader) zones(m *moment) bool {
	if !r.zone(&m.offset, &m.hasZone) {
		return false
	}
	if !m.hasZone {
		return true
	}
	again, more := 0, false
	if !r.zone(&again, &more) || again != 0 && again != m.offset {
		return false
	}
	if r.accept('[') {
		end := bytes.IndexByte(r.s[r.i:], ']')
		if end < 0 {
			return false
		}
		r.i += end + 1
	}
	return true
}

// zone reads Z, UTC or GMT with or without an offset after it, or an offset alone. found stays false when there is none
// of them.
func (r *reader) zone(offset *int, found *bool) bool {
	start := r.i
	r.spaces()
	if r.accept('Z') || r.accept('z') {
		*found = true
		return true
	}
	if len(r.s)-r.i >= 3 {
		switch strings.ToUpper(string(r.s[r.i : r.i+3])) {
		case "UTC", "GMT":
			*found = true
			r.i += 3
		}
	}
	switch c := r.peek(); c {
	case '+', '-':
		*found = true
		r.i++
		return r.offset(c == '-', offset)
	}
	if !*found {
		r.i = start
	}
	return true
}

// offset reads H, HH, HH:MM, HH:MM:SS, HHMM or HHMMSS, less than a day.
func (r *reader) offset(west bool, seconds *int) bool {
	hours, ok := r.digits(1, 2)
	colons := r.accept(':')
	minutes, secs := 0, 0
	if ok && (colons || digit(r.peek())) {
		minutes, ok = r.digits(2, 2)
		if ok && (colons && r.accept(':') || !colons && digit(r.peek())) {
			secs, ok = r.digits(2, 2)
		}
	}
	*seconds = hours*3600 + minutes*60 + secs
	if west {
		*seconds = -*seconds
	}
	return ok && hours < 24 && minutes < 60 && secs < 60 && !digit(r.peek())
}
