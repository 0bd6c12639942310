package target

import (
	"target-postgres/target/batch"
	"target-postgres/target/stream"
)

// buffers is what records are encoded with and into, and how much of it waits.
type buffers struct {
	pool   *batch.Pool
	values *stream.Values
	// waiting is how many bytes wait in all batches, and in states.
	waiting int
}
