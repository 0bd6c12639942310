package checkpoint

import (
	"log/slog"
	"sync/atomic"
	"time"

	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/config"
	"target-postgres/target/pgtx"
	"target-postgres/target/pipeline"
	"target-postgres/target/rejects"
	"target-postgres/target/state"
	"target-postgres/target/statetable"
)

// Committer is what checkpoints work with. They run one after the other, in their turn of the pipeline.
//
// The settings, the pool and the writer never change, and both goroutines read them. Failures and the counts are atomic
// or have a lock of their own. Inquirer, ranOn, Replaced and Unsent belong to the task whose turn it is; the goroutine
// that reads the input looks at them only while the pipeline is idle.
type Committer struct {
	config *config.Config
	log    *slog.Logger
	now    func() time.Time
	pool   *batch.Pool
	writer *protocol.Writer
	ending *pipeline.Ending
	// Failed returns why the pipeline works no more, nil while it does.
	Failed func() error
	// remedy completes the hint of an error about a missing privilege.
	remedy pipeline.Remedy
	// StateTable is where STATE is saved together with its rows, nil unless the setting of that name is on.
	StateTable *statetable.Table
	// Failures are the streams that the run goes on without.
	Failures state.Failures
	// Rejects are the rejected records.
	Rejects *rejects.Rejects
	// Emitted is when a STATE was emitted last, in nanoseconds of Unix time, 0 before that.
	Emitted atomic.Int64
	// Inquirer asks the server which transactions the run's are.
	Inquirer pgtx.Inquirer
	// ranOn is the last transaction, Replaced is true once one ran on another server than the one before it.
	ranOn    pgtx.Transaction
	Replaced bool
	// Unsent are the checkpoints that failed or were not run because of that.
	Unsent []*Checkpoint
}

// NewCommitter makes the committer of a run. Its field Failed is set once there is a pipeline.
func NewCommitter(cfg *config.Config, log *slog.Logger, writer *protocol.Writer, pool *batch.Pool, ending *pipeline.Ending, remedy pipeline.Remedy, began time.Time) *Committer {
	k := &Committer{config: cfg, log: log, now: time.Now, pool: pool, writer: writer, ending: ending, Failed: func() error { return nil }, remedy: remedy, Rejects: rejects.New(cfg, log, began)}
	if cfg.StateTable {
		k.StateTable = statetable.New(cfg)
	}
	return k
}
