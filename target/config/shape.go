package config

import (
	"errors"
	"maps"
	"slices"

	"target-postgres/target/failure"
	"target-postgres/target/shape"
)

// Shape is what the settings say about the columns of a stream.
func (c *Config) Shape(s StreamConfig) shape.Settings {
	return shape.Settings{Columns: s.Columns, HashSalt: c.HashSalt, TypeHints: s.TypeHints, Flatten: s.Flatten, Extra: s.UndeclaredFields == StoreUndeclaredFields}
}

// checkShapes refuses settings of columns that no stream could follow.
func (c *Config) checkShapes() error {
	for _, pattern := range slices.Sorted(maps.Keys(c.Streams)) {
		settings := c.Shape(c.Streams[pattern].StreamConfig)
		if wrong, is := errors.AsType[*shape.Error](settings.Check()); is {
			return &failure.ConfigError{Setting: "streams." + pattern + "." + wrong.Setting, Reason: wrong.Reason, Hint: wrong.Hint}
		}
	}
	return nil
}
