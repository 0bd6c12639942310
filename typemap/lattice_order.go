package typemap

import (
	"math"
	"strconv"
	"strings"
)

// maxFraction is how many digits of a second PostgreSQL's temporal types keep.
const maxFraction = 6

// holdsAnything reports whether t holds every value of every type: as text, or as JSON.
func (t Type) holdsAnything() bool {
	switch t.Kind {
	case KindJSON, KindJSONB:
		return true
	case KindText:
		return t.length() == math.MaxInt
	}
	return false
}

// holds reports whether every value of u is one of t: t is u or above it.
func (t Type) holds(u Type) bool {
	switch {
	case t.Equal(u) || t.holdsAnything():
		return true
	case t.keeps() || u.keeps():
		return false
	case t.Kind == KindText && u.Kind == KindText:
		// Only another char(n) reads a text that char(n) pads as it was.
		return t.length() >= u.length() && (u.Padded() || !t.Padded())
	case t.Kind != u.Kind && !isStep(u.Kind, t.Kind):
		return false
	}
	return t.limits().holds(u.limits()) && t.Fraction() >= u.Fraction()
}

// join returns the least type that holds both t and u.
func join(t, u Type) Type {
	switch {
	case t.holds(u):
		return t
	case u.holds(t):
		return u
	case t.Kind == KindText && u.Kind == KindText:
		// char(n) and a shorter varchar(m): anything else is in order.
		return Type{Name: "character varying(" + strconv.Itoa(max(t.length(), u.length())) + ")", Kind: KindText}
	case t.Kind == KindArray || u.Kind == KindArray:
		return JSONB
	}
	switch kind := meet(t.Kind, u.Kind); kind {
	case KindNumeric:
		return t.limits().join(u.limits()).columnType()
	case KindTimeTZ, KindTimestampTZ:
		return zonedType(kind, max(t.Fraction(), u.Fraction()))
	case KindFloat8:
		return Double
	}
	return Text
}

// meet returns the kind in which two kinds come together.
func meet(a, b Kind) Kind {
	if a == b || isStep(a, b) {
		return b
	}
	if isStep(b, a) {
		return a
	}
	for _, k := range meetingKinds {
		if isStep(a, k) && isStep(b, k) {
			return k
		}
	}
	return KindText
}

func isStep(from, to Kind) bool {
	_, ok := stepBetween(from, to)
	return ok
}

// limits returns how many digits the numbers of t have, none for types without a limit or without digits.
func (t Type) limits() decimal {
	switch t.Kind {
	case KindInt2:
		return decimalOf(len("32768"), 0)
	case KindInt4:
		return decimalOf(len("2147483648"), 0)
	case KindInt8:
		return decimalOf(len("9223372036854775808"), 0)
	}
	if precision, scale, ok := t.NumericLimits(); ok {
		return decimalOf(precision, scale)
	}
	return decimal{}
}

// length is [Type.Length] for comparing: without a limit it is the largest int.
func (t Type) length() int {
	if n, ok := t.Length(); ok {
		return n
	}
	return math.MaxInt
}

// zonedType returns the type with a time zone of the kind k that keeps fraction digits of a second. (Without a zone,
// one of two types always holds the other.)
func zonedType(k Kind, fraction int) Type {
	t := TimestampTZ
	if k == KindTimeTZ {
		t = TimeTZ
	}
	if fraction < maxFraction {
		word, rest, _ := strings.Cut(t.Name, " ")
		t.Name = word + "(" + strconv.Itoa(fraction) + ") " + rest
	}
	return t
}
