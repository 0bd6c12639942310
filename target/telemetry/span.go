package telemetry

import (
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"target-postgres/target/failure"
	"target-postgres/target/stats"
)

// Span begins to tell about work for a stream, which ends when the function that it returns is called with the place of
// its error.
func (r *Run) Span(name string, stream *stats.Counters) (end func(*error)) {
	if r == nil {
		return func(*error) {}
	}
	from := time.Now()
	return func(err *error) {
		attrs, _ := r.of(stream)
		r.emit(part{name: name, kind: trace.SpanKindInternal, from: from, to: time.Now(), attrs: attrs, err: *err})
	}
}

// emit makes a span of what is over, and its children, unless there were enough spans.
func (r *Run) emit(parent part, children ...part) {
	failed := parent.err != nil
	for _, child := range children {
		failed = failed || child.err != nil
	}
	if !r.spans.take(int64(1+len(children)), failed) {
		return
	}
	ctx, span := r.tracer.Start(r.ctx, parent.name, trace.WithTimestamp(parent.from), trace.WithSpanKind(parent.kind), trace.WithAttributes(parent.attrs...))
	for _, child := range children {
		_, below := r.tracer.Start(ctx, child.name, trace.WithTimestamp(child.from), trace.WithSpanKind(child.kind), trace.WithAttributes(child.attrs...))
		child.end(below)
	}
	parent.end(span)
}

// end ends the span of a part.
func (p *part) end(span trace.Span) {
	if p.err != nil {
		span.SetAttributes(errorAttributes(p.err)...)
		span.SetStatus(codes.Error, description(p.err))
	}
	span.End(trace.WithTimestamp(p.to))
}

// blamed are the attributes of the stream that an error names.
func (r *Run) blamed(err error) []attribute.KeyValue {
	if e, is := errors.AsType[*failure.Error](err); is {
		return r.named(e.Stream)
	}
	return r.databaseAttributes()
}
