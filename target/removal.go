package target

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/protocol"
)

// activateVersion removes the rows of older versions of a stream (singer.md's ACTIVATE_VERSION): after everything that came
// before it, and only rows of an older version or of none.
func (t *Target) activateVersion(m *protocol.Message) error {
	s := t.find(m.Stream)
	if s == nil || s.skip || s.mode == merge.Replace || !t.config.ActivateVersion {
		return nil
	}
	if s.unversioned {
		t.log.Warn("ACTIVATE_VERSION is ignored: the stream's records carry no version, so this pass's rows cannot be told from older ones",
			"stream", s.name)
		return nil
	}
	if err := t.checkpoint(); err != nil {
		return err
	}
	if !s.versioned && t.config.versions() {
		// Rows of earlier runs have no version either: they can only be told from this pass's once there is the column.
		s.versioned = true
		if err := t.prepare(s); err != nil {
			return err
		}
	}
	job := s.job(t.config)
	// datamill's target put a new table in the place of the old one.
	job.HardDelete = job.HardDelete || t.config.Compatibility == likeDatamill
	statements, err := merge.RemoveVersions(job, m.Version)
	if err != nil {
		return &Error{Kind: KindSystem, Stream: s.name, Line: m.Line, Reason: "activate version", Err: err}
	}
	return t.remove(s, fmt.Sprintf("activate version %d", m.Version), statements)
}

// remove runs the statements that take rows away, or put others in their place, in a transaction of their own.
func (t *Target) remove(s *stream, doing string, statements []merge.Statement) error {
	return t.consume(s, doing, merge.Name{}, statements)
}

// consume is remove for statements that drop the table they read at their end: where a second attempt does not find it, the
// COMMIT of the first has arrived and only its answer was lost.
func (t *Target) consume(s *stream, doing string, source merge.Name, statements []merge.Statement) error {
	if len(statements) == 0 {
		return nil
	}
	again := false
	return t.loader.do(func(ctx context.Context, conn *pgx.Conn) error {
		var inserted, updated, deleted int64
		err := transact(ctx, conn, t.config.begin(), func() error {
			inserted, updated, deleted = 0, 0, 0
			if again && source.Table != "" {
				var gone bool
				if err := conn.QueryRow(ctx, "SELECT pg_catalog.to_regclass($1) IS NULL", source.SQL()).Scan(&gone); err != nil || gone {
					return err
				}
			}
			again = true
			for _, statement := range statements {
				tag, err := conn.Exec(ctx, statement.SQL)
				if err != nil {
					return err
				}
				i, u, d := statement.Count(tag.RowsAffected())
				inserted, updated, deleted = inserted+i, updated+u, deleted+d
			}
			return nil
		})
		if err == nil {
			s.stats.removedBy(inserted, updated, deleted, t.now())
		}
		return dbError(s.name, doing, err)
	})
}
