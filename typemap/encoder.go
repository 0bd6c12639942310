package typemap

import (
	"math"

	"target-postgres/internal/jsonscan"
)

// value is one JSON token and what the scanner noticed about it.
type value struct {
	raw    []byte
	kind   jsonscan.Kind
	traits jsonscan.Traits
}

// encoder appends a value, which is never null, to dst as the CSV field of a column. The bytes that it returns with a
// misfit are thrown away.
type encoder func(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit)

const (
	numbers  = 1 << jsonscan.KindNumber
	strs     = 1 << jsonscan.KindString
	booleans = 1<<jsonscan.KindTrue | 1<<jsonscan.KindFalse
)

// newColumn chooses how a column is written.
func newColumn(c Column, opts PlanOptions) column {
	if c.Type.Base != nil {
		c.Type = *c.Type.Base
	}
	if c.Want.Name == "" {
		c.Want = c.Type
	}
	out := column{Column: c, airbyte: opts.Airbyte, fail: opts.FailInvalidText}
	switch c.Type.Kind {
	case KindBool:
		out.encode = encodeBool
	case KindInt2, KindInt4, KindInt8:
		out.chooseInteger()
	case KindNumeric:
		out.chooseNumeric()
	case KindFloat4, KindFloat8:
		out.chooseFloat()
	case KindBytea:
		out.encode = encodeBytea
	case KindJSON, KindJSONB:
		out.chooseJSON()
		if opts.Airbyte && c.Container != "" {
			out.copyKinds, out.encode = 0, encodeContainer
		}
	case KindDate, KindTime, KindTimeTZ, KindTimestamp, KindTimestampTZ:
		out.encode = temporalEncoder(c.Type.Kind)
	case KindUUID:
		out.encode = encodeUUID
	case KindArray:
		elem := newColumn(Column{Name: c.Name, Field: c.Field, Type: *c.Type.Elem, Key: c.Key}, opts)
		out.elements, out.encode = &elem, encodeArray
	default:
		out.chooseText()
	}
	if c.Others {
		encode := out.encode
		out.encode = func(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
			if v.kind == jsonscan.KindObject {
				return dst, nil
			}
			return encode(w, c, v, dst)
		}
	}
	if c.Undeclared {
		out.copyKinds, out.encode = 0, encodeUndeclared
		return out
	}
	if c.Constant != "" {
		out.keepConstant()
		return out
	}
	if c.Digest != nil {
		out.copyKinds, out.encode, out.elements = 0, encodeDigest, nil
		return out
	}
	out.keepSpelling()
	out.chooseKey()
	return out
}

// chooseInteger copies what has too few digits to pass the type's range.
func (c *column) chooseInteger() {
	c.encode = encodeInteger
	c.copyKinds, c.closer = numbers, jsonscan.Fraction|jsonscan.Exponent|jsonscan.MinusZero|jsonscan.Special
	switch c.Type.Kind {
	case KindInt2:
		c.copyMax = 4
	case KindInt4:
		c.copyMax = 9
	default:
		c.copyMax = 18
	}
}

// chooseNumeric copies what has no exponent: PostgreSQL keeps its digits,
// trailing zeros included.
func (c *column) chooseNumeric() {
	c.encode = encodeNumeric
	c.copyKinds, c.closer, c.copyMax = numbers, jsonscan.Exponent|jsonscan.Long|jsonscan.Special, jsonscan.LongNumber
	precision, scale, limited := c.Type.NumericLimits()
	if limited {
		c.limited, c.scale, c.whole = true, scale, precision-scale
		c.closer |= jsonscan.Fraction
		c.copyMax = c.whole
		if scale < 0 {
			c.copyMax = 0
		}
	}
}

// chooseFloat copies what cannot leave the type's range, and for a schema that asks for exact numbers only what the
// type holds exactly.
func (c *column) chooseFloat() {
	c.encode = encodeFloat
	c.copyKinds, c.closer, c.copyMax = numbers, jsonscan.Exponent|jsonscan.Special, 300
	switch c.Want.Kind {
	case KindInt2, KindInt4, KindInt8, KindNumeric, KindText, KindJSON, KindJSONB:
		c.exact, c.copyMax = true, 15
	}
	if c.Type.Kind == KindFloat4 {
		c.copyMax = 38
		if c.exact {
			c.copyMax = 6
		}
	}
}

// chooseJSON copies the scalars whose JSON text needs no quotes in CSV.
func (c *column) chooseJSON() {
	c.encode = encodeJSON
	c.copyKinds, c.closer, c.copyMax = numbers|booleans, jsonscan.Exponent|jsonscan.Long|jsonscan.Special, jsonscan.LongNumber
}

// chooseText copies strings without a backslash, quotes and all. They stay without quotes even if the schema asks for
// json by now: the column stays text, and its rows must stay equal to those that are sent again.
func (c *column) chooseText() {
	if c.Type.bits() > 0 {
		c.encode = encodeCounter
		return
	}
	c.length, _ = c.Type.Length()
	c.encode = encodeText
	c.copyKinds, c.closer, c.copyMax = strs, jsonscan.Escaped, math.MaxInt
	if _, rounds := c.decimals(); rounds {
		c.encode, c.copyKinds = encodeRounded, 0
		return
	}
	c.octets = c.Type.octets()
	if limit := max(c.length, c.octets); limit > 0 {
		c.copyMax = limit + 2 // a character has at least one byte
	}
}

// keepConstant writes the constant as if it had come with the record.
func (c *column) keepConstant() {
	raw, encode := []byte(c.Constant), c.encode
	t, err := jsonscan.Scan(raw, 0)
	if err != nil {
		t.Kind = jsonscan.KindString // not JSON, which is for the column to refuse
	}
	constant := value{raw, t.Kind, t.Traits}
	c.copyKinds = 0
	c.encode = func(w *Walker, c *column, _ value, dst []byte) ([]byte, *misfit) { return encode(w, c, constant, dst) }
}
