package target_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"target-postgres/internal/pgtest"
)

// TestAKeyThatIsDroppedDuringARunStillTellsRowsApart drops the primary key between two batches of a run.
func TestAKeyThatIsDroppedDuringARunStillTellsRowsApart(t *testing.T) {
	t.Parallel()
	schema := schemaOf("t", idAndText, "id")
	const drop = `DO $$ DECLARE c record; BEGIN
    FOR c IN
        SELECT i.indexrelid::regclass AS index, i.indrelid::regclass AS of, k.conname AS constraint
        FROM pg_index AS i JOIN pg_class AS r ON r.oid = i.indrelid LEFT JOIN pg_constraint AS k ON k.conindid = i.indexrelid
        WHERE i.indisunique AND (r.relname = 't' OR starts_with(r.relname, '_singular_staging'))
    LOOP
        EXECUTE CASE WHEN c.constraint IS NULL THEN format('DROP INDEX %s', c.index) ELSE format('ALTER TABLE %s DROP CONSTRAINT %s', c.of, c.constraint) END;
    END LOOP;
END $$`
	for _, mode := range []string{"upsert", "soft_delete", "history", "replace"} {
		for _, batch := range []int{1, 3} {
			for _, fresh := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s in batches of %d, a table that is new: %t", mode, batch, fresh), func(t *testing.T) {
					t.Parallel()
					database := pgtest.Database(t)
					d := lookInto(t, "public", database)
					f := &failover{t: t, old: d, line: newLine(t, database)}
					as := settings{"load_mode": mode}
					if !fresh {
						if _, _, err := f.run(as, schema, record("t", `{"id":9,"v":"old"}`)); err != nil {
							t.Fatal(err)
						}
					}
					as["batch_max_rows"] = batch
					var before, after []string
					for id := range 3 {
						before = append(before, record("t", fmt.Sprintf(`{"id":%d,"v":"a"}`, id)))
						for _, v := range "bc" {
							after = append(after, record("t", fmt.Sprintf(`{"id":%d,"v":"%c"}`, id, v)))
						}
					}
					table := "t"
					if mode == "replace" {
						table = "_singular_staging"
					}
					states, logged, err := f.read(as, io.MultiReader(strings.NewReader(schema+"\n"+strings.Join(before, "\n")+"\n"),
						meanwhile(func() {
							f.committed(table, "2")
							if _, err := d.conn.Exec(t.Context(), drop); err != nil {
								t.Error(err) // the run has its own goroutine for this
							}
						}),
						strings.NewReader(strings.Join(append(after, stateOf("1")), "\n"))))
					if err != nil || strings.TrimSpace(states) != "1" {
						t.Errorf("%v, states %q", err, states)
					}
					if want := mode != "history"; strings.Contains(logged, "it was dropped") != want { // history asks no index
						t.Errorf("warned: %t", !want)
					}
					current := ""
					if mode == "history" {
						current = " AND _singular_active"
					}
					d.want("SELECT id, v FROM t WHERE id < 9"+current+" ORDER BY id", "0 | c", "1 | c", "2 | c")
				})
			}
		}
	}
}
