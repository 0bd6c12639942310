package telemetry

import (
	"go.opentelemetry.io/otel/metric"
)

// instruments are the metrics of a run. docs/metrics.md has the same list, and a test compares the two.
type instruments struct {
	meter metric.Meter
	// counts are read when metrics are sent.
	counts   []count
	stateAge metric.Float64ObservableGauge

	operations, checkpoints, lag, streamDuration, runDuration metric.Float64Histogram
	runs, retries                                             metric.Int64Counter
}

// count is one of the numbers that there are for every stream.
type count struct {
	of func(figures) int64
	as metric.Int64ObservableCounter
}

// The bounds of durations in seconds: of a statement as the conventions for databases say, of a checkpoint, and of a
// run.
var (
	ofOperations  = []float64{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10}
	ofCheckpoints = []float64{0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600}
	ofRuns        = []float64{1, 5, 10, 30, 60, 300, 900, 1800, 3600, 7200, 14400, 43200}
)

func newInstruments(meter metric.Meter, f *faults) *instruments {
	histogram := func(name, description string, bounds []float64) metric.Float64Histogram {
		made, err := meter.Float64Histogram(name, metric.WithUnit("s"), metric.WithDescription(description), metric.WithExplicitBucketBoundaries(bounds...))
		f.failed(err)
		return made
	}
	counter := func(name, unit, description string) metric.Int64Counter {
		made, err := meter.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(description))
		f.failed(err)
		return made
	}
	i := &instruments{
		meter:          meter,
		operations:     histogram("db.client.operation.duration", "Duration of database client operations.", ofOperations),
		checkpoints:    histogram("target_postgres.checkpoint.duration", "Time from a checkpoint's first statement to its COMMIT.", ofCheckpoints),
		lag:            histogram("target_postgres.commit.lag", "Time from reading the first record of a batch to its COMMIT.", ofCheckpoints),
		streamDuration: histogram("target_postgres.stream.duration", "Time from a stream's SCHEMA to the COMMIT of its last rows.", ofRuns),
		runDuration:    histogram("target_postgres.run.duration", "Duration of a run.", ofRuns),
		runs:           counter("target_postgres.runs", "{run}", "Runs that have ended."),
		retries:        counter("target_postgres.retries", "{retry}", "Attempts to run a transaction again."),
	}
	i.counted(f)
	var err error
	i.stateAge, err = meter.Float64ObservableGauge("target_postgres.state.age", metric.WithUnit("s"),
		metric.WithDescription("Time since a STATE was emitted last, or since the run began."))
	f.failed(err)
	return i
}

// counted makes the counts of streams.
func (i *instruments) counted(f *faults) {
	counts := func(name, unit, description string, of func(figures) int64) {
		made, err := i.meter.Int64ObservableCounter(name, metric.WithUnit(unit), metric.WithDescription(description))
		f.failed(err)
		i.counts = append(i.counts, count{of: of, as: made})
	}
	counts("target_postgres.records.read", "{record}", "Records read.", func(n figures) int64 { return n.read })
	counts("target_postgres.records.size", "By", "Size of the records read, as JSON.", func(n figures) int64 { return n.bytes })
	counts("target_postgres.records.rejected", "{record}", "Records put into the table of rejected records.", func(n figures) int64 { return n.rejected })
	counts("target_postgres.records.unchanged", "{record}", "Committed records that wrote no row.", func(n figures) int64 { return n.unchanged })
	counts("target_postgres.records.ignored", "{record}", "Records left out by on_conflict or on_missing.", func(n figures) int64 { return n.ignored })
	counts("target_postgres.rows.inserted", "{row}", "Rows inserted and committed.", func(n figures) int64 { return n.inserted })
	counts("target_postgres.rows.updated", "{row}", "Rows updated and committed.", func(n figures) int64 { return n.updated })
	counts("target_postgres.rows.deleted", "{row}", "Rows deleted or marked as deleted, and committed.", func(n figures) int64 { return n.deleted })
}
