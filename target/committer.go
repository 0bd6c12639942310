package target

import (
	"log/slog"
	"sync/atomic"
	"time"

	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/config"
	"target-postgres/target/pgtx"
	"target-postgres/target/pipeline"
)

// Committer is what checkpoints work with. They run one after the other, in their turn of the pipeline; the goroutine that reads
// the input uses it only while the pipeline is idle, but for what is atomic or has a lock of its own: failures and counts.
type Committer struct {
	config *config.Config
	log    *slog.Logger
	now    func() time.Time
	pool   *batch.Pool
	writer *protocol.Writer
	ending *pipeline.Ending
	// failed returns why the pipeline works no more, nil while it does.
	failed func() error
	// stateTable is where STATE is saved together with its rows, nil unless the setting of that name is on.
	stateTable *stateTable
	// failures are the streams that the run goes on without.
	failures failures
	// rejected counts the records in the table of rejected ones, emitted is when a STATE left last, in nanoseconds of Unix time.
	rejected, emitted atomic.Int64
	inquirer          pgtx.Inquirer
	// ranOn is the last transaction, replaced true once one ran on another server than the one before it.
	ranOn    pgtx.Transaction
	replaced bool
	// unsent are the checkpoints that failed or were not run because of that.
	unsent []*checkpoint
}

func newCommitter(cfg *config.Config, log *slog.Logger, writer *protocol.Writer, pool *batch.Pool, ending *pipeline.Ending) *Committer {
	k := &Committer{config: cfg, log: log, now: time.Now, pool: pool, writer: writer, ending: ending, failed: func() error { return nil }}
	if cfg.StateTable {
		k.stateTable = newStateTable(cfg)
	}
	return k
}
