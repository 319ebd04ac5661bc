package store

import (
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rearranging are functions that put together what they are given, and add nothing from elsewhere.
var rearranging = []string{"append", "fmt.Sprintf", "strings.Fields", "strings.Join", "strings.Repeat", "strings.TrimSuffix"}

// sources are the files of this package, and who gives what to whom.
type sources struct {
	files      *token.FileSet
	parsed     []*ast.File
	own        *types.Package
	info       *types.Info
	calls      []*ast.CallExpr
	given      map[*types.Var][]value // what variables, fields and results are given
	parameters map[*types.Var]*types.Func
	toDatabase map[*types.Var]bool // parameters that become SQL
	looking    map[*types.Var]bool
}

// value is an expression, or one of the results of a call; nil: something that only shows when the program runs.
type value struct {
	ast.Expr
	result int
}

// standardLibrary imports what is in it; of the driver nothing is used.
type standardLibrary struct{ types.Importer }

func (l standardLibrary) Import(path string) (*types.Package, error) {
	if strings.Contains(path, ".") {
		empty := types.NewPackage(path, "driver")
		empty.MarkComplete()
		return empty, nil
	}
	return l.Importer.Import(path)
}

func readSources(t *testing.T) *sources {
	t.Helper()
	dir, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	s := &sources{files: token.NewFileSet(), given: map[*types.Var][]value{}, parameters: map[*types.Var]*types.Func{},
		toDatabase: map[*types.Var]bool{}, looking: map[*types.Var]bool{},
		info: &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}}
	for _, name := range dir.GoFiles {
		file, err := parser.ParseFile(s.files, filepath.Join(dir.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		s.parsed = append(s.parsed, file)
	}
	config := types.Config{Importer: standardLibrary{importer.ForCompiler(s.files, "source", nil)}}
	if s.own, err = config.Check(dir.ImportPath, s.files, s.parsed, s.info); err != nil {
		t.Fatal(err)
	}
	for _, file := range s.parsed {
		ast.Inspect(file, s.collect)
	}
	return s
}

// collect notes what is called, and what variables, fields and results are given.
func (s *sources) collect(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		s.calls = append(s.calls, n)
		method, ok := n.Fun.(*ast.SelectorExpr)
		switch {
		case ok && strings.HasPrefix(method.Sel.Name, "Write") && len(n.Args) > 0:
			s.give(method.X, value{Expr: n.Args[0]})
		case types.ExprString(n.Fun) == "copy":
			s.give(n.Args[0], value{Expr: n.Args[1]})
		}
	case *ast.AssignStmt:
		for i, to := range n.Lhs {
			if len(n.Rhs) == len(n.Lhs) {
				s.give(to, value{Expr: n.Rhs[i]})
			} else {
				s.give(to, value{n.Rhs[0], i})
			}
		}
	case *ast.ValueSpec:
		for i, to := range n.Names {
			switch len(n.Values) {
			case 0:
				s.give(to, value{Expr: &ast.BasicLit{}}) // the zero value
			case len(n.Names):
				s.give(to, value{Expr: n.Values[i]})
			default:
				s.give(to, value{n.Values[0], i})
			}
		}
	case *ast.RangeStmt:
		if n.Key != nil {
			s.give(n.Key, value{})
		}
		if n.Value != nil {
			s.give(n.Value, value{Expr: n.X})
		}
	case *ast.UnaryExpr:
		if n.Op == token.AND { // whoever has the address can write there
			s.give(n.X, value{})
		}
	case *ast.CompositeLit:
		s.collectFields(n)
	case *ast.FuncDecl:
		f := s.info.Defs[n.Name].(*types.Func)
		for parameter := range f.Signature().Params().Variables() {
			s.parameters[parameter] = f
		}
		if receiver := f.Signature().Recv(); receiver != nil {
			s.given[receiver] = []value{{}}
		}
		s.collectReturns(f.Signature(), n.Body)
	case *ast.FuncLit:
		signature := s.info.Types[n].Type.(*types.Signature)
		for parameter := range signature.Params().Variables() {
			s.given[parameter] = append(s.given[parameter], value{}) // from wherever it is called
		}
	}
	return true
}

func (s *sources) collectFields(literal *ast.CompositeLit) {
	structure, ok := s.info.Types[literal].Type.Underlying().(*types.Struct)
	if pointer, isPointer := s.info.Types[literal].Type.Underlying().(*types.Pointer); isPointer {
		structure, ok = pointer.Elem().Underlying().(*types.Struct)
	}
	if !ok {
		return
	}
	for i, element := range literal.Elts {
		field := structure.Field(i)
		if pair, named := element.(*ast.KeyValueExpr); named {
			field, element = s.info.Uses[pair.Key.(*ast.Ident)].(*types.Var), pair.Value
		}
		field = field.Origin()
		s.given[field] = append(s.given[field], value{Expr: element})
	}
}

// collectReturns notes what a function returns; functions inside it return for themselves.
func (s *sources) collectReturns(signature *types.Signature, body *ast.BlockStmt) {
	ast.Inspect(body, func(n ast.Node) bool {
		if returned, ok := n.(*ast.ReturnStmt); ok {
			for i := range returned.Results {
				given := value{Expr: returned.Results[i]}
				if len(returned.Results) < signature.Results().Len() {
					given = value{returned.Results[0], i}
				}
				result := signature.Results().At(i)
				s.given[result] = append(s.given[result], given)
			}
		}
		_, inner := n.(*ast.FuncLit)
		return !inner
	})
}

// give notes that something is written to a variable or a field, or to a part of it.
func (s *sources) give(to ast.Expr, v value) {
	if variable := s.variable(to); variable != nil {
		s.given[variable] = append(s.given[variable], v)
	}
}

// variable is the variable or field that an expression names, or a part of.
func (s *sources) variable(e ast.Expr) *types.Var {
	var found types.Object
	switch e := e.(type) {
	case *ast.Ident:
		if found = s.info.Defs[e]; found == nil {
			found = s.info.Uses[e]
		}
	case *ast.SelectorExpr:
		found = s.info.Uses[e.Sel]
	case *ast.IndexExpr:
		return s.variable(e.X)
	case *ast.SliceExpr:
		return s.variable(e.X)
	case *ast.ParenExpr:
		return s.variable(e.X)
	}
	if variable, ok := found.(*types.Var); ok {
		return variable.Origin()
	}
	return nil
}

// isConstant reports whether a text is made of constants, or of parameters that are: these are added to toDatabase.
func (s *sources) isConstant(e ast.Expr) bool {
	is := s.info.Types[e]
	if is.Value != nil || is.Type == types.Typ[types.Int] || is.Type == types.Typ[types.Int64] {
		return true
	}
	if _, several := is.Type.(*types.Tuple); several {
		return false
	}
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.ParenExpr:
		return s.isConstant(e.X)
	case *ast.BinaryExpr:
		return s.isConstant(e.X) && s.isConstant(e.Y)
	case *ast.IndexExpr:
		return s.isConstant(e.X)
	case *ast.SliceExpr:
		return s.isConstant(e.X)
	case *ast.CompositeLit: // a list or a map of texts
		return !slices.ContainsFunc(e.Elts, func(element ast.Expr) bool {
			if pair, ok := element.(*ast.KeyValueExpr); ok {
				element = pair.Value
			}
			return !s.isConstant(element)
		})
	case *ast.CallExpr:
		return s.isConstantResult(e, 0)
	}
	variable := s.variable(e)
	return variable != nil && s.isConstantVariable(variable)
}

func (s *sources) isConstantResult(call *ast.CallExpr, result int) bool {
	name := types.ExprString(call.Fun)
	method, isMethod := call.Fun.(*ast.SelectorExpr)
	switch {
	case s.info.Types[call.Fun].IsType(), slices.Contains(rearranging, name):
		return !slices.ContainsFunc(call.Args, func(argument ast.Expr) bool { return !s.isConstant(argument) })
	case isMethod && s.info.Types[method.X].Type != nil && s.info.Types[method.X].Type.String() == "strings.Builder":
		return s.isConstant(method.X)
	}
	f := s.callee(call.Fun)
	return f != nil && s.isConstantVariable(f.Signature().Results().At(result))
}

func (s *sources) isConstantVariable(v *types.Var) bool {
	switch {
	case s.looking[v]:
		return true
	case s.parameters[v] != nil:
		s.toDatabase[v] = true // then its callers have to give constants
	case v.Pkg() != s.own, len(s.given[v]) == 0, v.Exported():
		return false // it gets what it is from elsewhere
	}
	s.looking[v] = true
	defer delete(s.looking, v)
	return !slices.ContainsFunc(s.given[v], func(given value) bool {
		if call, ok := given.Expr.(*ast.CallExpr); ok {
			return !s.isConstantResult(call, given.result)
		}
		return given.Expr == nil || !s.isConstant(given.Expr)
	})
}

// callee is the function that is called, calleeName its name there.
func (s *sources) callee(e ast.Expr) *types.Func {
	f, _ := s.info.Uses[s.calleeName(e)].(*types.Func)
	if f != nil {
		f = f.Origin()
	}
	return f
}

func (s *sources) calleeName(e ast.Expr) *ast.Ident {
	switch called := e.(type) {
	case *ast.Ident:
		return called
	case *ast.SelectorExpr:
		return called.Sel
	case *ast.IndexExpr: // of a generic function
		return s.calleeName(called.X)
	}
	return nil
}

// parameter is what a call's argument is for; of several values from another call it is the first that becomes SQL.
func (s *sources) parameter(call *ast.CallExpr, argument int) *types.Var {
	f := s.callee(call.Fun)
	if f == nil {
		return nil
	}
	parameters := slices.Collect(f.Signature().Params().Variables())
	if _, several := s.info.Types[call.Args[argument]].Type.(*types.Tuple); several {
		argument = max(0, slices.IndexFunc(parameters, func(p *types.Var) bool { return s.toDatabase[p] }))
	}
	if argument >= len(parameters) {
		return nil
	}
	return parameters[argument]
}

// isOpen reports whether other packages can give a parameter something else than constants: it is that of an exported
// function, and its type is one that they can make.
func (s *sources) isOpen(parameter *types.Var) bool {
	f := s.parameters[parameter]
	if f == nil || !f.Exported() {
		return false
	}
	named, ok := parameter.Type().(*types.Named)
	return !ok || named.Obj().Exported()
}

func isOf(f *types.Func, path string) bool { return f.Pkg() != nil && f.Pkg().Path() == path }

func (s *sources) functionAt(pos token.Pos) string {
	for _, file := range s.parsed {
		for _, declaration := range file.Decls {
			if f, ok := declaration.(*ast.FuncDecl); ok && f.Pos() <= pos && pos < f.End() {
				return f.Name.Name
			}
		}
	}
	return ""
}
