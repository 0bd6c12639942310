package target

import (
	"log/slog"
	"testing"
	"time"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/answers"
	"target-postgres/target/batch"
	"target-postgres/target/config"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/registry"
	"target-postgres/target/revision"
	"target-postgres/target/shape"
	"target-postgres/target/stream"
	"target-postgres/typemap"
)

// flightLine is a record of a real stream (nycflights13), 20 columns, as a tap writes it.
const flightLine = `{"type": "RECORD", "stream": "flights", "record": {"id": 0, "year": 2013, "month": 1, "day": 1, "dep_time": 517.0, "sched_dep_time": 515, "dep_delay": 2.0, "arr_time": 830.0, "sched_arr_time": 819, "arr_delay": 11.0, "carrier": "UA", "flight": 1545, "tailnum": "N14228", "origin": "EWR", "dest": "IAH", "air_time": 227.0, "distance": 1400, "hour": 5, "minute": 15, "time_hour": "2013-01-01T10:00:00Z"}, "time_extracted": "2026-11-23T00:00:00Z"}` + "\n"

// repeated is an input that never ends. Its records differ in their key, six digits long.
type repeated struct {
	line  []byte
	key   int // where its digits are
	n, at int
}

func newRepeated() *repeated {
	const before = `{"type": "RECORD", "stream": "flights", "record": {"id": `
	return &repeated{line: []byte(before + "100000" + flightLine[len(before)+1:]), key: len(before)}
}

// Read fills p, as a file does: otherwise every line would be a block of its own.
func (r *repeated) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if r.at == len(r.line) {
			r.at, r.n = 0, (r.n+1)%900_000
			for i, n := 5, r.n+100_000; i >= 0; i, n = i-1, n/10 {
				r.line[r.key+i] = byte('0' + n%10)
			}
		}
		copied := copy(p[n:], r.line[r.at:])
		n += copied
		r.at += copied
	}
	return n, nil
}

// flightsTable is the table that the flights' schema asks for.
func flightsTable(s *stream.Stream) *pgcatalog.Table {
	have := &pgcatalog.Table{}
	for _, name := range []string{
		"id", "year", "month", "day", "dep_time", "sched_dep_time", "dep_delay", "arr_time", "sched_arr_time", "arr_delay",
		"carrier", "flight", "tailnum", "origin", "dest", "air_time", "distance", "hour", "minute", "time_hour",
	} {
		typ := typemap.BigInt
		switch name {
		case "dep_time", "dep_delay", "arr_time", "arr_delay", "air_time":
			typ = typemap.Numeric
		case "carrier", "tailnum", "origin", "dest":
			typ = typemap.Text
		case "time_hour":
			typ = typemap.TimestampTZ
		}
		have.Columns = append(have.Columns, pgcatalog.Column{Name: name, TypeName: typ.Name})
		s.Fields, s.Names = append(s.Fields, typemap.Field{Name: name, Type: typ}), append(s.Names, name)
	}
	return have
}

// BenchmarkRecord is the whole way of a record of flights, from the line to the CSV of its batch: an operation is a
// row. In the steady state, with batches that are used again, it allocates nothing.
func BenchmarkRecord(b *testing.B) {
	for _, mode := range []merge.Mode{merge.Append, merge.Upsert, merge.History} {
		b.Run(mode.String(), func(b *testing.B) { benchmarkRecord(b, mode) })
	}
}

func benchmarkRecord(b *testing.B, mode merge.Mode) {
	b.Helper()
	cfg := &config.Config{BatchMaxBytes: 8 << 20, BatchMaxRows: 250_000}
	in := newRepeated()
	t := &Target{
		config: cfg, log: slog.New(slog.DiscardHandler), buffers: buffers{pool: batch.NewPool(3*cfg.BatchMaxBytes/batch.WholeChunk + 4)},
		input: input{reader: protocol.NewSinger(in, 0)}, registry: registry.New(cfg, slog.New(slog.DiscardHandler), nil), answers: answers.New(cfg, slog.New(slog.DiscardHandler)),
	}
	defer t.input.reader.Close()
	id := protocol.Stream{Name: "flights"}
	s := stream.New(&revision.Spec{ID: id, Name: "flights", Mode: mode, Schema: &protocol.Schema{}, Plan: &shape.Plan{}}, time.Now())
	s.StartedEmpty.Store(true)
	have := flightsTable(s)
	s.Key, s.KeyFields = []string{"id"}, []string{"id"}
	s.Compile(cfg, have, nil)
	t.registry.Set(s)
	b.SetBytes(int64(len(in.line)))
	b.ReportAllocs()
	for b.Loop() {
		m, err := t.input.reader.Next()
		if err != nil {
			b.Fatal(err)
		}
		// As record does it, with the hand-over to the database left out.
		if err := t.accept(t.registry.Find(m.Stream), m); err != nil {
			b.Fatal(err)
		}
		if s.Batch.Rows() >= cfg.BatchMaxRows || t.buffers.waiting >= cfg.BatchMaxBytes {
			s.LookUpKeys()
			rows := s.Batch.Rows()
			s.Batch.Recycle(t.buffers.pool)
			s.Batch = t.buffers.pool.Batch(rows)
			s.Keys.Send(true, 1)
			t.buffers.waiting = 0
		}
	}
}
