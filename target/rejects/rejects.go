package rejects

import (
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/goccy/go-json"

	"target-postgres/internal/jsonscan"
	"target-postgres/target/batch"
	"target-postgres/target/bisect"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/revision"
	"target-postgres/target/systemcolumn"
	"target-postgres/target/systemvalue"
	"target-postgres/typemap"
)

// Rejects are the rejected records of a run.
type Rejects struct {
	config *config.Config
	log    *slog.Logger
	now    func() time.Time
	run    systemcolumn.Run
	counts counts
	// missing is why there is no table for them, nil if nothing is wrong.
	missing atomic.Pointer[failure.Error]
}

// New are no rejected records yet, of a run that began at a time.
func New(cfg *config.Config, log *slog.Logger, began time.Time) *Rejects {
	return &Rejects{config: cfg, log: log, now: time.Now, run: systemcolumn.RunOf(cfg.Compatibility, began), counts: newCounts()}
}

// Misfit says which type a value does not fit, and why.
func Misfit(value *typemap.ValueError) string {
	return "the value does not fit the column's type " + value.Type.Name + ": " + value.Reason
}

// Miss takes note that the table of rejected records cannot be made, and warns.
func (r *Rejects) Miss(reason *failure.Error) {
	r.missing.Store(reason)
	r.log.Warn("the table of rejected records cannot be made: the first record that has to be rejected ends the run",
		"table", pgtx.Qualified(r.config.OwnSchema(), revision.RejectedTable), "because", reason.Why(), "hint", reason.Hint)
}

// Missing reports whether the table of rejected records cannot be made.
func (r *Rejects) Missing() bool { return r.missing.Load() != nil }

// limitOf is the limit that a stream's rejected records count for. A stream with one of its own is not counted with the
// others.
func (r *Rejects) limitOf(s *revision.Revision) limit {
	if s.Config.OwnLimit() {
		return limit{stream: s.Name, most: s.Config.MaxRejectedRecords}
	}
	return limit{most: r.config.MaxRejectedRecords}
}

// Together reports whether the rejected records of two streams count for the same limit.
func (r *Rejects) Together(a, b *revision.Revision) bool { return r.limitOf(a) == r.limitOf(b) }

// Reject counts and logs a record that the goroutine which reads the input rejects for a reason. The error is what ends
// the run in its place, if it cannot be rejected.
func (r *Rejects) Reject(s *revision.Revision, reason *failure.Error) error {
	if r.Missing() || !r.counts.count(r.limitOf(s)) {
		return r.ends(reason)
	}
	r.tell(s, reason)
	return nil
}

// May returns nil if so many more records of a stream may be rejected, the last of them for a reason, and else what
// ends the run at that one.
func (r *Rejects) May(s *revision.Revision, more int, last *failure.Error) error {
	if r.Missing() || !r.counts.allows(r.limitOf(s), more) {
		return r.ends(last)
	}
	return nil
}

// Claim is May for the records that the open transaction rejects, all those that count for the limit of a stream, and
// keeps room for them. The error ends the run: it has the reason of the last record.
func (r *Rejects) Claim(s *revision.Revision, all int, last *failure.Error) error {
	if r.Missing() || !r.counts.claim(r.limitOf(s), all) {
		return r.ends(last)
	}
	return nil
}

// Settle counts and logs a record of a transaction that had claimed room for it, now that it is committed.
func (r *Rejects) Settle(s *revision.Revision, reason *failure.Error) {
	r.counts.settle(r.limitOf(s))
	r.tell(s, reason)
}

// Release gives up what was claimed for a transaction that was rolled back.
func (r *Rejects) Release() { r.counts.release() }

// ends is what ends the run at a record that cannot be rejected.
func (r *Rejects) ends(reason *failure.Error) error {
	last := *reason
	last.Hint = "more records were rejected than max_rejected_records allows; this is the last one's reason"
	if missing := r.missing.Load(); missing != nil {
		last.Hint = "it cannot be rejected, because the table of rejected records cannot be made: " + missing.Why()
		if missing.Hint != "" {
			last.Hint += "; " + missing.Hint
		}
	}
	return &last
}

func (r *Rejects) tell(s *revision.Revision, reason *failure.Error) {
	s.Stats.Rejected.Add(1)
	s.Stats.Why.Add(reason)
	r.TellSaid(reason)
	where := []any{"stream", s.Name, "line", reason.Line}
	if reason.Record > 0 {
		where = append(where, "record_of_batch", reason.Record)
	}
	r.log.Warn("rejected a record", append(where, "column", reason.Column, "reason", reason.Why())...)
}

// TellSaid logs everything that the server said about an error, if log_server_messages asks for it: with the values of
// rows.
func (r *Rejects) TellSaid(err error) {
	if pg := failure.Said(err); r.config.LogServerMessages && pg != nil {
		r.log.Info("the server said", "sqlstate", pg.Code, "message", failure.OneLine(pg.Message), "detail", failure.OneLine(pg.Detail),
			"hint", failure.OneLine(pg.Hint), "context", failure.OneLine(pg.Where))
	}
}

// Record is what is written down of a rejected record, which may be nil.
func (r *Rejects) Record(s *revision.Revision, line int64, reason *failure.Error, record []byte) []byte {
	why := failure.Error{Record: reason.Record, Column: reason.Column, Reason: reason.Why()}
	if record == nil {
		record = []byte("null")
	}
	record, _ = jsonscan.AppendStrict(nil, record, "null")
	row, err := json.Marshal(map[string]any{
		"stream": s.Name, "line": line, "reason": why.Error(),
		"record": json.RawMessage(record), "rejected_at": string(systemvalue.AppendTime(nil, r.now())),
	})
	if err != nil && string(record) != "null" {
		// The record is the only part that can fail: without it the others still say where to look.
		return r.Record(s, line, reason, nil)
	}
	return row
}

// Encode adds a row of the table of rejected records, which has a layout. It fails if a value does not fit a column of
// that table: the error is then [Rejects.Unusable].
func (r *Rejects) Encode(rows *batch.Batch, layout *revision.Layout, pool *batch.Pool, s *revision.Revision, where batch.Position, reason *failure.Error, record []byte) error {
	walker := layout.Plan.NewWalker()
	err := walker.Walk(r.Record(s, reason.Line, reason, record))
	var row []byte
	if err == nil {
		row, err = walker.AppendFields(nil)
	}
	if value := typemap.AsValueError(err); value != nil {
		return r.Unusable(where, value)
	}
	if err != nil {
		return &failure.Error{Blame: failure.Program, Stream: s.Name, Reason: "write down a rejected row", Err: err}
	}
	for _, extra := range layout.Extras {
		row = r.run.Append(append(row, ','), extra.Kind, r.now)
	}
	rows.AddRow(pool, row, where)
	return nil
}

// Unusable is the error of a table of rejected records that refuses one even without its record.
func (r *Rejects) Unusable(where batch.Position, cause error) error {
	return &failure.Error{
		Blame: failure.Configuration, Stream: revision.RejectedTable, Reason: "the table of rejected records takes no row",
		Err:  &bisect.RefusedError{Where: where, Known: true, Err: cause},
		Hint: "drop the table " + pgtx.Qualified(r.config.OwnSchema(), revision.RejectedTable) + ", which the next run makes anew, or change what refuses the row",
	}
}
