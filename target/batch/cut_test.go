package batch

import (
	"bytes"
	"strings"
	"testing"
)

func TestRowsAreCutFromChunksOfAnySize(t *testing.T) {
	t.Parallel()
	b := &Batch{}
	for _, chunk := range []string{"1,\"a\nb\"\n2,c\n", "3,\"x\"\"y\n\"\n", "4,d\n5,e\n"} {
		b.Chunks = append(b.Chunks, []byte(chunk))
	}
	for line := range int64(5) {
		b.RowsAt = append(b.RowsAt, PositionOf(line+1, 0))
	}
	rows := []string{"1,\"a\nb\"\n", "2,c\n", "3,\"x\"\"y\n\"\n", "4,d\n", "5,e\n"}
	for from := range rows {
		for to := from; to <= len(rows); to++ {
			part := b.Cut(b.Spans(), from, to)
			want := strings.Join(rows[from:to], "")
			if got := string(bytes.Join(part.Chunks, nil)); got != want || part.Size != len(want) || part.Rows() != to-from {
				t.Errorf("rows %d to %d are %q, %d bytes, %d rows", from, to, got, part.Size, part.Rows())
			}
		}
	}
}

// The time would be a minute if each line of the text were looked for from the row's beginning.
func TestTheEndOfARowOfManyLines(t *testing.T) {
	t.Parallel()
	row := `1,"` + strings.Repeat("a\n", 1<<20) + `"`
	b := &Batch{Chunks: [][]byte{[]byte(row + "\n2,b\n")}}
	if got := string(b.Row(1)); got != "2,b" {
		t.Errorf("the row after it is %q", got)
	}
}
