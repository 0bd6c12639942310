package target

import (
	"fmt"
	"maps"
	"slices"

	"target-postgres/target/shape"
)

// warnUnansweredColumns names the settings of columns for which no stream has a field.
func (t *Target) warnUnansweredColumns(pattern string, fields []string) {
	for _, field := range slices.Sorted(maps.Keys(t.config.Streams[pattern].Columns)) {
		if field != shape.All && !t.answers.columns[fieldSetting{pattern, field}] {
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
