package cli

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestFromTabcmd keeps the tables of docs/from-tabcmd.md as the commands are.
func TestFromTabcmd(t *testing.T) {
	t.Parallel()
	const path = "../../docs/from-tabcmd.md"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for name, table := range map[string]string{
		"commands": commandsTable(), "global options": optionsTable("", tabcmdGlobalFlags()), "options": allOptionsTable(),
	} {
		begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->\n"
		before, rest, ok := strings.Cut(text, begin)
		got, after, ok2 := strings.Cut(rest, end)
		if !ok || !ok2 {
			t.Fatalf("%s has no place for the table: %s%s", path, begin, end)
		}
		if got != table && !*update {
			t.Errorf("the table of %s in %s is not what the commands are: run make docs", name, path)
		}
		text = before + begin + table + end + after
	}
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func commandsTable() string {
	var b strings.Builder
	b.WriteString("| tabcmd | what it does | tabctl |\n|---|---|---|\n")
	for _, c := range tabcmdCommands() {
		line := c.name
		for _, argument := range c.arguments {
			line += " " + argument.name
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", line, markdownCell(c.help), codeOf(c.tabctl))
	}
	return b.String()
}

func allOptionsTable() string {
	var b strings.Builder
	b.WriteString("| tabcmd | option | what it does | tabctl |\n|---|---|---|---|\n")
	for _, c := range tabcmdCommands() {
		b.WriteString(optionRows("| `"+c.name+"` ", c.flags()))
	}
	return b.String()
}

func optionsTable(start string, flags []*tabcmdFlag) string {
	return "| option | what it does | tabctl |\n|---|---|---|\n" + optionRows(start, flags)
}

func optionRows(start string, flags []*tabcmdFlag) string {
	var b strings.Builder
	for _, f := range flags {
		text := f.describe()
		if f.secret != "" {
			text += "; others can see it: better give " + f.secret
		}
		fmt.Fprintf(&b, "%s| `%s` | %s | %s |\n", start, f.usage(), markdownCell(text), codeOf(f.tabctl))
	}
	return b.String()
}

func markdownCell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// codeOf marks commands, options and variables, which have commas between them.
func codeOf(text string) string {
	if text == "" {
		return ""
	}
	parts := strings.Split(text, ", ")
	for i, part := range parts {
		parts[i] = "`" + markdownCell(part) + "`"
	}
	return strings.Join(parts, ", ")
}

var optionName = regexp.MustCompile(`--[a-z-]+`)

// TestTabctlWays looks for the commands and options of tabctl that the tables send people to.
func TestTabctlWays(t *testing.T) {
	t.Parallel()
	for _, c := range tabcmdCommands() {
		var ways []*cobra.Command
		for way := range strings.SplitSeq(c.tabctl, ", ") {
			ways = append(ways, tabctlCommands(t, c.name, way)...)
		}
		if ways == nil {
			continue // its group is not there
		}
		flags := append(tabcmdGlobalFlags(), c.flags()...)
		for _, f := range flags[len(tabcmdGlobalFlags()):] {
			lookFor(t, c.name, f.tabctl, ways)
			for way := range strings.SplitSeq(f.tabctl, ", ") {
				if strings.HasPrefix(way, "tabctl ") {
					tabctlCommands(t, c.name, way)
				}
			}
		}
		lookFor(t, c.name, c.tabctl, ways)
	}
	for _, f := range tabcmdGlobalFlags() {
		lookFor(t, "all", f.tabctl, tabctlCommands(t, "all", "tabctl workbooks list"))
	}
}

// tabctlCommands are the commands that a way such as "tabctl views image|pdf VIEW" names.
func tabctlCommands(t *testing.T, of, way string) []*cobra.Command {
	words := strings.Fields(way)
	if words[0] != "tabctl" || len(words) < 2 {
		t.Errorf("%s: %q is no command of tabctl", of, way)
		return nil
	}
	root := (&app{}).rootCommand("")
	root.InitDefaultHelpCmd()
	var found []*cobra.Command
	for name := range strings.SplitSeq(words[1], "|") {
		group, _, err := root.Find([]string{name})
		if err != nil || group == root {
			t.Logf("%s: there is no tabctl %s", of, name)
			continue
		}
		if !group.HasSubCommands() {
			found = append(found, group)
			continue
		}
		if len(words) < 3 {
			t.Errorf("%s: %q names no verb", of, way)
			continue
		}
		for verb := range strings.SplitSeq(words[2], "|") {
			command, _, err := group.Find([]string{verb})
			if err != nil || command == group {
				t.Errorf("%s: there is no tabctl %s %s", of, name, verb)
				continue
			}
			found = append(found, command)
		}
	}
	for _, command := range found {
		command.InitDefaultHelpFlag()
	}
	return found
}

// lookFor looks for the options that a text names.
func lookFor(t *testing.T, of, text string, commands []*cobra.Command) {
	for _, name := range optionName.FindAllString(text, -1) {
		found := len(commands) == 0
		for _, command := range commands {
			found = found || command.Flag(name[2:]) != nil
		}
		if !found {
			t.Errorf("%s: %s has no %s", of, commands[0].CommandPath(), name)
		}
	}
}
