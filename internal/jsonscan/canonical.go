package jsonscan

import (
	"bytes"
	"slices"
	"strconv"
)

// Members splits the object that starts at b[i] into its members, the last one of a name, in the order of their names.
// b must be text that [Value] has accepted.
func Members(b []byte, i int) []Member {
	var members []Member
	EachMember(b, i, func(name, value []byte, kind Kind) {
		name, _ = Unquote(nil, name)
		members = append(members, Member{Name: name, Value: value, Kind: kind})
	})
	slices.SortStableFunc(members, func(a, b Member) int { return bytes.Compare(a.Name, b.Name) })
	kept := members[:0]
	for n, m := range members {
		if n+1 == len(members) || !bytes.Equal(m.Name, members[n+1].Name) {
			kept = append(kept, m)
		}
	}
	return kept
}

// EachMember calls do for each member of the object that starts at b[i], with the text of its name, quotes included,
// and of its value. It reports whether an object starts there; a text that is none may have been called for in part.
func EachMember(b []byte, i int, do func(name, value []byte, kind Kind)) bool {
	if i >= len(b) || b[i] != '{' {
		return false
	}
	if i = Space(b, i+1); i < len(b) && b[i] == '}' {
		return true
	}
	for {
		end, _, err := String(b, i)
		if err != nil {
			return false
		}
		name := b[i:end]
		if i, err = Colon(b, end); err != nil {
			return false
		}
		i = Space(b, i)
		end, kind, err := Value(b, i)
		if err != nil {
			return false
		}
		do(name, b[i:end], kind)
		if i = Space(b, end); i >= len(b) || b[i] != ',' {
			return i < len(b) && b[i] == '}'
		}
		i = Space(b, i+1)
	}
}

// EachItem calls do with the text of each item of the array that starts at b[i]. b must be text that [Value] has
// accepted.
func EachItem(b []byte, i int, do func(item []byte)) {
	for i = Space(b, i+1); i < len(b) && b[i] != ']'; {
		end, _, err := Value(b, i)
		if err != nil {
			return
		}
		do(b[i:end])
		if i = Space(b, end); i < len(b) && b[i] == ',' {
			i = Space(b, i+1)
		}
	}
}

// Member is one member of an object. Its name is unquoted.
type Member struct {
	Name, Value []byte
	Kind        Kind
}

// AppendCanonical appends a value in a form that is the same for all spellings of it: the order of members, the
// spelling of numbers and the escapes of texts do not matter. Different values have different forms. The form never
// changes: hashes of it are stored. value must be text that [Value] has accepted.
func AppendCanonical(dst, value []byte) []byte {
	token, err := Scan(value, 0)
	if err != nil {
		return dst
	}
	switch token.Kind {
	case KindObject:
		dst = append(dst, '{')
		for _, m := range Members(value, 0) {
			dst = AppendCanonical(AppendText(dst, m.Name), m.Value)
		}
		return append(dst, '}')
	case KindArray:
		dst = append(dst, '[')
		EachItem(value, 0, func(item []byte) { dst = AppendCanonical(dst, item) })
		return append(dst, ']')
	case KindString:
		text, _ := Unquote(nil, value[:token.End])
		return AppendText(dst, text)
	case KindNumber:
		return appendNumber(dst, value[:token.End])
	default:
		return append(dst, value[0]) // n, t or f
	}
}

// AppendText appends a text with its length, so that no other can follow from it.
func AppendText(dst, text []byte) []byte {
	dst = strconv.AppendInt(append(dst, 's'), int64(len(text)), 10)
	return append(append(dst, ':'), text...)
}

// appendNumber appends a number as its digits, without zeros at either end, and the power of ten that they are
// multiplied by. A text that is no number to JSON is appended as it is.
func appendNumber(dst, number []byte) []byte {
	mantissa, power := number, []byte(nil)
	if at := bytes.IndexAny(number, "eE"); at >= 0 {
		mantissa, power = number[:at], number[at+1:]
	}
	negative := mantissa[0] == '-'
	whole, fraction, _ := bytes.Cut(bytes.TrimPrefix(mantissa, []byte("-")), []byte("."))
	exponent, err := strconv.ParseInt(string(bytes.TrimPrefix(power, []byte("+"))), 10, 64)
	if (len(power) > 0 && err != nil) || whole[0] < '0' || whole[0] > '9' {
		return append(append(append(dst, '#'), bytes.ToLower(number)...), ';')
	}
	all := bytes.TrimLeft(slices.Concat(whole, fraction), "0")
	digits := bytes.TrimRight(all, "0")
	if len(digits) == 0 {
		return append(dst, '#', '0', ';')
	}
	dst = append(dst, '#')
	if negative {
		dst = append(dst, '-')
	}
	exponent += int64(len(all) - len(digits) - len(fraction))
	return append(strconv.AppendInt(append(append(dst, digits...), 'e'), exponent, 10), ';')
}
