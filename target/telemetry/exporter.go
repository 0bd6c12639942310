package telemetry

import (
	"context"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// The exporters read the collector's address, headers, certificates and timeouts from the environment themselves. Their errors end
// here: the SDK would print them.

// quietMetrics is an exporter of metrics whose errors are faults.
type quietMetrics struct {
	sdkmetric.Exporter

	faults *faults
}

// Export implements sdkmetric.Exporter.
func (q *quietMetrics) Export(ctx context.Context, metrics *metricdata.ResourceMetrics) error {
	q.faults.failed(q.Exporter.Export(ctx, metrics))
	return nil
}

// quietSpans is an exporter of spans whose errors are faults.
type quietSpans struct {
	sdktrace.SpanExporter

	faults *faults
}

// ExportSpans implements sdktrace.SpanExporter.
func (q *quietSpans) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	q.faults.failed(q.SpanExporter.ExportSpans(ctx, spans))
	return nil
}

// meterProvider makes the SDK that collects metrics and sends them every minute, or as OTEL_METRIC_EXPORT_INTERVAL says.
func meterProvider(ctx context.Context, of *resource.Resource, f *faults) (*sdkmetric.MeterProvider, error) {
	exporter, err := otlpmetrichttp.New(ctx)
	if err != nil {
		return nil, err
	}
	reader := sdkmetric.NewPeriodicReader(&quietMetrics{Exporter: exporter, faults: f})
	return sdkmetric.NewMeterProvider(sdkmetric.WithResource(of), sdkmetric.WithReader(reader)), nil
}

// tracerProvider makes the SDK that sends spans in batches, as the OTEL_BSP_* variables say.
func tracerProvider(ctx context.Context, of *resource.Resource, f *faults) (*sdktrace.TracerProvider, error) {
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, err
	}
	return sdktrace.NewTracerProvider(sdktrace.WithResource(of), sdktrace.WithBatcher(&quietSpans{SpanExporter: exporter, faults: f})), nil
}

// resourceOf says what sends: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win. Every run is an instance of its own, so that two
// that run at once are not taken for one.
func resourceOf(ctx context.Context, version string, f *faults) *resource.Resource {
	of, err := resource.New(ctx,
		resource.WithTelemetrySDK(),
		resource.WithAttributes(
			semconv.ServiceName(ServiceName), semconv.ServiceVersion(version), semconv.ServiceInstanceID(uuid.NewString()),
		),
		resource.WithFromEnv(),
	)
	if err != nil {
		f.tell("OTEL_RESOURCE_ATTRIBUTES is not a list of key=value")
	}
	return of
}

// ServiceName is what a run calls itself unless OTEL_SERVICE_NAME says otherwise.
const ServiceName = "target-postgres"
