package cli_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"target-postgres/internal/pgtest"
)

// initFlagsOf are the flags that name the test server.
func initFlagsOf(t *testing.T, more ...string) []string {
	t.Helper()
	at, err := url.Parse(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := at.User.Password()
	flags := []string{
		"init", "--host", at.Hostname(), "--port", at.Port(), "--username", at.User.Username(), "--password", password,
		"--database", strings.TrimPrefix(at.Path, "/"), "--schema", pgtest.Schema(t),
	}
	return append(flags, more...)
}

func TestInitWritesAConfigurationThatLoads(t *testing.T) {
	t.Parallel()
	output := filepath.Join(t.TempDir(), "config.json")
	if got := invoke(t, initFlagsOf(t, "--output", output)...); got.code != 0 || !strings.Contains(got.stderr, "merge") {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	info, err := os.Stat(output)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info, err)
	}
	input := `{"type":"SCHEMA","stream":"t","key_properties":["id"],"schema":{"properties":{"id":{"type":"integer"}}}}` + "\n"
	if got := (invocation{args: []string{"--config", output}, stdin: input}).run(t); got.code != 0 {
		t.Errorf("loading with it: exit code %d: %s", got.code, got.stderr)
	}
	if got := invoke(t, initFlagsOf(t, "--output", output)...); got.code != 1 || !strings.Contains(got.stderr, "already exists; give --force") {
		t.Errorf("a second time: exit code %d: %s", got.code, got.stderr)
	}
	if got := invoke(t, initFlagsOf(t, "--output", output, "--force")...); got.code != 0 {
		t.Errorf("with --force: exit code %d: %s", got.code, got.stderr)
	}
	if got := invoke(t, initFlagsOf(t, "--output", filepath.Join(output, "in", "a.json"))...); got.code != 1 || !strings.Contains(got.stderr, "give another place with --output") {
		t.Errorf("in a file: exit code %d: %s", got.code, got.stderr)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(output), "target-postgres.schema.json")); err != nil {
		t.Errorf("the schema that the configuration names: %v", err)
	}
}

func TestInitKeepsASchemaThatItDidNotWrite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	schema := filepath.Join(dir, "target-postgres.schema.json")
	if got := invoke(t, initFlagsOf(t, "--output", filepath.Join(dir, "a.json"))...); got.code != 0 {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	if got := invoke(t, initFlagsOf(t, "--output", filepath.Join(dir, "b.json"))...); got.code != 0 {
		t.Errorf("a second configuration beside the first one: exit code %d: %s", got.code, got.stderr)
	}
	if err := os.WriteFile(schema, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := invoke(t, initFlagsOf(t, "--output", filepath.Join(dir, "c.json"))...); got.code != 1 || !strings.Contains(got.stderr, "schema.json already exists; give --force") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	if have, err := os.ReadFile(schema); err != nil || string(have) != "mine" {
		t.Errorf("the schema is %q, %v", have, err)
	}
	if got := invoke(t, initFlagsOf(t, "--output", filepath.Join(dir, "c.json"), "--force")...); got.code != 0 {
		t.Errorf("with --force: exit code %d: %s", got.code, got.stderr)
	}
}

func TestInitWritesWhatPeopleReadAndType(t *testing.T) {
	t.Parallel()
	at, err := url.Parse(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	query := at.Query()
	query.Set("application_name", "a<b")
	query.Set("connect_timeout", "7")
	at.RawQuery = strings.ReplaceAll(query.Encode(), "%3C", "<")
	output := filepath.Join(t.TempDir(), "tom's config.json")
	got := invoke(t, "init", "--url", at.String(), "--schema", pgtest.Schema(t), "--output", output)
	if want := "--config '" + strings.ReplaceAll(output, "'", `'\''`) + "'\n"; got.code != 0 || !strings.HasSuffix(got.stdout, want) {
		t.Errorf("exit code %d, it says %q, not %q: %s", got.code, got.stdout, want, got.stderr)
	}
	if data, err := os.ReadFile(output); err != nil || !bytes.Contains(data, []byte("application_name=a<b&connect_timeout=7")) {
		t.Errorf("the configuration is %s, %v", data, err)
	}
}

func TestInitLeavesNoFileWhenTheCheckFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	got := invoke(t, initFlagsOf(t, "--output", dir, "--database", "there_is_none")...)
	if got.code != 1 || !strings.Contains(got.stderr, "nothing is written, because the check failed") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("it left %v, %v", files, err)
	}
}

func TestInitWithoutATerminalSaysWhatItNeeds(t *testing.T) {
	t.Parallel()
	if got := invoke(t, "init", "--host", "localhost"); got.code != 2 || !strings.Contains(got.stderr, "init needs --username, --database (or --url)") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

func TestAValueThatAFlagDoesNotTakeIsSaid(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"the flag --port does not take this value: a port is a number": {"init", "--host", "h", "--port", "secret"},
		"the flag --dry-run does not take this value":                  {"--dry-run=secret"},
		"an argument begins with a hyphen and is no flag":              {"init", "--=secret"},
	} {
		if got := invoke(t, args...); got.code != 2 || !strings.Contains(got.stderr, want) || strings.Contains(got.stderr, "secret") {
			t.Errorf("%v: exit code %d: %s", args, got.code, got.stderr)
		}
	}
}

func TestAboutPrintsTheSchemaForEditors(t *testing.T) {
	t.Parallel()
	printed := invoke(t, "--about", "--format", "json-schema").stdout
	for _, ours := range []string{`"x-`, "airbyte_secret", `"group"`} {
		if strings.Contains(printed, ours) {
			t.Errorf("the schema has %s", ours)
		}
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("mem:///schema.json", bytes.NewReader([]byte(printed))); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("mem:///schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for text, valid := range map[string]bool{
		`{"$schema": "x", "host": "h", "user": "u", "streams": {"t": {"indexes": [["a"], {"columns": ["b"], "unique": true}]}}}`: true,
		`{"postgres_host": "h", "persist_empty_tables": true, "use_copy": true}`:                                                 true, // as another target has it
		`{"hots": "h"}`:           false,
		`{"load_mode": "Upsert"}`: false,
		`{"streams": {"t": {"indexes": [{"unique": true}]}}}`: false,
	} {
		var given any
		if err := json.Unmarshal([]byte(text), &given); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(given); (err == nil) != valid {
			t.Errorf("%s: %v", text, err)
		}
	}
}
