package target

import (
	"testing"

	"target-postgres/target/batch"
)

func TestBuffersCountWhatWaits(t *testing.T) {
	t.Parallel()
	pool := batch.NewPool(4)
	var b buffers
	add := func(to *batch.Batch, row string, waits bool) {
		b.add(to, append(to.Room(pool, len(row)), row...), 0, waits)
	}
	want := func(waiting, uncovered, filled, checkpoints int) {
		t.Helper()
		if b.waiting != waiting || b.uncovered != uncovered || b.filled != filled || b.checkpoints != checkpoints {
			t.Errorf("%d bytes wait, %d for a STATE, of %d streams, after %d checkpoints; want %d, %d, %d, %d",
				b.waiting, b.uncovered, b.filled, b.checkpoints, waiting, uncovered, filled, checkpoints)
		}
	}
	one, other := pool.Batch(1), pool.Batch(1)
	add(one, "12345\n", false)
	add(one, "1234\n", false)
	want(11, 0, 1, 0)
	add(other, "123\n", true)
	want(15, 4, 2, 0)
	b.keep([]*batch.Batch{other})
	want(4, 4, 1, 1)
	b.drop(other)
	want(0, 0, 0, 1)
}
