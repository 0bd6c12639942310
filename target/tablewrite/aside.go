package tablewrite

import (
	"slices"
	"strconv"

	"target-postgres/merge"
	"target-postgres/target/systemcolumn"
	"target-postgres/typemap"
)

// Aside is the same load into the spill, with where each row stood.
func (l *Write) Aside() *Write {
	lines := l.SpillLines
	l.Spills, l.Job.Target = true, l.Spill
	layout := *l.Layout
	layout.Extras = append(slices.Clone(layout.Extras), systemcolumn.Column{Name: lines, Type: typemap.BigInt, Kind: systemcolumn.Line})
	l.Layout = &layout
	l.Job.Columns = append(slices.Clone(l.Job.Columns), merge.Column{Name: lines, Type: typemap.BigInt})
	i := -1
	rows := l.Batch.Rewritten(func(row []byte) []byte {
		i++
		return strconv.AppendInt(append(slices.Clip(row), ','), int64(l.Batch.RowsAt[i]), 10)
	})
	return l.With(rows)
}
