package typemap

import (
	"testing"
)

// flights is the record of a real stream (nycflights13, 20 columns, 362 bytes
// as Python prints it), the yardstick of this package's speed.
var flights = []byte(`{"id": 0, "year": 2013, "month": 1, "day": 1, "dep_time": 517.0, "sched_dep_time": 515, "dep_delay": 2.0, "arr_time": 830.0, "sched_arr_time": 819, "arr_delay": 11.0, "carrier": "UA", "flight": 1545, "tailnum": "N14228", "origin": "EWR", "dest": "IAH", "air_time": 227.0, "distance": 1400, "hour": 5, "minute": 15, "time_hour": "2013-01-01T10:00:00Z"}`)

func flightColumns() []Column {
	cols := []Column{
		{Name: "id", Type: BigInt, Key: true}, {Name: "year", Type: BigInt}, {Name: "month", Type: BigInt},
		{Name: "day", Type: BigInt}, {Name: "dep_time", Type: Numeric}, {Name: "sched_dep_time", Type: BigInt},
		{Name: "dep_delay", Type: Numeric}, {Name: "arr_time", Type: Numeric}, {Name: "sched_arr_time", Type: BigInt},
		{Name: "arr_delay", Type: Numeric}, {Name: "carrier", Type: Text}, {Name: "flight", Type: BigInt},
		{Name: "tailnum", Type: Text}, {Name: "origin", Type: Text}, {Name: "dest", Type: Text},
		{Name: "air_time", Type: Numeric}, {Name: "distance", Type: BigInt}, {Name: "hour", Type: BigInt},
		{Name: "minute", Type: BigInt}, {Name: "time_hour", Type: TimestampTZ},
	}
	for i := range cols {
		cols[i].Field = cols[i].Name
	}
	return cols
}

func BenchmarkWalk(b *testing.B) {
	w := Compile(flightColumns(), PlanOptions{MarkFields: []string{"_sdc_deleted_at"}}).NewWalker()
	b.SetBytes(int64(len(flights)))
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Walk(flights); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWalkAndAppendFields(b *testing.B) {
	w := Compile(flightColumns(), PlanOptions{MarkFields: []string{"_sdc_deleted_at"}}).NewWalker()
	var dst []byte
	var err error
	b.SetBytes(int64(len(flights)))
	b.ReportAllocs()
	for b.Loop() {
		if err = w.Walk(flights); err != nil {
			b.Fatal(err)
		}
		if dst, err = w.AppendFields(dst[:0]); err != nil {
			b.Fatal(err)
		}
	}
}
