package typemap

import (
	"strings"

	"target-postgres/internal/jsonscan"
)

// typesOf reads the keyword "type". A type that JSON Schema does not know admits everything, like none.
func typesOf(n *node) jsonTypes {
	if n == nil {
		return typeAny
	}
	var types jsonTypes
	names := n.items
	if n.kind != jsonscan.KindArray {
		names = []*node{n}
	}
	for _, name := range names {
		types |= typeNamed(name)
	}
	if types == 0 {
		return typeAny
	}
	return types
}

func typeNamed(n *node) jsonTypes {
	switch n.text {
	case "null":
		return typeNull
	case "boolean":
		return typeBoolean
	case "integer":
		return typeInteger
	case "number":
		return typeNumber
	case "string":
		return typeString
	case "object":
		return typeObject
	case "array":
		return typeArray
	}
	return typeAny
}

// textForm reads how n's strings are written. An encoding says more about a string than its format does.
func (r *resolver) textForm(n *node) forms {
	if r.opts.DecodeBinary {
		switch strings.ToLower(n.str("contentEncoding")) {
		case "base64":
			return formBase64
		case "base16":
			return formBase16
		}
	}
	switch n.str("airbyte_type") {
	case "timestamp_without_timezone":
		return formTimestamp
	case "timestamp_with_timezone":
		return formTimestampTZ
	case "time_without_timezone":
		return formTime
	case "time_with_timezone":
		return formTimeTZ
	}
	switch n.str("format") {
	case "date":
		return formDate
	case "time":
		return formTime
	case "date-time":
		return formTimestampTZ
	case "uuid":
		return formUUID
	case "singer.decimal", "x-singer.decimal":
		return formDecimal
	}
	return formPlain
}

// valuesShape returns the shape of an enum's or const's values.
func valuesShape(values []*node) shape {
	s := shape{text: formEnum, number: formPlain, low: reachInt64, high: reachInt64}
	for _, value := range values {
		types := valueTypes(value)
		s.types |= types
		if types&typeNumber != 0 {
			switch int64Side(value.text, true, false) {
			case -1:
				s.low = reachBeyond
			case 1:
				s.high = reachBeyond
			}
		}
	}
	return s.tidy()
}

// valueTypes returns the type of a value. A number with a fraction counts as both numbers: 1.0 is an integer to JSON
// Schema.
func valueTypes(n *node) jsonTypes {
	switch n.kind {
	case jsonscan.KindNull:
		return typeNull
	case jsonscan.KindTrue, jsonscan.KindFalse:
		return typeBoolean
	case jsonscan.KindNumber:
		if strings.ContainsAny(n.text, ".eE") {
			return typeNumber
		}
		return typeInteger
	case jsonscan.KindString:
		return typeString
	case jsonscan.KindArray:
		return typeArray
	}
	return typeObject
}
