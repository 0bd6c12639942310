package ledger

import (
	"testing"

	"github.com/google/go-cmp/cmp"

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
