package naming

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/protocol"
	"target-postgres/target/config"
	"target-postgres/target/dialect"
)

func placeOf(c *config.Config, id protocol.Stream) (schema, table string) {
	place := Of(c, Stream{ID: id})
	return place.Schema, place.Table
}

func TestTablesOfOtherTargetsAreNamedAsTheyNamedThem(t *testing.T) {
	t.Parallel()
	tests := []struct {
		compatibility, stream, schema, table string
	}{
		{"", "shop-Orders", "S", "shop-Orders"},
		{"none", "shop-Orders", "S", "shop-Orders"},
		{"meltanolabs", "Orders", "S", "Orders"},
		{"meltanolabs", "shop-Orders", "S", "Orders"},
		{"meltanolabs", "db-shop-Orders", "S", "Orders"},
		{"meltanolabs", "a-b-c-d", "S", "d"},
		{"meltanolabs", "with.dot", "S", "with.dot"},
		{"pipelinewise", "Orders", "S", "orders"},
		{"pipelinewise", "shop-Orders", "S", "orders"},
		{"pipelinewise", "db-shop-Order-Lines", "S", "order_lines"},
		{"pipelinewise", "shop-a.b", "S", "a_b"},
		{"datamill", "Web-Users", "S", "web_users"},
		{"datamill", "a.b c$1é", "S", "a_b_c$1é"},
	}
	for _, tt := range tests {
		c := &config.Config{Schema: "S", Compatibility: dialect.Compatibility(tt.compatibility)}
		schema, table := placeOf(c, protocol.Stream{Name: tt.stream})
		if schema != tt.schema || table != tt.table {
			t.Errorf("%s: %s goes to %s.%s, want %s.%s", tt.compatibility, tt.stream, schema, table, tt.schema, tt.table)
		}
	}
}

func TestAnEmptySchemaOfMeltanolabsIsInTheStreamsName(t *testing.T) {
	t.Parallel()
	c := &config.Config{Schema: "public", Compatibility: "meltanolabs", StreamNameSeparator: "-"}
	for name, want := range map[string][2]string{
		"t": {"public", "t"}, "s-t": {"s", "t"}, "d-s-t": {"s", "t"}, "a-b-c-t": {"public", "t"},
	} {
		schema, table := placeOf(c, protocol.Stream{Name: name})
		if diff := cmp.Diff(want, [2]string{schema, table}); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestColumnsOfOtherTargetsAreNamedAsTheyNamedThem(t *testing.T) {
	t.Parallel()
	for compatibility, want := range map[string]string{
		"": "First Name-É", "meltanolabs": "First Name-É", "pipelinewise": "first name-é", "datamill": "first_name_é",
	} {
		got := "First Name-É"
		if fold := (&config.Config{Compatibility: dialect.Compatibility(compatibility)}).Fold(false); fold != nil {
			got = fold(got)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", compatibility, got, want)
		}
	}
}

func TestADestinationIsTheSchemaAndTableOfAStream(t *testing.T) {
	t.Parallel()
	const long = "ein_name_der_viel_länger_ist_als_die_dreiundsechzig_bytes_von_postgres"
	tests := []struct {
		name   string
		config config.Config
		id     protocol.Stream
		own    config.StreamConfig
		schema string
		table  string
	}{
		{name: "as it is", id: protocol.Stream{Name: "Orders"}, schema: "raw", table: "Orders"},
		{name: "a namespace is a schema", id: protocol.Stream{Namespace: "sales", Name: "o"}, schema: "sales", table: "o"},
		{name: "prefix", config: config.Config{TablePrefix: "p_"}, id: protocol.Stream{Name: "o"}, schema: "raw", table: "p_o"},
		{name: "no separator asked for", id: protocol.Stream{Name: "a-b"}, schema: "raw", table: "a-b"},
		{name: "separator", config: config.Config{StreamNameSeparator: "-"}, id: protocol.Stream{Name: "a-b"}, schema: "a", table: "b"},
		{name: "the last one counts", config: config.Config{StreamNameSeparator: "-"}, id: protocol.Stream{Name: "a-b-c"}, schema: "a-b", table: "c"},
		{name: "long separator", config: config.Config{StreamNameSeparator: "::"}, id: protocol.Stream{Name: "a::b"}, schema: "a", table: "b"},
		{name: "nothing before it", config: config.Config{StreamNameSeparator: "-"}, id: protocol.Stream{Name: "-b"}, schema: "raw", table: "-b"},
		{name: "nothing behind it", config: config.Config{StreamNameSeparator: "-"}, id: protocol.Stream{Name: "a-"}, schema: "raw", table: "a-"},
		{name: "without it", config: config.Config{StreamNameSeparator: "-"}, id: protocol.Stream{Name: "ab"}, schema: "raw", table: "ab"},
		{
			name: "separator and prefix", config: config.Config{StreamNameSeparator: "-", TablePrefix: "p_"},
			id: protocol.Stream{Name: "a-b"}, schema: "a", table: "p_b",
		},
		{
			name: "lower case", config: config.Config{StreamNameSeparator: "-", LowercaseNames: true, TablePrefix: "P_"},
			id: protocol.Stream{Name: "Sales-Größe"}, schema: "sales", table: "p_größe",
		},
		{
			name: "the schema of all streams in lower case", config: config.Config{LowercaseNames: true, Schema: "Raw"},
			id: protocol.Stream{Name: "A"}, schema: "raw", table: "a",
		},
		{
			name: "a stream's own names win and are taken as they are", config: config.Config{TablePrefix: "p_", LowercaseNames: true},
			id: protocol.Stream{Namespace: "n", Name: "o"}, own: config.StreamConfig{Schema: "Mine", Table: "Own"}, schema: "Mine", table: "Own",
		},
		{name: "only the schema is the stream's own", id: protocol.Stream{Name: "o"}, own: config.StreamConfig{Schema: "s"}, schema: "s", table: "o"},
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
			place := Of(&test.config, Stream{ID: test.id, Schema: test.own.Schema, Table: test.own.Table})
			schema, table := place.Schema, place.Table
			if schema != test.schema || table != test.table {
				t.Errorf("%q.%q, want %q.%q", schema, table, test.schema, test.table)
			}
		})
	}
}
