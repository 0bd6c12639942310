package typemap

import (
	"target-postgres/internal/jsonscan"
)

// token is where a property's value lies in the record. The zero token is that of a property that the record does not
// have.
type token struct {
	start, end int
	kind       jsonscan.Kind
	traits     jsonscan.Traits
}

// Walker turns records into CSV fields by its plan. It is made for one goroutine and many records: call [Walker.Walk]
// for each, then any of the other methods. It keeps a record until the next Walk. It expects each property at its place
// in the record before, so that its name is compared once and not looked up.
type Walker struct {
	plan   *Plan
	record []byte

	// By slot; slots past those of the plan belong to undeclared properties.
	tokens []token
	heads  []head  // what led to its value, as last seen
	after  []int32 // the slot that last followed
	learnt []uint8 // how often heads has changed

	levels []opened // of the record and the objects in it that are opened
	fresh  []string // undeclared properties first seen in this record
	closed []int    // levels whose value is none that can be opened

	marked   bool
	keyHash  uint64
	nullKey  bool
	replaced int
	special  int
	changes  []Change
	lacking  *ValueError // the first value that became NULL in a column that takes none

	kept        []int32 // indexes of columns that keep what is stored
	unavailable bool    // some of them have the text that says so

	strict  []byte // JSON without special numbers
	text    []byte // a string without its escapes
	binary  []byte // decoded base64
	element []byte // an array's element
	hashed  []byte // what a digest is made of

	extra    []undeclared // by slot, past those of the plan
	gathered []byte       // undeclared properties as one object
}

// opened is what a walker learns of the objects of one level.
type opened struct {
	opening head  // what led to the first value of the last one
	opener  int32 // and whose that is

	undeclared map[string]int32
}

// NewWalker returns a walker for one goroutine.
func (p *Plan) NewWalker() *Walker {
	n := len(p.names)
	w := &Walker{
		plan:   p,
		tokens: make([]token, n),
		heads:  make([]head, n),
		after:  make([]int32, n),
		learnt: make([]uint8, n),
		levels: make([]opened, len(p.levels)),
	}
	for i := range w.levels {
		w.levels[i].undeclared = map[string]int32{}
	}
	return w
}

// Walk reads one record, which must be a JSON object and stay unchanged until the walker's other methods have been
// called. The whole object is validated, undeclared properties too; of a repeated name the last value counts. The error
// is a *[jsonscan.SyntaxError] or a *[KeyError].
func (w *Walker) Walk(record []byte) error {
	w.record = record
	if w.plan.gathers && len(w.extra) > maxUndeclared {
		w.forget()
	}
	clear(w.tokens)
	w.fresh = w.fresh[:0]
	w.marked = false
	if err := w.object(0, record, 0); err != nil {
		return err
	}
	if w.plan.opens {
		if err := w.open(); err != nil {
			return err
		}
	}
	if w.plan.gathers {
		if err := w.gather(); err != nil {
			return err
		}
	}
	w.marked, w.unavailable = w.anyMark(), false
	if w.plan.keeps {
		w.findKept()
	}
	if w.plan.opts.AllowNullKeys {
		return nil
	}
	for _, i := range w.plan.keys {
		c := &w.plan.columns[i]
		if kind := w.tokens[c.slot].kind; kind <= jsonscan.KindNull {
			return &KeyError{Column: c.Name, Null: kind == jsonscan.KindNull}
		}
	}
	return nil
}

// object finds the tokens of the properties of the object at b[at], after which b ends.
func (w *Walker) object(level int, b []byte, at int) error {
	slot, i, err := w.first(level, b, at)
	for err == nil && i >= 0 {
		value, bad := jsonscan.Scan(b, i)
		if bad != nil {
			return bad
		}
		w.tokens[slot] = token{i, value.End, value.Kind, value.Traits}
		i = value.End
		if h := &w.heads[w.after[slot]]; h.is(b, i) {
			slot, i = w.after[slot], afterSpace(b, i+len(h.text))
		} else {
			slot, i, err = w.next(level, b, i, slot)
		}
	}
	return err
}

// afterSpace is jsonscan.Space where there is hardly ever any.
func afterSpace(b []byte, i int) int {
	if i < len(b) && b[i] <= ' ' {
		return jsonscan.Space(b, i)
	}
	return i
}

// atEnd expects nothing but white space from b[i] on.
func atEnd(b []byte, i int) error {
	if i = jsonscan.Space(b, i); i < len(b) {
		return unexpected(b, i, "something follows the object")
	}
	return nil
}

func unexpected(b []byte, i int, reason string) error {
	if i >= len(b) {
		reason = "the text ends in the middle of a value"
	}
	return &jsonscan.SyntaxError{Offset: i, Reason: reason}
}
