package merge

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// length is how many records a sequence has.
const length = 8

// sequences is how many sequences a test has. Every key has one of its own, so that one batch tests as many as there
// are keys. MODEL_SEED asks for more of them, and with -short, for one more version of the server, they are fewer.
func sequences() int {
	switch {
	case testing.Short():
		return 40
	case os.Getenv("MODEL_SEED") != "":
		return 300
	default:
		return 120
	}
}

// flavour is what sequences are made of.
type flavour struct{ patches, tombstones, backwards bool }

// spared reports whether a test goes without f. Unless MODEL_SEED asks for all flavours, sequences have patches and
// tombstones or neither of them, and with -short both.
func (f flavour) spared() bool {
	if os.Getenv("MODEL_SEED") != "" {
		return false
	}
	return f.patches != f.tombstones || testing.Short() && !f.tombstones
}

// sparedInOrder is spared where no record is partial.
func (f flavour) sparedInOrder() bool { return os.Getenv("MODEL_SEED") == "" && !f.tombstones }

// sequence makes the records of one key. The version goes back at the same record of every key: each time that it does,
// another batch begins.
func sequence(rnd *rand.Rand, f flavour, soft bool) []record {
	at := 1
	// When the stream's version 2 begins, and when it does so again after a loader that lags behind.
	begins := [2]int{rnd.IntN(length), length/2 + rnd.IntN(length/2)}
	records := make([]record, length)
	for i := range records {
		r := &records[i]
		r.values = [values]int{rnd.IntN(2), rnd.IntN(2), null, 1, i}
		if i >= begins[2*i/length] {
			r.values[colVersion] = 2
		}
		if rnd.IntN(6) == 0 {
			r.values[colA] = null
		}
		if f.patches && rnd.IntN(2) == 0 {
			for c := range colVersion {
				r.absent[c] = rnd.IntN(2) == 0
			}
		}
		if f.tombstones && rnd.IntN(4) == 0 {
			r.gone = true
			r.values[colMark] = i
			for c := range colVersion {
				r.absent[c] = f.patches && rnd.IntN(2) == 0
			}
			if soft && rnd.IntN(3) == 0 {
				r.values[colMark] = null
			}
		}
		for c, absent := range r.absent {
			if absent {
				r.values[c] = null
			}
		}
		switch {
		case f.backwards:
			at = 1 + rnd.IntN(6)
		default:
			at += rnd.IntN(3)
		}
		r.at = at
	}
	return records
}

// seedOf is the seed of a test's sequences: the same in every run, so that a failure is seen again, or MODEL_SEED's, a
// number or the word random.
func seedOf(t *testing.T) uint64 {
	t.Helper()
	wanted := os.Getenv("MODEL_SEED")
	seed, err := strconv.ParseUint(wanted, 10, 64)
	switch {
	case wanted == "random":
		seed = rand.Uint64()
	case wanted != "" && err != nil:
		t.Fatalf("MODEL_SEED: %v", err)
	case wanted == "":
		name := fnv.New64a()
		_, _ = name.Write([]byte(t.Name()))
		seed = name.Sum64()
	}
	t.Logf("seed %d", seed)
	return seed
}

// cuts are the ways to cut sequences into batches: how many records of a key the next batch takes.
func cuts(rnd *rand.Rand) map[string]func() int {
	return map[string]func() int{
		"one batch":        func() int { return length },
		"a record a batch": func() int { return 1 },
		"cut anywhere":     func() int { return rnd.IntN(5) },
	}
}

func TestBatchesGiveTheSameTableAsTheirRecordsOneByOne(t *testing.T) {
	t.Parallel()
	jobs := []Job{
		{Mode: Upsert, Unique: true},
		{Mode: Upsert},
		{Mode: Upsert, HardDelete: true, Unique: true},
		{Mode: Upsert, HardDelete: true, NullKeys: true},
		{Mode: SoftDelete, Unique: true},
		{Mode: SoftDelete},
		{Mode: Upsert, Repeats: true, Stretch: &Stretch{From: 0, To: 1000}},
		{Mode: SoftDelete, Repeats: true},
		{Mode: History},
		{Mode: History, NullKeys: true},
		{Mode: History, EndsFarAway: true},
		{Mode: History, EndsFarAway: true, UserCode: true, Hash: "hash"},
		{Mode: History, EndsFarAway: true, Place: Foreign},
		{Mode: Upsert, Place: Foreign},
		{Mode: Upsert, Place: Foreign, HardDelete: true, Spread: []string{"b"}},
		{Mode: Upsert, Place: Distributed, HardDelete: true, Unique: true},
		{Mode: SoftDelete, Place: Foreign, Spread: []string{"a"}},
		{Mode: SoftDelete, Place: Distributed, Unique: true},
		{Mode: History, Place: Foreign},
		{Mode: Upsert, Place: Replicated, HardDelete: true},
		{Mode: History, Place: Replicated},
		{Mode: Upsert, HardDelete: true, Unique: true, UserCode: true},
		{Mode: Upsert, NullKeys: true, UserCode: true},
		{Mode: SoftDelete, Unique: true, UserCode: true},
		{Mode: SoftDelete, Place: Foreign, UserCode: true},
		{Mode: History, UserCode: true},
		{Mode: History, Place: Distributed, Spread: []string{"id"}},
		{Mode: Upsert, Unique: true, IgnoreConflicts: true},
		{Mode: Upsert, IgnoreConflicts: true, HardDelete: true},
		{Mode: Upsert, Unique: true, IgnoreConflicts: true, HardDelete: true, UserCode: true},
		{Mode: Upsert, IgnoreConflicts: true, HardDelete: true, NullKeys: true},
		{Mode: Upsert, IgnoreConflicts: true, HardDelete: true, Place: Foreign, Spread: []string{"b"}},
		{Mode: SoftDelete, Unique: true, IgnoreConflicts: true},
		{Mode: SoftDelete, IgnoreConflicts: true, UserCode: true},
		{Mode: SoftDelete, IgnoreConflicts: true, Place: Replicated},
		{Mode: Upsert, Unique: true, IgnoreMissing: true},
		{Mode: Upsert, Unique: true, IgnoreMissing: true, HardDelete: true},
		{Mode: Upsert, IgnoreMissing: true, HardDelete: true, NullKeys: true, UserCode: true},
		{Mode: Upsert, IgnoreMissing: true, HardDelete: true, Place: Foreign, Spread: []string{"b"}},
		{Mode: SoftDelete, IgnoreMissing: true},
		{Mode: SoftDelete, Unique: true, IgnoreMissing: true, Place: Distributed},
	}
	for _, job := range jobs {
		for bits := range 8 {
			f := flavour{patches: bits&1 != 0, tombstones: bits&2 != 0, backwards: bits&4 != 0}
			if f.backwards && job.Mode != History || f.spared() {
				continue
			}
			name := fmt.Sprintf("%s/hard delete %t/unique %t/repeats %t/null keys %t/place %d/user code %t/%s%+v",
				job.Mode, job.HardDelete, job.Unique, job.Repeats, job.NullKeys, job.Place, job.UserCode, ignoring(job), f)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				compareWithModel(t, job, f)
			})
		}
	}
}

// ignoring names what a job leaves out.
func ignoring(job Job) string {
	switch {
	case job.IgnoreConflicts:
		return "ignore conflicts/"
	case job.IgnoreMissing:
		return "ignore missing/"
	default:
		return ""
	}
}

// oneVersion lets all records have the stream's version 1 where rows stay as they are: another test is about the
// versions then.
func oneVersion(job Job, records []record) {
	for i := range records {
		if job.IgnoreConflicts {
			records[i].values[colVersion] = 1
		}
	}
}

func compareWithModel(t *testing.T, job Job, f flavour) {
	seed := seedOf(t)
	tb := newTable(t, job)
	rnd := rand.New(rand.NewPCG(seed, 0))
	all := make([][]record, sequences())
	want := make(map[int][]row, sequences())
	for id := range all {
		all[id] = sequence(rnd, f, job.Mode == SoftDelete)
		oneVersion(job, all[id])
		if rows := applied(job, all[id]); len(rows) > 0 {
			want[id] = sorted(rows, job.Mode)
		}
	}
	for name, next := range cuts(rnd) {
		tb.exec("TRUNCATE " + tb.job.Target.SQL())
		tb.begin(len(all))
		for _, batch := range batches(all, next) {
			tb.load(batch)
		}
		got := tb.rows()
		for id := range all {
			rows := sorted(got[id], job.Mode)
			if diff := cmp.Diff(want[id], rows, cmp.AllowUnexported(row{})); diff != "" {
				t.Fatalf("%s, key %d: (-model +table)\n%s\nrecords: %+v", name, id, diff, all[id])
			}
			if job.Mode == History {
				checkTimeline(t, rows, all[id], f)
			}
		}
	}
}

// applied is what the model makes of a sequence.
func applied(job Job, records []record) []row {
	if job.Mode == History {
		var versions []row
		for _, r := range records {
			versions = history(versions, r)
		}
		return versions
	}
	var current *row
	if job.IgnoreMissing {
		current = first() // else there would never be one
	}
	for _, r := range records {
		switch {
		case ignores(job, current, r):
		case job.Mode == SoftDelete:
			current = softDelete(current, r)
		default:
			current = upsert(current, r, job.HardDelete)
		}
	}
	if current == nil {
		return nil
	}
	return []row{*current}
}

// first is a row that is there before the first record.
func first() *row { return &row{values: [values]int{0, 0, null, 1, null}} }

// sorted orders the versions of a key, and leaves out what may depend on the batches: where records are equal, whose
// untracked column is stored.
func sorted(rows []row, mode Mode) []row {
	rows = slices.Clone(rows)
	for i := range rows {
		if mode == History {
			continue
		}
		rows[i].values[colSeen] = 0
		rows[i].start, rows[i].end = 0, 0
	}
	slices.SortFunc(rows, func(a, b row) int {
		return slices.Compare([]int{a.start, a.end, a.values[0], a.values[1]}, []int{b.start, b.end, b.values[0], b.values[1]})
	})
	return rows
}

// batches cuts the sequences, all at once, and deals the records of different keys out in turn.
func batches(all [][]record, next func() int) [][]keyed {
	rest := slices.Clone(all)
	var result [][]keyed
	for left := true; left; {
		left = false
		var batch []keyed
		taken := make([][]record, len(rest))
		for id := range rest {
			n := min(next(), len(rest[id]))
			taken[id], rest[id] = rest[id][:n], rest[id][n:]
			left = left || len(rest[id]) > 0
		}
		for i := range length {
			for id := range taken {
				if i < len(taken[id]) {
					batch = append(batch, keyed{id: id, record: taken[id][i]})
				}
			}
		}
		if len(batch) > 0 {
			result = append(result, batch)
		}
	}
	return result
}

// checkTimeline checks what holds for every history, whatever the model says: no two versions overlap, at most one is
// active and it is the last, and where time did not run backwards the version of an instant is that of the last record
// until then.
func checkTimeline(t *testing.T, rows []row, records []record, f flavour) {
	t.Helper()
	for at := range 40 {
		var then []row
		for _, v := range rows {
			if v.start <= at && (v.end == null || at < v.end) {
				then = append(then, v)
			}
		}
		if len(then) > 1 {
			t.Fatalf("%d versions at %d: %+v", len(then), at, then)
		}
		if f.backwards || f.patches {
			continue
		}
		alive, last := false, record{}
		for _, r := range records {
			if r.at <= at {
				alive, last = !r.gone, r
			}
		}
		if alive != (len(then) == 1) {
			t.Fatalf("at %d alive is %t, versions %+v of %+v", at, alive, rows, records)
		}
		if alive && !same(then[0].values, last.values, true) {
			t.Fatalf("at %d the version is %+v, not %+v", at, then[0], last)
		}
	}
	for _, v := range rows {
		if v.active != (v.end == null) || (v.end != null && v.end < v.start) {
			t.Fatalf("version %+v", v)
		}
	}
}
