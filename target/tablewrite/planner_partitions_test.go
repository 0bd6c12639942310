package tablewrite

import (
	"fmt"
	"testing"
	"time"

	"target-postgres/internal/pgtest"
	"target-postgres/merge"
	"target-postgres/target/pgtx"
	"target-postgres/target/revision"
)

func TestPartitionsAreReadWholeOnlyWhereThatIsLessThanLookingUpEveryKey(t *testing.T) {
	t.Parallel()
	for rows, want := range map[int]string{1000: "off", 100_000: "on"} {
		conn := pgtest.Connect(t)
		w := &Write{Stream: revision.New(&revision.Spec{Name: "t"}, time.Time{})}
		w.Stream.Partitioned = true
		w.Job = merge.Job{Mode: merge.Upsert, Target: merge.Name{Schema: pgtest.Schema(t), Table: "t"}, Staged: merge.Name{Schema: "pg_temp", Table: "staged"}, Key: []merge.Column{{Name: "id"}}}
		statements := []string{
			"BEGIN", "CREATE TEMP TABLE staged (id bigint)", "INSERT INTO staged SELECT generate_series(1, 1000)",
			"CREATE TABLE " + w.Job.Target.SQL() + " (id bigint, at int) PARTITION BY HASH (at)",
		}
		for n := range 4 {
			statements = append(statements, fmt.Sprintf("CREATE TABLE %s.t%d PARTITION OF %s FOR VALUES WITH (MODULUS 4, REMAINDER %[2]d)", w.Job.Target.Schema, n, w.Job.Target.SQL()))
		}
		statements = append(statements, fmt.Sprintf("INSERT INTO %s SELECT n, n FROM generate_series(1, %d) AS n", w.Job.Target.SQL(), rows))
		for _, s := range w.joins(w.Job.Staged) {
			statements = append(statements, s.SQL)
		}
		results, err := pgtx.Script(t.Context(), conn, append(statements, "SHOW enable_nestloop", "ROLLBACK"))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(results[len(results)-2].Rows[0][0]); got != want {
			t.Errorf("of %d rows: looking up each key is %s, want %s", rows, got, want)
		}
	}
}
