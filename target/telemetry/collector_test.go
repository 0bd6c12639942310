package telemetry

import (
	"context"
	"encoding/pem"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/trace"
	collectortrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	spans "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"target-postgres/internal/otlpreceiver"
)

// told is a log that a test reads.
type told struct{ strings.Builder }

func faultsTo(log *told) *faults { return &faults{log: slog.New(slog.NewTextHandler(log, nil))} }

// tracesTo is where spans are sent to by variables, and what is said about that.
func tracesTo(url string, variables map[string]string) (*collector, *told) {
	e := &environ{variables: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": url + "/"}}
	maps.Copy(e.variables, variables)
	log := &told{}
	c := newCollector(environment{getenv: e.getenv, signal: "TRACES"}, "/v1/traces", faultsTo(log))
	c.pause = time.Millisecond
	return c, log
}

func oneSpan() *spans.TracesData {
	return &spans.TracesData{ResourceSpans: []*spans.ResourceSpans{{ScopeSpans: []*spans.ScopeSpans{{Spans: []*spans.Span{{Name: "load"}}}}}}}
}

func TestCollector_SendsHeadersAndCompresses(t *testing.T) {
	t.Parallel()
	receiver := otlpreceiver.Start(t)
	c, log := tracesTo(receiver.URL, map[string]string{
		"OTEL_EXPORTER_OTLP_HEADERS": "api-key=a%20b, team = data ", "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "team=other", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
	})
	c.deliver(t.Context(), oneSpan())
	if log.Len() > 0 || len(receiver.Spans()) != 1 {
		t.Fatalf("%d spans came: %s", len(receiver.Spans()), log)
	}
	headers := receiver.Headers()[0]
	if got := headers.Get("Api-Key") + "," + headers.Get("Team") + "," + headers.Get("Content-Encoding"); got != "a b,other,gzip" {
		t.Errorf("the headers are %s", got)
	}
}

func TestCollector_VariablesThatCannotBeReadAreFaultsWithoutTheirValues(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"OTEL_EXPORTER_OTLP_HEADERS":              "secret",
		"OTEL_EXPORTER_OTLP_TRACES_HEADERS":       "key=%zzsecret",
		"OTEL_EXPORTER_OTLP_TIMEOUT":              "secret",
		"OTEL_EXPORTER_OTLP_TRACES_COMPRESSION":   "secret",
		"OTEL_EXPORTER_OTLP_CERTIFICATE":          "/nowhere/secret",
		"OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE":   os.Args[0],
		"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE":   "/nowhere/secret",
		"OTEL_EXPORTER_OTLP_METRICS_HEADERS":      "",
		"OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE=": "",
	} {
		_, log := tracesTo("http://collector", map[string]string{name: value, "OTEL_EXPORTER_OTLP_CLIENT_KEY": "/nowhere/secret"})
		if said := log.String(); strings.Contains(said, name) != (value != "") || strings.Contains(said, "secret") {
			t.Errorf("%s=%s: %s", name, value, said)
		}
	}
	for _, header := range []string{"a b=c", "=c", "a=b%0d%0ac"} {
		if _, log := tracesTo("http://collector", map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": header}); log.Len() == 0 {
			t.Errorf("the header %q is not a fault", header)
		}
	}
}

func TestCollector_AsksAgainOnlyWhereThatMayHelp(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]int{
		http.StatusServiceUnavailable: 3, http.StatusTooManyRequests: 3, http.StatusBadRequest: 1, http.StatusInternalServerError: 1, http.StatusTemporaryRedirect: 1,
	} {
		requests := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if requests++; requests < 3 {
				w.Header().Set("Location", "/elsewhere")
				http.Error(w, "secret", status)
			}
		}))
		c, log := tracesTo(server.URL, nil)
		c.deliver(t.Context(), oneSpan())
		server.Close()
		if requests != want || strings.Contains(log.String(), "answered") != (want == 1) || strings.Contains(log.String(), "secret") {
			t.Errorf("after %d there were %d requests, want %d: %s", status, requests, want, log)
		}
	}
}

func TestCollector_GivesUpWithItsContextAndItsTimeout(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	// Where the machine is busy the time is over before the server is asked: it is not waited for.
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(func() { close(release); server.Close() })
	c, log := tracesTo(server.URL, map[string]string{"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "20"})
	c.deliver(t.Context(), oneSpan())
	if !strings.Contains(log.String(), "did not answer in time") {
		t.Errorf("the log is %s", log)
	}
}

func TestCollector_TrustsTheCertificateThatItIsGiven(t *testing.T) {
	t.Parallel()
	taken := 0
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { taken++ }))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	c, log := tracesTo(server.URL, nil)
	c.deliver(t.Context(), oneSpan())
	if taken != 0 || !strings.Contains(log.String(), "certificate") {
		t.Errorf("an unknown authority was trusted: %s", log)
	}
	c, log = tracesTo(server.URL, map[string]string{"OTEL_EXPORTER_OTLP_CERTIFICATE": file})
	c.deliver(t.Context(), oneSpan())
	if taken != 1 || log.Len() > 0 {
		t.Errorf("it took %d messages: %s", taken, log)
	}
}

func TestPartial_ReadsWhatWasRejected(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rejected int64
		want     error
	}{{0, nil}, {3, errPartial}} {
		answer, err := proto.Marshal(&collectortrace.ExportTraceServiceResponse{
			PartialSuccess: &collectortrace.ExportTracePartialSuccess{RejectedSpans: test.rejected, ErrorMessage: "secret"},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := partial(answer); !errors.Is(got, test.want) {
			t.Errorf("of %d rejected spans partial says %v", test.rejected, got)
		}
	}
	for _, answer := range []string{"", "{}", "ok", "\x0a", "\x0a\xff"} {
		if err := partial([]byte(answer)); err != nil {
			t.Errorf("partial says %v of %q", err, answer)
		}
	}
}

// TestMessagesAreThoseOfTheSDK compares what is sent with what the SDK's own exporter sends.
func TestMessagesAreThoseOfTheSDK(t *testing.T) { //nolint:paralleltest // the exporter of the SDK reads the environment
	ours, theirs := otlpreceiver.Start(t), otlpreceiver.Start(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", theirs.URL)
	for _, temporality := range []string{"cumulative", "delta", "lowmemory"} {
		t.Setenv("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", temporality)
		official, err := otlpmetrichttp.New(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		e := &environ{variables: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": ours.URL, "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": temporality}}
		log := &told{}
		own := newMetricExporter(e.getenv, faultsTo(log))
		for kind := sdkmetric.InstrumentKindCounter; kind <= sdkmetric.InstrumentKindGauge; kind++ {
			if got, want := own.Temporality(kind), official.Temporality(kind); got != want {
				t.Errorf("%s: the temporality of %v is %v, want %v", temporality, kind, got, want)
			}
		}
		what := everyMetric(t, own)
		if err := official.Export(t.Context(), what); err != nil {
			t.Fatal(err)
		}
		if err := own.Export(t.Context(), what); err != nil || log.Len() > 0 {
			t.Fatalf("%v %s", err, log)
		}
		if diff := cmp.Diff(theirs.Metrics(), ours.Metrics(), protocmp.Transform()); diff != "" {
			t.Errorf("%s: the messages differ (-SDK +ours):\n%s", temporality, diff)
		}
		if diff := cmp.Diff(theirs.Resource(), ours.Resource()); diff != "" {
			t.Error(diff)
		}
	}
}

// everyMetric has a value of every instrument.
func everyMetric(t *testing.T, as sdkmetric.Exporter) *metricdata.ResourceMetrics {
	t.Helper()
	reader := sdkmetric.NewManualReader(sdkmetric.WithTemporalitySelector(as.Temporality))
	log := &told{}
	f := faultsTo(log)
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithResource(resourceOf(t.Context(), "1.0", f)))
	i := newInstruments(provider.Meter(scope, metric.WithInstrumentationVersion("1.0")), f)
	sampled := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled}))
	with := metric.WithAttributes(attribute.String("text", "ä"), attribute.Int("number", 7))
	for _, histogram := range []metric.Float64Histogram{i.operations, i.checkpoints, i.lag, i.streamDuration, i.runDuration} {
		histogram.Record(sampled, 0.25, with)
		histogram.Record(t.Context(), 1000, with)
	}
	i.runs.Add(sampled, 1, with)
	i.retries.Add(t.Context(), 2)
	all := []metric.Observable{i.stateAge}
	for _, one := range i.counts {
		all = append(all, one.as)
	}
	_, err := i.meter.RegisterCallback(func(_ context.Context, to metric.Observer) error {
		to.ObserveFloat64(i.stateAge, 1.5, with)
		for n, one := range i.counts {
			to.ObserveInt64(one.as, int64(n), with)
		}
		return nil
	}, all...)
	what := &metricdata.ResourceMetrics{}
	if err == nil {
		err = reader.Collect(t.Context(), what)
	}
	if err != nil || log.Len() > 0 {
		t.Fatalf("%v %s", err, log)
	}
	return what
}

// The packages of the SDK that bring gRPC along would make the program larger than all of telemetry.
func TestGRPCIsNotLinked(t *testing.T) {
	t.Parallel()
	list, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "target-postgres").Output()
	if err != nil || !strings.Contains(string(list), "go.opentelemetry.io/otel/sdk") {
		t.Fatalf("the packages of the program are not known: %v", err)
	}
	for line := range strings.Lines(string(list)) {
		if strings.HasPrefix(line, "google.golang.org/grpc") {
			t.Errorf("the program links %s", line)
		}
	}
}
