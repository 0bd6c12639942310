package target

import (
	"fmt"
	"maps"
	"slices"

	"target-postgres/target/config"
	"target-postgres/target/shape"
)

// columnSetting is a field that an entry of the setting streams has settings for.
type columnSetting struct{ pattern, field string }

// answerColumns remembers which settings of columns the stream has a field for.
func (t *Target) answerColumns(s *stream) {
	for pattern, entry := range t.config.Streams {
		if !config.IsFor(pattern, s.id) {
			continue
		}
		for field := range entry.Columns {
			if s.declares(field) {
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
