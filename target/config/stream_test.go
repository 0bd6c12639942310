package config

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"target-postgres/merge"
	"target-postgres/protocol"
)

// configOf reads settings as they are after validation.
func configOf(t *testing.T, text string) *Config {
	t.Helper()
	cfg := &Config{}
	if err := json.Unmarshal([]byte(text), cfg); err != nil {
		t.Fatal(err)
	}
	return cfg
}

func diffStreams(want, got StreamConfig) string {
	return cmp.Diff(want, got, cmpopts.IgnoreUnexported(StreamConfig{}))
}

func TestAnExactNameBeatsGlobsAndALongerGlobAShorterOne(t *testing.T) {
	t.Parallel()
	cfg := configOf(t, `{"load_mode": "append", "history_time_column": "everywhere", "full_snapshot": true, "streams": {
		"*":           {"load_mode": "upsert", "schema": "any", "history_time_column": "star", "table": "from_star"},
		"sales_*":     {"load_mode": "replace", "schema": "sales"},
		"sales_o*":    {"load_mode": "history", "key_properties": ["id", "at"]},
		"sales_order": {"table": "orders", "full_snapshot": false},
		"s?les_items": {"table": "glob", "schema": "glob"},
		"sales_items": {"table": "exact"},
		"[ab]":        {"schema": "class"},
		"a*":          {"schema": "longer than class, no: shorter"},
		"x*":          {"schema": "star at the end"},
		"*y":          {"schema": "star at the start"},
		"[d]*":        {"schema": "glob"}
	}}`)
	settings := func(mode merge.Mode, snapshot bool) TableSettings {
		return TableSettings{LoadMode: LoadModeOf(mode), HistoryTimeColumn: "star", FullSnapshot: snapshot}
	}
	tests := []struct {
		stream string
		want   StreamConfig
	}{
		{"other", StreamConfig{TableSettings: settings(merge.Upsert, true), Schema: "any", Table: "from_star"}},
		{"sales_tax", StreamConfig{TableSettings: settings(merge.Replace, true), Schema: "sales", Table: "from_star"}},
		{
			"sales_offers",
			StreamConfig{
				TableSettings: settings(merge.History, true), Schema: "sales", Table: "from_star",
				KeyProperties: []string{"id", "at"},
			},
		},
		{
			"sales_order",
			StreamConfig{
				TableSettings: settings(merge.History, false), Schema: "sales", Table: "orders",
				KeyProperties: []string{"id", "at"},
			},
		},
		// The glob is as long as the name and sorts after nothing: the exact name still wins.
		{"sales_items", StreamConfig{TableSettings: settings(merge.Replace, true), Schema: "glob", Table: "exact"}},
		{"a", StreamConfig{TableSettings: settings(merge.Upsert, true), Schema: "class", Table: "from_star"}},
		// Of two globs of one length the one that sorts later wins, so that the order of a JSON object never matters.
		{"xy", StreamConfig{TableSettings: settings(merge.Upsert, true), Schema: "star at the end", Table: "from_star"}},
	}
	for _, test := range tests {
		for range 20 { // a map has another order every time
			if diff := diffStreams(test.want, cfg.ForStream(protocol.Stream{Name: test.stream})); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.stream, diff)
				break
			}
		}
	}
}

func TestASettingOfAStreamWithoutMatchIsThatOfAllStreams(t *testing.T) {
	t.Parallel()
	cfg := configOf(t, `{"load_mode": "soft_delete", "history_time_column": "at", "streams": {"b": {"load_mode": "append"}}}`)
	want := StreamConfig{TableSettings: TableSettings{LoadMode: LoadModeOf(merge.SoftDelete), HistoryTimeColumn: "at"}}
	if diff := diffStreams(want, cfg.ForStream(protocol.Stream{Name: "a"})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnEmptyListOfKeysIsSomethingOtherThanNone(t *testing.T) {
	t.Parallel()
	cfg := configOf(t, `{"streams": {"*": {"key_properties": ["id"]}, "a": {"key_properties": []}}}`)
	if keys := cfg.ForStream(protocol.Stream{Name: "a"}).KeyProperties; keys == nil || len(keys) > 0 {
		t.Errorf("the key is %v, want an empty one that stands for no key", keys)
	}
	if diff := cmp.Diff([]string{"id"}, cfg.ForStream(protocol.Stream{Name: "b"}).KeyProperties); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAStreamNameWithTheCharactersOfAGlobMatchesItself(t *testing.T) {
	t.Parallel()
	cfg := configOf(t, `{"streams": {"a[1]": {"table": "itself"}, "*": {"table": "any"}}}`)
	for stream, want := range map[string]string{"a[1]": "itself", "a1": "itself", "b": "any"} {
		if got := cfg.ForStream(protocol.Stream{Name: stream}).Table; got != want {
			t.Errorf("table of %q is %q, want %q", stream, got, want)
		}
	}
}

func TestAStreamInANamespaceGoesByItsFullNameAndByItsName(t *testing.T) {
	t.Parallel()
	cfg := configOf(t, `{"streams": {
		"orders": {"table": "by name", "schema": "by name"}, "sales.orders": {"table": "by full name"}, "sales.*": {"load_mode": "append", "table": "by glob"}
	}}`)
	appended := TableSettings{LoadMode: LoadModeOf(merge.Append)}
	tests := []struct {
		id   protocol.Stream
		want StreamConfig
	}{
		{protocol.Stream{Namespace: "sales", Name: "orders"}, StreamConfig{TableSettings: appended, Table: "by full name", Schema: "by name"}},
		{protocol.Stream{Namespace: "other", Name: "orders"}, StreamConfig{Table: "by name", Schema: "by name"}},
		{protocol.Stream{Namespace: "sales", Name: "items"}, StreamConfig{TableSettings: appended, Table: "by glob"}},
	}
	for _, test := range tests {
		if diff := diffStreams(test.want, cfg.ForStream(test.id)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.id, diff)
		}
	}
}
