package checkpoint

import (
	"target-postgres/target/batch"
	"target-postgres/target/failure"
	"target-postgres/target/stream"
	"target-postgres/target/tablewrite"
)

// claim keeps room for the records that the open transaction rejects: those of a stream, and those that it drains.
func (c *Checkpoint) claim(s *stream.Revision, more int, last *failure.Error) error {
	for _, other := range c.drainRejects {
		if c.Committer.Rejects.Together(s, other) {
			more++
		}
	}
	return c.Committer.Rejects.Claim(s, more, last)
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
func (c *Checkpoint) rejected(s *stream.Revision, where batch.Position, reason *failure.Error, record []byte) (*tablewrite.Write, error) {
	walker := c.Rejects.Layout.Plan.NewWalker()
	err := walker.Walk(c.Committer.Rejects.Record(s, reason.Line, reason, record))
	var row []byte
	if err == nil {
		row, err = walker.AppendFields(nil)
	}
	if value := stream.AsValueError(err); value != nil {
		return nil, c.Committer.Rejects.Unusable(where, value)
	}
	if err != nil {
		return nil, &failure.Error{Blame: failure.Program, Stream: s.Name, Reason: "write down a rejected row", Err: err}
	}
	rejected := c.Rejects.With(batch.OfRow(c.Committer.pool, row, where))
	if c.Aside {
		rejected = rejected.Aside()
	}
	return rejected, nil
}
