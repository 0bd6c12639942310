package shape

import (
	"fmt"
	"strings"
	"testing"

	"target-postgres/typemap"
)

// BenchmarkShaped is what settings cost a record of flights, from its JSON to the line of CSV. The opened object is
// held against the same one as jsonb.
func BenchmarkShaped(b *testing.B) {
	flights := []byte(`{"id": 0, "year": 2013, "month": 1, "day": 1, "dep_time": 517.0, "sched_dep_time": 515, "dep_delay": 2.0, "arr_time": 830.0, "sched_arr_time": 819, "arr_delay": 11.0, "carrier": "UA", "flight": 1545, "tailnum": "N14228", "origin": "EWR", "dest": "IAH", "air_time": 227.0, "distance": 1400, "hour": 5, "minute": 15, "time_hour": "2013-01-01T10:00:00Z"}`)
	nested := []byte(`{"id": 0, "owner": {"email": "ada@example.com", "name": "Ada", "age": 36, "address": {"city": "Oslo", "zip": "0150", "lat": 59.9, "lon": 10.75}}, "total": 12.5}`)
	flightFields := fieldsOf(b, `{"properties": {"id": {"type": "integer"}, "year": {"type": "integer"}, "month": {"type": "integer"}, "day": {"type": "integer"}, "dep_time": {"type": "number"}, "sched_dep_time": {"type": "integer"}, "dep_delay": {"type": "number"}, "arr_time": {"type": "number"}, "sched_arr_time": {"type": "integer"}, "arr_delay": {"type": "number"}, "carrier": {"type": "string"}, "flight": {"type": "integer"}, "tailnum": {"type": "string"}, "origin": {"type": "string"}, "dest": {"type": "string"}, "air_time": {"type": "number"}, "distance": {"type": "integer"}, "hour": {"type": "integer"}, "minute": {"type": "integer"}, "time_hour": {"type": "string", "format": "date-time"}}}`)
	owner := `{"properties": {"id": {"type": "integer"}, "owner": {"type": "object", "properties": {"email": {"type": "string"}, "name": {"type": "string"}, "age": {"type": "integer"}, "address": {"type": "object", "properties": {"city": {"type": "string"}, "zip": {"type": "string"}, "lat": {"type": "number"}, "lon": {"type": "number"}}}}}, "total": {"type": "number"}}}`
	four := func(c Column) Columns { return Columns{"carrier": c, "tailnum": c, "origin": c, "dest": c} }
	for _, bench := range []struct {
		name     string
		fields   []typemap.Field
		record   []byte
		settings Settings
	}{
		{"nothing", flightFields, flights, Settings{}},
		{"rename of 4", flightFields, flights, Settings{Columns: Columns{"carrier": {Rename: "a"}, "tailnum": {Rename: "b"}, "origin": {Rename: "c"}, "dest": {Rename: "d"}}}},
		{"exclude of 4", flightFields, flights, Settings{Columns: four(Column{Exclude: yes()})}},
		{"hash of 4", flightFields, flights, Settings{HashSalt: "a long random text that you keep", Columns: four(Column{Hash: yes()})}},
		{"object as jsonb", fieldsOf(b, owner), nested, Settings{}},
		{"object opened", fieldsOf(b, owner), nested, Settings{Flatten: Flatten{MaxLevel: 2}}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			p, err := New(bench.fields, []string{"id"}, bench.settings)
			if err != nil {
				b.Fatal(err)
			}
			w := typemap.Compile(columnsOfFields(p.Fields), typemap.PlanOptions{MarkFields: []string{"_sdc_deleted_at"}}).NewWalker()
			var row []byte
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

// fieldsOf are the fields of a schema, as deep as any of the benchmarks opens objects.
func fieldsOf(b *testing.B, schema string) []typemap.Field {
	b.Helper()
	fields, err := typemap.Fields([]byte(schema), typemap.SchemaOptions{Depth: 2})
	if err != nil {
		b.Fatal(err)
	}
	return fields
}

// columnsOfFields are the columns of a table that was made for the fields.
func columnsOfFields(fields []typemap.Field) (columns []typemap.Column) {
	for _, f := range fields {
		columns = append(columns, typemap.Column{
			Field: f.Name, Name: f.Name, Type: f.Type, Path: f.Path, Others: f.Others, Digest: f.Digest, Constant: f.Constant, Key: f.Name == "id",
		})
	}
	return columns
}

// BenchmarkMasked is what a record costs that is masked, as every one is whose key is a hash of what is stored.
func BenchmarkMasked(b *testing.B) {
	fields := make([]typemap.Field, 20)
	var record strings.Builder
	for i := range fields {
		fields[i] = typemap.Field{Name: fmt.Sprintf("field_%d", i), Type: typemap.Text}
		fmt.Fprintf(&record, `,"field_%d":"value %d"`, i, i)
	}
	p, err := New(fields, nil, Settings{HashSalt: "s", Columns: map[string]Column{"field_3": {Hash: yes()}, "field_7": {Exclude: yes()}}})
	if err != nil {
		b.Fatal(err)
	}
	text := []byte("{" + record.String()[1:] + "}")
	for b.Loop() {
		p.Masked(text)
	}
}
