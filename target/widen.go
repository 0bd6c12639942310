package target

import (
	"slices"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/typemap"
)

// widenFor changes the type of a column that the record just refused does not fit, where another type would hold the
// value and the policy allows it. It returns whether the record is to be encoded again.
func (t *Target) widenFor(s *stream, m *protocol.Message, err error) (bool, error) {
	value := asValueError(err)
	if value == nil || value.Widen == nil || t.config.MigrationPolicy.ChangedTypes != "widen" || s == t.rejects {
		return false, nil
	}
	i := slices.IndexFunc(s.layout.columns, func(c merge.Column) bool { return c.Name == value.Column })
	if i < 0 {
		return false, nil
	}
	was := s.layout.columns[i].Type
	to, declared := *value.Widen, s.declared(value.Column)
	crosses := declared.Name != "" && !typemap.SameFamily(was, declared)
	if crosses {
		to = declared
	}
	widening, ok := typemap.Widen(was, to)
	if !ok || !widening.Change() || !(crosses || s.mayBecome(value.Column, was, widening.To)) || !s.own(value.Column).mayBecome(widening.To) {
		return false, nil
	}
	if s.rows() > 0 {
		if err := t.flush(s); err != nil {
			return false, err
		}
	}
	if s.widened == nil {
		s.widened = map[string]typemap.Type{}
	}
	before, had := s.widened[value.Column]
	s.widened[value.Column] = widening.To
	if err := t.prepare(s); err != nil {
		if delete(s.widened, value.Column); had {
			s.widened[value.Column] = before
		}
		return false, at(m.Line, err)
	}
	return !s.columnType(value.Column).Equal(was), nil
}

// mayBecome says whether a value may change its column's type: to one of the same family, or to the one that the schema
// says. A text in a column of numbers that the schema has as numbers is a bad record and no reason to change the table.
func (s *stream) mayBecome(name string, was, to typemap.Type) bool {
	if typemap.Related(was, to) && to.Kind != typemap.KindText || was.Kind == to.Kind || was.Kind == typemap.KindText {
		return true
	}
	if s.airbyte && slices.Contains(s.key, name) && typemap.Related(was, typemap.Text) {
		return true // a key is never NULL: a date that is none would stop the connection for good
	}
	i := slices.Index(s.names, name)
	return i >= 0 && s.fields[i].Type.Kind == to.Kind
}

// declared returns the type that the schema gives a column, the zero Type for a column of our own.
func (s *stream) declared(name string) typemap.Type {
	if i := slices.Index(s.names, name); i >= 0 {
		return s.fields[i].Type
	}
	return typemap.Type{}
}

// columnType is the type of a column that the stream writes.
func (s *stream) columnType(name string) typemap.Type {
	for _, c := range s.layout.columns {
		if c.Name == name {
			return c.Type
		}
	}
	return typemap.Type{}
}
