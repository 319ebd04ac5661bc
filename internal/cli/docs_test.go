package cli

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var update = flag.Bool("update", false, "write docs/cli")

// walk calls visit for a command and all below it.
func walk(command *cobra.Command, visit func(*cobra.Command)) {
	visit(command)
	for _, child := range command.Commands() {
		if child.Name() != "help" {
			walk(child, visit)
		}
	}
}

// Every command says what it does and shows it; every flag says what it is for.
func TestCommandsAreExplained(t *testing.T) {
	t.Parallel()
	commands := 0
	walk(Commands(), func(command *cobra.Command) {
		commands++
		name := command.CommandPath()
		if command.Short == "" {
			t.Errorf("%s has no short text", name)
		}
		leaf := !command.HasSubCommands() && !command.IsAdditionalHelpTopicCommand()
		if leaf && command.Example == "" {
			t.Errorf("%s has no example", name)
		}
		for line := range strings.Lines(command.Example) {
			if !strings.HasPrefix(line, "  ") {
				t.Errorf("%s: a line of the example is not indented: %q", name, line)
			}
		}
		if leaf && !strings.Contains(command.Example, name) {
			t.Errorf("%s: the example does not show it", name)
		}
		command.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" {
				t.Errorf("%s --%s has no usage text", name, f.Name)
			}
		})
	})
	if commands < 20 {
		t.Errorf("only %d commands were found", commands)
	}
}

// TestDocs keeps docs/cli: a page for each command of the first level with all below it, and for each topic.
func TestDocs(t *testing.T) {
	t.Parallel()
	pages := map[string]string{}
	root := Commands()
	index := new(strings.Builder)
	fmt.Fprintf(index, "# tabctl\n\n%s\n\n```\n%s\n```\n", root.Long, root.Example)
	for _, group := range root.Groups() {
		fmt.Fprintf(index, "\n## %s\n\n", strings.TrimSuffix(group.Title, ":"))
		for _, command := range root.Commands() {
			if command.GroupID == group.ID && command.Name() != "help" {
				fmt.Fprintf(index, "- [%s](%s.md): %s\n", command.CommandPath(), command.Name(), command.Short)
				pages[command.Name()] = page(command)
			}
		}
	}
	index.WriteString("\n## Topics\n\n")
	for _, command := range topics() {
		fmt.Fprintf(index, "- [%s](%s.md)\n", command.Short, command.Name())
		pages[command.Name()] = fmt.Sprintf("# %s\n\n```\n%s\n```\n", command.Short, command.Long)
	}
	fmt.Fprintf(index, "\n## Flags of all commands\n\n```\n%s```\n", flagUsages(root.PersistentFlags()))
	pages["README"] = index.String()

	dir := filepath.Join("..", "..", "docs", "cli")
	if *update {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if _, wanted := pages[strings.TrimSuffix(filepath.Base(file), ".md")]; !wanted {
			keepFile(t, file, "")
		}
	}
	for name, text := range pages {
		keepFile(t, filepath.Join(dir, name+".md"), text)
	}
}

// keepFile compares a file with what it should hold, or writes it with -update; "" should not be there.
func keepFile(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	switch {
	case err == nil && string(got) == want:
	case !*update:
		t.Errorf("%s is not what the commands say: run go test ./internal/cli -run TestDocs -update", path)
	case want == "":
		err = os.Remove(path)
		if err != nil {
			t.Error(err)
		}
	default:
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Error(err)
		}
	}
}

// page is the page of a command of the first level. Flags that its verbs share are told once.
func page(command *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", command.CommandPath())
	section(&b, command)
	walk(command, func(verb *cobra.Command) {
		if verb != command {
			fmt.Fprintf(&b, "\n## %s\n\n", verb.CommandPath())
			section(&b, verb)
		}
	})
	if shared := command.PersistentFlags(); command.HasSubCommands() && shared.HasAvailableFlags() {
		fmt.Fprintf(&b, "\n## Flags of all these commands\n\n```\n%s```\n", flagUsages(shared))
	}
	return b.String()
}

func section(b *strings.Builder, command *cobra.Command) {
	text := command.Long
	if text == "" {
		text = command.Short + "."
	}
	prose(b, text)
	if !command.HasSubCommands() {
		fmt.Fprintf(b, "\n```\n%s\n```\n", command.UseLine())
	}
	if command.Example != "" {
		fmt.Fprintf(b, "\nExamples:\n\n```\n%s\n```\n", strings.TrimRight(command.Example, "\n"))
	}
	own := pflag.NewFlagSet("", pflag.ContinueOnError)
	command.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if command.HasSubCommands() && command.PersistentFlags().Lookup(f.Name) != nil || f.Name == "help" {
			return
		}
		own.AddFlag(f)
	})
	if own.HasAvailableFlags() {
		fmt.Fprintf(b, "\nFlags:\n\n```\n%s```\n", flagUsages(own))
	}
}

// prose writes text with its indented parts as they are.
func prose(b *strings.Builder, text string) {
	verbatim := false
	for line := range strings.Lines(strings.TrimRight(text, "\n") + "\n") {
		if indented := strings.HasPrefix(line, "  "); indented != verbatim && strings.TrimSpace(line) != "" {
			b.WriteString("```\n")
			verbatim = indented
		}
		b.WriteString(line)
	}
	if verbatim {
		b.WriteString("```\n")
	}
}

func flagUsages(flags *pflag.FlagSet) string { return flags.FlagUsagesWrapped(100) }
