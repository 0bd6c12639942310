package target

import (
	"context"
	"log/slog"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/config"
	"target-postgres/target/connect"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/pipeline"
	"target-postgres/target/remedy"
	"target-postgres/target/statetable"
)

// takeOver makes the row of the state table this run's.
func (t *Target) takeOver() error {
	if t.committer.StateTable == nil || t.preparer.Dry {
		return nil
	}
	return t.pipeline.Do(func(ctx context.Context, conn *pgx.Conn) error {
		return t.committer.StateTable.Fence(ctx, conn, t.preparer.Migrator, t.config.Begin(), t.metrics.started)
	})
}

// SavedState returns the newest STATE that a run with the configuration's state_id has committed, "" when there is
// none. It waits for transactions that may be about to write one. The error is a *failure.ConfigError or a
// *failure.Error.
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
	s := statetable.New(cfg)
	p := pipeline.New(ctx, connector, retryOf(cfg), remedy.For(cfg), 1, pipeline.NewEnding(), log, func() {})
	defer p.Close() //nolint:errcheck // do has returned it
	return saved, p.Do(func(ctx context.Context, conn *pgx.Conn) error {
		err := pgtx.Run(ctx, conn, cfg.Begin(), func() (err error) {
			saved, err = s.Read(ctx, conn)
			return err
		})
		return s.DBError("read the STATE in "+s.Table.SQL(), err)
	})
}
