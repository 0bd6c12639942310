package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	// supersededBy is the part of a decision's status that names later ones, adrLink the number of one of these.
	supersededBy = regexp.MustCompile(`(?s)Superseded by.*`)
	adrLink      = regexp.MustCompile(`\]\(0*(\d+)-`)
)

// TestIndexOfDecisionsHasTheirTitles fails when docs/adr/README.md is stale; `go test ./test/docs -run Decisions
// -update` writes it.
func TestIndexOfDecisionsHasTheirTitles(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("docs/adr/[0-9]*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no decisions: %v", err)
	}
	index := "# Decisions\n\n"
	for i, path := range pages {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		heading, rest, _ := strings.Cut(string(text), "\n\n")
		status, _, _ := strings.Cut(rest, "\n\n")
		title, numbered := strings.CutPrefix(heading, fmt.Sprintf("# %d. ", i+1))
		if !numbered || !strings.HasPrefix(filepath.Base(path), fmt.Sprintf("%04d-", i+1)) {
			t.Errorf("%s: number %d is missing, or the page begins with %q", path, i+1, heading)
		}
		index += fmt.Sprintf("%d. [%s](%s)%s\n", i+1, title, filepath.Base(path), afterwards(status))
	}
	const path = "docs/adr/README.md"
	if *update {
		if err := os.WriteFile(path, []byte(index), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(written), index); diff != "" {
		t.Errorf("%s is stale (-written +now):\n%s", path, diff)
	}
}

// afterwards is what the index says about a decision that does not hold any more, by the status on its page.
func afterwards(status string) string {
	if strings.HasPrefix(status, "Withdrawn") {
		return " (withdrawn)"
	}
	var by []string
	for _, link := range adrLink.FindAllStringSubmatch(supersededBy.FindString(status), -1) {
		by = append(by, link[1])
	}
	if len(by) == 0 {
		return ""
	}
	part := ""
	if strings.Contains(status, " as to ") {
		part = "in part "
	}
	return " (superseded " + part + "by " + strings.Join(by, " and ") + ")"
}
