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

func TestABatchIsReadBesideItsTableOnlyWhereItIsALargePartOfIt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		mode       merge.Mode
		has        merge.Has
		rows       int // in the table, of a thousand in the batch
		partitions bool
		want       string
	}{
		{name: "a table as large as the batch", mode: merge.Upsert, rows: 1000, want: "on"},
		{name: "a table ten times as large", mode: merge.Upsert, rows: 10_000, want: "off"},
		{name: "partitions", mode: merge.Upsert, rows: 1000, partitions: true, want: "off"},
		{name: "a history", mode: merge.History, rows: 1000, want: "off"},
		{name: "a history whose batch repeats keys", mode: merge.History, has: merge.Has{Duplicates: true}, rows: 10_000, want: "on"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			conn := pgtest.Connect(t)
			w := &Write{Stream: revision.New(&revision.Spec{Name: "t"}, time.Time{}), Job: merge.Job{Mode: test.mode, Target: merge.Name{Table: "t"}}}
			w.Job.Unique, w.Job.Has, w.Stream.Partitioned = true, test.has, test.partitions
			w.Job.Target.Schema, w.Job.Staged = pgtest.Schema(t), merge.Name{Schema: "pg_temp", Table: "staged"}
			statements := []string{
				"BEGIN", "CREATE TEMP TABLE staged (id bigint)", "INSERT INTO staged SELECT generate_series(1, 1000)",
				"CREATE TABLE " + w.Job.Target.SQL() + " (id bigint PRIMARY KEY)",
				fmt.Sprintf("INSERT INTO %s SELECT generate_series(1, %d)", w.Job.Target.SQL(), test.rows),
			}
			for _, s := range w.joins(w.Job.Staged) {
				statements = append(statements, s.SQL)
			}
			results, err := pgtx.Script(t.Context(), conn, append(statements, "SHOW enable_mergejoin", "ROLLBACK"))
			if err != nil {
				t.Fatal(err)
			}
			if got := string(results[len(results)-2].Rows[0][0]); got != test.want {
				t.Errorf("reading by order is %s, want %s", got, test.want)
			}
		})
	}
}
