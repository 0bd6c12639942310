package target

import (
	"fmt"
	"testing"

	"target-postgres/internal/pgtest"
	"target-postgres/merge"
	"target-postgres/target/pgtx"
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
			l := loadOf(test.mode, "t", 1)
			l.job.Unique, l.job.Has, l.stream.partitioned = true, test.has, test.partitions
			l.job.Target.Schema, l.job.Staged = pgtest.Schema(t), merge.Name{Schema: "pg_temp", Table: "staged"}
			statements := []string{
				"BEGIN", "CREATE TEMP TABLE staged (id bigint)", "INSERT INTO staged SELECT generate_series(1, 1000)",
				"CREATE TABLE " + l.job.Target.SQL() + " (id bigint PRIMARY KEY)",
				fmt.Sprintf("INSERT INTO %s SELECT generate_series(1, %d)", l.job.Target.SQL(), test.rows),
			}
			for _, s := range l.joins() {
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
