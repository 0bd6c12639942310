package protocol

import (
	"bytes"
	"io"
	"testing"
)

const flight = `{"type": "RECORD", "stream": "flights", "record": {"id": 0, "year": 2013, "month": 1, "day": 1, "dep_time": 517.0, "sched_dep_time": 515, "dep_delay": 2.0, "arr_time": 830.0, "sched_arr_time": 819, "arr_delay": 11.0, "carrier": "UA", "flight": 1545, "tailnum": "N14228", "origin": "EWR", "dest": "IAH", "air_time": 227.0, "distance": 1400, "hour": 5, "minute": 15, "time_hour": "2013-01-01T10:00:00Z"}, "time_extracted": "2026-11-23T00:00:00Z"}`

const airbyteFlight = `{"type":"RECORD","log":null,"spec":null,"connectionStatus":null,"catalog":null,"record":{"namespace":null,"stream":"flights","data":{"id": 0, "year": 2013, "month": 1, "day": 1, "dep_time": 517.0, "sched_dep_time": 515, "carrier": "UA", "flight": 1545, "tailnum": "N14228", "origin": "EWR", "dest": "IAH", "air_time": 227.0, "time_hour": "2013-01-01T10:00:00Z"},"emitted_at":1795411355123,"meta":null,"file_reference":null},"state":null,"trace":null,"control":null}`

// endless repeats a line for ever.
type endless struct {
	line []byte
	at   int
}

func (e *endless) Read(p []byte) (n int, err error) {
	for n < len(p) {
		c := copy(p[n:], e.line[e.at:])
		n += c
		e.at = (e.at + c) % len(e.line)
	}
	return n, nil
}

func benchmarkReader(b *testing.B, line string, open func(io.Reader) *Reader) {
	b.Helper()
	r := open(&endless{line: []byte(line + "\n")})
	defer r.Close()
	b.SetBytes(int64(len(line) + 1))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Next(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSingerRecord(b *testing.B) {
	benchmarkReader(b, flight, func(in io.Reader) *Reader { return NewSinger(in, 0) })
}

func BenchmarkAirbyteRecord(b *testing.B) {
	benchmarkReader(b, airbyteFlight, func(in io.Reader) *Reader { return NewAirbyte(in, &Catalog{}, 0) })
}

// BenchmarkSingerEnvelope leaves out what goes on in the reading goroutine.
func BenchmarkSingerEnvelope(b *testing.B) {
	r := NewSinger(bytes.NewReader(nil), 0)
	line := []byte(flight)
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if ok, err := r.decode(line); !ok || err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSkipObject(b *testing.B) {
	line := []byte(flight)
	start := bytes.Index(line, []byte(`{"id"`))
	b.SetBytes(int64(len(line) - start))
	for b.Loop() {
		if skipObject(line, start) < 0 {
			b.Fatal("unbalanced")
		}
	}
}

func BenchmarkSingerState(b *testing.B) {
	w := NewWriter(io.Discard)
	for b.Loop() {
		if err := w.SingerState([]byte(`{"bookmarks":{"flights":{"id":1}}}`)); err != nil {
			b.Fatal(err)
		}
	}
}
