package target_test

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
	"target-postgres/target"
	"target-postgres/target/config"
)

const visits = `{"type":"SCHEMA","stream":"visits","schema":{"properties":{"page":{"type":"integer"}}}}`

func savedState(t *testing.T, cfg *config.Config) string {
	t.Helper()
	saved, err := target.SavedState(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

func count(t *testing.T, schema, table string) (rows int) {
	t.Helper()
	if err := pgtest.Connect(t).QueryRow(t.Context(), "SELECT count(*) FROM "+pgx.Identifier{schema, table}.Sanitize()).Scan(&rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestEveryPipelineHasAStateOfItsOwn(t *testing.T) {
	t.Parallel()
	schema := pgtest.Schema(t)
	one := newConfig(t, schema, settings{"state_table": true, "state_id": "one"})
	two := newConfig(t, schema, settings{"state_table": true, "state_id": "two"})
	if saved := savedState(t, one); saved != "" {
		t.Errorf("before the first run %q is saved", saved)
	}
	if _, err := load(t, one, visits, record("visits", `{"page":1}`), stateOf(`{"b": 1.0}`)); err != nil {
		t.Fatal(err)
	}
	if _, err := load(t, two, visits, record("visits", `{"page":2}`)); err != nil {
		t.Fatal(err)
	}
	if one, two := savedState(t, one), savedState(t, two); one != `{"b": 1.0}` || two != "" {
		t.Errorf("saved are %q and %q", one, two)
	}
}

func TestTheStateTableHasTheOwnerAndSchemaThatTheSettingsSay(t *testing.T) {
	t.Parallel()
	missing := pgtest.Schema(t) + "_missing"
	cfg := newConfig(t, missing, settings{"state_table": true, "skip_schema_creation": true})
	if _, err := load(t, cfg, visits); err == nil || !strings.Contains(err.Error(), "skip_schema_creation is set") {
		t.Errorf("error %v, want one about skip_schema_creation", err)
	}
	if saved := savedState(t, cfg); saved != "" {
		t.Errorf("without a schema %q is saved", saved)
	}
}

func TestADryRunSavesNothing(t *testing.T) {
	t.Parallel()
	schema := pgtest.Schema(t)
	cfg := newConfig(t, schema, settings{"state_table": true, "on_bad_record": "reject", "load_log": true})
	run := newTarget(t, cfg, strings.NewReader(visits+"\n"+stateOf("{}")), io.Discard)
	run.DryRun(io.Discard)
	if err := run.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	var tables int
	if err := pgtest.Connect(t).QueryRow(t.Context(), "SELECT count(*) FROM pg_tables WHERE schemaname = $1", schema).Scan(&tables); err != nil || tables != 0 {
		t.Errorf("%d tables (%v)", tables, err)
	}
}

// pausing is an input that stops until it is told to go on.
type pausing struct {
	io.Reader

	reached, goOn chan struct{}
	rest          io.Reader
}

func (p *pausing) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	if err == io.EOF && p.rest != nil {
		close(p.reached)
		<-p.goOn
		p.Reader, p.rest = p.rest, nil
		return p.Reader.Read(b)
	}
	return n, err
}

func TestALaterRunTakesTheStateOver(t *testing.T) {
	t.Parallel()
	schema := pgtest.Schema(t)
	cfg := newConfig(t, schema, settings{"state_table": true, "batch_max_rows": 1})
	in := &pausing{
		Reader:  strings.NewReader(visits + "\n" + record("visits", `{"page":1}`) + "\n" + stateOf("1") + "\n"),
		rest:    strings.NewReader(record("visits", `{"page":2}`) + "\n" + stateOf("2") + "\n"),
		reached: make(chan struct{}), goOn: make(chan struct{}),
	}
	older := newTarget(t, cfg, in, io.Discard)
	ended := make(chan error, 1)
	go func() { ended <- older.Run(t.Context()) }()
	<-in.reached
	if _, err := load(t, cfg, visits, record("visits", `{"page":3}`), stateOf("3")); err != nil {
		t.Fatal(err)
	}
	close(in.goOn)
	if err := <-ended; err == nil || !strings.Contains(err.Error(), `another run with state_id "default" has begun`) {
		t.Errorf("the older run ended with %v", err)
	}
	if saved := savedState(t, cfg); saved != "3" {
		t.Errorf("saved is %q, want the later run's", saved)
	}
	if rows := count(t, schema, "visits"); rows != 1 {
		t.Errorf("%d rows, want the later run's", rows)
	}
}

func TestAStateThatWasWrittenSinceTheRunBeganIsAnError(t *testing.T) {
	t.Parallel()
	schema := pgtest.Schema(t)
	cfg := newConfig(t, schema, settings{"state_table": true})
	later := newTarget(t, cfg, strings.NewReader(visits+"\n"+record("visits", `{"page":2}`)), io.Discard)
	if _, err := load(t, cfg, visits, record("visits", `{"page":1}`), stateOf("1")); err != nil {
		t.Fatal(err)
	}
	if err := later.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "wrote a STATE after this one had begun") {
		t.Errorf("error %v", err)
	}
	if rows := count(t, schema, "visits"); rows != 1 {
		t.Errorf("%d rows, want those of the first run", rows)
	}
}

// What the server still does for a run that was killed may yet be committed.
func TestTheSavedStateIsReadAfterTransactionsThatMayWriteIt(t *testing.T) {
	t.Parallel()
	schema := pgtest.Schema(t)
	cfg := newConfig(t, schema, settings{"state_table": true})
	if _, err := load(t, cfg, visits, record("visits", `{"page":1}`), stateOf("1")); err != nil {
		t.Fatal(err)
	}
	conn, watch := pgtest.Connect(t), pgtest.Connect(t)
	table := pgx.Identifier{schema, "_singular_state"}.Sanitize()
	if _, err := conn.Exec(t.Context(), "BEGIN; UPDATE "+table+" SET state = '2'"); err != nil {
		t.Fatal(err)
	}
	read := make(chan string, 1)
	go func() {
		saved, err := target.SavedState(context.WithoutCancel(t.Context()), cfg, slog.New(slog.DiscardHandler))
		if err != nil {
			saved = err.Error()
		}
		read <- saved
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for waits := false; !waits; {
		err := watch.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND strpos(query, $1) > 0 AND pid <> pg_backend_pid())",
			table).Scan(&waits)
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := conn.Exec(t.Context(), "COMMIT"); err != nil {
		t.Fatal(err)
	}
	if saved := <-read; saved != "2" {
		t.Errorf("read %q, want what the transaction wrote", saved)
	}
}

func TestAirbytesPlatformKeepsTheState(t *testing.T) {
	t.Parallel()
	spec := parseSpec(t)
	cfg, warnings, err := config.ForAirbyte(spec, least(map[string]any{"state_table": "true"}))
	if err != nil || cfg.StateTable || !strings.Contains(strings.Join(warnings, "\n"), "state_table is ignored") {
		t.Errorf("state_table %t, warnings %q, error %v", cfg.StateTable, warnings, err)
	}
}
