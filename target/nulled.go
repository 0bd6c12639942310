package target

import (
	"bytes"
	"slices"

	"target-postgres/merge"
)

// withoutValue is a load of one row with NULL where the server refused the value, and the change in _airbyte_meta: for
// Airbyte a row is never lost for one of its values. It is nil where that is not possible: for another stream, for a key, for a value that
// is NULL already, or when the server did not say which column it is about.
func (l *load) withoutValue(column string, pool *chunkPool) *load {
	at := slices.IndexFunc(l.layout.columns, func(c merge.Column) bool { return c.Name == column })
	meta := slices.IndexFunc(l.layout.extras, func(e extra) bool { return e.kind == extraMeta })
	if !l.stream.airbyte || at < 0 || meta < 0 {
		return nil
	}
	if slices.ContainsFunc(l.job.Key, func(c merge.Column) bool { return c.Name == column }) {
		return nil // without its key the row would be another one
	}
	fields := rawFields(l.batch.row(0))
	meta += len(l.layout.columns)
	if meta >= len(fields) || len(fields[at]) == 0 {
		return nil
	}
	fields[at] = nil
	field := column
	if i := slices.Index(l.stream.names, column); i >= 0 {
		field = l.stream.fields[i].Name
	}
	fields[meta] = addChange(fields[meta], field)
	batch := l.batch.without(func(int) bool { return true })
	batch.chunks = nil
	row := append(bytes.Join(fields, []byte{','}), '\n')
	chunk := append(batch.room(pool, len(row)), row...)
	batch.add(chunk, l.batch.rowsAt[0])
	batch.owners = l.batch.owners
	return l.with(batch)
}

// addChange adds a change to the field of _airbyte_meta, which ends in ]}".
func addChange(meta []byte, field string) []byte {
	before, ok := bytes.CutSuffix(meta, []byte(`]}"`))
	if !ok {
		return meta
	}
	some := !bytes.HasSuffix(before, []byte{'['})
	return append(appendChange(slices.Clone(before), field, "NULLED", "DESTINATION_TYPECAST_ERROR", &some), `]}"`...)
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
