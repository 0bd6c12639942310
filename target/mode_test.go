package target

import (
	"testing"

	"target-postgres/merge"
	"target-postgres/target/config"
)

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
		cfg := config.StreamConfig{TableSettings: config.TableSettings{LoadMode: test.mode}}
		got, err := cfg.Mode(test.hasKey)
		if err != nil || got != test.want {
			t.Errorf("%q with a key: %t is %s (%v), want %s", test.mode, test.hasKey, got, err, test.want)
		}
	}
}
