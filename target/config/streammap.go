package config

import (
	"errors"
	"maps"
	"slices"

	"target-postgres/protocol"
	"target-postgres/target/failure"
	"target-postgres/target/shape"
)

// otherStreams is the entry of stream_maps for the streams that have none.
const otherStreams = "__else__"

// StreamMap is what stream_maps says of a stream, nil for nothing: its own entry, else that of the longest glob.
func (c *Config) StreamMap(id protocol.Stream) *shape.StreamMap {
	best, found := "", false
	for _, entry := range slices.Sorted(maps.Keys(c.StreamMaps)) {
		exact := entry == id.Name || entry == id.String()
		if entry != otherStreams && IsFor(entry, id) && (!found || exact || len(entry) > len(best) && best != id.Name && best != id.String()) {
			best, found = entry, true
		}
	}
	if !found {
		if _, drops := c.StreamMaps[otherStreams]; drops {
			return &shape.StreamMap{Drops: true}
		}
		return nil
	}
	m, err := shape.NewStreamMap(best, c.StreamMaps[best], id.Name, c.StreamMapConfig)
	if err != nil {
		return nil // checkStreamMaps has found it
	}
	return m
}

// MapEntries are the names and globs of streams that stream_maps has entries for.
func (c *Config) MapEntries() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(c.StreamMaps)), func(entry string) bool { return entry == otherStreams })
}

// checkStreamMaps refuses what a map cannot do, whether or not a stream of that name comes.
func (c *Config) checkStreamMaps() error {
	if value, is := c.StreamMaps[otherStreams]; is && !shape.IsNull(value) {
		return &failure.ConfigError{Setting: "stream_maps." + otherStreams, Reason: "can only be null", Hint: "leave it out to load the streams that are not named"}
	}
	for _, entry := range c.MapEntries() {
		_, err := shape.NewStreamMap(entry, c.StreamMaps[entry], entry, c.StreamMapConfig)
		if wrong, is := errors.AsType[*shape.Error](err); is {
			return &failure.ConfigError{Setting: wrong.Setting, Reason: wrong.Reason, Hint: wrong.Hint}
		}
	}
	return nil
}

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
