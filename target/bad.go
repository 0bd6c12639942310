package target

import (
	"errors"

	"target-postgres/internal/jsonscan"
	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/failure"
	"target-postgres/target/rejects"
	"target-postgres/target/revision"
	"target-postgres/target/stream"
	"target-postgres/target/tablewrite"
	"target-postgres/target/validate"
	"target-postgres/typemap"
)

// bad deals with a record that cannot be encoded: the run fails, or the record is rejected.
func (t *Target) bad(s *stream.Stream, m *protocol.Message, err error) error {
	e := &failure.Error{Blame: failure.Row, Stream: s.Name, Line: m.Line}
	var key *typemap.KeyError
	var syntax *jsonscan.SyntaxError
	var invalid *validate.Error
	var undeclared *typemap.UndeclaredError
	value := typemap.AsValueError(err)
	var obstacle *failure.Error
	switch {
	case value != nil && errors.As(err, &obstacle) && obstacle.Blame != failure.Configuration:
		return obstacle
	case obstacle != nil:
		// Another type would hold the value, but something keeps the column from changing.
		*e = *obstacle
		e.Stream, e.Line, e.Column = s.Name, m.Line, value.Column
		if s.SetsAside() && e.Hint != "" {
			e.Reason += ": " + e.Hint // the table of rejects has no column for the hint
		}
	case value != nil:
		e.Column, e.Reason = value.Column, rejects.Misfit(value)
		e.Hint = "correct the " + s.Sender() + "'s schema, or set on_bad_record to reject"
	case errors.As(err, &key):
		e.Column, e.Reason = key.Column, s.Say("record is missing one or more key_properties: ", "the record lacks its primary key: ")+keyFault(key)
		e.Hint = s.Say("every record needs a value for each key property; correct key_properties, or set on_bad_record to reject",
			"every record needs a value for each field of the primary key: choose another, or set on_bad_record to reject")
	case errors.As(err, &undeclared):
		e.Column, e.Reason = undeclared.Field, "the stream's schema does not have the field, and undeclared_fields is fail"
		e.Hint = "declare the field at the " + s.Sender() + ", or set undeclared_fields to store or warn"
	case errors.As(err, &invalid):
		e.Column, e.Reason = invalid.Property, "the record is not valid: "+invalid.Error()
		e.Hint = "correct the record at its source, set on_bad_record to reject, or turn validate_records off"
	case errors.As(err, &syntax):
		e.Reason, e.Hint = "the record is not valid JSON", "the line is malformed or cut off: look at what the "+s.Sender()+" printed there"
		e.Err = syntax
		return e
	default:
		return err
	}
	if !s.SetsAside() {
		return e
	}
	return t.reject(s, m, e)
}

func keyFault(key *typemap.KeyError) string {
	if key.Null {
		return "its value is null"
	}
	return "it is absent"
}

// prepareRejects makes the stream that rejected records go to. They are rows like others: committed with the rest of
// their checkpoint.
func (t *Target) prepareRejects(of *stream.Stream) error {
	if !of.SetsAside() || t.registry.Rejects != nil || t.committer.Rejects.Missing() {
		return nil
	}
	m := &protocol.Message{
		Kind: protocol.KindSchema, Stream: protocol.Stream{Name: revision.RejectedTable},
		Schema: &protocol.Schema{JSON: []byte(rejects.Schema)},
	}
	s, err := t.registry.Describe(m, rejects.Settings(t.config), true)
	if err != nil {
		return err
	}
	t.registry.Rejects = s
	if err := t.preparer.Prepare(s); err != nil {
		t.registry.Rejects = nil
		return t.withoutRejects(err)
	}
	t.registry.Add(s)
	return nil
}

// withoutRejects goes on without a table of rejected records: it takes a record that has to be set aside to miss it.
func (t *Target) withoutRejects(err error) error {
	e, ok := errors.AsType[*failure.Error](err)
	if !ok || !t.ofTable(err, e) {
		return err
	}
	t.committer.Rejects.Miss(e)
	return nil
}

// reject puts a record into the table of rejected ones. One that its column cannot hold is left out: the line and the
// reason say where to look.
func (t *Target) reject(s *stream.Stream, m *protocol.Message, reason *failure.Error) error {
	reason.Record = t.input.position(m.Line).Record()
	if err := t.committer.Rejects.Reject(&s.Revision, reason); err != nil {
		return err
	}
	row := t.committer.Rejects.Record(&s.Revision, m.Line, reason, s.Plan.Masked(m.Record))
	err := t.encode(t.registry.Rejects, &protocol.Message{Kind: protocol.KindRecord, Line: m.Line, Record: row})
	if typemap.AsValueError(err) == nil {
		return err
	}
	row = t.committer.Rejects.Record(&s.Revision, m.Line, reason, nil)
	err = t.encode(t.registry.Rejects, &protocol.Message{Kind: protocol.KindRecord, Line: m.Line, Record: row})
	if value := typemap.AsValueError(err); value != nil {
		return failure.AtLine(m.Line, t.committer.Rejects.Unusable(t.input.position(m.Line), value))
	}
	return err
}

// rejectWrite is a write without rows into the table of rejected records, nil unless on_bad_record asks for it. It is
// made by the goroutine that reads the input, which alone uses that stream's batch.
func (t *Target) rejectWrite() *tablewrite.Write {
	if t.registry.Rejects == nil || t.preparer.Dry {
		return nil
	}
	return newWrite(t.registry.Rejects, 0, &batch.Batch{})
}
