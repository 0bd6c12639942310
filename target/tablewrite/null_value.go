package tablewrite

import (
	"bytes"
	"slices"

	"target-postgres/merge"
	"target-postgres/target/batch"
	"target-postgres/target/systemcolumn"
	"target-postgres/target/systemvalue"
)

// Values are the columns in which the write's only row has a value that may be to blame, the longest values first. It
// is no key, and none by which the records of a key are ordered: without that the record would be taken for an old one
// and left out.
func (w *Write) Values() []string {
	fields := rawFields(w.Batch.Row(0))
	length := map[string]int{}
	var names []string
	for i, c := range w.Layout.Columns {
		if i < len(fields) && len(fields[i]) > 0 && !w.isKey(c.Name) && !slices.Contains(w.Job.Order, c.Name) {
			names, length[c.Name] = append(names, c.Name), len(fields[i])
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return length[b] - length[a] })
	return names
}

func (w *Write) isKey(name string) bool {
	return slices.ContainsFunc(w.Job.Key, func(c merge.Column) bool { return c.Name == name })
}

// WithoutValues is a write of one row with NULL in some columns, and the changes in _airbyte_meta. It is nil if that is
// not possible: for a column that is a key, is NULL already or is none of the stream's.
func (w *Write) WithoutValues(columns []string, pool *batch.Pool) *Write {
	row := w.withoutValues(w.Batch.Row(0), columns)
	if row == nil {
		return nil
	}
	return w.withRow(row, pool)
}

// withoutValues is a row with NULL in some columns, nil if that is not possible.
func (w *Write) withoutValues(row []byte, columns []string) []byte {
	meta := slices.IndexFunc(w.Layout.Extras, func(e systemcolumn.Column) bool { return e.Kind == systemcolumn.Meta })
	fields := rawFields(row)
	if meta += len(w.Layout.Columns); meta < len(w.Layout.Columns) || meta >= len(fields) {
		return nil
	}
	for _, column := range columns {
		at := slices.IndexFunc(w.Layout.Columns, func(c merge.Column) bool { return c.Name == column })
		if at < 0 || w.isKey(column) || len(fields[at]) == 0 {
			return nil
		}
		fields[at] = nil
		field := column
		if i := slices.Index(w.Stream.Names, column); i >= 0 {
			field = w.Stream.Fields[i].Name
		}
		fields[meta] = addChange(fields[meta], field)
	}
	return bytes.Join(fields, []byte{','})
}

// WithoutValuesOf is the write with NULL for a column of some rows, and the changes in _airbyte_meta. It is for a
// column of which [Write.WithoutValues] has made one.
func (w *Write) WithoutValuesOf(column string, rows []int) *Write {
	n := -1
	return w.With(w.Batch.Rewritten(func(row []byte) []byte {
		n++
		if _, found := slices.BinarySearch(rows, n); !found {
			return row
		}
		if without := w.withoutValues(row, []string{column}); without != nil {
			return without
		}
		return row
	}))
}

// WithNull is a write of one row with NULL in a column, nil if it is NULL already.
func (w *Write) WithNull(column string, pool *batch.Pool) *Write {
	fields := rawFields(w.Batch.Row(0))
	at := slices.IndexFunc(w.Layout.Columns, func(c merge.Column) bool { return c.Name == column })
	if at < 0 || len(fields[at]) == 0 {
		return nil
	}
	fields[at] = nil
	return w.withRow(bytes.Join(fields, []byte{','}), pool)
}

// withRow is the write of one row with another row in its place, without its newline.
func (w *Write) withRow(row []byte, pool *batch.Pool) *Write {
	rows := w.Batch.Without(func(int) bool { return true })
	rows.Chunks = nil
	rows.AddRow(pool, row, w.Batch.RowsAt[0])
	rows.Owners = w.Batch.Owners
	return w.With(rows)
}

// addChange adds a change to the field of _airbyte_meta, which ends in ]}".
func addChange(meta []byte, field string) []byte {
	before, ok := bytes.CutSuffix(meta, []byte(`]}"`))
	if !ok {
		return meta
	}
	some := !bytes.HasSuffix(before, []byte{'['})
	return append(systemvalue.AppendChange(slices.Clone(before), field, "NULLED", "DESTINATION_TYPECAST_ERROR", &some), `]}"`...)
}

// rawFields cuts a CSV line into its fields, quotes and all.
func rawFields(line []byte) [][]byte {
	var fields [][]byte
	start, quoted := 0, false
	for i, b := range line {
		switch {
		case b == '"':
			quoted = !quoted
		case b == ',' && !quoted:
			fields = append(fields, line[start:i])
			start = i + 1
		}
	}
	return append(fields, line[start:])
}
