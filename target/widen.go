package target

import (
	"slices"

	"target-postgres/protocol"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// widenFor changes the type of a column that the record just refused does not fit, if another type would hold the value. It
// returns whether the record is to be encoded again. What kept a column from being widened is the error of every later record
// of the run that asks for it.
func (t *Target) widenFor(s *stream, m *protocol.Message, err error) (bool, error) {
	value := asValueError(err)
	if value == nil || value.Widen == nil || s.rejects {
		return false, nil
	}
	was := s.columnType(value.Column)
	widening, ok := s.widening(value, was)
	if !ok {
		return false, nil
	}
	if before, is := s.stuck[value.Column]; is && before.to.Equal(widening.To) {
		return false, at(m.Line, before.err)
	}
	if s.config.MigrationPolicy.ChangedTypes == config.FailChangedTypes {
		return false, at(m.Line, migrate.FixedType(s.own(value.Column), pgtx.Qualified(s.schemaName, s.tableName), misfit(value), widening))
	}
	if s.rows() > 0 {
		if err := t.flush(s); err != nil {
			return false, err
		}
	}
	if err := t.widen(s, value.Column, widening.To); err != nil {
		return false, at(m.Line, err)
	}
	return !s.columnType(value.Column).Equal(was), nil
}

// widening is how a column comes to hold a value that it refused, if it may.
func (s *stream) widening(value *typemap.ValueError, was typemap.Type) (typemap.Widening, bool) {
	if was.Name == "" || s.fixed(value.Column) {
		return typemap.Widening{}, false
	}
	to, declared := *value.Widen, s.declared(value.Column)
	crosses := declared.Name != "" && !typemap.SameFamily(was, declared)
	if crosses {
		to = declared
	}
	widening, ok := typemap.Widen(was, to)
	may := ok && widening.Change() && (crosses || s.mayBecome(value.Column, was, widening.To)) && s.own(value.Column).MayBecome(widening.To)
	return widening, may
}

// stuck is why a column was not widened to a type.
type stuck struct {
	to  typemap.Type
	err error
}

// widen gives a column another type. If something blocks that the stream goes on as it was, and remembers it.
func (t *Target) widen(s *stream, name string, to typemap.Type) error {
	if s.widened == nil {
		s.widened = map[string]typemap.Type{}
	}
	before, had := s.widened[name]
	s.widened[name] = to
	err := t.prepare(s)
	if err == nil {
		return nil
	}
	if delete(s.widened, name); had {
		s.widened[name] = before
	}
	if !failure.OfServer(err) && !failure.Transient(err) {
		if s.stuck == nil {
			s.stuck = map[string]stuck{}
		}
		s.stuck[name] = stuck{to, err}
	}
	return err
}

// mayBecome says whether a value may change its column's type: to one of the same family, or to the one that the schema
// says. A text in a column of numbers that the schema has as numbers is a bad record and no reason to change the table.
func (s *spec) mayBecome(name string, was, to typemap.Type) bool {
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
func (s *spec) declared(name string) typemap.Type {
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
