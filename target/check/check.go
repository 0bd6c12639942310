package check

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/connect"
	"target-postgres/target/failure"
	"target-postgres/target/index"
	"target-postgres/target/pgtx"
	"target-postgres/target/pipeline"
	"target-postgres/target/remedy"
	"target-postgres/target/revision"
	"target-postgres/typemap"
)

// Error says at which step a check stopped. Its text is a sentence for the user.
type Error struct {
	// Step is "settings", a step of package connect, "schema", "table", "copy", "merge" or "drop".
	Step string
	Err  error
}

// Error names the step and the cause.
func (e *Error) Error() string { return fmt.Sprintf("step %q failed: %v", e.Step, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Run goes the whole way of a row: tunnel and login, the schema, a table in it, COPY into a temporary table, the merge,
// and drops the table. It calls passed after each step and stops at the first that fails, with an *Error. All of it is
// one transaction that is rolled back, so that nothing stays behind, also after a failure.
func Run(ctx context.Context, cfg *config.Config, log *slog.Logger, passed func(step string, took time.Duration)) error {
	started := time.Now()
	var conn *pgx.Conn
	step := func(name string, do func() error) error {
		if err := do(); err != nil {
			if failed, ok := errors.AsType[*connect.Error](err); ok {
				name = failed.Step // says which part of the way there
			}
			err = failure.Concerning(cfg.OwnSchema(), "", failure.FromServer("", "", err))
			if conn != nil {
				err = remedy.Tell(ctx, conn, cfg, err)
			}
			return &Error{Step: name, Err: err}
		}
		passed(name, time.Since(started))
		started = time.Now()
		return nil
	}
	connector, err := connect.New(cfg.Connection(), log)
	if err != nil {
		return &Error{Step: "connect", Err: err}
	}
	defer connector.Close() //nolint:errcheck // the outcome is known by then
	if err := step("connect", func() (err error) {
		conn, err = connector.Connect(ctx)
		return err
	}); err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	defer pgtx.Rollback(ctx, conn)
	look := pipeline.NewWatchdog(connector, &pipeline.NewEnding().Lock, log)
	looking, stop := context.WithCancel(ctx)
	defer stop()
	go look.Run(looking)
	look.Watch(conn)
	return newProbe(cfg, conn).run(ctx, step)
}

// probe is the table of a check.
type probe struct {
	config *config.Config
	conn   *pgx.Conn
	schema string
	job    merge.Job
}

func newProbe(cfg *config.Config, conn *pgx.Conn) *probe {
	id, value := merge.Column{Name: "id", Type: typemap.BigInt}, merge.Column{Name: "value", Type: typemap.Text}
	schema := cfg.OwnSchema()
	name := "_singular_check_" + strconv.FormatInt(time.Now().UnixNano(), 36)
	return &probe{config: cfg, conn: conn, schema: schema, job: merge.Job{
		Mode: merge.Upsert, Target: merge.Name{Schema: schema, Table: name}, Staged: merge.Name{Schema: "pg_temp", Table: "_singular_staged_0"},
		Key: []merge.Column{id}, Columns: []merge.Column{id, value}, Unique: true,
	}}
}

func (p *probe) run(ctx context.Context, step func(string, func() error) error) error {
	for _, s := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"schema", p.begin}, {"table", p.create}, {"copy", p.copy}, {"merge", p.merge}, {"drop", p.drop},
	} {
		if err := step(s.name, func() error { return s.do(ctx) }); err != nil {
			return err
		}
	}
	return nil
}

// begin opens the transaction and makes sure of the schema.
func (p *probe) begin(ctx context.Context) error {
	if _, err := p.conn.Exec(ctx, p.config.Begin()); err != nil {
		return err
	}
	var exists bool
	err := p.conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)", p.schema).Scan(&exists)
	switch {
	case err != nil || exists:
		return err
	case p.config.SkipSchemaCreation:
		return &failure.Error{
			Blame: failure.Configuration, Reason: fmt.Sprintf("schema %q does not exist and skip_schema_creation is set", p.schema),
			Hint: "create it: CREATE SCHEMA " + typemap.Quote(p.schema),
		}
	}
	_, err = p.conn.Exec(ctx, "CREATE SCHEMA "+typemap.Quote(p.schema))
	return err
}

func (p *probe) create(ctx context.Context) error {
	if _, err := p.conn.Exec(ctx, "CREATE TABLE "+p.job.Target.SQL()+" (id bigint PRIMARY KEY, value text)"); err != nil {
		return err
	}
	if err := index.CheckMethods(ctx, p.conn, p.config.IndexMethods()); err != nil {
		return err
	}
	return p.reject(ctx)
}

// rejectedSQL finds the table of rejected records.
//
//go:embed sql/rejected.sql
var rejectedSQL string

// reject looks whether the table of rejected records takes rows, if one is there already and may be needed.
func (p *probe) reject(ctx context.Context) error {
	if !p.config.SetsAside() {
		return nil
	}
	table := merge.Name{Schema: p.schema, Table: revision.RejectedTable}
	var view, whole bool
	err := p.conn.QueryRow(ctx, rejectedSQL, table.SQL()).Scan(&view, &whole)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return err
	case view:
		return &failure.Error{Blame: failure.Configuration, Stream: revision.RejectedTable, Reason: table.SQL() + " is a view", Hint: "rename it"}
	case !whole: // a run adds what is missing
		_, err = p.conn.Exec(ctx, "ALTER TABLE "+table.SQL()+" ADD COLUMN IF NOT EXISTS stream text, ADD COLUMN IF NOT EXISTS reason text")
	}
	if err == nil {
		_, err = p.conn.Exec(ctx, "INSERT INTO "+table.SQL()+" (stream, reason) SELECT NULL, NULL WHERE false")
	}
	return failure.Concerning(table.Schema, table.Table, failure.FromServer(revision.RejectedTable, "write to the table of rejected records", err))
}

func (p *probe) copy(ctx context.Context) error {
	name := typemap.Quote(p.job.Staged.Table)
	if _, err := p.conn.Exec(ctx, "CREATE TEMP TABLE "+name+" (id bigint, value text) ON COMMIT DROP"); err != nil {
		return err
	}
	_, err := p.conn.PgConn().CopyFrom(ctx, strings.NewReader("1,\"one\"\n"), "COPY "+p.job.Staged.SQL()+" FROM STDIN WITH (FORMAT csv)")
	return err
}

// merge also looks whether the row arrived: a trigger or a rule may have other ideas.
func (p *probe) merge(ctx context.Context) error {
	statements, err := merge.Load(p.job)
	if err != nil {
		return err
	}
	for _, statement := range statements {
		if _, err := p.conn.Exec(ctx, statement.SQL); err != nil {
			return err
		}
	}
	var rows int
	if err := p.conn.QueryRow(ctx, "SELECT pg_catalog.count(*) FROM "+p.job.Target.SQL()).Scan(&rows); err != nil {
		return err
	}
	if rows != 1 {
		return &failure.Error{Blame: failure.Program, Reason: fmt.Sprintf("one row was loaded and %d are in the table", rows)}
	}
	return nil
}

func (p *probe) drop(ctx context.Context) error {
	_, err := p.conn.Exec(ctx, "DROP TABLE "+p.job.Target.SQL())
	return err
}
