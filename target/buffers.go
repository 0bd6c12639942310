package target

import (
	"target-postgres/target/batch"
	"target-postgres/target/config"
	"target-postgres/target/stream"
)

// buffers is what records are encoded with and into, and how much of it waits.
type buffers struct {
	pool   *batch.Pool
	values *stream.Values
	// waiting is how many bytes wait in all batches, and in states.
	waiting int
}

// newPool makes memory for as many batches as may be under way at once.
func newPool(cfg *config.Config) *batch.Pool {
	return batch.NewPool((cfg.Connections()+2)*cfg.BatchMaxBytes/batch.WholeChunk + 4)
}
