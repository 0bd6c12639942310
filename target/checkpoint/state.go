package checkpoint

import (
	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/failure"
)

// State is one STATE message, to be emitted as it came.
type State struct {
	// Where it stood: every record before it has a smaller position.
	Where batch.Position
	Raw   []byte
	// Scope is 0 for Singer, where a state is about everything and the newest is enough. stream is that of StateStream.
	Scope  protocol.StateScope
	Stream protocol.Stream
	// Records counts the records it covers that no earlier state covered (Airbyte's destinationStats).
	Records int64
	// Rejected counts those of them that were rejected.
	Rejected int64
}

// Emit writes states out. For Singer the newest stands for all; Airbyte wants back every one.
func (c *Checkpoint) Emit(states []State) error {
	defer c.Committer.ending.Begin("waiting for somebody to read standard output")()
	for i, s := range states {
		var err error
		switch {
		case s.Scope != 0:
			err = c.Committer.writer.AirbyteState(s.Raw, s.Records, s.Rejected)
		case i == len(states)-1:
			err = c.Committer.writer.SingerState(s.Raw)
		}
		if err != nil {
			return &failure.Error{Kind: failure.KindSystem, Reason: "emit STATE", Err: err, Hint: "whatever reads the output has closed it"}
		}
		c.Committer.Emitted.Store(c.Committer.now().UnixNano())
	}
	return nil
}
