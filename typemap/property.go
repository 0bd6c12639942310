package typemap

import "target-postgres/internal/jsonscan"

const (
	// maxUndeclared bounds what a walker remembers of properties that the schema does not have, for streams that use
	// data as property names.
	maxUndeclared = 1000
	// maxLearnt is how many spellings of one property's head are tried.
	maxLearnt = 4
)

// first finds out which property begins the object at b[at] and where its value starts, which is nowhere, at -1, in an
// empty one.
func (w *Walker) first(level int, b []byte, at int) (slot int32, value int, err error) {
	l := &w.levels[level]
	if l.opening.is(b, at) {
		return l.opener, afterSpace(b, at+len(l.opening.text)), nil
	}
	i := jsonscan.Space(b, at)
	if i >= len(b) || b[i] != '{' {
		return 0, 0, unexpected(b, i, "a record must be a JSON object")
	}
	if i = jsonscan.Space(b, i+1); i < len(b) && b[i] == '}' {
		return 0, -1, atEnd(b, i+1)
	}
	slot, value, err = w.property(level, b, i)
	if before := w.plan.levels[level].before; slot != 0 && w.learnt[before] < maxLearnt {
		w.learnt[before]++
		l.opening, l.opener = newHead(b[at:value]), slot
	}
	return slot, value, err
}

// next finds out which property follows the value that ends at b[i], when it is not the one that followed slot before
// last time, and where its own value starts. That is nowhere, at -1, at the end of the record.
func (w *Walker) next(level int, b []byte, i int, before int32) (slot int32, value int, err error) {
	// Most often the expected one is missing, and the one after it comes.
	slot = w.after[w.after[before]]
	if h := &w.heads[slot]; h.is(b, i) {
		return slot, afterSpace(b, i+len(h.text)), nil
	}
	from := i
	switch i = jsonscan.Space(b, i); {
	case i < len(b) && b[i] == ',':
	case i < len(b) && b[i] == '}':
		return 0, -1, atEnd(b, i+1)
	default:
		return 0, 0, unexpected(b, i, "a comma or closing bracket was expected")
	}
	if slot, value, err = w.property(level, b, jsonscan.Space(b, i+1)); slot == 0 {
		return 0, value, err
	}
	w.after[before] = slot
	if w.learnt[slot] < maxLearnt {
		w.learnt[slot]++
		w.heads[slot] = newHead(b[from:value])
	}
	return slot, value, nil
}

// property finds out which property's name is at b[i], and where its value starts.
func (w *Walker) property(level int, b []byte, i int) (slot int32, value int, err error) {
	end, escaped, err := jsonscan.String(b, i)
	if err != nil {
		return 0, 0, err
	}
	if value, err = jsonscan.Colon(b, end); err != nil {
		return 0, 0, err
	}
	value = jsonscan.Space(b, value)
	name := b[i+1 : end-1]
	if escaped {
		w.text, _ = jsonscan.Unquote(w.text[:0], b[i:end])
		name = w.text
	}
	return w.slot(level, name), value, nil
}

// slot returns the slot of a property by name, giving one to an undeclared property that was never seen. It is 0 when
// there are too many of those.
func (w *Walker) slot(level int, name []byte) int32 {
	l := &w.plan.levels[level]
	if slot, ok := l.slots[string(name)]; ok {
		return slot
	}
	undeclared := w.levels[level].undeclared
	if slot, ok := undeclared[string(name)]; ok {
		return slot
	}
	if len(undeclared) >= maxUndeclared && !w.plan.gathers {
		return 0
	}
	if w.plan.gathers {
		w.extra = append(w.extra, w.plan.newUndeclared(l.prefix+string(name)))
	}
	slot := int32(len(w.tokens))
	undeclared[string(name)] = slot
	w.fresh = append(w.fresh, l.prefix+string(name))
	w.tokens = append(w.tokens, token{})
	w.heads = append(w.heads, head{})
	w.after = append(w.after, 0)
	w.learnt = append(w.learnt, 0)
	return slot
}

// Unknown returns the undeclared properties which this walker saw in the last record for the first time, those of
// opened objects with the names before them. After a thousand it reports no more.
func (w *Walker) Unknown() []string { return w.fresh }

// Watched returns the raw JSON of the property Watch[i], nil when it is null or the record does not have it. It is
// valid as long as the record is.
func (w *Walker) Watched(i int) []byte {
	t := w.tokens[w.plan.watch[i]]
	if t.kind <= jsonscan.KindNull {
		return nil
	}
	return w.record[t.start:t.end]
}
