package target

import (
	"context"
	"time"

	"target-postgres/internal/logging"
	"target-postgres/target/stream"
	"target-postgres/target/summary"
)

// Summary says what the run did so far. Call it after [Target.Run], with what that returned.
func (t *Target) Summary(err error) *summary.Run {
	sum := &summary.Run{
		Complete: err == nil, Started: t.started.UTC(), Seconds: summary.Seconds(t.now().Sub(t.started)),
		Lines: t.reader.Lines(), Messages: t.messages, Streams: []summary.Stream{},
	}
	if err != nil {
		sum.Error = err.Error()
	}
	sum.SchemaChanges = t.migrator.Changes()
	for _, s := range t.order {
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
	for _, o := range t.order {
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

// measureEvery is the time between two reports of a stream's metrics, that of singer-sdk.
const measureEvery = time.Minute

// measured is what a stream's metrics said last.
type measured struct{ read, busy int64 }

// measure logs the metrics of every stream that moved since the last time: how many records came, and how long the
// database took for its batches. One line for many batches keeps a long run's log short.
func (t *Target) measure() {
	t.measuredAt = t.now()
	if t.dryRun != nil {
		return
	}
	for _, s := range t.order {
		now := measured{read: s.Stats.Read.Load(), busy: s.Stats.Busy.Load()}
		last := t.measured[s.Stats]
		if now == last {
			continue
		}
		t.measured[s.Stats] = now
		if now.read > last.read {
			logging.LogMetric(context.Background(), t.log, logging.RecordCount(s.Name, now.read-last.read))
		}
		if now.busy > last.busy {
			logging.LogMetric(context.Background(), t.log, logging.BatchTime(s.Name, time.Duration(now.busy-last.busy), true))
		}
	}
}

// Table is a table that a run loads into.
type Table struct {
	Stream, Schema, Name string
}

// Tables lists the tables of the streams that came, in the order in which they came.
func (t *Target) Tables() []Table {
	tables := make([]Table, 0, len(t.order))
	for _, s := range t.order {
		if !s.Skip && s.Lead == nil {
			tables = append(tables, Table{Stream: s.Name, Schema: s.SchemaName, Name: s.TableName})
		}
	}
	return tables
}
