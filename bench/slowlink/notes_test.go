package main

import (
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// message is one of the server's: a type, a length, a body.
func message(kind byte, body string) []byte {
	m := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)+4))
	return append(m, body...)
}

func TestRoundTripsAndCheckpointsAreCountedHoweverTheBytesArrive(t *testing.T) {
	t.Parallel()
	for size := 1; size < 40; size++ {
		l := &link{noted: []*notes{{}}}
		n := l.noted[0]
		answer := func(messages ...[]byte) {
			for _, m := range messages {
				for ; len(m) > 0; m = m[min(size, len(m)):] {
					n.answered(m[:min(size, len(m))])
				}
			}
		}
		n.asked([]byte("startup"))
		answer(message('R', "\x00\x00\x00\x00"), message('Z', "I"))
		n.asked([]byte("commit of what was prepared"))
		answer(message('C', "COMMIT\x00"), message('Z', "I"))
		n.asked([]byte("copy"))
		answer(message('N', "an INFO"), message('G', "\x00\x00\x00"))
		n.asked([]byte("rows, which the client sends whatever the server says"))
		n.asked([]byte("more rows, which wait for nothing"))
		answer(message('C', "COPY 2\x00"), message('D', "a long row of no interest"), message('Z', "T"))
		n.asked([]byte("commit"))
		answer(message('C', "COMMIT\x00"), message('Z', "I"))
		r := l.report()
		got := []int{r.Connections, r.RoundTrips, r.BeforeCopy, r.AfterCopy, r.Checkpoints}
		if diff := cmp.Diff([]int{1, 4, 2, 2, 1}, got); diff != "" {
			t.Fatalf("in pieces of %d bytes: %s", size, diff)
		}
	}
}
