package typemap

import (
	"encoding/json"
	"fmt"

	"target-postgres/internal/jsonscan"
)

// UndeclaredError says that a record has a property which the schema does not have, see [PlanOptions.FailUndeclared].
type UndeclaredError struct{ Field string }

// Error names the property, and not its value.
func (e *UndeclaredError) Error() string {
	return fmt.Sprintf("the schema does not have the field %q", e.Field)
}

// undeclared is a property that the schema does not have, as a walker knows it.
type undeclared struct {
	name   string
	quoted []byte  // the name as JSON
	digest *Digest // what is stored instead of its values
	ignore bool
}

// newUndeclared asks what is to be done with a property.
func (p *Plan) newUndeclared(name string) undeclared {
	u := undeclared{name: name}
	u.quoted, _ = json.Marshal(name) //nolint:errchkjson // a text always has a JSON form
	if p.opts.Undeclared != nil {
		u.digest, u.ignore = p.opts.Undeclared(name)
	}
	return u
}

// gather looks for undeclared properties in the record: the column that holds them has a value if there are some.
func (w *Walker) gather() error {
	found := false
	for i := len(w.plan.names); i < len(w.tokens) && !found; i++ {
		found = w.tokens[i].kind != jsonscan.KindInvalid && !w.extra[i-len(w.plan.names)].ignore
		if found && w.plan.opts.FailUndeclared {
			return &UndeclaredError{w.extra[i-len(w.plan.names)].name}
		}
	}
	for _, m := range w.plan.unstored {
		found = found || w.tokens[m.slot].kind != jsonscan.KindInvalid && !m.ignore
	}
	if found && w.plan.extra != 0 {
		w.tokens[w.plan.extra].kind = jsonscan.KindTrue
	}
	return nil
}

// unstored is a property that the plan uses, such as a delete mark, although the schema does not have it.
type unstored struct {
	undeclared
	slot int32
}

// findUnstored lists the properties that have a slot and no column.
func (p *Plan) findUnstored(leftOut map[int32]bool) {
	for _, c := range p.columns {
		leftOut[c.slot] = true
	}
	for name, slot := range p.levels[0].slots {
		opened := false
		for _, l := range p.levels[1:] {
			opened = opened || l.slot == slot
		}
		if !leftOut[slot] && !opened {
			p.unstored = append(p.unstored, unstored{p.newUndeclared(name), slot})
		}
	}
}

// encodeUndeclared writes the undeclared properties of the record as one object.
func encodeUndeclared(w *Walker, c *column, _ value, dst []byte) ([]byte, *misfit) {
	w.gathered = append(w.gathered[:0], '{')
	traits := jsonscan.Unicode
	for i := range w.plan.unstored {
		traits |= w.member(&w.plan.unstored[i].undeclared, w.tokens[w.plan.unstored[i].slot])
	}
	for i := range w.extra {
		traits |= w.member(&w.extra[i], w.tokens[len(w.plan.names)+i])
	}
	w.gathered = append(w.gathered, '}')
	return encodeJSON(w, c, value{w.gathered, jsonscan.KindObject, traits}, dst)
}

// member appends a property to the object, and returns the traits of its value.
func (w *Walker) member(u *undeclared, t token) jsonscan.Traits {
	if t.kind == jsonscan.KindInvalid || u.ignore {
		return 0
	}
	if len(w.gathered) > 1 {
		w.gathered = append(w.gathered, ',')
	}
	w.gathered = append(append(w.gathered, u.quoted...), ':')
	raw := w.record[t.start:t.end]
	if u.digest != nil {
		w.gathered = append(w.gathered, u.digest.JSON(raw)...)
		return 0
	}
	w.gathered = append(w.gathered, raw...)
	return t.traits
}

// forget drops undeclared properties between two records, so that data which is used as names of properties does not
// fill the memory.
func (w *Walker) forget() {
	n := len(w.plan.names)
	w.tokens, w.heads, w.after, w.learnt, w.extra = w.tokens[:n], w.heads[:n], w.after[:n], w.learnt[:n], w.extra[:0]
	clear(w.after)
	clear(w.learnt)
	for i := range w.levels {
		w.levels[i] = opened{undeclared: map[string]int32{}}
	}
}
