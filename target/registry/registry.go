package registry

import (
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/config"
	"target-postgres/target/naming"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/revision"
	"target-postgres/target/stream"
)

// Registry has the streams that came, in the order in which they came. It belongs to the goroutine that reads the
// input.
type Registry struct {
	config *config.Config
	log    *slog.Logger
	// Existing finds a table of the database, nil if there is none. It is not set before there is a connection to ask.
	Existing func(of, schema, name string) (*pgcatalog.Table, error)
	// Owned are the tables of the database whose comments name their streams.
	Owned func(of string) ([]pgcatalog.Owned, error)
	// Preview gets what a dry run shows, nil in any other run.
	Preview io.Writer
	// Failed reports whether the run goes on without a stream.
	Failed func(id protocol.Stream) bool
	// Seen is told of every stream that comes, and when its SCHEMA changes. It may be nil.
	Seen func(*stream.Stream)

	streams map[protocol.Stream]*stream.Stream
	order   []*stream.Stream
	// formerly are the settings of names before this run, nil until a table has another name than the settings give it.
	formerly *naming.Former
	// last is the stream of the last message, current its name, for any goroutine.
	last    *stream.Stream
	current atomic.Pointer[string]
	// Rejects is the stream of records that were rejected, nil unless on_bad_record asks for it.
	Rejects *stream.Stream
	// Catalogued is true where the streams came from a catalog, so that no other can follow.
	Catalogued bool
	// claims are the tables of the streams, unknownStreams counts the messages of streams that the catalog does not
	// have.
	claims         map[merge.Name]claim
	unknownStreams map[protocol.Stream]int64
}

// New is a registry without streams.
func New(cfg *config.Config, log *slog.Logger, failed func(id protocol.Stream) bool) *Registry {
	return &Registry{
		config: cfg, log: log, Failed: failed, streams: map[protocol.Stream]*stream.Stream{},
		claims: map[merge.Name]claim{}, unknownStreams: map[protocol.Stream]int64{},
	}
}

// All are the streams in the order in which they came, that of rejected records included.
func (r *Registry) All() []*stream.Stream { return r.order }

// Find returns the stream of a message, nil before its SCHEMA.
func (r *Registry) Find(id protocol.Stream) *stream.Stream {
	if r.last == nil || r.last.ID != id {
		r.last = r.streams[id]
		if r.last != nil {
			r.current.Store(&r.last.Name)
		}
	}
	return r.last
}

// Of returns a stream by its name, nil before its SCHEMA.
func (r *Registry) Of(id protocol.Stream) *stream.Stream { return r.streams[id] }

// Introduces reports whether a message, nil for none, describes a stream that has not come before and has its table to
// itself. One that shares a table follows another that is prepared, or has failed.
func (r *Registry) Introduces(m *protocol.Message) bool {
	return m != nil && m.Kind == protocol.KindSchema && r.streams[m.Stream] == nil && r.config.ForStream(m.Stream).Table == ""
}

// Current is the name of the stream whose message came last, "" before the first. Any goroutine may ask.
func (r *Registry) Current() string {
	if name := r.current.Load(); name != nil {
		return *name
	}
	return ""
}

// Add takes a stream at the end of the order.
func (r *Registry) Add(s *stream.Stream) {
	r.order = append(r.order, s)
	if r.Seen != nil {
		r.Seen(s)
	}
}

// Set makes a stream the one that its messages are for.
func (r *Registry) Set(s *stream.Stream) {
	r.streams[s.ID], r.last = s, nil
	if r.Seen != nil {
		r.Seen(s)
	}
}

// Undescribed is the stream of a message, and registers one that failed before it had a table. Its load mode is the one
// that it would have had.
func (r *Registry) Undescribed(m *protocol.Message) *stream.Stream {
	if s := r.streams[m.Stream]; s != nil {
		return s
	}
	s := stream.New(&revision.Spec{ID: m.Stream, Name: m.Stream.String(), Schema: &protocol.Schema{}, Mode: r.modeOf(m)}, time.Now())
	r.Set(s)
	r.Add(s)
	return s
}

// Unknown warns once of a stream that the catalog does not have, and leaves out what comes of it.
func (r *Registry) Unknown(id protocol.Stream) {
	r.unknownStreams[id]++
	if r.unknownStreams[id] == 1 {
		r.log.Warn("the stream is not in the catalog, its messages are left out", "stream", id.String())
	}
}
