package config

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/partition"
	"target-postgres/target/shape"
	"target-postgres/typemap"
)

// TableSettings are the settings that concern a table. They stand for all streams at the top of the configuration, and
// for single ones in an entry of the setting streams. spec.json marks them with x-per-stream.
type TableSettings struct {
	LoadMode          LoadMode              `json:"load_mode"`
	OnConflict        ConflictPolicy        `json:"on_conflict"`
	OnMissing         MissingPolicy         `json:"on_missing"`
	SurrogateKey      bool                  `json:"surrogate_key"`
	OrderBy           string                `json:"order_by"`
	GrantSelectTo     []string              `json:"grant_select_to"`
	AfterCreate       string                `json:"after_create"`
	HistoryTimeColumn string                `json:"history_time_column"`
	Late              LatePolicy            `json:"late"`
	HistoryIgnore     []string              `json:"history_ignore"`
	HistoryColumns    HistoryColumns        `json:"history_columns"`
	HistoryEnd        HistoryEnd            `json:"history_end"`
	RowHash           bool                  `json:"row_hash"`
	HistoryView       string                `json:"history_view"`
	FullSnapshot      bool                  `json:"full_snapshot"`
	ReplaceBy         ReplaceMethod         `json:"replace_by"`
	Slice             Slice                 `json:"slice"`
	AbsentFields      AbsentFieldPolicy     `json:"absent_fields"`
	UndeclaredFields  UndeclaredFieldPolicy `json:"undeclared_fields"`
	TypeHints         bool                  `json:"x_sql_datatype"`
	Flatten           shape.Flatten         `json:"flatten"`
	UnavailableValue  string                `json:"unavailable_value"`

	HardDelete         bool   `json:"hard_delete"`
	DeleteMarkerColumn string `json:"delete_marker_column"`
	ActivateVersion    bool   `json:"activate_version"`
	PrimaryKeyRequired bool   `json:"primary_key_required"`
	DisableTypeDedupe  bool   `json:"disable_type_dedupe"`

	MigrationPolicy MigrationPolicy `json:"migration_policy"`

	NumberType         typemap.NumberType `json:"number_type"`
	DecodeBinary       bool               `json:"decode_binary"`
	InvalidText        InvalidTextPolicy  `json:"invalid_text"`
	ValidateRecords    bool               `json:"validate_records"`
	AddRecordMetadata  bool               `json:"add_record_metadata"`
	OnBadRecord        BadRecordPolicy    `json:"on_bad_record"`
	MaxRejectedRecords int                `json:"max_rejected_records"`
	OnStreamError      StreamErrorPolicy  `json:"on_stream_error"`
	WarnIfEmpty        bool               `json:"warn_if_empty"`

	CopyFormat typemap.CopyFormat `json:"copy_format"`
}

// StreamConfig holds the settings of one stream.
type StreamConfig struct {
	TableSettings

	KeyProperties []string `json:"key_properties"`
	Schema        string   `json:"schema"`
	Table         string   `json:"table"`
	// Columns are the settings of single fields.
	Columns shape.Columns `json:"columns"`
	// Indexes are those that the table is to have beside the key's.
	Indexes []Index `json:"indexes"`
	// PartitionBy is how the table is partitioned.
	PartitionBy partition.Setting `json:"partition_by"`

	// named are the settings that entries of streams name for the stream, and not those for all streams. Settings of a
	// less specific entry than its load mode are not among them.
	named map[string]bool
}

// Entry is one entry of the setting streams: the settings that it names, and no others.
type Entry struct {
	StreamConfig

	given json.RawMessage
}

// UnmarshalJSON also keeps the text, since a setting that is there may have the value of one that is not.
func (e *Entry) UnmarshalJSON(data []byte) error {
	e.given = slices.Clone(data)
	return json.Unmarshal(data, &e.StreamConfig)
}

// ForStream merges the settings for all streams with those for one: an exact name wins over globs, a longer glob over a
// shorter one. A stream in a namespace goes by its name alone, too, and its full name wins over that.
func (c *Config) ForStream(id protocol.Stream) StreamConfig {
	result := StreamConfig{TableSettings: c.TableSettings}
	for _, pattern := range c.entriesFor(id) {
		result.apply(c.Streams[pattern])
	}
	return result
}

// SetsAside reports whether records of some stream may have to be set aside.
func (c *Config) SetsAside() bool {
	for _, entry := range c.Streams {
		if entry.OnBadRecord == RejectBadRecords {
			return true
		}
	}
	return c.OnBadRecord == RejectBadRecords
}

// entriesFor lists the entries of the setting streams that are about a stream, the most specific last.
func (c *Config) entriesFor(id protocol.Stream) []string {
	name := id.String()
	patterns := make([]string, 0, len(c.Streams))
	for pattern := range c.Streams {
		if IsFor(pattern, id) {
			patterns = append(patterns, pattern)
		}
	}
	slices.SortFunc(patterns, func(a, b string) int {
		switch {
		case a == name || b == name:
			return btoi(a == name) - btoi(b == name)
		case a == id.Name || b == id.Name:
			return btoi(a == id.Name) - btoi(b == id.Name)
		case len(a) != len(b):
			return len(a) - len(b)
		default:
			return strings.Compare(a, b)
		}
	})
	return patterns
}

// apply lets the settings that an entry names win.
func (s *StreamConfig) apply(more Entry) {
	s.GrantSelectTo = slices.Clone(s.GrantSelectTo) // decoding writes into what is there
	s.KeyProperties, s.HistoryIgnore = slices.Clone(s.KeyProperties), slices.Clone(s.HistoryIgnore)
	s.Indexes = slices.Clone(s.Indexes)
	_ = json.Unmarshal(more.given, s) // it was decoded once already
	s.Indexes = distinct(s.Indexes)
	var names map[string]json.RawMessage
	_ = json.Unmarshal(more.given, &names)
	if _, own := names["load_mode"]; own || s.named == nil {
		s.named = map[string]bool{}
	}
	for name := range names {
		s.named[name] = true
	}
}

// Mode picks the load mode of a stream with or without a key.
func (s *StreamConfig) Mode(hasKey bool) merge.Mode {
	mode, named := s.LoadMode.Named()
	switch {
	case named:
		return mode
	case hasKey:
		return merge.Upsert
	default:
		return merge.Append
	}
}

// IsFor reports whether an entry of the setting streams is about a stream.
func IsFor(pattern string, id protocol.Stream) bool {
	return pattern == id.Name || matches(pattern, id.String()) || matches(pattern, id.Name)
}

func matches(pattern, name string) bool {
	matched, err := path.Match(pattern, name)
	return pattern == name || (err == nil && matched)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// malformed returns a glob of the setting streams that cannot be read, "" if there is none.
func (c *Config) malformed() (glob string, err error) {
	for pattern := range c.Streams {
		if _, err := path.Match(pattern, ""); err != nil {
			return pattern, fmt.Errorf("%w", err)
		}
	}
	return "", nil
}

// StreamEntry is the place of a stream's own settings, in a form that is right for any name: one with dots is no path.
// The settings are JSON, without their braces.
func StreamEntry(stream, settings string) string {
	var name strings.Builder
	encoder := json.NewEncoder(&name)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(stream) //nolint:errchkjson // a string can be encoded
	return fmt.Sprintf("streams: {%s: {%s}}", strings.TrimSpace(name.String()), settings)
}

// StreamSetting shows how to give a stream a setting of its own. The value is JSON.
func StreamSetting(stream, name, value string) string {
	return StreamEntry(stream, fmt.Sprintf("%q: %s", name, value))
}
