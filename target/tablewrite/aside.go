package tablewrite

import (
	"slices"
	"strconv"

	"target-postgres/merge"
	"target-postgres/target/systemcolumn"
	"target-postgres/typemap"
)

// Aside is the same write into the spill, with where each row stood.
func (w *Write) Aside() *Write {
	lines := w.SpillLines
	w.Spills, w.Job.Target = true, w.Spill
	layout := *w.Layout
	layout.Extras = append(slices.Clone(layout.Extras), systemcolumn.Column{Name: lines, Type: typemap.BigInt, Kind: systemcolumn.Line})
	w.Layout = &layout
	w.Job.Columns = append(slices.Clone(w.Job.Columns), merge.Column{Name: lines, Type: typemap.BigInt})
	i := -1
	rows := w.Batch.Rewritten(func(row []byte) []byte {
		i++
		return strconv.AppendInt(append(slices.Clip(row), ','), int64(w.Batch.RowsAt[i]), 10)
	})
	return w.With(rows)
}
