package staging

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/checkpoint"
	"target-postgres/target/pgtx"
	"target-postgres/target/stats"
	"target-postgres/target/stream"
	"target-postgres/target/tablewrite"
)

// RemoveGone is remove for rows that a full pass did not bring.
func (g *Stager) RemoveGone(s *stream.Stream, doing string, statements []merge.Statement, private merge.Name) error {
	if len(statements) == 0 {
		return nil
	}
	return g.removeBy(s, doing, private, func(ctx context.Context, conn *pgx.Conn) (stats.Changes, error) {
		if !g.Committer.BroughtAll(&s.Revision) {
			statements = nil
			if private.Table != "" {
				statements = []merge.Statement{drop(private)}
			}
		}
		return tablewrite.CarryOut(ctx, conn, statements)
	})
}

// remove runs the statements that take rows away, or put others in their place, in a transaction of their own. They
// drop the table private, where that has a name, which only this run fills.
func (g *Stager) remove(s *stream.Stream, doing string, statements []merge.Statement, private merge.Name) error {
	if len(statements) == 0 {
		return nil
	}
	return g.removeBy(s, doing, private, func(ctx context.Context, conn *pgx.Conn) (stats.Changes, error) {
		return tablewrite.CarryOut(ctx, conn, statements)
	})
}

// removeBy does in a transaction of its own what takes rows away, or puts others in their place.
func (g *Stager) removeBy(s *stream.Stream, doing string, private merge.Name, do func(ctx context.Context, conn *pgx.Conn) (stats.Changes, error)) error {
	// Some drop the table they read: a second attempt, after only the answer to a COMMIT was lost, would not find it.
	var sent pgtx.InDoubt
	var made stats.Changes
	return g.Pipeline.Do(func(ctx context.Context, conn *pgx.Conn) error {
		if _, failed := g.Committer.Failures.Of(s.ID); failed {
			return nil // rows that came before this were refused, so that what it would remove may still be at the source
		}
		done, err := sent.CarriedOut(ctx, conn, private)
		if err != nil {
			return s.DBError(doing, err)
		}
		if !done {
			tx, err := g.Committer.Inquirer.Begin(ctx, conn, []string{g.Config.Begin(), pgtx.EnoughMemory})
			if err != nil {
				return s.DBError(doing, err)
			}
			err = pgtx.CarryThrough(ctx, conn, func() (err error) {
				if g.Committer.Ran(tx); g.Committer.Replaced {
					return checkpoint.ErrReplaced
				}
				if made, err = do(ctx, conn); err == nil {
					err = g.last(ctx, conn, s, made)
				}
				return err
			})
			if err != nil {
				sent.Remember(conn, tx)
				return s.DBError(doing, err)
			}
		}
		s.Stats.RemovedBy(made, time.Now())
		return nil
	})
}

// last does what is to be done last in the transaction, with the counts as they will be once that is committed.
func (g *Stager) last(ctx context.Context, conn *pgx.Conn, s *stream.Stream, made stats.Changes) error {
	if g.Last == nil {
		return nil
	}
	defer s.Stats.Preview()()
	s.Stats.RemovedBy(made, time.Now())
	s.Stats.Rejected.Add(made.Refused) // each is rejected, and counted, after the COMMIT
	return g.Last(ctx, conn)
}
