package merge

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// event is what a record or a tombstone tells of a key from an instant on.
type event struct {
	at     int
	gone   bool
	values [values]int
}

// timeline is the model of late records that go where they belong: all events of a key, in the order of their instants
// and then of their arrival.
type timeline []event

// apply adds what a record tells, unless the timeline tells it already. Only the active version is told what makes
// none: the pass in which its key was seen, and by a record of its instant the value of column b if a job ignores that.
func (l timeline) apply(r record, ignored bool) timeline {
	i := len(l)
	for i > 0 && l[i-1].at > r.at {
		i--
	}
	alive, before := i > 0 && !l[i-1].gone, nothing()
	if alive {
		before = l[i-1].values
	}
	next := r.over(before)
	agrees := next[colA] == before[colA] && (ignored || next[colB] == before[colB])
	told := i > 0 && l[i-1].gone && l[i-1].at == r.at
	switch {
	case r.gone && told:
	case r.gone || !alive || !agrees:
		l = slices.Insert(l, i, event{at: r.at, gone: r.gone, values: next})
	case i == len(l):
		l[i-1].values[colB] = next[colB]
	}
	if last := len(l) - 1; !r.gone && !l[last].gone {
		l[last].values[colVersion] = r.values[colVersion]
	}
	return l
}

// rows are the versions that have a length.
func (l timeline) rows() []row {
	var rows []row
	for i, e := range l {
		end := null
		if i+1 < len(l) {
			end = l[i+1].at
		}
		if !e.gone && end != e.at {
			rows = append(rows, row{values: e.values, start: e.at, end: end, active: end == null})
		}
	}
	return rows
}

// lasting leaves out the versions of no length, and what a history does not track.
func lasting(rows []row) []row {
	var lasting []row
	for _, r := range rows {
		if r.end != r.start {
			r.values = [values]int{colA: r.values[colA], colB: r.values[colB], colVersion: r.values[colVersion]}
			lasting = append(lasting, r)
		}
	}
	return sorted(lasting, History)
}

// alike are all versions, without what says nothing about them.
func alike(rows []row) []row {
	rows = slices.Clone(rows)
	for i, r := range rows {
		rows[i].values = [values]int{r.values[colA], r.values[colB]}
	}
	return sorted(rows, History)
}

// lateJobs are the jobs that the model is held against.
func lateJobs() []Job {
	return []Job{
		{Mode: History, InsertLate: true},
		{Mode: History, InsertLate: true, NullKeys: true},
		{Mode: History, InsertLate: true, EndsFarAway: true},
		{Mode: History, InsertLate: true, EndsFarAway: true, Place: Distributed},
		{Mode: History, InsertLate: true, UserCode: true},
		{Mode: History, InsertLate: true, Place: Foreign},
		{Mode: History, InsertLate: true, Place: Distributed},
		{Mode: History, InsertLate: true, Place: Replicated},
		{Mode: History, InsertLate: true, Ignored: []string{"b"}},
		{Mode: History, InsertLate: true, Ignored: []string{"b"}, Place: Foreign},
	}
}

func TestLateRecordsGoWhereTheirInstantsBelong(t *testing.T) {
	t.Parallel()
	for _, job := range lateJobs() {
		for bits := range 4 {
			f := flavour{patches: bits&1 != 0, tombstones: bits&2 != 0, backwards: true}
			if f.spared() {
				continue
			}
			t.Run(fmt.Sprintf("place %d/null keys %t/user code %t/ignored %v/%+v", job.Place, job.NullKeys, job.UserCode, job.Ignored, f), func(t *testing.T) {
				t.Parallel()
				compareWithTimelines(t, job, f)
			})
		}
	}
}

// compareWithTimelines loads sequences in random order, with records that come again, cut into batches in several ways.
func compareWithTimelines(t *testing.T, job Job, f flavour) {
	seed := seedOf(t)
	tb := newTable(t, job)
	rnd := rand.New(rand.NewPCG(seed, 0))
	all, want := make([][]record, sequences()), make([][]row, sequences())
	for id := range all {
		all[id] = sequence(rnd, f, false)
		for i := range all[id] {
			if i > 0 && rnd.IntN(4) == 0 {
				all[id][i] = all[id][rnd.IntN(i)]
			}
			all[id][i].values[colVersion] = 1 + i/4
		}
		var l timeline
		for _, r := range all[id] {
			l = l.apply(r, len(job.Ignored) > 0)
		}
		want[id] = lasting(l.rows())
	}
	var before map[int][]row
	for name, next := range cuts(rnd) {
		tb.exec("TRUNCATE " + tb.job.Target.SQL())
		for _, batch := range batches(all, next) {
			tb.load(batch)
		}
		got := tb.rows()
		for id := range all {
			// The model does not know of versions without length. They do not depend on the batches either.
			if diff := cmp.Diff(alike(before[id]), alike(got[id]), cmp.AllowUnexported(row{})); before != nil && diff != "" {
				t.Fatalf("%s, key %d: (-other batches +table)\n%s\nrecords: %+v", name, id, diff, all[id])
			}
			if diff := cmp.Diff(want[id], lasting(got[id]), cmp.AllowUnexported(row{})); diff != "" {
				t.Fatalf("%s, key %d: (-model +table)\n%s\nrecords: %+v\nrows: %+v", name, id, diff, all[id], got[id])
			}
		}
		before = got
	}
}

// TestWhatComesAgainChangesNothingOfAHistoryThatInsertsLateRecords has different values and instants in all events of a
// key, so that every one is seen in the table. Then the order of arrival makes no difference.
func TestWhatComesAgainChangesNothingOfAHistoryThatInsertsLateRecords(t *testing.T) {
	t.Parallel()
	for _, job := range lateJobs() {
		t.Run(fmt.Sprintf("place %d/null keys %t/user code %t/ignored %v", job.Place, job.NullKeys, job.UserCode, job.Ignored), func(t *testing.T) {
			t.Parallel()
			seed := seedOf(t)
			tb := newTable(t, job)
			rnd := rand.New(rand.NewPCG(seed, 0))
			all, want := make([][]record, sequences()), make([][]row, sequences())
			for id := range all {
				records := make([]record, length)
				for i := range records {
					records[i] = record{values: [values]int{i, null, null, 1, i}, gone: rnd.IntN(4) == 0, at: 1 + i}
				}
				var l timeline
				for _, r := range records {
					l = l.apply(r, false)
				}
				want[id] = lasting(l.rows())
				rnd.Shuffle(length, func(i, j int) { records[i], records[j] = records[j], records[i] })
				for range 5 {
					records = slices.Insert(records, rnd.IntN(len(records)), records[rnd.IntN(len(records))])
				}
				all[id] = records
			}
			for name, next := range cuts(rnd) {
				tb.exec("TRUNCATE " + tb.job.Target.SQL())
				for _, batch := range batches(all, next) {
					tb.load(batch)
				}
				got := tb.rows()
				for id := range all {
					if diff := cmp.Diff(want[id], lasting(got[id]), cmp.AllowUnexported(row{})); diff != "" {
						t.Fatalf("%s, key %d: (-in order +table)\n%s\nrecords: %+v\nrows: %+v", name, id, diff, all[id], got[id])
					}
				}
				before := tb.physical()
				for _, batch := range batches(all, func() int { return length }) {
					tb.load(batch)
				}
				if diff := cmp.Diff(before, tb.physical()); diff != "" {
					t.Fatalf("%s: (-before +after)\n%s", name, diff)
				}
			}
		})
	}
}

func TestLateRecordsAreInserted(t *testing.T) {
	t.Parallel()
	check(t, Job{Mode: History, InsertLate: true}, []situation{
		{"cuts the version of its instant", []string{"1 a=1 @1, 1 a=2 @5", "1 a=3 @3"}, []string{"1 a=1 [1,3)", "1 a=3 [3,5)", "1 a=2 [5,"}},
		{"goes before the first version", []string{"1 a=1 @5", "1 a=2 @3"}, []string{"1 a=2 [3,5)", "1 a=1 [5,"}},
		{"leaves no trace where it agrees", []string{"1 a=1 @1, 1 a=2 @5", "1 a=1 @3"}, []string{"1 a=1 [1,5)", "1 a=2 [5,"}},
		{"ends a version by a late tombstone", []string{"1 a=1 @1, 1 a=2 @5", "1 gone @3"}, []string{"1 a=1 [1,3)", "1 a=2 [5,"}},
		{"remembers the tombstone of an unknown key", []string{"1 gone @5", "1 a=1 @3"}, []string{"1 [5,5)", "1 a=1 [3,5)"}},
		{"remembers a tombstone after another", []string{"1 a=1 @1, 1 gone @3, 1 gone @7", "1 a=2 @5"}, []string{"1 [7,7)", "1 a=1 [1,3)", "1 a=2 [5,7)"}},
		{"remembers the end of a version that ends earlier", []string{"1 a=1 @1, 1 gone @7", "1 gone @3", "1 a=2 @5"}, []string{"1 a=1 [1,3)", "1 a=1 [7,7)", "1 a=2 [5,7)"}},
		{"lets the later arrival win", []string{"1 a=1 @3", "1 a=2 @3"}, []string{"1 a=1 [3,3)", "1 a=2 [3,"}},
		{"lets a later tombstone win", []string{"1 a=1 @3", "1 gone @3"}, []string{"1 a=1 [3,3)"}},
		{"comes alive again at the instant of a tombstone", []string{"1 gone @3", "1 a=1 @3"}, []string{"1 [3,3)", "1 a=1 [3,"}},
		{"does the same in one batch", []string{"1 a=1 @5, 1 a=2 @3, 1 gone @4"}, []string{"1 a=1 [5,", "1 a=2 [3,4)"}},
		{"tells the active version in which pass its key was seen", []string{"1 a=1 version=1 @5", "1 a=2 version=2 @3"}, []string{"1 a=1 version=2 [5,", "1 a=2 version=2 [3,5)"}},
	})
}
