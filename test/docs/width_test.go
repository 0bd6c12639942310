package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// commentWidth is how many columns a comment takes at most, where a tab is four.
const commentWidth = 120

// TestCommentsHaveOneWidth holds the lines of comments to one width. Lists and examples, which are indented, may be
// wider.
func TestCommentsHaveOneWidth(t *testing.T) {
	t.Parallel()
	seen := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && len(path) > 1 && strings.HasPrefix(entry.Name(), "."):
			return filepath.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".go":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for n, line := range strings.Split(string(text), "\n") {
			comment := strings.TrimLeft(line, "\t")
			if !strings.HasPrefix(comment, "// ") || strings.HasPrefix(comment, "//  ") {
				continue
			}
			seen++
			if width := utf8.RuneCountInString(comment) + 4*(len(line)-len(comment)); width > commentWidth {
				t.Errorf("%s:%d: the comment takes %d columns, want at most %d", path, n+1, width, commentWidth)
			}
		}
		return nil
	})
	if err != nil || seen == 0 {
		t.Fatalf("%d comments: %v", seen, err)
	}
}
