package target_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"target-postgres/internal/pgtest"
	"target-postgres/target/failure"
)

const treeFields = `{"id":{"type":"integer"},"parent":{"type":["null","integer"]},"n":{"type":["null","integer"]}}`

// tree are records of which one refers to one that comes after it. Another one breaks a check. The last one refers to
// nothing.
func tree() []string {
	messages := []string{schemaOf("t", treeFields, "id")}
	for _, one := range []string{`"id":1,"parent":4`, `"id":2`, `"id":3,"n":4711`, `"id":4`, `"id":5,"parent":4711`, `"id":6`} {
		messages = append(messages, record("t", "{"+one+"}"))
	}
	return append(messages, stateOf("6"))
}

// TestARowWhoseParentComesAfterItIsNotToBlame has a batch divided between a row and the one that it refers to.
func TestARowWhoseParentComesAfterItIsNotToBlame(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"append", "upsert", "replace"} {
		for _, deferred := range []string{"", " DEFERRABLE INITIALLY DEFERRED"} {
			t.Run(mode+deferred, func(t *testing.T) {
				t.Parallel()
				d := look(t)
				d.run("CREATE TABLE t (id bigint PRIMARY KEY, parent bigint REFERENCES t" + deferred + ", n bigint CHECK (n < 100))")
				d.mustLoad(settings{"load_mode": mode, "on_bad_record": "reject"}, tree()...)
				d.want("SELECT id FROM t ORDER BY id", "1", "2", "4", "6")
				d.want("SELECT line FROM _singular_rejected ORDER BY line", "4", "6")
			})
		}
	}
}

func TestTheRowThatEndsTheRunIsNotOneWhoseParentComesAfterIt(t *testing.T) {
	t.Parallel()
	for mode, line := range map[string]int{"append": 2, "upsert": 2, "replace": 4} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			d.run("CREATE TABLE t (id bigint PRIMARY KEY, parent bigint REFERENCES t, n bigint CHECK (n < 100))")
			err := d.load(settings{"load_mode": mode}, tree()...)
			if mode == "replace" {
				refused(t, err, failure.Row, fmt.Sprintf("input line %d", line), "check")
				return
			}
			// What comes before the broken check is committed, and that lacks the parent.
			refused(t, err, failure.Row, "input line")
			d.want("SELECT count(*) FROM t WHERE id > 3", "0")
		})
	}
}

// TestRowsThatExchangeAUniqueValueAreTaken has a row take the value that another one gives up after it.
func TestRowsThatExchangeAUniqueValueAreTaken(t *testing.T) {
	t.Parallel()
	d := look(t)
	d.run("CREATE TABLE t (id bigint PRIMARY KEY, v text UNIQUE, n bigint CHECK (n < 100)); INSERT INTO t VALUES (1, 'a'), (2, 'b')")
	fields := `{"id":{"type":"integer"},"v":{"type":"string"},"n":{"type":"integer"}}`
	d.mustLoad(settings{"load_mode": "upsert", "on_bad_record": "reject"}, schemaOf("t", fields, "id"),
		record("t", `{"id":1,"v":"b"}`), record("t", `{"id":3,"v":"c","n":4711}`), record("t", `{"id":2,"v":"d"}`), record("t", `{"id":4,"v":"d"}`))
	d.want("SELECT id, v FROM t ORDER BY id", "1 | b", "2 | d")
	d.want("SELECT line FROM _singular_rejected ORDER BY line", "3", "5")
}

// TestAnIndexThatIsDroppedDuringTheSearchIsNoRowsFault has the index dropped while the server is about to refuse a row.
func TestAnIndexThatIsDroppedDuringTheSearchIsNoRowsFault(t *testing.T) {
	t.Parallel()
	d := look(t)
	d.run("CREATE TABLE t (id bigint NOT NULL, n bigint); CREATE UNIQUE INDEX t_id ON t (id); INSERT INTO t VALUES (9, 9)")
	d.run(strings.ReplaceAll(raising("BEFORE INSERT ON t FOR EACH ROW", "new.n > 100"), "IF new.n", "IF new.n > 100 THEN PERFORM pg_advisory_xact_lock(4711); END IF; IF new.n"))
	fields := `{"id":{"type":"integer"},"n":{"type":"integer"}}`
	d.run("SELECT pg_advisory_lock(4711)")
	ended := make(chan error, 1)
	go func() {
		ended <- d.load(settings{"load_mode": "upsert", "on_bad_record": "reject"}, schemaOf("t", fields, "id"),
			record("t", `{"id":1,"n":1}`), record("t", `{"id":2,"n":4711}`), record("t", `{"id":3,"n":1}`))
	}()
	waiting := "SELECT count(*) FROM pg_locks WHERE NOT granted AND "
	d.await(ended, waiting+"locktype = 'advisory' AND objid = 4711", "1", "the row was not refused")
	other := lookInto(t, d.schema, pgtest.URL(t))
	dropped := make(chan error, 1)
	go func() {
		_, err := other.conn.Exec(t.Context(), "DROP INDEX t_id")
		dropped <- err
	}()
	d.await(ended, waiting+"relation = 't'::regclass", "1", "the index was dropped too soon")
	d.run("SELECT pg_advisory_unlock(4711)")
	for _, end := range []chan error{dropped, ended} {
		select {
		case err := <-end:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(time.Minute):
			t.Fatal("it does not end")
		}
	}
	d.want("SELECT id FROM t ORDER BY id", "1", "3", "9")
	d.want("SELECT line FROM _singular_rejected", "3")
}
