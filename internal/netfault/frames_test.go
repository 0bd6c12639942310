package netfault

import (
	"encoding/binary"
	"slices"
	"testing"
)

// message is one of PostgreSQL's protocol: a type, or none, a length, a body.
func message(kind, body string) []byte {
	return append(binary.BigEndian.AppendUint32([]byte(kind), uint32(len(body)+4)), body...)
}

func TestFrames_AreFoundHoweverTheyArrive(t *testing.T) {
	t.Parallel()
	stream := slices.Concat(message("", "startup"), message("Q", "SELECT 1\x00"), message("d", "a row"), message("S", ""), message("C", "COPY 1\x00"))
	want := []string{"\x00", "QSELECT 1\x00", "d", "S", "CCOPY 1\x00"}
	for size := 1; size <= len(stream); size++ {
		f := Frames{Untyped: true}
		var got []string
		for part := range slices.Chunk(stream, size) {
			for len(part) > 0 {
				n, ends := f.Take(part)
				part = part[n:]
				if ends {
					got = append(got, string(f.Kind)+string(f.Body))
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("in pieces of %d bytes: %q", size, got)
		}
	}
}
