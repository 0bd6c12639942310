//go:build unix

package faults

import (
	"slices"
	"testing"
)

func TestWhatIsMissingIsSeen(t *testing.T) {
	t.Parallel()
	value := func(rev int) event { return event{key: "k", rev: rev} }
	gone := func(rev int) event { return event{key: "k", rev: rev, gone: true} }
	live := func(revs ...int) (rows []row) {
		for _, rev := range revs {
			rows = append(rows, row{stream: "users", key: "k", rev: rev, live: true})
		}
		return rows
	}
	dead := func(rev int) row { return row{stream: "users", key: "k", rev: rev} }
	tests := []struct {
		name, mode    string
		before, after []event
		rows          []row
		want          bool // that something is missing
	}{
		{name: "all rows", mode: "append", before: []event{value(1), value(2), value(2)}, rows: live(1, 2, 2)},
		{name: "rows twice", mode: "append", before: []event{value(1)}, rows: live(1, 1)},
		{name: "a repeated row once", mode: "append", before: []event{value(1), value(1)}, rows: live(1), want: true},
		{name: "no row", mode: "upsert", before: []event{value(1)}, want: true},
		{name: "the newest row", mode: "upsert", before: []event{value(1), value(2)}, rows: live(2)},
		{name: "an older row", mode: "upsert", before: []event{value(1), value(2)}, rows: live(1), want: true},
		{name: "a newer row", mode: "upsert", before: []event{value(1)}, after: []event{value(2)}, rows: live(2)},
		{name: "a removed row", mode: "hard_delete", before: []event{value(1), gone(2)}},
		{name: "a removed row that is there", mode: "hard_delete", before: []event{value(1), gone(2)}, rows: live(1), want: true},
		{name: "a removed row that is back", mode: "hard_delete", before: []event{value(1), gone(2)}, after: []event{value(3)}, rows: live(3)},
		{name: "a row that is removed later", mode: "hard_delete", before: []event{value(1)}, after: []event{gone(2)}},
		{name: "a row that is never removed", mode: "hard_delete", before: []event{value(1)}, want: true},
		{name: "a marked row", mode: "soft_delete", before: []event{value(1), gone(2)}, rows: []row{dead(1)}},
		{name: "a row without its mark", mode: "soft_delete", before: []event{value(1), gone(2)}, rows: live(1), want: true},
		{name: "a marked row that is deleted", mode: "soft_delete", before: []event{value(1), gone(2)}, want: true},
		{name: "a marked row that came back", mode: "soft_delete", before: []event{value(1), gone(2), value(3)}, rows: []row{dead(3)}, want: true},
		{name: "a tombstone of an unknown key", mode: "soft_delete", before: []event{gone(2)}},
		{name: "all versions", mode: "history", before: []event{value(1), value(2)}, rows: append(live(2), dead(1))},
		{name: "a lost version", mode: "history", before: []event{value(1), value(2)}, rows: live(2), want: true},
		{name: "no active version", mode: "history", before: []event{value(1)}, rows: []row{dead(1)}, want: true},
		{name: "a version that goes on", mode: "history", before: []event{value(1), gone(2)}, rows: live(1), want: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := modes()[slices.IndexFunc(modes(), func(m mode) bool { return m.name == test.mode })]
			said := &tap{}
			for _, e := range slices.Concat(test.before, test.after) {
				said.messages = append(said.messages, message{kind: "RECORD", stream: "users", event: e})
			}
			problem := m.owes(said.owed(len(test.before), m)[[2]string{"users", "k"}], test.rows)
			if (problem != "") != test.want {
				t.Errorf("something is missing: %t, want %t: %s", problem != "", test.want, problem)
			}
		})
	}
}

func TestMinusCountsRepeatedRows(t *testing.T) {
	t.Parallel()
	got := minus([]string{"a", "a", "b", "d"}, []string{"a", "b", "b", "c"})
	if want := []string{"a", "d"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
