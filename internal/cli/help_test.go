package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// The topic lists the variables that the program reads, no more and no fewer.
func TestEnvironmentTopic(t *testing.T) {
	t.Parallel()
	read := map[string]bool{"HTTPS_PROXY": true, "HTTP_PROXY": true, "NO_PROXY": true} // by net/http
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") {
			variablesOf(t, file, read)
		}
	}
	told := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^  ([A-Z][A-Z_]+)(?: {2,}|$)`).FindAllStringSubmatch(environmentTopic().Long, -1) {
		told[match[1]] = true
	}
	for name := range read {
		if !told[name] {
			t.Errorf("help environment does not tell of %s", name)
		}
	}
	for name := range told {
		if !read[name] {
			t.Errorf("help environment tells of %s, which nothing reads", name)
		}
	}
	if len(read) < 10 {
		t.Errorf("only %d variables were found", len(read))
	}
}

var (
	readers      = []string{"getenv", "Getenv", "LookupEnv"}
	variableName = regexp.MustCompile(`^(TABLEAU|TABCTL)_[A-Z_]+$`)
)

// variablesOf adds the names that a file gives to functions that read variables, and those that look like ours.
func variablesOf(t *testing.T, path string, read map[string]bool) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	text := func(node ast.Expr) string {
		if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if text, err := strconv.Unquote(literal.Value); err == nil {
				return text
			}
		}
		return ""
	}
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.CallExpr:
			name := ""
			switch called := node.Fun.(type) {
			case *ast.Ident:
				name = called.Name
			case *ast.SelectorExpr:
				name = called.Sel.Name
			}
			if slices.Contains(readers, name) && len(node.Args) == 1 && text(node.Args[0]) != "" {
				read[text(node.Args[0])] = true
			}
		case *ast.BasicLit:
			if variable := text(node); variableName.MatchString(variable) {
				read[variable] = true
			}
		}
		return true
	})
}

// Topics name commands and flags that there are.
func TestTopicsAreTrue(t *testing.T) {
	t.Parallel()
	root := Commands()
	known := map[string]bool{}
	walk(root, func(command *cobra.Command) { known[command.CommandPath()] = true })
	for _, topic := range topics() {
		for _, match := range regexp.MustCompile(`"(tabctl(?: [a-z-]+)+)`).FindAllStringSubmatch(topic.Long, -1) {
			words := strings.Fields(match[1])
			if found, _, err := root.Find(words[1:]); err != nil || !known[found.CommandPath()] || found == root {
				t.Errorf("help %s names %q", topic.Name(), match[1])
			}
		}
	}
	for code, name := range map[int]string{exitDone: "done", exitFailed: "failed", exitUsage: "usage", exitSignIn: "sign-in", exitNotFound: "not found",
		exitConflict: "conflict", exitForbidden: "forbidden", exitTimeout: "time-out", exitPartly: "partly done"} {
		if !strings.Contains(exitCodesTopic().Long, "\n  "+strconv.Itoa(code)+"  "+name) {
			t.Errorf("help exit-codes does not say that %d is %s", code, name)
		}
	}
}
