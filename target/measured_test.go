package target_test

import (
	"fmt"
	"testing"
)

// TestATableThatThePlannerTakesForAnEmptyOneIsAnalyzed has the server believe that a table is empty, as it does after a
// vacuum that looked at the table while its rows were not committed. Nothing else analyzes the table here.
func TestATableThatThePlannerTakesForAnEmptyOneIsAnalyzed(t *testing.T) {
	t.Parallel()
	const rows, every = 4000, 200
	fields := `{"id":{"type":"integer"},"n":{"type":"integer"}}`
	messages := []string{schemaOf("t", fields, "id")}
	for id := 1; id <= rows; id++ {
		n := 1
		if id%every == 0 {
			n = 4711
		}
		messages = append(messages, record("t", fmt.Sprintf(`{"id":%d,"n":%d}`, id, n)))
	}
	for _, mode := range []string{"upsert", "soft_delete", "history"} {
		for _, most := range []int{0, 4711} {
			t.Run(fmt.Sprintf("%s, n below %d", mode, most), func(t *testing.T) {
				t.Parallel()
				d := look(t)
				more := settings{"load_mode": mode}
				d.mustLoad(more, schemaOf("t", fields, "id"), record("t", `{"id":0,"n":1}`))
				d.run("ALTER TABLE t SET (autovacuum_enabled = off)")
				d.run("INSERT INTO t SELECT (jsonb_populate_record(t, jsonb_build_object('id', -g))).* FROM t, generate_series(1, 4000) AS g")
				d.run("DELETE FROM t")
				d.run("VACUUM (TRUNCATE false) t")
				d.want("SELECT reltuples, relpages > 0 FROM pg_class WHERE oid = 't'::regclass", "0 | t")
				want := rows
				if more["batch_max_rows"] = 1500; most > 0 {
					d.run("ALTER TABLE t ADD CHECK (n < 4711)")
					more["batch_max_rows"], more["on_bad_record"] = rows, "reject"
					want -= rows / every
				}
				d.mustLoad(more, messages...)
				d.want("SELECT count(*) FROM t", fmt.Sprint(want))
				d.want("SELECT reltuples > 0 FROM pg_class WHERE oid = 't'::regclass", "t")
			})
		}
	}
}
