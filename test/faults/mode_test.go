//go:build unix

package faults

import (
	"fmt"
	"slices"
)

// mode is a load mode with the settings that change what a removed record means.
type mode struct {
	name     string
	settings map[string]any
	// keyless is true where a stream without a key makes sense.
	keyless bool
	// whole is true where every run brings everything: what a run that was interrupted did is no beginning for the
	// next.
	whole bool
	// orderly is true where no two records share their instant and nothing is removed twice. Between such records it is
	// the order of their arrival that decides, which two loaders of the same records do not agree about.
	orderly bool
	// saved is true where STATE is kept in the database: what is resumed from there repeats nothing.
	saved bool
	// repeats is true where a record that is sent again is another row.
	repeats bool
	// resumes is true where a run that is a whole goes on where the one that was interrupted was acknowledged.
	resumes bool
	// airbyte is set for a sync of Airbyte.
	airbyte *asked
	// owes checks what the tables must at least hold of one key.
	owes func(d *debt, rows []row) string
}

func modes() []mode {
	return []mode{
		{
			name: "exactly_once", settings: map[string]any{"load_mode": "append", "state_table": true},
			keyless: true, saved: true, owes: owesEveryRow,
		},
		{name: "append", settings: map[string]any{"load_mode": "append"}, keyless: true, repeats: true, owes: owesEveryRow},
		{name: "upsert", settings: map[string]any{"load_mode": "upsert"}, owes: owesTheNewest},
		{name: "hard_delete", settings: map[string]any{"load_mode": "upsert", "hard_delete": true}, owes: owesTheNewestOrNone},
		{name: "soft_delete", settings: map[string]any{"load_mode": "soft_delete"}, owes: owesTheMark},
		{name: "history", settings: map[string]any{"load_mode": "history"}, owes: owesEveryVersion},
		{name: "replace", settings: map[string]any{"load_mode": "replace"}, keyless: true, whole: true, owes: owesTheNewest},
		{
			name: "replace_by_rows", settings: map[string]any{"load_mode": "replace", "replace_by": "rows"},
			keyless: true, whole: true, owes: owesTheNewest,
		},
		{name: "full_snapshot", settings: map[string]any{"load_mode": "soft_delete", "full_snapshot": true}, whole: true, owes: owesTheMark},
	}
}

// sources are those that the mode is tried with. Airbyte has neither partial records nor messages about full passes.
func (m mode) sources() []*source {
	all := sources(m.keyless)
	if m.airbyte != nil {
		all = slices.DeleteFunc(all, func(s *source) bool { return s.patch || s.versions != nil })
	}
	return all
}

// replaces says whether the rows are seen at the end of a run only.
func (m mode) replaces() bool { return m.settings["load_mode"] == "replace" }

// removes says whether removed records change more than the source's own marks.
func (m mode) removes() bool {
	return slices.Contains([]string{"hard_delete", "soft_delete", "history", "full_snapshot"}, m.name)
}

// row is what a table holds of a key, as far as the checks go.
type row struct {
	stream, key string
	rev         int
	// live is false for a row that is marked as deleted and for a version that has ended.
	live bool
}

// debt is what the records of a key before some position come to.
type debt struct {
	// records counts them by revision.
	records map[int]int
	// values are the revisions of those that are no tombstones.
	values []int
	// last is the newest revision, and gone says that it is a tombstone.
	last int
	gone bool
	// goesLater says that a removal comes after the position.
	goesLater bool
}

// owed lists what is owed at a position, by stream and key.
func (t *tap) owed(position int, m mode) map[[2]string]*debt {
	debts := map[[2]string]*debt{}
	of := func(stream, key string) *debt {
		at := [2]string{stream, key}
		if debts[at] == nil {
			debts[at] = &debt{records: map[int]int{}}
		}
		return debts[at]
	}
	for _, said := range t.messages[:position] {
		if said.kind == "RECORD" {
			of(said.stream, said.event.key).add(said.event)
		}
		for _, key := range said.removed {
			if m.removes() {
				d := of(said.stream, key)
				d.gone, d.last = true, max(d.last, 0)
			}
		}
	}
	for _, said := range t.messages[position:] {
		if said.kind == "RECORD" && said.event.gone {
			of(said.stream, said.event.key).goesLater = true
		}
		for _, key := range said.removed {
			of(said.stream, key).goesLater = true
		}
	}
	return debts
}

func (d *debt) add(e event) {
	d.records[e.rev]++
	d.last, d.gone = max(d.last, e.rev), e.gone
	if !e.gone && !slices.Contains(d.values, e.rev) {
		d.values = append(d.values, e.rev)
	}
}

// newest is the highest revision among rows, of the live ones only or of all.
func newest(rows []row, live bool) (rev int, found bool) {
	for _, r := range rows {
		if r.live || !live {
			rev, found = max(rev, r.rev), true
		}
	}
	return rev, found
}

func owesEveryRow(d *debt, rows []row) string {
	have := map[int]int{}
	for _, r := range rows {
		have[r.rev]++
	}
	for rev, n := range d.records {
		if have[rev] < n {
			return fmt.Sprintf("revision %d is there %d times, want %d", rev, have[rev], n)
		}
	}
	return ""
}

// owesTheNewest is for modes in which a tombstone is a record like others.
func owesTheNewest(d *debt, rows []row) string {
	if rev, found := newest(rows, false); len(d.values) > 0 && (!found || rev < d.last) {
		return fmt.Sprintf("the newest revision is %d (found: %t), want %d", rev, found, d.last)
	}
	return ""
}

func owesTheNewestOrNone(d *debt, rows []row) string {
	rev, found := newest(rows, false)
	switch {
	case d.gone && found && rev <= d.last:
		return fmt.Sprintf("revision %d is still there, which was removed after revision %d", rev, d.last)
	case !d.gone && len(d.values) > 0 && !found && !d.goesLater:
		return fmt.Sprintf("there is no row, want revision %d", d.last)
	case !d.gone && found && rev < d.last:
		return fmt.Sprintf("the revision is %d, want %d", rev, d.last)
	}
	return ""
}

func owesTheMark(d *debt, rows []row) string {
	if len(d.values) == 0 {
		return "" // a tombstone of an unknown key makes no row
	}
	rev, found := newest(rows, false)
	if value := slices.Max(d.values); !found || rev < value {
		return fmt.Sprintf("the newest revision is %d (found: %t), want %d", rev, found, value)
	}
	return owesLife(d, rows)
}

func owesEveryVersion(d *debt, rows []row) string {
	for _, rev := range d.values {
		if !slices.ContainsFunc(rows, func(r row) bool { return r.rev == rev }) {
			return fmt.Sprintf("there is no version of revision %d", rev)
		}
	}
	return owesLife(d, rows)
}

// owesLife checks that a key is live or not, as its last record says.
func owesLife(d *debt, rows []row) string {
	rev, live := newest(rows, true)
	switch {
	case d.gone && live && rev <= d.last:
		return fmt.Sprintf("revision %d is live, which was removed after revision %d", rev, d.last)
	case !d.gone && len(d.values) > 0 && !live && !d.goesLater:
		return fmt.Sprintf("no row is live, want revision %d", d.last)
	}
	return ""
}
