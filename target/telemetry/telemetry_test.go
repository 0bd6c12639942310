package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/internal/otlpreceiver"
	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/stats"
)

// environ is an environment, and what is said about it.
type environ struct {
	variables map[string]string
	faults    []string
}

func (e *environ) getenv(name string) string { return e.variables[name] }

func (e *environ) fault(reason string) { e.faults = append(e.faults, reason) }

func TestAsked_DecidesByTheStandardVariables(t *testing.T) {
	t.Parallel()
	const all, grpc = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL"
	for name, test := range map[string]struct {
		variables map[string]string
		want      signals
		faults    int
	}{
		"nothing":            {nil, signals{}, 0},
		"an empty endpoint":  {map[string]string{all: " "}, signals{}, 0},
		"a name alone":       {map[string]string{"OTEL_SERVICE_NAME": "x", "OTEL_TRACES_EXPORTER": "otlp"}, signals{}, 0},
		"an endpoint":        {map[string]string{all: "http://collector:4318"}, signals{true, true}, 0},
		"not disabled":       {map[string]string{all: "https://collector", disabled: "false"}, signals{true, true}, 0},
		"disabled":           {map[string]string{all: "http://collector:4318", disabled: "True"}, signals{}, 0},
		"metrics alone":      {map[string]string{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://collector/in"}, signals{metrics: true}, 0},
		"traces alone":       {map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector/in"}, signals{traces: true}, 0},
		"no traces":          {map[string]string{all: "http://collector", "OTEL_TRACES_EXPORTER": "none"}, signals{metrics: true}, 0},
		"another exporter":   {map[string]string{all: "http://collector", "OTEL_METRICS_EXPORTER": "prometheus"}, signals{traces: true}, 1},
		"JSON":               {map[string]string{all: "http://collector", grpc: "http/json"}, signals{}, 2},
		"gRPC":               {map[string]string{all: "http://collector:4317", grpc: "grpc"}, signals{}, 2},
		"gRPC for one":       {map[string]string{all: "http://collector", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc"}, signals{metrics: true}, 1},
		"HTTP where it wins": {map[string]string{all: "http://collector", grpc: "grpc", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf"}, signals{traces: true}, 1},
		"no URL":             {map[string]string{all: "secret"}, signals{}, 2},
		"no scheme":          {map[string]string{all: "collector:4318"}, signals{}, 2},
		"no host":            {map[string]string{all: "http://"}, signals{}, 2},
		"another scheme":     {map[string]string{all: "unix:///run/secret"}, signals{}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := &environ{variables: test.variables}
			if got := asked(e.getenv, e.fault); got != test.want {
				t.Errorf("asked for %+v, want %+v", got, test.want)
			}
			if len(e.faults) != test.faults || strings.Contains(strings.Join(e.faults, " "), "secret") {
				t.Errorf("%d faults, want %d: %v", len(e.faults), test.faults, e.faults)
			}
		})
	}
}

func TestBecause_HasNoURLAndNoAnswer(t *testing.T) {
	t.Parallel()
	refused := &url.Error{Op: "Post", URL: "http://u:secret@h/secret", Err: errors.New("dial tcp 127.0.0.1:4318: connect: connection refused")}
	for want, err := range map[string]error{
		"dial tcp 127.0.0.1:4318: connect: connection refused": fmt.Errorf("traces export: %w", refused),
		"the collector did not answer in time":                 context.DeadlineExceeded,
		"the name of the collector was not found: h":           &url.Error{URL: "http://h/secret", Err: &net.DNSError{Name: "h", Err: "no such host"}},
		"the collector answered 401 Unauthorized":              &answerError{status: 401},
		"the collector did not take what was sent":             errors.New("secret"),
	} {
		if got := because(err); got != want {
			t.Errorf("because is %q, want %q", got, want)
		}
	}
}

func TestDescription_HasNoValueAndNoHint(t *testing.T) {
	t.Parallel()
	raw := &pgconn.PgError{Code: "22P02", Message: `invalid input syntax for type integer: "secret"`}
	if got := description(fmt.Errorf("copy: %w", raw)); got == "" || strings.Contains(got, "secret") {
		t.Errorf("the description is %q", got)
	}
	if got := description(&failure.Error{Stream: "s", Reason: "too long", Hint: "shorten it"}); got != `stream "s": too long` {
		t.Errorf("the description is %q", got)
	}
	if got := description(&failure.Error{Reason: strings.Repeat("ä", 1000)}); len(got) > mostText+len("…") || !utf8.ValidString(got) {
		t.Errorf("the description has %d bytes", len(got))
	}
	want := map[string]string{"error.type": "22P02", "db.response.status_code": "22P02", "target_postgres.error.kind": "input"}
	got := map[string]string{}
	for _, one := range errorAttributes(raw) {
		got[string(one.Key)] = one.Value.AsString()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestANilRunTellsNothing(t *testing.T) {
	t.Parallel()
	run := Start(t.Context(), func(string) string { return "" }, "test", slog.New(slog.DiscardHandler))
	if run != nil {
		t.Fatal("a run is told about that nobody asked for")
	}
	task := run.Task("checkpoint")
	ctx := task.With(t.Context())
	if ctx != t.Context() || From(ctx) != nil {
		t.Error("a context carries a task that nobody asked for")
	}
	task.Attempt()
	run.Wait(task, "turn")()
	err := errors.New("lost")
	run.Retried(err)
	run.Stream(Stream{Stats: stats.New(time.Now())})
	run.Span("prepare", nil)(&err)
	task.Copy(nil, Rows{}).End(err, true)
	task.End(err)
	run.Observe(Place{}, time.Now)
	run.End(Outcome{Word: Failed, Err: err})
}

func TestSpansAreBounded(t *testing.T) {
	t.Parallel()
	collector := otlpreceiver.Start(t)
	run := start(t, collector)
	const tasks = 3000
	for n := range tasks {
		task := run.Task("checkpoint")
		task.Attempt()
		now := time.Now()
		task.waited("turn", now, now.Add(time.Second))
		var err error
		if n%10 == 9 && n > 2000 {
			err = errors.New("failed")
		}
		task.End(err)
	}
	run.End(Outcome{Word: Completed})
	spans, failed := collector.Spans(), 0
	for _, span := range spans {
		if span.GetStatus().GetCode() > 1 {
			failed++
		}
	}
	if len(spans) != mostSpans+mostFailed+1 || failed != mostFailed/2 {
		t.Errorf("%d spans were sent, %d of them of failures", len(spans), failed)
	}
	attributes := otlpreceiver.Attributes(spans[0].GetAttributes())
	if want := fmt.Sprint(2*tasks - mostSpans - mostFailed); attributes["target_postgres.spans.dropped"] != want {
		t.Errorf("the root span says that %s spans were dropped, want %s", attributes["target_postgres.spans.dropped"], want)
	}
	if _, n := collector.Value("target_postgres.checkpoint.duration", nil); n != tasks {
		t.Errorf("%d checkpoints were measured, want all", n)
	}
}

func TestATaskWithThousandsOfPartsTellsTheFirst(t *testing.T) {
	t.Parallel()
	collector := otlpreceiver.Start(t)
	run := start(t, collector)
	task := run.Task("checkpoint")
	for range 5000 {
		now := time.Now()
		task.waited("lock", now, now.Add(time.Second))
	}
	task.End(nil)
	run.End(Outcome{Word: Completed})
	if n := len(collector.Spans()); n != mostParts+2 {
		t.Errorf("%d spans were sent", n)
	}
}

func TestCountsOfCommittedRowsNeverDecrease(t *testing.T) {
	t.Parallel()
	collector := otlpreceiver.Start(t)
	run := start(t, collector)
	counters := stats.New(time.Now())
	run.Stream(Stream{Stats: counters, Name: "s", Table: "t", Mode: merge.Append})
	counters.Inserted.Add(7)
	run.committed()
	counters.Inserted.Store(3) // what was counted ahead of a COMMIT is taken back
	run.committed()
	run.End(Outcome{Word: Completed, Streams: map[string]string{"s": Completed}})
	if n, _ := collector.Value("target_postgres.rows.inserted", map[string]string{"target_postgres.stream.name": "s"}); n != 7 {
		t.Errorf("%v rows were inserted, want 7", n)
	}
	if _, n := collector.Value("target_postgres.stream.duration", nil); n != 1 {
		t.Errorf("%d streams have ended", n)
	}
}

// start begins a run that a collector is told about.
func start(t *testing.T, collector *otlpreceiver.Receiver) *Run {
	t.Helper()
	e := &environ{variables: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL}}
	run := Start(t.Context(), e.getenv, "test", slog.New(slog.DiscardHandler))
	if run == nil {
		t.Fatal("no run is told about")
	}
	return run
}
