package telemetry

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"target-postgres/target/stats"
)

// flushWithin is what the end of a run may take longer because of a collector, with some to spare of the second that is
// promised.
const flushWithin = 900 * time.Millisecond

// scope names what measures.
const scope = "target-postgres"

// Run is what a collector is told about one run. Make one with [Start]. A nil Run tells nothing.
type Run struct {
	began    time.Time
	faults   *faults
	tracer   trace.Tracer
	root     trace.Span
	ctx      context.Context //nolint:containedctx // of the root span: spans are made after what they are about
	measured *instruments
	spans    budget
	// flush sends what is left and ends.
	flush []func(context.Context) error
	// place is where the database is, nil before that is known.
	place atomic.Pointer[Place]

	mu        sync.Mutex
	streams   map[*stats.Counters]*watched
	order     []*watched
	lastState func() time.Time
}

// Start begins to tell a collector about a run. It returns nil unless the environment asks for it. Nothing is sent yet,
// and nothing fails: what cannot be sent is a warning.
func Start(ctx context.Context, getenv func(string) string, version string, log *slog.Logger) *Run {
	f := &faults{log: log}
	send := asked(getenv, f.tell)
	if !send.metrics && !send.traces {
		return nil
	}
	f.hear()
	r := &Run{began: time.Now(), faults: f, streams: map[*stats.Counters]*watched{}}
	of := resourceOf(ctx, version, f)
	var meters metric.MeterProvider = metricnoop.NewMeterProvider()
	var tracers trace.TracerProvider = tracenoop.NewTracerProvider()
	if send.metrics {
		sdk, flush := meterProvider(getenv, of, f)
		meters, r.flush = sdk, append(r.flush, flush)
	}
	if send.traces {
		if sdk, err := tracerProvider(ctx, getenv, of, f); err != nil {
			f.tell("the exporter of traces cannot be set up")
		} else {
			tracers, r.flush = sdk, append(r.flush, sdk.Shutdown)
		}
	}
	r.measured = newInstruments(meters.Meter(scope, metric.WithInstrumentationVersion(version)), f)
	r.watch(f)
	r.tracer = tracers.Tracer(scope, trace.WithInstrumentationVersion(version))
	r.ctx, r.root = r.tracer.Start(outer(getenv), "load", trace.WithTimestamp(r.began)) //nolint:spancheck // it ends with the run
	return r
}

// outer is the trace that this run is part of, by the variables TRACEPARENT and TRACESTATE of the caller.
func outer(getenv func(string) string) context.Context {
	return propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{
		"traceparent": getenv("TRACEPARENT"), "tracestate": getenv("TRACESTATE"),
	})
}

// Place is where a database is.
type Place struct {
	Host     string
	Port     int
	Database string
}

// Observe says where the run loads into, and how to find out when a STATE was emitted last. Both are asked from any
// goroutine.
func (r *Run) Observe(place Place, lastState func() time.Time) {
	if r == nil {
		return
	}
	r.place.Store(&place)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lastState = lastState
}

// Outcome is how a run ended.
type Outcome struct {
	// Word is [Completed], [Stopped] or [Failed].
	Word string
	// Err is why it failed or stopped, nil if it is complete. Its text holds no value of a record.
	Err error
	// Streams are the outcomes of its streams by their names: [Completed], [Failed] or [Incomplete].
	Streams map[string]string
}

// The ends of a run or a stream.
const (
	Completed = "completed"
	Stopped   = "stopped"
	Failed    = "failed"
	// Incomplete is a stream that did not fail, and of which not all that was read is committed.
	Incomplete = "incomplete"
)

// End tells the collector how the run ended, sends what is left, and waits for that no longer than a second.
func (r *Run) End(how Outcome) {
	if r == nil {
		return
	}
	r.committed()
	of := append(r.databaseAttributes(), outcomeKey.String(how.Word))
	if how.Word == Failed {
		of = append(of, errorAttributes(how.Err)...)
		r.root.SetStatus(codes.Error, description(how.Err))
	}
	r.measured.runs.Add(r.ctx, 1, metric.WithAttributes(of...))
	r.measured.runDuration.Record(r.ctx, time.Since(r.began).Seconds(), metric.WithAttributes(of...))
	r.endStreams(how)
	r.root.SetAttributes(append(of, attribute.Int("target_postgres.streams", r.loaded()), attribute.Int64("target_postgres.spans.dropped", r.spans.dropped.Load()))...)
	r.root.End()
	r.send()
}

// send sends what is left. It returns in time even if the exporters do not.
func (r *Run) send() {
	ctx, cancel := context.WithTimeout(context.Background(), flushWithin)
	defer cancel()
	sent := make(chan error, len(r.flush))
	for _, flush := range r.flush {
		go func() { sent <- flush(ctx) }()
	}
	for range r.flush {
		select {
		case err := <-sent:
			r.faults.failed(err)
		case <-ctx.Done():
			r.faults.failed(ctx.Err())
			return
		}
	}
}
