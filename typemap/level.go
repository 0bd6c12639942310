package typemap

import (
	"slices"

	"target-postgres/internal/jsonscan"
)

// level is the record, or an object in it that is opened because columns hold properties of its.
type level struct {
	slots  map[string]int32 // by the names of properties
	before int32            // the slot that stands before the first of them
	slot   int32            // of the object itself
	prefix string           // what its properties are called by, before their own names
	others bool             // a column holds what is no object
}

// path is where the column's value is in the record.
func (c *Column) path() []string {
	if len(c.Path) == 0 {
		return []string{c.Field}
	}
	return c.Path
}

// slotAt returns the slot of a property, giving it one when it has none.
func (p *Plan) slotAt(path []string) int32 {
	at := 0
	for i, name := range path {
		slot := p.slot(at, name)
		if i == len(path)-1 {
			return slot
		}
		at = p.level(at, slot, name)
	}
	return 0
}

// slot returns the slot of a property of a level, giving it one when it has none.
func (p *Plan) slot(at int, name string) int32 {
	slot, ok := p.levels[at].slots[name]
	if !ok {
		slot = p.newSlot(name)
		p.levels[at].slots[name] = slot
	}
	return slot
}

func (p *Plan) newSlot(name string) int32 {
	p.names = append(p.names, name)
	return int32(len(p.names) - 1)
}

// constant returns a slot that has a value in every record.
func (p *Plan) constant(value string) int32 {
	slot := p.newSlot("")
	p.opens = true
	if value == "null" {
		p.nulls = append(p.nulls, slot)
	} else {
		p.constants = append(p.constants, slot)
	}
	return slot
}

// level returns the level of the object in a slot, opening it when it is not.
func (p *Plan) level(outer int, slot int32, name string) int {
	for i := range p.levels[1:] {
		if p.levels[i+1].slot == slot {
			return i + 1
		}
	}
	p.opens = true
	p.levels = append(p.levels, level{
		slots: map[string]int32{}, before: p.newSlot(""), slot: slot, prefix: p.levels[outer].prefix + name + p.opts.Separator,
	})
	return len(p.levels) - 1
}

// keepOthers marks the levels of which a column holds what is no object.
func (p *Plan) keepOthers() {
	for i := range p.levels[1:] {
		l := &p.levels[i+1]
		l.others = slices.ContainsFunc(p.columns, func(c column) bool { return c.Others && c.slot == l.slot })
	}
}

// open finds the tokens of the properties of objects that are opened. Those of a null are null, and those of an absent
// object are absent.
func (w *Walker) open() error {
	w.closed = w.closed[:0]
	for _, slot := range w.plan.constants {
		w.tokens[slot].kind = jsonscan.KindTrue
	}
	for _, slot := range w.plan.nulls {
		w.tokens[slot].kind = jsonscan.KindNull
	}
	for i := 1; i < len(w.plan.levels); i++ {
		l := &w.plan.levels[i]
		t := w.tokens[l.slot]
		switch {
		case t.kind == jsonscan.KindInvalid:
			continue
		case t.kind == jsonscan.KindObject:
			if err := w.object(i, w.record[:t.end], t.start); err != nil {
				return err
			}
			continue
		case t.kind == jsonscan.KindNull, l.others:
			t = token{kind: jsonscan.KindNull}
		case w.plan.unavailable != nil && w.plan.unavailable.is(w.record[t.start:t.end], t.kind):
			// It stands for every property of the object.
		default:
			w.closed = append(w.closed, i)
			t = token{kind: jsonscan.KindNull}
		}
		for _, slot := range l.slots {
			w.tokens[slot] = t
		}
	}
	return nil
}

// closedValue is the error of a value that is no object although its properties have columns.
func (w *Walker) closedValue() error {
	for _, i := range w.closed {
		l := &w.plan.levels[i]
		t := w.tokens[l.slot]
		name := l.prefix[:len(l.prefix)-len(w.plan.opts.Separator)]
		if w.plan.opts.Airbyte {
			w.changes = append(w.changes, Change{Field: name, Change: "NULLED", Reason: "DESTINATION_SERIALIZATION_ERROR"})
			continue
		}
		bad := mismatch(value{w.record[t.start:t.end], t.kind, t.traits}, "an object")
		return &ValueError{Column: name, Type: Type{Name: "object"}, Reason: bad.reason}
	}
	return nil
}
