package config

import (
	"testing"
)

func TestOnlyWhatCannotBeASecretIsShownOfChangedSettings(t *testing.T) {
	t.Parallel()
	spec := readSpec(t)
	for _, tt := range []struct {
		name  string
		given map[string]any
		want  string
	}{
		{"nothing but the defaults", map[string]any{"host": "h", "username": "u", "database": "d", "table_prefix": "", "port": 5432}, "host, username, database (not shown)"},
		{
			"choices, numbers and texts",
			map[string]any{"host": "h", "username": "u", "database": "d", "password": "s3cret", "port": "6000", "load_mode": "append", "migration_policy": map[string]any{"new_fields": "fail"}},
			"port=6000, load_mode=append, migration_policy.new_fields=fail, host, username, password, database (not shown)",
		},
	} {
		cfg, err := New(spec, tt.given)
		if err != nil {
			t.Fatal(err)
		}
		if cfg.Changed != tt.want {
			t.Errorf("%s: %s", tt.name, cfg.Changed)
		}
	}
}
