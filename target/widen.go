package target

import (
	"target-postgres/protocol"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/pgtx"
	"target-postgres/target/rejects"
	"target-postgres/target/stream"
	"target-postgres/typemap"
)

// widenFor changes the type of a column that the record just refused does not fit, if another type would hold the
// value. It returns whether the record is to be encoded again. If something kept a column from being widened, every
// later record of the run that asks for it gets the same error.
func (t *Target) widenFor(s *stream.Stream, m *protocol.Message, err error) (bool, error) {
	value := typemap.AsValueError(err)
	if value == nil || value.Widen == nil || s.Rejects {
		return false, nil
	}
	was := s.ColumnType(value.Column)
	widening, ok := s.Widening(value, was)
	if !ok {
		return false, nil
	}
	if before, is := s.Stuck[value.Column]; is && before.To.Equal(widening.To) {
		return false, failure.AtLine(m.Line, before.Err)
	}
	if s.Config.MigrationPolicy.ChangedTypes == config.FailChangedTypes {
		return false, failure.AtLine(m.Line, migrate.FixedType(s.Own(value.Column), pgtx.Qualified(s.SchemaName, s.TableName), rejects.Misfit(value), widening))
	}
	if s.Rows() > 0 {
		if err := t.flush(s); err != nil {
			return false, err
		}
	}
	if err := t.widen(s, value.Column, widening.To); err != nil {
		return false, failure.AtLine(m.Line, err)
	}
	return !s.ColumnType(value.Column).Equal(was), nil
}

// widen gives a column another type. If something blocks that the stream goes on as it was, and remembers it.
func (t *Target) widen(s *stream.Stream, name string, to typemap.Type) error {
	if s.Widened == nil {
		s.Widened = map[string]typemap.Type{}
	}
	before, had := s.Widened[name]
	s.Widened[name] = to
	err := t.preparer.Prepare(s)
	if err == nil {
		return nil
	}
	if delete(s.Widened, name); had {
		s.Widened[name] = before
	}
	if !failure.OfServer(err) && !failure.Transient(err) {
		if s.Stuck == nil {
			s.Stuck = map[string]stream.Stuck{}
		}
		s.Stuck[name] = stream.Stuck{To: to, Err: err}
	}
	return err
}
