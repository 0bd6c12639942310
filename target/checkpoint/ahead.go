package checkpoint

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/ahead"
	"target-postgres/target/pgtx"
	"target-postgres/target/pipeline"
	"target-postgres/target/tablewrite"
)

// errInTheWay keeps rows from being copied ahead that would be in the way of those before them.
var errInTheWay = errors.New("the rows wait for those before them")

// waits reports whether the rows of a write cannot be copied before those before them are committed.
func waits(w *tablewrite.Write) bool {
	return w.Direct && !w.Independent || w.MakesChunks() && w.Stream.Ahead.Makes() || w.Stream.Ahead.Stopped()
}

// runsIntoOthers reports whether copying the rows may take what rows before them need: the code of a type runs for
// staged rows, too, and a lookup of keys locks the table.
func runsIntoOthers(w *tablewrite.Write) bool { return w.Direct || w.Stream.UserCode || w.MayLookUp() }

// gaveWay has the batches of its streams copied one after the other from now on, or until one needs no new chunk.
func (c *Checkpoint) gaveWay() {
	for _, w := range c.Writes {
		if runsIntoOthers(w) && w.Stream.Ahead.GaveWay(w.MakesChunks()) {
			c.Committer.log.Info("batches are copied one after the other from now on: a batch that was copied ahead held a lock that the batch before it needed",
				"stream", w.Stream.Name)
		}
	}
}

// noteParts finds out whether the rows that were copied have had TimescaleDB make chunks. If so, and the turn of the
// checkpoint has not come, it rolls back: the transaction must not wait for one before it that may come to wait for it,
// which the server cannot see.
func (c *Checkpoint) noteParts(ctx context.Context, conn *pgx.Conn, turn *pipeline.Ticket) error {
	var writes []*tablewrite.Write
	var tables []merge.Name
	for _, w := range c.Writes {
		if w.MakesChunks() {
			writes, tables = append(writes, w), append(tables, w.Job.Target)
		}
	}
	if len(writes) == 0 {
		return nil
	}
	made, err := ahead.Made(ctx, conn, tables)
	if err != nil {
		pgtx.Rollback(ctx, conn)
		return writes[0].Stream.DBError("look for new chunks", err)
	}
	for i, w := range writes {
		w.Stream.Ahead.Copied(made[i])
	}
	if !slices.Contains(made, true) || turn.HasCome() {
		return nil
	}
	pgtx.Rollback(ctx, conn)
	return errInTheWay
}
