package checkpoint

import (
	"target-postgres/target/failure"
	"target-postgres/target/state"
)

// Emit writes states out. For Singer the newest stands for all; Airbyte wants back every one.
func (c *Checkpoint) Emit(states []state.Message) error {
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
