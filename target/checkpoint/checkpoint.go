package checkpoint

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/pgtx"
	"target-postgres/target/pipeline"
	"target-postgres/target/revision"
	"target-postgres/target/state"
	"target-postgres/target/tablewrite"
)

// Checkpoint is a point in the input at which all batches go to the database together, in one transaction, and the
// states that wait for it leave. The goroutine that reads the input fills it; once it is submitted it belongs to its
// task.
type Checkpoint struct {
	Committer *Committer
	// Writes are the batches, one of each stream that has rows. States are emitted after the COMMIT, in this order.
	Writes []*tablewrite.Write
	States []state.Message
	// Aside is true for rows that go where they wait for their STATE, Drains bring such rows into their tables.
	Aside  bool
	Drains []Drain
	// Partitions makes the partitions that the rows need, in a transaction of its own before that of the checkpoint. It
	// is nil where they are there. Ahead of the turn it hardly waits for a lock.
	Partitions func(ctx context.Context, conn *pgx.Conn, ahead bool) error
	// drainRejects has the stream of every row that the open transaction drains and rejects.
	drainRejects []*revision.Revision
	// sent is the transaction whose COMMIT was sent on a connection that then broke.
	sent pgtx.InDoubt
	// tx is the open transaction, begun true once it is known which one that is.
	tx    pgtx.Transaction
	begun bool
	// committed is true once the message that copied the rows has committed them.
	committed bool
	// lockTimedOut is true once the wait for a lock, which the checkpoint's own followers may have held, timed out.
	lockTimedOut bool
	// races counts the attempts that a key inserted by another session may have ended.
	races int
	// Rejects is a write into the table of rejected records, nil unless on_bad_record asks for it.
	Rejects *tablewrite.Write
	// Last is done in the transaction after everything else, nil for nothing.
	Last func(ctx context.Context, conn *pgx.Conn) error
	// bisected is a search for refused rows whose COMMIT may have been lost, nil unless there was one.
	bisected *bisection
}

// Task is the checkpoint's way into the database. Its rows are copied while the merge before it still runs.
func (c *Checkpoint) Task() pipeline.Task {
	work := []*Checkpoint{c}
	j := pipeline.Task{Name: "checkpoint", Commit: func(ctx context.Context, conn *pgx.Conn, turn *pipeline.Ticket) error {
		for {
			work[0].withoutFailed()
			if work[0].bisected == nil {
				c.Committer.Rejects.Release() // what the attempt before this one claimed
			}
			more, err := work[0].run(ctx, conn, turn)
			if err != nil {
				more, err = work[0].contain(c.Committer.remedy(ctx, conn, err))
			}
			if err != nil {
				return err
			}
			if work = append(more, work[1:]...); len(work) == 0 {
				return nil
			}
			turn.Prepared = false
			turn.AbortOthers()
		}
	}}
	j.Done = func(err error) {
		if err != nil {
			c.Committer.Unsent = append(c.Committer.Unsent, work...)
		}
	}
	// With a state table every transaction has the last word on which run it is of, and begins when its turn has come.
	if c.Committer.StateTable == nil && len(c.Writes) > 0 && !slices.ContainsFunc(c.Writes, waits) {
		j.Prepare = func(ctx context.Context, conn *pgx.Conn, turn *pipeline.Ticket) error {
			c.withoutFailed()
			if slices.ContainsFunc(c.Writes, waits) {
				return errInTheWay
			}
			return c.copy(ctx, conn, turn)
		}
		j.WritesAhead, j.GaveWay = slices.ContainsFunc(c.Writes, runsIntoOthers), c.gaveWay
	}
	return j
}

// rows counts the rows of all streams.
func (c *Checkpoint) rows() int {
	n := 0
	for _, w := range c.Writes {
		n += w.Batch.Rows()
	}
	return n
}
