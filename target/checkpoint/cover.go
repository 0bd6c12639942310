package checkpoint

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/revision"
	"target-postgres/target/tablewrite"
)

// With state_table a row that is to come once is committed together with the first STATE after it, never before: were
// it there without that STATE, the next run would bring it again. That goes for every record that is a row of its own,
// those of load mode append and the rejected ones; in the other modes a record that is sent again changes nothing.

// Waits reports whether the rows of a stream wait for the STATE that covers them.
func (k *Committer) Waits(s *revision.Revision) bool {
	return k.StateTable != nil && s.Mode == merge.Append
}

// once reports whether the checkpoint has rows that may only be committed together with the STATE that covers them.
func (c *Checkpoint) once() bool {
	return c.saves() && !c.Aside && (len(c.Drains) > 0 || slices.ContainsFunc(c.Writes, func(w *tablewrite.Write) bool { return c.Committer.Waits(w.Stream) }))
}

// saves reports whether the transaction writes the row of the state table. That of rows which wait for their STATE
// does, too: what comes after it can tell by the row that it was not lost.
func (c *Checkpoint) saves() bool {
	return c.Committer.StateTable != nil && len(c.Writes)+len(c.States)+len(c.Drains) > 0
}

// save is what the transaction does before its rows come: it writes the STATE, and brings in the rows that waited for
// it. The functions that it returns count those once they are committed.
func (c *Checkpoint) save(ctx context.Context, conn *pgx.Conn) (counts []func(teller), err error) {
	if !c.saves() {
		return nil, nil
	}
	if slices.ContainsFunc(c.Writes, (*tablewrite.Write).UnderRolePath) {
		if _, err := conn.Exec(ctx, merge.PinnedPath); err != nil {
			return nil, err
		}
	}
	var newest []byte
	if n := len(c.States); n > 0 {
		newest = c.States[n-1].Raw
	}
	if err := c.Committer.StateTable.Save(ctx, conn, newest); err != nil {
		return nil, err
	}
	return c.drain(ctx, conn)
}
