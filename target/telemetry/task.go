package telemetry

import (
	"context"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"target-postgres/target/stats"
)

// Task is what is told about one task of the pipeline, which may take several attempts. Its spans are made when it is
// over, with the times of what they are about: only then is it known whether they are worth their place. A nil Task
// tells nothing.
type Task struct {
	run      *Run
	name     string
	began    time.Time
	attempts int
	parts    []part
	// left are the parts beyond the first ones, a search for refused rows may have thousands.
	left int64
	// batches are when the first record was read of what each stream brings.
	batches map[*stats.Counters]time.Time
}

// mostParts bounds the children of a span.
const mostParts = 100

// leastWait is what is worth telling of waiting.
const leastWait = time.Millisecond

// part is a child of the task's span: an operation of the database, or a wait.
type part struct {
	name     string
	kind     trace.SpanKind
	from, to time.Time
	attrs    []attribute.KeyValue
	err      error
}

// Task begins to tell about a task. One without a name is not told about.
func (r *Run) Task(name string) *Task {
	if r == nil || name == "" {
		return nil
	}
	return &Task{run: r, name: name, began: time.Now(), batches: map[*stats.Counters]time.Time{}}
}

type taskKey struct{}

// With returns a context that carries the task.
func (t *Task) With(ctx context.Context) context.Context {
	if t == nil {
		return ctx
	}
	return context.WithValue(ctx, taskKey{}, t)
}

// From returns the task of a context, nil if nothing is told about it.
func From(ctx context.Context) *Task {
	t, _ := ctx.Value(taskKey{}).(*Task)
	return t
}

// Attempt counts an attempt.
func (t *Task) Attempt() {
	if t != nil {
		t.attempts++
	}
}

// Retried counts that a task is tried again because of an error. It may be one that is not told about.
func (r *Run) Retried(err error) {
	if r == nil {
		return
	}
	r.measured.retries.Add(r.ctx, 1, metric.WithAttributes(append(r.blamed(err), errorAttributes(err)...)...))
}

// Wait begins a wait for something, which ends when the function that it returns is called. It is part of a task, or of
// the run where that is nil.
func (r *Run) Wait(t *Task, what string) (end func()) {
	if r == nil {
		return func() {}
	}
	from := time.Now()
	return func() {
		switch one := waiting(what, from, time.Now()); {
		case t != nil:
			t.waited(what, from, time.Now())
		case one.to.Sub(from) >= leastWait:
			r.emit(one)
		}
	}
}

func waiting(what string, from, to time.Time) part {
	return part{name: "wait", kind: trace.SpanKindInternal, from: from, to: to, attrs: []attribute.KeyValue{waitKey.String(what)}}
}

func (t *Task) waited(what string, from, to time.Time) {
	if to.Sub(from) >= leastWait {
		t.add(waiting(what, from, to))
	}
}

func (t *Task) add(one part) {
	if len(t.parts) >= mostParts {
		t.left++
		return
	}
	t.parts = append(t.parts, one)
}

// End tells that the task is over, and what was committed by it if err is nil.
func (t *Task) End(err error) {
	if t == nil {
		return
	}
	r := t.run
	r.committed()
	if t.attempts == 0 && len(t.parts) == 0 {
		return // it was not run because of another one
	}
	now := time.Now()
	of := r.databaseAttributes()
	if err == nil {
		for counters, read := range t.batches {
			if !read.IsZero() {
				attrs, _ := r.of(counters)
				r.measured.lag.Record(r.ctx, now.Sub(read).Seconds(), metric.WithAttributes(attrs...))
			}
		}
	}
	r.measured.checkpoints.Record(r.ctx, now.Sub(t.began).Seconds(), metric.WithAttributes(append(slices.Clip(of), errorAttributes(err)...)...))
	r.spans.dropped.Add(t.left)
	of = append(of, attemptsKey.Int(t.attempts), attribute.Int("target_postgres.streams", len(t.batches)))
	r.emit(part{name: t.name, kind: trace.SpanKindInternal, from: t.began, to: now, attrs: of, err: err}, t.parts...)
}
