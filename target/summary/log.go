package summary

import (
	"context"
	"log/slog"
)

// Log writes the summary: a line a stream that brought anything, and one for the run.
func (s *Run) Log(log *slog.Logger) {
	quiet := 0
	for _, one := range s.Streams {
		switch {
		case one.Skipped && one.Error == "":
			log.Info("left out", "stream", one.Stream, "read", one.Read)
		case one.Read+one.Inserted+one.Updated+one.Deleted == 0 && one.Error == "":
			quiet++
		default:
			level := slog.LevelInfo
			if !one.Complete() {
				level = slog.LevelWarn
			}
			about := []any{"stream", one.Stream}
			if one.Table != "" {
				about = append(about, "table", one.Schema+"."+one.Table, "load_mode", one.Mode)
			}
			about = append(about, "read", one.Read, "inserted", one.Inserted, "updated", one.Updated, "unchanged", one.Unchanged, "deleted", one.Deleted)
			if one.Ignored > 0 {
				about = append(about, "ignored", one.Ignored)
			}
			about = append(about, "rejected", one.Rejected, "seconds", one.Seconds, "rows/s", int64(one.RowsPerSecond))
			log.Log(context.Background(), level, one.Outcome(), about...)
		}
	}
	if len(s.Streams) == 0 && s.Complete && s.Messages == (Messages{}) {
		log.Warn("the input had no message: the tap printed nothing, or failed before its first message")
	}
	done := "completed"
	if !s.Complete {
		done = "not completed"
	}
	log.Info(done, "lines", s.Lines, "schemas", s.Messages.Schemas, "records", s.Messages.Records, "batches", s.Messages.Batches,
		"states", s.Messages.States, "activate_versions", s.Messages.ActivateVersions, "streams_without_records", quiet,
		"seconds", s.Seconds)
}
