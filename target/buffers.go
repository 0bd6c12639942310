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
	// touchEvery is how long the server may say nothing while something waits before it is asked if it is there.
	touchEvery time.Duration
}
