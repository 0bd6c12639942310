package target

import (
	"fmt"
	"maps"
	"slices"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/config"
	"target-postgres/target/stream"
	"target-postgres/typemap"
)

// answers are the streams and fields that the input has, which settings may name.
type answers struct {
	streams map[protocol.Stream]bool
	fields  map[string]bool
	// times are the entries of the setting streams whose history_time_column some stream has.
	times map[string]bool
	// ignored and columns are the fields of history_ignore and columns that some stream has.
	ignored, columns map[fieldSetting]bool
	// histories are the entries of the setting streams of which some stream keeps its history, history is true where any does.
	histories map[string]bool
	history   bool
	// marked reports whether a record was marked as deleted, perhaps by a field that no schema declares.
	marked, told bool
}

// fieldSetting is a field that an entry of the setting streams names.
type fieldSetting struct{ pattern, field string }

func newAnswers() answers {
	return answers{
		streams: map[protocol.Stream]bool{}, fields: map[string]bool{}, times: map[string]bool{}, ignored: map[fieldSetting]bool{},
		columns: map[fieldSetting]bool{}, histories: map[string]bool{},
	}
}

// answer remembers what a stream has that settings may name.
func (t *Target) answer(s *stream.Stream) {
	for _, f := range s.Fields {
		t.answers.fields[f.Name] = true
	}
	for _, f := range s.Plan.LeftOut {
		t.answers.fields[f.Name] = true
	}
	history := s.Mode == merge.History
	t.answers.history = t.answers.history || history
	for pattern, entry := range t.config.Streams {
		if !config.IsFor(pattern, s.ID) {
			continue
		}
		t.answers.histories[pattern] = t.answers.histories[pattern] || history
		if slices.ContainsFunc(s.Fields, func(f typemap.Field) bool { return f.Name == entry.HistoryTimeColumn }) {
			t.answers.times[pattern] = true
		}
		for _, f := range s.Fields {
			if slices.Contains(entry.HistoryIgnore, f.Name) {
				t.answers.ignored[fieldSetting{pattern, f.Name}] = true
			}
		}
		for field := range entry.Columns {
			if s.Declares(field) {
				t.answers.columns[fieldSetting{pattern, field}] = true
			}
		}
	}
}

// warnNotIgnored names the fields of history_ignore that no stream of an entry has.
func (t *Target) warnNotIgnored(pattern string, ignored, fields []string) {
	for _, name := range ignored {
		if !t.answers.ignored[fieldSetting{pattern, name}] {
			t.unanswered(fmt.Sprintf("history_ignore of the entry %q of streams", pattern), name, "field", fields)
		}
	}
}

// warnUnanswered names the settings that nothing of the input answers to, once: as soon as all streams are known. A typing
// mistake in one of them changes what is loaded without a word.
func (t *Target) warnUnanswered() {
	if t.answers.told || len(t.answers.streams) == 0 {
		return
	}
	t.answers.told = true
	var streams []string
	for id := range t.answers.streams {
		streams = append(streams, id.String())
	}
	slices.Sort(streams)
	fields := slices.Sorted(maps.Keys(t.answers.fields))
	t.warnUnansweredMaps(streams)
	known := len(t.committer.Failures.Errors()) == 0 // a stream that failed may have fields that are not known
	for _, pattern := range slices.Sorted(maps.Keys(t.config.Streams)) {
		cfg := t.config.Streams[pattern]
		switch {
		case !t.named(pattern):
			t.unanswered(fmt.Sprintf("entry %q of the setting streams", pattern), pattern, "stream", streams)
			continue
		case known && cfg.DeleteMarkerColumn != "" && !t.answers.marked && !t.answers.fields[cfg.DeleteMarkerColumn]:
			t.unanswered(fmt.Sprintf("delete_marker_column of the entry %q of streams", pattern), cfg.DeleteMarkerColumn, "field", fields)
		case known && cfg.HistoryTimeColumn != "" && !t.answers.times[pattern]:
			t.unanswered(fmt.Sprintf("history_time_column of the entry %q of streams", pattern), cfg.HistoryTimeColumn, "field", fields)
		case known && cfg.HistoryTimeColumn != "" && !t.answers.histories[pattern]:
			t.historyless(fmt.Sprintf("history_time_column of the entry %q of streams", pattern))
		}
		if known {
			t.warnUnansweredColumns(pattern, fields)
			t.warnNotIgnored(pattern, cfg.HistoryIgnore, fields)
		}
	}
	if t.answers.marked && !slices.ContainsFunc(stream.DeleteMarks(), func(name string) bool { return t.answers.fields[name] }) {
		t.answers.fields[t.config.DeleteMarkerColumn] = true
	}
	for _, field := range []struct{ setting, name string }{
		{"delete_marker_column", t.config.DeleteMarkerColumn}, {"history_time_column", t.config.HistoryTimeColumn}, {"order_by", t.config.OrderBy},
	} {
		if field.name != "" && known && !t.answers.fields[field.name] {
			t.unanswered("setting "+field.setting, field.name, "field", fields)
		}
	}
	if name := t.config.HistoryTimeColumn; name != "" && known && t.answers.fields[name] && !t.answers.history {
		t.historyless("setting history_time_column")
	}
}

// historyless warns of a time column of versions where none are kept.
func (t *Target) historyless(setting string) {
	t.log.Warn("the " + setting + " has no effect, and no versions are kept: only load mode history keeps them; set load_mode to history, or leave it out")
}

// named reports whether an entry of the setting streams is about any stream.
func (t *Target) named(pattern string) bool {
	for id := range t.answers.streams {
		if config.IsFor(pattern, id) {
			return true
		}
	}
	return false
}

func (t *Target) unanswered(setting, name, kind string, candidates []string) {
	text := fmt.Sprintf("the %s has no effect: there is no %s %q", setting, kind, name)
	if near := config.Suggest(name, candidates); near != "" {
		text += fmt.Sprintf("; did you mean %q?", near)
	}
	t.log.Warn(text)
}
