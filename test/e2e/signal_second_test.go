//go:build unix

package e2e

import (
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
)

// The first signal lets a commit go on while the server works at it. Who does not want to wait sends a second one.
func TestASecondSignalEndsTheRunAtOnce(t *testing.T) {
	t.Parallel()
	schema, conn := pgtest.Schema(t), pgtest.Connect(t)
	in := pgx.Identifier{schema}.Sanitize()
	if _, err := conn.Exec(t.Context(), strings.ReplaceAll(`CREATE TABLE {in}.t (id bigint PRIMARY KEY); INSERT INTO {in}.t VALUES (-1); CREATE SEQUENCE {in}.calls;
		CREATE FUNCTION {in}.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			PERFORM nextval('{in}.calls');
			PERFORM count(*) FROM generate_series(1, 100000);
			RETURN NEW;
		END $$;
		CREATE TRIGGER slow BEFORE INSERT ON {in}.t FOR EACH ROW EXECUTE FUNCTION {in}.slow()`, "{in}", in)); err != nil {
		t.Fatal(err)
	}
	w := startWaiting(t, map[string]any{"url": pgtest.LoaderURL(t), "schema": schema, "application_name": schema})
	w.say(signalSchema)
	for i := range 500 {
		w.say(`{"type":"RECORD","stream":"t","record":{"id":` + strconv.Itoa(i) + `}}`)
	}
	w.say(signalState)
	if err := w.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for called := false; !called; <-ticker.C {
		if err := conn.QueryRow(t.Context(), "SELECT is_called FROM "+in+".calls").Scan(&called); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	w.until(t, "a second signal stops the run immediately")
	if said := w.ends(t, syscall.SIGTERM); !strings.Contains(said, "a second signal stopped the run immediately") {
		t.Errorf("the last line does not say how the run ended:\n%s", said)
	}
	// The server would notice that the program has gone once it is done with the statement.
	if _, err := conn.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", schema); err != nil {
		t.Fatal(err)
	}
	nothingLeft(t, conn, schema, in+".t")
}
