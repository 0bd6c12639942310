package telemetry

import (
	"context"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"target-postgres/merge"
	"target-postgres/target/stats"
)

// Stream describes a stream. Its counters tell streams apart: they stay the same while a SCHEMA may change the rest.
type Stream struct {
	Stats           *stats.Counters
	Name, Namespace string
	// Schema and Table are empty for a stream that is left out.
	Schema, Table string
	Mode          merge.Mode
	// Conflicts reports whether a record is left out whose key has a row.
	Conflicts bool
	// Follows is true for a stream that shares another one's table, which counts for both what became of records there.
	Follows bool
	// Internal is true for the table of rejected records, which is no stream of the source.
	Internal bool
}

// watched is a stream and what was counted of it when a transaction was committed last.
type watched struct {
	Stream

	set     attribute.Set
	attrs   []attribute.KeyValue
	figures figures
}

// figures are counts of a stream.
type figures struct{ read, bytes, rejected, unchanged, ignored, inserted, updated, deleted int64 }

// Stream takes note of a stream, or of what has changed about it.
func (r *Run) Stream(s Stream) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	one := r.streams[s.Stats]
	if one == nil {
		one = &watched{}
		r.streams[s.Stats] = one
		r.order = append(r.order, one)
	}
	one.Stream = s
	one.attrs = append(r.inSchema(s.Schema), streamKey.String(s.Name))
	if s.Namespace != "" {
		one.attrs = append(one.attrs, namespaceKey.String(s.Namespace))
	}
	if s.Table != "" {
		one.attrs = append(one.attrs, semconv.DBCollectionName(s.Table), modeKey.String(s.Mode.String()))
	}
	one.set = attribute.NewSet(slices.Clone(one.attrs)...)
}

// of returns the attributes of a stream and the name of its table, or those of the database if the stream is unknown.
func (r *Run) of(counters *stats.Counters) (attrs []attribute.KeyValue, table string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if one := r.streams[counters]; one != nil {
		return slices.Clip(one.attrs), one.Table
	}
	return r.databaseAttributes(), ""
}

// named returns the attributes of a stream by its name.
func (r *Run) named(name string) []attribute.KeyValue {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range r.order {
		if one.Name == name {
			return slices.Clip(one.attrs)
		}
	}
	return r.databaseAttributes()
}

// committed reads the counts of all streams. It is called where a transaction has been committed or the run is over: in
// between some counts are ahead of others, and some of what may yet be rolled back.
func (r *Run) committed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range r.order {
		c, last := one.Stats, one.figures
		one.figures = figures{
			rejected: max(last.rejected, c.Rejected.Load()), inserted: max(last.inserted, c.Inserted.Load()),
			updated: max(last.updated, c.Updated.Load()), deleted: max(last.deleted, c.Deleted.Load()),
		}
		if ignored, unchanged := c.IgnoredBy(one.Mode, one.Conflicts); !one.Follows {
			one.figures.ignored, one.figures.unchanged = max(last.ignored, ignored), max(last.unchanged, unchanged)
		}
	}
}

// watch has the counts read each time that metrics are sent.
func (r *Run) watch(f *faults) {
	all := []metric.Observable{r.measured.stateAge}
	for _, one := range r.measured.counts {
		all = append(all, one.as)
	}
	_, err := r.measured.meter.RegisterCallback(func(_ context.Context, to metric.Observer) error {
		r.observe(to)
		return nil
	}, all...)
	f.failed(err)
}

// observe says what was counted. Records are counted as they are read, everything else once it is committed.
func (r *Run) observe(to metric.Observer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range r.order {
		if one.Internal {
			continue
		}
		now := one.figures
		now.read, now.bytes = one.Stats.Read.Load(), one.Stats.Bytes.Load()
		for _, count := range r.measured.counts {
			to.ObserveInt64(count.as, count.of(now), metric.WithAttributeSet(one.set))
		}
	}
	last := r.began
	if r.lastState != nil {
		if at := r.lastState(); !at.IsZero() {
			last = at
		}
	}
	to.ObserveFloat64(r.measured.stateAge, time.Since(last).Seconds(), metric.WithAttributes(r.databaseAttributes()...))
}

// endStreams measures how long the streams took.
func (r *Run) endStreams(how Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range r.order {
		word := how.Streams[one.Name]
		if one.Internal || word == "" {
			continue
		}
		took := time.Duration(one.Stats.Ended.Load() - one.Stats.Began.Load())
		r.measured.streamDuration.Record(r.ctx, took.Seconds(), metric.WithAttributeSet(one.set), metric.WithAttributes(outcomeKey.String(word)))
	}
}

// loaded counts the streams that came.
func (r *Run) loaded() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, one := range r.order {
		if !one.Internal {
			n++
		}
	}
	return n
}
