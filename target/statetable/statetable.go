package statetable

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/comments"
	"target-postgres/target/config"
	"target-postgres/target/ddl"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// With the setting state_table the newest STATE is a row of a table, written in the transaction of the records that it
// covers: a reader of the row never reads too little or too much. The row names the run that may write it. A run takes
// it over when it begins. After that an older run commits nothing, nor does the server for one that was killed.
// (docs/adr/0011-state-in-the-database.md)

// Table is the table of states and this run's row of it.
type Table struct {
	Table merge.Name
	// ID names the pipeline, Run this run of it.
	ID, Run string
	// Last is the number of the newest transaction that this run has committed, as the row has it; "" where the server
	// tells none.
	Last string
	// Sharded is true where Citus distributes the table: its row then has the number of a transaction of a worker, and
	// saved is that of the last attempt to write it.
	Sharded bool
	saved   string
}

// takeSQL takes the row over, outcomeSQL tells whether an in-doubt transaction wrote it, existsSQL whether there is the
// table.
//
//go:embed sql/take.sql
var takeSQL string

//go:embed sql/outcome.sql
var outcomeSQL string

//go:embed sql/exists.sql
var existsSQL string

// Name is the table of states.
const Name = "_singular_state"

// New is the table of states of a configuration, with a name for this run.
func New(c *config.Config) *Table {
	return &Table{
		Table: merge.Name{Schema: c.OwnSchema(), Table: Name},
		ID:    c.StateID, Run: strings.ToLower(rand.Text()),
	}
}

// TableSpec is what the table looks like.
func (s *Table) TableSpec() migrate.TableSpec {
	return migrate.TableSpec{
		Schema: s.Table.Schema, Name: s.Table.Table, Stream: s.Table.Table, Mode: merge.Upsert, Key: []string{"id"}, Own: true,
		Comment: "The newest STATE of each pipeline, " + comments.MadeByUs,
		Columns: []migrate.Column{
			{Name: "id", Type: typemap.Text, Clause: "NOT NULL", Description: "setting state_id"},
			{Name: "state", Type: typemap.Text, Description: "the STATE as it came, NULL before the first"},
			{Name: "updated_at", Type: typemap.TimestampTZ, Description: "when it was written"},
			{Name: "run", Type: typemap.Text, Description: "the run that may write it"},
		},
	}
}

// Fence makes the row this run's, after everything that still works on it has ended. It fails if another run has
// written a STATE since this one began: the tap may have been given an older one.
func (s *Table) Fence(ctx context.Context, conn *pgx.Conn, m *ddl.Migrator, begin string, started time.Time) error {
	result, err := m.Ensure(ctx, conn, s.TableSpec(), config.MigrationPolicy{MissingFields: config.KeepMissingFields})
	if err != nil {
		return s.DBError("prepare table "+s.Table.SQL(), err)
	}
	s.Sharded = result.Table != nil && result.Table.Distributed
	began, err := s.instant(ctx, conn, fmt.Sprintf("pg_catalog.clock_timestamp() - pg_catalog.make_interval(secs => %f)", time.Since(started).Seconds()))
	if err != nil {
		return s.DBError("take over the STATE in "+s.Table.SQL(), err)
	}
	took, err := pgtx.Ask(ctx, conn, begin, strings.NewReplacer(
		"{table}", s.Table.SQL(), "{id}", pgtx.Literal(s.ID), "{run}", pgtx.Literal(s.Run), "{began}", began).Replace(takeSQL))
	if err == nil && took.CommandTag.RowsAffected() == 0 {
		return s.FencedOff("wrote a STATE after this one had begun")
	}
	if err == nil {
		s.Last = string(took.Rows[0][0])
	}
	return s.DBError("take over the STATE in "+s.Table.SQL(), err)
}

// DBError is [failure.FromServer] for the table of states.
func (s *Table) DBError(doing string, err error) error {
	return failure.Concerning(s.Table.Schema, s.Table.Table, failure.FromServer("", doing, err))
}

// FencedOff is the error of a run that is not the only one of its pipeline.
func (s *Table) FencedOff(did string) error {
	return &failure.Error{
		Blame: failure.Program, Reason: fmt.Sprintf("another run with state_id %q %s", s.ID, did),
		Hint: "this run has committed nothing since then: do not overlap runs, and give each tap its own state_id; " +
			"after a failover to a server that lagged, run again from the STATE in the table",
	}
}

// Save writes the newest state, nil where there is none, into the open transaction, before its rows: from then on
// other readers of the state wait for the transaction's end. Every transaction writes the row, also where there is no
// state, and finds it as the one before left it: were another server to answer that lacks what this run has committed,
// its rows would be missing for good.
func (s *Table) Save(ctx context.Context, conn *pgx.Conn, newest []byte) error {
	query, args := "UPDATE %s SET run = run WHERE id = $1 AND run = $2", []any{s.ID, s.Run}
	if newest != nil {
		now, err := s.instant(ctx, conn, "pg_catalog.clock_timestamp()")
		if err != nil {
			return s.DBError("save the STATE in "+s.Table.SQL(), err)
		}
		query = "UPDATE %s SET state = $3, updated_at = " + now + " WHERE id = $1 AND run = $2"
		args = append(args, string(newest))
	}
	if s.Last != "" {
		query += " AND xmin::pg_catalog.text = " + pgtx.Literal(s.Last)
	}
	err := conn.QueryRow(ctx, fmt.Sprintf(query, s.Table.SQL())+" RETURNING xmin::pg_catalog.text", args...).Scan(&s.saved)
	if errors.Is(err, pgx.ErrNoRows) {
		return s.notFound(ctx, conn)
	}
	if err = s.DBError("save the STATE in "+s.Table.SQL(), err); failure.BlameOf(err) == failure.Row {
		return &failure.Error{Blame: failure.Program, Err: err} // no row is to blame, and none is to be looked for
	}
	return err
}

// instant is an expression of a point in time. Citus runs no volatile function where the rows are: for a sharded table
// the server is asked before, and the error is pgx's.
func (s *Table) instant(ctx context.Context, conn *pgx.Conn, expression string) (string, error) {
	if !s.Sharded {
		return expression, nil
	}
	var at time.Time
	if err := conn.QueryRow(ctx, "SELECT "+expression).Scan(&at); err != nil {
		return "", err
	}
	return pgtx.Literal(at.UTC().Format("2006-01-02 15:04:05.999999Z07:00")) + "::pg_catalog.timestamptz", nil
}

// RowID is the number that the row has of a transaction that wrote it.
func (s *Table) RowID(tx pgtx.Transaction) string {
	if s.Sharded {
		return s.saved
	}
	return tx.RowID()
}

// notFound says why the row is not as this run left it.
func (s *Table) notFound(ctx context.Context, conn *pgx.Conn) error {
	ours := false
	if err := conn.QueryRow(ctx, fmt.Sprintf("SELECT EXISTS (SELECT 1 FROM %s WHERE id = $1 AND run = $2 LIMIT 1)", s.Table.SQL()), s.ID, s.Run).Scan(&ours); err != nil {
		return s.DBError("save the STATE in "+s.Table.SQL(), err)
	}
	if !ours {
		return s.FencedOff("has begun")
	}
	return &failure.Error{
		Blame: failure.Program, Reason: fmt.Sprintf("the row of state_id %q in %s is not as this run left it: a failover to a server that lagged has "+
			"lost what this run had committed, or another session has changed the row", s.ID, s.Table.SQL()),
		Hint: "run again from the STATE in the table, which covers the rows that are there",
	}
}

// Outcome reports whether the row is as an in-doubt transaction left it. No other transaction can have left it so: only
// this run writes the row. With an error the outcome is not known.
func (s *Table) Outcome(ctx context.Context, conn *pgx.Conn, tx pgtx.Transaction) (pgtx.Outcome, error) {
	tag, err := conn.Exec(ctx, strings.ReplaceAll(outcomeSQL, "{table}", s.Table.SQL()), s.ID, s.Run, s.RowID(tx))
	switch {
	case err != nil:
		return pgtx.RolledBack, s.DBError("ask what became of the last COMMIT", err)
	case tag.RowsAffected() == 0:
		return pgtx.RolledBack, nil
	}
	return pgtx.Committed, nil
}

// Read returns the state, "" where there is no table, row or state. It waits for a transaction that is about to write
// one. The error is pgx's.
func (s *Table) Read(ctx context.Context, conn *pgx.Conn) (string, error) {
	var exists bool
	err := conn.QueryRow(ctx, existsSQL, s.Table.Schema, s.Table.Table).Scan(&exists)
	if err != nil || !exists {
		return "", err
	}
	var saved string
	rows, err := conn.Query(ctx, fmt.Sprintf("SELECT coalesce(state, '') FROM %s WHERE id = $1 FOR UPDATE", s.Table.SQL()), s.ID)
	if err != nil {
		return "", err
	}
	_, err = pgx.ForEachRow(rows, []any{&saved}, func() error { return nil })
	return saved, err
}
