package target

import (
	"time"

	"target-postgres/target/batch"
	"target-postgres/target/stream"
)

// buffers is what records are encoded with and into, and how much of it waits.
type buffers struct {
	pool   *batch.Pool
	values *stream.Values
	// waiting is how many bytes wait in all batches, and in states.
	waiting int
	// uncovered is how many of these are of rows that have to wait for a STATE which has not come.
	uncovered int
	// filled is how many streams have rows that wait.
	filled int
	// checkpoints is how many checkpoints the run has had.
	checkpoints int
	// touchEvery is how long the server may say nothing while something waits before it is asked if it is there.
	touchEvery time.Duration
}

// add takes back the slice from Room, one row longer. waits says that the row has to wait for the next STATE.
func (b *buffers) add(to *batch.Batch, chunk []byte, where batch.Position, waits bool) {
	before := to.Size
	to.Add(chunk, where)
	if to.Rows() == 1 {
		b.filled++
	}
	b.waiting += to.Size - before
	if waits {
		b.uncovered += to.Size - before
	}
}

// keep counts only the batches that a checkpoint leaves, all of which wait for a STATE.
func (b *buffers) keep(left []*batch.Batch) {
	b.waiting, b.filled = 0, len(left)
	for _, of := range left {
		b.waiting += of.Size
	}
	b.uncovered = b.waiting
	b.checkpoints++
}

// drop no longer counts a batch that waits for a STATE elsewhere.
func (b *buffers) drop(of *batch.Batch) {
	b.waiting -= of.Size
	b.uncovered -= min(b.uncovered, of.Size)
	b.filled--
}
