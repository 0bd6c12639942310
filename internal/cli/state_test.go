package cli_test

import (
	"strings"
	"testing"

	"target-postgres/internal/pgtest"
)

func TestStatePrintsWhatTheLastRunSaved(t *testing.T) {
	t.Parallel()
	cfg := configFile(t, map[string]any{"url": pgtest.URL(t), "schema": pgtest.Schema(t), "state_table": true})
	before := invoke(t, "state", "--config", cfg)
	if before.code != 0 || before.stdout != "{}\n" || !strings.Contains(before.stderr, "no STATE is saved yet") {
		t.Errorf("before the first run: exit code %d, stdout %q: %s", before.code, before.stdout, before.stderr)
	}
	if got := (invocation{args: []string{"--config", cfg}, stdin: users}).run(t); got.code != 0 {
		t.Fatal(got.stderr)
	}
	for _, args := range [][]string{{"state", "--config", cfg}, {"state", "-c", cfg}, {"--config", cfg, "state"}} {
		if got := invoke(t, args...); got.code != 0 || got.stdout != "{\"bookmark\":1}\n" || got.stderr != "" {
			t.Errorf("%v: exit code %d, stdout %q: %s", args, got.code, got.stdout, got.stderr)
		}
	}
}

func TestStateThatCannotBePrintedIsNoEmptyOne(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	tests := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"without a configuration", []string{"state"}, 2, "state needs --config FILE"},
		{"not kept", []string{"state", "--config", configFile(t, map[string]any{"url": url})}, 1, `setting "state_table" is not set`},
		{
			"no such database",
			[]string{"state", "--config", configFile(t, map[string]any{"url": url, "database": "nowhere", "state_table": true})},
			1, `has no database "nowhere"`,
		},
		{
			"nobody there",
			[]string{"state", "--config", configFile(t, map[string]any{
				"host": "127.0.0.1", "port": 1, "username": "u", "database": "d", "state_table": true, "max_retry_seconds": 0,
			})},
			1, "refuses connections",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := invoke(t, tt.args...); got.code != tt.code || got.stdout != "" || !strings.Contains(got.stderr, tt.want) {
				t.Errorf("exit code %d, stdout %q: %s", got.code, got.stdout, got.stderr)
			}
		})
	}
}
