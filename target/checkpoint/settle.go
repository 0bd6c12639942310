package checkpoint

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/tablewrite"
)

// ErrReplaced is the error of what must not go by rows that a failover may have lost: they would be taken for rows that
// the source no longer has.
var ErrReplaced = &failure.Error{
	Blame:  failure.Program,
	Reason: "another server has taken the place of the one that this run began on (a failover), and may lack rows of the run: nothing is removed or replaced",
	Hint:   "run again",
}

// settled reports whether the checkpoint was committed by an attempt whose answer was lost. Where nothing proves that,
// its rows are sent again: that changes nothing in the load modes with a key, and the log says what it may mean in the
// others.
func (c *Checkpoint) settled(ctx context.Context, conn *pgx.Conn) (done bool, err error) {
	in := c.sent
	defer func() {
		if done {
			c.tx = in.Tx
			c.countDirect()
		}
	}()
	outcome, err := c.outcome(ctx, conn)
	if err != nil || outcome < pgtx.Doubtful {
		return outcome == pgtx.Committed, err
	}
	repeating := slices.DeleteFunc(slices.Clone(c.Writes), func(w *tablewrite.Write) bool { return !w.Repeats() })
	if len(repeating) == 0 {
		c.Committer.log.Info("the connection was lost during COMMIT, and nothing proves that it was committed: sending the rows again, "+
			"which changes nothing in their load modes", "rows", c.rows())
		return false, nil
	}
	for _, w := range repeating {
		there, err := w.Left(ctx, conn, c.Committer.config.Begin(), in.Tx)
		if err != nil {
			c.sent = in
			return false, err
		}
		if there {
			return true, nil // all writes are one transaction
		}
	}
	if c.Committer.StateTable != nil {
		return false, errUnproven
	}
	c.warnOfRepeats(repeating)
	return false, nil
}

// outcome finds out what became of the in-doubt transaction: with a state table by the row that it has written, if by
// anything.
func (c *Checkpoint) outcome(ctx context.Context, conn *pgx.Conn) (pgtx.Outcome, error) {
	if !c.sent.Lost || !c.saves() || c.sent.Tx.Number == "" {
		return c.sent.Outcome(ctx, conn)
	}
	found, err := c.sent.Outcome(ctx, conn)
	if err != nil || found < pgtx.Doubtful {
		return found, err
	}
	found, err = c.Committer.StateTable.Outcome(ctx, conn, c.sent.Tx)
	c.sent.Lost = err != nil
	return found, err
}

// countDirect counts what a COMMIT whose answer was lost has inserted without a merge. Other counts are not known.
func (c *Checkpoint) countDirect() {
	for _, w := range c.Writes {
		if w.Direct {
			w.Inserted = int64(w.Batch.Rows())
		}
	}
}

// Ran warns of a failover after the run's first transaction: what was acknowledged then may be gone.
func (k *Committer) Ran(tx pgtx.Transaction) {
	before := k.ranOn
	k.ranOn = tx
	if tx.Continues(before) {
		return
	}
	k.Replaced = true
	k.log.Warn("this server is not the one that the run began on, or does not show that it is (a failover): rows that were committed there, " +
		"and their STATE, are lost unless they had been replicated; load again from an earlier STATE if the standby may have lagged")
}

// errUnproven ends a run that is to load nothing twice. Its STATE in the database covers the rows that are there.
var errUnproven = &failure.Error{
	Blame: failure.Program, Reason: "the connection was lost during COMMIT, and the server that answers now does not tell whether it was committed",
	Hint: "run again from the STATE in the table",
}

func (c *Checkpoint) warnOfRepeats(repeating []*tablewrite.Write) {
	rows := 0
	var names []string
	for _, w := range repeating {
		rows += w.Batch.Rows()
		names = append(names, w.Stream.Name)
	}
	c.Committer.log.Warn("the connection was lost during COMMIT, and the server that answers now cannot prove that it was committed (it was restarted "+
		"after a crash, or a failover put another one in its place): sending the rows again, which may now be there twice",
		"streams", strings.Join(names, ", "), "rows", rows)
}
