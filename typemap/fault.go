package typemap

import (
	"errors"
	"fmt"

	"target-postgres/internal/jsonscan"
)

// KeyError says that a record lacks its key.
type KeyError struct {
	Column string // the key column
	Null   bool   // the property is there, but null
}

// Error contains the phrase by which Singer's test suites know this error.
func (e *KeyError) Error() string {
	how := "absent"
	if e.Null {
		how = "null"
	}
	return fmt.Sprintf("record is missing one or more key_properties: %q is %s", e.Column, how)
}

// ValueError says why a value cannot be stored in its column. It never holds the value.
type ValueError struct {
	Column string // the column's name
	Type   Type   // the column's type
	Reason string // in plain words
	// Widen is the type that would hold this value and those before it, nil when none would or when the value is better
	// mended at its source.
	Widen *Type
}

// Error names the column and its type. It does not contain the value.
func (e *ValueError) Error() string {
	return fmt.Sprintf("column %q (%s): %s", e.Column, e.Type.Name, e.Reason)
}

// AsValueError returns the ValueError that an error is or wraps, nil if there is none.
func AsValueError(err error) *ValueError {
	if bad, ok := errors.AsType[*ValueError](err); ok {
		return bad
	}
	return nil
}

// Change is an entry of Airbyte's _airbyte_meta.changes.
type Change struct {
	Field  string // the property's name
	Change string // "NULLED", or "TRUNCATED" where a part of the value became null
	Reason string // "DESTINATION_SERIALIZATION_ERROR" or "DESTINATION_FIELD_SIZE_LIMITATION"
}

// misfit is why one value does not go into its column.
type misfit struct {
	reason string
	widen  *Type
	size   bool // it is only too large, in Airbyte's sense
}

// mismatch is the misfit of a value of the wrong JSON type: text holds every scalar, jsonb also objects and arrays.
func mismatch(v value, expected string) *misfit {
	m := &misfit{widen: &Text}
	var word string
	switch v.kind {
	case jsonscan.KindString:
		m.reason = "the text is not " + expected
		if len(v.raw) == len(`""`) {
			m.reason = "the text is empty, not " + expected
		}
		return m
	case jsonscan.KindTrue, jsonscan.KindFalse:
		word = "a boolean"
	case jsonscan.KindNumber:
		word = "a number"
	case jsonscan.KindObject:
		word, m.widen = "an object", &JSONB
	case jsonscan.KindArray:
		word, m.widen = "an array", &JSONB
	}
	m.reason = "the value is " + word + ", not " + expected
	return m
}

// settle decides what a value that does not fit becomes: an error, or NULL. A delete mark never fails, because its
// presence alone matters. A value of Airbyte's does not fail either, apart from keys and from values that widen a
// column to what the schema declares.
func (w *Walker) settle(c *column, m *misfit) error {
	switch {
	case c.Key:
		// NULL would be the key of another row.
	case c.isMark && !c.airbyte:
		return nil
	case c.airbyte && m.widen != nil && c.crosses():
		// The column still has the type of its earlier values.
	case c.airbyte:
		if c.Needed && w.lacking == nil {
			w.lacking = &ValueError{Column: c.Name, Type: c.Type, Reason: m.reason + ", and the column takes no NULL instead"}
		}
		w.changes = append(w.changes, Change{Field: c.Field, Change: "NULLED", Reason: airbyteReason(m)})
		return nil
	}
	return &ValueError{Column: c.Name, Type: c.Type, Reason: m.reason, Widen: m.widen}
}
