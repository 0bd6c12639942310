package merge

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ordered is what the model knows of a key whose records are ordered by column a.
type ordered struct {
	job  Job
	rows []row
	// newest is the order of the newest record, known is false while there was none.
	newest int
	known  bool
}

// apply applies a record, unless it is older than what is known.
func (o *ordered) apply(r record) {
	var before *row
	if len(o.rows) > 0 {
		before = &o.rows[0]
	}
	if ignores(o.job, before, r) {
		return
	}
	if o.job.Fill != "" && r.gone && r.values[colA] == null && o.known {
		r.values[colA] = o.newest
	}
	loose := o.job.Loose && r.values[colA] == null
	switch {
	case loose:
	case o.known && r.values[colA] < o.newest && (!o.job.Loose || o.newest != null):
		return
	default:
		o.newest, o.known = r.values[colA], true
	}
	switch o.job.Mode {
	case History:
		o.history(r, loose)
	case SoftDelete:
		o.softDelete(r)
	default:
		o.upsert(r)
	}
}

func (o *ordered) upsert(r record) {
	var before *row
	if len(o.rows) > 0 {
		before = &o.rows[0]
	}
	o.rows = nil
	if after := upsert(before, r, o.job.HardDelete); after != nil {
		o.rows = []row{*after}
	}
}

func (o *ordered) softDelete(r record) {
	var before *row
	if len(o.rows) > 0 {
		before = &o.rows[0]
	}
	if after := softDelete(before, r); after != nil {
		o.rows = []row{*after}
		o.rows[0].values[colA] = r.values[colA]
	}
}

// history is the model's, but that the order has decided already which record is late.
func (o *ordered) history(r record, loose bool) {
	bound, live := -1, -1
	for i, v := range o.rows {
		bound = max(bound, v.start, v.end)
		if v.active {
			live = i
		}
	}
	if r.at < bound && ((loose && r.gone) || (o.job.Loose && !r.gone && agrees(o.rows, r))) {
		return
	}
	o.rows = change(o.rows, r, max(r.at, bound), live)
	if r.gone && !loose && len(o.rows) > 0 {
		closed := live
		if live < 0 {
			closed = o.last()
		}
		o.rows[closed].values[colA] = r.values[colA]
	}
}

// last is the newest version.
func (o *ordered) last() int {
	last := 0
	for i, v := range o.rows {
		if v.start > o.rows[last].start || (v.start == o.rows[last].start && v.end >= o.rows[last].end) {
			last = i
		}
	}
	return last
}

// forget begins another run: it knows what the rows say and nothing else.
func (o *ordered) forget() {
	o.known = false
	for _, v := range o.rows {
		if a := v.values[colA]; (a != null || !o.job.Loose) && (!o.known || a > o.newest) {
			o.newest, o.known = a, true
		}
	}
}

func TestAnOlderRecordNeverWinsWhereverBatchesAndRunsEnd(t *testing.T) {
	t.Parallel()
	for _, job := range []Job{
		{Mode: Upsert, HardDelete: true, Unique: true},
		{Mode: Upsert, HardDelete: true},
		{Mode: Upsert, HardDelete: true, NullKeys: true},
		{Mode: Upsert, HardDelete: true, Place: Foreign},
		{Mode: SoftDelete, Unique: true},
		{Mode: SoftDelete},
		{Mode: SoftDelete, NullKeys: true},
		{Mode: SoftDelete, Place: Foreign},
		{Mode: Upsert, Unique: true, IgnoreConflicts: true, HardDelete: true},
		{Mode: Upsert, IgnoreConflicts: true, HardDelete: true, Place: Foreign},
		{Mode: SoftDelete, IgnoreConflicts: true},
		{Mode: SoftDelete, Unique: true, IgnoreConflicts: true, UserCode: true},
		{Mode: SoftDelete, IgnoreConflicts: true, Place: Foreign},
		{Mode: Upsert, Unique: true, IgnoreMissing: true, HardDelete: true},
		{Mode: Upsert, IgnoreMissing: true, HardDelete: true, Place: Foreign},
		{Mode: SoftDelete, Unique: true, IgnoreMissing: true},
		{Mode: History},
		{Mode: History, NullKeys: true},
		{Mode: History, EndsFarAway: true},
		{Mode: History, Loose: true},
		{Mode: History, Place: Foreign},
		{Mode: History, Place: Foreign, EndsFarAway: true, Fill: "a"},
		{Mode: Upsert, HardDelete: true, Unique: true, Fill: "a"},
		{Mode: Upsert, HardDelete: true, Place: Foreign, Fill: "a"},
		{Mode: Upsert, Unique: true, IgnoreMissing: true, HardDelete: true, Fill: "a"},
		{Mode: SoftDelete, Fill: "a"},
		{Mode: SoftDelete, NullKeys: true, UserCode: true, Fill: "a"},
		{Mode: SoftDelete, Place: Foreign, Fill: "a"},
		{Mode: History, Fill: "a"},
	} {
		job.Order = []string{"a"}
		for bits := range 4 {
			f := flavour{tombstones: bits&1 != 0, backwards: bits&2 != 0}
			if f.backwards && job.Mode != History || f.sparedInOrder() {
				continue
			}
			t.Run(fmt.Sprintf("%s/hard delete %t/unique %t/null keys %t/loose %t/place %d/user code %t/fill %q/%s%+v", job.Mode, job.HardDelete, job.Unique, job.NullKeys, job.Loose, job.Place, job.UserCode, job.Fill, ignoring(job), f),
				func(t *testing.T) {
					t.Parallel()
					compareOrdered(t, job, f)
				})
		}
	}
}

func compareOrdered(t *testing.T, job Job, f flavour) {
	seed := seedOf(t)
	tb := newTable(t, job)
	tb.job.Tombstones = Name{Schema: tb.job.Target.Schema, Table: "tombstones"}
	tb.exec("CREATE TABLE " + tb.job.Tombstones.SQL() + " (id bigint PRIMARY KEY, a bigint)")
	rnd := rand.New(rand.NewPCG(seed, 0))
	all := make([][]record, sequences())
	for id := range all {
		all[id] = sequence(rnd, f, job.Mode == SoftDelete)
		oneVersion(job, all[id])
		orders(rnd, all[id], job.Loose)
	}
	for name, next := range cuts(rnd) {
		for _, runs := range []bool{false, true} {
			tb.exec("TRUNCATE " + tb.job.Target.SQL() + ", " + tb.job.Tombstones.SQL())
			tb.begin(len(all))
			want := make([]ordered, len(all))
			for i := range want {
				want[i].job = job
				if job.IgnoreMissing {
					want[i].rows = []row{*first()}
					want[i].forget()
				}
			}
			for _, batch := range batches(all, next) {
				tb.load(batch)
				for _, r := range batch {
					want[r.id].apply(r.record)
				}
				if !runs {
					continue
				}
				tb.exec("TRUNCATE " + tb.job.Tombstones.SQL())
				for i := range want {
					want[i].forget()
				}
			}
			got := tb.rows()
			for id := range all {
				if diff := cmp.Diff(comparableRows(want[id].rows, job.Mode), comparableRows(got[id], job.Mode), cmp.AllowUnexported(row{})); diff != "" {
					t.Fatalf("%s, a run a batch %t, key %d: (-model +table)\n%s\nrecords: %+v", name, runs, id, diff, all[id])
				}
				checkVersions(t, got[id], job.Mode)
			}
		}
	}
}

// orders gives each record its value of the order, or null. A loose order is that of the instants themselves, and a
// source's tombstones either all have it or all lack it.
func orders(rnd *rand.Rand, records []record, loose bool) {
	bare := rnd.IntN(2) == 0
	for i := range records {
		r := &records[i]
		r.values[colA] = rnd.IntN(7) - 1 // null is one of them
		switch {
		case !loose:
		case r.gone && bare:
			r.values[colA] = null
		case r.gone || r.values[colA] != null:
			r.values[colA] = r.at
		}
	}
}

// comparableRows are sorted, less what may depend on the batches: in history the columns that are not compared, and
// versions of no length, which stand for no instant.
func comparableRows(rows []row, mode Mode) []row {
	rows = slices.Clone(rows)
	if mode == History {
		rows = slices.DeleteFunc(rows, func(v row) bool { return v.start == v.end })
		for i := range rows {
			rows[i].values[colVersion], rows[i].values[colSeen], rows[i].values[colMark] = 0, 0, 0
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return sorted(rows, mode)
}

// checkVersions checks that no two versions overlap and that at most one is active.
func checkVersions(t *testing.T, rows []row, mode Mode) {
	t.Helper()
	active := 0
	for i, a := range rows {
		if mode != History {
			return
		}
		if a.active {
			active++
		}
		for _, b := range rows[i+1:] {
			if a.start < b.end && b.start < a.end && a.start != a.end && b.start != b.end {
				t.Fatalf("%+v and %+v overlap", a, b)
			}
		}
	}
	if active > 1 {
		t.Fatalf("%d active versions: %+v", active, rows)
	}
}
