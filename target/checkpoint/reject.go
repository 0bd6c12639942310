package checkpoint

import (
	"target-postgres/target/failure"
	"target-postgres/target/revision"
)

// claim keeps room for the records that the open transaction rejects: those of a stream, and those that it drains.
func (c *Checkpoint) claim(s *revision.Revision, more int, last *failure.Error) error {
	for _, other := range c.drainRejects {
		if c.Committer.Rejects.Together(s, other) {
			more++
		}
	}
	return c.Committer.Rejects.Claim(s, more, last)
}
