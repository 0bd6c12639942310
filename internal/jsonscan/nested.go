package jsonscan

// levels remembers, for every open bracket, whether it is that of an object:
// one bit a level.
type levels struct {
	depth int
	bits  [8]uint64
	deep  []uint64 // past the 512 levels that bits can hold
}

func (l *levels) push(object bool) {
	word, bit := l.word(l.depth)
	if object {
		*word |= bit
	} else {
		*word &^= bit
	}
	l.depth++
}

// object reports whether the innermost open bracket is that of an object.
func (l *levels) object() bool {
	word, bit := l.word(l.depth - 1)
	return *word&bit != 0
}

func (l *levels) word(level int) (word *uint64, bit uint64) {
	i := level / 64
	bit = 1 << (level % 64)
	if i < len(l.bits) {
		return &l.bits[i], bit
	}
	i -= len(l.bits)
	if i == len(l.deep) {
		l.deep = append(l.deep, 0)
	}
	return &l.deep[i], bit
}

// scanNested validates the object or array at b[i].
func scanNested(b []byte, i int) (end int, traits Traits, err error) {
	var open levels
	for {
		var t Traits
		if i, t, err = scanDown(b, i, &open); err != nil {
			return 0, 0, err
		}
		traits |= t
		if i, t, err = scanUp(b, i, &open); err != nil {
			return 0, 0, err
		}
		traits |= t
		if open.depth == 0 {
			return i, traits, nil
		}
	}
}

// scanDown goes from the start of a value to its end if it is a scalar or empty, else to the end of the first such
// value inside it, opening levels.
func scanDown(b []byte, i int, open *levels) (end int, traits Traits, err error) {
	for {
		if i = Space(b, i); i >= len(b) {
			return 0, 0, truncated(b)
		}
		c := b[i]
		if c != '{' && c != '[' {
			t, err := Scan(b, i)
			return t.End, traits | t.Traits, err
		}
		if i = Space(b, i+1); i < len(b) && b[i] == c+2 { // '{'+2 is '}', '['+2 is ']'
			return i + 1, traits, nil
		}
		open.push(c == '{')
		if c == '{' {
			var t Traits
			if i, t, err = scanKey(b, i); err != nil {
				return 0, 0, err
			}
			traits |= t
		}
	}
}

// scanUp goes from the end of a value to the start of the next one, closing the levels that end there; none is left
// open after the last.
func scanUp(b []byte, i int, open *levels) (next int, traits Traits, err error) {
	for open.depth > 0 {
		if i = Space(b, i); i >= len(b) {
			return 0, 0, truncated(b)
		}
		object := open.object()
		switch c := b[i]; {
		case c == ',' && object:
			return scanKey(b, i+1)
		case c == ',':
			return i + 1, 0, nil
		case c == '}' && object, c == ']' && !object:
			open.depth--
			i++
		default:
			return 0, 0, &SyntaxError{Offset: i, Reason: "a comma or closing bracket was expected"}
		}
	}
	return i, 0, nil
}

// scanKey validates an object's key and the colon after it.
func scanKey(b []byte, i int) (next int, traits Traits, err error) {
	if i = Space(b, i); i >= len(b) {
		return 0, 0, truncated(b)
	}
	if b[i] != '"' {
		return 0, 0, &SyntaxError{Offset: i, Reason: "a key in quotes was expected"}
	}
	if i, traits, err = scanString(b, i); err != nil {
		return 0, 0, err
	}
	i, err = Colon(b, i)
	return i, traits, err
}

// Colon expects the colon between a key and its value at or after b[i], white space aside, and returns the index just
// past it. The error is a *[SyntaxError].
func Colon(b []byte, i int) (next int, err error) {
	if i = Space(b, i); i >= len(b) {
		return 0, truncated(b)
	}
	if b[i] != ':' {
		return 0, &SyntaxError{Offset: i, Reason: "a colon was expected"}
	}
	return i + 1, nil
}
