package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// link finds where a link of a page leads to: a path, a heading or both.
var link = regexp.MustCompile(`\]\(([^)#\s]*)(#[^)\s]+)?\)`)

// TestLinksLeadSomewhere follows the links of every page to files of the repository and to headings in them.
func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	followed := 0
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/adr/*.md", "testdata/*.md"} {
		pages, err := filepath.Glob(pattern)
		if err != nil || len(pages) == 0 {
			t.Fatalf("no pages %s: %v", pattern, err)
		}
		for _, page := range pages {
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range link.FindAllStringSubmatch(string(text), -1) {
				path, heading := found[1], strings.TrimPrefix(found[2], "#")
				if strings.Contains(path, "://") {
					continue
				}
				followed++
				to := page
				if path != "" {
					to = filepath.Join(filepath.Dir(page), path)
				}
				if _, err := os.Stat(to); err != nil {
					t.Errorf("%s: %v", page, err)
				} else if heading != "" && !hasHeading(t, to, heading) {
					t.Errorf("%s: %s has no heading #%s", page, to, heading)
				}
			}
		}
	}
	if followed == 0 {
		t.Error("no links were found")
	}
}

// punctuation is what is left out of a heading's name.
var punctuation = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)

// hasHeading reports whether a page has a heading of that name, as GitHub names them.
func hasHeading(t *testing.T, path, name string) bool {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		title, isHeading := strings.CutPrefix(strings.TrimLeft(line, "#"), " ")
		if !isHeading || !strings.HasPrefix(line, "#") {
			continue
		}
		if strings.ReplaceAll(punctuation.ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), ""), " ", "-") == name {
			return true
		}
	}
	return false
}
