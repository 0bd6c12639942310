package target

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/merge"
	"target-postgres/protocol"
)

func TestAnExactNameBeatsGlobsAndALongerGlobAShorterOne(t *testing.T) {
	t.Parallel()
	yes, no := new(bool), new(bool)
	*yes = true
	config := &Config{
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
			if diff := cmp.Diff(test.want, config.forStream(protocol.Stream{Name: test.stream})); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.stream, diff)
				break
			}
		}
	}
}

func TestASettingOfAStreamWithoutMatchIsThatOfAllStreams(t *testing.T) {
	t.Parallel()
	config := &Config{LoadMode: "soft_delete", HistoryTimeColumn: "at", Streams: map[string]StreamConfig{"b": {LoadMode: "append"}}}
	if diff := cmp.Diff(StreamConfig{LoadMode: "soft_delete", HistoryTimeColumn: "at", FullSnapshot: new(bool)}, config.forStream(protocol.Stream{Name: "a"})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnEmptyListOfKeysIsSomethingOtherThanNone(t *testing.T) {
	t.Parallel()
	config := &Config{Streams: map[string]StreamConfig{"*": {KeyProperties: []string{"id"}}, "a": {KeyProperties: []string{}}}}
	if keys := config.forStream(protocol.Stream{Name: "a"}).KeyProperties; keys == nil || len(keys) > 0 {
		t.Errorf("the key is %v, want an empty one that stands for no key", keys)
	}
	if diff := cmp.Diff([]string{"id"}, config.forStream(protocol.Stream{Name: "b"}).KeyProperties); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAStreamNameWithTheCharactersOfAGlobMatchesItself(t *testing.T) {
	t.Parallel()
	config := &Config{Streams: map[string]StreamConfig{"a[1]": {Table: "itself"}, "*": {Table: "any"}}}
	for stream, want := range map[string]string{"a[1]": "itself", "a1": "itself", "b": "any"} {
		if got := config.forStream(protocol.Stream{Name: stream}).Table; got != want {
			t.Errorf("table of %q is %q, want %q", stream, got, want)
		}
	}
}

func TestTheModeOfAStreamIsUpsertWhereItHasAKey(t *testing.T) {
	t.Parallel()
	tests := []struct {
		mode   string
		hasKey bool
		want   merge.Mode
	}{
		{"", true, merge.Upsert},
		{"", false, merge.Append},
		{"append", true, merge.Append},
		{"history", true, merge.History},
		{"replace", false, merge.Replace},
		{"soft_delete", false, merge.SoftDelete},
	}
	for _, test := range tests {
		config := StreamConfig{LoadMode: test.mode}
		got, err := config.mode(test.hasKey)
		if err != nil || got != test.want {
			t.Errorf("%q with a key: %t is %s (%v), want %s", test.mode, test.hasKey, got, err, test.want)
		}
	}
}

func TestAStreamInANamespaceGoesByItsFullNameAndByItsName(t *testing.T) {
	t.Parallel()
	config := &Config{Streams: map[string]StreamConfig{
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
		if diff := cmp.Diff(test.want, config.forStream(test.id)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.id, diff)
		}
	}
}

func TestADestinationIsTheSchemaAndTableOfAStream(t *testing.T) {
	t.Parallel()
	const long = "ein_name_der_viel_länger_ist_als_die_dreiundsechzig_bytes_von_postgres"
	tests := []struct {
		name   string
		config Config
		id     protocol.Stream
		own    StreamConfig
		schema string
		table  string
	}{
		{name: "as it is", id: protocol.Stream{Name: "Orders"}, schema: "raw", table: "Orders"},
		{name: "a namespace is a schema", id: protocol.Stream{Namespace: "sales", Name: "o"}, schema: "sales", table: "o"},
		{name: "prefix", config: Config{TablePrefix: "p_"}, id: protocol.Stream{Name: "o"}, schema: "raw", table: "p_o"},
		{name: "no separator asked for", id: protocol.Stream{Name: "a-b"}, schema: "raw", table: "a-b"},
		{name: "separator", config: Config{StreamNameSeparator: "-"}, id: protocol.Stream{Name: "a-b"}, schema: "a", table: "b"},
		{name: "the last one counts", config: Config{StreamNameSeparator: "-"}, id: protocol.Stream{Name: "a-b-c"}, schema: "a-b", table: "c"},
		{name: "long separator", config: Config{StreamNameSeparator: "::"}, id: protocol.Stream{Name: "a::b"}, schema: "a", table: "b"},
		{name: "nothing before it", config: Config{StreamNameSeparator: "-"}, id: protocol.Stream{Name: "-b"}, schema: "raw", table: "-b"},
		{name: "nothing behind it", config: Config{StreamNameSeparator: "-"}, id: protocol.Stream{Name: "a-"}, schema: "raw", table: "a-"},
		{name: "without it", config: Config{StreamNameSeparator: "-"}, id: protocol.Stream{Name: "ab"}, schema: "raw", table: "ab"},
		{
			name: "separator and prefix", config: Config{StreamNameSeparator: "-", TablePrefix: "p_"},
			id: protocol.Stream{Name: "a-b"}, schema: "a", table: "p_b",
		},
		{
			name: "lower case", config: Config{StreamNameSeparator: "-", LowercaseNames: true, TablePrefix: "P_"},
			id: protocol.Stream{Name: "Sales-Größe"}, schema: "sales", table: "p_größe",
		},
		{
			name: "the schema of all streams in lower case", config: Config{LowercaseNames: true, Schema: "Raw"},
			id: protocol.Stream{Name: "A"}, schema: "raw", table: "a",
		},
		{
			name: "a stream's own names win and are taken as they are", config: Config{TablePrefix: "p_", LowercaseNames: true},
			id: protocol.Stream{Namespace: "n", Name: "o"}, own: StreamConfig{Schema: "Mine", Table: "Own"}, schema: "Mine", table: "Own",
		},
		{name: "only the schema is the stream's own", id: protocol.Stream{Name: "o"}, own: StreamConfig{Schema: "s"}, schema: "s", table: "o"},
		{
			name: "longer than an identifier", id: protocol.Stream{Name: long}, schema: "raw",
			table: "ein_name_der_viel_länger_ist_als_die_dreiundsechzig_b_d0af6d35",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.config.Schema == "" {
				test.config.Schema = "raw"
			}
			schema, table := (&Target{config: &test.config}).destination(&stream{id: test.id, config: test.own})
			if schema != test.schema || table != test.table {
				t.Errorf("%q.%q, want %q.%q", schema, table, test.schema, test.table)
			}
		})
	}
}
