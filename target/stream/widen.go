package stream

import (
	"slices"

	"target-postgres/typemap"
)

// Widening is how a column comes to hold a value that it refused, if it may.
func (s *Stream) Widening(value *typemap.ValueError, was typemap.Type) (typemap.Widening, bool) {
	if was.Name == "" || s.fixed(value.Column) {
		return typemap.Widening{}, false
	}
	to, declared := *value.Widen, s.declared(value.Column)
	crosses := declared.Name != "" && !typemap.SameFamily(was, declared)
	if crosses {
		to = declared
	}
	widening, ok := typemap.Widen(was, to)
	may := ok && widening.Change() && (crosses || s.mayBecome(value.Column, was, widening.To)) && s.Own(value.Column).MayBecome(widening.To)
	return widening, may
}

// Stuck is why a column was not widened to a type.
type Stuck struct {
	To  typemap.Type
	Err error
}

// mayBecome reports whether a value may change its column's type: to one of the same family, or to the one that the
// schema says. A text in a column of numbers that the schema has as numbers is a bad record and no reason to change the
// table.
func (s *Stream) mayBecome(name string, was, to typemap.Type) bool {
	if typemap.Related(was, to) && to.Kind != typemap.KindText || was.Kind == to.Kind || was.Kind == typemap.KindText {
		return true
	}
	if s.Airbyte && slices.Contains(s.Key, name) && typemap.Related(was, typemap.Text) {
		return true // a key is never NULL: a date that is none would stop the connection for good
	}
	i := slices.Index(s.Names, name)
	return i >= 0 && s.Fields[i].Type.Kind == to.Kind
}

// declared returns the type that the schema gives a column, the zero Type for a column of our own.
func (s *Stream) declared(name string) typemap.Type {
	if i := slices.Index(s.Names, name); i >= 0 {
		return s.Fields[i].Type
	}
	return typemap.Type{}
}

// ColumnType is the type of a column that the stream writes.
func (s *Stream) ColumnType(name string) typemap.Type {
	for _, c := range s.Layout.Columns {
		if c.Name == name {
			return c.Type
		}
	}
	return typemap.Type{}
}
