package merge

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/typemap"
)

// TestUnavailableValuesAreToldWhereverTheRowsAre has records that lack b: of a new key, after one that has it, and
// after a tombstone of it.
func TestUnavailableValuesAreToldWhereverTheRowsAre(t *testing.T) {
	t.Parallel()
	const whole, partial = "NULL", "B'1101111'"
	row := func(id, a int, b, present string, gone bool) string {
		return fmt.Sprintf("(%d, %d, %s, NULL, 1, 1, '{\"changes\": []}', %s, %t, to_timestamp(%[2]d))", id, a, b, present, gone)
	}
	batches := [][]string{
		{row(1, 1, "1", whole, false), row(2, 1, "NULL", partial, false), row(3, 1, "NULL", whole, false)},
		{row(1, 2, "NULL", partial, false), row(2, 2, "NULL", partial, false), row(3, 2, "NULL", partial, false), row(4, 2, "NULL", partial, false)},
		{row(1, 3, "NULL", whole, true), row(1, 4, "NULL", partial, false), row(1, 5, "NULL", partial, false)},
	}
	wants := map[Mode][]string{
		Upsert: {"1 5 b", "2 2 b", "3 2", "4 2 b"}, SoftDelete: {"1 5", "2 2 b", "3 2", "4 2 b"},
		History: {"1 1", "1 2", "1 4 b", "1 5 b", "2 1 b", "2 2 b", "3 1", "3 2", "4 2 b"},
	}
	for _, mode := range []Mode{Upsert, SoftDelete, History} {
		for _, place := range []Place{Here, Foreign, Distributed, Replicated} {
			for _, together := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s %d together %t", mode, place, together), func(t *testing.T) {
					t.Parallel()
					tb := newTable(t, Job{Mode: mode, Place: place, HardDelete: true})
					tb.exec("ALTER TABLE " + tb.job.Target.SQL() + " ADD meta jsonb")
					tb.job.Columns = append(tb.job.Columns, Column{Name: "meta", Type: typemap.JSONB})
					tb.job.Meta, tb.job.Fields, tb.job.Untracked = "meta", []string{"id", "a", "b"}, append(tb.job.Untracked, "meta")
					for _, batch := range batches {
						if together {
							tb.loadTold(batch)
							continue
						}
						for _, record := range batch {
							tb.loadTold([]string{record})
						}
					}
					got := tb.strings("SELECT concat_ws(' ', id, a, (SELECT string_agg(c ->> 'field', ',') FROM jsonb_array_elements(meta -> 'changes') AS c)) FROM " + tb.job.Target.SQL() + " ORDER BY 1")
					if diff := cmp.Diff(wants[mode], got); diff != "" {
						t.Errorf("(-want +got)\n%s", diff)
					}
				})
			}
		}
	}
}

// loadTold merges a batch of rows that are given as SQL.
func (tb *table) loadTold(rows []string) {
	tb.t.Helper()
	job := tb.job
	job.Has = Has{Duplicates: len(rows) > 1, Patched: true, Removed: true, Unavailable: true}
	tb.exec(`BEGIN; CREATE TEMP TABLE staged (id bigint, a bigint, b bigint, _sdc_deleted_at bigint, version bigint, seen bigint, meta jsonb,
		present bit varying, gone boolean, at timestamptz) ON COMMIT DROP`)
	for _, row := range rows {
		tb.exec("INSERT INTO staged VALUES " + row)
	}
	statements, err := Load(job)
	if err != nil {
		tb.t.Fatal(err)
	}
	tb.run(statements)
	tb.exec("COMMIT")
}
