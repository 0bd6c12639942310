package docs

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"target-postgres/target/config"
	"target-postgres/target/settings"
)

// sampleValues are values that ask for something, of the settings that have no words for it in the table.
func sampleValues() map[string]any {
	return map[string]any{
		"order_by": "at", "surrogate_key": true, "slice": []any{"account"}, "history_view": "{table}_current", "row_hash": true, "hard_delete": true, "delete_marker_column": "gone", "full_snapshot": true,
		"history_time_column": "at", "history_ignore": []any{"seen"}, "history_columns": map[string]any{"active": "current"}, "activate_version": false,
	}
}

// The table of settings and modes has every setting that some load mode does not know, and says refused where the
// program refuses it.
func TestLoadModesPageSaysWhichSettingsAreRefused(t *testing.T) {
	t.Parallel()
	rows := settingRows(t)
	for _, name := range config.ModeSettings() {
		if rows[name] == nil {
			t.Errorf("docs/load-modes.md has no row of %s", name)
		}
	}
	modes := rows["setting"]
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		if name == "setting" {
			continue
		}
		for i, mode := range modes[1:] {
			cell := rows[name][i+1]
			err := refusal(t, map[string]any{"load_mode": mode}, rows[name][0])
			if says := strings.HasPrefix(cell, "refused"); says != (err != nil) {
				t.Errorf("%s in %s: the page says %q, the program %v", rows[name][0], mode, cell, err)
			}
		}
	}
}

// Below it are the combinations of two settings.
func TestLoadModesPageSaysWhichSettingsAreRefusedTogether(t *testing.T) {
	t.Parallel()
	pairs := 0
	for line := range strings.Lines(readPage(t)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		both := strings.Split(cells[0], "` and `")
		if !strings.HasPrefix(line, "| `") || len(cells) != 2 || len(both) != 2 {
			continue
		}
		pairs++
		err := refusal(t, map[string]any{"load_mode": "upsert"}, both[0], both[1])
		if says := strings.HasPrefix(cells[1], "refused"); says != (err != nil) {
			t.Errorf("%s: the page says %q, the program %v", cells[0], cells[1], err)
		}
	}
	if pairs < 4 {
		t.Errorf("there are %d pairs", pairs)
	}
}

// refusal is the error of a configuration that names settings for a stream.
func refusal(t *testing.T, entry map[string]any, more ...string) error {
	t.Helper()
	for _, setting := range more {
		name, value, worded := strings.Cut(strings.Trim(strings.TrimSpace(setting), "` "), ": ")
		entry[name] = any(value)
		if !worded || value == "false" {
			entry[name] = sampleValues()[name]
		}
		if entry[name] == nil {
			t.Fatalf("no value of %s is known", name)
		}
	}
	parsed, err := settings.Parse(spec)
	if err != nil {
		t.Fatal(err)
	}
	// As a file has it.
	text, err := json.Marshal(map[string]any{"url": "postgres://localhost", "streams": map[string]any{"t": entry}})
	if err != nil {
		t.Fatal(err)
	}
	var given map[string]any
	if err := json.Unmarshal(text, &given); err != nil {
		t.Fatal(err)
	}
	_, err = config.New(parsed, given)
	return err
}

// settingRows are the cells of the table, by setting; those of its head are under the word setting.
func settingRows(t *testing.T) map[string][]string {
	t.Helper()
	rows := map[string][]string{}
	for line := range strings.Lines(readPage(t)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if len(cells) != 6 || strings.HasPrefix(cells[0], "---") {
			continue
		}
		name, _, _ := strings.Cut(strings.Trim(cells[0], "`"), ":")
		rows[name] = cells
	}
	if len(rows) == 0 {
		t.Fatal("docs/load-modes.md has no table of settings and modes")
	}
	return rows
}

func readPage(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("docs/load-modes.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}
