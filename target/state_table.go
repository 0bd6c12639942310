package target

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/connect"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/pgtx"
	"target-postgres/target/pipeline"
	"target-postgres/typemap"
)

// With the setting state_table the newest STATE is a row of a table, written in the transaction of the records that it
// covers: whoever reads it there never reads too little or too much. The row names the run that may write it. A run takes it
// over when it begins, so that an older one, or what a server still does for one that was killed, commits nothing after
// that. (docs/adr/0011-state-in-the-database.md)

// stateTable is the table of states and this run's row of it.
type stateTable struct {
	table merge.Name
	// id names the pipeline, run this run of it.
	id, run string
	// last is the number of the newest transaction that this run has committed, as the row has it; "" where the server tells none.
	last string
	// sharded is true where Citus distributes the table: its row then has the number of a transaction of a worker, and saved is that of the
	// last attempt to write it.
	sharded bool
	saved   string
}

const stateTableName = "_singular_state"

func newStateTable(c *config.Config) *stateTable {
	return &stateTable{
		table: merge.Name{Schema: typemap.Identifier(c.Schema), Table: stateTableName},
		id:    c.StateID, run: strings.ToLower(rand.Text()),
	}
}

// tableSpec is what the table looks like.
func (s *stateTable) tableSpec() migrate.Spec {
	return migrate.Spec{
		Schema: s.table.Schema, Name: s.table.Table, Stream: s.table.Table, Mode: merge.Upsert, Key: []string{"id"},
		Comment: "The newest STATE of each pipeline, " + migrate.MadeByUs,
		Columns: []migrate.Column{
			{Name: "id", Type: typemap.Text, Clause: "NOT NULL", Description: "setting state_id"},
			{Name: "state", Type: typemap.Text, Description: "the STATE as it came, NULL before the first"},
			{Name: "updated_at", Type: typemap.TimestampTZ, Description: "when it was written"},
			{Name: "run", Type: typemap.Text, Description: "the run that may write it"},
		},
	}
}

// takeOver makes the row this run's, after whatever still works on it has ended. That another run wrote a STATE since this
// one began means that the tap may have been given an older one.
func (t *Target) takeOver() error {
	if t.committer.stateTable == nil || t.dryRun != nil {
		return nil
	}
	s := t.committer.stateTable
	const take = `INSERT INTO %s AS s (id, run) VALUES (%s, %s) ON CONFLICT (id) DO UPDATE SET run = excluded.run
WHERE s.run = excluded.run OR s.updated_at IS NULL OR s.updated_at < %s
RETURNING xmin`
	return t.pipeline.Do(func(ctx context.Context, conn *pgx.Conn) error {
		result, err := t.migrator.Ensure(ctx, conn, s.tableSpec(), config.MigrationPolicy{MissingFields: config.KeepMissingFields})
		if err != nil {
			return s.dbError("prepare table "+s.table.SQL(), err)
		}
		s.sharded = result.Table != nil && result.Table.Distributed
		began, err := s.instant(ctx, conn, fmt.Sprintf("pg_catalog.clock_timestamp() - pg_catalog.make_interval(secs => %f)", time.Since(t.started).Seconds()))
		if err != nil {
			return s.dbError("take over the STATE in "+s.table.SQL(), err)
		}
		took, err := pgtx.Ask(ctx, conn, t.config.Begin(), fmt.Sprintf(take, s.table.SQL(), pgtx.Literal(s.id), pgtx.Literal(s.run), began))
		if err == nil && took.CommandTag.RowsAffected() == 0 {
			return s.overtaken("wrote a STATE after this one had begun")
		}
		if err == nil {
			s.last = string(took.Rows[0][0])
		}
		return s.dbError("take over the STATE in "+s.table.SQL(), err)
	})
}

// dbError is [failure.FromServer] for the table of states.
func (s *stateTable) dbError(doing string, err error) error {
	return failure.Concerning(s.table.Schema, s.table.Table, failure.FromServer("", doing, err))
}

// overtaken is the error of a run that is not the only one of its pipeline.
func (s *stateTable) overtaken(did string) error {
	return &failure.Error{
		Kind: failure.KindSystem, Reason: fmt.Sprintf("another run with state_id %q %s", s.id, did),
		Hint: "this one has committed nothing after that: let one run end before the next begins, and give every tap a state_id of its own; " +
			"after a failover to a server that lagged, run again from the STATE in the table",
	}
}

// save writes the newest state into the open transaction, before its rows: from then on whoever asks for the state waits for
// the transaction's end. Every transaction writes the row, also where there is no state, and finds it as the one before left it: were
// another server to answer that lacks what this run has committed, its rows would be missing for good.
func (s *stateTable) save(ctx context.Context, conn *pgx.Conn, states []state) error {
	query, args := "UPDATE %s SET run = run WHERE id = $1 AND run = $2", []any{s.id, s.run}
	if n := len(states); n > 0 {
		now, err := s.instant(ctx, conn, "pg_catalog.clock_timestamp()")
		if err != nil {
			return s.dbError("save the STATE in "+s.table.SQL(), err)
		}
		query = "UPDATE %s SET state = $3, updated_at = " + now + " WHERE id = $1 AND run = $2"
		args = append(args, string(states[n-1].raw))
	}
	if s.last != "" {
		query += " AND xmin::pg_catalog.text = " + pgtx.Literal(s.last)
	}
	err := conn.QueryRow(ctx, fmt.Sprintf(query, s.table.SQL())+" RETURNING xmin::pg_catalog.text", args...).Scan(&s.saved)
	if errors.Is(err, pgx.ErrNoRows) {
		return s.notFound(ctx, conn)
	}
	if err = s.dbError("save the STATE in "+s.table.SQL(), err); failure.KindOf(err) == failure.KindInput {
		return &failure.Error{Kind: failure.KindSystem, Err: err} // no row is to blame, and none is to be looked for
	}
	return err
}

// instant is an expression of a point in time. Citus runs nothing volatile where the rows are: there it is asked before.
func (s *stateTable) instant(ctx context.Context, conn *pgx.Conn, expression string) (string, error) {
	if !s.sharded {
		return expression, nil
	}
	var at time.Time
	if err := conn.QueryRow(ctx, "SELECT "+expression).Scan(&at); err != nil {
		return "", err
	}
	return pgtx.Literal(at.UTC().Format("2006-01-02 15:04:05.999999Z07:00")) + "::pg_catalog.timestamptz", nil
}

// rowID is the number that the row has of a transaction that wrote it.
func (s *stateTable) rowID(tx pgtx.Transaction) string {
	if s.sharded {
		return s.saved
	}
	return tx.RowID()
}

// notFound says why the row is not as this run left it.
func (s *stateTable) notFound(ctx context.Context, conn *pgx.Conn) error {
	ours := false
	if err := conn.QueryRow(ctx, fmt.Sprintf("SELECT EXISTS (SELECT FROM %s WHERE id = $1 AND run = $2)", s.table.SQL()), s.id, s.run).Scan(&ours); err != nil {
		return s.dbError("save the STATE in "+s.table.SQL(), err)
	}
	if !ours {
		return s.overtaken("has begun")
	}
	return &failure.Error{
		Kind: failure.KindSystem, Reason: fmt.Sprintf("the row of state_id %q in %s is not as this run left it: a failover to a server that lagged has "+
			"lost what this run had committed, or somebody has changed the row", s.id, s.table.SQL()),
		Hint: "run again from the STATE in the table, which covers the rows that are there",
	}
}

// outcome reports whether the row is as an in-doubt transaction left it. No other transaction can have left it so: only this run
// writes the row.
func (s *stateTable) outcome(ctx context.Context, conn *pgx.Conn, tx pgtx.Transaction) (pgtx.Outcome, error) {
	const row = "SELECT FROM %s WHERE id OPERATOR(pg_catalog.=) $1 AND run OPERATOR(pg_catalog.=) $2 " +
		"AND xmin::pg_catalog.text OPERATOR(pg_catalog.=) $3 FOR UPDATE" // which waits for its end
	tag, err := conn.Exec(ctx, fmt.Sprintf(row, s.table.SQL()), s.id, s.run, s.rowID(tx))
	switch {
	case err != nil:
		return pgtx.RolledBack, s.dbError("ask what became of the last COMMIT", err)
	case tag.RowsAffected() == 0:
		return pgtx.RolledBack, nil
	}
	return pgtx.Committed, nil
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
	s := newStateTable(cfg)
	l := pipeline.New(ctx, connector, retryOf(cfg), remedyFor(cfg), 1, pipeline.NewEnding(), log, func() {})
	defer l.Close() //nolint:errcheck // do has returned it
	return saved, l.Do(func(ctx context.Context, conn *pgx.Conn) error {
		err := pgtx.Run(ctx, conn, cfg.Begin(), func() (err error) {
			saved, err = s.read(ctx, conn)
			return err
		})
		return s.dbError("read the STATE in "+s.table.SQL(), err)
	})
}

// read returns the state, "" where there is no table, row or state.
func (s *stateTable) read(ctx context.Context, conn *pgx.Conn) (string, error) {
	var exists bool
	err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "+
		"WHERE n.nspname = $1 AND c.relname = $2)", s.table.Schema, s.table.Table).Scan(&exists)
	if err != nil || !exists {
		return "", err
	}
	var saved string
	rows, err := conn.Query(ctx, fmt.Sprintf("SELECT coalesce(state, '') FROM %s WHERE id = $1 FOR UPDATE", s.table.SQL()), s.id)
	if err != nil {
		return "", err
	}
	_, err = pgx.ForEachRow(rows, []any{&saved}, func() error { return nil })
	return saved, err
}
