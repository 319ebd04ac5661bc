package cli

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"
)

var update = flag.Bool("update", false, "write docs/cli anew")

const docsFolder = "../../docs/cli"

// everyCommand calls visit with all that a user may type, topics included.
func everyCommand(command *cobra.Command, visit func(*cobra.Command)) {
	if command.Hidden || command.Name() == "help" {
		return
	}
	visit(command)
	for _, below := range command.Commands() {
		everyCommand(below, visit)
	}
}

func isTopic(command *cobra.Command) bool { return !command.Runnable() && !command.HasSubCommands() }

// TestDocs compares docs/cli with the commands, or writes it with -update.
func TestDocs(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	root := Commands()
	root.DisableAutoGenTag = true // it holds the day
	everyCommand(root, func(command *cobra.Command) {
		page, err := docsPage(command)
		if err != nil {
			t.Fatal(err)
		}
		want[docsName(command)] = page
	})
	files, err := filepath.Glob(docsFolder + "/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		if _, ok := want[name]; ok {
			continue
		}
		if !*update {
			t.Errorf("docs/cli/%s is of no command: run make docs", name)
		} else if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	for name, page := range want {
		file := filepath.Join(docsFolder, name)
		got, err := os.ReadFile(file)
		if err == nil && string(got) == page {
			continue
		}
		if !*update {
			t.Errorf("docs/cli/%s is not what the command says: run make docs", name)
		} else if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func docsName(command *cobra.Command) string {
	return strings.ReplaceAll(command.CommandPath(), " ", "_") + ".md"
}

func docsPage(command *cobra.Command) (string, error) {
	if isTopic(command) { // whose lines are aligned
		return fmt.Sprintf("## tabctl help %s\n\n%s\n\n```\n%s\n```\n", command.Name(), command.Short, command.Long), nil
	}
	var page bytes.Buffer
	err := doc.GenMarkdown(command, &page)
	if command.Parent() == nil {
		page.WriteString("\n### Help topics\n\n")
		for _, topic := range command.Commands() {
			if isTopic(topic) {
				fmt.Fprintf(&page, "* [tabctl help %s](%s)\t - %s\n", topic.Name(), docsName(topic), topic.Short)
			}
		}
	}
	return page.String(), err
}

// goTypes are what pflag calls values that nobody has named.
var goTypes = []string{"string", "strings", "stringArray", "int", "float", "duration", "uint", "count"}

// TestCommandsAreExplained demands a summary and an example of each command, and an explanation of each flag and a name
// of its value.
func TestCommandsAreExplained(t *testing.T) {
	t.Parallel()
	commands := 0
	everyCommand(Commands(), func(command *cobra.Command) {
		commands++
		path := command.CommandPath()
		if command.Short == "" {
			t.Errorf("%s has no Short", path)
		}
		for line := range strings.SplitSeq(command.Long, "\n") {
			if utf8.RuneCountInString(line) > 100 {
				t.Errorf("%s: a line of Long is too long for a terminal: %s", path, line)
			}
		}
		switch {
		case isTopic(command):
			if command.Long == "" {
				t.Errorf("the topic %s says nothing", path)
			}
		case !command.HasSubCommands() && command.Example == "":
			t.Errorf("%s has no Example", path)
		}
		command.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" {
				t.Errorf("%s: the flag --%s has no usage text", path, f.Name)
			}
			value, _ := pflag.UnquoteUsage(f)
			if f.Value.Type() != "bool" && (value == "" || slices.Contains(goTypes, value) || len(value) > longestValueName) {
				t.Errorf("%s: the value of --%s is called %q, which says nothing or too much", path, f.Name, value)
			}
		})
	})
	if commands < 20 {
		t.Errorf("only %d commands were looked at", commands)
	}
}

var (
	variableRead = regexp.MustCompile(`(?i)getenv\("([A-Z_]+)"\)|"((?:TABLEAU|TABCTL)_[A-Z_]+)"`)
	variableTold = regexp.MustCompile(`\b[A-Z]+(?:_[A-Z]+)+\b|\bTERM\b`)
)

// TestEnvironmentTopic compares the variables that the topic tells with those that the code reads.
func TestEnvironmentTopic(t *testing.T) {
	t.Parallel()
	read := []string{"HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"} // by net/http
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range variableRead.FindAllStringSubmatch(string(content), -1) {
			read = append(read, match[1]+match[2])
		}
	}
	told := variableTold.FindAllString(environmentTopic().Long, -1)
	for _, name := range read {
		if !slices.Contains(told, name) {
			t.Errorf("help environment does not tell of %s, which the code reads", name)
		}
	}
	for _, name := range told {
		if !slices.Contains(read, name) {
			t.Errorf("help environment tells of %s, which the code does not read", name)
		}
	}
}
