//go:build unix

package e2e

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
)

// The search for a refused row takes longer than a commit, and everything is lost that it has brought in before a
// signal ends it. So nobody waits for it, although the server works all the time.
func TestASignalEndsASearchForARefusedRow(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"append", "upsert", "soft_delete", "history", "replace"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			schema, conn := pgtest.Schema(t), pgtest.Connect(t)
			const rows = 60
			in := pgx.Identifier{schema}.Sanitize()
			if _, err := conn.Exec(t.Context(), strings.ReplaceAll(`CREATE TABLE {in}.t (id bigint PRIMARY KEY, v text); CREATE SEQUENCE {in}.calls;
				CREATE FUNCTION {in}.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
					PERFORM nextval('{in}.calls');
					PERFORM count(*) FROM generate_series(1, 300000);
					IF NEW.v = 'bad' THEN RAISE EXCEPTION 'refused'; END IF;
					RETURN NEW;
				END $$;
				CREATE TRIGGER slow BEFORE INSERT OR UPDATE ON {in}.t FOR EACH ROW EXECUTE FUNCTION {in}.slow()`, "{in}", in)); err != nil {
				t.Fatal(err)
			}
			w := startWaiting(t, map[string]any{"url": pgtest.LoaderURL(t), "schema": schema, "load_mode": mode, "on_bad_record": "reject", "application_name": schema})
			w.say(`{"type":"SCHEMA","stream":"t","key_properties":["id"],"schema":{"properties":{"id":{"type":"integer"},"v":{"type":"string"}}}}`)
			for i := range rows {
				v := "good"
				if i == rows-1 {
					v = "bad"
				}
				w.say(fmt.Sprintf(`{"type":"RECORD","stream":"t","record":{"id":%d,"v":%q}}`, i, v))
			}
			w.say(signalState)
			if err := w.stdin.Close(); err != nil {
				t.Fatal(err)
			}
			ticker := time.NewTicker(20 * time.Millisecond)
			defer ticker.Stop()
			for calls := 0; calls <= rows; <-ticker.C { // they have all been tried once
				if err := conn.QueryRow(t.Context(), "SELECT last_value FROM "+in+".calls").Scan(&calls); err != nil {
					t.Fatal(err)
				}
			}
			if said := w.ends(t, syscall.SIGTERM); !strings.Contains(said, "while looking for the rows that the server refuses") {
				t.Errorf("the last line does not say what the run was doing:\n%s", said)
			}
		})
	}
}
