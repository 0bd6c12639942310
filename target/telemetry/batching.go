package telemetry

import (
	"strconv"
	"strings"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Bounds of what variables may ask for. A run has fewer spans, and is over sooner or sends what it has.
const (
	mostQueued = 1 << 14
	mostDelay  = 24 * time.Hour
)

// batching reads how spans are sent in batches from the OTEL_BSP_* variables. The SDK takes any number: a size that is
// negative, or larger than the memory, would end the program, and without a delay the SDK never rests.
func batching(getenv func(string) string, fault func(string)) []sdktrace.BatchSpanProcessorOption {
	number := func(name string, most, otherwise int) int {
		value := strings.TrimSpace(getenv(name))
		if value == "" {
			return otherwise
		}
		n, err := strconv.Atoi(value)
		if err != nil || n <= 0 {
			fault(name + " is not a number greater than 0")
			return otherwise
		}
		return min(n, most)
	}
	queue := number("OTEL_BSP_MAX_QUEUE_SIZE", mostQueued, sdktrace.DefaultMaxQueueSize)
	size := number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", mostQueued, sdktrace.DefaultMaxExportBatchSize)
	delay := number("OTEL_BSP_SCHEDULE_DELAY", int(mostDelay.Milliseconds()), sdktrace.DefaultScheduleDelay)
	return []sdktrace.BatchSpanProcessorOption{
		sdktrace.WithMaxQueueSize(queue), sdktrace.WithMaxExportBatchSize(min(size, queue)),
		sdktrace.WithBatchTimeout(time.Duration(delay) * time.Millisecond),
	}
}
