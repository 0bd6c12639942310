package target

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
)

// activateVersion removes the rows of older versions of a stream (singer.md's ACTIVATE_VERSION): after everything that came
// before it, and only rows of an older version or of none.
func (t *Target) activateVersion(m *protocol.Message) error {
	s := t.find(m.Stream)
	if s == nil || s.skip || s.mode == merge.Replace || !s.config.ActivateVersion {
		return nil
	}
	if s.lead != nil || s.shared {
		t.log.Warn("ACTIVATE_VERSION is ignored: the stream shares its table, and other streams' rows would be removed with its own", "stream", s.name)
		return nil
	}
	if s.unversioned {
		t.log.Warn("ACTIVATE_VERSION is ignored: the stream's records carry no version, so this pass's rows cannot be told from older ones",
			"stream", s.name)
		return nil
	}
	if err := t.flush(s); err != nil {
		return err
	}
	if !s.versioned && s.keepsVersions(t.config) {
		// Rows of earlier runs have no version either: they can only be told from this pass's once there is the column.
		s.versioned = true
		if err := t.prepare(s); err != nil {
			return err
		}
	}
	job := s.job()
	// datamill's target put a new table in the place of the old one.
	job.HardDelete = job.HardDelete || t.config.Compatibility == config.LikeDatamill
	statements, err := merge.RemoveVersions(job, m.Version)
	if err != nil {
		return &failure.Error{Kind: failure.KindSystem, Stream: s.name, Line: m.Line, Reason: "activate version", Err: err}
	}
	if s.spill != nil && s.spill.full {
		s.spill.removals = append(s.spill.removals, statements...)
		return nil
	}
	return t.removeGone(s, fmt.Sprintf("activate version %d", m.Version), statements, merge.Name{})
}

// removeGone is remove for rows that a full pass did not bring.
func (t *Target) removeGone(s *stream, doing string, statements []merge.Statement, private merge.Name) error {
	if len(statements) == 0 {
		return nil
	}
	return t.removeBy(s, doing, private, func(ctx context.Context, conn *pgx.Conn) (changes, error) {
		if !t.committer.broughtAll(&s.view) {
			statements = nil
			if private.Table != "" {
				statements = []merge.Statement{drop(private)}
			}
		}
		return carryOut(ctx, conn, statements)
	})
}

// broughtAll reports whether no record of a full pass was rejected. The row of one that was is not among those that the pass brought,
// and would be taken for one that the source no longer has.
func (k *Committer) broughtAll(s *view) bool {
	n := s.stats.rejected.Load()
	if n > 0 {
		k.log.Warn("records of a full pass were rejected: no row is removed, because theirs cannot be told from rows that the source no longer has",
			"stream", s.name, "rejected", n)
	}
	return n == 0
}

// remove runs the statements that take rows away, or put others in their place, in a transaction of their own. They drop the table
// private, where that has a name, which only this run fills.
func (t *Target) remove(s *stream, doing string, statements []merge.Statement, private merge.Name) error {
	if len(statements) == 0 {
		return nil
	}
	return t.removeBy(s, doing, private, func(ctx context.Context, conn *pgx.Conn) (changes, error) {
		return carryOut(ctx, conn, statements)
	})
}

// removeBy does in a transaction of its own what takes rows away, or puts others in their place.
func (t *Target) removeBy(s *stream, doing string, private merge.Name, do func(ctx context.Context, conn *pgx.Conn) (changes, error)) error {
	// Some drop the table they read: a second attempt, after only the answer to a COMMIT was lost, would not find it.
	var sent pgtx.InDoubt
	var made changes
	return t.pipeline.Do(func(ctx context.Context, conn *pgx.Conn) error {
		if _, failed := t.committer.failures.of(s.id); failed {
			return nil // rows that came before this were refused, so that what it would remove may still be at the source
		}
		done, err := sent.CarriedOut(ctx, conn, private)
		if err != nil {
			return s.dbError(doing, err)
		}
		if !done {
			tx, err := t.committer.inquirer.Begin(ctx, conn, t.config.Begin())
			if err != nil {
				return s.dbError(doing, err)
			}
			err = pgtx.CarryThrough(ctx, conn, func() (err error) {
				if t.committer.ran(tx); t.committer.replaced {
					return errReplaced
				}
				made, err = do(ctx, conn)
				return err
			})
			if err != nil {
				sent.Remember(conn, tx)
				return s.dbError(doing, err)
			}
		}
		s.stats.removedBy(made, t.now())
		return nil
	})
}

// errReplaced is the error of what must not go by rows that a failover may have lost: they would be taken for rows that the
// source no longer has.
var errReplaced = &failure.Error{
	Kind:   failure.KindSystem,
	Reason: "another server has taken the place of the one that this run began on (a failover), and may lack rows of the run: nothing is removed or replaced",
	Hint:   "run again",
}

// changes is what statements did to a table's rows.
type changes struct{ inserted, updated, deleted, ignored int64 }

// carryOut runs statements one after the other, and counts until one fails.
func carryOut(ctx context.Context, conn *pgx.Conn, statements []merge.Statement) (done changes, err error) {
	for _, statement := range statements {
		tag, err := conn.Exec(ctx, statement.SQL)
		if broken := checked("", statement, err); broken != nil {
			return done, broken
		}
		if err != nil {
			return done, err
		}
		if statement.Effect == merge.Ignores {
			done.ignored += tag.RowsAffected()
		}
		inserted, updated, deleted := statement.Count(tag.RowsAffected())
		done.inserted, done.updated, done.deleted = done.inserted+inserted, done.updated+updated, done.deleted+deleted
	}
	return done, nil
}
