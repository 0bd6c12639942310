package target

import (
	"testing"

	"target-postgres/merge"
	"target-postgres/target/config"
)

func TestTheModeOfAStreamIsUpsertWhereItHasAKey(t *testing.T) {
	t.Parallel()
	tests := []struct {
		mode   config.LoadMode
		hasKey bool
		want   merge.Mode
	}{
		{0, true, merge.Upsert},
		{0, false, merge.Append},
		{config.LoadModeOf(merge.Append), true, merge.Append},
		{config.LoadModeOf(merge.History), true, merge.History},
		{config.LoadModeOf(merge.Replace), false, merge.Replace},
		{config.LoadModeOf(merge.SoftDelete), false, merge.SoftDelete},
	}
	for _, test := range tests {
		cfg := config.StreamConfig{TableSettings: config.TableSettings{LoadMode: test.mode}}
		if got := cfg.Mode(test.hasKey); got != test.want {
			t.Errorf("%q with a key: %t is %s, want %s", test.mode, test.hasKey, got, test.want)
		}
	}
}
