package typemap

import (
	"fmt"
	"strconv"
	"testing"
)

// flights is the record of a real stream (nycflights13, 20 columns, 362 bytes as Python prints it), the yardstick of
// this package's speed.
var flights = []byte(`{"id": 0, "year": 2013, "month": 1, "day": 1, "dep_time": 517.0, "sched_dep_time": 515, "dep_delay": 2.0, "arr_time": 830.0, "sched_arr_time": 819, "arr_delay": 11.0, "carrier": "UA", "flight": 1545, "tailnum": "N14228", "origin": "EWR", "dest": "IAH", "air_time": 227.0, "distance": 1400, "hour": 5, "minute": 15, "time_hour": "2013-01-01T10:00:00Z"}`)

func flightColumns() []Column {
	cols := []Column{
		{Name: "id", Type: BigInt, Key: true},
		{Name: "year", Type: BigInt},
		{Name: "month", Type: BigInt},
		{Name: "day", Type: BigInt},
		{Name: "dep_time", Type: Numeric},
		{Name: "sched_dep_time", Type: BigInt},
		{Name: "dep_delay", Type: Numeric},
		{Name: "arr_time", Type: Numeric},
		{Name: "sched_arr_time", Type: BigInt},
		{Name: "arr_delay", Type: Numeric},
		{Name: "carrier", Type: Text},
		{Name: "flight", Type: BigInt},
		{Name: "tailnum", Type: Text},
		{Name: "origin", Type: Text},
		{Name: "dest", Type: Text},
		{Name: "air_time", Type: Numeric},
		{Name: "distance", Type: BigInt},
		{Name: "hour", Type: BigInt},
		{Name: "minute", Type: BigInt},
		{Name: "time_hour", Type: TimestampTZ},
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
	texts := make([]Column, 0, 10)
	record := []byte(`{`)
	for i := range 10 {
		name := "column_" + strconv.Itoa(i)
		texts = append(texts, Column{Field: name, Name: name, Type: Text})
		record = fmt.Appendf(record, `"%s":"a \"quoted\" caf\u00e9 on line %d\n",`, name, i)
	}
	record[len(record)-1] = '}'
	documents := []Column{{Field: "id", Name: "id", Type: BigInt, Key: true}, {Field: "doc", Name: "doc", Type: JSONB}}
	for _, bench := range []struct {
		name   string
		cols   []Column
		record []byte
	}{
		{"flights", flightColumns(), flights},
		{"every second column", flightColumns(), []byte(`{"id":0,"month":1,"dep_time":517.0,"dep_delay":2.0,"sched_arr_time":819,"carrier":"UA","tailnum":"N14228","dest":"IAH","distance":1400,"minute":15}`)},
		{"undeclared columns", flightColumns()[:10], flights},
		{"escapes", texts, record},
		{"document", documents, fmt.Appendf(nil, `{"id":1,"doc":%s}`, flights)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			w := Compile(bench.cols, PlanOptions{MarkFields: []string{"_sdc_deleted_at"}}).NewWalker()
			var row []byte
			b.SetBytes(int64(len(bench.record)))
			b.ReportAllocs()
			for b.Loop() {
				err := w.Walk(bench.record)
				if err == nil {
					row, err = w.AppendFields(row[:0])
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
