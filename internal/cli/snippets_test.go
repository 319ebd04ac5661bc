package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	inlineCommand = regexp.MustCompile("`(tab(?:ctl|cmd) [a-z][^`\n]*)`")
	comment       = regexp.MustCompile(`\s+#.*$`)
	separator     = regexp.MustCompile(`\s*(?:&&|\|\||[&;|])\s*`)
	word          = regexp.MustCompile(`"[^"]*"|'[^']*'|\S+`)
)

// TestDocumentedCommands holds that each command line of the README and the docs is one that is understood.
func TestDocumentedCommands(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, file := range append(files, "../../README.md", "../../CONTRIBUTING.md", "../../SECURITY.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, part := range strings.Split(string(text), "```") {
			if i%2 == 0 {
				for _, found := range inlineCommand.FindAllStringSubmatch(part, -1) {
					if strings.Contains(found[1], "|") { // alternatives, which TestTabctlWays follows
						continue
					}
					count++
					if problem := misunderstood(found[1], false); problem != "" {
						t.Errorf("%s: %s: %s", filepath.Base(file), found[1], problem)
					}
				}
				continue
			}
			for line := range strings.Lines(part) {
				line = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(line), "$ "), "- run: ")
				for _, command := range separator.Split(comment.ReplaceAllString(line, ""), -1) {
					if !strings.HasPrefix(command, "tabctl ") && !strings.HasPrefix(command, "tabcmd ") {
						continue
					}
					count++
					if problem := misunderstood(command, true); problem != "" {
						t.Errorf("%s: %s: %s", filepath.Base(file), command, problem)
					}
				}
			}
		}
	}
	if count < 40 {
		t.Errorf("only %d command lines were found", count)
	}
}

// misunderstood returns what is wrong with a command line; a line that is not whole only names a command and its flags.
func misunderstood(line string, whole bool) string {
	args := word.FindAllString(line, -1)
	for i, arg := range args {
		args[i] = strings.Trim(arg, `"'`)
	}
	if args[0] == "tabcmd" {
		return misunderstoodTabcmd(args[1:], whole)
	}
	root := (&app{getenv: func(string) string { return "" }}).rootCommand("")
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	command, rest, err := root.Find(args[1:])
	switch {
	case err != nil:
		return err.Error()
	case command == root:
		return "there is no such command"
	case command.Name() == "tabcmd":
		return misunderstoodTabcmd(rest, whole)
	}
	if !whole {
		for _, arg := range rest {
			if name, _, _ := strings.Cut(arg, "="); strings.HasPrefix(name, "--") && command.Flag(name[2:]) == nil {
				return "there is no flag " + name
			}
		}
		return ""
	}
	if err := command.ParseFlags(rest); err != nil {
		return err.Error()
	}
	if command.HasSubCommands() {
		return "it is a group of commands"
	}
	if err := command.ValidateArgs(command.Flags().Args()); err != nil {
		return err.Error()
	}
	return ""
}

func misunderstoodTabcmd(args []string, whole bool) string {
	if !whole {
		args = args[:min(len(args), 1)]
	}
	read, err := parseTabcmd(args)
	switch {
	case whole && err != nil:
		return err.Error()
	case len(args) > 0 && read.command == nil:
		return "there is no such command"
	}
	return ""
}
