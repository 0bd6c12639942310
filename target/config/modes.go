package config

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/failure"
)

// modeSetting is a setting that not every load mode knows.
type modeSetting struct {
	name  string
	modes []merge.Mode
	// on reports whether the setting asks for something: its default does not.
	on func(*StreamConfig) bool
}

// modeSettings are the settings that not every load mode knows. docs/load-modes.md has them as a table.
func modeSettings() []modeSetting {
	keyed := []merge.Mode{merge.Upsert, merge.SoftDelete}
	ordered := []merge.Mode{merge.Upsert, merge.SoftDelete, merge.History, merge.Replace}
	removing := []merge.Mode{merge.Upsert, merge.SoftDelete, merge.History}
	return []modeSetting{
		{"on_conflict", keyed, func(s *StreamConfig) bool { return s.OnConflict == IgnoreConflicts }},
		{"order_by", ordered, func(s *StreamConfig) bool { return s.OrderBy != "" }},
		{"hard_delete", []merge.Mode{merge.Append, merge.Upsert}, func(s *StreamConfig) bool { return s.HardDelete }},
		{"delete_marker_column", removing, func(s *StreamConfig) bool { return s.DeleteMarkerColumn != "" }},
		{"full_snapshot", removing, func(s *StreamConfig) bool { return s.FullSnapshot }},
		{"absent_fields", removing, func(s *StreamConfig) bool { return s.AbsentFields == KeepAbsentFields }},
		{"replace_by", []merge.Mode{merge.Replace}, func(s *StreamConfig) bool { return s.ReplaceBy != ReplaceByTable }},
		// With full_snapshot the other load modes know it, too.
		{"slice", []merge.Mode{merge.Replace}, func(s *StreamConfig) bool { return s.Slice.On() && !s.FullSnapshot }},
		{"surrogate_key", removing, func(s *StreamConfig) bool { return s.SurrogateKey }},
		{"on_missing", keyed, func(s *StreamConfig) bool { return s.OnMissing == IgnoreMissing }},
		{"late", []merge.Mode{merge.History}, func(s *StreamConfig) bool { return s.Late == InsertLate }},
		{"history_ignore", []merge.Mode{merge.History}, func(s *StreamConfig) bool { return len(s.HistoryIgnore) > 0 }},
		{"history_columns", []merge.Mode{merge.History}, func(s *StreamConfig) bool { return s.HistoryColumns.OrUsual() != defaultHistoryColumns() }},
		{"row_hash", []merge.Mode{merge.History}, func(s *StreamConfig) bool { return s.RowHash }},
		{"history_view", []merge.Mode{merge.History}, func(s *StreamConfig) bool { return s.HistoryView != "" }},
		{"history_end", []merge.Mode{merge.History}, func(s *StreamConfig) bool { return s.HistoryEnd == EndFarAway }},
	}
}

// ModeSettings lists the settings that not every load mode knows.
func ModeSettings() []string {
	settings := modeSettings()
	names := make([]string, len(settings))
	for i := range settings {
		names[i] = settings[i].name
	}
	return names
}

// checkStreams refuses the combinations of settings that are known to be wrong before a stream has come.
func (c *Config) checkStreams() error {
	if glob, err := c.malformed(); err != nil {
		return &failure.ConfigError{Setting: "streams", Reason: fmt.Sprintf("has a malformed glob %q", glob), Err: err}
	}
	all := StreamConfig{TableSettings: c.TableSettings}
	if err := all.check(""); err != nil {
		return err
	}
	for _, pattern := range slices.Sorted(maps.Keys(c.Streams)) {
		of, prefix := c.ForStream(protocol.Stream{Name: pattern}), "streams."+pattern+"."
		if err := of.check(prefix); err != nil {
			return err
		}
		if _, named := of.LoadMode.Named(); named || strings.ContainsAny(pattern, `*?[\`) {
			continue // a more specific entry may name the load mode of what the glob matches
		}
		if err := of.checkDefaults(prefix); err != nil {
			return err
		}
	}
	return nil
}

// check refuses what is wrong for every stream. The prefix says whose settings these are.
func (s *StreamConfig) check(prefix string) error {
	if s.OnConflict == IgnoreConflicts && s.OnMissing == IgnoreMissing {
		return &failure.ConfigError{
			Setting: prefix + "on_missing", Reason: "is ignore, as is on_conflict: no record would be loaded",
			Hint: "set on_conflict to ignore to insert only, or on_missing to ignore to update only",
		}
	}
	if s.OnConflict == IgnoreConflicts && s.OrderBy != "" && (s.named["on_conflict"] || s.named["order_by"] || prefix == "") {
		return &failure.ConfigError{
			Setting: prefix + "order_by", Reason: "has no meaning with on_conflict: ignore, where the first record of a key wins",
			Hint: "leave one of them out",
		}
	}
	if err := s.checkSlice(prefix); err != nil {
		return err
	}
	if err := s.checkHistory(prefix); err != nil {
		return err
	}
	mode, named := s.LoadMode.Named()
	if !named {
		return nil // the stream decides
	}
	if setting := s.unknownTo(mode); setting != nil {
		return &failure.ConfigError{Setting: prefix + setting.name, Reason: setting.reason(mode), Hint: setting.hint()}
	}
	return nil
}

// checkDefaults refuses what has no meaning in any load mode that a stream has of itself, whatever its key and its sync
// mode are.
func (s *StreamConfig) checkDefaults(prefix string) error {
	setting := s.unknownTo(merge.Append, merge.Upsert, merge.Replace)
	if setting == nil {
		return nil
	}
	return &failure.ConfigError{
		Setting: prefix + setting.name, Reason: "has no meaning in the default load mode, upsert or append", Hint: setting.hint(),
	}
}

// Refuse returns the error of a setting that was named for the stream and that its load mode does not know.
func (s *StreamConfig) Refuse(stream string, mode merge.Mode) error {
	setting := s.unknownTo(mode)
	if setting == nil {
		return nil
	}
	return &failure.Error{
		Blame: failure.Configuration, Stream: stream, Reason: setting.name + " " + setting.reason(mode), Hint: setting.hint(),
	}
}

// unknownTo returns a setting that was named for the stream and means nothing in any of the load modes, nil if there is
// none.
func (s *StreamConfig) unknownTo(modes ...merge.Mode) *modeSetting {
	for _, setting := range modeSettings() {
		known := slices.ContainsFunc(modes, func(m merge.Mode) bool { return slices.Contains(setting.modes, m) })
		if s.named[setting.name] && !known && setting.on(s) {
			return &setting
		}
	}
	return nil
}

func (m *modeSetting) reason(mode merge.Mode) string {
	return fmt.Sprintf("has no meaning in load mode %s", mode)
}

func (m *modeSetting) hint() string {
	names := make([]string, len(m.modes))
	for i, mode := range m.modes {
		names[i] = mode.String()
	}
	hint := "leave it out, or set load_mode to " + strings.Join(names, " or ")
	if m.name == "slice" {
		hint += " or full_snapshot to true"
	}
	return hint
}

// Order is the field that orders the records of a key, "" if none does. cursor is the one that the source names.
func (s *StreamConfig) Order(cursor string) string { return cmp.Or(s.OrderBy, cursor) }

// OwnLimit reports whether max_rejected_records was named for the stream, so that its rejected records count by
// themselves.
func (s *StreamConfig) OwnLimit() bool { return s.named["max_rejected_records"] }

// NamesOrder reports whether order_by was named for the stream, and not only for all streams.
func (s *StreamConfig) NamesOrder() bool { return s.named["order_by"] && s.OrderBy != "" }

// IgnoresConflicts reports whether records leave rows alone that are there, in a load mode that knows the setting.
func (s *StreamConfig) IgnoresConflicts(mode merge.Mode) bool {
	return s.OnConflict == IgnoreConflicts && mode.NeedsUniqueKey()
}

// IgnoresMissing reports whether records only change rows that are there, in a load mode that knows the setting.
func (s *StreamConfig) IgnoresMissing(mode merge.Mode) bool {
	return s.OnMissing == IgnoreMissing && mode.NeedsUniqueKey()
}

// InsertsLate reports whether late records go where their instants belong, in a load mode that knows the setting.
func (s *StreamConfig) InsertsLate(mode merge.Mode) bool {
	return s.Late == InsertLate && mode == merge.History
}
