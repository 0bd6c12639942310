// Package jsonscan walks JSON text that lies in one byte slice. It validates strictly (RFC 8259, the same language that
// encoding/json accepts, and besides the bare words NaN, Infinity and -Infinity, which Python's json writes), allocates
// nothing for documents up to 512 levels deep, and never recurses, so depth costs memory and not stack. It builds no
// values: callers get the bounds of a token and a few [Traits] that tell whether the token's bytes can be used as they
// are.
//
// It does not check that the text is valid UTF-8.
package jsonscan

import "encoding/binary"

// Kind is what sort of JSON value a token is.
type Kind uint8

// The kinds of a JSON value. KindInvalid is the zero Kind and no value at all.
const (
	KindInvalid Kind = iota
	KindNull
	KindTrue
	KindFalse
	KindNumber
	KindString
	KindObject
	KindArray
)

// Traits tell what a token contains, so that its reader can choose between copying its bytes and looking closer. Those
// of an object or array are the union over everything inside it, keys included.
type Traits uint8

const (
	// Escaped: a string has a backslash in it.
	Escaped Traits = 1 << iota
	// Unicode: a string has a \u escape in it, the only way in which U+0000 and lone surrogates can enter a document
	// that is valid UTF-8.
	Unicode
	// Fraction: a number has a decimal point.
	Fraction
	// Exponent: a number has an exponent.
	Exponent
	// MinusZero: a number is exactly "-0".
	MinusZero
	// Long: a number has more than [LongNumber] characters.
	Long
	// Special: a number is NaN, Infinity or -Infinity, which JSON does not have.
	Special
)

// LongNumber is the length in bytes up to which a number without an exponent cannot leave the range of PostgreSQL's
// numeric.
const LongNumber = 16383

// Token is one JSON value: its kind, its traits, and the index just past it.
type Token struct {
	End    int
	Kind   Kind
	Traits Traits
}

// Space returns the index of the first byte at or after i that is not JSON white space; that is len(b) when nothing
// else follows.
func Space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// Value validates the value that starts at b[i], of any kind and depth, and returns the index just past it. The error
// is a *[SyntaxError].
func Value(b []byte, i int) (end int, kind Kind, err error) {
	t, err := Scan(b, i)
	return t.End, t.Kind, err
}

// Scan is [Value] with the token's traits. b[i] must be the value's first byte:
// white space before it is an error.
func Scan(b []byte, i int) (Token, error) {
	if t := scanShort(b, i); t.End > 0 {
		return t, nil
	}
	if i >= len(b) {
		return Token{}, truncated(b)
	}
	switch c := b[i]; {
	case c == '"':
		end, traits, err := scanString(b, i)
		return Token{end, KindString, traits}, err
	case c-'0' <= 9 || c == '-':
		end, traits, err := scanNumber(b, i)
		return Token{end, KindNumber, traits}, err
	case c == '{':
		end, traits, err := scanNested(b, i)
		return Token{end, KindObject, traits}, err
	case c == '[':
		end, traits, err := scanNested(b, i)
		return Token{end, KindArray, traits}, err
	default:
		return scanLiteral(b, i)
	}
}

// scanShort scans the values that most records are made of without a further call, in the middle of a text: strings of
// up to seven bytes and numbers that have up to seven digits before the point and after it, none of them a leading
// zero. For any other it returns the zero Token.
func scanShort(b []byte, i int) Token {
	if len(b)-i < 24 {
		return Token{}
	}
	c := b[i]
	if c == '"' {
		if n := leadingPlain(binary.LittleEndian.Uint64(b[i+1:])); n < 8 && b[i+1+n] == '"' {
			return Token{End: i + n + 2, Kind: KindString}
		}
		return Token{}
	}
	var traits Traits
	if c == '-' {
		i++
	}
	if b[i]-'1' >= 9 {
		return Token{}
	}
	n := leadingDigits(binary.LittleEndian.Uint64(b[i:]))
	if i += n; b[i] == '.' && n < 8 {
		n = leadingDigits(binary.LittleEndian.Uint64(b[i+1:]))
		i, traits = i+1+n, Fraction
	}
	if n == 0 || n == 8 || b[i]|0x20 == 'e' {
		return Token{}
	}
	return Token{End: i, Kind: KindNumber, Traits: traits}
}

func scanLiteral(b []byte, i int) (Token, error) {
	switch b[i] {
	case 't':
		return literal(b, i, "true", KindTrue)
	case 'f':
		return literal(b, i, "false", KindFalse)
	case 'n':
		return literal(b, i, "null", KindNull)
	case 'N', 'I':
		if n := special(b[i:]); n > 0 {
			return Token{End: i + n, Kind: KindNumber, Traits: Special}, nil
		}
	}
	return Token{}, &SyntaxError{Offset: i, Reason: "a value was expected"}
}

func literal(b []byte, i int, word string, kind Kind) (Token, error) {
	end := i + len(word)
	if end <= len(b) && string(b[i:end]) == word {
		return Token{End: end, Kind: kind}, nil
	}
	return Token{}, &SyntaxError{Offset: i, Reason: "a word that is not true, false or null"}
}
