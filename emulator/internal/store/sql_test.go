package store

import (
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// madeFromSchema are the functions whose SQL is made of what SQLite says of its own tables and triggers, or of the migrations:
// only the files in migrations write these.
var madeFromSchema = []string{"remember", "migrate", "copyRows", "contents"}

// TestSQLHoldsNoValues follows the text of every statement back to where it comes from, through variables, fields, parameters
// and results: it is made of constants of this package, and what callers send reaches SQLite as parameters only.
func TestSQLHoldsNoValues(t *testing.T) {
	t.Parallel()
	s := readSources(t)
	names := map[string]bool{} // of functions that have one
	for _, used := range s.info.Uses {
		if f, ok := used.(*types.Func); ok && isOf(f, "database/sql") {
			for parameter := range f.Signature().Params().Variables() {
				if parameter.Name() == "query" {
					s.toDatabase[parameter], names[f.Name()] = true, true
				}
			}
		}
	}
	excused := map[string]bool{}
	wrong := map[token.Pos]string{}
	statements := 0
	for known := -1; known < len(s.toDatabase); { // until no further parameter turns out to become SQL
		known, statements = len(s.toDatabase), 0
		for _, call := range s.calls {
			for i, argument := range call.Args {
				if !s.toDatabase[s.parameter(call, i)] {
					continue
				}
				statements++
				if s.isConstant(argument) {
					continue
				}
				if name := s.functionAt(call.Pos()); slices.Contains(madeFromSchema, name) {
					excused[name] = true
				} else {
					wrong[argument.Pos()] = types.ExprString(argument)
				}
			}
		}
	}
	for parameter := range s.toDatabase {
		if s.isOpen(parameter) {
			wrong[parameter.Pos()] = parameter.Name() + ", which other packages can set,"
		}
		if f := s.parameters[parameter]; f != nil {
			names[f.Name()] = true
		}
	}
	// A function that is not called by its own name could be given anything.
	for _, call := range s.calls {
		delete(s.info.Uses, s.calleeName(call.Fun))
	}
	for name, used := range s.info.Uses {
		if f, ok := used.(*types.Func); ok && names[f.Name()] && (f.Pkg() == s.own || isOf(f, "database/sql")) {
			wrong[name.Pos()] = "what " + name.Name + " is given elsewhere,"
		}
	}
	for name, defined := range s.info.Defs {
		if f, ok := defined.(*types.Func); ok && names[f.Name()] && f.Signature().Recv() != nil && types.IsInterface(f.Signature().Recv().Type()) {
			wrong[name.Pos()] = "what " + name.Name + " is given through an interface,"
		}
	}
	for _, pos := range slices.Sorted(maps.Keys(wrong)) {
		t.Errorf("%s: SQL is made of %s and not only of constants: use parameters", s.files.Position(pos), wrong[pos])
	}
	for _, name := range madeFromSchema {
		if !excused[name] {
			t.Errorf("%s needs no exception", name)
		}
	}
	if statements < 100 {
		t.Errorf("only %d statements were found", statements)
	}
}

// TestOnlyTheStoreKnowsSQL makes sure that the test above looks at all there is.
func TestOnlyTheStoreKnowsSQL(t *testing.T) {
	t.Parallel()
	files := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		here := filepath.ToSlash(filepath.Dir(path)) == "../../internal/store"
		if err != nil || here || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files++
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, imported := range file.Imports {
			if strings.HasPrefix(imported.Path.Value, `"database/sql`) || strings.HasPrefix(imported.Path.Value, `"modernc.org/sqlite`) {
				t.Errorf("%s imports %s", path, imported.Path.Value)
			}
		}
		return nil
	})
	if err != nil || files < 50 {
		t.Errorf("%d files were read: %v", files, err)
	}
}
