package target_test

import (
	"strings"
	"testing"

	"target-postgres/internal/pgtest"
	"target-postgres/protocol"
)

// TestABatchThatWasCopiedAheadGivesWayToTheOneBeforeIt has the second batch take a lock, ahead of its turn, that the
// first one comes to need: the check of a type takes locks, as the code may do that makes a partition for a row. The
// first batch stands still until the second is copied. Nothing bounds a wait for a lock here.
func TestABatchThatWasCopiedAheadGivesWayToTheOneBeforeIt(t *testing.T) {
	t.Parallel()
	for mode, columns := range map[string]string{
		"append":      "id bigint, v slow",
		"upsert":      "id bigint PRIMARY KEY, v slow",
		"soft_delete": "id bigint PRIMARY KEY, v slow, _singular_deleted boolean NOT NULL DEFAULT false",
		"history":     "id bigint NOT NULL, v slow, _singular_start timestamptz NOT NULL DEFAULT '-infinity', _singular_end timestamptz, _singular_active boolean NOT NULL DEFAULT true",
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			in := strings.NewReplacer("{gate}", "hashtext('"+d.schema+"'), 1", "{part}", "hashtext('"+d.schema+"'), 2", "{schema}", d.schema)
			d.run(in.Replace(`CREATE FUNCTION waits(v text) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN
				IF v = 'gate' THEN PERFORM pg_advisory_xact_lock_shared({gate}); END IF;
				IF v = 'part' THEN PERFORM pg_advisory_xact_lock({part}); END IF;
				RETURN true;
				END$$; CREATE DOMAIN slow AS text CHECK ({schema}.waits(VALUE)); CREATE TABLE t (` + columns + ")"))
			if mode == "history" {
				d.run("CREATE UNIQUE INDEX ON t (id) WHERE _singular_active")
			}
			gate := lookInto(t, d.schema, pgtest.URL(t))
			gate.run(in.Replace("BEGIN; SELECT pg_advisory_xact_lock({gate})"))
			var said, out strings.Builder
			ended := make(chan error, 1)
			go func() {
				cfg := newConfig(t, d.schema, settings{"batch_max_rows": 2, "load_mode": mode})
				ended <- hear(t, cfg, protocol.NewSinger(strings.NewReader(strings.Join([]string{
					schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"gate"}`), record("t", `{"id":2,"v":"part"}`),
					record("t", `{"id":3,"v":"part"}`), record("t", `{"id":4,"v":"x"}`),
					record("t", `{"id":5,"v":"part"}`), record("t", `{"id":6,"v":"x"}`),
				}, "\n")), 0), &out, func(line string) { said.WriteString(line + "\n") })
			}()
			taken := in.Replace("SELECT count(*) FROM pg_locks WHERE granted AND locktype = 'advisory' AND (classid, objid) = (hashtext('{schema}')::oid, 2)")
			d.await(ended, taken, "1", "the second batch is not copied while the first one waits")
			gate.run("COMMIT")
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
			d.want("SELECT id, v FROM t ORDER BY id", "1 | gate", "2 | part", "3 | part", "4 | x", "5 | part", "6 | x")
			for _, line := range []string{"trying again", "another session"} {
				if strings.Contains(said.String(), line) {
					t.Errorf("the log says %q:\n%s", line, said.String())
				}
			}
			if !strings.Contains(said.String(), "copied one after the other from now on") {
				t.Errorf("the log says nothing of it:\n%s", said.String())
			}
		})
	}
}
