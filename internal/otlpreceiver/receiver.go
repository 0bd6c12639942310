// Package otlpreceiver is a collector for tests: it takes OpenTelemetry metrics and traces by OTLP over HTTP and keeps
// them.
package otlpreceiver

import (
	"compress/gzip"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collectortrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Receiver is a collector that runs until the test ends.
type Receiver struct {
	// URL is what OTEL_EXPORTER_OTLP_ENDPOINT is to be.
	URL string

	mu    sync.Mutex
	spans []*trace.Span
	// metrics are what every instance of a service has sent last, by its identity and the names of the metrics.
	metrics  map[string]map[string]*metrics.Metric
	resource map[string]string
	headers  []http.Header
	raw      []byte
	exports  int
	changed  chan struct{}
}

// Start starts a collector.
func Start(t testing.TB) *Receiver {
	t.Helper()
	r := &Receiver{metrics: map[string]map[string]*metrics.Metric{}, resource: map[string]string{}, changed: make(chan struct{}, 1)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/traces", func(w http.ResponseWriter, q *http.Request) {
		var message collectortrace.ExportTraceServiceRequest
		r.take(w, q, &message, func() { r.takeSpans(&message) })
	})
	mux.HandleFunc("POST /v1/metrics", func(w http.ResponseWriter, q *http.Request) {
		var message collectormetrics.ExportMetricsServiceRequest
		r.take(w, q, &message, func() { r.takeMetrics(&message) })
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	r.URL = server.URL
	return r
}

// take reads one message.
func (r *Receiver) take(w http.ResponseWriter, q *http.Request, message proto.Message, keep func()) {
	var body io.Reader = q.Body
	if q.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = unzipped
	}
	data, err := io.ReadAll(body)
	if err == nil {
		err = proto.Unmarshal(data, message)
	}
	if err != nil || q.Header.Get("Content-Type") != "application/x-protobuf" {
		http.Error(w, "not a message of OTLP in protobuf", http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.raw = append(r.raw, data...)
	r.headers = append(r.headers, q.Header.Clone())
	r.exports++
	keep()
	select {
	case r.changed <- struct{}{}:
	default:
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func (r *Receiver) takeSpans(message *collectortrace.ExportTraceServiceRequest) {
	for _, of := range message.GetResourceSpans() {
		r.takeResource(of.GetResource().GetAttributes())
		for _, scope := range of.GetScopeSpans() {
			r.spans = append(r.spans, scope.GetSpans()...)
		}
	}
}

// takeMetrics keeps of every metric what came last: it says all that has happened since the run began.
func (r *Receiver) takeMetrics(message *collectormetrics.ExportMetricsServiceRequest) {
	for _, of := range message.GetResourceMetrics() {
		r.takeResource(of.GetResource().GetAttributes())
		instance := r.resource["service.instance.id"]
		if r.metrics[instance] == nil {
			r.metrics[instance] = map[string]*metrics.Metric{}
		}
		for _, scope := range of.GetScopeMetrics() {
			for _, one := range scope.GetMetrics() {
				r.metrics[instance][one.GetName()] = one
			}
		}
	}
}

func (r *Receiver) takeResource(attributes []*common.KeyValue) {
	maps.Copy(r.resource, Attributes(attributes))
}

// Wait waits until a condition holds of what has come, and returns false when the test is about to end before.
func (r *Receiver) Wait(t testing.TB, holds func() bool) bool {
	t.Helper()
	for !holds() {
		select {
		case <-r.changed:
		case <-t.Context().Done():
			return false
		}
	}
	return true
}
