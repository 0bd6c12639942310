package config

import (
	"fmt"
	"maps"
	"slices"

	"target-postgres/target/failure"
)

// checkPartitions refuses partitions by hash and by periods at once, and those that no run makes.
func (c *Config) checkPartitions() error {
	for _, pattern := range slices.Sorted(maps.Keys(c.Streams)) {
		by := c.Streams[pattern].PartitionBy
		if most := by.MostAhead(); by.Ahead > most {
			return &failure.ConfigError{
				Setting: fmt.Sprintf("streams.%s.partition_by", pattern), Reason: "asks for partitions that begin more than ten years ahead, which no run makes",
				Hint: fmt.Sprintf("set ahead to %d at most", most),
			}
		}
		if by.Hash > 0 && (by.Every != "" || by.Keep.N > 0 || by.Ahead > 0) {
			return &failure.ConfigError{
				Setting: fmt.Sprintf("streams.%s.partition_by", pattern), Reason: "asks for partitions by hash and by periods",
				Hint: "leave out hash, or every, keep and ahead",
			}
		}
	}
	return nil
}
