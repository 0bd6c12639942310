package typemap

import (
	"strings"

	"target-postgres/internal/jsonscan"
)

// anyMark reports whether one of the plan's delete marks is in the record.
func (w *Walker) anyMark() bool {
	for _, slot := range w.plan.marks {
		if w.tokens[slot].kind > jsonscan.KindNull {
			return true
		}
	}
	for _, slot := range w.plan.truthy {
		t := w.tokens[slot]
		if t.kind > jsonscan.KindNull && w.truthy(value{w.record[t.start:t.end], t.kind, t.traits}) {
			return true
		}
	}
	return false
}

// truthy reports whether a value that is not null means yes. Sources write a
// flag as a boolean, as 0 and 1, and as words; a row that says "false" must not
// be deleted for it.
func (w *Walker) truthy(v value) bool {
	switch v.kind {
	case jsonscan.KindFalse:
		return false
	case jsonscan.KindNumber:
		d, _ := parseNumber(v.raw)
		return !d.zero()
	case jsonscan.KindString:
		switch strings.ToLower(strings.TrimSpace(string(w.content(v)))) {
		case "", "0", "f", "false", "n", "no", "off":
			return false
		}
	}
	return true
}
