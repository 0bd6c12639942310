package checkpoint

import "target-postgres/target/failure"

// raced reports whether to try once more because another loader may have inserted one of the keys meanwhile: the merge
// then finds its row.
func (c *Checkpoint) raced(err error) bool {
	c.races++
	return failure.MayRepeatKey(err) && c.races == 1
}
