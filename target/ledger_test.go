package target

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/target/batch"
	"target-postgres/target/checkpoint"
)

func rawStates(states []checkpoint.State) []string {
	var raw []string
	for _, s := range states {
		raw = append(raw, string(s.Raw))
	}
	return raw
}

func TestALedgerHandsOverEveryStateOnceAndInOrder(t *testing.T) {
	t.Parallel()
	var l ledger
	if got := l.cut(); len(got) > 0 {
		t.Errorf("a new ledger holds %v", got)
	}
	var got [][]string
	for i, raw := range []string{"1", "2", "3", "4", "5"} {
		l.add(checkpoint.State{Where: batch.PositionOf(int64(i), 0), Raw: []byte(raw)})
		if i == 0 || i == 3 {
			got = append(got, rawStates(l.cut()))
		}
	}
	got = append(got, rawStates(l.cut()), rawStates(l.cut()))
	if diff := cmp.Diff([][]string{{"1"}, {"2", "3", "4"}, {"5"}, nil}, got); diff != "" {
		t.Errorf("cuts (-want +got):\n%s", diff)
	}
}

func TestStatesOfACutDoNotChangeWithWhatComesAfter(t *testing.T) {
	t.Parallel()
	var l ledger
	l.add(checkpoint.State{Raw: []byte("1")})
	l.add(checkpoint.State{Raw: []byte("2")})
	cut := l.cut()
	for range 10 {
		l.add(checkpoint.State{Raw: []byte("later")})
	}
	if diff := cmp.Diff([]string{"1", "2"}, rawStates(cut)); diff != "" {
		t.Errorf("the cut (-want +got):\n%s", diff)
	}
}

func TestAHeldLedgerKeepsItsStates(t *testing.T) {
	t.Parallel()
	l := ledger{held: true}
	l.add(checkpoint.State{Raw: []byte("1")})
	if got := l.cut(); len(got) > 0 {
		t.Errorf("a held ledger gave %v", rawStates(got))
	}
	l.add(checkpoint.State{Raw: []byte("2")})
	l.held = false
	if diff := cmp.Diff([]string{"1", "2"}, rawStates(l.cut())); diff != "" {
		t.Errorf("after the release (-want +got):\n%s", diff)
	}
}
