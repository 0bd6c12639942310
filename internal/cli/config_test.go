package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// goWords are the words of encoding/json, which the author of a configuration need not know.
var goWords = regexp.MustCompile(`unmarshal|Go value|Go struct|interface ?\{|looking for beginning|invalid character`)

func TestWrongConfigurationsNameTheLineAndWhatIsExpected(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"{\n \"a\": \"geheim\",\n}":      "line 3: this is not JSON: a name in double quotes is expected (leave out the comma before it)",
		"[{\"a\": 1}]":                   "line 1: a JSON object is expected, and this is a list",
		"\n# words\nhost: geheim\n":      "line 2: JSON is expected, and this looks like YAML",
		"---\nhost: geheim\n":            "line 1: JSON is expected, and this looks like YAML",
		"":                               "a JSON object is expected, and there is nothing",
		"\"geheim\"":                     "line 1: a JSON object is expected, and this is a single value",
		"host=geheim\n":                  "line 1: JSON is expected",
		"{\"a\": geheim}":                "line 1: this is not JSON: a value is expected",
		"{\"a\"\n\"geheim\"}":            "line 2: this is not JSON: a colon is expected",
		"{\"a\": 1\n\"geheim\": 2}":      "line 2: this is not JSON: a comma or }",
		"{\"a\": [1\n \"geheim\"]}":      "line 2: this is not JSON: a comma or ]",
		"{\"a\": \"geheim\n\"}":          "line 1: this is not JSON: a text goes on beyond its line",
		"{\"a\": \"C:\\geheim\"}":        "line 1: this is not JSON: a text has a backslash",
		"{\"a\": {\n\"b\": \"geheim\"\n": "line 3: this is not JSON: the object is not complete",
		"{}\n{\"a\": \"geheim\"}":        "line 2: something follows the end of the JSON object",
		"\xff\xfe{\x00}\x00":             "in another encoding",
		`{"port": 1e30}`:                 `setting "port"`,
		`{"port": "geheim"}`:             `setting "port" expected integer`,
	} {
		t.Run(strings.ReplaceAll(text, "geheim", "x"), func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "c.json")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			got := invoke(t, "--config", path)
			if got.code != 1 || !strings.Contains(got.stderr, want) || goWords.MatchString(got.stderr) || strings.Contains(got.stderr, "geheim") {
				t.Errorf("exit code %d, want %q: %s", got.code, want, got.stderr)
			}
			got = invoke(t, "write", "--config", path, "--catalog", path)
			if got.code != 1 || goWords.MatchString(got.stdout) || strings.Contains(got.stdout, "geheim") {
				t.Errorf("as a catalog: exit code %d: %s", got.code, got.stdout)
			}
		})
	}
}

// If a user gives the text of a file in place of its name, the text is not in the log afterwards.
func TestTextInPlaceOfAFileIsNotShown(t *testing.T) {
	t.Parallel()
	good := configFile(t, map[string]any{"host": "h", "username": "u", "database": "d"})
	for _, text := range []string{
		`{"password":"geheim"}`, "password: geheim", "host=h password=geheim", "postgres://u:geheim@h/d",
		"-----BEGIN geheim-----", "eyJwYXNzd29yZCI6ImdlaGVpbSJ9", strings.Repeat("geheim", 200),
	} {
		for _, args := range [][]string{
			{"--config", text},
			{"--config", good, "--input", text},
			{text},
			{"-" + text},
			{"--dry-run=" + text},
			{"state", "--config", text},
			{"check", "--config", text},
			{"check", text},
			{"spec", text},
			{"write", "--config", text, "--catalog", good},
			{"write", "--config", good, "--catalog", text},
		} {
			got := invoke(t, args...)
			if said := got.stdout + got.stderr; strings.Contains(said, "geheim") || strings.Contains(said, "ZWhlaW") {
				t.Errorf("%.60q says %s", args, said)
			}
		}
	}
	if got := invoke(t, "--config", "/no/such/file"); !strings.Contains(got.stderr, "/no/such/file") {
		t.Errorf("a path is not named: %s", got.stderr)
	}
}

func TestASettingThatIsGivenTwiceIsWarnedAbout(t *testing.T) {
	t.Parallel()
	cfg := file(t, "twice.json", "{\n\"host\": \"127.0.0.1\", \"username\": \"u\", \"database\": \"d\",\n\"password\": \"geheim\", \"load_mode\": \"append\",\n\"load_mode\": \"merge\"}")
	for _, args := range [][]string{{"--config", cfg}, {"check", "--config", cfg}} {
		got := invoke(t, args...)
		said := strings.ReplaceAll(got.stdout+got.stderr, `\"`, `"`)
		if !strings.Contains(said, `setting "load_mode" is given twice, in lines 3 and 4`) || strings.Contains(said, "geheim") {
			t.Errorf("%q says %s", args, said)
		}
	}
}

func TestWordsOfPythonAreNamed(t *testing.T) {
	t.Parallel()
	got := invoke(t, "--config", file(t, "python.json", "{\n\"use_tls\": True}"))
	if !strings.Contains(got.stderr, "line 2") || !strings.Contains(got.stderr, "write true, false and null in lower case") {
		t.Errorf("it says %s", got.stderr)
	}
}

func TestVariablesThatNameNothingAreWarnedAbout(t *testing.T) {
	t.Parallel()
	env := map[string]string{
		"TARGET_POSTGRES_SHCEMA": "geheim", "TARGET_POSTGRES_LOGLEVEL": "info", "TARGET_POSTGRES_EMPTY": "",
		"TARGET_POSTGRES_SSH_TUNNEL_HOST": "bastion", "OTHER": "x",
	}
	got := invocation{args: []string{"--config", "ENV"}, env: env}.run(t)
	want := "the variable TARGET_POSTGRES_SHCEMA has no effect: there is no setting of that name; did you mean TARGET_POSTGRES_SCHEMA?"
	if !strings.Contains(got.stderr, want) || strings.Count(got.stderr, "has no effect") != 1 || strings.Contains(got.stderr, "geheim") {
		t.Errorf("it says %s", got.stderr)
	}
	if !strings.Contains(got.stderr, `"ssh_tunnel.enabled" is missing`) {
		t.Errorf("a bastion in a variable is not asked about: %s", got.stderr)
	}
	if got := (invocation{args: []string{"--config", configFile(t, nil)}, env: env}).run(t); strings.Contains(got.stderr, "has no effect") {
		t.Errorf("without ENV it says %s", got.stderr)
	}
}

func TestCheckRefusesWhatARunRefuses(t *testing.T) {
	t.Parallel()
	for setting, value := range map[string]any{
		"batch_max_row": 1, "ssh_tunnel": map[string]any{"host": "b"}, "load_mode": "merge", "streams": map[string]any{"[": map[string]any{}},
	} {
		cfg := configFile(t, map[string]any{"host": "h", "username": "u", "database": "d", setting: value})
		got := invoke(t, "check", "--config", cfg, "--exit-code")
		if got.code != 1 || !strings.Contains(got.stdout, setting) || !strings.Contains(got.stdout, "FAILED") {
			t.Errorf("%s: exit code %d: %s", setting, got.code, got.stdout)
		}
	}
}
