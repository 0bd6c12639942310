package typemap

// jsonTypes is a set of JSON Schema's types. "number" is two bits, since it admits integers.
type jsonTypes uint8

const (
	typeNull jsonTypes = 1 << iota
	typeBoolean
	typeInteger
	typeFraction
	typeString
	typeObject
	typeArray

	typeNumber = typeInteger | typeFraction
	typeAny    = typeNull | typeBoolean | typeNumber | typeString | typeObject | typeArray
)

// forms is a set of the ways in which a schema says that strings, or numbers,
// are written.
type forms uint16

const (
	formPlain forms = 1 << iota
	formEnum        // one of the strings that the schema lists
	formDate
	formTime
	formTimeTZ
	formTimestamp
	formTimestampTZ
	formUUID
	formDecimal
	formBase64
	formBase16
)

// reach says how far integers go on one side of zero. The order matters: the larger one is what a union of schemas
// reaches.
type reach uint8

const (
	reachInt64  reach = iota // a bound keeps them within int64
	reachOpen                // nothing is said, which is taken for int64
	reachBeyond              // the bound lies outside int64
)

// shape is what a schema admits, as far as it matters to a column. It may admit more than the schema does, never less.
type shape struct {
	types     jsonTypes
	text      forms   // of strings; empty without typeString
	number    forms   // of numbers: formPlain, formDecimal; empty without them
	decimal   decimal // limits of formDecimal
	low, high reach   // of integers
}

// anyShape is the shape of the empty schema.
func anyShape() shape {
	return shape{types: typeAny, text: formPlain, number: formPlain, low: reachOpen, high: reachOpen}
}

// union returns what s or t admits.
func (s shape) union(t shape) shape {
	s, t = s.tidy(), t.tidy()
	return shape{
		types:   s.types | t.types,
		text:    s.text | t.text,
		number:  s.number | t.number,
		decimal: s.eitherDecimal(t),
		low:     max(s.low, t.low),
		high:    max(s.high, t.high),
	}
}

// intersection returns what s and t both admit, or more.
func (s shape) intersection(t shape) shape {
	return shape{
		types:   s.types & t.types,
		text:    bothForms(s.text, t.text),
		number:  bothForms(s.number, t.number),
		decimal: s.eitherDecimal(t),
		low:     bothReach(s.low, t.low),
		high:    bothReach(s.high, t.high),
	}.tidy()
}

// tidy drops what is said about types that s does not admit, so that a branch for strings cannot widen the bounds of a
// branch for integers.
func (s shape) tidy() shape {
	if s.types&typeString == 0 {
		s.text = 0
	}
	if s.types&typeNumber == 0 {
		s.number = 0
	}
	if s.types&typeInteger == 0 {
		s.low, s.high = reachInt64, reachInt64
	}
	return s
}

// bothForms returns the forms of strings that fit both a and b. Two formats at once contradict each other, so neither
// is relied upon.
func bothForms(a, b forms) forms {
	switch {
	case a&formPlain != 0:
		return b
	case b&formPlain != 0:
		return a
	case a&b != 0:
		return a & b
	}
	return formPlain
}

// bothReach returns how far integers go under two bounds: if one of them is within int64, the result is.
func bothReach(a, b reach) reach {
	if a == reachInt64 || b == reachInt64 {
		return reachInt64
	}
	return max(a, b)
}

func (s shape) hasDecimal() bool { return (s.text|s.number)&formDecimal != 0 }

func (s shape) eitherDecimal(t shape) decimal {
	switch {
	case !s.hasDecimal():
		return t.decimal
	case !t.hasDecimal():
		return s.decimal
	}
	return s.decimal.join(t.decimal)
}
