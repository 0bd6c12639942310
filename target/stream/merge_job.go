package stream

import (
	"slices"

	"target-postgres/merge"
	"target-postgres/target/migrate"
	"target-postgres/target/systemcolumn"
)

// Job describes the merge of a stream's rows as its table is now.
func (s *Stream) Job() merge.Job {
	job := merge.Job{
		Mode: s.Mode, Target: s.Into, Unique: s.Unique && !s.Unkeyed.Load(), Repeats: s.Repeats || s.Unkeyed.Load(), HardDelete: s.Config.HardDelete,
		Marks: s.Marks, Referenced: s.Referenced, UserCode: s.UserCode, Columns: slices.Clone(s.Layout.Columns),
	}
	for _, e := range s.Layout.Extras {
		s.describeExtra(&job, e)
	}
	if job.Meta != "" {
		job.Fields = s.fields
	}
	job.IgnoreConflicts = s.Config.IgnoresConflicts(s.Mode)
	// Beside its table a stream gathers all rows. Rows whose key the table does not have are left out when they come
	// there.
	job.IgnoreMissing = s.Config.IgnoresMissing(s.Mode) && s.Into.Table == s.TableName
	job.InsertLate = s.insertsLate()
	for _, field := range s.Config.HistoryIgnore {
		if column := s.ColumnOf(field, nil); column != "" && s.Mode == merge.History {
			job.Ignored = append(job.Ignored, column)
		}
	}
	job.Slice = s.SliceOf()
	s.order(&job)
	s.PlaceOf(&job)
	s.Identify(&job)
	switch s.Mode {
	case merge.History:
		if s.Config.RowHash {
			job.Hash = migrate.HashColumn
		}
		versions := s.Versions()
		job.Start, job.End, job.Active, job.EndsFarAway = versions.Start, versions.End, versions.Active, versions.FarAway
	case merge.SoftDelete:
		job.Deleted = migrate.DeletedColumn
	}
	for _, key := range s.Key {
		for _, column := range job.Columns {
			if column.Name == key {
				job.Key = append(job.Key, column)
			}
		}
	}
	return job
}

// describeExtra says what a field that the program added is to the merge.
func (s *Stream) describeExtra(job *merge.Job, e systemcolumn.Column) {
	switch e.Kind {
	case systemcolumn.Present:
		job.Present = e.Name
	case systemcolumn.Gone:
		job.Gone = e.Name
	case systemcolumn.At:
		job.At = e.Name
	case systemcolumn.Version:
		if !s.Shared { // each stream has versions of its own
			job.Version = e.Name
		}
	case systemcolumn.RawID, systemcolumn.Emitted, systemcolumn.Meta, systemcolumn.Generation:
		s.describeAirbyte(job, e)
	case systemcolumn.Extracted, systemcolumn.Received, systemcolumn.Batched, systemcolumn.Sequence, systemcolumn.SyncStarted, systemcolumn.Line:
		job.Untracked = append(job.Untracked, e.Name)
	case systemcolumn.Deleted, systemcolumn.Live, systemcolumn.Record:
	}
	if !e.Staged {
		job.Columns = append(job.Columns, merge.Column{Name: e.Name, Type: e.Type})
	}
}
