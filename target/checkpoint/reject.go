package checkpoint

import (
	"github.com/goccy/go-json"

	"target-postgres/internal/jsonscan"
	"target-postgres/target/batch"
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/stream"
	"target-postgres/target/tablewrite"
	"target-postgres/typemap"
)

// Misfit says which type a value does not fit, and why.
func Misfit(value *typemap.ValueError) string {
	return "the value does not fit the column's type " + value.Type.Name + ": " + value.Reason
}

// UnusableRejects is the error of a table of rejected records that refuses one even without its record.
func (k *Committer) UnusableRejects(where batch.Position, cause error) error {
	return &failure.Error{
		Blame: failure.Configuration, Stream: stream.RejectedTable, Reason: "the table of rejected records takes no row",
		Err:  &bisect.RefusedError{Where: where, Known: true, Err: cause},
		Hint: "drop the table " + pgtx.Qualified(k.config.Schema, stream.RejectedTable) + ", which the next run makes anew, or change what refuses the row",
	}
}

// Rejection is the record of a rejected record, which may be nil.
func (k *Committer) Rejection(s *stream.View, line int64, reason *failure.Error, record []byte) []byte {
	why := failure.Error{Column: reason.Column, Reason: reason.Why()}
	if record == nil {
		record = []byte("null")
	}
	record, _ = jsonscan.AppendStrict(nil, record, "null")
	row, err := json.Marshal(map[string]any{
		"stream": s.Name, "line": line, "reason": why.Error(),
		"record": json.RawMessage(record), "rejected_at": string(stream.AppendTime(nil, k.now())),
	})
	if err != nil && string(record) != "null" {
		// The record is the only part that can fail: without it the others still say where to look.
		return k.Rejection(s, line, reason, nil)
	}
	return row
}

// MayReject reports whether so many more records of a stream may be rejected. A stream with a limit of its own is not
// counted with the others.
func (k *Committer) MayReject(s *stream.View, more int) bool {
	if s.Config.OwnLimit() {
		return s.Stats.Rejected.Load()+int64(more) <= int64(s.Config.MaxRejectedRecords)
	}
	return k.rejected.Load()+int64(more) <= int64(k.config.MaxRejectedRecords)
}

// TellReject counts a record that is rejected for good, and logs where it was and why.
func (k *Committer) TellReject(s *stream.View, reason *failure.Error) {
	s.Stats.Rejected.Add(1)
	s.Stats.Why.Add(reason)
	if !s.Config.OwnLimit() {
		k.rejected.Add(1)
	}
	k.TellSaid(reason)
	k.log.Warn("rejected a record", "stream", s.Name, "line", reason.Line, "column", reason.Column, "reason", reason.Why())
}

// rejectedRow is the rejection of a row that only the server refused. Only the columns to which its record was encoded
// are left of it. The rejection itself has no record if bare is true.
func (c *Checkpoint) rejectedRow(r rejection, bare bool) (*tablewrite.Write, error) {
	record, err := r.load.Record(bare)
	if err != nil {
		return nil, &failure.Error{Blame: failure.Program, Stream: r.load.Stream.Name, Reason: "write down a rejected row", Err: err}
	}
	return c.rejected(r.load.Owner(0), r.load.Batch.RowsAt[0], r.reason, record)
}

// rejected is a load of one row into the table of rejected records.
func (c *Checkpoint) rejected(s *stream.View, where batch.Position, reason *failure.Error, record []byte) (*tablewrite.Write, error) {
	walker := c.Rejects.Layout.Plan.NewWalker()
	err := walker.Walk(c.Committer.Rejection(s, reason.Line, reason, record))
	var row []byte
	if err == nil {
		row, err = walker.AppendFields(nil)
	}
	if value := stream.AsValueError(err); value != nil {
		return nil, c.Committer.UnusableRejects(where, value)
	}
	if err != nil {
		return nil, &failure.Error{Blame: failure.Program, Stream: s.Name, Reason: "write down a rejected row", Err: err}
	}
	rows := &batch.Batch{}
	rows.Room(c.Committer.pool, len(row)+1)
	rows.Add(append(row, '\n'), where)
	rejected := c.Rejects.With(rows)
	if c.Aside {
		rejected = rejected.Aside()
	}
	return rejected, nil
}
