//go:build unix

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"

	"target-postgres/internal/otlpreceiver"
	"target-postgres/internal/pgtest"
)

// told is a run whose collector is a server of the test.
type told struct {
	schema   string
	settings map[string]any
	// env are the variables of the run, airbyte its catalog, nil for a Singer target.
	env     []string
	airbyte map[string]any

	stdout, stderr string
	took           time.Duration
	err            error
}

func newTold(t *testing.T, env ...string) *told {
	t.Helper()
	schema := pgtest.Schema(t)
	return &told{schema: schema, settings: map[string]any{"url": pgtest.URL(t), "schema": schema}, env: env}
}

// command is the program with the settings, which are to be complete by then.
func (r *told) command(t *testing.T) *exec.Cmd {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, content any) string {
		data, err := json.Marshal(content)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		return filepath.Join(dir, name)
	}
	args := []string{"--config", write("config.json", r.settings)}
	if r.airbyte != nil {
		args = append([]string{"write", "--catalog", write("catalog.json", r.airbyte)}, args...)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(append(os.Environ(), asProgram), r.env...)
	return cmd
}

// load runs the program over some messages.
func (r *told) load(t *testing.T, lines ...string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := r.command(t)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(strings.Join(lines, "\n")), &stdout, &stderr
	began := time.Now()
	r.err = cmd.Run()
	r.took, r.stdout, r.stderr = time.Since(began), stdout.String(), stderr.String()
}

// succeeds fails the test unless the run did.
func (r *told) succeeds(t *testing.T) {
	t.Helper()
	if r.err != nil {
		t.Fatalf("the run failed: %v\n%s", r.err, r.stderr)
	}
}

func schemaOf(stream string) string {
	return fmt.Sprintf(`{"type":"SCHEMA","stream":%q,"key_properties":["id"],"schema":{"properties":{"id":{"type":"integer"},"v":{"type":["string","null"]}}}}`, stream)
}

func recordOf(stream string, id int, v string) string {
	return fmt.Sprintf(`{"type":"RECORD","stream":%q,"record":{"id":%d,"v":%q}}`, stream, id, v)
}

func stateOf(n int) string { return fmt.Sprintf(`{"type":"STATE","value":{"n":%d}}`, n) }

// spansNamed are the spans of a name, the first one's attributes first.
func spansNamed(r *otlpreceiver.Receiver, name string) (spans []*trace.Span) {
	for _, span := range r.Spans() {
		if span.GetName() == name {
			spans = append(spans, span)
		}
	}
	return spans
}

func TestTelemetry_TellsOfEveryStreamAndMakesOneTrace(t *testing.T) {
	t.Parallel()
	collector := otlpreceiver.Start(t)
	run := newTold(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL, "OTEL_EXPORTER_OTLP_HEADERS=api-key=secretkey", "OTEL_RESOURCE_ATTRIBUTES=team=data",
		"TRACEPARENT=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	run.settings["load_mode"], run.settings["batch_max_rows"] = "upsert", 2
	run.load(t, schemaOf("users"), schemaOf("orders"), recordOf("users", 1, "a"), recordOf("orders", 1, "a"), recordOf("users", 2, "a"), stateOf(1),
		recordOf("users", 1, "b"), recordOf("orders", 1, "a"), recordOf("orders", 2, "a"), stateOf(2))
	run.succeeds(t)
	for line := range strings.SplitSeq(strings.TrimSpace(run.stdout), "\n") {
		if !strings.HasPrefix(line, `{"n":`) {
			t.Errorf("standard output has more than STATE: %s", line)
		}
	}
	for name, want := range map[string]map[string]float64{
		"target_postgres.records.read":      {"users": 3, "orders": 3},
		"target_postgres.rows.inserted":     {"users": 2, "orders": 2},
		"target_postgres.rows.updated":      {"users": 1, "orders": 0},
		"target_postgres.records.unchanged": {"users": 0, "orders": 1},
		"target_postgres.records.size":      {"users": 48, "orders": 48},
	} {
		for stream, value := range want {
			with := map[string]string{
				"target_postgres.stream.name": stream, "db.collection.name": stream, "target_postgres.load_mode": "upsert", "db.system.name": "postgresql",
			}
			if got, _ := collector.Value(name, with); got != value {
				t.Errorf("%s of %s is %v, want %v", name, stream, got, value)
			}
		}
	}
	if _, runs := collector.Value("target_postgres.run.duration", map[string]string{"target_postgres.outcome": "completed"}); runs != 1 {
		t.Errorf("%d runs were completed", runs)
	}
	oneTrace(t, collector)
	for _, headers := range collector.Headers() {
		if headers.Get("Api-Key") != "secretkey" {
			t.Error("a request lacks the header of OTEL_EXPORTER_OTLP_HEADERS")
		}
	}
	if of := collector.Resource(); of["service.name"] != "target-postgres" || of["team"] != "data" || of["service.instance.id"] == "" {
		t.Errorf("the resource is %v", of)
	}
	if strings.Contains(run.stderr, "secretkey") || strings.Contains(run.stderr, "OpenTelemetry") {
		t.Errorf("the log speaks of telemetry:\n%s", run.stderr)
	}
}

// oneTrace checks that there is one trace, below that of TRACEPARENT, and that every span is within the one above it.
func oneTrace(t *testing.T, collector *otlpreceiver.Receiver) {
	t.Helper()
	spans := map[string]*trace.Span{}
	for _, span := range collector.Spans() {
		spans[string(span.GetSpanId())] = span
	}
	for _, span := range spans {
		if id := fmt.Sprintf("%x", span.GetTraceId()); id != "4bf92f3577b34da6a3ce929d0e0e4736" {
			t.Errorf("the span %s is of the trace %s", span.GetName(), id)
		}
		above := spans[string(span.GetParentSpanId())]
		switch {
		case span.GetName() == "load":
			if id := fmt.Sprintf("%x", span.GetParentSpanId()); id != "00f067aa0ba902b7" {
				t.Errorf("the root span is below %s", id)
			}
		case above == nil:
			t.Errorf("the span %s is below none", span.GetName())
		case span.GetStartTimeUnixNano() < above.GetStartTimeUnixNano() || span.GetEndTimeUnixNano() > above.GetEndTimeUnixNano():
			t.Errorf("the span %s is not within %s", span.GetName(), above.GetName())
		case span.GetEndTimeUnixNano() < span.GetStartTimeUnixNano():
			t.Errorf("the span %s ends before it begins", span.GetName())
		}
	}
	for _, name := range []string{"load", "prepare", "checkpoint", "COPY users", "COPY orders", "MERGE users", "MERGE orders"} {
		if len(spansNamed(collector, name)) == 0 {
			t.Errorf("there is no span %s", name)
		}
	}
}

func TestTelemetry_AFailureIsToldWithoutValues(t *testing.T) {
	t.Parallel()
	collector := otlpreceiver.Start(t)
	run := newTold(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL)
	run.settings["load_mode"] = "append"
	pgtest.Execute(t, `CREATE TABLE `+run.schema+`.users (id bigint, v text CHECK (v <> 'verysecret'))`)
	run.load(t, schemaOf("users"), recordOf("users", 4711, "verysecret"))
	if run.err == nil {
		t.Fatal("the run did not fail")
	}
	failed := map[string]string{"target_postgres.outcome": "failed", "error.type": "23514", "db.response.status_code": "23514", "target_postgres.error.kind": "input"}
	if n, _ := collector.Value("target_postgres.runs", failed); n != 1 {
		t.Errorf("the failure was not told: %v", collector.Points("target_postgres.runs"))
	}
	if _, n := collector.Value("db.client.operation.duration", map[string]string{"db.response.status_code": "23514"}); n == 0 {
		t.Error("no operation has the SQLSTATE")
	}
	for _, name := range []string{"load", "checkpoint", "COPY users"} {
		spans := spansNamed(collector, name)
		if len(spans) == 0 {
			t.Errorf("there is no span %s", name)
			continue
		}
		status, attributes := spans[0].GetStatus(), otlpreceiver.Attributes(spans[0].GetAttributes())
		if status.GetCode() != trace.Status_STATUS_CODE_ERROR || attributes["error.type"] != "23514" || status.GetMessage() == "" {
			t.Errorf("the span %s has the status %v and the attributes %v", name, status, attributes)
		}
	}
	if collector.Has("verysecret") || collector.Has("4711") {
		t.Error("a value of the record was sent")
	}
	if collector.Has("INSERT") || collector.Has("SELECT") {
		t.Error("SQL was sent")
	}
}

func TestTelemetry_ASettingThatIsWrongIsAFailedRun(t *testing.T) {
	t.Parallel()
	collector := otlpreceiver.Start(t)
	run := newTold(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL)
	run.settings["load_mode"] = "upside_down"
	run.load(t)
	if n, _ := collector.Value("target_postgres.runs", map[string]string{"target_postgres.outcome": "failed", "error.type": "config"}); n != 1 {
		t.Errorf("the failure was not told: %v", collector.Points("target_postgres.runs"))
	}
}

func TestTelemetry_OfAirbyte(t *testing.T) {
	t.Parallel()
	collector := otlpreceiver.Start(t)
	run := newTold(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL)
	run.airbyte = signalCatalog
	run.load(t, `{"type":"RECORD","record":{"stream":"t","emitted_at":1,"data":{"id":1}}}`,
		`{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1,"stream_status":{"stream_descriptor":{"name":"t"},"status":"COMPLETE"}}}`)
	run.succeeds(t)
	if n, _ := collector.Value("target_postgres.records.read", map[string]string{"target_postgres.stream.name": "t"}); n != 1 {
		t.Errorf("%v records were read: %v", n, collector.Points("target_postgres.records.read"))
	}
	for line := range strings.SplitSeq(strings.TrimSpace(run.stdout), "\n") {
		if !json.Valid([]byte(line)) {
			t.Errorf("standard output has more than messages: %s", line)
		}
	}
}

func TestTelemetry_IsSentWhileARunGoesOnAndWhenASignalEndsIt(t *testing.T) {
	t.Parallel()
	collector := otlpreceiver.Start(t)
	run := newTold(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL, "OTEL_METRIC_EXPORT_INTERVAL=20")
	run.settings["batch_max_age"] = 0.05
	cmd := run.command(t)
	stdin, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(stdin, schemaOf("users")+"\n"+recordOf("users", 1, "a")+"\n"+stateOf(1))
	users := map[string]string{"target_postgres.stream.name": "users"}
	if !collector.Wait(t, func() bool { n, _ := collector.Value("target_postgres.rows.inserted", users); return n == 1 }) {
		t.Fatal("no metric came while the run was going on")
	}
	if age, _ := collector.Value("target_postgres.state.age", nil); age <= 0 {
		t.Errorf("the newest STATE is %v old", age)
	}
	if n := len(spansNamed(collector, "load")); n > 0 {
		t.Error("the run is over already")
	}
	began := time.Now()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 143 {
		t.Errorf("the exit code is %d", code)
	}
	if took := time.Since(began); took > soon {
		t.Errorf("it took %s", took)
	}
	if n, _ := collector.Value("target_postgres.runs", map[string]string{"target_postgres.outcome": "stopped"}); n != 1 {
		t.Errorf("how the run ended was not told: %v", collector.Points("target_postgres.runs"))
	}
	if len(spansNamed(collector, "load")) != 1 || len(spansNamed(collector, "checkpoint")) == 0 {
		t.Error("the trace was not sent")
	}
}
