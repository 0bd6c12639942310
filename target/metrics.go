package target

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"target-postgres/internal/logging"
	"target-postgres/target/stats"
	"target-postgres/target/stream"
	"target-postgres/target/telemetry"
)

// measureEvery is the time between two reports of a stream's metrics, that of singer-sdk.
const measureEvery = time.Minute

// measured is what a stream's metrics said last.
type measured struct{ read, busy int64 }

// metrics is when the run began, how many records came, and what the log said of that last.
type metrics struct {
	started time.Time
	// rows may be read by any goroutine.
	rows       atomic.Int64
	measured   map[*stats.Counters]measured
	measuredAt time.Time
	// telemetry is told about the run. It may be nil.
	telemetry *telemetry.Run
}

// due reports whether the next report is.
func (m *metrics) due() bool { return time.Since(m.measuredAt) >= measureEvery }

// measure logs the metrics of every stream that moved since the last time: how many records came, and how long the
// database took for its batches. One line for many batches keeps a long run's log short.
func (m *metrics) measure(log *slog.Logger, streams []*stream.Stream) {
	m.measuredAt = time.Now()
	for _, s := range streams {
		now := measured{read: s.Stats.Read.Load(), busy: s.Stats.Busy.Load()}
		last := m.measured[s.Stats]
		if now == last {
			continue
		}
		m.measured[s.Stats] = now
		if now.read > last.read {
			logging.LogMetric(context.Background(), log, logging.RecordCount(s.Name, now.read-last.read))
		}
		if now.busy > last.busy {
			logging.LogMetric(context.Background(), log, logging.BatchTime(s.Name, time.Duration(now.busy-last.busy), true))
		}
	}
}
