package typemap

import (
	"slices"

	"target-postgres/internal/jsonscan"
)

// Column is one column of a table and the property that fills it.
type Column struct {
	Field    string   // the property's name, verbatim
	Path     []string // where its value is in the record, nil for the property Field
	Name     string   // the column's name
	Type     Type     // what the column is
	Want     Type     // what the schema asks for; the zero Type means Type
	Encoding string   // "base64" or "base16" where a bytea column holds decoded text, else ""
	// Container is a [Field]'s, and counts with [PlanOptions.Airbyte] only.
	Container  string
	Key        bool    // part of the stream's key: must be in every record and not null
	Undeclared bool    // it holds the properties that the schema does not have, as one object
	Constant   string  // the JSON of the value of every record, "" for the record's own
	NullKeeps  bool    // null, and an absent property, keep what is stored
	Needed     bool    // the column takes no NULL, so that Airbyte's values are not replaced by it: see [Walker.Lacking]
	Others     bool    // objects are NULL: they are opened, and their properties have columns
	Digest     *Digest // what is stored instead of the value, nil for the value itself
}

// PlanOptions changes how a plan treats records. The zero value is Singer's behaviour with every check on.
type PlanOptions struct {
	// MarkFields are properties that mark the record as deleted when they are there and not null. Their value does not
	// matter (_sdc_deleted_at). They count also when no column holds them.
	MarkFields []string
	// TruthyMarks are properties that mark the record as deleted unless they are null, false, zero, "" or one of the
	// words which PostgreSQL reads as false ("f", "no", "off" and so on, in any case).
	TruthyMarks []string
	// Airbyte turns a value that does not fit into NULL and a [Change], and coerces values as Airbyte's own
	// destinations do.
	Airbyte bool
	// FailInvalidText makes U+0000 and lone surrogates a [ValueError] instead of U+FFFD.
	FailInvalidText bool
	// LeftOut are the paths of properties that are known although no column holds them.
	LeftOut [][]string
	// Undeclared says what the column of undeclared properties holds instead of the values of one, and whether to
	// ignore it; nil stores them all as they are.
	Undeclared func(name string) (instead *Digest, ignore bool)
	// FailUndeclared makes a property that is not ignored an [UndeclaredError].
	FailUndeclared bool
	// Separator stands between the names of a path where [Walker.Unknown] names one.
	Separator string
	// Watch are properties whose raw JSON the caller wants, see [Walker.Watched].
	Watch []string
	// AllowNullKeys lets a key property be absent or null.
	AllowNullKeys bool
	// Unavailable is the text that stands for a value which the source left out because it did not change; "" when none
	// does. A key is never such a value.
	Unavailable string
}

// Plan is how the records of one stream become rows of one table. It does not change after [Compile] and may be shared
// by goroutines; each of them walks records with a [Walker] of its own.
type Plan struct {
	columns   []column
	canonical bool

	// The properties that matter, each with a slot. Slot 0 belongs to none: it is what stands before the first.
	names  []string
	levels []level          // the record, then the objects in it that are opened, outer ones first
	fields map[string]int32 // the slots of columns by Field
	opens  bool             // there are objects to be opened, or constants

	extra    int32 // the slot of the undeclared properties, 0 for none
	gathers  bool  // they are stored, or refused
	unstored []unstored

	constants, nulls []int32 // slots that every record has

	keys   []int32 // indexes into columns
	marks  []int32 // slots
	truthy []int32 // slots
	watch  []int32 // slots
	opts   PlanOptions

	// keeps says that a column may keep what is stored.
	keeps       bool
	unavailable *unavailable
}

// column is a Column made ready to write.
type column struct {
	Column
	slot   int32
	isMark bool

	// A token whose kind is in copyKinds, that has no trait of closer and at most copyMax bytes, is its own CSV field.
	// All others go through encode.
	copyKinds uint16
	closer    jsonscan.Traits
	copyMax   int
	encode    encoder

	airbyte  bool
	fail     bool    // invalid text is a misfit
	length   int     // most characters of varchar(n) and char(n); 0 is no limit
	octets   int     // most bytes of name and "char"; 0 is no limit
	scale    int     // of numeric(p,s)
	whole    int     // p-s: most digits before the point of numeric(p,s)
	limited  bool    // the column is numeric(p,s)
	exact    bool    // a float column whose schema asks for exact numbers
	elements *column // how the elements of an array column are written
}

// Compile makes the plan for a table's columns, in the order in which their fields are to be written.
func Compile(cols []Column, opts PlanOptions) *Plan {
	p := &Plan{names: []string{""}, levels: []level{{slots: map[string]int32{}}}, fields: map[string]int32{}, canonical: true, opts: opts}
	for _, c := range cols {
		c := newColumn(c, opts)
		switch {
		case c.Undeclared:
			c.slot = p.newSlot("")
			p.extra = c.slot
		case c.Constant != "":
			c.slot = p.constant(c.Constant)
		default:
			c.slot = p.slotAt(c.path())
		}
		p.fields[c.Field] = c.slot
		p.columns = append(p.columns, c)
		if c.Key {
			p.keys = append(p.keys, int32(len(p.columns)-1))
			p.canonical = p.canonical && canonical(c.Type)
		}
	}
	p.keepOthers()
	p.unavailable = newUnavailable(opts.Unavailable)
	p.keeps = p.unavailable != nil || slices.ContainsFunc(cols, func(c Column) bool { return c.NullKeeps })
	p.marks = p.slotsOf(opts.MarkFields)
	p.truthy = p.slotsOf(opts.TruthyMarks)
	p.watch = p.slotsOf(opts.Watch)
	known := map[int32]bool{}
	for _, path := range opts.LeftOut {
		known[p.slotAt(path)] = true
	}
	if p.gathers = p.extra != 0 || opts.FailUndeclared; p.extra != 0 {
		p.findUnstored(known)
	}
	for _, slot := range append(append([]int32(nil), p.marks...), p.truthy...) {
		for i := range p.columns {
			if p.columns[i].slot == slot {
				p.columns[i].isMark = true
			}
		}
	}
	return p
}

func (p *Plan) slotsOf(names []string) []int32 {
	var slots []int32
	for _, name := range names {
		slot, is := p.fields[name]
		if !is {
			slot = p.slotAt([]string{name})
		}
		slots = append(slots, slot)
	}
	return slots
}

// CanonicalKey reports whether two keys are equal on the server exactly when their CSV fields are the same bytes, so
// that the client can tell repeated keys apart by [Walker.KeyHash] alone. It is false for types with several spellings
// of one value (numeric, float, timestamps, char(n), citext, json), and for texts of a nondeterministic collation.
func (p *Plan) CanonicalKey() bool { return p.canonical }

func canonical(t Type) bool {
	switch t.Kind {
	case KindBool, KindInt2, KindInt4, KindInt8, KindBytea, KindDate, KindUUID:
		return true
	case KindText:
		return !t.Padded() && t.Collation == ""
	}
	return false
}
