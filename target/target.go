// Package target is the engine: it takes the messages of either protocol, gathers each stream's records in batches, and
// hands all batches together to the database at checkpoints, one transaction each, while it reads on.
//
// It promises that a STATE leaves only after every record before it is committed, that memory is bounded by bytes, that
// the resulting tables do not depend on the size of batches, and that no error or log line carries the value of a
// record or a password. It does not know which protocol it serves.
//
// Run, and with it all of the package, runs on the goroutine that reads the input. The tasks that it gives to the
// pipeline run on others: each gets all that it needs when it is submitted.
package target

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"target-postgres/protocol"
	"target-postgres/target/answers"
	"target-postgres/target/batch"
	"target-postgres/target/checkpoint"
	"target-postgres/target/config"
	"target-postgres/target/connect"
	"target-postgres/target/ddl"
	"target-postgres/target/failure"
	"target-postgres/target/loadlog"
	"target-postgres/target/objects"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pipeline"
	"target-postgres/target/prepare"
	"target-postgres/target/registry"
	"target-postgres/target/remedy"
	"target-postgres/target/staging"
	"target-postgres/target/state"
	"target-postgres/target/stats"
	"target-postgres/target/stream"
	"target-postgres/target/summary"
	"target-postgres/target/trigger"
)

// Target loads one input. Make one with [New] for every run.
type Target struct {
	config *config.Config
	log    *slog.Logger

	// The fields that reading needs belong to the goroutine that runs Run.
	input    input
	registry *registry.Registry
	buffers  buffers
	states   states
	trigger  *trigger.Trigger
	answers  *answers.Answers
	metrics  metrics

	connector *connect.Connector
	pipeline  *pipeline.Pipeline
	loadLog   loadLog
	// ending is set by a signal, which interrupts the reader.
	ending    *pipeline.Ending
	preparer  *prepare.Preparer
	committer *checkpoint.Committer
}

// New prepares a run that reads from reader and emits STATE through writer. Nothing is connected yet; an error is about
// the configuration.
func New(cfg *config.Config, reader *protocol.Reader, writer *protocol.Writer, log *slog.Logger) (*Target, error) {
	connector, err := connect.New(cfg.Connection(), log)
	if err != nil {
		return nil, err
	}
	began, catalog := time.Now(), pgcatalog.NewCache()
	t := &Target{
		config: cfg, log: log, connector: connector, ending: pipeline.NewEnding(),
		input: input{reader: reader}, buffers: buffers{pool: batch.NewPool((cfg.Connections()+2)*cfg.BatchMaxBytes/batch.WholeChunk + 4), values: stream.NewValues(cfg, began, time.Now), touchEvery: pipeline.TouchEvery},
		trigger: trigger.New(cfg.BatchAge(), reader.Interrupt), answers: answers.New(cfg, log),
		metrics: metrics{started: began, measured: map[*stats.Counters]measured{}, measuredAt: began},
	}
	t.loadLog.log = loadlog.New(cfg, log, began)
	t.input.files = objects.New(retryOf(cfg), t.ending, log)
	t.committer = checkpoint.NewCommitter(cfg, log, writer, t.buffers.pool, t.ending, remedy.For(cfg), began)
	t.registry = registry.New(cfg, log, t.committer.Failures.Has)
	t.registry.Catalogued = reader.Catalogued()
	t.preparer = &prepare.Preparer{Config: cfg, Log: log, Catalog: catalog, Migrator: ddl.New(cfg, log, catalog), Registry: t.registry}
	return t, nil
}

// DryRun makes Run print the DDL that the input's schemas ask for to w, and change and emit nothing.
func (t *Target) DryRun(w io.Writer) {
	t.preparer.Dry, t.registry.Preview = true, w
	t.preparer.Migrator.DryRun(w)
	t.states.ledger.Held = true
}

// Stop ends the run early, from any goroutine: what was read is committed, its STATE emitted, and Run returns
// ErrStopped. A wait is given up within two seconds; Run then returns a *StoppedError.
func (t *Target) Stop() {
	t.ending.Stop()
	t.input.reader.Interrupt()
}

// Run loads the input until its end. With every outcome, all that was complete before is committed and its STATE has
// been emitted. The error is an *Error, a *ConfigError or [ErrStopped].
func (t *Target) Run(ctx context.Context) error {
	t.pipeline = pipeline.New(ctx, t.connector, retryOf(t.config), remedy.For(t.config), t.config.Connections(), t.ending, t.log, t.input.reader.Interrupt)
	t.committer.Failed, t.pipeline.Telemetry = t.pipeline.Failure, t.metrics.telemetry
	t.preparer.Stager = &staging.Stager{
		Config: t.config, Log: t.log, Connector: t.connector, Pipeline: t.pipeline, Ending: t.ending, Catalog: t.preparer.Catalog,
		Migrator: t.preparer.Migrator, Committer: t.committer, Started: t.metrics.started, Hold: t.states.ledger.Hold, Reject: t.reject,
	}
	t.preparer.Pipeline, t.registry.Existing = t.pipeline, t.preparer.Existing
	t.registry.Owned = t.preparer.Owned
	ended := make(chan error, 1)
	go func() { ended <- t.load(ctx) }()
	select {
	case err := <-ended:
		return err
	case <-t.ending.Late:
		// It waits for what cannot be interrupted: a reader of its output, a file, a bastion that closes slowly.
		return t.pipeline.GaveUp(nil)
	}
}

// load does what Run does.
func (t *Target) load(ctx context.Context) error {
	defer t.trigger.Start()()

	err := t.takeOver()
	if err == nil {
		err = t.prepareLoadLog()
	}
	if err == nil {
		err = t.read()
	}
	switch {
	case errors.Is(err, pipeline.ErrStopped):
		if unfinished := t.finish(false); unfinished != nil {
			err = unfinished
		}
	case err == nil || t.pipeline.Failure() == nil:
		err = errors.Join(err, t.finish(err == nil))
	}
	logged := t.logFailure(err)
	err = errors.Join(err, t.pipeline.Close(), t.release())
	if err != nil && !logged {
		t.logFailureAlone(ctx, err)
	}
	if err != nil && !failure.Transient(failure.First(err)) {
		t.preparer.Stager.DropTombstonesOfFailure(ctx, t.registry.All())
	}
	err = errors.Join(err, t.connector.Close())
	t.measure()
	return t.withFailures(failure.First(err))
}

// withFailures adds the streams that failed to what ended the run.
func (t *Target) withFailures(err error) error {
	failed := t.committer.Failures.Errors()
	if err == pipeline.ErrStopped { //nolint:errorlint // a StoppedError says itself what became of the rows
		err = t.stopped()
	}
	for _, each := range append(failed, err) {
		t.committer.Rejects.TellSaid(each)
	}
	if len(failed) == 0 {
		return err
	}
	several := &summary.StreamsError{Failed: failed, End: err}
	if err == nil {
		several.Others = t.streams().Others()
	}
	return several
}

// read handles messages until the input ends.
func (t *Target) read() error {
	for {
		m, err := t.input.reader.Next()
		if !t.registry.Introduces(m) {
			if unprepared := t.prepareNewcomers(); unprepared != nil {
				return unprepared
			}
		}
		switch {
		case err == nil:
			err = t.handle(m)
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, protocol.ErrInterrupted):
			err = t.interrupted()
		default:
			err = t.unreadable(err)
		}
		if err == nil && !t.input.reader.Buffered() {
			err = t.prepareNewcomers()
		}
		switch {
		case err != nil:
			return err
		case t.ending.Asks():
			return pipeline.ErrStopped
		case t.trigger.Due():
			if err := t.checkpoint(); err != nil {
				return err
			}
		}
	}
}

func (t *Target) interrupted() error {
	if t.ending.Asks() {
		return pipeline.ErrStopped
	}
	t.trigger.Look(t.input.reader.Lines(), t.pipeline.UnderWay.Load() > 0, t.anythingWaits, time.Now)
	return t.pipeline.StayInTouch(t.buffers.touchEvery, t.anythingIsLeft)
}

// unreadable deals with a line that is no complete message. That is the fault of the stream that it names, if it names
// one.
func (t *Target) unreadable(err error) error {
	line, ok := errors.AsType[*protocol.LineError](err)
	if !ok {
		return inputError(err)
	}
	if _, failed := t.committer.Failures.Of(line.Stream); failed {
		return nil
	}
	return t.contain(&protocol.Message{Stream: line.Stream, Line: line.Line}, inputError(err))
}

// inputError turns what the reader says into an Error.
func inputError(err error) error {
	if line, ok := errors.AsType[*protocol.LineError](err); ok {
		blame := failure.Stream
		if line.OtherProtocol {
			blame = failure.Configuration
		}
		return &failure.Error{Blame: blame, Stream: line.Stream.String(), Line: line.Line, Reason: line.Reason, Hint: line.Hint}
	}
	return &failure.Error{Blame: failure.Program, Reason: "read the input", Err: err}
}

// handle counts a message and deals with it.
func (t *Target) handle(m *protocol.Message) error {
	t.input.messages.Count(m.Kind)
	if t.registry.Catalogued && m.Kind != protocol.KindSchema {
		t.answers.Warn(t.noneFailed) // all streams are known
	}
	if _, failed := t.committer.Failures.Of(m.Stream); failed && m.Kind != protocol.KindState && m.Kind != protocol.KindStatus {
		t.leaveOut(m)
		return nil
	}
	return t.contain(m, t.take(m))
}

func (t *Target) take(m *protocol.Message) error {
	switch m.Kind {
	case protocol.KindRecord:
		return t.record(m)
	case protocol.KindSchema:
		return t.schema(m)
	case protocol.KindState:
		return t.state(m)
	case protocol.KindStatus:
		t.progress(m)
		return nil
	case protocol.KindActivateVersion:
		return t.activateVersion(m)
	case protocol.KindBatch:
		return t.manifest(m)
	default:
		return &failure.Error{Blame: failure.Program, Line: m.Line, Reason: fmt.Sprintf("message kind %d is not handled", m.Kind)}
	}
}

// finish commits what is left and, after a clean end of the input, does what waits for it: swaps, snapshots, the states
// that were held for them.
func (t *Target) finish(clean bool) error {
	ends := clean && t.endsHere()
	if err := t.checkpointAs(ends); err != nil {
		return err
	}
	if clean {
		t.answers.End(t.noneFailed)
		t.streams().WarnEmpty(t.log)
		if err := errors.Join(t.preparer.Deprecate(), t.preparer.AddKeys()); err != nil {
			return err
		}
	}
	if clean && !t.preparer.Dry {
		if err := t.completeAll(); err != nil {
			return err
		}
		t.states.ledger.Held = false
		t.end()
		if err := t.checkpointAs(!ends && !t.loadLog.written); err != nil {
			return err
		}
	}
	err := errors.Join(t.preparer.Stager.DropSpills(t.registry.All()), t.preparer.Stager.DropTombstones(t.registry.All()), t.pipeline.Drain())
	if err == nil && clean {
		err = t.preparer.MakeIndexes()
	}
	if err == nil && clean {
		err = t.streams().NothingDeclared()
	}
	return errors.Join(err, t.preparer.Stager.Incomplete())
}

// completeAll completes every stream that has not failed. One that cannot be completed leaves the others alone.
func (t *Target) completeAll() error {
	if err := t.pipeline.Drain(); err != nil { // until then a stream may fail
		return err
	}
	for _, s := range t.registry.All() {
		if _, failed := t.committer.Failures.Of(s.ID); failed {
			continue
		}
		err := t.completeLogging(s)
		switch {
		case err == nil && s.Unreplaced():
			t.committer.Failures.Add(s.ID, state.Failure{Rows: batch.MaxPosition, States: s.Since})
		case err == nil:
		case t.pipeline.Failure() != nil || failure.OfServer(err):
			return err
		default:
			t.committer.Fail(&s.Revision, batch.MaxPosition, err)
		}
	}
	return nil
}
