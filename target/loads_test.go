package target_test

import (
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
	"target-postgres/protocol"
	"target-postgres/target"
	"target-postgres/target/failure"
	"target-postgres/target/pipeline"
)

func TestARunThatASignalEndsHasItsRowsInTheLoadLog(t *testing.T) {
	t.Parallel()
	schema, conn := pgtest.Schema(t), pgtest.Connect(t)
	in, tap := io.Pipe()
	defer tap.Close()
	run := newTarget(t, newConfig(t, schema, settings{"load_log": true}), in, io.Discard)
	ended := make(chan error, 1)
	go func() { ended <- run.Run(t.Context()) }()
	messages := []string{schemaOf("t", `{"id":{"type":"integer"}}`, "id"), record("t", `{"id":1}`), stateOf("1")}
	if _, err := io.WriteString(tap, strings.Join(messages, "\n")+"\n"); err != nil {
		t.Fatal(err)
	}
	(&database{t: t, conn: conn, schema: schema}).await(ended,
		"SELECT count(*) FROM pg_class WHERE relname = 't' AND relnamespace = '"+schema+"'::regnamespace", "1", "the run makes no table")
	run.Stop()
	if err := <-ended; !errors.Is(err, pipeline.ErrStopped) {
		t.Fatalf("the run ended with %v", err)
	}
	got := texts(t, conn, "SELECT concat_ws(' ', stream, read = inserted, error) FROM "+schema+"._singular_loads")
	if len(got) != 1 || !strings.HasPrefix(got[0], "t t stopped by a signal") {
		t.Errorf("the log is %q", got)
	}
}

// A stream that migration_policy leaves out has no table, and so is no load of one that is fresh.
func TestAStreamThatIsLeftOutHasNoTableInTheLoadLog(t *testing.T) {
	t.Parallel()
	d := look(t)
	d.run("CREATE TABLE old (id bigint PRIMARY KEY)")
	as := settings{"load_log": true, "migration_policy": map[string]any{"new_streams": "skip"}}
	d.mustLoad(as, schemaOf("old", `{"id":{"type":"integer"}}`, "id"), record("old", `{"id":1}`),
		schemaOf("new", `{"id":{"type":"integer"}}`, "id"), record("new", `{"id":1}`))
	d.want("SELECT stream, coalesce(table_name, '-'), read, inserted FROM _singular_loads ORDER BY stream", "new | - | 1 | 0", "old | old | 1 | 1")
}

func TestALoadLogThatCannotBeMadeCostsNoRows(t *testing.T) {
	t.Parallel()
	database := pgtest.Database(t)
	conn := pgtest.ConnectTo(t, database)
	role := pgtest.Role(t, database)
	user := pgx.Identifier{pgtest.User(t, role)}.Sanitize()
	if _, err := conn.Exec(t.Context(), "CREATE SCHEMA closed; CREATE SCHEMA open AUTHORIZATION "+user+"; GRANT USAGE ON SCHEMA closed TO "+user+
		"; CREATE SCHEMA viewed AUTHORIZATION "+user+"; CREATE VIEW viewed._singular_loads AS SELECT 1 AS run_id"); err != nil {
		t.Fatal(err)
	}
	for schema, want := range map[string]string{"closed": "run: GRANT USAGE, CREATE ON SCHEMA \"closed\" TO " + user, "viewed": "_singular_loads\" is a view"} {
		var said []string
		cfg := newConfig(t, schema, settings{"url": role, "load_log": true, "streams": map[string]any{"t": map[string]any{"schema": "open"}}})
		if err := loadAloud(t, cfg, func(text string) { said = append(said, text) }, schemaOf("t", `{"id":{"type":"integer"}}`, "id"), record("t", `{"id":1}`)); err != nil {
			t.Fatalf("%s: %v", schema, err)
		}
		all := strings.ReplaceAll(strings.Join(said, "\n"), `\"`, `"`)
		if !strings.Contains(all, "load_log is off for this run") || !strings.Contains(all, want) {
			t.Errorf("%s: nothing says %q: %s", schema, want, all)
		}
	}
	if got := texts(t, conn, "SELECT id::text FROM open.t"); len(got) != 1 {
		t.Errorf("the rows are %v", got)
	}
}

func TestTheLoadLogAsksNothingWhereItIsOff(t *testing.T) {
	t.Parallel()
	schema, conn := pgtest.Schema(t), pgtest.Connect(t)
	if _, err := load(t, newConfig(t, schema, nil), schemaOf("t", `{"id":{"type":"integer"}}`, "id"), record("t", `{"id":1}`)); err != nil {
		t.Fatal(err)
	}
	if got := texts(t, conn, "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = '"+schema+"'::regnamespace"); len(got) != 1 {
		t.Errorf("the tables are %q, want that of the stream alone", got)
	}
}

// Our own words have characters that an encoding may lack.
func TestTheLoadLogOfAFailureIsWrittenInAnyEncoding(t *testing.T) {
	t.Parallel()
	d, as := encoded(t, "LATIN1")
	as["load_log"], as["on_stream_error"] = true, "continue"
	as["streams"] = map[string]any{"é": map[string]any{"indexes": []any{[]string{"none"}}}}
	failing, fine := schemaOf("é", textAndAny, "id"), []string{schemaOf("t", textAndAny, "id"), record("t", `{"id":1,"v":"é"}`)}
	for _, test := range []struct{ first, failed, name string }{
		{failing, "indexes", "é"}, {schemaOf("日本", textAndAny, "id"), "encoding lacks", `\u65e5\u672c`},
	} {
		refused(t, d.load(as, append([]string{test.first}, fine...)...), failure.Configuration, test.failed)
		d.want("SELECT stream, read, error IS NULL, error LIKE '%...%' FROM _singular_loads ORDER BY read", test.name+" | 0 | f | t", "t | 1 | t | ∅")
		d.run("TRUNCATE _singular_loads")
	}
}

func TestADryRunWarnsOfStreamsWithoutRecords(t *testing.T) {
	t.Parallel()
	fields := `{"id":{"type":"integer"}}`
	messages := []string{schemaOf("empty", fields, "id"), schemaOf("t", fields, "id"), record("t", `{"id":1}`)}
	for _, policy := range []string{"activate", "skip"} {
		d := look(t)
		for _, there := range []bool{false, true} {
			if there {
				d.mustLoad(settings{}, messages...)
			}
			var said strings.Builder
			cfg := newConfig(t, d.schema, settings{"warn_if_empty": true, "migration_policy": map[string]any{"new_streams": policy}})
			reader := protocol.NewSinger(strings.NewReader(strings.Join(messages, "\n")), 0)
			t.Cleanup(reader.Close)
			run, err := target.New(cfg, reader, protocol.NewWriter(io.Discard), slog.New(slog.NewTextHandler(&said, nil)))
			if err != nil {
				t.Fatal(err)
			}
			run.DryRun(io.Discard)
			if err := run.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			want := 1
			if policy == "skip" && !there {
				want = 0
			}
			if strings.Count(said.String(), "had no records") != want || strings.Count(said.String(), "stream=empty") < want {
				t.Errorf("%s, %t: the dry run says %s", policy, there, said.String())
			}
		}
	}
}
