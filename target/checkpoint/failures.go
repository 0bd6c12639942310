package checkpoint

import (
	"errors"
	"slices"

	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/pipeline"
	"target-postgres/target/revision"
	"target-postgres/target/state"
	"target-postgres/target/tablewrite"
)

// GoesOn reports whether an error of a stream is one that the other streams of a run need not suffer from.
func (k *Committer) GoesOn(id protocol.Stream, err error) bool {
	of := k.config.ForStream(id)
	return of.OnStreamError == config.ContinueAfterStreamErrors && k.Failed() == nil && !errors.Is(err, pipeline.ErrStopped) && !failure.OfServer(err)
}

// Fail takes note that a stream has failed: its rows from the position at on are left out. Either goroutine may call
// it.
func (k *Committer) Fail(s *revision.Revision, at batch.Position, err error) {
	k.Failures.Add(s.ID, state.Failure{Err: err, Rows: at, States: min(at, s.Promised())})
	if of := k.config.ForStream(s.ID); of.OnStreamError != config.ContinueAfterStreamErrors {
		return // the run is at its end, and its last line says it
	}
	k.log.Error("the stream failed", "stream", s.Name, "because", err.Error())
}

// withoutFailed drops what a checkpoint must not bring any more: the rows of streams that have failed, and the states
// that cover them. Rows that may only be committed together with such a state stay behind with it.
func (c *Checkpoint) withoutFailed() {
	f := &c.Committer.Failures
	if !f.Some.Load() {
		return
	}
	before := len(c.States)
	c.States = slices.DeleteFunc(slices.Clone(c.States), func(s state.Message) bool { return !f.Allows(s) })
	fewer := len(c.States) < before
	covered := batch.Position(-1)
	if n := len(c.States); n > 0 {
		covered = c.States[n-1].Where
	}
	if fewer && covered < 0 {
		c.Drains = nil
	}
	var writes []*tablewrite.Write
	for _, w := range c.Writes {
		until := batch.MaxPosition
		if fewer && c.Committer.Waits(w.Stream) && !c.Aside {
			until = covered
		}
		drop := func(i int) bool {
			failed, is := f.Of(w.Owner(i).ID)
			return w.Batch.RowsAt[i] >= until || (is && w.Batch.RowsAt[i] >= failed.Rows)
		}
		if !w.Any(drop) {
			writes = append(writes, w)
		} else if kept := w.Batch.Without(drop); kept.Rows() > 0 {
			writes = append(writes, w.With(kept))
		}
	}
	c.Writes = writes
}
