package systemcolumn

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/target/dialect"
)

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
		for _, e := range MetadataLike(dialect.Compatibility(compatibility)) {
			got = append(got, e.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", compatibility, diff)
		}
	}
}
