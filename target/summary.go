package target

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"time"

	"target-postgres/internal/logging"
	"target-postgres/protocol"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/stats"
	"target-postgres/target/stream"
)

// Summary is what became of a run. Its JSON form is what --summary writes.
type Summary struct {
	// Complete is true when the input was loaded to its end; else Error says what ended the run.
	Complete bool   `json:"complete"`
	Error    string `json:"error,omitempty"`
	// Started is when the run began, Seconds how long it took.
	Started time.Time `json:"started_at"`
	Seconds float64   `json:"seconds"`
	// Lines counts the lines of input, Messages what they were.
	Lines    int64    `json:"lines"`
	Messages Messages `json:"messages"`
	// Streams are those that came, in the order in which they came.
	Streams []StreamSummary `json:"streams"`
	// Rejects are the reasons for which records were rejected, SchemaChanges what was done to tables, each in the order of the
	// streams; absent if there are none.
	Rejects       []stats.RejectSummary `json:"rejects,omitempty"`
	SchemaChanges []migrate.Change      `json:"schema_changes,omitempty"`
}

// Messages counts the messages of the input by their kind.
type Messages struct {
	Schemas          int64 `json:"schemas"`
	Records          int64 `json:"records"`
	Batches          int64 `json:"batches"`
	States           int64 `json:"states"`
	ActivateVersions int64 `json:"activate_versions"`
}

// StreamSummary is what became of one stream's records.
type StreamSummary struct {
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
	// Read counts the records that came in, Loaded those of them that are committed where readers of the table see them.
	Read   int64 `json:"read"`
	Loaded int64 `json:"loaded"`
	// Inserted and Updated count rows of the table. In history an update closes a version. Where the server does not tell an
	// insert from an update (track_counts is off), both count as updated.
	Inserted int64 `json:"inserted"`
	Updated  int64 `json:"updated"`
	// Unchanged counts the records that wrote nothing: equal to their row, or followed by another of the same key in one batch.
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

// Summary says what the run did so far. Call it after [Target.Run], with what that returned.
func (t *Target) Summary(err error) *Summary {
	sum := &Summary{
		Complete: err == nil, Started: t.started.UTC(), Seconds: seconds(t.now().Sub(t.started)),
		Lines: t.reader.Lines(), Messages: t.messages, Streams: []StreamSummary{},
	}
	if err != nil {
		sum.Error = err.Error()
	}
	sum.SchemaChanges = t.migrator.Changes()
	for _, s := range t.order {
		if s.Rejects {
			continue
		}
		sum.Streams = append(sum.Streams, t.summaryOf(s, err))
		sum.Rejects = append(sum.Rejects, s.Stats.Why.Of(s.Name)...)
	}
	return sum
}

// summaryOf says what became of the records of one stream in a run that ended with err.
func (t *Target) summaryOf(s *stream.Stream, err error) StreamSummary {
	one := summarize(s)
	if s.Lead != nil {
		one.Together, one.Unchanged, one.Ignored = s.Lead.String(), 0, 0
	}
	for _, o := range t.order {
		if o.Lead != nil && *o.Lead == s.ID {
			one.Loaded -= o.Stats.LoadedRecords.Load()
		}
	}
	if failed, is := t.committer.Failures.Of(s.ID); is && failed.Err != nil {
		one.Error = failed.Err.Error()
	} else if fault := faultOf(err, s); fault != nil {
		one.Error = fault.Error()
	}
	return one
}

// faultOf returns the error that ended the run if it is the stream's fault, nil otherwise.
func faultOf(err error, s *stream.Stream) error {
	if e, ok := errors.AsType[*failure.Error](err); ok && e.Stream == s.Name && !failure.OfServer(e) {
		return e
	}
	return nil
}

func summarize(s *stream.Stream) StreamSummary {
	c := s.Stats
	sum := StreamSummary{
		Stream: s.Name, Schema: s.SchemaName, Table: s.TableName, Mode: s.Mode.String(), Skipped: s.Skip, Read: c.Read.Load(), Loaded: c.LoadedRecords.Load(),
		Inserted: c.Inserted.Load(), Updated: c.Updated.Load(), Deleted: c.Deleted.Load(), Rejected: c.Rejected.Load(),
		Replaced: c.Replaced.Load(), Seconds: seconds(time.Duration(c.Ended.Load() - c.Began.Load())),
	}
	if !s.Skip {
		sum.Ignored, sum.Unchanged = c.IgnoredBy(s.Mode, s.Config.IgnoresConflicts(s.Mode))
	}
	if sum.Seconds > 0 {
		sum.RowsPerSecond = math.Round(float64(sum.Read) / sum.Seconds)
	}
	return sum
}

// seconds has milliseconds, and no more digits than that.
func seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }

// Log writes the summary: a line a stream that brought anything, and one for the run.
func (s *Summary) Log(log *slog.Logger) {
	quiet := 0
	for _, one := range s.Streams {
		switch outcome := one.outcome(); {
		case one.Skipped && one.Error == "":
			log.Info("left out", "stream", one.Stream, "read", one.Read)
		case one.Read+one.Inserted+one.Updated+one.Deleted == 0 && one.Error == "":
			quiet++
		default:
			level := slog.LevelInfo
			if outcome != "loaded" {
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
			log.Log(context.Background(), level, outcome, about...)
		}
	}
	if len(s.Streams) == 0 && s.Complete && s.Messages == (Messages{}) {
		log.Warn("the input had no message: the tap has printed nothing, or has failed before its first message")
	}
	done := "completed"
	if !s.Complete {
		done = "ended early"
	}
	log.Info(done, "lines", s.Lines, "schemas", s.Messages.Schemas, "records", s.Messages.Records, "batches", s.Messages.Batches,
		"states", s.Messages.States, "activate_versions", s.Messages.ActivateVersions, "streams_without_records", quiet,
		"seconds", s.Seconds)
}

// outcome says in words what became of the stream's records.
func (s *StreamSummary) outcome() string {
	switch missing := s.Read - s.Loaded - s.Rejected; {
	case s.Error != "" && s.Loaded == 0:
		return "failed"
	case s.Error != "":
		return "failed, loaded in part"
	case missing <= 0:
		return "loaded"
	case s.Loaded == 0:
		return "not loaded"
	default:
		return "loaded in part"
	}
}

// count counts a message for the summary.
func (m *Messages) count(kind protocol.Kind) {
	switch kind {
	case protocol.KindSchema:
		m.Schemas++
	case protocol.KindRecord:
		m.Records++
	case protocol.KindBatch:
		m.Batches++
	case protocol.KindState:
		m.States++
	case protocol.KindActivateVersion:
		m.ActivateVersions++
	}
}

// measureEvery is the time between two reports of a stream's metrics, that of singer-sdk.
const measureEvery = time.Minute

// measured is what a stream's metrics said last.
type measured struct{ read, busy int64 }

// measure logs the metrics of every stream that moved since the last time: how many records came, and how long the
// database took for its batches. One line for many batches keeps a long run's log short.
func (t *Target) measure() {
	t.measuredAt = t.now()
	if t.dryRun != nil {
		return
	}
	for _, s := range t.order {
		now := measured{read: s.Stats.Read.Load(), busy: s.Stats.Busy.Load()}
		last := t.measured[s.Stats]
		if now == last {
			continue
		}
		t.measured[s.Stats] = now
		if now.read > last.read {
			logging.LogMetric(context.Background(), t.log, logging.RecordCount(s.Name, now.read-last.read))
		}
		if now.busy > last.busy {
			logging.LogMetric(context.Background(), t.log, logging.BatchTime(s.Name, time.Duration(now.busy-last.busy), true))
		}
	}
}

// Table is a table that a run loads into.
type Table struct {
	Stream, Schema, Name string
}

// Tables lists the tables of the streams that came, in the order in which they came.
func (t *Target) Tables() []Table {
	tables := make([]Table, 0, len(t.order))
	for _, s := range t.order {
		if !s.Skip && s.Lead == nil {
			tables = append(tables, Table{Stream: s.Name, Schema: s.SchemaName, Name: s.TableName})
		}
	}
	return tables
}
