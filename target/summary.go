package target

import (
	"time"

	"target-postgres/target/outcome"
	"target-postgres/target/summary"
)

// Summary says what the run did so far. Call it after [Target.Run], with what that returned.
func (t *Target) Summary(err error) *summary.Run {
	sum := &summary.Run{
		Complete: err == nil, Started: t.metrics.started.UTC(), Seconds: summary.Seconds(time.Since(t.metrics.started)),
		Lines: t.input.reader.Lines(), Messages: t.input.messages, Streams: []summary.Stream{},
	}
	if err != nil {
		sum.Error = err.Error()
	}
	sum.SchemaChanges = t.preparer.Migrator.Changes()
	t.streams().Into(sum, err)
	return sum
}

// streams is what became of the streams so far.
func (t *Target) streams() outcome.Streams {
	return outcome.Streams{All: t.registry.All(), Failures: &t.committer.Failures}
}

// stopped is the error of a run that a signal ended.
func (t *Target) stopped() error {
	if t.preparer.Dry {
		return &summary.StoppedError{Text: "a dry run changes nothing"}
	}
	return t.streams().Stopped(t.committer.Failures.Withheld.Load() || len(t.states.ledger.Pending) > 0)
}

// measure logs the metrics of the streams.
func (t *Target) measure() {
	if !t.preparer.Dry {
		t.metrics.measure(t.log, t.registry.All())
	}
}

// Table is a table that a run loads into.
type Table struct {
	Stream, Schema, Name string
}

// Tables lists the tables of the streams that came, in the order in which they came.
func (t *Target) Tables() []Table {
	tables := make([]Table, 0, len(t.registry.All()))
	for _, s := range t.registry.All() {
		if !s.Skip && s.Lead == nil {
			tables = append(tables, Table{Stream: s.Name, Schema: s.SchemaName, Name: s.TableName})
		}
	}
	return tables
}
