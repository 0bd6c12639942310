package registry

import (
	"fmt"
	"slices"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/partition"
	"target-postgres/target/revision"
	"target-postgres/target/stream"
	"target-postgres/typemap"
)

// describePartitions finds the columns by which the setting partition_by has the table partitioned. It refuses a field
// that no SCHEMA of the stream has, and one that has no periods. before is the stream's last SCHEMA, nil for none.
func describePartitions(s *revision.Spec, c *config.Config, before *stream.Stream) error {
	setting := s.Config.PartitionBy
	if !setting.On() || s.Rejects {
		return nil
	}
	by := partition.By{Setting: setting}
	switch {
	case setting.Column != "":
		column := columnFor(s, c, setting.Column)
		if column == "" {
			if before == nil || len(before.Partition.Columns) == 0 {
				return noField(s, "partition_by", setting.Column)
			}
			s.Partition = before.Partition // taps alternate between SCHEMAs
			return nil
		}
		by.Columns = []string{column}
	case len(s.Key) == 0:
		return partitionFault(s, "", "partition_by spreads rows by a hash of the key, and the stream has none", "name a field with column")
	default:
		by.Columns = s.Key
	}
	by.Kind = kindOf(s, c, by.Columns[0])
	if setting.Every != "" && !partition.Periods(by.Kind) {
		if typemap.KindInt2 <= by.Kind && by.Kind <= typemap.KindFloat8 {
			return partitionFault(s, setting.Column, "partition_by names a field of numbers, which have no periods: an epoch does not say in what it counts",
				"convert it to a date-time at its source, or spread the rows by hash")
		}
		return partitionFault(s, setting.Column, "partition_by names a field that is no date or date-time",
			"declare it with the format date or date-time at the source, give it a type with columns, or spread the rows by hash")
	}
	if changing := changedByMode(s); slices.ContainsFunc(by.Columns, func(column string) bool { return slices.Contains(changing, column) }) {
		return partitionFault(s, setting.Column, fmt.Sprintf("partition_by names a column that load mode %s changes", s.Mode), "name a field of the stream")
	}
	s.Partition = by
	return nil
}

// kindOf is the type of a column of the table.
func kindOf(s *revision.Spec, c *config.Config, name string) typemap.Kind {
	whole := stream.Stream{Revision: revision.Revision{Spec: s}}
	for _, column := range whole.TableSpec(c).Columns {
		if column.Name == name {
			return column.Type.Kind
		}
	}
	return typemap.KindText
}

// changedByMode are the columns that a load mode fills by itself and changes.
func changedByMode(s *revision.Spec) []string {
	if s.Mode != merge.History {
		return nil
	}
	v := s.Versions()
	return []string{v.Start, v.End, v.Active}
}

func partitionFault(s *revision.Spec, field, fault, hint string) error {
	return &failure.Error{Blame: failure.Configuration, Stream: s.Name, Column: field, Reason: fault, Hint: hint + ", in " + s.Setting("partition_by", "{…}")}
}
