package target

import (
	"bytes"
	"errors"
	"io"
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
	"target-postgres/typemap"
)

// loadOf is a batch of one row for each of lines, on its way into table name.
func loadOf(mode merge.Mode, name string, lines ...int64) *load {
	b, pool := &batch.Batch{}, batch.NewPool(0)
	for _, line := range lines {
		row := name + " of line " + strconv.FormatInt(line, 10) + "\n"
		b.Add(append(b.Room(pool, len(row)), row...), batch.PositionOf(line, 0))
	}
	l := &load{stream: newStream(&spec{name: name}, time.Time{}).seenBy(), batch: b}
	l.job = merge.Job{Mode: mode, Target: merge.Name{Schema: "s", Table: name}}
	return l
}

func refusedAt(line int64) error {
	return &failure.Error{Kind: failure.KindInput, Err: &refusedError{where: batch.PositionOf(line, 0), known: true, err: errors.New("no")}}
}

// sent is what a batch sends.
func sent(t *testing.T, b *batch.Batch) string {
	t.Helper()
	rows := b.Reader(nil)
	defer rows.Close()
	text, err := io.ReadAll(rows)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRowsOfAllStreamsAreFoundByTheirPlaceInTheInput(t *testing.T) {
	t.Parallel()
	c := &checkpoint{loads: []*load{loadOf(merge.Append, "a", 2, 5, 9), loadOf(merge.Upsert, "b", 3, 6, 8)}}
	s := &sifting{c: c, all: c.whole()}
	s.order = s.all.order()
	tests := []struct {
		rows stretches
		want []string
	}{
		{stretches{{0, 6}}, []string{"a of line 2", "a of line 5", "a of line 9", "b of line 3", "b of line 6", "b of line 8"}},
		{stretches{{1, 4}}, []string{"a of line 5", "b of line 3", "b of line 6"}},
		{stretches{{5, 6}}, []string{"a of line 9"}},
		{stretches{{0, 1}, {3, 5}}, []string{"a of line 2", "b of line 6", "b of line 8"}},
	}
	for _, test := range tests {
		var got []string
		for _, l := range s.loads(test.rows) {
			got = append(got, strings.Split(strings.TrimSuffix(sent(t, l.batch), "\n"), "\n")...)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("rows %v (-want +got):\n%s", test.rows, diff)
		}
	}
	if row, known := s.stoppedAt(refusedAt(6)); !known || row != 3 {
		t.Errorf("COPY stopped at line 6: row %d, known %t, want 3", row, known)
	}
	if row, known := s.stoppedAt(refusedAt(7)); known {
		t.Errorf("COPY stopped at line 7, which has no row: row %d", row)
	}
}

func TestAFractionIsCutFromChunksOfAnySize(t *testing.T) {
	t.Parallel()
	b := &batch.Batch{}
	for _, chunk := range []string{"1,\"a\nb\"\n2,c\n", "3,\"x\"\"y\n\"\n", "4,d\n5,e\n"} {
		b.Chunks = append(b.Chunks, []byte(chunk))
	}
	for line := range int64(5) {
		b.RowsAt = append(b.RowsAt, batch.PositionOf(line+1, 0))
	}
	rows := []string{"1,\"a\nb\"\n", "2,c\n", "3,\"x\"\"y\n\"\n", "4,d\n", "5,e\n"}
	for from := range rows {
		for to := from; to <= len(rows); to++ {
			part := b.Cut(b.Spans(), from, to)
			want := strings.Join(rows[from:to], "")
			if got := string(bytes.Join(part.Chunks, nil)); got != want || part.Size != len(want) || part.Rows() != to-from {
				t.Errorf("rows %d to %d are %q, %d bytes, %d rows", from, to, got, part.Size, part.Rows())
			}
		}
	}
}

func TestOnlyABatchThatWentStraightIntoItsTableIsSentTheLongWay(t *testing.T) {
	t.Parallel()
	direct := func(mode merge.Mode) *load {
		l := loadOf(mode, "t", 1)
		l.direct = true
		l.stream.fresh.Store(true)
		return l
	}
	broken := failure.FromServer("t", "copy rows", &pgconn.PgError{Code: "23505"})
	upsert, appended := direct(merge.Upsert), direct(merge.Append)
	c := &checkpoint{loads: []*load{upsert, appended}}
	if c.undirect(failure.FromServer("t", "copy rows", &pgconn.PgError{Code: "23514"})) || !upsert.direct {
		t.Error("a check constraint sends the batch the long way, which does not help")
	}
	if !c.undirect(broken) || upsert.direct || upsert.stream.fresh.Load() {
		t.Errorf("a key that is there already: direct %t, fresh %t, want neither", upsert.direct, upsert.stream.fresh.Load())
	}
	if !appended.direct {
		t.Error("mode append merges nothing: there is no long way")
	}
	if c.undirect(broken) {
		t.Error("the second time there is nothing left to send the long way")
	}
}

func TestABatchGoesStraightIntoItsTableWhereTheMergeWouldChangeNothing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		mode   merge.Mode
		change func(*load)
		want   bool
	}{
		{name: "append", mode: merge.Append, want: true},
		{name: "upsert", mode: merge.Upsert, want: true},
		{name: "soft_delete", mode: merge.SoftDelete, want: true},
		{name: "history", mode: merge.History, want: true},
		{name: "history without an index over active versions", mode: merge.History, change: func(l *load) { l.stream.oneActive = false }},
		{name: "append into rows", mode: merge.Append, change: func(l *load) { l.stream.fresh.Store(false) }, want: true},
		{name: "row security", mode: merge.Append, change: func(l *load) { l.stream.rowSecurity = true }},
		{name: "keys are remembered", mode: merge.Append, change: func(l *load) { l.seen.Table = "keys" }},
		{name: "rows are there", mode: merge.Upsert, change: func(l *load) { l.stream.fresh.Store(false) }},
		{name: "no unique index", mode: merge.Upsert, change: func(l *load) { l.stream.unique = false }},
		{name: "tombstones came before", mode: merge.Upsert, change: func(l *load) { l.merges = true }},
		{name: "duplicates", mode: merge.Upsert, change: func(l *load) { l.batch.Duplicates = true }},
		{name: "parts of rows", mode: merge.Upsert, change: func(l *load) { l.batch.Patched = true }},
		{name: "tombstones", mode: merge.Upsert, change: func(l *load) { l.batch.Removed = true }},
		{name: "no instant", mode: merge.History, change: func(l *load) { l.batch.Timeless = true }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := loadOf(test.mode, "t", 1)
			l.stream.unique, l.stream.oneActive = true, true
			l.stream.fresh.Store(true)
			if test.change != nil {
				test.change(l)
			}
			if got := l.mayBeDirect(l.batch); got != test.want {
				t.Errorf("%t, want %t", got, test.want)
			}
		})
	}
}

func TestLoadersAskForTheirLocksInOneOrder(t *testing.T) {
	t.Parallel()
	unique := func(mode merge.Mode, name string) *load {
		l := loadOf(mode, name, 1)
		l.job.Key = []merge.Column{{Name: "id", Type: typemap.BigInt}}
		l.job.Unique = true
		return l
	}
	history, bare := unique(merge.History, "h"), unique(merge.Upsert, "b")
	bare.job.Unique = false
	others := []*load{unique(merge.Upsert, "u"), unique(merge.SoftDelete, "d"), loadOf(merge.Append, "a", 1)}
	want := []int64{pgtx.LockKey("s", "h"), pgtx.LockKey("s", "b")}
	slices.Sort(want)
	for _, loads := range [][]*load{append([]*load{history, bare}, others...), append(slices.Clone(others), bare, history)} {
		if diff := cmp.Diff(want, (&checkpoint{loads: loads}).locks()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if pgtx.LockKey("a", "b") == pgtx.LockKey("ab", "") || pgtx.LockKey("s", "t") == pgtx.LockKey("s", "u") {
		t.Error("lock keys of different tables are alike")
	}
}

func TestRowsAreStagedWithTheTypesOfTheirTable(t *testing.T) {
	t.Parallel()
	l := loadOf(merge.History, "t", 1)
	l.job.Staged = merge.Name{Schema: "pg_temp", Table: "staged"}
	l.layout = &layout{
		columns: []merge.Column{{Name: `a"b`, Type: typemap.ParseType("numeric(10,2)")}, {Name: "m", Type: typemap.ParseType("public.mood")}},
		extras:  []extra{{name: "_singular_at", typ: typemap.TimestampTZ}},
	}
	got := strings.Join(strings.Fields(l.createStaged()), " ")
	want := `CREATE TEMP TABLE "staged" ("a""b" numeric(10,2), "m" public.mood, "_singular_at" timestamp with time zone) ON COMMIT DROP`
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
