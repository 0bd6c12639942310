package main

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/internal/cli"
	"target-postgres/target"
)

// TestSettingsPageSaysWhatSpecSays fails when docs/settings.md is stale; `go test -run Settings . -update` writes it.
func TestSettingsPageSaysWhatSpecSays(t *testing.T) {
	t.Parallel()
	parsed, err := target.ParseSpec(spec)
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
