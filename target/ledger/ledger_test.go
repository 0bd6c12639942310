package ledger

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/state"
)

func rawStates(states []state.Message) []string {
	var raw []string
	for _, s := range states {
		raw = append(raw, string(s.Raw))
	}
	return raw
}

func TestALedgerHandsOverEveryStateOnceAndInOrder(t *testing.T) {
	t.Parallel()
	var l Ledger
	if got := l.Cut(); len(got) > 0 {
		t.Errorf("a new ledger holds %v", got)
	}
	var got [][]string
	for i, raw := range []string{"1", "2", "3", "4", "5"} {
		l.Add(state.Message{Where: batch.PositionOf(int64(i), 0), Raw: []byte(raw)})
		if i == 0 || i == 3 {
			got = append(got, rawStates(l.Cut()))
		}
	}
	got = append(got, rawStates(l.Cut()), rawStates(l.Cut()))
	if diff := cmp.Diff([][]string{{"1"}, {"2", "3", "4"}, {"5"}, nil}, got); diff != "" {
		t.Errorf("cuts (-want +got):\n%s", diff)
	}
}

func TestStatesOfACutDoNotChangeWithWhatComesAfter(t *testing.T) {
	t.Parallel()
	var l Ledger
	l.Add(state.Message{Raw: []byte("1")})
	l.Add(state.Message{Raw: []byte("2")})
	cut := l.Cut()
	for range 10 {
		l.Add(state.Message{Raw: []byte("later")})
	}
	if diff := cmp.Diff([]string{"1", "2"}, rawStates(cut)); diff != "" {
		t.Errorf("the cut (-want +got):\n%s", diff)
	}
}

func TestAHeldLedgerKeepsItsStates(t *testing.T) {
	t.Parallel()
	l := Ledger{Held: true}
	l.Add(state.Message{Raw: []byte("1")})
	if got := l.Cut(); len(got) > 0 {
		t.Errorf("a held ledger gave %v", rawStates(got))
	}
	l.Add(state.Message{Raw: []byte("2")})
	l.Held = false
	if diff := cmp.Diff([]string{"1", "2"}, rawStates(l.Cut())); diff != "" {
		t.Errorf("after the release (-want +got):\n%s", diff)
	}
}

func TestStatesThatANewerOneSupersedesTakeLittleMemory(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		size  int
		scope protocol.StateScope
		least int
	}{
		{name: "after each record", size: 10_000, least: 100},
		{name: "one that is larger than all may be", size: 3 << 20, least: 1},
		{name: "of which each is to be emitted", size: 10_000, scope: protocol.StateStream, least: 1000},
	} {
		l := Ledger{Held: true}
		raw := make([]byte, test.size)
		for i := range 1000 {
			l.Add(state.Message{Where: batch.PositionOf(int64(i), 0), Raw: raw, Scope: test.scope})
			if size := len(l.Pending) * test.size; test.scope == 0 && len(l.Pending) > 1 && size > mostSuperseded {
				t.Fatalf("%s: %d bytes wait", test.name, size)
			}
		}
		l.Held = false
		cut := l.Cut()
		if len(cut) < test.least || cut[len(cut)-1].Where != batch.PositionOf(999, 0) {
			t.Errorf("%s: %d states, the newest at %d", test.name, len(cut), cut[len(cut)-1].Where)
		}
		if !slices.IsSortedFunc(cut, func(a, b state.Message) int { return int(a.Where - b.Where) }) {
			t.Errorf("%s: they are out of order", test.name)
		}
	}
}
