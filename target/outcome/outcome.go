package outcome

import (
	"fmt"
	"log/slog"

	"target-postgres/target/loadlog"
	"target-postgres/target/state"
	"target-postgres/target/stream"
	"target-postgres/target/summary"
)

// Streams are those of a run in the order in which they came, that of rejected records included, and which of them
// failed.
type Streams struct {
	All []*stream.Stream
	// Failures are those that the run went on without. They may not be nil.
	Failures *state.Failures
}

// Now are the streams as they are now, for the goroutine that commits. Their counts go on.
func (o Streams) Now() Streams {
	now := make([]*stream.Stream, len(o.All))
	for i, s := range o.All {
		now[i] = &stream.Stream{Revision: *s.Current(), Skip: s.Skip}
	}
	return Streams{All: now, Failures: o.Failures}
}

// Of says what became of the records of one stream in a run that ended with err, nil for one that did not fail.
func (o Streams) Of(s *stream.Stream, err error) summary.Stream {
	one := summary.Of(s)
	if s.Lead != nil {
		one.Together, one.Unchanged, one.Ignored = s.Lead.String(), 0, 0
	}
	for _, other := range o.All {
		if other.Lead != nil && *other.Lead == s.ID {
			one.Loaded -= other.Stats.LoadedRecords.Load()
		}
	}
	if failed, is := o.Failures.Of(s.ID); is && failed.Err != nil {
		one.Error = failed.Err.Error()
	} else if fault := summary.FaultOf(err, s); fault != nil {
		one.Error = fault.Error()
	}
	return one
}

// Into adds the streams, and why their records were rejected, to the summary of a run that ended with err.
func (o Streams) Into(sum *summary.Run, err error) {
	for _, s := range o.All {
		if s.Rejects {
			continue
		}
		sum.Streams = append(sum.Streams, o.Of(s, err))
		sum.Rejects = append(sum.Rejects, s.Stats.Why.Of(s.Name)...)
	}
}

// logName is the name of a stream in the load log, where each stream of a run has another. Namespaces with dots may
// make two names one.
func logName(s *stream.Stream, named map[string]int) string {
	if named[s.Name] > 1 {
		return fmt.Sprintf("%q.%q", s.ID.Namespace, s.ID.Name)
	}
	return s.Name
}

// LoadLogRows are the rows of the load log for a run that ended with err.
func (o Streams) LoadLogRows(err error) []loadlog.Row {
	rows, named := make([]loadlog.Row, 0, len(o.All)), map[string]int{}
	for _, s := range o.All {
		named[s.Name]++
	}
	for _, s := range o.All {
		if s.Rejects {
			continue
		}
		one := o.Of(s, err)
		row := loadlog.Row{
			Stream: logName(s, named), Mode: one.Mode, Read: one.Read, Inserted: one.Inserted, Updated: one.Updated, Unchanged: one.Unchanged + one.Ignored,
			Deleted: one.Deleted, Rejected: one.Rejected, Bytes: s.Stats.Bytes.Load(),
		}
		if one.Table != "" && (!s.Skip || one.Error != "") { // that of a stream which is left out is not there
			row.Table = &one.Table
		}
		if one.Error == "" && err != nil {
			one.Error = err.Error()
		}
		if one.Error != "" {
			row.Error = &one.Error
		}
		rows = append(rows, row)
	}
	return rows
}

// WarnEmpty names the streams that brought no record, where the setting warn_if_empty asks for it.
func (o Streams) WarnEmpty(log *slog.Logger) {
	for _, s := range o.All {
		if _, failed := o.Failures.Of(s.ID); s.Config.WarnIfEmpty && !failed && (!s.Skip || s.Previewed) && !s.Rejects && s.Stats.Read.Load() == 0 {
			log.Warn("the stream had no records (warn_if_empty)", "stream", s.Name)
		}
	}
}
