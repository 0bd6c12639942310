package checkpoint

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
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/stream"
	"target-postgres/target/tablewrite"
	"target-postgres/typemap"
)

// loadOf is a batch of one row for each of lines, on its way into table name.
func loadOf(mode merge.Mode, name string, lines ...int64) *tablewrite.Write {
	b, pool := &batch.Batch{}, batch.NewPool(0)
	for _, line := range lines {
		row := name + " of line " + strconv.FormatInt(line, 10) + "\n"
		b.Add(append(b.Room(pool, len(row)), row...), batch.PositionOf(line, 0))
	}
	l := &tablewrite.Write{Stream: stream.New(&stream.Spec{Name: name}, time.Time{}).Current(), Batch: b}
	l.Job = merge.Job{Mode: mode, Target: merge.Name{Schema: "s", Table: name}}
	return l
}

func refusedAt(line int64) error {
	return &failure.Error{Blame: failure.Row, Err: &bisect.RefusedError{Where: batch.PositionOf(line, 0), Known: true, Err: errors.New("no")}}
}

// sent is what a batch sends.
func sent(t *testing.T, b *batch.Batch) string {
	t.Helper()
	rows := b.Reader(nil, nil)
	defer rows.Close()
	text, err := io.ReadAll(rows)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRowsOfAllStreamsAreFoundByTheirPlaceInTheInput(t *testing.T) {
	t.Parallel()
	c := &Checkpoint{Writes: []*tablewrite.Write{loadOf(merge.Append, "a", 2, 5, 9), loadOf(merge.Upsert, "b", 3, 6, 8)}}
	s := &bisection{c: c, all: c.whole()}
	s.order = s.all.Order()
	tests := []struct {
		rows bisect.Stretches
		want []string
	}{
		{bisect.Stretches{{From: 0, To: 6}}, []string{"a of line 2", "a of line 5", "a of line 9", "b of line 3", "b of line 6", "b of line 8"}},
		{bisect.Stretches{{From: 1, To: 4}}, []string{"a of line 5", "b of line 3", "b of line 6"}},
		{bisect.Stretches{{From: 5, To: 6}}, []string{"a of line 9"}},
		{bisect.Stretches{{From: 0, To: 1}, {From: 3, To: 5}}, []string{"a of line 2", "b of line 6", "b of line 8"}},
	}
	for _, test := range tests {
		var got []string
		for _, l := range s.writes(test.rows) {
			got = append(got, strings.Split(strings.TrimSuffix(sent(t, l.Batch), "\n"), "\n")...)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("rows %v (-want +got):\n%s", test.rows, diff)
		}
	}
	if row, known := s.StoppedAt(refusedAt(6)); !known || row != 3 {
		t.Errorf("COPY stopped at line 6: row %d, known %t, want 3", row, known)
	}
	if row, known := s.StoppedAt(refusedAt(7)); known {
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
	direct := func(mode merge.Mode) *tablewrite.Write {
		l := loadOf(mode, "t", 1)
		l.Direct = true
		l.Stream.StartedEmpty.Store(true)
		return l
	}
	broken := failure.FromServer("t", "copy rows", &pgconn.PgError{Code: "23505"})
	upsert, appended := direct(merge.Upsert), direct(merge.Append)
	c := &Checkpoint{Writes: []*tablewrite.Write{upsert, appended}}
	if tablewrite.FallBackToStaging(c.Writes, failure.FromServer("t", "copy rows", &pgconn.PgError{Code: "23514"})) || !upsert.Direct {
		t.Error("a check constraint sends the batch the long way, which does not help")
	}
	if !tablewrite.FallBackToStaging(c.Writes, broken) || upsert.Direct || upsert.Stream.StartedEmpty.Load() {
		t.Errorf("a key that is there already: direct %t, fresh %t, want neither", upsert.Direct, upsert.Stream.StartedEmpty.Load())
	}
	if !appended.Direct {
		t.Error("mode append merges nothing: there is no long way")
	}
	if tablewrite.FallBackToStaging(c.Writes, broken) {
		t.Error("the second time there is nothing left to send the long way")
	}
}

func TestABatchGoesStraightIntoItsTableWhereTheMergeWouldChangeNothing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		mode   merge.Mode
		change func(*tablewrite.Write)
		want   bool
	}{
		{name: "append", mode: merge.Append, want: true},
		{name: "upsert", mode: merge.Upsert, want: true},
		{name: "soft_delete", mode: merge.SoftDelete, want: true},
		{name: "history", mode: merge.History, want: true},
		{name: "history without an index over active versions", mode: merge.History, change: func(l *tablewrite.Write) { l.Stream.OneActive = false }},
		{name: "append into rows", mode: merge.Append, change: func(l *tablewrite.Write) { l.Stream.StartedEmpty.Store(false) }, want: true},
		{name: "row security", mode: merge.Append, change: func(l *tablewrite.Write) { l.Stream.RowSecurity = true }},
		{name: "keys are remembered", mode: merge.Append, change: func(l *tablewrite.Write) { l.Seen.Table = "keys" }},
		{name: "rows are there", mode: merge.Upsert, change: func(l *tablewrite.Write) { l.Stream.StartedEmpty.Store(false) }},
		{name: "no unique index", mode: merge.Upsert, change: func(l *tablewrite.Write) { l.Stream.Unique = false }},
		{name: "tombstones came before", mode: merge.Upsert, change: func(l *tablewrite.Write) { l.Merges = true }},
		{name: "duplicates", mode: merge.Upsert, change: func(l *tablewrite.Write) { l.Batch.Duplicates = true }},
		{name: "parts of rows", mode: merge.Upsert, change: func(l *tablewrite.Write) { l.Batch.Patched = true }},
		{name: "tombstones", mode: merge.Upsert, change: func(l *tablewrite.Write) { l.Batch.Removed = true }},
		{name: "no instant", mode: merge.History, change: func(l *tablewrite.Write) { l.Batch.Timeless = true }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := loadOf(test.mode, "t", 1)
			l.Stream.Unique, l.Stream.OneActive = true, true
			l.Stream.StartedEmpty.Store(true)
			if test.change != nil {
				test.change(l)
			}
			if got := l.MayBeDirect(l.Batch); got != test.want {
				t.Errorf("%t, want %t", got, test.want)
			}
		})
	}
}

func TestLoadersAskForTheirLocksInOneOrder(t *testing.T) {
	t.Parallel()
	unique := func(mode merge.Mode, name string) *tablewrite.Write {
		l := loadOf(mode, name, 1)
		l.Job.Key = []merge.Column{{Name: "id", Type: typemap.BigInt}}
		l.Job.Unique = true
		return l
	}
	history, bare := unique(merge.History, "h"), unique(merge.Upsert, "b")
	bare.Job.Unique = false
	others := []*tablewrite.Write{unique(merge.Upsert, "u"), unique(merge.SoftDelete, "d"), loadOf(merge.Append, "a", 1)}
	keys := []int64{pgtx.LockKey("s", "h"), pgtx.LockKey("s", "b")}
	slices.Sort(keys)
	want := []string{pgtx.AdvisoryLock(keys[0]), pgtx.AdvisoryLock(keys[1])}
	for _, writes := range [][]*tablewrite.Write{append([]*tablewrite.Write{history, bare}, others...), append(slices.Clone(others), bare, history)} {
		if diff := cmp.Diff(want, tablewrite.Locks(writes)); diff != "" {
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
	l.Job.Staged = merge.Name{Schema: "pg_temp", Table: "staged"}
	l.Layout = &stream.Layout{
		Columns: []merge.Column{{Name: `a"b`, Type: typemap.ParseType("numeric(10,2)")}, {Name: "m", Type: typemap.ParseType("public.mood")}},
		Extras:  []stream.Extra{{Name: "_singular_at", Typ: typemap.TimestampTZ}},
	}
	got := strings.Join(strings.Fields(l.CreateStaged()), " ")
	want := `CREATE TEMP TABLE "staged" ("a""b" numeric(10,2), "m" public.mood, "_singular_at" timestamp with time zone) ON COMMIT DROP`
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
