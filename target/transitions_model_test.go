package target_test

import (
	"cmp"
	"fmt"
	"slices"
)

// modelTable is what the rows must be, as the documentation has it.
type modelTable struct {
	made  bool
	mode  string
	rows  []modelRow // in the order in which they were written
	moved int
}

// modelRow is a row. Instants are those of the records; that of a full pass is later than all of them.
type modelRow struct {
	a, b, v         int
	start, end      int
	closed, deleted bool
	wrote           int
}

// since is when a version starts that was a row of another mode.
const since = -1

// take applies a step, the nth.
func (m *modelTable) take(s step, n int) {
	mode := map[string]string{
		"append_dedup": "upsert", "overwrite": "replace", "refresh of append": "replace", "refresh of append_dedup": "replace", "not deduplicated": "append",
	}[s.mode]
	mode = cmp.Or(mode, s.mode)
	now := 1000 + n // later than the instants of records
	m.change(s, mode, now)
	m.made, m.mode = true, mode
	seen := map[string]bool{}
	if mode == "replace" {
		m.rows = nil
	}
	for _, r := range s.rows {
		seen[keyOf(s.key, r.a, r.b)] = true
		m.record(s, mode, r)
	}
	if s.all {
		m.keepOnly(s, mode, now, seen)
	}
}

// change is what another mode or key makes of the rows before the first record.
func (m *modelTable) change(s step, mode string, now int) {
	switch {
	case mode == "history" && m.mode != "history":
		for i := range m.rows {
			r := &m.rows[i]
			if r.deleted {
				r.closed, r.end = true, max(now, r.start)
			}
		}
	case mode != "history" && m.mode == "history":
		if mode == "soft_delete" {
			m.reviveLast(s.key)
		}
		m.rows = slices.DeleteFunc(m.rows, func(r modelRow) bool {
			if r.closed {
				m.moved++
			}
			return r.closed
		})
	}
}

// reviveLast keeps the last version of every key that has no active one, marked as deleted.
func (m *modelTable) reviveLast(key []string) {
	last := map[string]int{}
	for i, r := range m.rows {
		k := keyOf(key, r.a, r.b)
		if other, met := last[k]; !met || later(r, m.rows[other]) {
			last[k] = i
		}
	}
	for _, i := range last {
		if m.rows[i].closed {
			m.rows[i].closed, m.rows[i].deleted = false, true
		}
	}
}

func later(a, b modelRow) bool {
	if a.closed != b.closed {
		return !a.closed
	}
	return cmp.Or(cmp.Compare(a.end, b.end), cmp.Compare(a.start, b.start), cmp.Compare(a.wrote, b.wrote)) > 0
}

func keyOf(key []string, a, b int) string {
	if len(key) == 2 {
		return fmt.Sprint(a, b)
	}
	if len(key) == 1 && key[0] == "a" {
		return fmt.Sprint(a)
	}
	return fmt.Sprint(b)
}

// record applies a record.
func (m *modelTable) record(s step, mode string, r sent) {
	fresh := modelRow{a: r.a, b: r.b, v: r.v, start: r.at, wrote: r.v}
	if mode == "append" || mode == "replace" && s.key == nil || s.mode == "refresh of append" || s.mode == "overwrite" {
		m.rows = append(m.rows, fresh)
		return
	}
	if mode == "history" {
		m.version(s, r, fresh)
		return
	}
	i := m.newest(s, r)
	switch {
	case r.gone && i < 0:
	case r.gone:
		m.rows[i].deleted = true
	case i < 0:
		m.rows = append(m.rows, fresh)
	default:
		m.rows[i] = fresh
	}
}

// newest leaves the newest row of a record's key alone and returns its place, or -1.
func (m *modelTable) newest(s step, r sent) int {
	k := keyOf(s.key, r.a, r.b)
	newest := -1
	for i, row := range m.rows {
		if keyOf(s.key, row.a, row.b) == k && !row.closed && (newest < 0 || row.wrote > m.rows[newest].wrote) {
			newest = i
		}
	}
	if newest < 0 {
		return -1
	}
	stays := m.rows[newest].wrote
	m.rows = slices.DeleteFunc(m.rows, func(row modelRow) bool { return keyOf(s.key, row.a, row.b) == k && !row.closed && row.wrote != stays })
	return slices.IndexFunc(m.rows, func(row modelRow) bool { return row.wrote == stays })
}

// version applies a record to the versions of its key, of which one at most stays active.
func (m *modelTable) version(s step, r sent, fresh modelRow) {
	k, bound := keyOf(s.key, r.a, r.b), since
	var active []int
	for i, row := range m.rows {
		if keyOf(s.key, row.a, row.b) != k {
			continue
		}
		bound = max(bound, row.start)
		if row.closed {
			bound = max(bound, row.end)
		} else {
			active = append(active, i)
		}
	}
	slices.SortFunc(active, func(i, j int) int {
		return cmp.Or(cmp.Compare(m.rows[i].start, m.rows[j].start), cmp.Compare(m.rows[i].wrote, m.rows[j].wrote))
	})
	late := r.gone && r.at < bound
	fresh.start = max(r.at, bound)
	for n, i := range active {
		switch {
		case n < len(active)-1:
			m.rows[i].closed, m.rows[i].end = true, m.rows[active[n+1]].start
		case !late:
			m.rows[i].closed, m.rows[i].end = true, fresh.start
		}
	}
	if !r.gone {
		m.rows = append(m.rows, fresh)
	}
}

// keepOnly removes the rows whose key a full snapshot did not have.
func (m *modelTable) keepOnly(s step, mode string, now int, seen map[string]bool) {
	if mode == "upsert" {
		m.rows = slices.DeleteFunc(m.rows, func(r modelRow) bool { return !seen[keyOf(s.key, r.a, r.b)] })
		return
	}
	for i := range m.rows {
		r := &m.rows[i]
		switch {
		case seen[keyOf(s.key, r.a, r.b)] || r.closed:
		case mode == "history":
			r.closed, r.end = true, now
		default:
			r.deleted = true
		}
	}
}

// visible are the rows as the test asks for them.
func (m *modelTable) visible() []string {
	rows := make([]string, 0, len(m.rows))
	slices.SortFunc(m.rows, func(a, b modelRow) int {
		return cmp.Or(cmp.Compare(a.a, b.a), cmp.Compare(a.b, b.b), cmp.Compare(a.v, b.v))
	})
	for _, r := range m.rows {
		rows = append(rows, fmt.Sprintf("%d | %d | %d | %s | %s", r.a, r.b, r.v, letter(r.closed), letter(r.deleted)))
	}
	return rows
}

func letter(b bool) string {
	if b {
		return "t"
	}
	return "f"
}
