package target

import (
	"time"

	"target-postgres/target/stream"
	"target-postgres/target/telemetry"
)

// Observe sends the run's metrics and trace to a collector, nil for none. It is called before [Target.Run].
func (t *Target) Observe(run *telemetry.Run) {
	if run == nil {
		return
	}
	t.metrics.telemetry, t.registry.Seen = run, t.seen
	host, port, database := t.connector.Database()
	run.Observe(telemetry.Place{Host: host, Port: port, Database: database}, func() time.Time { return t.Progress().LastState })
}

// seen describes a stream to whom the run is told.
func (t *Target) seen(s *stream.Stream) {
	one := telemetry.Stream{
		Stats: s.Stats, Name: s.Name, Namespace: s.ID.Namespace, Mode: s.Mode, Conflicts: s.Config.IgnoresConflicts(s.Mode),
		Follows: s.Lead != nil, Internal: s.Rejects,
	}
	if !s.Skip {
		one.Schema, one.Table = s.SchemaName, s.TableName
	}
	t.metrics.telemetry.Stream(one)
}

// weighs reports whether the size of records is needed.
func (t *Target) weighs() bool { return t.loadLog.log != nil || t.metrics.telemetry != nil }

// noteAge notes when the first record of a batch was read, if the time until its commit is to be measured.
func (t *Target) noteAge(s *stream.Stream) {
	if t.metrics.telemetry != nil && s.Batch.Started.IsZero() {
		s.Batch.Started = time.Now()
	}
}
