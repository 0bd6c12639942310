package typemap

import (
	"strconv"
	"strings"
)

// splitModifier separates a type name from what stands in its parentheses, which for the temporal types is in the
// middle of the name: "timestamp(3) with time zone" gives "timestamp with time zone" and "3". A quoted or qualified
// name is returned whole: its modifiers mean nothing here.
func splitModifier(name string) (base, modifier string) {
	if strings.ContainsAny(name, `".`) {
		return name, ""
	}
	before, rest, ok := strings.Cut(name, "(")
	if !ok {
		return name, ""
	}
	modifier, after, ok := strings.Cut(rest, ")")
	if !ok {
		return name, ""
	}
	return before + after, modifier
}

// Length returns the n of varchar(n) and char(n), counted in characters.
// ok is false for text, for varchar without a length and for other kinds.
func (t Type) Length() (n int, ok bool) {
	if t.Kind != KindText {
		return 0, false
	}
	base, modifier := splitModifier(t.Name)
	if base == "character" && modifier == "" {
		return 1, true
	}
	n, err := strconv.Atoi(modifier)
	return n, err == nil
}

// octets is how many bytes a value of the server's own types for names has at most, 0 for other types. The server
// silently cuts off the rest.
func (t Type) octets() int {
	switch t.Name {
	case "name":
		return 63
	case `"char"`:
		return 1
	}
	return 0
}

// Padded reports whether t is char(n), which pads its values with blanks and ignores them when it compares.
func (t Type) Padded() bool {
	if t.Kind != KindText {
		return false
	}
	base, _ := splitModifier(t.Name)
	return base == "character"
}

// NumericLimits returns precision and scale of numeric(p,s). ok is false for a numeric without limits and for other
// kinds. The scale may be negative or pass the precision on PostgreSQL 15 and later.
func (t Type) NumericLimits() (precision, scale int, ok bool) {
	if t.Kind != KindNumeric {
		return 0, 0, false
	}
	_, modifier := splitModifier(t.Name)
	p, s, ok := strings.Cut(modifier, ",")
	if !ok {
		s = "0" // numeric(p) is numeric(p,0)
	}
	precision, errP := strconv.Atoi(p)
	scale, errS := strconv.Atoi(s)
	return precision, scale, errP == nil && errS == nil
}

// Fraction returns how many digits of a second the temporal type t keeps:
// 6 unless its name says otherwise, 0 for kinds without a fraction.
func (t Type) Fraction() int {
	switch t.Kind {
	case KindTime, KindTimeTZ, KindTimestamp, KindTimestampTZ:
		if _, modifier := splitModifier(t.Name); modifier != "" {
			if n, err := strconv.Atoi(modifier); err == nil {
				return n
			}
		}
		return 6
	}
	return 0
}
