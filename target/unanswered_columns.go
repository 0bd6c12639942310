package target

import (
	"fmt"
	"maps"
	"slices"

	"target-postgres/target/config"
	"target-postgres/target/shape"
	"target-postgres/target/stream"
)

// columnSetting is a field that an entry of the setting streams has settings for.
type columnSetting struct{ pattern, field string }

// answerColumns remembers which settings of columns the stream has a field for.
func (t *Target) answerColumns(s *stream.Stream) {
	for pattern, entry := range t.config.Streams {
		if !config.IsFor(pattern, s.ID) {
			continue
		}
		for field := range entry.Columns {
			if s.Declares(field) {
				t.answers.columns[columnSetting{pattern, field}] = true
			}
		}
	}
}

// warnUnansweredColumns names the settings of columns for which no stream has a field.
func (t *Target) warnUnansweredColumns(pattern string, fields []string) {
	for _, field := range slices.Sorted(maps.Keys(t.config.Streams[pattern].Columns)) {
		if field != shape.All && !t.answers.columns[columnSetting{pattern, field}] {
			t.unanswered(fmt.Sprintf("entry %q of columns in the entry %q of streams", field, pattern), field, "field", fields)
		}
	}
}

// warnUnansweredMaps names the entries of stream_maps that are about no stream.
func (t *Target) warnUnansweredMaps(streams []string) {
	for _, entry := range t.config.MapEntries() {
		if !t.named(entry) {
			t.unanswered(fmt.Sprintf("entry %q of the setting stream_maps", entry), entry, "stream", streams)
		}
	}
}
