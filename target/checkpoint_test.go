package target

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/merge"
	"target-postgres/typemap"
)

// loadOf is a batch of one row for each of lines, on its way into table name.
func loadOf(mode merge.Mode, name string, lines ...int64) *load {
	b, pool := &batch{}, newChunkPool(0)
	for _, line := range lines {
		row := name + " of line " + strconv.FormatInt(line, 10) + "\n"
		b.add(append(b.room(pool, len(row)), row...), positionOf(line, 0))
	}
	l := &load{stream: &stream{name: name, fresh: new(atomic.Bool)}, batch: b}
	l.job = merge.Job{Mode: mode, Target: merge.Name{Schema: "s", Table: name}}
	return l
}

func statesAt(lines ...int64) []state {
	var states []state
	for _, line := range lines {
		states = append(states, state{where: positionOf(line, 0), raw: []byte(strconv.FormatInt(line, 10))})
	}
	return states
}

// contents lists what a checkpoint commits, one entry a row or state.
func (c *checkpoint) contents(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, l := range c.loads {
		all = append(all, rowsOf(t, l.batch)...)
	}
	for _, s := range c.states {
		all = append(all, "STATE "+string(s.raw))
	}
	return all
}

func refusedAt(line int64) error {
	return &Error{Kind: KindInput, Err: &refusedError{where: positionOf(line, 0), err: errors.New("no")}}
}

func TestACheckpointFallsApartAroundTheRefusedRow(t *testing.T) {
	t.Parallel()
	c := &checkpoint{
		loads:  []*load{loadOf(merge.Append, "a", 2, 5, 9), loadOf(merge.Upsert, "b", 3, 6, 8)},
		states: statesAt(1, 4, 7, 10),
	}
	tests := []struct {
		refused int64
		want    [][]string
	}{
		{5, [][]string{
			{"a of line 2", "b of line 3", "STATE 1", "STATE 4"},
			{"a of line 5"},
			{"a of line 9", "b of line 6", "b of line 8", "STATE 7", "STATE 10"},
		}},
		{2, [][]string{
			{"STATE 1"},
			{"a of line 2"},
			{"a of line 5", "a of line 9", "b of line 3", "b of line 6", "b of line 8", "STATE 4", "STATE 7", "STATE 10"},
		}},
		{9, [][]string{
			{"a of line 2", "a of line 5", "b of line 3", "b of line 6", "b of line 8", "STATE 1", "STATE 4", "STATE 7"},
			{"a of line 9"},
			{"STATE 10"},
		}},
	}
	for _, test := range tests {
		var got [][]string
		for _, part := range c.split(refusedAt(test.refused)) {
			got = append(got, part.contents(t))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("row of line %d refused (-want +got):\n%s", test.refused, diff)
		}
	}
}

func TestWithoutThePositionOfTheRowACheckpointIsHalved(t *testing.T) {
	t.Parallel()
	c := &checkpoint{
		loads:  []*load{loadOf(merge.Append, "a", 2, 3, 4), loadOf(merge.Append, "b", 6)},
		states: statesAt(1, 5, 7),
	}
	var got [][]string
	for _, part := range c.split(&Error{Kind: KindInput}) {
		got = append(got, part.contents(t))
	}
	want := [][]string{
		{"a of line 2", "a of line 3", "STATE 1"},
		{"a of line 4", "b of line 6", "STATE 5", "STATE 7"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHalvingEndsAtSingleRows(t *testing.T) {
	t.Parallel()
	work := []*checkpoint{{loads: []*load{loadOf(merge.Append, "a", 1, 2, 5, 8, 13), loadOf(merge.Append, "b", 3, 4, 21)}, states: statesAt(6, 22)}}
	var single []string
	for steps := 0; len(work) > 0; steps++ {
		if steps > 100 {
			t.Fatal("halving goes on for ever")
		}
		if c := work[0]; c.rows() == 1 {
			single = append(single, c.contents(t)...)
			work = work[1:]
			continue
		}
		work = append(work[0].split(&Error{Kind: KindInput}), work[1:]...)
	}
	want := []string{
		"a of line 1", "a of line 2", "b of line 3", "b of line 4", "a of line 5", "STATE 6", "a of line 8", "a of line 13", "b of line 21", "STATE 22",
	}
	if diff := cmp.Diff(want, single); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestHoweverACheckpointFallsApartNothingIsLostAndNoStateLeavesEarly goes by the positions in the entries' own names.
func TestHoweverACheckpointFallsApartNothingIsLostAndNoStateLeavesEarly(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		lines := [3][]int64{} // of stream a, of stream b, of states
		for line := int64(1); line < 30; line++ {
			kind := random.IntN(4)
			if kind < 3 {
				lines[kind] = append(lines[kind], line)
			}
		}
		c := &checkpoint{loads: []*load{loadOf(merge.Append, "a", lines[0]...), loadOf(merge.Append, "b", lines[1]...)}, states: statesAt(lines[2]...)}
		rows := slices.Sorted(slices.Values(append(slices.Clone(lines[0]), lines[1]...)))
		if len(rows) < 2 {
			continue
		}
		err := error(&Error{Kind: KindInput})
		refused := int64(0)
		if random.IntN(3) > 0 {
			refused = rows[random.IntN(len(rows))]
			err = refusedAt(refused)
		}
		loaded := map[int64]bool{}
		var states []int64
		for _, part := range c.split(err) {
			if part.rows() == 0 && len(part.states) == 0 {
				t.Fatal("an empty part")
			}
			for _, l := range part.loads {
				for _, at := range l.batch.rowsAt {
					if loaded[at.line()] {
						t.Fatalf("line %d is in two parts", at.line())
					}
					loaded[at.line()] = true
					if at.line() == refused && part.rows() != 1 {
						t.Fatalf("the refused row is with %d others", part.rows()-1)
					}
				}
			}
			for _, s := range part.states {
				states = append(states, s.where.line())
				for _, line := range rows {
					if line < s.where.line() && !loaded[line] {
						t.Fatalf("STATE of line %d leaves before the row of line %d", s.where.line(), line)
					}
				}
			}
		}
		if len(loaded) != len(rows) || !slices.Equal(states, lines[2]) {
			t.Fatalf("%d of %d rows are loaded, and states %v of %v leave", len(loaded), len(rows), states, lines[2])
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
	broken := dbError("t", "copy rows", leaky("23505"))
	upsert, appended := direct(merge.Upsert), direct(merge.Append)
	c := &checkpoint{loads: []*load{upsert, appended}}
	if c.undirect(dbError("t", "copy rows", leaky("23514"))) || !upsert.direct {
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
		{name: "duplicates", mode: merge.Upsert, change: func(l *load) { l.batch.duplicates = true }},
		{name: "parts of rows", mode: merge.Upsert, change: func(l *load) { l.batch.patched = true }},
		{name: "tombstones", mode: merge.Upsert, change: func(l *load) { l.batch.removed = true }},
		{name: "no instant", mode: merge.History, change: func(l *load) { l.batch.timeless = true }},
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
	want := []int64{lockKey("s", "h"), lockKey("s", "b")}
	slices.Sort(want)
	for _, loads := range [][]*load{append([]*load{history, bare}, others...), append(slices.Clone(others), bare, history)} {
		if diff := cmp.Diff(want, (&checkpoint{loads: loads}).locks()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if lockKey("a", "b") == lockKey("ab", "") || lockKey("s", "t") == lockKey("s", "u") {
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
