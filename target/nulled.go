package target

import (
	"bytes"
	"context"
	"slices"

	"target-postgres/merge"
	"target-postgres/target/batch"
	"target-postgres/target/failure"
)

// withoutValue tries a refused row of Airbyte's without the value that is to blame, which is noted in _airbyte_meta: there a row
// is not lost for one of its values. It reports whether the row is in the transaction. A key is never taken away, for that
// would make it another row's.
func (s *sifting) withoutValue(ctx context.Context, l *load, err error) (taken bool, _ error) {
	if !l.stream.airbyte {
		return false, nil
	}
	for named := columnOf(err); named != ""; named = columnOf(err) {
		without := l.withoutValues([]string{named}, s.c.committer.pool)
		if without == nil {
			break
		}
		if err = s.try(ctx, []*load{without}); err == nil {
			s.keep([]*load{without})
			return true, nil
		} else if refusedBy(err) == nil {
			return false, err
		}
		l = without
	}
	if l.withoutValues(nil, s.c.committer.pool) == nil {
		return false, nil // there is nowhere to say so
	}
	blamed, err := withoutOne(l.values(), s.blamed[l.stream.stats], func(columns []string) error {
		without := []*load{l.withoutValues(columns, s.c.committer.pool)}
		if len(columns) > 1 {
			return s.attempt(ctx, without, false)
		}
		err := s.try(ctx, without)
		if err == nil {
			s.keep(without)
		}
		return err
	})
	if blamed != "" {
		s.blamed[l.stream.stats] = blamed
	}
	return blamed != "", err
}

// withoutOne finds the one column without whose value the server takes a row, "" if no single value is to blame. try brings the row in
// without the values of some columns; the row stays if it is only one. again is the column that was to blame in the row before, which
// mostly is to blame in this one, too.
func withoutOne(suspects []string, again string, try func(columns []string) error) (column string, _ error) {
	for len(suspects) > 0 {
		some := suspects[:(len(suspects)+1)/2]
		first := slices.Contains(suspects, again)
		if first {
			some = []string{again}
		}
		err := try(some)
		switch {
		case err == nil && len(some) == 1:
			return some[0], nil
		case err == nil:
			suspects = some
		case refusedBy(err) == nil:
			return "", err
		case first:
			suspects = slices.DeleteFunc(suspects, func(c string) bool { return c == again })
		default:
			suspects = suspects[len(some):]
		}
	}
	return "", nil
}

func columnOf(err error) string {
	if e, ok := err.(*failure.Error); ok { //nolint:errorlint // only what the server said to this row
		return e.Column
	}
	return ""
}

// values are the columns in which the load's only row has a value that is no key, the longest values first.
func (l *load) values() []string {
	fields := rawFields(l.batch.Row(0))
	length := map[string]int{}
	var names []string
	for i, c := range l.layout.columns {
		if i < len(fields) && len(fields[i]) > 0 && !l.isKey(c.Name) {
			names, length[c.Name] = append(names, c.Name), len(fields[i])
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return length[b] - length[a] })
	return names
}

func (l *load) isKey(name string) bool {
	return slices.ContainsFunc(l.job.Key, func(c merge.Column) bool { return c.Name == name })
}

// withoutValues is a load of one row with NULL in some columns, and the changes in _airbyte_meta. It is nil if that is not possible:
// for a column that is a key, is NULL already or is none of the stream's.
func (l *load) withoutValues(columns []string, pool *batch.Pool) *load {
	meta := slices.IndexFunc(l.layout.extras, func(e extra) bool { return e.kind == extraMeta })
	fields := rawFields(l.batch.Row(0))
	if meta += len(l.layout.columns); meta < len(l.layout.columns) || meta >= len(fields) {
		return nil
	}
	for _, column := range columns {
		at := slices.IndexFunc(l.layout.columns, func(c merge.Column) bool { return c.Name == column })
		if at < 0 || l.isKey(column) || len(fields[at]) == 0 {
			return nil
		}
		fields[at] = nil
		field := column
		if i := slices.Index(l.stream.names, column); i >= 0 {
			field = l.stream.fields[i].Name
		}
		fields[meta] = addChange(fields[meta], field)
	}
	return l.withFields(fields, pool)
}

// withNull is a load of one row with NULL in a column, nil if it is NULL already.
func (l *load) withNull(column string, pool *batch.Pool) *load {
	fields := rawFields(l.batch.Row(0))
	at := slices.IndexFunc(l.layout.columns, func(c merge.Column) bool { return c.Name == column })
	if at < 0 || len(fields[at]) == 0 {
		return nil
	}
	fields[at] = nil
	return l.withFields(fields, pool)
}

// withFields is the load of one row with other fields.
func (l *load) withFields(fields [][]byte, pool *batch.Pool) *load {
	rows := l.batch.Without(func(int) bool { return true })
	rows.Chunks = nil
	row := append(bytes.Join(fields, []byte{','}), '\n')
	rows.Add(append(rows.Room(pool, len(row)), row...), l.batch.RowsAt[0])
	rows.Owners = l.batch.Owners
	return l.with(rows)
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
