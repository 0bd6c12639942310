package target_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// order lists the packages below target. Each imports earlier ones only.
func order() []string {
	return []string{
		"libpq", "tlsfiles", "trace", "sqlstate", "connect", "failure", "shape", "partition", "dialect", "settings", "config", "naming", "batch", "systemvalue", "validate", "stats", "telemetry", "pgtx", "ahead",
		"pgcatalog", "index", "comments", "migrate", "systemcolumn", "ddl", "pipeline", "bisect", "revision", "rejects", "scratch", "tablewrite", "fraction", "foresee", "state", "statetable", "staged", "isolate", "checkpoint",
		"ledger", "stream", "staging", "loadlog", "registry", "prepare", "remedy", "check", "answers", "objects", "parquetfile", "batchfile", "trigger", "summary", "outcome", ".",
	}
}

// source is what a package is made of, its tests left out.
type source struct {
	lines   int
	imports []string
	files   []*ast.File
}

// sources reads the packages below target.
func sources(t *testing.T) map[string]*source {
	t.Helper()
	const root = `target-postgres/target`
	all := map[string]*source{}
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(filepath.Dir(path))
		if all[name] == nil {
			all[name] = &source{}
		}
		one := all[name]
		one.lines += set.File(file.Pos()).LineCount()
		one.files = append(one.files, file)
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if below, is := strings.CutPrefix(imported, root+"/"); is {
				one.imports = append(one.imports, below)
			} else if imported == root {
				one.imports = append(one.imports, ".")
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestImportsRunOneWay holds the order of the packages: who reads one of them need not know those after it.
func TestImportsRunOneWay(t *testing.T) {
	t.Parallel()
	places := order()
	for name, one := range sources(t) {
		place := slices.Index(places, name)
		if place < 0 {
			t.Errorf("%s has no place in the order", name)
		}
		for _, imported := range one.imports {
			if slices.Index(places, imported) >= place {
				t.Errorf("%s imports %s, which comes after it", name, imported)
			}
		}
	}
}

// TestWhatCommitsCannotReachTheReader holds the border between the two goroutines: no package that the committer is
// made of imports one of the reader's, be it through others. Those have the streams with their buffers, and the ledger.
func TestWhatCommitsCannotReachTheReader(t *testing.T) {
	t.Parallel()
	all := sources(t)
	reached := map[string]string{"checkpoint": "checkpoint"}
	for left := []string{"checkpoint"}; len(left) > 0; left = left[1:] {
		for _, imported := range all[left[0]].imports {
			if reached[imported] == "" {
				reached[imported] = reached[left[0]] + " → " + imported
				left = append(left, imported)
			}
		}
	}
	for _, of := range []string{"stream", "ledger", "registry", "staging", "prepare", "."} {
		if all[of] == nil {
			t.Errorf("there is no package %s: has it been renamed?", of)
		}
		if reached[of] != "" {
			t.Errorf("what commits reaches the reader: %s", reached[of])
		}
	}
	for _, of := range []string{"revision", "tablewrite", "isolate", "pipeline"} {
		if reached[of] == "" {
			t.Errorf("checkpoint does not import %s: are these the committer's packages?", of)
		}
	}
}

// TestPackagesStaySmall keeps every package one that can be read at a stretch.
func TestPackagesStaySmall(t *testing.T) {
	t.Parallel()
	for name, one := range sources(t) {
		most := 2000
		if name == "." {
			most = 1700
		}
		if one.lines > most {
			t.Errorf("%s has %d lines, more than %d: what in it has a promise of its own?", name, one.lines, most)
		}
	}
}

// TestATableIsMadeWhole holds that no code changes the facts of a stream's table: the committer may be reading them. A
// preparation makes new ones.
func TestATableIsMadeWhole(t *testing.T) {
	t.Parallel()
	all, facts := sources(t), map[string]bool{}
	for _, file := range all["revision"].files {
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, is := n.(*ast.TypeSpec); is && spec.Name.Name == "Table" {
				for _, field := range spec.Type.(*ast.StructType).Fields.List {
					for _, name := range field.Names {
						facts[name.Name] = true
					}
				}
			}
			return true
		})
	}
	for name, one := range all {
		for _, file := range one.files {
			ast.Inspect(file, func(n ast.Node) bool {
				assigned, is := n.(*ast.AssignStmt)
				if !is {
					return true
				}
				for _, left := range assigned.Lhs {
					field, is := left.(*ast.SelectorExpr)
					if !is || !facts[field.Sel.Name] {
						continue
					}
					if of, is := field.X.(*ast.Ident); is && of.Name == "s" {
						t.Errorf("%s assigns s.%s, a fact about the stream's table", name, field.Sel.Name)
					}
				}
				return true
			})
		}
	}
	if len(facts) < 10 {
		t.Errorf("revision.Table has the fields %v: has it moved?", facts)
	}
}

// TestATargetHasFewFields keeps Target from becoming the place for everything.
func TestATargetHasFewFields(t *testing.T) {
	t.Parallel()
	fields := 0
	for _, file := range sources(t)["."].files {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, is := n.(*ast.TypeSpec)
			if !is || spec.Name.Name != "Target" {
				return true
			}
			if of, is := spec.Type.(*ast.StructType); is {
				fields = of.Fields.NumFields()
			}
			return false
		})
	}
	if fields == 0 || fields > 15 {
		t.Errorf("Target has %d fields, want 1 to 15", fields)
	}
}

// TestEveryPackageSaysWhereItRuns holds that the comment of each package names its goroutine: the compiler guards the
// border between packages, and the reader of a package must know on which side of it the package is.
func TestEveryPackageSaysWhereItRuns(t *testing.T) {
	t.Parallel()
	for name, one := range sources(t) {
		said := slices.ContainsFunc(one.files, func(file *ast.File) bool {
			return file.Doc != nil && strings.Contains(file.Doc.Text(), "goroutine")
		})
		if !said {
			t.Errorf("the comment of package %s does not say which goroutine runs it", name)
		}
	}
}
