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

// addRejected adds the rejection of a row that only the server refused. Only the columns to which its record was
// encoded are left of it. The rejection itself has no record if bare is true.
func (c *Checkpoint) addRejected(rows *batch.Batch, r rejection, bare bool) error {
	record, err := r.load.Record(bare)
	if err != nil {
		return &failure.Error{Blame: failure.Program, Stream: r.load.Stream.Name, Reason: "write down a rejected row", Err: err}
	}
	return c.Committer.Rejects.Encode(rows, c.Rejects.Layout, c.Committer.pool, r.load.Owner(0), r.load.Batch.RowsAt[0], r.reason, record)
}

// rejected is a load into the table of rejected records.
func (c *Checkpoint) rejected(rows *batch.Batch) *tablewrite.Write {
	rejected := c.Rejects.With(rows)
	if c.Aside {
		rejected = rejected.Aside()
	}
	return rejected
}
