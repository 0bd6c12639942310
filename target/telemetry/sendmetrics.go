package telemetry

import (
	"context"
	"strings"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
)

// metricExporter sends metrics. It implements sdkmetric.Exporter.
type metricExporter struct {
	to          *collector
	temporality sdkmetric.TemporalitySelector
}

// newMetricExporter reads the variables for metrics.
func newMetricExporter(getenv func(string) string, f *faults) *metricExporter {
	x := &metricExporter{
		to: newCollector(environment{getenv: getenv, signal: "METRICS"}, "/v1/metrics", f), temporality: sdkmetric.CumulativeTemporalitySelector,
	}
	const preference = prefix + "METRICS_TEMPORALITY_PREFERENCE"
	switch strings.ToLower(strings.TrimSpace(getenv(preference))) {
	case "", "cumulative":
	case "delta":
		x.temporality = sdkmetric.DeltaTemporalitySelector
	case "lowmemory":
		x.temporality = sdkmetric.LowMemoryTemporalitySelector
	default:
		f.ignored(preference + " is not cumulative, delta or lowmemory")
	}
	return x
}

// Temporality implements sdkmetric.Exporter.
func (x *metricExporter) Temporality(kind sdkmetric.InstrumentKind) metricdata.Temporality {
	return x.temporality(kind)
}

// Aggregation implements sdkmetric.Exporter.
func (*metricExporter) Aggregation(kind sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return sdkmetric.DefaultAggregationSelector(kind)
}

// Export implements sdkmetric.Exporter. The message has the form of an ExportMetricsServiceRequest.
func (x *metricExporter) Export(ctx context.Context, what *metricdata.ResourceMetrics) error {
	x.to.deliver(ctx, &metrics.MetricsData{ResourceMetrics: []*metrics.ResourceMetrics{messageOf(what)}})
	return nil
}

// ForceFlush implements sdkmetric.Exporter. Nothing is held back.
func (*metricExporter) ForceFlush(context.Context) error { return nil }

// Shutdown implements sdkmetric.Exporter.
func (*metricExporter) Shutdown(context.Context) error { return nil }
