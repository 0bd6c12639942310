package typemap

// Widening is what must happen to a column so that it also holds another type's values.
type Widening struct {
	// From is the type the column has, To the one it needs. They are equal when the column already holds everything.
	From, To Type
	// Using is the expression for ALTER TABLE … ALTER COLUMN … TYPE … USING, with one %s for the quoted column. It is
	// "" where PostgreSQL's own assignment cast is right. It gives the same values under every TimeZone and DateStyle.
	// Only floating point needs a setting: the extra_float_digits of 1 that the server has by default.
	Using string
	// Rewrites says that PostgreSQL writes the whole table anew.
	Rewrites bool
	// FreeInUTC says that, in a session whose TimeZone is UTC, the same change needs neither Using nor a rewrite.
	FreeInUTC bool
}

// Change reports whether there is anything to do.
func (w Widening) Change() bool { return !w.From.Equal(w.To) }

// Widen returns how a column of type have comes to hold every value of type want as well, without changing one of those
// it has: the least type that holds both, reached in the cheapest way PostgreSQL has. ok is false when there is no such
// type, which happens only for a want of a kind that no schema asks for.
//
// The order behind it, where each type holds those to its left:
//
//	smallint < integer < bigint < numeric(19+s,s) < numeric
//	smallint < real < double precision < numeric      integer < double precision
//	date < timestamp < timestamp with time zone       time < time with time zone
//	char(n) < varchar(n) < varchar(n+m) < text        everything else < text
//
// numeric and the temporal types grow in precision likewise. Types without a common type on one of these lines meet in
// text, and with jsonb in jsonb. testdata/joins.txt shows every pair.
//
// text and jsonb hold everything, the one as its text and the other as JSON, so neither ever becomes the other. A
// column whose kind is [KindOther] or [KindArray] stays as it is: the server converts what fits, and what does not fit
// is a value's error and not the schema's. (See [Convert] for that.)
//
// A value that is there already but outside the new type's range, such as a date after the year 294276 or infinity in a
// numeric before PostgreSQL 14, makes the ALTER fail. It is never changed.
func Widen(have, want Type) (w Widening, ok bool) {
	if have.keeps() || have.holds(want) {
		return Widening{From: have, To: have}, true
	}
	if want.Kind == KindOther {
		return Widening{}, false
	}
	to := join(have, want)
	if have.Kind == KindText && to.Kind != KindText {
		to = Text // as good as jsonb, and cheaper
	}
	return Convert(have, to)
}

// keeps reports whether no schema changes a column of type t.
func (t Type) keeps() bool { return t.Kind == KindOther || t.Kind == KindArray }

// Convert returns the way from one type to another that holds it, for a caller who knows that a value did not fit: an
// array column to jsonb, an enum to text, text to jsonb. ok is false when to does not hold every value of from.
func Convert(from, to Type) (w Widening, ok bool) {
	w = Widening{From: from, To: to}
	switch {
	case from.Equal(to):
		return w, true
	case to.Kind == KindText && from.Kind == KindText:
		w.Rewrites = from.Padded() || to.Padded()
	case to.Kind == KindText:
		w.Using, w.Rewrites = asText(from.Kind), true
	case to.Kind == KindJSON || to.Kind == KindJSONB:
		w.Using, w.Rewrites = asJSON(from.Kind, to.Kind), true
	case to.Kind == from.Kind:
		w.Rewrites = to.rewritesSame(from)
	default:
		s, _ := stepBetween(from.Kind, to.Kind)
		w.Using, w.Rewrites = s.using, true
		w.FreeInUTC = s.freeInUTC && to.Fraction() == maxFraction
	}
	return w, to.holds(from)
}

// rewritesSame reports whether a column must be rewritten to change from a type of the same kind with other modifiers.
// More digits are free, except that another scale is another way to store each number.
func (t Type) rewritesSame(from Type) bool {
	_, to, limited := t.NumericLimits()
	_, have, _ := from.NumericLimits()
	return limited && to != have
}
