package target_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"target-postgres/internal/pgtest"
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

func TestALoadLogThatCannotBeMadeIsNamed(t *testing.T) {
	t.Parallel()
	schema, conn := pgtest.Schema(t), pgtest.Connect(t)
	if _, err := conn.Exec(t.Context(), "CREATE VIEW "+schema+"._singular_loads AS SELECT 1 AS run_id"); err != nil {
		t.Fatal(err)
	}
	_, err := load(t, newConfig(t, schema, settings{"load_log": true}), schemaOf("t", `{"id":{"type":"integer"}}`, "id"))
	if err == nil || !strings.Contains(err.Error(), "_singular_loads\" is a view") {
		t.Errorf("the error is %v", err)
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
