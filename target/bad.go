package target

import (
	"errors"
	"strings"

	"github.com/goccy/go-json"

	"target-postgres/internal/jsonscan"
	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/typemap"
)

// bad deals with a record that cannot be encoded: the run fails, or the record is rejected.
func (t *Target) bad(s *stream, m *protocol.Message, err error) error {
	e := &Error{Kind: KindInput, Stream: s.name, Line: m.Line}
	var key *typemap.KeyError
	var syntax *jsonscan.SyntaxError
	var invalid *invalidRecordError
	value := asValueError(err)
	switch {
	case value != nil:
		e.Column, e.Reason = value.Column, "the value does not fit the column's type "+value.Type.Name+": "+value.Reason
		e.Hint = "correct the tap's schema, or set on_bad_record to reject"
	case errors.As(err, &key):
		e.Column, e.Reason = key.Column, "record is missing one or more key_properties: "+keyFault(key)
		e.Hint = "every record needs a value for each key property; correct key_properties, or set on_bad_record to reject"
	case errors.As(err, &invalid):
		e.Column, e.Reason = invalid.property, "the record is not valid: "+invalid.Error()
		e.Hint = "correct the record at its source, set on_bad_record to reject, or turn validate_records off"
	case errors.As(err, &syntax):
		e.Reason, e.Hint = "the record is not valid JSON", "the line is malformed or cut off: look at what the tap printed there"
		e.Err = syntax
		return e
	default:
		return err
	}
	if t.config.OnBadRecord != "reject" {
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
func (t *Target) prepareRejects() error {
	if t.config.OnBadRecord != "reject" || t.rejects != nil {
		return nil
	}
	m := &protocol.Message{
		Kind: protocol.KindSchema, Stream: protocol.Stream{Name: rejectedTable},
		Schema: &protocol.Schema{JSON: []byte(rejectedSchema)},
	}
	s, err := t.describe(m, StreamConfig{LoadMode: merge.Append.String(), FullSnapshot: new(bool)})
	if err != nil {
		return err
	}
	s.schemaName, s.tableName = t.config.Schema, rejectedTable
	s.into = merge.Name{Schema: s.schemaName, Table: s.tableName}
	t.rejects = s
	t.order = append(t.order, s)
	return t.prepare(s)
}

const rejectedTable = "_singular_rejected"

// reject puts a record into the table of rejected ones.
func (t *Target) reject(s *stream, m *protocol.Message, reason *Error) error {
	if err := t.countReject(s, reason); err != nil {
		return err
	}
	row := t.rejection(s, m.Line, reason, m.Record)
	return t.encode(t.rejects, &protocol.Message{Kind: protocol.KindRecord, Line: m.Line, Record: row})
}

// rejection is the record of a rejected record.
func (t *Target) rejection(s *stream, line int64, reason *Error, record []byte) []byte {
	short := *reason
	short.Stream, short.Line, short.Hint = "", 0, ""
	record, _ = jsonscan.AppendStrict(nil, record, "null")
	row, err := json.Marshal(map[string]any{
		"stream": s.name, "line": line, "reason": strings.TrimPrefix(short.Error(), ", "),
		"record": json.RawMessage(record), "rejected_at": string(appendTime(nil, t.now())),
	})
	if err != nil {
		// The record is the only part that can fail: without it the others still say where to look.
		return t.rejection(s, line, reason, []byte("null"))
	}
	return row
}

// countReject counts a rejected record and fails the run when there are too many.
func (t *Target) countReject(s *stream, reason *Error) error {
	s.stats.rejected.Add(1)
	if t.rejected.Add(1) > int64(t.config.MaxRejectedRecords) {
		tooMany := *reason
		tooMany.Hint = "more records were rejected than max_rejected_records allows; this is the last one's reason"
		return &tooMany
	}
	t.log.Warn("rejected a record", "stream", s.name, "line", reason.Line, "column", reason.Column)
	return nil
}

// rejectedRow is a rejection of a row that only the server refused, on its way into the table of rejected records. What is
// left of the record are the columns it was encoded to.
func (t *Target) rejectedRow(l *load, reason *Error) (*load, error) {
	columns := map[string]any{}
	fields := csvFields(l.batch.row(0))
	for i, c := range l.layout.columns {
		if i < len(fields) && fields[i] != nil {
			columns[c.Name] = *fields[i]
		}
	}
	record, err := json.Marshal(columns)
	if err != nil {
		return nil, &Error{Kind: KindSystem, Stream: l.stream.name, Reason: "write down a rejected row", Err: err}
	}
	walker := t.rejects.layout.plan.NewWalker()
	if err := walker.Walk(t.rejection(l.owner(0), reason.Line, reason, record)); err != nil {
		return nil, &Error{Kind: KindSystem, Stream: l.stream.name, Reason: "write down a rejected row", Err: err}
	}
	row, err := walker.AppendFields(nil)
	if err != nil {
		return nil, &Error{Kind: KindSystem, Stream: l.stream.name, Reason: "write down a rejected row", Err: err}
	}
	rejection := &batch{}
	rejection.room(t.pool, len(row)+1)
	rejection.add(append(row, '\n'), l.batch.rowsAt[0])
	rejected := newLoad(t.config, t.rejects, 0, rejection)
	if l.spills {
		rejected = rejected.aside()
	}
	return rejected, nil
}
