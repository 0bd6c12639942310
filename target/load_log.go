package target

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/checkpoint"
	"target-postgres/target/config"
	"target-postgres/target/connect"
	"target-postgres/target/failure"
	"target-postgres/target/loadlog"
	"target-postgres/target/pgtx"
	"target-postgres/target/pipeline"
	"target-postgres/target/stream"
)

// The setting load_log: the rows of the load log are written in the last transaction that brings data, so that its
// readers also find the data. If that transaction is not known beforehand, or the run fails, the rows are written in a
// transaction of their own.

// loadLog has the load log, nil unless the setting asks for it. written is true once the last swap has written the
// run's rows.
type loadLog struct {
	log     *loadlog.Log
	written bool
}

// prepareLoadLog makes the table of the load log. A run that cannot have one goes on without: the data is worth more.
func (t *Target) prepareLoadLog() error {
	if t.loadLog.log == nil {
		return nil
	}
	err := t.pipeline.Do(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := t.preparer.Migrator.Ensure(ctx, conn, t.loadLog.log.TableSpec(), config.MigrationPolicy{MissingFields: config.KeepMissingFields})
		return t.loadLog.log.DBError("prepare table "+t.loadLog.log.Table.SQL(), err)
	})
	e, ok := errors.AsType[*failure.Error](err)
	if !ok || !t.ofTable(err, e) {
		return err
	}
	t.log.Warn("load_log is off for this run: its table cannot be made", "table", t.loadLog.log.Table.SQL(), "because", e.Why(), "hint", e.Hint)
	t.loadLog.log = nil
	return nil
}

// ofTable reports whether a table of the program's own could not be made for a reason that leaves the run able to load.
func (t *Target) ofTable(err error, e *failure.Error) bool {
	_, unreachable := errors.AsType[*connect.Error](err)
	return !unreachable && e.Blame == failure.Configuration && !failure.OfServer(err) && t.pipeline.Failure() == nil
}

// logsWith has the checkpoint write the rows in its transaction. The streams are as they are now: the goroutine that
// commits has no others.
func (t *Target) logsWith(c *checkpoint.Checkpoint) {
	if t.loadLog.log != nil && !t.preparer.Dry && len(t.registry.All()) > 0 {
		log, streams := t.loadLog.log, t.streams().Now()
		c.Last = func(ctx context.Context, conn *pgx.Conn) error {
			err := log.Write(ctx, conn, streams.LoadLogRows(nil))
			if !loadlog.Refused(err) {
				return log.DBError("write the load log", err)
			}
			log.Warn(err)
			return checkpoint.ErrWithoutLast
		}
	}
}

// endsHere reports whether no transaction brings data after the one that is made now.
func (t *Target) endsHere() bool {
	for _, s := range t.registry.All() {
		if t.committer.Waits(&s.Revision) || t.completesLater(s) {
			return false
		}
	}
	return !t.states.ledger.Held
}

// completesLater reports whether a stream has work for the time when the input has ended.
func (t *Target) completesLater(s *stream.Stream) bool {
	_, failed := t.committer.Failures.Of(s.ID)
	return !failed && !s.Skip && s.Lead == nil && (s.Truncates || s.Mode == merge.Replace || s.Seen != "")
}

// completeLogging completes a stream. The last one that brings data by that has the run's rows in the transaction in
// which it does.
func (t *Target) completeLogging(s *stream.Stream) error {
	last := slices.IndexFunc(t.registry.All(), func(o *stream.Stream) bool { return o == s })
	later := slices.ContainsFunc(t.registry.All()[last+1:], t.completesLater)
	if t.loadLog.log == nil || later || t.committer.StateTable != nil || !t.completesLater(s) {
		return t.preparer.Stager.Complete(s)
	}
	written := false
	t.preparer.Stager.Last = func(ctx context.Context, conn *pgx.Conn) error {
		written = true
		return t.loadLog.log.TryWrite(ctx, conn, t.streams().LoadLogRows(nil))
	}
	err := t.preparer.Stager.Complete(s)
	t.preparer.Stager.Last, t.loadLog.written = nil, written && err == nil
	return err
}

// logFailure writes the rows of a run that failed, while there is a pipeline that works.
func (t *Target) logFailure(err error) (logged bool) {
	if t.loadLog.log == nil || t.preparer.Dry || err == nil || len(t.registry.All()) == 0 || t.pipeline.Failure() != nil {
		return false
	}
	written := t.pipeline.Do(func(ctx context.Context, conn *pgx.Conn) error { return t.writeFailure(ctx, conn, err) })
	return written == nil
}

// logFailureAlone is logFailure after the end of the pipeline, on a connection of its own. It gives up soon.
func (t *Target) logFailureAlone(ctx context.Context, err error) {
	if t.loadLog.log == nil || t.preparer.Dry || len(t.registry.All()) == 0 || t.ending.Asks() || !t.connector.Reached() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, pgtx.RollbackWait)
	defer cancel()
	conn, failed := t.connector.Connect(ctx)
	if failed == nil {
		defer conn.Close(ctx)
		failed = t.writeFailure(ctx, conn, err)
	}
	if failed != nil {
		t.log.Warn("the load log of this failure was not written", "because", failed.Error())
	}
}

// endOf is what ended a run, in the words that its user reads.
func (t *Target) endOf(err error) error {
	if err = failure.First(err); err == pipeline.ErrStopped { //nolint:errorlint // a StoppedError says itself what became of the rows
		return t.stopped()
	}
	return err
}

func (t *Target) writeFailure(ctx context.Context, conn *pgx.Conn, err error) error {
	return pgtx.Run(ctx, conn, t.config.Begin(), func() error { return t.loadLog.log.TryWrite(ctx, conn, t.streams().LoadLogRows(t.endOf(err))) })
}
