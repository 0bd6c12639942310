package docs

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"target-postgres/internal/pgtest"
)

// The configuration of examples/compose is one that the program accepts as it is printed.
func TestExampleConfigIsAccepted(t *testing.T) {
	t.Parallel()
	wholeConfig(t, exampleConfig(t))
}

func exampleConfig(t *testing.T) map[string]any {
	t.Helper()
	text, err := os.ReadFile("examples/compose/config/target.json")
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]any{}
	if err := json.Unmarshal(text, &settings); err != nil {
		t.Fatal(err)
	}
	return settings
}

// tapOfTheShop fails on the third run, after a record. It tells by the bookmark that it gets which run it is.
const tapOfTheShop = `#!/bin/sh
n=1
for argument; do if [ -f "$argument" ] && grep -q '^{"n"' "$argument"; then n=$(($(tr -dc 0-9 <"$argument") + 1)); fi; done
echo '{"type": "SCHEMA", "stream": "shop-orders", "key_properties": ["id"], "schema": {"properties": {"id": {"type": "integer"}}}}'
echo '{"type": "RECORD", "stream": "shop-orders", "record": {"id": '$n'}}'
if [ $n = 3 ]; then exit 7; fi
echo '{"type": "STATE", "value": {"n": '$n'}}'
`

// load.sh hands the saved bookmark to the tap, and keeps it when a run fails.
func TestExampleScriptKeepsTheBookmark(t *testing.T) {
	t.Parallel()
	dir, e := t.TempDir(), &example{schema: pgtest.Schema(t)}
	e.dir = dir
	settings := exampleConfig(t)
	e.here(settings)
	settings["url"] = pgtest.URL(t)
	text, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	e.write(t, "target.json", string(text), 0o600)
	e.write(t, "tap-postgres", tapOfTheShop, 0o700)
	if err := os.Symlink(buildProgram(t), filepath.Join(dir, "target-postgres")); err != nil {
		t.Fatal(err)
	}
	for run, want := range []string{`{"n": 1}`, `{"n": 2}`, `{"n": 2}`} {
		load := exec.CommandContext(t.Context(), "examples/compose/load.sh")
		load.Env = append(os.Environ(), "CONFIG="+dir, "STATE="+dir, "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
		out, err := load.CombinedOutput()
		if failed := err != nil; failed != (run == 2) {
			t.Errorf("run %d: %v\n%s", run+1, err, out)
		}
		state, err := os.ReadFile(filepath.Join(dir, "state.json"))
		if err != nil || strings.TrimSpace(string(state)) != want {
			t.Errorf("run %d: the bookmark is %s, want %s (%v)", run+1, state, want, err)
		}
	}
}
