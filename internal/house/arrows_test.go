package house

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module = "github.com/tabctl/tableau-go/"
	root   = "../.."
)

// arrows says for each part of the house what of it a package may import. What
// is not listed is forbidden; the standard library is always allowed.
var arrows = []struct {
	from       string   // packages at or below this folder
	to         []string // folders of this module
	thirdParty bool
}{
	{"internal/tsxml", nil, false},
	{"tableau", []string{"internal/tsxml"}, false},
	{"emulator", []string{"internal/tsxml", "emulator/internal", "internal/sample"}, true},
	{"internal/sample", []string{"internal/sample/internal"}, false},
	{"internal/cli", []string{"tableau", "emulator", "internal/sample"}, true},
	{"internal/tools", []string{"internal/cli"}, true},
	{"cmd/tabctl", []string{"internal/cli"}, false},
	{"internal/house", nil, false},
	{"internal/wiretest", nil, false},
	{"bench", []string{"tableau", "emulator", "internal/sample", "internal/tsxml"}, true},
	{"examples", []string{"tableau", "emulator"}, false},
}

// TestArrows holds the architecture: above all, the emulator never knows the
// client, for two sides that share types share their mistakes.
func TestArrows(t *testing.T) {
	t.Parallel()
	files := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "testdata") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		files++
		folder, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		checkFile(t, path, filepath.ToSlash(folder))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Errorf("only %d files were read", files)
	}
}

func checkFile(t *testing.T, path, folder string) {
	t.Helper()
	i := slices.IndexFunc(arrows, func(a struct {
		from       string
		to         []string
		thirdParty bool
	}) bool {
		return within(folder, a.from)
	})
	if i < 0 {
		t.Errorf("%s: the folder %s has no arrow: say in arrows what it may import", path, folder)
		return
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Error(err)
		return
	}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Error(err)
			continue
		}
		inside, ours := strings.CutPrefix(imported, module)
		first, _, _ := strings.Cut(imported, "/")
		switch {
		case ours && slices.ContainsFunc(arrows[i].to, func(to string) bool { return within(inside, to) }):
		case !ours && !strings.Contains(first, "."):
		case !ours && arrows[i].thirdParty:
		default:
			t.Errorf("%s imports %s: %s may not know it", path, imported, arrows[i].from)
		}
	}
}

func within(folder, parent string) bool {
	return folder == parent || strings.HasPrefix(folder, parent+"/")
}
