package target_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
	"target-postgres/target/config"
	"target-postgres/target/failure"
)

const (
	indexedFields = `{"id":{"type":"integer"},"at":{"type":"string","format":"date-time"},"v":{"type":"string"}}`
	indexedRecord = `{"id":1,"at":"2026-01-10T00:00:00Z","v":"a"}`
)

// indexedBy are the settings of a stream t with indexes.
func indexedBy(more settings, indexes ...any) settings {
	more["streams"] = map[string]any{"t": map[string]any{"indexes": indexes}}
	return more
}

// indexesOf lists the valid indexes of a table that settings asked for, without the end of their names.
func indexesOf(t *testing.T, conn *pgx.Conn, schema string) []string {
	t.Helper()
	return texts(t, conn, "SELECT regexp_replace(c.relname, '_singular_.*', '') FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid "+
		"WHERE i.indisvalid AND c.relname LIKE 't\\_%\\_singular\\_%' AND c.relnamespace = '"+schema+"'::regnamespace ORDER BY 1")
}

func TestOthersWriteATableWhileItsIndexIsMade(t *testing.T) {
	t.Parallel()
	schema, conn := pgtest.Schema(t), pgtest.Connect(t)
	if _, err := load(t, newConfig(t, schema, nil), schemaOf("t", indexedFields, "id"), record("t", indexedRecord)); err != nil {
		t.Fatal(err)
	}
	table := pgx.Identifier{schema, "t"}.Sanitize()
	// The index cannot be finished before this transaction is.
	writer, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := writer.Exec(t.Context(), "INSERT INTO "+table+" VALUES (2)"); err != nil {
		t.Fatal(err)
	}
	cfg := newConfig(t, schema, indexedBy(settings{}, []any{"v"}))
	made := make(chan error, 1)
	go func() {
		_, err := load(t, cfg, schemaOf("t", indexedFields, "id"), record("t", indexedRecord))
		made <- err
	}()
	other := pgtest.Connect(t)
	for len(texts(t, other, "SELECT 'there' FROM pg_stat_progress_create_index WHERE relid = '"+table+"'::regclass")) == 0 {
		select {
		case err := <-made:
			t.Fatalf("the run ended before the index could be made: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	if _, err := other.Exec(t.Context(), "SET lock_timeout TO '2s'; INSERT INTO "+table+" VALUES (3)"); err != nil {
		t.Errorf("another session cannot write meanwhile: %v", err)
	}
	var said []string
	if err := loadAloud(t, cfg, func(text string) { said = append(said, text) }, schemaOf("t", indexedFields, "id")); err != nil {
		t.Errorf("a second run at the same time: %v", err)
	}
	if !strings.Contains(strings.Join(said, "\n"), "another session is making an index of the table") {
		t.Errorf("a second run does not leave the index to the first: %q", said)
	}
	if err := writer.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-made; err != nil {
		t.Fatal(err)
	}
	if got := indexesOf(t, other, schema); len(got) != 1 || got[0] != "t_v" {
		t.Errorf("the indexes are %v, want t_v", got)
	}
}

// TestARunLeavesTheIndexesToAnotherThatMakesThem has a second run come while the first makes the first of two
// indexes. If it waited to make the other one, each would wait for the other.
func TestARunLeavesTheIndexesToAnotherThatMakesThem(t *testing.T) {
	t.Parallel()
	// In a database of its own: the server waits for all transactions of one before an index is finished.
	url, schema := pgtest.Database(t), "public"
	conn, other := pgtest.ConnectTo(t, url), pgtest.ConnectTo(t, url)
	if _, err := load(t, newConfig(t, schema, settings{"url": url}), schemaOf("t", indexedFields, "id"), record("t", indexedRecord)); err != nil {
		t.Fatal(err)
	}
	table := pgx.Identifier{schema, "t"}.Sanitize()
	writer, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := writer.Exec(t.Context(), "INSERT INTO "+table+" VALUES (2)"); err != nil {
		t.Fatal(err)
	}
	cfg := newConfig(t, schema, indexedBy(settings{"url": url}, []any{"v"}, []any{"id", "v"}))
	said := make(chan string, 2)
	run := func() {
		var warned []string
		err := loadAloud(t, cfg, func(text string) {
			if strings.Contains(text, "does not get the index") {
				warned = append(warned, text)
			}
		}, schemaOf("t", indexedFields, "id"))
		said <- fmt.Sprint(err, warned)
	}
	makes := "SELECT 'there' FROM pg_stat_progress_create_index WHERE relid = '" + table + "'::regclass"
	waits := "SELECT 'there' FROM pg_locks WHERE relation = '" + table + "'::regclass AND NOT granted"
	go run()
	for len(texts(t, other, makes)) == 0 {
		<-time.After(10 * time.Millisecond) // ask again
	}
	go run()
	for len(said) == 0 && len(texts(t, other, waits)) == 0 { // the second one ends, or waits for the first
		<-time.After(10 * time.Millisecond) // ask again
	}
	if err := writer.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := <-said; got != "<nil> []" {
			t.Errorf("a run says %s", got)
		}
	}
	if got := indexesOf(t, other, schema); len(got) != 2 {
		t.Errorf("the indexes are %v, want two", got)
	}
}

func TestAHypertableGetsItsIndexes(t *testing.T) {
	t.Parallel()
	database := pgtest.Database(t)
	conn := pgtest.ConnectTo(t, database)
	likeTimescale(t, conn, "id bigint, at timestamptz, v text")
	var said []string
	cfg := newConfig(t, "public", indexedBy(settings{"url": database, "load_mode": "append"}, []any{"v"}))
	if err := loadAloud(t, cfg, func(text string) { said = append(said, text) }, schemaOf("t", indexedFields, "id"), record("t", indexedRecord)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(said, "\n"), "waited while the index was created") {
		t.Errorf("nothing says that writers waited: %q", said)
	}
	if got := indexesOf(t, conn, "public"); len(got) != 1 {
		t.Errorf("the indexes are %v, want one", got)
	}
}

func TestARoleThatDoesNotOwnTheTableLoadsWithoutItsIndex(t *testing.T) {
	t.Parallel()
	database := pgtest.Database(t)
	conn := pgtest.ConnectTo(t, database)
	role := pgtest.Role(t, database)
	user := pgtest.User(t, role)
	if _, err := conn.Exec(t.Context(), "CREATE TABLE public.t (id bigint PRIMARY KEY, at timestamptz, v text); GRANT ALL ON public.t TO "+pgx.Identifier{user}.Sanitize()); err != nil {
		t.Fatal(err)
	}
	var said []string
	cfg := newConfig(t, "public", indexedBy(settings{"url": role}, []any{"v"}))
	if err := loadAloud(t, cfg, func(text string) { said = append(said, text) }, schemaOf("t", indexedFields, "id"), record("t", indexedRecord)); err != nil {
		t.Fatal(err)
	}
	all := strings.Join(said, "\n")
	for _, want := range []string{"only its owner", `run as the owner: CREATE INDEX CONCURRENTLY "t_v_singular_`} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing says %q: %q", want, said)
		}
	}
	if got := texts(t, conn, "SELECT v FROM public.t"); len(got) != 1 {
		t.Errorf("the rows are %v", got)
	}
}

func TestADryRunShowsThatWhatIsLeftOfAnIndexIsDropped(t *testing.T) {
	t.Parallel()
	conn, schema := pgtest.Connect(t), pgtest.Schema(t)
	cfg := newConfig(t, schema, indexedBy(settings{}, []any{"v"}))
	if _, err := load(t, cfg, schemaOf("t", indexedFields, "id"), record("t", indexedRecord)); err != nil {
		t.Fatal(err)
	}
	const invalid = "UPDATE pg_index SET indisvalid = false FROM pg_class AS c WHERE c.oid = indexrelid AND c.relname LIKE 't\\_v\\_singular\\_%' AND c.relnamespace = '"
	if _, err := conn.Exec(t.Context(), invalid+schema+"'::regnamespace"); err != nil {
		t.Fatal(err)
	}
	for name, cfg := range map[string]*config.Config{"with the setting": cfg, "without": newConfig(t, schema, settings{})} {
		var out strings.Builder
		run := newTarget(t, cfg, strings.NewReader(schemaOf("t", indexedFields, "id")), &out)
		run.DryRun(&out)
		if err := run.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		drop, create := strings.Index(out.String(), "DROP INDEX CONCURRENTLY IF EXISTS "), strings.Index(out.String(), "CREATE INDEX CONCURRENTLY ")
		if drop < 0 || (create > drop) != (name != "without") {
			t.Errorf("%s:\n%s", name, out.String())
		}
	}
}

func TestTheSettingRoleMakesIndexes(t *testing.T) {
	t.Parallel()
	database := pgtest.Database(t)
	conn := pgtest.ConnectTo(t, database)
	owner := pgx.Identifier{pgtest.User(t, pgtest.Role(t, database))}.Sanitize()
	login := pgtest.Role(t, database, "NOINHERIT")
	if _, err := conn.Exec(t.Context(), "CREATE SCHEMA s AUTHORIZATION "+owner+"; GRANT "+owner+" TO "+pgx.Identifier{pgtest.User(t, login)}.Sanitize()); err != nil {
		t.Fatal(err)
	}
	more := settings{"url": login, "role": strings.Trim(owner, `"`)}
	messages := []string{schemaOf("t", indexedFields, "id"), record("t", indexedRecord)}
	if _, err := load(t, newConfig(t, "s", more), messages...); err != nil {
		t.Fatal(err)
	}
	if _, err := load(t, newConfig(t, "s", indexedBy(more, []any{"v"})), messages...); err != nil {
		t.Fatal(err)
	}
	if got := indexesOf(t, conn, "s"); len(got) != 1 {
		t.Errorf("the indexes are %v, want one", got)
	}
}

// The rows of both streams go through the first one: what the second one asks for is looked at as soon.
func TestIndexesOfAStreamThatSharesATableAreTriedBeforeItsFirstRow(t *testing.T) {
	t.Parallel()
	first, second := schemaOf("a", indexedFields, "id"), schemaOf("b", indexedFields, "id")
	by := map[string]any{"column": "at", "every": "month"}
	for name, test := range map[string]struct {
		partition any
		index     any
		want      string
	}{
		"a mistake":                    {nil, map[string]any{"columns": []string{"v"}, "where": "none > 1"}, "that the setting indexes asks for"},
		"unique beside the partitions": {by, map[string]any{"columns": []string{"v"}, "unique": true}, "lacks a column by which the table is partitioned"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			a := map[string]any{"table": "t"}
			if test.partition != nil {
				a["partition_by"] = test.partition
			}
			cfg := settings{"streams": map[string]any{"a": a, "b": map[string]any{"table": "t", "indexes": []any{test.index}}}}
			err := d.load(cfg, first, record("a", indexedRecord), second, record("b", strings.Replace(indexedRecord, `"id":1`, `"id":2`, 1)))
			refused(t, err, failure.Configuration, test.want)
			if !strings.Contains(err.Error(), `stream "b"`) {
				t.Errorf("%v does not name the stream", err)
			}
			d.want("SELECT id FROM t", "1")
		})
	}
}

func TestADryRunShowsTheIndexesOfAStreamThatSharesATable(t *testing.T) {
	t.Parallel()
	d := look(t)
	cfg := settings{"streams": map[string]any{
		"a": map[string]any{"table": "t", "indexes": []any{[]string{"v"}}},
		"b": map[string]any{"table": "t", "indexes": []any{[]string{"v"}, []string{"at"}}},
	}}
	messages := []string{schemaOf("a", indexedFields, "id"), schemaOf("b", indexedFields, "id")}
	for range 2 { // the table is there in the second one
		var shown strings.Builder
		run := newTarget(t, newConfig(t, d.schema, cfg), strings.NewReader(strings.Join(messages, "\n")), io.Discard)
		run.DryRun(&shown)
		if err := run.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if strings.Count(shown.String(), `("v");`) != 1 || strings.Count(shown.String(), `("at");`) != 1 {
			t.Errorf("the dry run shows\n%s", shown.String())
		}
		d.mustLoad(settings{"streams": map[string]any{"a": map[string]any{"table": "t"}}}, messages[0])
	}
}
