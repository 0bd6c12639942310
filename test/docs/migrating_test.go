package docs

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/target/dialect"
)

// settingsOf finds a table of settings in docs/migrating.md.
var settingsOf = regexp.MustCompile(`(?s)<!-- settings of ([^\n]+) -->\n.*?<!-- end -->`)

// TestMigratingPageHasEverySetting fails when the tables of docs/migrating.md are stale; `go test ./test/docs -run
// Migrating -update` writes them.
func TestMigratingPageHasEverySetting(t *testing.T) {
	t.Parallel()
	written, err := os.ReadFile("docs/migrating.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	page := settingsOf.ReplaceAllStringFunc(string(written), func(table string) string {
		name := settingsOf.FindStringSubmatch(table)[1]
		seen++
		return fmt.Sprintf("<!-- settings of %s -->\n%s<!-- end -->", name, foreignTable(t, name))
	})
	if want := len(dialect.Targets()); seen != want {
		t.Errorf("the page has %d tables, want %d", seen, want)
	}
	if *update {
		if err := os.WriteFile("docs/migrating.md", []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(written), page); diff != "" {
		t.Errorf("docs/migrating.md is stale (-written +now):\n%s", diff)
	}
}

// foreignTable is a target's settings in Markdown. Those of a fork are only what it adds.
func foreignTable(t *testing.T, name string) string {
	t.Helper()
	known := map[string]bool{}
	for _, foreign := range dialect.Targets() {
		if foreign.Name != name {
			if foreign.Compatibility == "pipelinewise" {
				for _, setting := range foreign.Settings {
					known[setting.Name] = true
				}
			}
			continue
		}
		var b strings.Builder
		b.WriteString("| setting | here | |\n|---|---|---|\n")
		for _, setting := range foreign.Settings {
			if known[setting.Name] && strings.HasPrefix(name, "hotglue") {
				continue
			}
			ours := "–"
			if setting.Ours != "" {
				ours = "`" + strings.ReplaceAll(setting.Ours, ", ", "`, `") + "`"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", setting.Name, ours, setting.Meaning)
		}
		return b.String()
	}
	t.Fatalf("no target is called %q", name)
	return ""
}
