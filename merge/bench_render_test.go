package merge

import "testing"

// BenchmarkRender is what it costs to write the SQL of one batch of 21 columns: once a stream and checkpoint.
func BenchmarkRender(b *testing.B) {
	columns, _ := benchColumns()
	id := Column{Name: "id"}
	for _, mode := range []Mode{Append, Upsert, History, SoftDelete} {
		b.Run(mode.String(), func(b *testing.B) {
			job := Job{
				Mode: mode, Unique: mode.NeedsUniqueKey(),
				Target: Name{Schema: "public", Table: "flights"}, Staged: Name{Schema: "pg_temp", Table: "staged"},
				Key: []Column{id}, Columns: append([]Column{id}, columns...),
				At: "at", Start: "start", End: "end", Active: "active", Deleted: "deleted",
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Load(job); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
