package config

import (
	"testing"
)

func TestDottedNamesOfAStreamReachIntoItsSettings(t *testing.T) {
	t.Parallel()
	spec := readSpec(t)
	cfg, err := New(spec, map[string]any{
		"url": "postgres://localhost", "streams.a.b.migration_policy.new_fields": "skip", "streams.a.hard_delete": "true",
		"streams": map[string]any{"c": map[string]any{"migration_policy.changed_types": "fail", "max_rejected_records": "7"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ab, a, c := cfg.Streams["a.b"], cfg.Streams["a"], cfg.Streams["c"]
	if ab.MigrationPolicy.NewFields != SkipNewFields || !a.HardDelete || c.MigrationPolicy.ChangedTypes != FailChangedTypes || c.MaxRejectedRecords != 7 {
		t.Errorf("streams are %+v, %+v and %+v", ab, a, c)
	}
}
