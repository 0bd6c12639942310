package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/protocol"
)

func TestAnExactNameBeatsGlobsAndALongerGlobAShorterOne(t *testing.T) {
	t.Parallel()
	yes, no := new(bool), new(bool)
	*yes = true
	cfg := &Config{
		LoadMode: "append", HistoryTimeColumn: "everywhere", FullSnapshot: true,
		Streams: map[string]StreamConfig{
			"*":           {LoadMode: "upsert", Schema: "any", HistoryTimeColumn: "star", Table: "from_star"},
			"sales_*":     {LoadMode: "replace", Schema: "sales"},
			"sales_o*":    {LoadMode: "history", KeyProperties: []string{"id", "at"}},
			"sales_order": {Table: "orders", FullSnapshot: no},
			"s?les_items": {Table: "glob", Schema: "glob"},
			"sales_items": {Table: "exact"},
			"[ab]":        {Schema: "class"},
			"a*":          {Schema: "longer than class, no: shorter"},
			"x*":          {Schema: "star at the end"},
			"*y":          {Schema: "star at the start"},
			"[d]*":        {Schema: "glob"},
		},
	}
	tests := []struct {
		stream string
		want   StreamConfig
	}{
		{"other", StreamConfig{LoadMode: "upsert", Schema: "any", HistoryTimeColumn: "star", Table: "from_star", FullSnapshot: yes}},
		{"sales_tax", StreamConfig{LoadMode: "replace", Schema: "sales", HistoryTimeColumn: "star", Table: "from_star", FullSnapshot: yes}},
		{
			"sales_offers",
			StreamConfig{
				LoadMode: "history", Schema: "sales", HistoryTimeColumn: "star", Table: "from_star", FullSnapshot: yes,
				KeyProperties: []string{"id", "at"},
			},
		},
		{
			"sales_order",
			StreamConfig{
				LoadMode: "history", Schema: "sales", HistoryTimeColumn: "star", Table: "orders", FullSnapshot: no,
				KeyProperties: []string{"id", "at"},
			},
		},
		// The glob is as long as the name and sorts after nothing: the exact name still wins.
		{"sales_items", StreamConfig{LoadMode: "replace", Schema: "glob", HistoryTimeColumn: "star", Table: "exact", FullSnapshot: yes}},
		{"a", StreamConfig{LoadMode: "upsert", Schema: "class", HistoryTimeColumn: "star", Table: "from_star", FullSnapshot: yes}},
		// Of two globs of one length the one that sorts later wins, so that the order of a JSON object never matters.
		{"xy", StreamConfig{LoadMode: "upsert", Schema: "star at the end", HistoryTimeColumn: "star", Table: "from_star", FullSnapshot: yes}},
	}
	for _, test := range tests {
		for range 20 { // a map has another order every time
			if diff := cmp.Diff(test.want, cfg.ForStream(protocol.Stream{Name: test.stream})); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.stream, diff)
				break
			}
		}
	}
}

func TestASettingOfAStreamWithoutMatchIsThatOfAllStreams(t *testing.T) {
	t.Parallel()
	cfg := &Config{LoadMode: "soft_delete", HistoryTimeColumn: "at", Streams: map[string]StreamConfig{"b": {LoadMode: "append"}}}
	if diff := cmp.Diff(StreamConfig{LoadMode: "soft_delete", HistoryTimeColumn: "at", FullSnapshot: new(bool)}, cfg.ForStream(protocol.Stream{Name: "a"})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnEmptyListOfKeysIsSomethingOtherThanNone(t *testing.T) {
	t.Parallel()
	cfg := &Config{Streams: map[string]StreamConfig{"*": {KeyProperties: []string{"id"}}, "a": {KeyProperties: []string{}}}}
	if keys := cfg.ForStream(protocol.Stream{Name: "a"}).KeyProperties; keys == nil || len(keys) > 0 {
		t.Errorf("the key is %v, want an empty one that stands for no key", keys)
	}
	if diff := cmp.Diff([]string{"id"}, cfg.ForStream(protocol.Stream{Name: "b"}).KeyProperties); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAStreamNameWithTheCharactersOfAGlobMatchesItself(t *testing.T) {
	t.Parallel()
	cfg := &Config{Streams: map[string]StreamConfig{"a[1]": {Table: "itself"}, "*": {Table: "any"}}}
	for stream, want := range map[string]string{"a[1]": "itself", "a1": "itself", "b": "any"} {
		if got := cfg.ForStream(protocol.Stream{Name: stream}).Table; got != want {
			t.Errorf("table of %q is %q, want %q", stream, got, want)
		}
	}
}

func TestAStreamInANamespaceGoesByItsFullNameAndByItsName(t *testing.T) {
	t.Parallel()
	cfg := &Config{Streams: map[string]StreamConfig{
		"orders": {Table: "by name", Schema: "by name"}, "sales.orders": {Table: "by full name"}, "sales.*": {LoadMode: "append", Table: "by glob"},
	}}
	tests := []struct {
		id   protocol.Stream
		want StreamConfig
	}{
		{protocol.Stream{Namespace: "sales", Name: "orders"}, StreamConfig{LoadMode: "append", Table: "by full name", Schema: "by name"}},
		{protocol.Stream{Namespace: "other", Name: "orders"}, StreamConfig{Table: "by name", Schema: "by name"}},
		{protocol.Stream{Namespace: "sales", Name: "items"}, StreamConfig{LoadMode: "append", Table: "by glob"}},
	}
	for _, test := range tests {
		test.want.FullSnapshot = new(bool)
		if diff := cmp.Diff(test.want, cfg.ForStream(test.id)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.id, diff)
		}
	}
}
