package profile

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// function is a function or method of the project in the list of a profile: its package and its name.
var function = regexp.MustCompile(`\s(target-postgres/[^.\s]+)\.(?:\(\*?\w+[^)]*\)\.)?(\w+)`)

// The compiler finds nothing in a profile for a function that has another name or another package by now: it leaves the
// code as it is and says nothing. Of the functions where most time goes, nine tenths must be there.
func TestTheProfileIsOfThisProgram(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "tool", "pprof", "-top", "-nodecount=80", "../../default.pgo").Output()
	if err != nil {
		t.Fatal(err)
	}
	found := function.FindAllStringSubmatch(string(out), -1)
	if len(found) < 20 {
		t.Fatalf("the profile has %d functions of the program among its first, which is too few:\n%s", len(found), out)
	}
	var gone []string
	for _, f := range found {
		folder := filepath.Join("../..", strings.TrimPrefix(f[1], "target-postgres/"))
		if !declares(t, folder, f[2]) {
			gone = append(gone, f[1]+"."+f[2])
		}
	}
	if len(gone)*10 > len(found) {
		t.Errorf("%d of %d functions are gone; `make profile` records them anew: %s", len(gone), len(found), strings.Join(gone, ", "))
	}
}

// declares reports whether a file of the folder has a function or method of that name.
func declares(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == name {
				return true
			}
		}
	}
	return false
}
