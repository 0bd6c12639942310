package target

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/checkpoint"
	"target-postgres/target/config"
	"target-postgres/target/connect"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/pipeline"
	"target-postgres/target/remedy"
)

// takeOver makes the row this run's, after whatever still works on it has ended. That another run wrote a STATE since this
// one began means that the tap may have been given an older one.
func (t *Target) takeOver() error {
	if t.committer.StateTable == nil || t.preparer.Dry {
		return nil
	}
	s := t.committer.StateTable
	const take = `INSERT INTO %s AS s (id, run) VALUES (%s, %s) ON CONFLICT (id) DO UPDATE SET run = excluded.run
WHERE s.run = excluded.run OR s.updated_at IS NULL OR s.updated_at < %s
RETURNING xmin`
	return t.pipeline.Do(func(ctx context.Context, conn *pgx.Conn) error {
		result, err := t.preparer.Migrator.Ensure(ctx, conn, s.TableSpec(), config.MigrationPolicy{MissingFields: config.KeepMissingFields})
		if err != nil {
			return s.DBError("prepare table "+s.Table.SQL(), err)
		}
		s.Sharded = result.Table != nil && result.Table.Distributed
		began, err := s.Instant(ctx, conn, fmt.Sprintf("pg_catalog.clock_timestamp() - pg_catalog.make_interval(secs => %f)", time.Since(t.metrics.started).Seconds()))
		if err != nil {
			return s.DBError("take over the STATE in "+s.Table.SQL(), err)
		}
		took, err := pgtx.Ask(ctx, conn, t.config.Begin(), fmt.Sprintf(take, s.Table.SQL(), pgtx.Literal(s.ID), pgtx.Literal(s.Run), began))
		if err == nil && took.CommandTag.RowsAffected() == 0 {
			return s.Overtaken("wrote a STATE after this one had begun")
		}
		if err == nil {
			s.Last = string(took.Rows[0][0])
		}
		return s.DBError("take over the STATE in "+s.Table.SQL(), err)
	})
}

// SavedState returns the newest STATE that a run with the configuration's state_id has committed, "" when there is none. It
// waits for transactions that may be about to write one.
func SavedState(ctx context.Context, cfg *config.Config, log *slog.Logger) (saved string, err error) {
	if !cfg.StateTable {
		return "", &failure.ConfigError{
			Setting: "state_table", Reason: "is not set, so that no STATE is kept in the database", Hint: "set state_table to true, for the runs as well",
		}
	}
	connector, err := connect.New(cfg.Connection(), log)
	if err != nil {
		return "", err
	}
	defer connector.Close() //nolint:errcheck // the outcome is known by then
	s := checkpoint.NewStateTable(cfg)
	l := pipeline.New(ctx, connector, retryOf(cfg), remedy.For(cfg), 1, pipeline.NewEnding(), log, func() {})
	defer l.Close() //nolint:errcheck // do has returned it
	return saved, l.Do(func(ctx context.Context, conn *pgx.Conn) error {
		err := pgtx.Run(ctx, conn, cfg.Begin(), func() (err error) {
			saved, err = s.Read(ctx, conn)
			return err
		})
		return s.DBError("read the STATE in "+s.Table.SQL(), err)
	})
}
