package state

import (
	"target-postgres/protocol"
	"target-postgres/target/batch"
)

// Message is one STATE message, to be emitted as it came.
type Message struct {
	// Where is the message's position in the input: every record before it has a smaller one.
	Where batch.Position
	// Raw is what is given to the protocol's writer.
	Raw []byte
	// Scope is 0 for Singer, where a state is about everything and the newest is enough. Stream is that of StateStream.
	Scope  protocol.StateScope
	Stream protocol.Stream
	// Records counts the records it covers that no earlier state covered (Airbyte's destinationStats).
	Records int64
	// Rejected counts those of them that were rejected.
	Rejected int64
}
