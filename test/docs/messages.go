package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A message is text that the source gives to an error or a log line, with … in the place of what only a run knows.

// Messages are those of the program's packages: what an error has as its reason, what errors.New, fmt.Errorf and each
// function with a parameter named like a reason gets, what a line of the log says, and the warnings and notes that are
// gathered for later. A text counts also if it comes in a variable, or from a function that returns one string.
func Messages(roots ...string) ([]string, error) {
	code, err := parse(roots)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, f := range code.functions {
		ast.Inspect(f.body, func(n ast.Node) bool {
			for _, message := range code.messagesOf(n, f) {
				all = append(all, code.texts(message, f, nil)...)
			}
			return true
		})
	}
	return all, nil
}

// source is the code of some packages.
type source struct {
	// functions are all of them, and one that has what stands outside of functions for each package.
	functions []function
	// takes are the parameters of functions that are messages, by what the functions are called.
	takes map[string][]int
	// gives are the functions that return one string.
	gives map[string][]function
}

type function struct {
	body ast.Node
	// dir is the folder of its package.
	dir string
	// names are the variables that can be meant in the function, and what they are set to.
	names scope
}

// scope has the values of variables, by their names: those of a function, then those of its package.
type scope []map[string][]ast.Expr

func parse(roots []string) (*source, error) {
	s := &source{takes: map[string][]int{}, gives: map[string][]function{}}
	packages := map[string]map[string][]ast.Expr{}
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			dir := filepath.Dir(path)
			if packages[dir] == nil {
				packages[dir] = map[string][]ast.Expr{}
			}
			s.add(dir, file, packages[dir])
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

// add adds a file to the code, and the variables outside of its functions to those of its package.
func (s *source) add(dir string, file *ast.File, all map[string][]ast.Expr) {
	for _, decl := range file.Decls {
		f, is := decl.(*ast.FuncDecl)
		if !is {
			assigned(decl, all)
			s.functions = append(s.functions, function{decl, dir, scope{all}})
			continue
		}
		if f.Body == nil {
			continue
		}
		own := map[string][]ast.Expr{}
		assigned(f.Body, own)
		this := function{f.Body, dir, scope{own, all}}
		s.functions = append(s.functions, this)
		name := inPackage(dir, f.Name.Name)
		s.takes[name] = append(s.takes[name], reasonsAmong(f.Type.Params)...)
		if results := f.Type.Results; results != nil && len(results.List) == 1 && isString(results.List[0].Type) {
			s.gives[name] = append(s.gives[name], this)
		}
	}
}

// inPackage tells functions apart that have one name in several packages.
func inPackage(dir, name string) string {
	if ast.IsExported(name) {
		return name
	}
	return dir + "." + name
}

// assigned adds what the variables in a piece of code are set to.
func assigned(n ast.Node, to map[string][]ast.Expr) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if name, is := left.(*ast.Ident); is && i < len(n.Rhs) {
					to[name.Name] = append(to[name.Name], n.Rhs[i])
				}
			}
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if i < len(n.Values) {
					to[name.Name] = append(to[name.Name], n.Values[i])
				}
			}
		}
		return true
	})
}

// reasonsAmong finds the parameters that are called as texts for people are.
func reasonsAmong(parameters *ast.FieldList) []int {
	var found []int
	at := 0
	for _, list := range parameters.List {
		for _, name := range list.Names {
			if isString(list.Type) && isReason(name) {
				found = append(found, at)
			}
			at++
		}
	}
	return found
}

func isString(e ast.Expr) bool {
	name, is := e.(*ast.Ident)
	return is && name.Name == "string"
}

// messagesOf are the messages that a piece of code has by itself.
func (s *source) messagesOf(n ast.Node, in function) []ast.Expr {
	switch n := n.(type) {
	case *ast.CompositeLit:
		return messagesOfLiteral(n)
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			if i < len(n.Rhs) && isReason(left) {
				return n.Rhs[i : i+1]
			}
		}
	case *ast.CallExpr:
		var found []ast.Expr
		for _, at := range s.reasonsOf(n, in) {
			if at < len(n.Args) {
				found = append(found, n.Args[at])
			}
		}
		return found
	}
	return nil
}

// messagesOfLiteral finds the reason of an error, named or by its place.
func messagesOfLiteral(n *ast.CompositeLit) []ast.Expr {
	for _, element := range n.Elts {
		if pair, is := element.(*ast.KeyValueExpr); is && isReason(pair.Key) {
			return []ast.Expr{pair.Value}
		}
	}
	kind, is := n.Type.(*ast.Ident)
	switch {
	case is && kind.Name == "usageError" && len(n.Elts) == 1:
		return n.Elts
	case is && kind.Name == "Error" && len(n.Elts) > 1:
		return n.Elts[1:2] // setting, reason, hint
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
	return slices.Contains([]string{"reason", "Reason", "note", "fault", "doing", "difference", "obstacle", "said"}, name)
}

// reasonsOf says which arguments of a call are messages.
func (s *source) reasonsOf(call *ast.CallExpr, in function) []int {
	switch name := called(call); name {
	case "Debug", "Info", "Warn", "Error", "Errorf", "New", "notef", "printf":
		return []int{0}
	case "DebugContext", "InfoContext", "WarnContext", "ErrorContext":
		return []int{1}
	case "append": // to a list of warnings or notes; other lists hold no sentences
		if isNotes(call.Args[0]) {
			return []int{1}
		}
		return nil
	default:
		if isReason(call.Fun) { // a function in a variable, which takes messages
			return []int{0}
		}
		return s.takes[inPackage(in.dir, name)]
	}
}

func called(e *ast.CallExpr) string {
	switch f := e.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

func isNotes(e ast.Expr) bool {
	name := ""
	switch list := e.(type) {
	case *ast.Ident:
		name = list.Name
	case *ast.SelectorExpr:
		name = list.Sel.Name
	}
	return slices.Contains([]string{"warnings", "notes"}, strings.ToLower(name))
}

var verb = regexp.MustCompile(`%(\[\d+\])?[-+#0-9.]*[a-zA-Z]|…+`)

// unknown is a text that only a run knows.
const unknown = "…"

// texts are what an expression may say: its own text, then those of the variables and calls in it.
func (s *source) texts(e ast.Expr, in function, led []string) []string {
	own, parts := ownText(e)
	all := []string{own}
	for _, part := range parts {
		switch part := part.(type) {
		case *ast.Ident:
			all = append(all, s.named(part.Name, in, led)...)
		case *ast.CallExpr:
			all = append(all, s.returned(part, in, led)...)
		}
	}
	return all
}

// ownText is the text that stands in an expression, and the parts of it that only a run knows.
func ownText(e ast.Expr) (string, []ast.Expr) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); e.Kind == token.STRING && err == nil {
			return verb.ReplaceAllString(text, unknown), nil
		}
	case *ast.ParenExpr:
		return ownText(e.X)
	case *ast.BinaryExpr:
		before, parts := ownText(e.X)
		after, more := ownText(e.Y)
		return before + after, append(parts, more...)
	}
	return unknown, []ast.Expr{e}
}

// named are the texts of a variable.
func (s *source) named(name string, in function, led []string) []string {
	if slices.Contains(led, name) {
		return nil
	}
	led = append(slices.Clone(led), name)
	for _, values := range in.names {
		var all []string
		for _, value := range values[name] {
			all = append(all, s.texts(value, in, led)...)
		}
		if len(all) > 0 {
			return all
		}
	}
	return nil
}

// returned are the texts of a call: what it is given, and what the function returns.
func (s *source) returned(call *ast.CallExpr, in function, led []string) []string {
	var all []string
	for _, argument := range call.Args {
		all = append(all, s.texts(argument, in, led)...)
	}
	name := called(call) + "()"
	if slices.Contains(led, name) {
		return all
	}
	led = append(slices.Clone(led), name)
	for _, f := range s.gives[inPackage(in.dir, called(call))] {
		ast.Inspect(f.body, func(n ast.Node) bool {
			if back, is := n.(*ast.ReturnStmt); is && len(back.Results) == 1 {
				all = append(all, s.texts(back.Results[0], f, led)...)
			}
			return true
		})
	}
	return all
}

// enough is how many bytes of a message tell it from all others.
const enough = 60

// FixedWords is the longest part of a message that is the same in every run, or the beginning of that, "" if it is less
// than three words.
func FixedWords(message string) string {
	longest := ""
	for part := range strings.SplitSeq(message, unknown) {
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
