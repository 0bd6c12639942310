package typemap

import (
	"hash/maphash"
	"math/bits"
	"slices"

	"target-postgres/internal/jsonscan"
)

// AppendFields appends the record's columns to dst as CSV fields in the plan's order, with commas between them and
// nothing around them. An absent or null property is an empty field without quotes, which COPY reads as NULL; text
// always has quotes. The error is a *[ValueError] for the first value that does not fit, and then nothing is appended.
func (w *Walker) AppendFields(dst []byte) ([]byte, error) {
	w.replaced, w.special = 0, 0
	w.changes, w.lacking = w.changes[:0], nil
	w.keyHash, w.nullKey = 0, false
	start := len(dst)
	if len(w.closed) > 0 {
		if err := w.closedValue(); err != nil {
			return dst, err
		}
	}
	dst = slices.Grow(dst, len(w.record)+len(w.plan.columns))
	for i := range w.plan.columns {
		c := &w.plan.columns[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		from := len(dst)
		if t := &w.tokens[c.slot]; t.kind > jsonscan.KindNull {
			raw := w.record[t.start:t.end]
			if c.copyKinds>>t.kind&1 != 0 && t.traits&c.closer == 0 && len(raw) <= c.copyMax {
				dst = appendShort(dst, w.record, t.start, t.end)
			} else {
				var err error
				if dst, err = w.encode(c, value{raw, t.kind, t.traits}, dst); err != nil {
					return dst[:start], err
				}
			}
		}
		if c.Key {
			w.nullKey = w.nullKey || len(dst) == from
			w.keyHash = bits.RotateLeft64(w.keyHash, 29)*keyMix ^ maphash.Bytes(keySeed, dst[from:])
		}
	}
	return dst, nil
}

// appendShort appends b[i:end]. Where there is room for it on both sides it copies sixteen bytes, of which those past
// the end are overwritten by what comes next: that is a load and a store where a copy of the right length is a call.
func appendShort(dst, b []byte, i, end int) []byte {
	n := len(dst)
	if end-i > 16 || len(b)-i < 16 || cap(dst)-n < 16 {
		return append(dst, b[i:end]...)
	}
	*(*[16]byte)(dst[n : n+16]) = *(*[16]byte)(b[i:])
	return dst[:n+end-i]
}

// keySeed is one for the process, so that a key keeps its hash when a changed schema brings another plan. keyMix is an
// odd constant (2^64 divided by the golden ratio): the fields of a key are hashed one by one and mixed in order, so
// that no two ways of cutting a text into fields agree by construction.
var keySeed = maphash.MakeSeed()

const keyMix = 0x9e3779b97f4a7c15

// encode appends one value that is not its own CSV field.
func (w *Walker) encode(c *column, v value, dst []byte) ([]byte, error) {
	start, replaced, special := len(dst), w.replaced, w.special
	dst, bad := w.encodeValue(c, v, dst)
	if bad == nil && w.replaced > replaced && (c.fail || c.Key) {
		bad = unstorable(c)
	}
	if bad == nil {
		if c.airbyte && w.special > special {
			w.changes = append(w.changes, Change{Field: c.Field, Change: "TRUNCATED", Reason: "DESTINATION_SERIALIZATION_ERROR"})
		}
		return dst, nil
	}
	w.replaced, w.special = replaced, special
	return dst[:start], w.settle(c, bad)
}

// encodeValue appends a value in the form of its column's type. A number that JSON does not have (NaN, Infinity) is
// written if the type has it. In a column of json it becomes null, unless the column is part of the key: a null could
// belong to another row. Such a number never widens an integer key.
func (w *Walker) encodeValue(c *column, v value, dst []byte) ([]byte, *misfit) {
	if v.traits&jsonscan.Special == 0 {
		return c.encode(w, c, v, dst)
	}
	json := c.Type.Kind == KindJSON || c.Type.Kind == KindJSONB
	switch {
	case c.Key && (json || integerKind(c.Type.Kind)), c.airbyte && v.kind == jsonscan.KindNumber:
		return dst, &misfit{reason: notFinite}
	case json && v.kind == jsonscan.KindNumber:
		w.special++
		return dst, nil
	}
	return c.encode(w, c, v, dst)
}

// notFinite is the reason of a misfit that is NaN or an infinity.
const notFinite = "the number is NaN or infinite"

// KeyHash returns a hash of the key columns' CSV fields, valid after [Walker.AppendFields] and comparable within this
// process. Equal keys have equal hashes when [Plan.CanonicalKey] is true.
func (w *Walker) KeyHash() uint64 { return w.keyHash }

// NullKey reports whether a key column of the fields that [Walker.AppendFields] wrote last is NULL, which only
// [PlanOptions.AllowNullKeys] lets it be.
func (w *Walker) NullKey() bool { return w.nullKey }

// Replaced returns how many characters became U+FFFD in the fields that [Walker.AppendFields] wrote last.
func (w *Walker) Replaced() int { return w.replaced }

// Null reports whether the record lacks the property of column i, or has null there.
func (w *Walker) Null(i int) bool { return w.tokens[w.plan.columns[i].slot].kind <= jsonscan.KindNull }

// Special returns how many numbers that JSON does not have (NaN, Infinity,
// -Infinity) became null in the fields that [Walker.AppendFields] wrote last,
// because their columns hold JSON.
func (w *Walker) Special() int { return w.special }

// Changes returns what became NULL in the fields that [Walker.AppendFields] wrote last, in Airbyte mode. It is valid
// until the next call.
func (w *Walker) Changes() []Change { return w.changes }

// Lacking is the error of a record that has NULL instead of a value that does not fit, in a column that takes no NULL:
// a *[ValueError], nil if there is none. The caller decides whether the record needs the value.
func (w *Walker) Lacking() error {
	if w.lacking == nil {
		return nil
	}
	return w.lacking
}

// Marked reports whether the record carries a delete mark.
func (w *Walker) Marked() bool { return w.marked }
