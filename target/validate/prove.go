package validate

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"target-postgres/internal/jsonscan"
)

// deepest is how many schemas and values within each other are looked into before the library is left to decide.
const deepest = 64

// proves reports whether a text is a JSON value that certainly meets the schema.
func (p *prover) proves(text []byte) bool {
	start := jsonscan.Space(text, 0)
	value, err := jsonscan.Scan(text, start)
	return err == nil && jsonscan.Space(text, value.End) == len(text) && p.value(text[:value.End], start, value, 0)
}

// value is proves for the value that starts at b[i] and ends with b.
func (p *prover) value(b []byte, i int, value jsonscan.Token, depth int) bool {
	if p.never || depth > deepest || !p.types.has(value) || value.Traits&jsonscan.Special != 0 {
		return false
	}
	if p.equal != nil && !p.allowed(b[i:], value) {
		return false
	}
	switch value.Kind {
	case jsonscan.KindString:
		if !p.text(b[i:], value) {
			return false
		}
	case jsonscan.KindNumber:
		if !p.number(b[i:], value) {
			return false
		}
	case jsonscan.KindArray:
		if !p.array(b, i, depth) {
			return false
		}
	case jsonscan.KindObject:
		if !p.object(b, i, depth) {
			return false
		}
	case jsonscan.KindInvalid, jsonscan.KindNull, jsonscan.KindTrue, jsonscan.KindFalse:
	}
	return p.combined(b, i, value, depth)
}

// combined asks the schemas that apply to the same value.
func (p *prover) combined(b []byte, i int, value jsonscan.Token, depth int) bool {
	for _, one := range p.all {
		if !one.value(b, i, value, depth+1) {
			return false
		}
	}
	for _, list := range p.oneOf {
		met := false
		for _, one := range list {
			if met = one.value(b, i, value, depth+1); met {
				break
			}
		}
		if !met {
			return false
		}
	}
	return true
}

// allowed reports whether the value is spelled as one of those that enum or const have.
func (p *prover) allowed(text []byte, value jsonscan.Token) bool {
	if value.Traits&jsonscan.Escaped != 0 || !utf8.Valid(text) {
		return false
	}
	return slices.Contains(p.equal, string(text))
}

// text is a string with its quotes.
func (p *prover) text(text []byte, value jsonscan.Token) bool {
	if p.minLength < 0 && p.maxLength < 0 && p.pattern == nil && p.format == nil {
		return true
	}
	plain := text[1 : len(text)-1]
	if value.Traits&jsonscan.Escaped != 0 || !utf8.Valid(plain) {
		return false
	}
	if p.minLength >= 0 || p.maxLength >= 0 {
		length := utf8.RuneCount(plain)
		if p.minLength >= 0 && length < p.minLength || p.maxLength >= 0 && length > p.maxLength {
			return false
		}
	}
	return (p.pattern == nil || p.pattern.Match(plain)) && (p.format == nil || p.format(string(plain)))
}

// mostDigits is how many digits a whole number may have that a float64 holds exactly.
const mostDigits = 15

func (p *prover) number(text []byte, value jsonscan.Token) bool {
	if len(p.bounds) == 0 && !p.multiple.asked {
		return true
	}
	near, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return false
	}
	exact := value.Traits&(jsonscan.Fraction|jsonscan.Exponent) == 0 && len(text) <= mostDigits
	for _, limit := range p.bounds {
		if !limit.holds(near, exact) {
			return false
		}
	}
	return !p.multiple.asked || p.multiple.of(text, value)
}

// holds reports whether a number is within the bound. Of two numbers the nearest float64 to the smaller one is never
// above that of the larger one, so that a difference of these proves one of those.
func (l bound) holds(near float64, exact bool) bool {
	if l.upper && near < l.limit || !l.upper && near > l.limit {
		return true
	}
	return l.within && exact && l.exact && near == l.limit
}

// of reports whether a number is proved to be a multiple.
func (m multiple) of(text []byte, value jsonscan.Token) bool {
	if value.Traits&jsonscan.Exponent != 0 {
		return false
	}
	if value.Traits&jsonscan.Fraction == 0 {
		if m.places >= 0 {
			return true
		}
		n, err := strconv.ParseInt(string(text), 10, 64)
		return err == nil && m.whole > 0 && n%m.whole == 0
	}
	point := 0
	for text[point] != '.' {
		point++
	}
	return m.places >= len(text)-point-1
}

// array looks at the items of the array that starts at b[i].
func (p *prover) array(b []byte, i, depth int) bool {
	if p.items == nil && p.minItems < 0 && p.maxItems < 0 && !p.unique {
		return true
	}
	n := 0
	for i = jsonscan.Space(b, i+1); b[i] != ']'; n++ {
		item, err := jsonscan.Scan(b, i)
		if err != nil || p.items != nil && !p.items.value(b[:item.End], i, item, depth+1) {
			return false
		}
		if i = jsonscan.Space(b, item.End); b[i] == ',' {
			i = jsonscan.Space(b, i+1)
		}
	}
	return (p.minItems < 0 || n >= p.minItems) && (p.maxItems < 0 || n <= p.maxItems) && (!p.unique || n < 2)
}

// object looks at the members of the object that starts at b[i]. One that has a name twice counts with both values
// here: the library takes the last one.
func (p *prover) object(b []byte, i, depth int) bool {
	var seen [mostRequired / 64]uint64
	found, n := 0, 0
	for i = jsonscan.Space(b, i+1); b[i] != '}'; n++ {
		end, escaped, err := jsonscan.String(b, i)
		if err != nil || escaped {
			return false
		}
		name := b[i+1 : end-1]
		if i, err = jsonscan.Colon(b, end); err != nil {
			return false
		}
		i = jsonscan.Space(b, i)
		value, err := jsonscan.Scan(b, i)
		if err != nil {
			return false
		}
		m, known := p.members[string(name)]
		if !known && (p.closed || !utf8.Valid(name)) {
			return false
		}
		checked := m.value
		if !known {
			checked = p.others
		}
		if checked != nil && !checked.value(b[:value.End], i, value, depth+1) {
			return false
		}
		if known && m.bit >= 0 && seen[m.bit/64]&(1<<(m.bit%64)) == 0 {
			seen[m.bit/64] |= 1 << (m.bit % 64)
			found++
		}
		if i = jsonscan.Space(b, value.End); b[i] == ',' {
			i = jsonscan.Space(b, i+1)
		}
	}
	// A name that comes twice is one member only: no more than one is proved to be there.
	return found == p.required && (p.minProperties < 0 || min(n, 1) >= p.minProperties) && (p.maxProperties < 0 || n <= p.maxProperties)
}
