package logging

import (
	"context"
	"log/slog"
	"os"
	"time"
)

// Metric is one measurement in the form of the Singer SDK, which Meltano and others pick out of the log.
type Metric struct {
	Type  string         `json:"type"` // "counter" or "timer"
	Name  string         `json:"metric"`
	Value float64        `json:"value"` // timers: seconds
	Tags  map[string]any `json:"tags"`
}

// RecordCount is the metric for n records of a stream since the last one.
func RecordCount(stream string, n int64) Metric {
	return Metric{
		Type:  "counter",
		Name:  "record_count",
		Value: float64(n),
		Tags:  map[string]any{"stream": stream, "pid": os.Getpid()},
	}
}

// BatchTime is the metric for how long a batch of a stream took.
func BatchTime(stream string, took time.Duration, succeeded bool) Metric {
	status := "failed"
	if succeeded {
		status = "succeeded"
	}
	return Metric{
		Type:  "timer",
		Name:  "batch_processing_time",
		Value: took.Seconds(),
		Tags:  map[string]any{"stream": stream, "pid": os.Getpid(), "status": status},
	}
}

// LogMetric logs a metric at INFO: as `METRIC: {…}` for people and Airbyte, as metric_info in structured lines.
func LogMetric(ctx context.Context, logger *slog.Logger, m Metric) {
	logger.LogAttrs(ctx, slog.LevelInfo, "METRIC", slog.Any("metric_info", m))
}

func (m *Metric) appendText(buf []byte) []byte {
	encoded, err := encode(m)
	if err != nil {
		// Only a tag that JSON has no form for can do this.
		return append(append(buf, "METRIC: "...), m.Name...)
	}
	return append(append(buf, "METRIC: "...), encoded...)
}
