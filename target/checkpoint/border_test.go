package checkpoint

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// TestThoseWhoCommitKnowNoStream holds the border between the two goroutines: what commits gets a stream.Revision and
// cannot come by a stream.Stream, whose batches and tables belong to the goroutine that reads.
func TestThoseWhoCommitKnowNoStream(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, dir := range []string{".", "../isolate", "../foresee", "../fraction", "../tablewrite", "../staged", "../statetable", "../rejects"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			checked++
			for _, found := range mentions(t, name, "stream", "Stream") {
				t.Errorf("%s: stream.Stream belongs to the goroutine that reads", found)
			}
		}
	}
	if checked < 20 {
		t.Errorf("only %d files were looked at", checked)
	}
}

// mentions lists where a file names something of another package.
func mentions(t *testing.T, file, of, name string) (found []token.Position) {
	t.Helper()
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok || selector.Sel.Name != name {
			return true
		}
		if from, ok := selector.X.(*ast.Ident); ok && from.Name == of {
			found = append(found, fset.Position(selector.Pos()))
		}
		return true
	})
	return found
}
