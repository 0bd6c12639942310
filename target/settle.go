package target

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
)

// settled reports whether the checkpoint was committed by an attempt whose answer was lost. Where nothing proves that, its rows are
// sent again: that changes nothing in the load modes with a key, and the log says what it may mean in the others.
func (c *checkpoint) settled(ctx context.Context, conn *pgx.Conn) (done bool, err error) {
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
	repeating := slices.DeleteFunc(slices.Clone(c.loads), func(l *load) bool { return !l.repeats() })
	if len(repeating) == 0 {
		c.committer.log.Info("the connection was lost during COMMIT, and nothing proves that it was committed: sending the rows again, "+
			"which changes nothing in their load modes", "rows", c.rows())
		return false, nil
	}
	for _, l := range repeating {
		there, err := l.left(ctx, conn, c.committer.config.Begin(), in.Tx)
		if err != nil {
			c.sent = in
			return false, err
		}
		if there {
			return true, nil // all loads are one transaction
		}
	}
	if c.committer.stateTable != nil {
		return false, errUnproven
	}
	c.warnOfRepeats(repeating)
	return false, nil
}

// outcome finds out what became of the in-doubt transaction: with a state table by the row that it has written, if by anything.
func (c *checkpoint) outcome(ctx context.Context, conn *pgx.Conn) (pgtx.Outcome, error) {
	if !c.sent.Lost || !c.saves() || c.sent.Tx.Number == "" {
		return c.sent.Outcome(ctx, conn)
	}
	found, err := c.sent.Outcome(ctx, conn)
	if err != nil || found < pgtx.Doubtful {
		return found, err
	}
	found, err = c.committer.stateTable.outcome(ctx, conn, c.sent.Tx)
	c.sent.Lost = err != nil
	return found, err
}

// countDirect counts what a COMMIT whose answer was lost has inserted without a merge. Of the others nobody knows.
func (c *checkpoint) countDirect() {
	for _, l := range c.loads {
		if l.direct {
			l.inserted = int64(l.batch.Rows())
		}
	}
}

// keep remembers what the next transaction can tell by that the server has lost nothing since.
func (c *checkpoint) keep() {
	if c.saves() {
		c.committer.stateTable.last = c.committer.stateTable.rowID(c.tx)
	}
	c.committer.ran(c.tx)
}

// ran warns of a failover after the run's first transaction: what was acknowledged then may be gone.
func (k *Committer) ran(tx pgtx.Transaction) {
	before := k.ranOn
	k.ranOn = tx
	if tx.Continues(before) {
		return
	}
	k.replaced = true
	k.log.Warn("this server is not the one that the run began on, or does not show that it is (a failover): rows that were committed there, " +
		"and their STATE, are lost unless they had been replicated; load again from an earlier STATE if the standby may have lagged")
}

// errUnproven ends a run that is to load nothing twice. Its STATE in the database covers the rows that are there.
var errUnproven = &failure.Error{
	Kind: failure.KindSystem, Reason: "the connection was lost during COMMIT, and the server that answers now does not tell whether it was committed",
	Hint: "run again from the STATE in the table",
}

// repeats reports whether rows that are sent again are there twice.
func (l *load) repeats() bool { return l.job.Mode == merge.Append || len(l.job.Key) == 0 }

func (c *checkpoint) warnOfRepeats(repeating []*load) {
	rows := 0
	var names []string
	for _, l := range repeating {
		rows += l.batch.Rows()
		names = append(names, l.stream.name)
	}
	c.committer.log.Warn("the connection was lost during COMMIT, and the server that answers now cannot prove that it was committed (it was restarted "+
		"after a crash, or a failover put another one in its place): sending the rows again, which may now be there twice",
		"streams", strings.Join(names, ", "), "rows", rows)
}

// left reports whether the table holds the very rows of the load, left by the transaction with that number. Whosever the number is
// on this server: these rows are there. What the server refuses to say counts as no.
func (l *load) left(ctx context.Context, conn *pgx.Conn, begin string, tx pgtx.Transaction) (there bool, err error) {
	if tx.Number == "" {
		return false, nil
	}
	again := *l
	again.direct = false
	err = again.copy(ctx, conn, around{before: []string{begin, again.createStaged()}})
	if err == nil {
		err = conn.QueryRow(ctx, again.compare(tx.RowID())).Scan(&there)
	}
	pgtx.Rollback(ctx, conn)
	refused := failure.SQLState(err) == pgerrcode.QueryCanceled || !failure.Transient(failure.FromServer("", "", err)) // it takes longer than statement_timeout, say
	if err == nil || (refused && failure.SQLState(err) != "" && !conn.IsClosed()) {
		return there, nil
	}
	return false, failure.FromServer(l.stream.name, "look for the rows of the last COMMIT", err)
}

// compare is the query for staged rows that the table does not hold from a transaction. They are compared by their text: there
// are types without equality.
func (l *load) compare(number string) string {
	names := make([]string, 0, len(l.job.Columns))
	for _, column := range l.job.Columns {
		names = append(names, column.Name)
	}
	text := fmt.Sprintf("SELECT ROW(%s)::pg_catalog.text COLLATE pg_catalog.\"C\" FROM ", pgtx.QuoteAll(names))
	return fmt.Sprintf("SELECT NOT EXISTS (%s%s EXCEPT ALL %s%s WHERE xmin::pg_catalog.text OPERATOR(pg_catalog.=) '%s')",
		text, l.job.Staged.SQL(), text, l.job.Target.SQL(), number)
}
