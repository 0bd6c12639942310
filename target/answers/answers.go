package answers

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/shape"
	"target-postgres/target/stream"
	"target-postgres/target/systemcolumn"
	"target-postgres/typemap"
)

// Answers are the streams and fields that the input has, which settings may name.
type Answers struct {
	config *config.Config
	log    *slog.Logger

	streams map[protocol.Stream]bool
	fields  map[string]bool
	// times are the entries of the setting streams whose history_time_column some stream has.
	times map[string]bool
	// ignored and columns are the fields of history_ignore and columns that some stream has.
	ignored, columns map[fieldSetting]bool
	// histories are the entries of the setting streams of which some stream keeps its history, history is true where
	// any does.
	histories map[string]bool
	history   bool
	// stores are the entries of the setting streams of which some stream keeps fields that its schema does not declare.
	stores map[string]bool
	// marked reports whether a record was marked as deleted, perhaps by a field that no schema declares.
	marked, told bool
}

// fieldSetting is a field that an entry of the setting streams names.
type fieldSetting struct{ pattern, field string }

// New is a run of which nothing has come.
func New(cfg *config.Config, log *slog.Logger) *Answers {
	return &Answers{
		config: cfg, log: log,
		streams: map[protocol.Stream]bool{}, fields: map[string]bool{}, times: map[string]bool{}, ignored: map[fieldSetting]bool{},
		columns: map[fieldSetting]bool{}, histories: map[string]bool{}, stores: map[string]bool{},
	}
}

// Stream remembers that the input has a stream.
func (a *Answers) Stream(id protocol.Stream) { a.streams[id] = true }

// Field remembers that a record has a field which no schema declares: a mark or a time need not be declared.
func (a *Answers) Field(name string) { a.fields[name] = true }

// Undeclared remembers that a stream has a record with a field which its schema does not declare.
func (a *Answers) Undeclared(s *stream.Stream, name string) {
	a.Field(name)
	for pattern, entry := range a.config.Streams {
		if _, named := entry.Columns[name]; named && s.Config.UndeclaredFields == config.StoreUndeclaredFields && config.IsFor(pattern, s.ID) {
			a.columns[fieldSetting{pattern, name}] = true
		}
	}
}

// Mark remembers whether a record was marked as deleted.
func (a *Answers) Mark(marked bool) { a.marked = a.marked || marked }

// Describe remembers what a stream has that settings may name.
func (a *Answers) Describe(s *stream.Stream) {
	for _, f := range s.Fields {
		a.fields[f.Name] = true
	}
	for _, f := range s.Plan.LeftOut {
		a.fields[f.Name] = true
	}
	history := s.Mode == merge.History
	a.history = a.history || history
	for pattern, entry := range a.config.Streams {
		if !config.IsFor(pattern, s.ID) {
			continue
		}
		a.histories[pattern] = a.histories[pattern] || history
		a.stores[pattern] = a.stores[pattern] || s.Config.UndeclaredFields == config.StoreUndeclaredFields
		if slices.ContainsFunc(s.Fields, func(f typemap.Field) bool { return f.Name == entry.HistoryTimeColumn }) {
			a.times[pattern] = true
		}
		for _, f := range s.Fields {
			if slices.Contains(entry.HistoryIgnore, f.Name) {
				a.ignored[fieldSetting{pattern, f.Name}] = true
			}
		}
		for field := range entry.Columns {
			if s.Declares(field) {
				a.columns[fieldSetting{pattern, field}] = true
			}
		}
	}
}

// warnNotIgnored names the fields of history_ignore that no stream of an entry has.
func (a *Answers) warnNotIgnored(pattern string, ignored, fields []string) {
	for _, name := range ignored {
		if !a.ignored[fieldSetting{pattern, name}] {
			a.unanswered(fmt.Sprintf("history_ignore of the entry %q of streams", pattern), name, "field", fields)
		}
	}
}

// Warn names the settings that nothing of the input answers to, once: as soon as all streams are known. A typing
// mistake in one of them changes what is loaded without a word. known reports whether every stream is known: one that
// failed may have fields that are not.
func (a *Answers) Warn(known func() bool) {
	if a.told || len(a.streams) == 0 {
		return
	}
	a.told = true
	var streams []string
	for id := range a.streams {
		streams = append(streams, id.String())
	}
	slices.Sort(streams)
	fields := slices.Sorted(maps.Keys(a.fields))
	a.warnUnansweredMaps(streams)
	all := known()
	for _, pattern := range slices.Sorted(maps.Keys(a.config.Streams)) {
		switch {
		case !a.named(pattern):
			a.unanswered(fmt.Sprintf("entry %q of the setting streams", pattern), pattern, "stream", streams)
		case all:
			a.warnInEntry(pattern, fields)
		}
	}
	if a.marked && !slices.ContainsFunc(systemcolumn.DeleteMarks(), func(name string) bool { return a.fields[name] }) {
		a.fields[a.config.DeleteMarkerColumn] = true
	}
	for _, field := range []struct{ setting, name string }{
		{"delete_marker_column", a.config.DeleteMarkerColumn}, {"history_time_column", a.config.HistoryTimeColumn}, {"order_by", a.config.OrderBy},
	} {
		if field.name != "" && all && !a.fields[field.name] {
			a.unanswered("setting "+field.setting, field.name, "field", fields)
		}
	}
	if name := a.config.HistoryTimeColumn; name != "" && all && a.fields[name] && !a.history {
		a.historyless("setting history_time_column")
	}
}

// End is Warn when all records are known, too: they may have fields that no schema declares.
func (a *Answers) End(known func() bool) {
	a.Warn(known)
	if !known() {
		return
	}
	fields := slices.Sorted(maps.Keys(a.fields))
	for _, pattern := range slices.Sorted(maps.Keys(a.stores)) {
		if a.stores[pattern] {
			a.warnUnansweredColumns(pattern, fields)
		}
	}
}

// warnInEntry names the settings of an entry of the setting streams that nothing answers to, each of them.
func (a *Answers) warnInEntry(pattern string, fields []string) {
	cfg := a.config.Streams[pattern]
	if cfg.DeleteMarkerColumn != "" && !a.marked && !a.fields[cfg.DeleteMarkerColumn] {
		a.unanswered(fmt.Sprintf("delete_marker_column of the entry %q of streams", pattern), cfg.DeleteMarkerColumn, "field", fields)
	}
	switch {
	case cfg.HistoryTimeColumn == "":
	case !a.times[pattern]:
		a.unanswered(fmt.Sprintf("history_time_column of the entry %q of streams", pattern), cfg.HistoryTimeColumn, "field", fields)
	case !a.histories[pattern]:
		a.historyless(fmt.Sprintf("history_time_column of the entry %q of streams", pattern))
	}
	if !a.stores[pattern] {
		a.warnUnansweredColumns(pattern, fields)
	}
	a.warnNotIgnored(pattern, cfg.HistoryIgnore, fields)
}

// historyless warns of a time column of versions where none are kept.
func (a *Answers) historyless(setting string) {
	a.log.Warn("the " + setting + " has no effect, and no versions are kept: only load mode history keeps them; set load_mode to history, or leave it out")
}

// named reports whether an entry of the setting streams is about any stream.
func (a *Answers) named(pattern string) bool {
	for id := range a.streams {
		if config.IsFor(pattern, id) {
			return true
		}
	}
	return false
}

func (a *Answers) unanswered(setting, name, kind string, candidates []string) {
	text := fmt.Sprintf("the %s has no effect: there is no %s %q", setting, kind, name)
	if near := failure.Suggest(name, candidates); near != "" {
		text += fmt.Sprintf("; did you mean %q?", near)
	}
	a.log.Warn(text)
}

// warnUnansweredColumns names the settings of columns for which no stream has a field, and none of its records where
// fields that no schema declares are kept.
func (a *Answers) warnUnansweredColumns(pattern string, fields []string) {
	for _, field := range slices.Sorted(maps.Keys(a.config.Streams[pattern].Columns)) {
		if field != shape.All && !a.columns[fieldSetting{pattern, field}] {
			a.unanswered(fmt.Sprintf("entry %q of columns in the entry %q of streams", field, pattern), field, "field", fields)
		}
	}
}

// warnUnansweredMaps names the entries of stream_maps that are about no stream.
func (a *Answers) warnUnansweredMaps(streams []string) {
	for _, entry := range a.config.MapEntries() {
		if !a.named(entry) {
			a.unanswered(fmt.Sprintf("entry %q of the setting stream_maps", entry), entry, "stream", streams)
		}
	}
}
