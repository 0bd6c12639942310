//go:build unix

package e2e

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"target-postgres/internal/otlpreceiver"
)

// flushed is how long a run may take longer because of a collector: a second, and some more where the machine is busy.
const flushed = 3 * time.Second

// deafCollector takes connections and never answers.
func deafCollector(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return "http://" + listener.Addr().String()
}

// deadCollector is an address at which no collector listens.
func deadCollector(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	return "http://" + listener.Addr().String()
}

// refusingCollector answers every request with a status, and says the secret that it was sent.
func refusingCollector(t *testing.T, status int) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		http.Error(w, "no: "+q.Header.Get("Api-Key"), status)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestTelemetry_ACollectorThatIsAwayDelaysNothingAndFailsNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		endpoint func(*testing.T) string
		because  string
	}{
		"dead":     {deadCollector, "connection refused"},
		"deaf":     {deafCollector, "the collector did not answer in time"},
		"refusing": {func(t *testing.T) string { return refusingCollector(t, http.StatusUnauthorized) }, "the collector answered 401 Unauthorized"},
		// It is asked again and again: the time may be over during an answer, or between two.
		"busy":    {func(t *testing.T) string { return refusingCollector(t, http.StatusServiceUnavailable) }, "the collector"},
		"unknown": {func(*testing.T) string { return "http://secretkey:secretkey@no-such-host.invalid/secretkey" }, "the collector"},
		"no URL":  {func(*testing.T) string { return "secretkey" }, "OTEL_EXPORTER_OTLP_ENDPOINT is not an http:// or https:// URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines := []string{schemaOf("users"), recordOf("users", 1, "a"), stateOf(1)}
			off := newTold(t)
			off.load(t, lines...)
			run := newTold(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+test.endpoint(t), "OTEL_EXPORTER_OTLP_HEADERS=api-key=secretkey", "OTEL_METRIC_EXPORT_INTERVAL=10", "OTEL_BSP_SCHEDULE_DELAY=10")
			run.load(t, lines...)
			run.succeeds(t)
			if run.took > off.took+flushed {
				t.Errorf("it took %s, and %s without a collector", run.took, off.took)
			}
			if run.stdout != off.stdout {
				t.Errorf("standard output is %q, and %q without a collector", run.stdout, off.stdout)
			}
			if n := strings.Count(run.stderr, "OpenTelemetry"); n != 1 || !strings.Contains(run.stderr, test.because) {
				t.Errorf("%d lines speak of the collector, want one with %q:\n%s", n, test.because, run.stderr)
			}
			if more := len(strings.Split(run.stderr, "\n")) - len(strings.Split(off.stderr, "\n")); more != 1 {
				t.Errorf("the log has %d more lines:\n%s", more, run.stderr)
			}
			if strings.Contains(run.stdout+run.stderr, "secretkey") {
				t.Errorf("a secret was logged:\n%s", run.stderr)
			}
		})
	}
}

func TestTelemetry_IsOffUnlessItIsAskedFor(t *testing.T) {
	t.Parallel()
	for name, env := range map[string]func(url string) []string{
		"disabled": func(url string) []string {
			return []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + url, "OTEL_SDK_DISABLED=TRUE"}
		},
		"none": func(url string) []string {
			return []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + url, "OTEL_TRACES_EXPORTER=none", "OTEL_METRICS_EXPORTER=none"}
		},
		"empty": func(string) []string { return []string{"OTEL_EXPORTER_OTLP_ENDPOINT=", "OTEL_SERVICE_NAME=loads"} },
		"grpc": func(url string) []string {
			return []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + url, "OTEL_EXPORTER_OTLP_PROTOCOL=grpc"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			collector := otlpreceiver.Start(t)
			run := newTold(t, env(collector.URL)...)
			run.load(t, schemaOf("users"), recordOf("users", 1, "a"))
			run.succeeds(t)
			if n := collector.Exports(); n != 0 {
				t.Errorf("%d requests were sent", n)
			}
			if said := strings.Contains(run.stderr, "OpenTelemetry"); said != (name == "grpc") {
				t.Errorf("the log is\n%s", run.stderr)
			}
		})
	}
}

func TestTelemetry_OneSignalAlone(t *testing.T) {
	t.Parallel()
	for signal, path := range map[string]string{"METRICS": "/v1/metrics", "TRACES": "/v1/traces"} {
		t.Run(signal, func(t *testing.T) {
			t.Parallel()
			collector := otlpreceiver.Start(t)
			run := newTold(t, "OTEL_EXPORTER_OTLP_"+signal+"_ENDPOINT="+collector.URL+path)
			run.load(t, schemaOf("users"), recordOf("users", 1, "a"))
			run.succeeds(t)
			if metrics, spans := len(collector.Metrics()), len(collector.Spans()); (metrics > 0) != (signal == "METRICS") || (spans > 0) != (signal == "TRACES") {
				t.Errorf("%d metrics and %d spans were sent", metrics, spans)
			}
		})
	}
}
