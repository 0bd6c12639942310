package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"target-postgres/internal/pgtest"
)

const (
	oldState = `{"bookmark": "of the run before"}` + "\n"
	newState = `{"bookmark": 7}` + "\n"
)

func TestTheStateFileHoldsTheNewestStateThatLeft(t *testing.T) {
	t.Parallel()
	rows, _, _ := strings.Cut(users, `{"type":"STATE"`)
	bad := `{"type": "RECORD", "stream": "users", "record": {"id": 2`
	state := `{"type": "STATE", "value": ` + strings.TrimSpace(newState) + "}\n"
	tests := []struct {
		name  string
		input string
		code  int
		want  string
	}{
		{"a run that emits one", rows + state, 0, newState},
		{"a run that fails after one", rows + state + bad, 1, newState},
		{"a run that emits none", rows, 0, oldState},
		{"a run that fails before the first", rows + bad, 1, oldState},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg := configFile(t, map[string]any{"url": pgtest.URL(t), "schema": pgtest.Schema(t)})
			dir := t.TempDir()
			path := filepath.Join(dir, "state.json")
			if err := os.WriteFile(path, []byte(oldState), 0o640); err != nil {
				t.Fatal(err)
			}
			link := filepath.Join(t.TempDir(), "link.json")
			if err := os.Symlink(path, link); err != nil {
				t.Fatal(err)
			}
			got := invocation{args: []string{"--config", cfg, "--state-file", link}, stdin: tt.input}.run(t)
			if got.code != tt.code {
				t.Fatalf("exit code %d: %s", got.code, got.stderr)
			}
			if tt.want == newState && got.stdout != newState {
				t.Errorf("standard output has %q", got.stdout)
			}
			kept, err := os.ReadFile(path)
			if err != nil || string(kept) != tt.want {
				t.Errorf("the file holds %q, %v; want %q", kept, err, tt.want)
			}
			info, err := os.Stat(path)
			if err != nil || info.Mode().Perm() != 0o640 {
				t.Errorf("the file's mode is %v, %v", info.Mode(), err)
			}
			if left, _ := os.ReadDir(dir); len(left) != 1 {
				t.Errorf("the directory holds %v", left)
			}
		})
	}
}

func TestAStateFileThatCannotBeWrittenIsRefusedBeforeAnythingIsLoaded(t *testing.T) {
	t.Parallel()
	cfg := configFile(t, map[string]any{"url": pgtest.URL(t), "schema": pgtest.Schema(t)})
	for _, path := range []string{filepath.Join(t.TempDir(), "missing", "state.json"), t.TempDir()} {
		got := invocation{args: []string{"--config", cfg, "--state-file", path}, stdin: users}.run(t)
		if got.code != 1 || !strings.Contains(got.stderr, "--state-file") || strings.Contains(got.stderr, "created table") {
			t.Errorf("exit code %d: %s", got.code, got.stderr)
		}
	}
}
