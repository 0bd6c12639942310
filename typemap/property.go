package typemap

import "target-postgres/internal/jsonscan"

const (
	// maxUndeclared bounds what a walker remembers of properties that the
	// schema does not have, for streams that use data as property names.
	maxUndeclared = 1000
	// maxLearnt is how many spellings of one property's head are tried.
	maxLearnt = 4
)

// property finds out which property begins at b[i] when it is not the one that
// followed slot before last time, and where its value starts.
func (w *Walker) property(b []byte, i int, before int32) (slot int32, value int, err error) {
	// Most often the expected one is missing, and the one after it comes.
	slot = w.after[w.after[before]]
	if head := w.heads[slot]; head != "" && len(b)-i >= len(head) && string(b[i:i+len(head)]) == head {
		return slot, jsonscan.Space(b, i+len(head)), nil
	}
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
	if slot = w.slot(name); slot == 0 {
		return 0, value, nil
	}
	w.after[before] = slot
	if w.learnt[slot] < maxLearnt {
		w.learnt[slot]++
		w.heads[slot] = string(b[i:value])
	}
	return slot, value, nil
}

// slot returns the slot of a property by name, giving one to an undeclared
// property that was never seen. It is 0 when there are too many of those.
func (w *Walker) slot(name []byte) int32 {
	if slot, ok := w.plan.slots[string(name)]; ok {
		return slot
	}
	if slot, ok := w.undeclared[string(name)]; ok {
		return slot
	}
	if len(w.undeclared) >= maxUndeclared {
		return 0
	}
	slot := int32(len(w.tokens))
	w.undeclared[string(name)] = slot
	w.fresh = append(w.fresh, string(name))
	w.tokens = append(w.tokens, token{})
	w.heads = append(w.heads, "")
	w.after = append(w.after, 0)
	w.learnt = append(w.learnt, 0)
	return slot
}

// Unknown returns the undeclared properties which this walker saw in the last
// record for the first time. After a thousand it reports no more.
func (w *Walker) Unknown() []string { return w.fresh }

// Watched returns the raw JSON of the property Watch[i], nil when the record
// does not have it. It is valid as long as the record is.
func (w *Walker) Watched(i int) []byte {
	t := w.tokens[w.plan.watch[i]]
	if t.kind == jsonscan.KindInvalid {
		return nil
	}
	return w.record[t.start:t.end]
}
