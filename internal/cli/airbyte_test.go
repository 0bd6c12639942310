package cli_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"target-postgres/internal/pgtest"
)

// file writes a file of the test's own.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// airbyteConfig is a configuration for a schema, of the server at a URL.
func airbyteConfig(t *testing.T, connString, schema, more string) string {
	t.Helper()
	return file(t, "config.json", fmt.Sprintf(`{"url": %q, "schema": %q%s}`, connString, schema, more))
}

// messages decodes stdout, of which every line has to be a message whose type comes first.
func messages(t *testing.T, stdout string) []map[string]any {
	t.Helper()
	var list []map[string]any
	for line := range strings.Lines(stdout) {
		var message map[string]any
		if err := json.Unmarshal([]byte(line), &message); err != nil || !strings.HasPrefix(line, `{"type":"`) {
			t.Errorf("stdout has the line %q", line)
		}
		list = append(list, message)
	}
	return list
}

func TestSpecIsOneMessage(t *testing.T) {
	t.Parallel()
	got := invoke(t, "spec")
	list := messages(t, got.stdout)
	if got.code != 0 || len(list) != 1 || list[0]["type"] != "SPEC" || got.stderr != "" {
		t.Fatalf("exit code %d, %d messages, stderr %q", got.code, len(list), got.stderr)
	}
	spec, _ := list[0]["spec"].(map[string]any)
	modes, _ := json.Marshal(spec["supported_destination_sync_modes"])
	if string(modes) != `["overwrite","append","append_dedup"]` {
		t.Errorf("the sync modes are %s", modes)
	}
}

func TestCheckSucceedsAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	database := pgtest.Database(t)
	got := invoke(t, "check", "--config", airbyteConfig(t, database, "not_there_yet", ""))
	if got.code != 0 || got.stdout != `{"type":"CONNECTION_STATUS","connectionStatus":{"status":"SUCCEEDED"}}`+"\n" {
		t.Errorf("exit code %d, stdout %s", got.code, got.stdout)
	}
	for _, step := range []string{"connect", "schema", "table", "copy", "merge", "drop"} {
		if !strings.Contains(got.stderr, step) {
			t.Errorf("stderr lacks the step %s: %s", step, got.stderr)
		}
	}
	var left int
	err := pgtest.ConnectTo(t, database).QueryRow(t.Context(), `SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = 'not_there_yet')
		+ (SELECT count(*) FROM pg_class WHERE relname LIKE '\_singular%')`).Scan(&left)
	if err != nil || left != 0 {
		t.Errorf("%d things were left behind, %v", left, err)
	}
}

func TestAFailedCheckNamesTheStepAndTheFix(t *testing.T) {
	t.Parallel()
	database := pgtest.Database(t)
	user := pgtest.Role(t, database) // who may do nothing but connect
	for name, c := range map[string]struct{ config, step, message string }{
		"no such database": {file(t, "c.json", strings.Replace(`{"url": "URL", "database": "there_is_none"}`, "URL", database, 1)), "login", "there_is_none"},
		"no schema":        {airbyteConfig(t, user, "missing", ""), "schema", `TO "` + pgtest.User(t, user) + `"`},
		"not to be made":   {airbyteConfig(t, user, "missing", `, "skip_schema_creation": true`), "schema", "CREATE SCHEMA"},
		"no table":         {airbyteConfig(t, user, "pg_catalog", ""), "table", "pg_catalog"},
		"no role":          {airbyteConfig(t, user, "public", `, "role": "pg_monitor"`), "schema", `GRANT "pg_monitor" TO "` + pgtest.User(t, user) + `"`},
		"no settings":      {file(t, "c.json", `{}`), "settings", "host"},
		"no JSON":          {file(t, "c.json", `{`), "settings", "JSON"},
		"no file":          {filepath.Join(t.TempDir(), "none.json"), "settings", "read"},
	} {
		got := invoke(t, "check", "--config", c.config)
		list := messages(t, got.stdout)
		status, _ := list[len(list)-1]["connectionStatus"].(map[string]any)
		message, _ := status["message"].(string)
		if got.code != 0 || status["status"] != "FAILED" {
			t.Errorf("%s: exit code %d, stdout %s", name, got.code, got.stdout)
		}
		if !strings.Contains(message, fmt.Sprintf("%q", c.step)) || !strings.Contains(message, c.message) || !strings.Contains(got.stderr, "FAILED") {
			t.Errorf("%s: the message is %q, stderr %s", name, message, got.stderr)
		}
		if again := invoke(t, "check", "--exit-code", "--config", c.config); again.code != 1 {
			t.Errorf("%s: exit code %d with --exit-code", name, again.code)
		}
	}
}

const usersCatalog = `{"streams": [{"stream": {"name": "users", "json_schema": {"properties": {"id": {"type": "integer"}}}}, "sync_mode": "full_refresh",
	"destination_sync_mode": "append", "generation_id": 0, "minimum_generation_id": 0, "sync_id": 1}]}`

func TestAFailedWriteIsATraceWithItsFailureType(t *testing.T) {
	t.Parallel()
	schema := pgtest.Schema(t)
	good, catalog := airbyteConfig(t, pgtest.URL(t), schema, ""), file(t, "catalog.json", usersCatalog)
	unreachable := file(t, "c.json", `{"host": "127.0.0.1", "port": 1, "database": "d", "schema": "s", "username": "u", "password": "secret-password", "max_retry_seconds": 0}`)
	record := `{"type":"RECORD","record":{"stream":"users","data":{"id":1},"emitted_at":1}}`
	for name, c := range map[string]struct {
		args    []string
		env     map[string]string
		stdin   string
		failure string
	}{
		"no catalog":          {args: []string{"--config", good}, failure: "config_error"},
		"no config":           {args: []string{"--catalog", catalog}, failure: "config_error"},
		"a catalog of others": {args: []string{"--config", good, "--catalog", good}, failure: "config_error"},
		"an unknown flag":     {args: []string{"--config", good, "--catalog", catalog, "--what"}, failure: "config_error"},
		"no server":           {args: []string{"--config", unreachable, "--catalog", catalog}, stdin: record, failure: "transient_error"},
		"a broken line":       {args: []string{"--config", good, "--catalog", catalog}, stdin: `{"type":"REC`, failure: "system_error"},
		"sockets":             {args: []string{"--config", good, "--catalog", catalog}, env: map[string]string{"DATA_CHANNEL_MEDIUM": "SOCKET"}, failure: "config_error"},
	} {
		got := invocation{args: append([]string{"write"}, c.args...), env: c.env, stdin: c.stdin}.run(t)
		list := messages(t, got.stdout)
		if got.code != 1 || len(list) == 0 || list[len(list)-1]["type"] != "TRACE" {
			t.Errorf("%s: exit code %d, stdout %s", name, got.code, got.stdout)
			continue
		}
		trace, _ := list[len(list)-1]["trace"].(map[string]any)
		failed, _ := trace["error"].(map[string]any)
		if failed["failure_type"] != c.failure || failed["message"] == "" || failed["internal_message"] == "" {
			t.Errorf("%s: the error is %v", name, failed)
		}
		if strings.Contains(got.stdout+got.stderr, "secret-password") {
			t.Errorf("%s: the password is in the output", name)
		}
	}
}

func TestAWriteLogsOnStdoutOnly(t *testing.T) {
	t.Parallel()
	cfg := airbyteConfig(t, pgtest.URL(t), pgtest.Schema(t), `, "raw_data_schema": "airbyte_internal"`)
	got := invocation{
		args:  []string{"write", "--config", cfg, "--catalog", file(t, "catalog.json", usersCatalog)},
		stdin: `{"type":"RECORD","record":{"stream":"users","data":{"id":1},"emitted_at":1}}`,
	}.run(t)
	if got.code != 0 || got.stderr != "" || !strings.Contains(got.stdout, "raw_data_schema is ignored") {
		t.Errorf("exit code %d, stderr %q, stdout %s", got.code, got.stderr, got.stdout)
	}
	for _, message := range messages(t, got.stdout) {
		if message["type"] != "LOG" {
			t.Errorf("the message %v is no LOG", message)
		}
	}
}
