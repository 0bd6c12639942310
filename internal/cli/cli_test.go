package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/internal/cli"
	"target-postgres/internal/pgtest"
)

// run is the outcome of one invocation.
type run struct {
	code           int
	stdout, stderr string
}

// invocation is one call of the program, with the environment it sees.
type invocation struct {
	args  []string
	env   map[string]string
	stdin string
}

func (i invocation) run(t *testing.T) run {
	t.Helper()
	spec, err := os.ReadFile("../../spec.json")
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	var stdout bytes.Buffer
	program := cli.Program{
		Version: "v1.2.3", Spec: cli.ReadSpec(spec), Args: i.args, Stdin: strings.NewReader(i.stdin), Stdout: &stdout, Stderr: stderr,
		Getenv: func(name string) string { return i.env[name] },
		Environ: func() (pairs []string) {
			for name, value := range i.env {
				pairs = append(pairs, name+"="+value)
			}
			return pairs
		},
	}
	code := program.Run(t.Context())
	said, err := os.ReadFile(stderr.Name())
	if err != nil {
		t.Fatal(err)
	}
	return run{code: code, stdout: stdout.String(), stderr: string(said)}
}

func invoke(t *testing.T, args ...string) run {
	t.Helper()
	return invocation{args: args}.run(t)
}

// configFile writes settings to a file and returns its path.
func configFile(t *testing.T, settings map[string]any) string {
	t.Helper()
	data, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// users are messages of one stream.
const users = `{"type":"SCHEMA","stream":"users","schema":{"properties":{"id":{"type":"integer"}}},"key_properties":["id"]}
{"type":"RECORD","stream":"users","record":{"id":1}}
{"type":"STATE","value":{"bookmark":1}}
`

func TestVersionAndAboutNeedNoConfiguration(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args []string
		want string // the beginning of stdout
	}{
		{[]string{"--version"}, "target-postgres v1.2.3\n"},
		{[]string{"--about"}, "Name: target-postgres\nDescription: Loads streams of records into PostgreSQL.\nVersion: 1.2.3\n"},
		{[]string{"--about", "--format", "markdown"}, "# `target-postgres`\n\nLoads streams of records into PostgreSQL.\n\n## Capabilities\n\n* `about`\n"},
		{[]string{"--about", "--format=MARKDOWN"}, "# `target-postgres`\n"},
		{[]string{"--about", "--format=json"}, "{\n  \"name\": \"target-postgres\",\n  \"description\":"},
		{[]string{"--format=JSON", "--about"}, "{\n  \"name\": \"target-postgres\","},
		{[]string{"--help"}, "target-postgres loads streams of records into PostgreSQL.\n"},
		{[]string{"spec", "--help"}, "target-postgres loads streams of records into PostgreSQL.\n"},
		{[]string{"embedded", "-h"}, "target-postgres loads streams of records into PostgreSQL.\n"},
		{[]string{"embedded", "remove", "--help"}, "target-postgres loads streams of records into PostgreSQL.\n"},
		{[]string{"-h"}, "target-postgres loads streams of records into PostgreSQL.\n"},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			t.Parallel()
			got := invoke(t, tt.args...)
			if got.code != 0 || got.stderr != "" || !strings.HasPrefix(got.stdout, tt.want) {
				t.Errorf("exit code %d, stderr %q, stdout:\n%.300s", got.code, got.stderr, got.stdout)
			}
		})
	}
}

func TestAboutAsJSONHasTheKeysOfTheSDK(t *testing.T) {
	t.Parallel()
	var about struct {
		Version      string
		Python       []string `json:"supported_python_versions"`
		Capabilities []string
		Settings     struct {
			Type       string
			Schema     string `json:"$schema"`
			Required   []string
			Properties map[string]map[string]any
		}
	}
	text := invoke(t, "--about", "--format=json").stdout
	if err := json.Unmarshal([]byte(text), &about); err != nil {
		t.Fatal(err)
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &keys); err != nil {
		t.Fatal(err)
	}
	want := []string{"capabilities", "description", "name", "sdk_version", "settings", "supported_python_versions", "version"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(keys))); diff != "" {
		t.Error(diff)
	}
	if about.Version != "1.2.3" || about.Python != nil {
		t.Errorf("version %q, Python %q", about.Version, about.Python)
	}
	known := []string{
		"about", "stream-maps", "activate-version", "batch", "soft-delete", "hard-delete", "datatype-failsafe",
		"schema-flattening", "target-schema", "validate-records", "structured-logging",
	}
	for _, capability := range about.Capabilities {
		if !slices.Contains(known, capability) {
			t.Errorf("capability %q is not in Meltano's vocabulary", capability)
		}
	}
	if diff := cmp.Diff([]string{"host", "username", "database"}, about.Settings.Required); diff != "" {
		t.Error(diff)
	}
	if about.Settings.Schema != "https://json-schema.org/draft/2020-12/schema" || about.Settings.Type != "object" {
		t.Errorf("settings are a %q of %q", about.Settings.Type, about.Settings.Schema)
	}
	port := map[string]any{
		"type": []any{"integer", "null"}, "title": "Port", "default": 5432.0, "description": "Port of the PostgreSQL server.",
	}
	if diff := cmp.Diff(port, about.Settings.Properties["port"]); diff != "" {
		t.Error(diff)
	}
	password := about.Settings.Properties["password"]
	if password["secret"] != true || password["writeOnly"] != true {
		t.Errorf("the password is no secret: %v", password)
	}
	tunnel, _ := about.Settings.Properties["ssh_tunnel"]["properties"].(map[string]any)
	if _, ok := tunnel["private_key"]; !ok {
		t.Errorf("the tunnel's settings are missing: %v", tunnel)
	}
}

func TestHelpFitsAScreen(t *testing.T) {
	t.Parallel()
	help := invoke(t, "--help").stdout
	if lines := strings.Count(help, "\n"); lines > 24 {
		t.Errorf("%d lines", lines)
	}
	for line := range strings.Lines(help) {
		if len(line) > 81 { // with its newline
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
}

func TestWrongUsageIsExitCode2(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args []string
		want string
	}{
		{[]string{"--colour"}, "flag provided but not defined: -colour; see target-postgres --help"},
		{[]string{"config.json"}, `unexpected argument "config.json" (did you mean --config config.json?); see target-postgres --help`},
		{[]string{"check", "c.json"}, `check: unexpected argument "c.json" (did you mean --config c.json?)`},
		{[]string{"--about", "--format=yaml"}, `--format "yaml" is not text, json, json-schema or markdown`},
		{[]string{"embedded", "start"}, "embedded knows two commands"},
		{[]string{"keygen", "--comment"}, "flag needs an argument: -comment"},
		{[]string{"keygen", "--output=k", "postgres://loader:secret@db/x"}, "unexpected argument (not shown: it may hold a password)"},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			t.Parallel()
			if got := invoke(t, tt.args...); got.code != 2 || !strings.Contains(got.stderr, tt.want) {
				t.Errorf("exit code %d: %s", got.code, got.stderr)
			}
		})
	}
}

func TestConfigurationsThatCannotBeUsedSayWhy(t *testing.T) {
	t.Parallel()
	broken := filepath.Join(t.TempDir(), "broken.json")
	if err := os.WriteFile(broken, []byte(`{"host": `), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"no configuration at all", nil, `there is no configuration: setting "host" is missing (give --config FILE, `},
		{"a file that is not there", []string{"--config", "nope.json"}, "nope.json"},
		{"a file that is no JSON", []string{"-c", broken}, "line 1: this is not JSON: "},
		{
			"a mistyped setting is named with the nearest",
			[]string{"--config", configFile(t, map[string]any{"hots": "x"})},
			`setting "hots" is not a setting of target-postgres (did you mean host?)`,
		},
		{
			"also inside an object",
			[]string{"--config", configFile(t, map[string]any{"ssh_tunnel": map[string]any{"privat_key": "x"}})},
			`setting "ssh_tunnel.privat_key" is not a setting of target-postgres (did you mean ssh_tunnel.private_key?)`,
		},
		{
			"and for streams",
			[]string{"--config", configFile(t, map[string]any{"streams": map[string]any{"a": map[string]any{"mode": "append"}}})},
			`did you mean streams.a.load_mode?`,
		},
		{
			"a value that is none of those allowed",
			[]string{"--config", configFile(t, map[string]any{"load_mode": "merge"})},
			`setting "load_mode" value must be one of "append", "replace", "upsert", "history", "soft_delete"`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := invoke(t, tt.args...)
			if got.code != 1 || !strings.Contains(got.stderr, tt.want) || got.stdout != "" {
				t.Errorf("exit code %d, stdout %q: %s", got.code, got.stdout, got.stderr)
			}
		})
	}
}

func TestLaterFilesWinAndTheEnvironmentWinsOverAll(t *testing.T) {
	t.Parallel()
	first, second, third := pgtest.Schema(t), pgtest.Schema(t), pgtest.Schema(t)
	one := configFile(t, map[string]any{"url": pgtest.URL(t), "schema": first})
	two := configFile(t, map[string]any{"schema": second})
	env := map[string]string{"TARGET_POSTGRES_SCHEMA": third, "TARGET_POSTGRES_STREAMS": `{"users":{"table":"people"}}`}
	tests := []struct {
		name  string
		args  []string
		table string
	}{
		{"one file", []string{"--config", one}, first + ".users"},
		{"the later file", []string{"--config=" + one, "-c", two}, second + ".users"},
		{"the environment is not asked", []string{"--config", one}, first + ".users"},
		{"the environment, wherever it stands", []string{"--config", "ENV", "--config", one, "-c", two}, third + ".people"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := invocation{args: append(tt.args, "--dry-run"), env: env, stdin: users}.run(t)
			schema, table, _ := strings.Cut(tt.table, ".")
			if want := fmt.Sprintf("CREATE TABLE %q.%q", schema, table); got.code != 0 || !strings.Contains(got.stdout, want) {
				t.Errorf("exit code %d, no %s in:\n%s%s", got.code, want, got.stdout, got.stderr)
			}
		})
	}
}

func TestInputComesFromStdinOrAFile(t *testing.T) {
	t.Parallel()
	cfg := configFile(t, map[string]any{"url": pgtest.URL(t), "schema": pgtest.Schema(t)})
	input := filepath.Join(t.TempDir(), "users.jsonl")
	if err := os.WriteFile(input, []byte(users), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, i := range []invocation{
		{args: []string{"--config", cfg}, stdin: users},
		{args: []string{"--config", cfg, "--input", input}},
	} {
		if got := i.run(t); got.code != 0 || got.stdout != "{\"bookmark\":1}\n" {
			t.Errorf("exit code %d, stdout %q: %s", got.code, got.stdout, got.stderr)
		}
	}
	if got := invoke(t, "--config", cfg, "--input", "nope.jsonl"); got.code != 1 || !strings.Contains(got.stderr, "nope.jsonl") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

func TestSummaryGoesToAFileAlsoWhenTheRunFails(t *testing.T) {
	t.Parallel()
	cfg := configFile(t, map[string]any{"url": pgtest.URL(t), "schema": pgtest.Schema(t)})
	for _, tt := range []struct {
		name, input string
		code        int
	}{
		{"complete", users, 0},
		{"cut off", users + `{"type":"RECORD"`, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "summary.json")
			got := invocation{args: []string{"--config", cfg, "--summary", path}, stdin: tt.input}.run(t)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v; exit code %d: %s", err, got.code, got.stderr)
			}
			var summary struct {
				Complete bool
				Error    string
				Streams  []map[string]any
			}
			if err := json.Unmarshal(data, &summary); err != nil {
				t.Fatal(err)
			}
			if got.code != tt.code || summary.Complete != (tt.code == 0) || (summary.Error == "") != (tt.code == 0) {
				t.Errorf("exit code %d, summary:\n%s", got.code, data)
			}
			if len(summary.Streams) != 1 || summary.Streams[0]["stream"] != "users" || summary.Streams[0]["read"] != 1.0 {
				t.Errorf("summary:\n%s", data)
			}
		})
	}
	path := filepath.Join(t.TempDir(), "summary.HTML")
	if got := (invocation{args: []string{"--config", cfg, "--summary", path}, stdin: users}).run(t); got.code != 0 {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	if page, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(page), "<!doctype html>") || !strings.Contains(string(page), "<b>users</b>") {
		t.Errorf("%v, the page:\n%s", err, page)
	}
}

func TestASummaryThatCannotBeWrittenIsRefusedBeforeAnythingIsLoaded(t *testing.T) {
	t.Parallel()
	cfg := configFile(t, map[string]any{"url": pgtest.URL(t), "schema": pgtest.Schema(t)})
	for _, path := range []string{filepath.Join(t.TempDir(), "missing", "summary.json"), t.TempDir()} {
		got := invocation{args: []string{"--config", cfg, "--summary", path}, stdin: users}.run(t)
		if got.code != 1 || !strings.Contains(got.stderr, "--summary: "+strconv.Quote(path)+" cannot be written: ") || strings.Contains(got.stderr, "created table") {
			t.Errorf("exit code %d: %s", got.code, got.stderr)
		}
	}
	dir := t.TempDir()
	got := invocation{args: []string{"--config", cfg, "--summary", filepath.Join(dir, "summary.json"), "--input", "missing.jsonl"}}.run(t)
	if left, _ := os.ReadDir(dir); got.code != 1 || len(left) > 0 {
		t.Errorf("exit code %d, a run that never was has left %v", got.code, left)
	}
}

func TestUnderMeltanoEveryLineIsStructured(t *testing.T) {
	t.Parallel()
	logging := filepath.Join(t.TempDir(), "target.singer_sdk_logging.json")
	const meltano = `{"version":1,"formatters":{"singer_formatter":{"()":"singer_sdk.logging.StructuredFormatter"}},"root":{"level":"INFO"}}`
	if err := os.WriteFile(logging, []byte(meltano), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := configFile(t, map[string]any{"url": pgtest.URL(t), "schema": pgtest.Schema(t)})
	env := map[string]string{"SINGER_SDK_LOG_CONFIG": logging}
	for _, tt := range []struct {
		name, input, message string
		code                 int
	}{
		{"a run", users, "METRIC", 0},
		{"an error", "{", "input line 1", 1},
		{"a configuration error", "", `setting "host" is missing`, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			args := []string{"--config", cfg}
			if tt.input == "" {
				args = nil
			}
			got := invocation{args: args, env: env, stdin: tt.input}.run(t)
			if got.code != tt.code || !strings.Contains(got.stderr, strings.ReplaceAll(tt.message, `"`, `\"`)) {
				t.Errorf("exit code %d: %s", got.code, got.stderr)
			}
			for line := range strings.Lines(got.stderr) {
				var keys map[string]any
				if err := json.Unmarshal([]byte(line), &keys); err != nil {
					t.Fatalf("%v: %s", err, line)
				}
				for _, key := range []string{"level", "pid", "logger_name", "ts", "thread_name", "app_name", "stream_name", "message"} {
					if _, ok := keys[key]; !ok {
						t.Errorf("no %s in %s", key, line)
					}
				}
			}
		})
	}
}

func TestShellsCompleteTheCommandLine(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish"} {
		got := invoke(t, "completion", shell)
		if got.code != 0 || got.stderr != "" {
			t.Errorf("%s: exit code %d: %s", shell, got.code, got.stderr)
		}
		for _, word := range []string{"config", "summary", "dry-run", "keygen", "embedded", "state", "exit-code", "remove"} {
			if !strings.Contains(got.stdout, word) {
				t.Errorf("%s does not complete %s", shell, word)
			}
		}
	}
	if got := invoke(t, "completion", "cmd"); got.code != 2 || !strings.Contains(got.stderr, "bash, fish, zsh") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	script := invoke(t, "completion", "bash").stdout + `
complete_at() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _target_postgres; echo "${COMPREPLY[*]}"; }
complete_at target-postgres ke
complete_at target-postgres --dr
complete_at target-postgres --about --format m
complete_at target-postgres check --e
complete_at target-postgres write --ca
complete_at target-postgres embedded ""
complete_at target-postgres completion z
complete_at target-postgres --state-file cli.g
`
	out, err := exec.CommandContext(t.Context(), "bash", "-c", script).CombinedOutput()
	if diff := cmp.Diff("keygen\n--dry-run\nmarkdown\n--exit-code\n--catalog\nremove stop\nzsh\ncli.go\n", string(out)); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

func TestNoProgressAndNoColourWhereNobodyLooks(t *testing.T) {
	t.Parallel()
	cfg := configFile(t, map[string]any{"url": pgtest.URL(t), "schema": pgtest.Schema(t)})
	got := invocation{args: []string{"--config", cfg}, stdin: users}.run(t)
	if got.code != 0 || strings.ContainsAny(got.stderr, "\x1b\r") {
		t.Errorf("exit code %d: %q", got.code, got.stderr)
	}
}
