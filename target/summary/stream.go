package summary

import (
	"errors"
	"math"
	"time"

	"target-postgres/target/failure"
	"target-postgres/target/stream"
)

// Stream is what became of one stream's records.
type Stream struct {
	Stream string `json:"stream"`
	Schema string `json:"schema"`
	Table  string `json:"table"`
	Mode   string `json:"load_mode"`
	// Skipped is true for a stream that was left out: by migration_policy.new_streams, or because it has no columns.
	Skipped bool `json:"skipped,omitempty"`
	// Error is why the stream failed, whether the run ended with it or went on.
	Error string `json:"error,omitempty"`
	// Together names the stream whose table this one shares. The counts of rows are that stream's.
	Together string `json:"together_with,omitempty"`
	// Read counts the records that came in, Loaded those of them that are committed where readers of the table see
	// them.
	Read   int64 `json:"read"`
	Loaded int64 `json:"loaded"`
	// Inserted and Updated count rows of the table. In history an update closes a version. Where the server does not
	// tell an insert from an update (track_counts is off), both count as updated.
	Inserted int64 `json:"inserted"`
	Updated  int64 `json:"updated"`
	// Unchanged counts the records that wrote nothing: equal to their row, or followed by another of the same key in
	// one batch.
	Unchanged int64 `json:"unchanged"`
	// Ignored counts the records that on_conflict or on_missing left out: their key had a row, or had none.
	Ignored int64 `json:"ignored"`
	// Deleted counts rows that were deleted or marked. A replace that truncates does not count what was there before.
	Deleted int64 `json:"deleted"`
	// Rejected counts the records in _singular_rejected.
	Rejected int64 `json:"rejected"`
	// Replaced counts the characters that PostgreSQL cannot store and that became U+FFFD.
	Replaced int64 `json:"replaced_characters"`
	// Seconds is the time from the stream's SCHEMA to the commit of its last rows; streams that come mixed share it.
	Seconds float64 `json:"seconds"`
	// RowsPerSecond is Read over Seconds.
	RowsPerSecond float64 `json:"rows_per_second"`
}

// FaultOf returns the error that ended the run if it is the stream's fault, nil otherwise.
func FaultOf(err error, s *stream.Stream) error {
	if e, ok := errors.AsType[*failure.Error](err); ok && e.Stream == s.Name && !failure.OfServer(e) {
		return e
	}
	return nil
}

// Of says what became of the records of a stream, as far as its own counts tell.
func Of(s *stream.Stream) Stream {
	c := s.Stats
	sum := Stream{
		Stream: s.Name, Schema: s.SchemaName, Table: s.TableName, Mode: s.Mode.String(), Skipped: s.Skip, Read: c.Read.Load(), Loaded: c.LoadedRecords.Load(),
		Inserted: c.Inserted.Load(), Updated: c.Updated.Load(), Deleted: c.Deleted.Load(), Rejected: c.Rejected.Load(),
		Replaced: c.Replaced.Load(), Seconds: Seconds(time.Duration(c.Ended.Load() - c.Began.Load())),
	}
	if !s.Skip {
		sum.Ignored, sum.Unchanged = c.IgnoredBy(s.Mode, s.Config.IgnoresConflicts(s.Mode))
	}
	if sum.Seconds > 0 {
		sum.RowsPerSecond = math.Round(float64(sum.Read) / sum.Seconds)
	}
	return sum
}

// Complete reports whether the stream did not fail and every record that was read is loaded or rejected.
func (s *Stream) Complete() bool { return s.Error == "" && s.missing() <= 0 }

// missing is how many records were read and are neither loaded nor rejected.
func (s *Stream) missing() int64 { return s.Read - s.Loaded - s.Rejected }

// Outcome says in words what became of the stream's records.
func (s *Stream) Outcome() string {
	switch {
	case s.Error != "" && s.Loaded == 0:
		return "failed"
	case s.Error != "":
		return "failed, loaded in part"
	case s.Complete():
		return "loaded"
	case s.Loaded == 0:
		return "not loaded"
	default:
		return "loaded in part"
	}
}
