package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/internal/pgserver"
	"target-postgres/internal/pgtest"
)

func TestTheProgramIsCalledAgainAsItWasCalled(t *testing.T) {
	t.Parallel()
	for program, want := range map[string]string{
		"":                      "target-postgres",
		"target-postgres":       "target-postgres",
		"./bin/target-postgres": "./bin/target-postgres",
		"/opt/it's/tp":          "target-postgres",
		"/opt/my tools/tp":      "target-postgres",
		"/tmp/go-build123/b001/exe/target-postgres":      "go run .",
		"/root/.cache/go-build/ab/abc-d/target-postgres": "go run .",
	} {
		if got := invokedAs(program); got != want {
			t.Errorf("%s: %q, want %q", program, got, want)
		}
	}
}

func TestEmbeddedRemoveLeavesToTestsWhatTheyUse(t *testing.T) {
	t.Parallel()
	broken := errors.New("permission denied")
	for name, tt := range map[string]struct {
		removed []string
		err     error
		want    string
		fails   bool
	}{
		"all of it":    {removed: []string{"/data", "/programs"}, want: "removed /data\nremoved /programs\n"},
		"nothing":      {want: "there is no embedded PostgreSQL to remove\n"},
		"not programs": {removed: []string{"/data"}, err: broken, want: "removed /data\n", fails: true},
		"programs in use": {
			removed: []string{"/data"}, err: pgserver.ErrProgramsInUse,
			want: "removed /data\nkept the programs that were fetched, because tests still use them; to remove them, run the command again when the tests have ended\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stderr, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
			if err != nil {
				t.Fatal(err)
			}
			defer stderr.Close()
			if err := (&Program{Stderr: stderr}).tellRemoved(tt.removed, tt.err); (err != nil) != tt.fails {
				t.Errorf("error %v", err)
			}
			said, err := os.ReadFile(stderr.Name())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(said)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAServerIsLeftOnlyWithALineThatSaysHowToStopIt(t *testing.T) {
	t.Parallel()
	spec, err := os.ReadFile("../../spec.json")
	if err != nil {
		t.Fatal(err)
	}
	url, schema := pgtest.URL(t), pgtest.Schema(t)
	start := func(context.Context, pgserver.Options) (*pgserver.Server, error) {
		return &pgserver.Server{URL: url, DataDir: "/the/data", Version: "15"}, nil
	}
	for name, tt := range map[string]struct {
		settings, input string
		code            int
	}{
		"a run that succeeds": {`{"schema": "` + schema + `"}`, `{"type":"SCHEMA","stream":"t","key_properties":["id"],"schema":{"properties":{"id":{"type":"integer"}}}}`, exitOK},
		"a run that fails":    {`{"schema": "` + schema + `"}`, "no message", exitError},
		"a wrong setting":     {`{"load_mode": "upsrt"}`, "", exitError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			cfg := filepath.Join(dir, "config.json")
			if err := os.WriteFile(cfg, []byte(tt.settings), 0o600); err != nil {
				t.Fatal(err)
			}
			stderr, err := os.Create(filepath.Join(dir, "stderr"))
			if err != nil {
				t.Fatal(err)
			}
			defer stderr.Close()
			program := Program{
				Spec: ReadSpec(spec), Args: []string{"--embedded", "--config", cfg}, Stdin: strings.NewReader(tt.input), Stdout: &bytes.Buffer{}, Stderr: stderr,
				Getenv: func(string) string { return "" }, startServer: start,
			}
			code := program.Run(t.Context())
			said, err := os.ReadFile(stderr.Name())
			if err != nil {
				t.Fatal(err)
			}
			if code != tt.code || strings.Count(string(said), "  target-postgres embedded stop\n") != 1 || !strings.Contains(string(said), "Its data is in /the/data.") {
				t.Errorf("exit code %d:\n%s", code, said)
			}
		})
	}
}
