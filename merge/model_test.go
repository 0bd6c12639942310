package merge

import "slices"

// The model applies records to one key, one after the other, as the documentation of the load modes says. The SQL works
// on whole batches; both have to come to the same table, wherever the batches are cut.

// null is NULL in a record's values.
const null = -1

// The columns of a record in the tests, by their place in record.values.
const (
	colA = iota
	colB
	colMark    // the source's delete mark
	colVersion // the stream's version
	colSeen    // untracked
	values
)

// record is one row of a batch, without its key.
type record struct {
	values [values]int
	absent [values]bool // only where the batch is patched
	gone   bool
	at     int
}

// row is a row of the target, without its key. start, end and active are history's, deleted is soft_delete's.
type row struct {
	values     [values]int
	start, end int // end is null while the version is active
	active     bool
	deleted    bool
}

// over returns the values that a record makes of those before it.
func (r record) over(before [values]int) [values]int {
	for i := range before {
		if !r.absent[i] {
			before[i] = r.values[i]
		}
	}
	return before
}

// lifted returns values with the version of those before them if that is newer: a row's version never goes back.
func lifted(values, before [values]int) [values]int {
	values[colVersion] = max(values[colVersion], before[colVersion])
	return values
}

func nothing() [values]int { return [values]int{null, null, null, null, null} }

// same compares the tracked columns: in history those of the record itself, else all that are not untracked.
func same(a, b [values]int, history bool) bool {
	if history {
		return a[colA] == b[colA] && a[colB] == b[colB]
	}
	return slices.Equal(a[:colSeen], b[:colSeen])
}

// ignores reports whether a job leaves a record out because of what there is of its key. A removal is never left out.
func ignores(job Job, before *row, r record) bool {
	if r.gone && (job.Mode == SoftDelete || job.HardDelete) {
		return false
	}
	return (job.IgnoreConflicts && before != nil) || (job.IgnoreMissing && before == nil)
}

// upsert applies a record to a key's row, nil when there is none.
func upsert(before *row, r record, hardDelete bool) *row {
	switch {
	case r.gone && hardDelete:
		return nil
	case before == nil:
		return &row{values: r.over(nothing())}
	}
	after := lifted(r.over(before.values), before.values)
	if same(before.values, after, false) {
		return before
	}
	return &row{values: after}
}

// softDelete applies a record to a key's row, nil when there is none.
func softDelete(before *row, r record) *row {
	switch {
	case r.gone && (before == nil || before.deleted):
		return before
	case r.gone:
		after := *before
		after.deleted = true
		if r.values[colMark] != null {
			after.values[colMark] = r.values[colMark]
		}
		return &after
	case before == nil:
		return &row{values: r.over(nothing())}
	}
	base := *before
	if base.deleted {
		base.values[colMark] = null
	}
	after := row{values: lifted(r.over(base.values), base.values)}
	if !before.deleted && same(before.values, after.values, false) {
		return before
	}
	return &after
}

// history applies a record to the versions of a key.
func history(versions []row, r record) []row {
	bound := -1
	live := -1
	for i, v := range versions {
		bound = max(bound, v.start, v.end)
		if v.active {
			live = i
		}
	}
	at := r.at
	if at < bound {
		if r.gone || agrees(versions, r) {
			return versions
		}
		at = bound
	}
	return change(versions, r, at, live)
}

// change lets a record take effect at an instant, on top of the version live, if there is one.
func change(versions []row, r record, at, live int) []row {
	if live >= 0 {
		next := lifted(r.over(versions[live].values), versions[live].values)
		if !r.gone && same(versions[live].values, next, true) {
			versions[live].values[colVersion] = next[colVersion]
			return versions
		}
	}
	next := r.over(nothing())
	if live >= 0 {
		next = lifted(r.over(versions[live].values), versions[live].values)
		versions[live].end, versions[live].active = at, false
	}
	if r.gone {
		return versions
	}
	for i, v := range versions {
		if v.start == at && v.end == at && same(v.values, next, true) {
			versions[i] = row{values: next, start: at, end: null, active: true}
			return versions
		}
	}
	return append(versions, row{values: next, start: at, end: null, active: true})
}

// agrees reports whether a late record says what the versions say of its instant.
func agrees(versions []row, r record) bool {
	for _, v := range versions {
		covers := v.start <= r.at && (v.end == null || r.at < v.end)
		if (covers || v.start == r.at) && same(v.values, r.over(v.values), true) {
			return true
		}
	}
	return false
}
