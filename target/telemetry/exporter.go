package telemetry

import (
	"context"
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// meterProvider makes the SDK that collects metrics and sends them every minute, or as OTEL_METRIC_EXPORT_INTERVAL
// says. flush sends what is left and ends it.
func meterProvider(getenv func(string) string, of *resource.Resource, f *faults) (sdk *sdkmetric.MeterProvider, flush func(context.Context) error) {
	reader := sdkmetric.NewPeriodicReader(newMetricExporter(getenv, f))
	sdk = sdkmetric.NewMeterProvider(sdkmetric.WithResource(of), sdkmetric.WithReader(reader))
	return sdk, func(ctx context.Context) error {
		// To shut it down would take back what is just being sent. After this there is nothing left that it could send.
		err := sdk.ForceFlush(ctx)
		over, cancel := context.WithCancel(ctx)
		cancel()
		if ended := sdk.Shutdown(over); !errors.Is(ended, context.Canceled) {
			err = errors.Join(err, ended)
		}
		return err
	}
}

// tracerProvider makes the SDK that sends spans in batches, as the OTEL_BSP_* variables say.
func tracerProvider(ctx context.Context, getenv func(string) string, of *resource.Resource, f *faults) (*sdktrace.TracerProvider, error) {
	client := &traceClient{to: newCollector(environment{getenv: getenv, signal: "TRACES"}, "/v1/traces", f)}
	exporter, err := otlptrace.New(ctx, client)
	if err != nil {
		return nil, err
	}
	return sdktrace.NewTracerProvider(sdktrace.WithResource(of), sdktrace.WithBatcher(exporter, batching(getenv, f.ignored)...)), nil
}

// resourceOf says what sends: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win. Every run is an instance of its own,
// so that two that run at once are not taken for one.
func resourceOf(ctx context.Context, version string, f *faults) *resource.Resource {
	of, err := resource.New(ctx,
		resource.WithTelemetrySDK(),
		resource.WithAttributes(
			semconv.ServiceName(ServiceName), semconv.ServiceVersion(version), semconv.ServiceInstanceID(uuid.NewString()),
		),
		resource.WithFromEnv(),
	)
	if err != nil {
		f.ignored("OTEL_RESOURCE_ATTRIBUTES is not a list of key=value")
	}
	return inUTF8(of, f)
}

// inUTF8 is a resource without the attributes that are not UTF-8, such as those with %E9 for an é. The SDK could not
// write anything down with them.
func inUTF8(of *resource.Resource, f *faults) *resource.Resource {
	all := of.Attributes()
	kept := slices.DeleteFunc(slices.Clone(all), func(a attribute.KeyValue) bool {
		return !utf8.ValidString(string(a.Key)) || !utf8.ValidString(a.Value.AsString())
	})
	if len(kept) == len(all) {
		return of
	}
	f.ignored("OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES is not UTF-8")
	return resource.NewWithAttributes(of.SchemaURL(), kept...)
}

// ServiceName is what a run calls itself unless OTEL_SERVICE_NAME says otherwise.
const ServiceName = "target-postgres"
