package docs

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/internal/cli"
	"target-postgres/target/settings"
)

// TestSettingsPageSaysWhatSpecSays fails when docs/settings.md is stale; `go test ./test/docs -run Settings -update`
// writes it.
func TestSettingsPageSaysWhatSpecSays(t *testing.T) {
	t.Parallel()
	parsed, err := settings.Parse(spec)
	if err != nil {
		t.Fatal(err)
	}
	page := cli.Markdown(parsed)
	if *update {
		if err := os.WriteFile("docs/settings.md", []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile("docs/settings.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(written), page); diff != "" {
		t.Errorf("docs/settings.md is stale (-written +now):\n%s", diff)
	}
}

// TestHubDefinitionSaysWhatSpecSays fails when release/meltano-hub.yml is stale; `go test ./test/docs -run
// HubDefinition -update` writes it.
func TestHubDefinitionSaysWhatSpecSays(t *testing.T) {
	t.Parallel()
	parsed, err := settings.Parse(spec)
	if err != nil {
		t.Fatal(err)
	}
	definition := cli.HubDefinition(parsed)
	if *update {
		if err := os.WriteFile("release/meltano-hub.yml", []byte(definition), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile("release/meltano-hub.yml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(written), definition); diff != "" {
		t.Errorf("release/meltano-hub.yml is stale (-written +now):\n%s", diff)
	}
}
