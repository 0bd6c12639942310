package validate

import (
	"encoding/json"

	"target-postgres/internal/jsonscan"
)

// types is a set of the types of JSON Schema. The empty set stands for all of them: the keyword is absent.
type types uint8

const (
	nulls types = 1 << iota
	booleans
	integers
	numbers
	textual
	objects
	arrays
	// unknowns are names that JSON Schema does not have. No value is of them.
	unknowns
)

func typesOf(names []string) types {
	var set types
	for _, name := range names {
		switch name {
		case "null":
			set |= nulls
		case "boolean":
			set |= booleans
		case "integer":
			set |= integers
		case "number":
			set |= numbers
		case "string":
			set |= textual
		case "object":
			set |= objects
		case "array":
			set |= arrays
		default:
			set |= unknowns
		}
	}
	return set
}

// has reports whether a value is proved to be of one of the types. A number with a point or an exponent may be whole
// and is not proved to be.
func (set types) has(value jsonscan.Token) bool {
	if set == 0 {
		return true
	}
	switch value.Kind {
	case jsonscan.KindNull:
		return set&nulls != 0
	case jsonscan.KindTrue, jsonscan.KindFalse:
		return set&booleans != 0
	case jsonscan.KindNumber:
		return set&numbers != 0 || set&integers != 0 && value.Traits&(jsonscan.Fraction|jsonscan.Exponent) == 0
	case jsonscan.KindString:
		return set&textual != 0
	case jsonscan.KindObject:
		return set&objects != 0
	case jsonscan.KindArray:
		return set&arrays != 0
	case jsonscan.KindInvalid:
	}
	return false
}

// texts are the values of enum or const as a record would most probably have them. A list or an object has many
// spellings and is left out: a record that has one is not proved to be allowed.
func texts(values []any) []string {
	all := []string{}
	for _, value := range values {
		switch v := value.(type) {
		case nil:
			all = append(all, "null")
		case bool:
			if v {
				all = append(all, "true")
			} else {
				all = append(all, "false")
			}
		case json.Number:
			all = append(all, v.String())
		case string:
			all = append(all, `"`+v+`"`)
		}
	}
	return all
}
