package summary

import (
	"time"

	"target-postgres/protocol"
	"target-postgres/target/ddl"
	"target-postgres/target/stats"
)

// Run is what became of a run. Its JSON form is what --summary writes.
type Run struct {
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
	Streams []Stream `json:"streams"`
	// Rejects are the reasons for which records were rejected, SchemaChanges what was done to tables, each in the order
	// of the streams; absent if there are none.
	Rejects       []stats.RejectSummary `json:"rejects,omitempty"`
	SchemaChanges []ddl.Change          `json:"schema_changes,omitempty"`
}

// Messages counts the messages of the input by their kind.
type Messages struct {
	Schemas          int64 `json:"schemas"`
	Records          int64 `json:"records"`
	Batches          int64 `json:"batches"`
	States           int64 `json:"states"`
	ActivateVersions int64 `json:"activate_versions"`
}

// Seconds has milliseconds, and no more digits than that.
func Seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }

// Count counts a message by its kind.
func (m *Messages) Count(kind protocol.Kind) {
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
