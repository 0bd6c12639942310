package typemap

import (
	"strings"

	"target-postgres/internal/jsonscan"
)

// anyMark reports whether one of the plan's delete marks is in the record. A blank mark becomes NULL, in its column
// too: the SQL that looks for marks there only tests for NOT NULL.
func (w *Walker) anyMark() bool {
	marked := false
	for _, slot := range w.plan.marks {
		t := &w.tokens[slot]
		if t.blank() {
			t.kind = jsonscan.KindNull
		}
		marked = marked || t.kind > jsonscan.KindNull
	}
	if marked {
		return true
	}
	for _, slot := range w.plan.truthy {
		t := w.tokens[slot]
		if t.kind > jsonscan.KindNull && w.truthy(value{w.record[t.start:t.end], t.kind, t.traits}) {
			return true
		}
	}
	return false
}

// blank reports whether a mark is "" or false, which taps write for NULL.
func (t *token) blank() bool {
	return t.kind == jsonscan.KindFalse || t.kind == jsonscan.KindString && t.end-t.start == len(`""`)
}

// truthy reports whether a value that is not null means yes. Sources write a flag as a boolean, as 0 and 1, and as
// words. A row with "false" must not be deleted.
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
