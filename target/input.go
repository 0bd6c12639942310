package target

import (
	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/objects"
	"target-postgres/target/summary"
)

// input is what is read: the messages, how many there were, and where in the input the record stands that is being
// loaded.
type input struct {
	reader   *protocol.Reader
	messages summary.Messages
	// recordOfLine tells the records of one BATCH message apart, which all stand on one line. It is 0 for a RECORD.
	recordOfLine int
	files        *objects.Stores
}

// position is where the record of a line stands.
func (i *input) position(line int64) batch.Position { return batch.PositionOf(line, i.recordOfLine) }
