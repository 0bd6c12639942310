package isolate

import (
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"target-postgres/merge"
	"target-postgres/target/batch"
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/fraction"
	"target-postgres/target/revision"
	"target-postgres/target/tablewrite"
)

// loadOf is a batch of one row for each of lines, on its way into table name.
func loadOf(mode merge.Mode, name string, lines ...int64) *tablewrite.Write {
	b, pool := &batch.Batch{}, batch.NewPool(0)
	for _, line := range lines {
		row := name + " of line " + strconv.FormatInt(line, 10) + "\n"
		b.Add(append(b.Room(pool, len(row)), row...), batch.PositionOf(line, 0))
	}
	w := &tablewrite.Write{Stream: revision.New(&revision.Spec{Name: name}, time.Time{}), Batch: b}
	w.Job = merge.Job{Mode: mode, Target: merge.Name{Schema: "s", Table: name}}
	return w
}

func refusedAt(line int64) error {
	return &failure.Error{Blame: failure.Row, Err: &bisect.RefusedError{Where: batch.PositionOf(line, 0), Known: true, Err: errors.New("no")}}
}

// sent is what a batch sends.
func sent(t *testing.T, b *batch.Batch) string {
	t.Helper()
	rows := b.Reader(nil, nil)
	defer rows.Close()
	text, err := io.ReadAll(rows)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRowsOfAllStreamsAreFoundByTheirPlaceInTheInput(t *testing.T) {
	t.Parallel()
	s := New(Transaction{})
	s.all = fraction.Of([]*tablewrite.Write{loadOf(merge.Append, "a", 2, 5, 9), loadOf(merge.Upsert, "b", 3, 6, 8)})
	s.order = s.all.Order()
	tests := []struct {
		rows bisect.Stretches
		want []string
	}{
		{bisect.Stretches{{From: 0, To: 6}}, []string{"a of line 2", "a of line 5", "a of line 9", "b of line 3", "b of line 6", "b of line 8"}},
		{bisect.Stretches{{From: 1, To: 4}}, []string{"a of line 5", "b of line 3", "b of line 6"}},
		{bisect.Stretches{{From: 5, To: 6}}, []string{"a of line 9"}},
		{bisect.Stretches{{From: 0, To: 1}, {From: 3, To: 5}}, []string{"a of line 2", "b of line 6", "b of line 8"}},
	}
	for _, test := range tests {
		var got []string
		for _, w := range s.writes(test.rows) {
			got = append(got, strings.Split(strings.TrimSuffix(sent(t, w.Batch), "\n"), "\n")...)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("rows %v (-want +got):\n%s", test.rows, diff)
		}
	}
	if row, known := s.StoppedAt(refusedAt(6)); !known || row != 3 {
		t.Errorf("COPY stopped at line 6: row %d, known %t, want 3", row, known)
	}
	if row, known := s.StoppedAt(refusedAt(7)); known {
		t.Errorf("COPY stopped at line 7, which has no row: row %d", row)
	}
}
