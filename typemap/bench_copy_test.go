package typemap

import "testing"

func BenchmarkCopyFormats(b *testing.B) {
	cols := flightColumns()
	w := Compile(cols, PlanOptions{}).NewWalker()
	if err := w.Walk(flights); err != nil {
		b.Fatal(err)
	}
	row, err := w.AppendFields(nil)
	if err != nil {
		b.Fatal(err)
	}
	row = append(row, '\n')
	types := make([]Type, len(cols))
	for i := range cols {
		types[i] = cols[i].Type
	}
	rows, unknown := NewBinaryRows(types)
	if unknown >= 0 {
		b.Fatal(types[unknown])
	}
	for name, appendRow := range map[string]func(dst, rows []byte) (out, rest []byte, ok bool){"text": AppendTextRow, "binary": rows.AppendRow} {
		b.Run(name, func(b *testing.B) {
			var dst []byte
			b.SetBytes(int64(len(row)))
			b.ReportAllocs()
			for b.Loop() {
				var ok bool
				if dst, _, ok = appendRow(dst[:0], row); !ok {
					b.Fatal("not written")
				}
			}
			b.ReportMetric(float64(len(dst)), "bytes/row")
		})
	}
}
