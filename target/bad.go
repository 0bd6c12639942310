package target

import (
	"errors"
	"strings"

	"github.com/goccy/go-json"

	"target-postgres/internal/jsonscan"
	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// bad deals with a record that cannot be encoded: the run fails, or the record is rejected.
func (t *Target) bad(s *stream, m *protocol.Message, err error) error {
	e := &failure.Error{Kind: failure.KindInput, Stream: s.name, Line: m.Line}
	var key *typemap.KeyError
	var syntax *jsonscan.SyntaxError
	var invalid *invalidRecordError
	var undeclared *typemap.UndeclaredError
	value := asValueError(err)
	var obstacle *failure.Error
	switch {
	case value != nil && errors.As(err, &obstacle) && obstacle.Kind != failure.KindConfig:
		return obstacle
	case obstacle != nil:
		// Another type would hold the value, but something keeps the column from changing.
		*e = *obstacle
		e.Stream, e.Line, e.Column = s.name, m.Line, value.Column
		if s.setsAside() && e.Hint != "" {
			e.Reason += ": " + e.Hint // the table of rejects has no column for the hint
		}
	case value != nil:
		e.Column, e.Reason = value.Column, misfit(value)
		e.Hint = "correct the " + s.sender() + "'s schema, or set on_bad_record to reject"
	case errors.As(err, &key):
		e.Column, e.Reason = key.Column, s.say("record is missing one or more key_properties: ", "the record lacks its primary key: ")+keyFault(key)
		e.Hint = s.say("every record needs a value for each key property; correct key_properties, or set on_bad_record to reject",
			"every record needs a value for each field of the primary key: choose another, or set on_bad_record to reject")
	case errors.As(err, &undeclared):
		e.Column, e.Reason = undeclared.Field, "the stream's schema does not have the field, and undeclared_fields is fail"
		e.Hint = "declare the field at the " + s.sender() + ", or set undeclared_fields to store or warn"
	case errors.As(err, &invalid):
		e.Column, e.Reason = invalid.property, "the record is not valid: "+invalid.Error()
		e.Hint = "correct the record at its source, set on_bad_record to reject, or turn validate_records off"
	case errors.As(err, &syntax):
		e.Reason, e.Hint = "the record is not valid JSON", "the line is malformed or cut off: look at what the "+s.sender()+" printed there"
		e.Err = syntax
		return e
	default:
		return err
	}
	if !s.setsAside() {
		return e
	}
	return t.reject(s, m, e)
}

// misfit says which type a value does not fit, and why.
func misfit(value *typemap.ValueError) string {
	return "the value does not fit the column's type " + value.Type.Name + ": " + value.Reason
}

func keyFault(key *typemap.KeyError) string {
	if key.Null {
		return "its value is null"
	}
	return "it is absent"
}

// rejectedSchema describes the table of rejected records.
const rejectedSchema = `{"type": "object", "properties": {
	"stream": {"type": "string"},
	"line": {"type": "integer", "description": "Line of the input, counted from 1."},
	"reason": {"type": "string"},
	"record": {"description": "The record as it came, or the columns it was encoded to where only the server refused it."},
	"rejected_at": {"type": "string", "format": "date-time"}
}}`

// prepareRejects makes the stream that rejected records go to. They are rows like others: committed with the rest of
// their checkpoint.
func (t *Target) prepareRejects(of *stream) error {
	if !of.setsAside() || t.rejects != nil {
		return nil
	}
	m := &protocol.Message{
		Kind: protocol.KindSchema, Stream: protocol.Stream{Name: rejectedTable},
		Schema: &protocol.Schema{JSON: []byte(rejectedSchema)},
	}
	s, err := t.describe(m, rejectSettings(t.config), true)
	if err != nil {
		return err
	}
	t.rejects = s
	if err := t.prepare(s); err != nil {
		t.rejects = nil
		return err
	}
	t.order = append(t.order, s)
	return nil
}

const rejectedTable = "_singular_rejected"

// reject puts a record into the table of rejected ones. One that its column cannot hold is left out: the line and the reason
// say where to look.
func (t *Target) reject(s *stream, m *protocol.Message, reason *failure.Error) error {
	if err := t.countReject(s, reason); err != nil {
		return err
	}
	row := t.committer.rejection(&s.view, m.Line, reason, s.plan.Masked(m.Record))
	err := t.encode(t.rejects, &protocol.Message{Kind: protocol.KindRecord, Line: m.Line, Record: row})
	if asValueError(err) == nil {
		return err
	}
	row = t.committer.rejection(&s.view, m.Line, reason, nil)
	err = t.encode(t.rejects, &protocol.Message{Kind: protocol.KindRecord, Line: m.Line, Record: row})
	if value := asValueError(err); value != nil {
		return at(m.Line, t.committer.unusableRejects(batch.PositionOf(m.Line, t.recordOfLine), value))
	}
	return err
}

// unusableRejects is the error of a table of rejected records that refuses one even without its record.
func (k *Committer) unusableRejects(where batch.Position, cause error) error {
	return &failure.Error{
		Kind: failure.KindConfig, Stream: rejectedTable, Reason: "the table of rejected records takes no row",
		Err:  &refusedError{where: where, known: true, err: cause},
		Hint: "drop the table " + pgtx.Qualified(k.config.Schema, rejectedTable) + ", which the next run makes anew, or change what refuses the row",
	}
}

// rejection is the record of a rejected record, which may be nil.
func (k *Committer) rejection(s *view, line int64, reason *failure.Error, record []byte) []byte {
	short := *reason
	short.Stream, short.Line, short.Hint = "", 0, ""
	if record == nil {
		record = []byte("null")
	}
	record, _ = jsonscan.AppendStrict(nil, record, "null")
	row, err := json.Marshal(map[string]any{
		"stream": s.name, "line": line, "reason": strings.TrimPrefix(short.Error(), ", "),
		"record": json.RawMessage(record), "rejected_at": string(appendTime(nil, k.now())),
	})
	if err != nil && string(record) != "null" {
		// The record is the only part that can fail: without it the others still say where to look.
		return k.rejection(s, line, reason, nil)
	}
	return row
}

// countReject counts a rejected record and fails the run when there are too many.
func (t *Target) countReject(s *stream, reason *failure.Error) error {
	if !t.committer.mayReject(&s.view, 1) {
		return tooMany(reason)
	}
	t.committer.tellReject(&s.view, reason)
	return nil
}

// setsAside reports whether records of the stream that cannot be loaded are set aside.
func (s *spec) setsAside() bool { return s.config.OnBadRecord == config.RejectBadRecords }

// mayReject reports whether so many more records of a stream may be rejected. A stream with a limit of its own is not counted with
// the others.
func (k *Committer) mayReject(s *view, more int) bool {
	if s.config.OwnLimit() {
		return s.stats.rejected.Load()+int64(more) <= int64(s.config.MaxRejectedRecords)
	}
	return k.rejected.Load()+int64(more) <= int64(k.config.MaxRejectedRecords)
}

// rejectSettings are the settings of the table of rejected records: of those for all streams what concerns how values are stored.
func rejectSettings(c *config.Config) config.StreamConfig {
	return config.StreamConfig{TableSettings: config.TableSettings{
		LoadMode: merge.Append.String(), ActivateVersion: c.ActivateVersion, AddRecordMetadata: c.AddRecordMetadata,
		NumberType: c.NumberType, DecodeBinary: c.DecodeBinary, InvalidText: c.InvalidText,
		MigrationPolicy: config.MigrationPolicy{MissingFields: config.KeepMissingFields}, // the policy is about the streams of the input
	}}
}

// tooMany is the error of the record that is one more than max_rejected_records.
func tooMany(reason *failure.Error) error {
	last := *reason
	last.Hint = "more records were rejected than max_rejected_records allows; this is the last one's reason"
	return &last
}

// tellReject counts a record that is rejected for good, and logs where it was and why.
func (k *Committer) tellReject(s *view, reason *failure.Error) {
	s.stats.rejected.Add(1)
	s.stats.why.add(reason)
	if !s.config.OwnLimit() {
		k.rejected.Add(1)
	}
	k.tellSaid(reason)
	short := *reason
	short.Stream, short.Line, short.Column, short.Hint = "", 0, "", ""
	k.log.Warn("rejected a record", "stream", s.name, "line", reason.Line, "column", reason.Column, "reason", short.Error())
}

// rejectLoad is a load without rows into the table of rejected records, nil unless on_bad_record asks for it. It is made by who
// reads the input, so that nobody else looks at that stream's batch.
func (t *Target) rejectLoad() *load {
	if t.rejects == nil {
		return nil
	}
	return newLoad(t.rejects, 0, &batch.Batch{})
}

// rejectedRow is the rejection of a row that only the server refused. What is left of its record are the columns that it was
// encoded to. The rejection itself has no record if bare is true.
func (c *checkpoint) rejectedRow(r rejection, bare bool) (*load, error) {
	record, err := r.load.record(bare)
	if err != nil {
		return nil, &failure.Error{Kind: failure.KindSystem, Stream: r.load.stream.name, Reason: "write down a rejected row", Err: err}
	}
	return c.rejected(r.load.owner(0), r.load.batch.RowsAt[0], r.reason, record)
}

// rejected is a load of one row into the table of rejected records.
func (c *checkpoint) rejected(s *view, where batch.Position, reason *failure.Error, record []byte) (*load, error) {
	walker := c.rejects.layout.plan.NewWalker()
	err := walker.Walk(c.committer.rejection(s, reason.Line, reason, record))
	var row []byte
	if err == nil {
		row, err = walker.AppendFields(nil)
	}
	if value := asValueError(err); value != nil {
		return nil, c.committer.unusableRejects(where, value)
	}
	if err != nil {
		return nil, &failure.Error{Kind: failure.KindSystem, Stream: s.name, Reason: "write down a rejected row", Err: err}
	}
	rows := &batch.Batch{}
	rows.Room(c.committer.pool, len(row)+1)
	rows.Add(append(row, '\n'), where)
	rejected := c.rejects.with(rows)
	if c.aside {
		rejected = rejected.aside()
	}
	return rejected, nil
}

// record is the load's only row as JSON, nil if it is to be left out.
func (l *load) record(bare bool) ([]byte, error) {
	if bare {
		return nil, nil
	}
	columns := map[string]any{}
	fields := batch.CsvFields(l.batch.Row(0))
	for i, c := range l.layout.columns {
		if i < len(fields) && fields[i] != nil {
			columns[c.Name] = *fields[i]
		}
	}
	return json.Marshal(columns)
}
