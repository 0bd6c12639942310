package target

import (
	"time"

	"target-postgres/target/stream"
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
	for _, s := range t.registry.All() {
		if s.Rejects {
			continue
		}
		sum.Streams = append(sum.Streams, t.summaryOf(s, err))
		sum.Rejects = append(sum.Rejects, s.Stats.Why.Of(s.Name)...)
	}
	return sum
}

// summaryOf says what became of the records of one stream in a run that ended with err.
func (t *Target) summaryOf(s *stream.Stream, err error) summary.Stream {
	one := summary.Of(s)
	if s.Lead != nil {
		one.Together, one.Unchanged, one.Ignored = s.Lead.String(), 0, 0
	}
	for _, o := range t.registry.All() {
		if o.Lead != nil && *o.Lead == s.ID {
			one.Loaded -= o.Stats.LoadedRecords.Load()
		}
	}
	if failed, is := t.committer.Failures.Of(s.ID); is && failed.Err != nil {
		one.Error = failed.Err.Error()
	} else if fault := summary.FaultOf(err, s); fault != nil {
		one.Error = fault.Error()
	}
	return one
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
