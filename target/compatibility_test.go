package target

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/protocol"
)

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
		c := &Config{Schema: "S", Compatibility: tt.compatibility}
		schema, table := (&Target{config: c}).destination(&stream{id: protocol.Stream{Name: tt.stream}})
		if schema != tt.schema || table != tt.table {
			t.Errorf("%s: %s goes to %s.%s, want %s.%s", tt.compatibility, tt.stream, schema, table, tt.schema, tt.table)
		}
	}
}

func TestAnEmptySchemaOfMeltanolabsIsInTheStreamsName(t *testing.T) {
	t.Parallel()
	c := &Config{Schema: "public", Compatibility: "meltanolabs", StreamNameSeparator: "-"}
	for name, want := range map[string][2]string{
		"t": {"public", "t"}, "s-t": {"s", "t"}, "d-s-t": {"s", "t"}, "a-b-c-t": {"public", "t"},
	} {
		schema, table := (&Target{config: c}).destination(&stream{id: protocol.Stream{Name: name}})
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
		if fold := (&Config{Compatibility: compatibility}).fold(false); fold != nil {
			got = fold(got)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", compatibility, got, want)
		}
	}
}

func TestMetadataColumnsAreThoseOfTheTarget(t *testing.T) {
	t.Parallel()
	for compatibility, want := range map[string][]string{
		"": {
			"_sdc_extracted_at", "_sdc_received_at", "_sdc_batched_at", "_sdc_deleted_at", "_sdc_sequence", "_sdc_table_version",
			"_sdc_sync_started_at",
		},
		"pipelinewise": {"_sdc_extracted_at", "_sdc_batched_at", "_sdc_deleted_at"},
		"datamill":     {"_sdc_received_at", "_sdc_sequence", "_sdc_table_version", "_sdc_batched_at", "_sdc_primary_key"},
	} {
		var got []string
		for _, e := range recordMetadata(&Config{Compatibility: compatibility, AddRecordMetadata: true}) {
			got = append(got, e.name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", compatibility, diff)
		}
	}
	if got := recordMetadata(&Config{Compatibility: "datamill"}); got != nil {
		t.Errorf("without add_record_metadata there is %v", got)
	}
}
