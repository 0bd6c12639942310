package target_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"strings"
	"testing"

	"target-postgres/internal/pgtest"
	"target-postgres/protocol"
	"target-postgres/target"
	"target-postgres/target/config"
)

// settings are those of a test beside the connection and the schema.
type settings map[string]any

// newConfig makes a configuration for the test server and one schema of it.
func newConfig(t *testing.T, schema string, more settings) *config.Config {
	t.Helper()
	given := map[string]any{"url": pgtest.LoaderURL(t), "schema": schema}
	maps.Copy(given, more)
	cfg, err := config.New(parseSpec(t), given)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// newTarget prepares a run of Singer messages.
func newTarget(t *testing.T, cfg *config.Config, in io.Reader, out io.Writer) *target.Target {
	t.Helper()
	reader := protocol.NewSinger(in, 0)
	t.Cleanup(reader.Close)
	run, err := target.New(cfg, reader, protocol.NewWriter(out), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// load runs messages and returns the STATE lines.
func load(t *testing.T, cfg *config.Config, messages ...string) ([]string, error) {
	t.Helper()
	var out strings.Builder
	err := newTarget(t, cfg, strings.NewReader(strings.Join(messages, "\n")), &out).Run(t.Context())
	return strings.Fields(out.String()), err
}

func schemaOf(stream, properties string, keys ...string) string {
	names, _ := json.Marshal(keys)
	return fmt.Sprintf(`{"type":"SCHEMA","stream":%q,"schema":{"type":"object","properties":%s},"key_properties":%s}`, stream, properties, names)
}

func record(stream, record string) string {
	return fmt.Sprintf(`{"type":"RECORD","stream":%q,"record":%s}`, stream, record)
}

func stateOf(value string) string { return fmt.Sprintf(`{"type":"STATE","value":%s}`, value) }
