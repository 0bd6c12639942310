package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// A message is text that the source gives to an error or a log line, with … in the place of what only a run knows.

// Messages are those of the program's packages: what an error has as its reason, what errors.New, fmt.Errorf and the
// helpers of [reasonOf] get, what a warning or an error of the log says, and the warnings and notes that are gathered
// for later. A text that reaches one of these in a variable is not found.
func Messages(roots ...string) ([]string, error) {
	var all []string
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				all = append(all, messagesOf(n)...)
				return true
			})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func messagesOf(n ast.Node) []string {
	switch n := n.(type) {
	case *ast.CompositeLit:
		return messagesOfLiteral(n)
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			if i < len(n.Rhs) && isReason(left) {
				return texts(n.Rhs[i])
			}
		}
	case *ast.CallExpr:
		if at := reasonOf(called(n), len(n.Args)); at >= 0 && len(n.Args) > at {
			return texts(n.Args[at])
		}
	}
	return nil
}

// messagesOfLiteral finds the reason of an error, named or by its place.
func messagesOfLiteral(n *ast.CompositeLit) []string {
	for _, element := range n.Elts {
		if pair, is := element.(*ast.KeyValueExpr); is && isReason(pair.Key) {
			return texts(pair.Value)
		}
	}
	kind, is := n.Type.(*ast.Ident)
	switch {
	case is && kind.Name == "usageError" && len(n.Elts) == 1:
		return texts(n.Elts[0])
	case is && kind.Name == "Error" && len(n.Elts) > 1:
		return texts(n.Elts[1]) // setting, reason, hint
	}
	return nil
}

// isReason reports whether something is called as texts for people are.
func isReason(e ast.Expr) bool {
	name := ""
	switch e := e.(type) {
	case *ast.Ident:
		name = e.Name
	case *ast.SelectorExpr:
		name = e.Sel.Name
	}
	return strings.EqualFold(name, "reason") || name == "note"
}

// reasonOf says which argument of a function is a message, -1 for none.
func reasonOf(function string, arguments int) int {
	switch function {
	case "Warn", "Error", "Errorf", "New", "badLine", "fail":
		return 0
	case "WarnContext", "ErrorContext":
		return 1
	case "malformed", "unexpected":
		return 2
	case "configError":
		return arguments - 2 // before the hint
	case "append":
		return 1 // to a list of warnings or notes; other lists hold no sentences
	}
	return -1
}

func called(e *ast.CallExpr) string {
	switch f := e.Fun.(type) {
	case *ast.Ident:
		if f.Name == "append" && len(e.Args) > 0 && !isNotes(e.Args[0]) {
			return ""
		}
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

func isNotes(e ast.Expr) bool {
	list, is := e.(*ast.SelectorExpr)
	return is && (strings.EqualFold(list.Sel.Name, "warnings") || strings.EqualFold(list.Sel.Name, "notes"))
}

var verb = regexp.MustCompile(`%[-+#0-9.]*[a-zA-Z]|…+`)

// texts are what an expression may say.
func texts(e ast.Expr) []string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); e.Kind == token.STRING && err == nil {
			return []string{verb.ReplaceAllString(text, "…")}
		}
	case *ast.ParenExpr:
		return texts(e.X)
	case *ast.BinaryExpr:
		var both []string
		for _, before := range texts(e.X) {
			for _, after := range texts(e.Y) {
				both = append(both, before+after)
			}
		}
		return both
	case *ast.CallExpr:
		switch name := called(e); {
		case len(e.Args) > 0 && (name == "Sprintf" || name == "Errorf" || name == "New"):
			return texts(e.Args[0])
		case len(e.Args) == 2 && name == "Say": // for Singer and for Airbyte
			return append(texts(e.Args[0]), texts(e.Args[1])...)
		}
	}
	return []string{"…"}
}

// enough is how many bytes of a message tell it from all others.
const enough = 60

// FixedWords is the longest part of a message that is the same in every run, or the beginning of that, "" if it is less
// than three words.
func FixedWords(message string) string {
	longest := ""
	for part := range strings.SplitSeq(message, "…") {
		if part = strings.Trim(part, " :;,.()\"'`"); len(part) > len(longest) {
			longest = part
		}
	}
	if len(strings.Fields(longest)) < 3 {
		return ""
	}
	if len(longest) > enough {
		longest = longest[:enough+strings.IndexByte(longest[enough:]+" ", ' ')]
	}
	return longest
}
