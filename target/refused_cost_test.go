package target_test

import (
	"fmt"
	"testing"
)

// TestScatteredRowsThatTheServerRefusesCostAFewPasses counts how often the server begins to store a row, by a sequence:
// that of an attempt which is rolled back is not taken back.
func TestScatteredRowsThatTheServerRefusesCostAFewPasses(t *testing.T) {
	t.Parallel()
	const rows, every = 4000, 67
	fields := `{"id":{"type":"integer"},"n":{"type":"integer"}}`
	messages := []string{schemaOf("t", fields, "id")}
	bad := 0
	for id := 1; id <= rows; id++ {
		n := 1
		if id%every == 0 {
			bad++
			n = 4711
		}
		messages = append(messages, record("t", fmt.Sprintf(`{"id":%d,"n":%d}`, id, n)))
	}
	messages = append(messages, stateOf("1"))
	for _, mode := range []string{"append", "upsert", "replace", "soft_delete", "history"} {
		for _, first := range []string{"", "after others"} {
			t.Run(mode+" "+first, func(t *testing.T) {
				t.Parallel()
				d := look(t)
				more := settings{"load_mode": mode, "on_bad_record": "reject"}
				d.mustLoad(more, schemaOf("t", fields, "id"))
				if first != "" {
					d.mustLoad(more, schemaOf("t", fields, "id"), record("t", `{"id":0,"n":1}`))
				}
				d.run("CREATE SEQUENCE tried; ALTER TABLE t ADD CHECK (n < 100), ADD tried bigint DEFAULT nextval('tried')")
				d.run("SELECT setval('tried', 1)")
				d.mustLoad(more, messages...)
				d.want("SELECT count(*) FROM t WHERE id > 0", fmt.Sprint(rows-bad))
				d.want("SELECT count(*) FROM _singular_rejected", fmt.Sprint(bad))
				d.want(fmt.Sprintf("SELECT last_value FROM tried WHERE last_value > %d", 4*rows))
			})
		}
	}
}
