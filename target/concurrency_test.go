package target_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
)

// runTogether runs several loads at once and reports the errors.
func runTogether(t *testing.T, loads ...func() error) {
	t.Helper()
	var wait sync.WaitGroup
	for i, run := range loads {
		wait.Go(func() {
			if err := run(); err != nil {
				t.Errorf("loader %d: %v", i, err)
			}
		})
	}
	wait.Wait()
}

func TestTwoLoadersOfOneTableBothSucceed(t *testing.T) {
	t.Parallel()
	const rows = 400
	for _, mode := range []string{"append", "upsert", "history", "soft_delete"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			schema := pgtest.Schema(t) + "_new" // neither the schema nor the table is there when both start
			conn := pgtest.Connect(t)
			t.Cleanup(func() { pgtest.Execute(t, "DROP SCHEMA IF EXISTS "+schema+" CASCADE") })
			messages := func(first, step int) []string {
				lines := []string{schemaOf("t", `{"id":{"type":"integer"},"v":{"type":"integer"}}`, "id")}
				for i := range rows {
					// The two walk the keys in opposite directions, which is how deadlocks are made.
					lines = append(lines, record("t", fmt.Sprintf(`{"id":%d,"v":%d}`, first+step*i, i%7)))
				}
				return append(lines, stateOf("1"))
			}
			one := func(first, step int) func() error {
				return func() error {
					cfg := newConfig(t, schema, settings{"load_mode": mode, "batch_max_rows": 37})
					_, err := load(t, cfg, messages(first, step)...)
					return err
				}
			}
			runTogether(t, one(0, 1), one(rows-1, -1))
			want := map[string]int{"append": 2 * rows, "upsert": rows, "soft_delete": rows}[mode]
			query := "SELECT count(*) FROM " + pgx.Identifier{schema, "t"}.Sanitize()
			if mode == "history" {
				want, query = rows, query+" WHERE _singular_active"
			}
			var got int
			if err := conn.QueryRow(t.Context(), query).Scan(&got); err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("%d rows, want %d", got, want)
			}
		})
	}
}

func TestOneLoaderMigratesWhileAnotherLoads(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"append", "upsert", "history", "soft_delete"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			migrateWhileAnotherLoads(t, mode)
		})
	}
}

func migrateWhileAnotherLoads(t *testing.T, mode string) {
	t.Helper()
	schema := pgtest.Schema(t)
	conn := pgtest.Connect(t)
	run := func(stream, properties string, ids ...int) func() error {
		return func() error {
			lines := []string{schemaOf(stream, properties, "id")}
			for _, id := range ids {
				lines = append(lines, record(stream, fmt.Sprintf(`{"id":%d,"extra":"x"}`, id)))
			}
			_, err := load(t, newConfig(t, schema, settings{"batch_max_rows": 3, "load_mode": mode}), lines...)
			return err
		}
	}
	narrow, wide := `{"id":{"type":"integer"}}`, `{"id":{"type":"integer"},"extra":{"type":"string"}}`
	var odd, even []int
	for i := range 60 {
		odd, even = append(odd, 2*i+1), append(even, 2*i)
	}
	runTogether(t, run("t", narrow, odd...), run("t", wide, even...), run("t", wide, 1000), run("t", narrow, 1001))
	var rows, extras int
	query := fmt.Sprintf("SELECT count(*), count(extra) FROM %s", pgx.Identifier{schema, "t"}.Sanitize())
	if err := conn.QueryRow(t.Context(), query).Scan(&rows, &extras); err != nil {
		t.Fatal(err)
	}
	if rows != 122 || extras != 61 {
		t.Errorf("%d rows and %d with the new column, want 122 and 61", rows, extras)
	}
}

func TestReadersOfAReplacedTableSeeAllOldRowsOrAllNewOnes(t *testing.T) {
	t.Parallel()
	for _, by := range []string{"rows", "table"} {
		t.Run("by "+by, func(t *testing.T) {
			t.Parallel()
			readersSeeAllOrNothing(t, by)
		})
	}
}

func readersSeeAllOrNothing(t *testing.T, by string) {
	t.Helper()
	schema := pgtest.Schema(t)
	conn := pgtest.Connect(t)
	const rows = 500
	messages := func(value string) []string {
		lines := []string{schemaOf("t", `{"id":{"type":"integer"},"v":{"type":"string"}}`, "id")}
		for i := range rows {
			lines = append(lines, record("t", fmt.Sprintf(`{"id":%d,"v":%q}`, i, value)))
		}
		return append(lines, stateOf("1"))
	}
	cfg := newConfig(t, schema, settings{"load_mode": "replace", "replace_by": by, "batch_max_rows": 20})
	if _, err := load(t, cfg, messages("old")...); err != nil {
		t.Fatal(err)
	}
	finished := make(chan error, 1)
	go func() {
		_, err := load(t, cfg, messages("new")...)
		finished <- err
	}()
	seen := map[string]int{}
	look := func() {
		found, err := conn.Query(t.Context(), fmt.Sprintf("SELECT v, count(*) FROM %s GROUP BY v", pgx.Identifier{schema, "t"}.Sanitize()))
		if err != nil {
			t.Fatal(err)
		}
		var parts []string
		var v string
		var n int
		if _, err := pgx.ForEachRow(found, []any{&v, &n}, func() error {
			parts = append(parts, fmt.Sprintf("%d %s", n, v))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		seen[strings.Join(parts, " and ")]++
	}
	for done := false; !done; look() {
		select {
		case err := <-finished:
			if err != nil {
				t.Fatal(err)
			}
			done = true
		default:
		}
	}
	for what := range seen {
		if what != "500 old" && what != "500 new" {
			t.Errorf("a reader saw %q", what)
		}
	}
	if seen["500 old"] == 0 || seen["500 new"] == 0 {
		t.Errorf("readers saw %v, want both the old rows and the new ones", seen)
	}
}

func TestTheNewestReplaceWins(t *testing.T) {
	t.Parallel()
	schema := pgtest.Schema(t)
	conn := pgtest.Connect(t)
	cfg := newConfig(t, schema, settings{"load_mode": "replace"})
	results := make([]error, 4)
	var wait sync.WaitGroup
	for n := range results {
		wait.Go(func() {
			lines := []string{schemaOf("t", `{"id":{"type":"integer"},"run":{"type":"integer"}}`, "id")}
			for i := range 100 {
				lines = append(lines, record("t", fmt.Sprintf(`{"id":%d,"run":%d}`, i, n)))
			}
			_, results[n] = load(t, cfg, lines...)
		})
	}
	wait.Wait()
	var rows, runs int
	query := fmt.Sprintf("SELECT count(*), count(DISTINCT run) FROM %s", pgx.Identifier{schema, "t"}.Sanitize())
	if err := conn.QueryRow(t.Context(), query).Scan(&rows, &runs); err != nil {
		t.Fatal(err)
	}
	if rows != 100 || runs != 1 {
		t.Errorf("%d rows of %d runs, want the 100 of one; the runs returned %v", rows, runs, results)
	}
}

// Two runs over several streams must not drop each other's tables, so that neither succeeds.
func TestAnOlderRunLeavesWhatANewerOneHas(t *testing.T) {
	t.Parallel()
	d := look(t)
	messages := []string{schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"a"}`)}
	beside := func(table string) {
		d.run(`CREATE TABLE "` + table + `" (id bigint); COMMENT ON TABLE "` + table + `" IS 'target-postgres staging of "` + d.schema + `"."t"'`)
	}
	beside("_singular_staging_1_t")
	beside("_singular_staging_1y2p0ij32e8e7_t") // of the year 2262
	d.mustLoad(settings{"load_mode": "replace"}, messages...)
	d.want("SELECT id, v FROM t", "1 | a")
	d.want("SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' ORDER BY 1", "_singular_staging_1y2p0ij32e8e7_t", "t")
}
