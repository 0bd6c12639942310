package batch

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// TestSomeFieldsOfRowsAreNumbered compares with what the fields of a line are, one by one.
func TestSomeFieldsOfRowsAreNumbered(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(9, 10))
	for range 300 {
		var rows []string
		for range 1 + random.IntN(20) {
			rows = append(rows, randomRow(random))
		}
		fields := random.Perm(3)[:1+random.IntN(3)]
		sent, err := io.ReadAll(batchOf(rows...).Reader(NumberedFields(fields), nil))
		if err != nil {
			t.Fatal(err)
		}
		var want []byte
		for i, row := range rows {
			texts := CsvFields([]byte(row))
			for _, field := range fields {
				if text := texts[field]; text != nil {
					want = append(want, `"`+strings.ReplaceAll(*text, `"`, `""`)+`"`...)
				}
				want = append(want, ',')
			}
			want = append(strconv.AppendInt(want, int64(i), 10), '\n')
		}
		if !bytes.Equal(sent, want) {
			t.Fatalf("fields %v of %q are %q, want %q", fields, rows, sent, want)
		}
	}
}
