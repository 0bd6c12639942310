package merge

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/internal/pgtest"
	"target-postgres/typemap"
)

// slicedRow is a row of a table that is sliced by a, or by a and b. null is NULL.
type slicedRow struct{ id, a, b int }

// inSlices is what the documentation says of a row: whether it is in a slice that the run brought.
func inSlices(r slicedRow, brought []slicedRow, slice Slice) bool {
	least, greatest := null, null
	for _, s := range brought {
		switch {
		case slice.Range && s.a != null:
			if least == null || s.a < least {
				least = s.a
			}
			greatest = max(greatest, s.a)
		case !slice.Range && s.a == r.a && (len(slice.Columns) == 1 || s.b == r.b):
			return true
		}
	}
	return slice.Range && r.a != null && least != null && least <= r.a && r.a <= greatest
}

// afterSwap is the model of a replace of slices.
func afterSwap(stored, brought []slicedRow, slice Slice, keyed bool) []slicedRow {
	after := slices.Clone(brought)
	for _, r := range stored {
		comes := slices.ContainsFunc(brought, func(s slicedRow) bool { return s.id == r.id })
		if !inSlices(r, brought, slice) && !(keyed && comes) {
			after = append(after, r)
		}
	}
	return after
}

func someRows(rnd *rand.Rand, most, keys int) []slicedRow {
	some := func() int { return rnd.IntN(5) - 1 }
	rows := make([]slicedRow, rnd.IntN(most))
	for i, id := range rnd.Perm(keys)[:len(rows)] {
		rows[i] = slicedRow{id, some(), some()}
	}
	return rows
}

func valuesOf(rows []slicedRow) string {
	list := []string{"(NULL::bigint, NULL::bigint, NULL::bigint)"}
	for _, r := range rows {
		list = append(list, strings.ReplaceAll(fmt.Sprintf("(%d, %d, %d)", r.id, r.a, r.b), "-1", "NULL"))
	}
	return "SELECT * FROM (VALUES " + strings.Join(list, ", ") + ") AS v (id, a, b) WHERE id IS NOT NULL"
}

func TestAReplaceOfSlicesLeavesTheRowsOfTheOthers(t *testing.T) {
	t.Parallel()
	by := []Slice{{Columns: []string{"a"}}, {Columns: []string{"a", "b"}}, {Columns: []string{"a"}, Range: true}}
	for _, slice := range by {
		for _, keyed := range []bool{true, false} {
			for _, place := range []Place{Here, Foreign} {
				for _, referenced := range []bool{false, true} {
					t.Run(fmt.Sprintf("%+v/keyed %t/place %d/referenced %t", slice, keyed, place, referenced), func(t *testing.T) {
						t.Parallel()
						swapSlices(t, slice, keyed, place, referenced)
					})
				}
			}
		}
	}
}

func swapSlices(t *testing.T, slice Slice, keyed bool, place Place, referenced bool) {
	t.Helper()
	const rounds = 60
	id := Column{Name: "id", Type: typemap.BigInt}
	job := Job{
		Mode: Replace, Columns: []Column{id, {Name: "a", Type: typemap.BigInt}, {Name: "b", Type: typemap.BigInt}},
		Target: Name{Schema: pgtest.Schema(t), Table: "target"}, Slice: slice, Place: place, Referenced: referenced, NoTruncate: place != Here,
	}
	job.Staged = Name{Schema: job.Target.Schema, Table: "staging"}
	key := ""
	if keyed {
		job.Key, key = []Column{id}, " PRIMARY KEY"
	}
	tb := &table{t: t, conn: pgtest.Connect(t), job: job, counts: map[Effect]int64{}}
	tb.exec(fmt.Sprintf("CREATE TABLE %s (id bigint%s, a bigint, b bigint); CREATE TABLE %s (id bigint, a bigint, b bigint)", job.Target.SQL(), key, job.Staged.SQL()))
	statements, err := Swap(job)
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(seedOf(t), 0))
	for range rounds {
		stored, brought := someRows(rnd, 20, 25), someRows(rnd, 8, 25)
		tb.exec(fmt.Sprintf("BEGIN; DELETE FROM %[1]s; DELETE FROM %[2]s; INSERT INTO %[1]s %[3]s; INSERT INTO %[2]s %[4]s", job.Target.SQL(), job.Staged.SQL(), valuesOf(stored), valuesOf(brought)))
		tb.run(statements)
		var got []string
		if err := tb.conn.QueryRow(t.Context(), "SELECT coalesce(array_agg(format('%s %s %s', id, coalesce(a, -1), coalesce(b, -1))), '{}') FROM "+job.Target.SQL()).Scan(&got); err != nil {
			t.Fatal(err)
		}
		tb.exec("COMMIT")
		var want []string
		for _, r := range afterSwap(stored, brought, slice, keyed) {
			want = append(want, fmt.Sprintf("%d %d %d", r.id, r.a, r.b))
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got, cmp.Transformer("empty", func(s []string) string { return strings.Join(s, ", ") })); diff != "" {
			t.Fatalf("stored %v, brought %v: (-model +table)\n%s", stored, brought, diff)
		}
	}
}
