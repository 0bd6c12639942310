package cli

import (
	"context"
	"errors"
	"log/slog"

	"target-postgres/target"
	"target-postgres/target/pipeline"
	"target-postgres/target/summary"
	"target-postgres/target/telemetry"
)

// telemetry starts to tell a collector about the run, if the OTEL_* variables ask for it. The function that it returns
// tells the outcome, which takes a second at most.
func (p *Program) telemetry(ctx context.Context, log *slog.Logger) (run *telemetry.Run, end func(*target.Target, error)) {
	if p.flags.dryRun {
		return nil, func(*target.Target, error) {}
	}
	run = telemetry.Start(ctx, p.Getenv, p.plainVersion(), log)
	return run, func(engine *target.Target, err error) {
		if run != nil {
			run.End(outcomeOf(engine, err))
		}
	}
}

// outcomeOf says how a run ended, of which the engine is nil if it failed before there was one.
func outcomeOf(engine *target.Target, err error) telemetry.Outcome {
	how := telemetry.Outcome{Word: telemetry.Completed, Err: err, Streams: map[string]string{}}
	switch {
	case errors.Is(err, pipeline.ErrStopped), errors.Is(err, context.Canceled):
		how.Word = telemetry.Stopped
	case err != nil:
		how.Word = telemetry.Failed
	}
	if engine == nil {
		return how
	}
	for _, s := range engine.Summary(err).Streams {
		how.Streams[s.Stream] = outcomeOfStream(s)
	}
	return how
}

// outcomeOfStream says in a word what became of a stream.
func outcomeOfStream(s summary.Stream) string {
	switch {
	case s.Error != "":
		return telemetry.Failed
	case s.Skipped || s.Complete():
		return telemetry.Completed
	default:
		return telemetry.Incomplete
	}
}
