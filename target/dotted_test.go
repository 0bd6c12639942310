package target_test

import (
	"maps"
	"testing"

	"target-postgres/target/config"
)

func TestDottedNamesAreNesting(t *testing.T) {
	t.Parallel()
	cfg := func(given map[string]any) *config.Config {
		t.Helper()
		maps.Copy(given, map[string]any{"host": "h", "username": "u", "database": "d"})
		made, err := config.New(parseSpec(t), given)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	c := cfg(map[string]any{
		"migration_policy":             map[string]any{"new_fields": "ignore", "new_streams": "skip"},
		"migration_policy.new_fields":  "fail",
		"streams.public.a.b.load_mode": "append",
		"streams":                      `{"other": {"table": "t"}, "one.two.load_mode": "replace"}`,
		"port":                         5432.0,
		"schema":                       "",
	})
	if c.MigrationPolicy.NewFields != config.FailNewFields || c.MigrationPolicy.NewStreams != config.SkipNewStreams {
		t.Errorf("migration_policy is %+v", c.MigrationPolicy)
	}
	if c.Streams["public.a.b"].LoadMode.String() != "append" || c.Streams["other"].Table != "t" || c.Streams["one.two"].LoadMode.String() != "replace" {
		t.Errorf("streams is %+v", c.Streams)
	}
	if c.Port != 5432 || c.Schema != "public" {
		t.Errorf("port is %d, schema %q", c.Port, c.Schema)
	}
}
