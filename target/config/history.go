package config

import (
	"cmp"
	"slices"
	"strings"

	"target-postgres/target/failure"
	"target-postgres/typemap"
)

// HistoryColumns are the names of the columns that load mode history adds.
type HistoryColumns struct {
	Start  string `json:"start"`
	End    string `json:"end"`
	Active string `json:"active"`
}

// defaultHistoryColumns are the names where none are set, as spec.json has them.
func defaultHistoryColumns() HistoryColumns {
	return HistoryColumns{Start: "_singular_start", End: "_singular_end", Active: "_singular_active"}
}

// OrUsual are the names, the usual ones where none are set.
func (h HistoryColumns) OrUsual() HistoryColumns {
	usual := defaultHistoryColumns()
	return HistoryColumns{Start: cmp.Or(h.Start, usual.Start), End: cmp.Or(h.End, usual.End), Active: cmp.Or(h.Active, usual.Active)}
}

// named are the names with their settings.
func (h HistoryColumns) named() [3][2]string {
	return [3][2]string{{"start", h.Start}, {"end", h.End}, {"active", h.Active}}
}

// HistoryEnd says what the end of an active version is.
type HistoryEnd string

// EndFarAway is an end that every instant lies before, so that BETWEEN and joins need no case for NULL.
const EndFarAway HistoryEnd = "9999-12-31"

// checkHistory refuses names that no column can have, and names of other columns of the program's own.
func (s *StreamConfig) checkHistory(prefix string) error {
	if err := s.checkHistoryView(prefix); err != nil {
		return err
	}
	others := append(typemap.SystemColumns(), "_singular_deleted", "_singular_id", "_singular_hash", "_singular_extra")
	own := defaultHistoryColumns().named()
	names := s.HistoryColumns.OrUsual().named()
	for i, column := range names {
		setting, name := prefix+"history_columns."+column[0], column[1]
		others := slices.Clone(others)
		for j := range names {
			if j != i {
				others = append(others, own[j][1])
			}
		}
		switch {
		case typemap.Identifier(name) != name:
			return &failure.ConfigError{Setting: setting, Reason: "is longer than the 63 bytes that PostgreSQL gives a name", Hint: "choose a shorter name"}
		case slices.Contains(others, name):
			return &failure.ConfigError{Setting: setting, Reason: "is the name of another column of PostgreSQL's or of the program's own", Hint: "choose another name"}
		}
		for _, before := range names[:i] {
			if before[1] == name {
				return &failure.ConfigError{Setting: setting, Reason: "is the name of history_columns." + before[0] + ", too", Hint: "give each of the three columns a name of its own"}
			}
		}
	}
	return nil
}

// checkHistoryView refuses a name that the table has already, and one with a placeholder that nothing fills.
func (s *StreamConfig) checkHistoryView(prefix string) error {
	rest := strings.ReplaceAll(s.HistoryView, "{table}", "")
	switch {
	case s.HistoryView != "" && rest == "":
		return &failure.ConfigError{Setting: prefix + "history_view", Reason: "is the name of the table", Hint: "give the view another name, such as {table}_current"}
	case strings.ContainsAny(rest, "{}"):
		return &failure.ConfigError{Setting: prefix + "history_view", Reason: "has a brace that is not that of {table}", Hint: "{table} stands for the name of the table, and nothing else in braces does"}
	}
	return nil
}
