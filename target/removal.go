package target

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/checkpoint"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/stream"
	"target-postgres/target/tablewrite"
)

// activateVersion removes the rows of older versions of a stream (singer.md's ACTIVATE_VERSION): after everything that came
// before it, and only rows of an older version or of none.
func (t *Target) activateVersion(m *protocol.Message) error {
	s := t.find(m.Stream)
	if s == nil || s.Skip || s.Mode == merge.Replace || !s.Config.ActivateVersion {
		return nil
	}
	if s.Lead != nil || s.Shared {
		t.log.Warn("ACTIVATE_VERSION is ignored: the stream shares its table, and other streams' rows would be removed with its own", "stream", s.Name)
		return nil
	}
	if s.Unversioned {
		t.log.Warn("ACTIVATE_VERSION is ignored: the stream's records carry no version, so this pass's rows cannot be told from older ones",
			"stream", s.Name)
		return nil
	}
	if err := t.flush(s); err != nil {
		return err
	}
	if !s.Versioned && s.KeepsVersions(t.config) {
		// Rows of earlier runs have no version either: they can only be told from this pass's once there is the column.
		s.Versioned = true
		if err := t.prepare(s); err != nil {
			return err
		}
	}
	job := s.Job()
	// datamill's target put a new table in the place of the old one.
	job.HardDelete = job.HardDelete || t.config.Compatibility == config.LikeDatamill
	statements, err := merge.RemoveVersions(job, m.Version)
	if err != nil {
		return &failure.Error{Kind: failure.KindSystem, Stream: s.Name, Line: m.Line, Reason: "activate version", Err: err}
	}
	if s.Spill != nil && s.Spill.Full {
		s.Spill.Removals = append(s.Spill.Removals, statements...)
		return nil
	}
	return t.removeGone(s, fmt.Sprintf("activate version %d", m.Version), statements, merge.Name{})
}

// removeGone is remove for rows that a full pass did not bring.
func (t *Target) removeGone(s *stream.Stream, doing string, statements []merge.Statement, private merge.Name) error {
	if len(statements) == 0 {
		return nil
	}
	return t.removeBy(s, doing, private, func(ctx context.Context, conn *pgx.Conn) (stream.Changes, error) {
		if !t.committer.BroughtAll(&s.View) {
			statements = nil
			if private.Table != "" {
				statements = []merge.Statement{drop(private)}
			}
		}
		return tablewrite.CarryOut(ctx, conn, statements)
	})
}

// remove runs the statements that take rows away, or put others in their place, in a transaction of their own. They drop the table
// private, where that has a name, which only this run fills.
func (t *Target) remove(s *stream.Stream, doing string, statements []merge.Statement, private merge.Name) error {
	if len(statements) == 0 {
		return nil
	}
	return t.removeBy(s, doing, private, func(ctx context.Context, conn *pgx.Conn) (stream.Changes, error) {
		return tablewrite.CarryOut(ctx, conn, statements)
	})
}

// removeBy does in a transaction of its own what takes rows away, or puts others in their place.
func (t *Target) removeBy(s *stream.Stream, doing string, private merge.Name, do func(ctx context.Context, conn *pgx.Conn) (stream.Changes, error)) error {
	// Some drop the table they read: a second attempt, after only the answer to a COMMIT was lost, would not find it.
	var sent pgtx.InDoubt
	var made stream.Changes
	return t.pipeline.Do(func(ctx context.Context, conn *pgx.Conn) error {
		if _, failed := t.committer.Failures.Of(s.ID); failed {
			return nil // rows that came before this were refused, so that what it would remove may still be at the source
		}
		done, err := sent.CarriedOut(ctx, conn, private)
		if err != nil {
			return s.DBError(doing, err)
		}
		if !done {
			tx, err := t.committer.Inquirer.Begin(ctx, conn, t.config.Begin())
			if err != nil {
				return s.DBError(doing, err)
			}
			err = pgtx.CarryThrough(ctx, conn, func() (err error) {
				if t.committer.Ran(tx); t.committer.Replaced {
					return checkpoint.ErrReplaced
				}
				made, err = do(ctx, conn)
				return err
			})
			if err != nil {
				sent.Remember(conn, tx)
				return s.DBError(doing, err)
			}
		}
		s.Stats.RemovedBy(made, t.now())
		return nil
	})
}
