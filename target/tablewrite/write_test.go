package tablewrite

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/merge"
	"target-postgres/target/batch"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/revision"
	"target-postgres/target/systemcolumn"
	"target-postgres/typemap"
)

// loadOf is a batch of one row for each of lines, on its way into table name.
func loadOf(mode merge.Mode, name string, lines ...int64) *Write {
	b, pool := &batch.Batch{}, batch.NewPool(0)
	for _, line := range lines {
		row := name + " of line " + strconv.FormatInt(line, 10) + "\n"
		b.Add(append(b.Room(pool, len(row)), row...), batch.PositionOf(line, 0))
	}
	w := &Write{Stream: revision.New(&revision.Spec{Name: name}, time.Time{}), Batch: b}
	w.Job = merge.Job{Mode: mode, Target: merge.Name{Schema: "s", Table: name}}
	return w
}

func TestOnlyABatchThatWentStraightIntoItsTableIsSentTheLongWay(t *testing.T) {
	t.Parallel()
	direct := func(mode merge.Mode) *Write {
		w := loadOf(mode, "t", 1)
		w.Direct = true
		w.Stream.StartedEmpty.Store(true)
		return w
	}
	broken := failure.FromServer("t", "copy rows", &pgconn.PgError{Code: "23505"})
	upsert, appended := direct(merge.Upsert), direct(merge.Append)
	writes := []*Write{upsert, appended}
	if FallBackToStaging(writes, failure.FromServer("t", "copy rows", &pgconn.PgError{Code: "23514"})) || !upsert.Direct {
		t.Error("a check constraint sends the batch the long way, which does not help")
	}
	if !FallBackToStaging(writes, broken) || upsert.Direct || upsert.Stream.StartedEmpty.Load() {
		t.Errorf("a key that is there already: direct %t, fresh %t, want neither", upsert.Direct, upsert.Stream.StartedEmpty.Load())
	}
	if !appended.Direct {
		t.Error("mode append merges nothing: there is no long way")
	}
	if FallBackToStaging(writes, broken) {
		t.Error("the second time there is nothing left to send the long way")
	}
}

func TestCitusDoesNotSayWhichConstraintHasObjected(t *testing.T) {
	t.Parallel()
	some := failure.FromServer("t", "copy rows", &pgconn.PgError{Code: "XX000", Routine: "ReportCopyError"})
	for place, want := range map[merge.Place]bool{merge.Here: false, merge.Distributed: true, merge.Replicated: true} {
		w := loadOf(merge.Upsert, "t", 1)
		w.Direct, w.Job.Place = true, place
		if FallBackToStaging([]*Write{w}, some) != want || w.Direct == want {
			t.Errorf("place %d: is sent the long way: %t, want %t", place, !w.Direct, want)
		}
	}
}

func TestABatchGoesStraightIntoItsTableWhereTheMergeWouldChangeNothing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		mode   merge.Mode
		change func(*Write)
		want   bool
	}{
		{name: "append", mode: merge.Append, want: true},
		{name: "upsert", mode: merge.Upsert, want: true},
		{name: "soft_delete", mode: merge.SoftDelete, want: true},
		{name: "history", mode: merge.History, want: true},
		{name: "history without an index over active versions", mode: merge.History, change: func(w *Write) { w.Stream.OneActive = false }},
		{name: "append into rows", mode: merge.Append, change: func(w *Write) { w.Stream.StartedEmpty.Store(false) }, want: true},
		{name: "row security", mode: merge.Append, change: func(w *Write) { w.Stream.RowSecurity = true }},
		{name: "keys are remembered", mode: merge.Append, change: func(w *Write) { w.Seen.Table = "keys" }},
		{name: "rows are there", mode: merge.Upsert, change: func(w *Write) { w.Stream.StartedEmpty.Store(false) }},
		{name: "no unique index", mode: merge.Upsert, change: func(w *Write) { w.Stream.Unique = false }},
		{name: "no unique index, keys new to the run", mode: merge.Upsert, change: func(w *Write) { w.Stream.Unique, w.NewKeys = false, true }, want: true},
		{name: "tombstones came before", mode: merge.Upsert, change: func(w *Write) { w.Merges = true }},
		{name: "duplicates", mode: merge.Upsert, change: func(w *Write) { w.Batch.Duplicates = true }},
		{name: "parts of rows", mode: merge.Upsert, change: func(w *Write) { w.Batch.Patched = true }},
		{name: "tombstones", mode: merge.Upsert, change: func(w *Write) { w.Batch.Removed = true }},
		{name: "no instant", mode: merge.History, change: func(w *Write) { w.Batch.Timeless = true }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := loadOf(test.mode, "t", 1)
			w.Stream.Unique, w.Stream.OneActive = true, true
			w.Stream.StartedEmpty.Store(true)
			if test.change != nil {
				test.change(w)
			}
			if got := w.MayBeDirect(w.Batch); got != test.want {
				t.Errorf("%t, want %t", got, test.want)
			}
		})
	}
}

func TestLoadersAskForTheirLocksInOneOrder(t *testing.T) {
	t.Parallel()
	unique := func(mode merge.Mode, name string) *Write {
		w := loadOf(mode, name, 1)
		w.Job.Key = []merge.Column{{Name: "id", Type: typemap.BigInt}}
		w.Job.Unique = true
		return w
	}
	history, bare := unique(merge.History, "h"), unique(merge.Upsert, "b")
	bare.Job.Unique = false
	others := []*Write{unique(merge.Upsert, "u"), unique(merge.SoftDelete, "d"), loadOf(merge.Append, "a", 1)}
	keys := []int64{pgtx.LockKey("s", "h"), pgtx.LockKey("s", "b")}
	slices.Sort(keys)
	want := []string{pgtx.AdvisoryLock(keys[0]), pgtx.AdvisoryLock(keys[1])}
	for _, writes := range [][]*Write{append([]*Write{history, bare}, others...), append(slices.Clone(others), bare, history)} {
		if diff := cmp.Diff(want, Locks(writes, true)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if pgtx.LockKey("a", "b") == pgtx.LockKey("ab", "") || pgtx.LockKey("s", "t") == pgtx.LockKey("s", "u") {
		t.Error("lock keys of different tables are alike")
	}
}

func TestRowsAreStagedWithTheTypesOfTheirTable(t *testing.T) {
	t.Parallel()
	w := loadOf(merge.History, "t", 1)
	w.Job.Staged = merge.Name{Schema: "pg_temp", Table: "staged"}
	w.Layout = &revision.Layout{
		Columns: []merge.Column{{Name: `a"b`, Type: typemap.ParseType("numeric(10,2)")}, {Name: "m", Type: typemap.ParseType("public.mood")}},
		Extras:  []systemcolumn.Column{{Name: "_singular_at", Type: typemap.TimestampTZ}},
	}
	got := strings.Join(strings.Fields(w.CreateStaged()), " ")
	want := `CREATE TEMP TABLE "staged" ("a""b" numeric(10,2), "m" public.mood, "_singular_at" timestamp with time zone) ON COMMIT DROP`
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
