package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

// tabcmdProfile is the profile that tabcmd's commands share their sign-in in.
const tabcmdProfile = "tabcmd"

// isTabcmd reports whether the program was started under tabcmd's name, such as C:\tools\tabcmd.exe.
func isTabcmd(program string) bool {
	name := strings.ToLower(filepath.Base(strings.ReplaceAll(program, `\`, "/")))
	return strings.TrimSuffix(name, ".exe") == "tabcmd"
}

// endedError is what a command that has told everything itself ends with.
type endedError struct{ code int }

func (e *endedError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

func (a *app) tabcmdCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "tabcmd COMMAND",
		Short: "Take a command line of tabcmd 2",
		Long: `Takes the commands and options of tabcmd 2, so that scripts written for it run
unchanged. A copy of this program, or a link to it, that is named tabcmd does so
without the word: tabcmd publish Sales.twbx -r Finance -o

Exit codes are tabcmd's: 0 done, 1 failed, 2 the command line is wrong.`,
		Example: `  tabctl tabcmd login -s https://tableau.example.com -t marketing --token-name ci --token-file secret.txt
  tabctl tabcmd publish Sales.twbx -r Finance --overwrite
  tabctl tabcmd help publish`,
		DisableFlagParsing: true,
		RunE: func(command *cobra.Command, args []string) error {
			a.running = true
			if code := a.tabcmd(command.Context(), args); code != exitDone {
				return &endedError{code}
			}
			return nil
		},
	}
}

// tabcmd runs a command line of tabcmd and returns its exit code.
func (a *app) tabcmd(ctx context.Context, line []string) int {
	a.watchOutput()
	args, err := parseTabcmd(line)
	if err == nil {
		err = a.runTabcmd(ctx, args)
	}
	if err = a.settled(err); err == nil {
		return exitDone
	}
	if wrong, ok := errors.AsType[*tabcmdUsageError](err); ok {
		try := "tabcmd help"
		if wrong.command != "" {
			try += " " + wrong.command
		}
		a.tell("tabcmd", failure{Message: wrong.Error(), Try: try})
		return exitUsage
	}
	f := failureOf(err)
	f.Try = strings.ReplaceAll(f.Try, "tabctl login", "tabcmd login")
	a.tell("tabcmd", f)
	return exitFailed
}

func (a *app) runTabcmd(ctx context.Context, args *tabcmdArgs) error {
	switch {
	case args.given("--version"):
		return a.tabcmdVersion(args)
	case args.given("--help"), args.command == nil:
		return a.tabcmdHelp(args)
	}
	switch args.value("--logging-level") {
	case "ERROR":
		a.quiet = true
	case "DEBUG":
		a.verbose = true
	case "TRACE":
		a.debug = true
	}
	if args.on("--no-prompt") {
		a.canAsk = false
	}
	for _, f := range args.flags {
		if f.note != "" && args.given(f.names[0]) {
			a.say("%s does nothing: %s", f.names[0], f.note)
		}
		if f.secret != "" && args.given(f.names[0]) {
			a.say("warning: others on this machine can see the value of %s; better give %s", f.names[0], f.secret)
		}
	}
	if local := args.command.local; local != nil {
		return local(a, args)
	}
	return a.tabcmdConnected(ctx, args, func(c *tableau.Client) error {
		return args.command.run(a, ctx, c, args)
	})
}

func (a *app) tabcmdVersion(*tabcmdArgs) error {
	_, err := fmt.Fprintf(a.out, "tabcmd of tabctl %s\n", version())
	return err
}

// tabcmdHelp shows the commands, or all about one.
func (a *app) tabcmdHelp(args *tabcmdArgs) error {
	command := args.command
	if command != nil && command.name == "help" && len(args.arguments) > 0 {
		if command = findTabcmd(args.arguments[0]); command == nil {
			return &tabcmdUsageError{text: fmt.Sprintf("there is no command %q", args.arguments[0])}
		}
	}
	text := commandsHelp()
	if command != nil && (command.name != "help" || len(args.arguments) > 0) {
		text = command.usage()
	}
	_, err := fmt.Fprint(a.out, text)
	return err
}

func commandsHelp() string {
	var b strings.Builder
	b.WriteString("Usage: tabcmd COMMAND [OPTIONS]\n\nTakes the command lines of tabcmd 2.\n\nCommands:\n")
	for _, c := range tabcmdCommands() {
		fmt.Fprintf(&b, "  %-18s %s\n", c.name, c.help)
	}
	b.WriteString("\nOptions of every command:\n")
	writeFlags(&b, tabcmdGlobalFlags())
	b.WriteString("\nAll about one command: tabcmd help COMMAND\n")
	return b.String()
}

func (c *tabcmdCommand) usage() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Usage: tabcmd %s", c.name)
	for _, argument := range c.arguments {
		name := argument.name
		if argument.choices != nil {
			name = strings.Join(argument.choices, "|")
		}
		b.WriteString(" " + name)
	}
	fmt.Fprintf(&b, " [OPTIONS]\n\n%s\n", c.help)
	if flags := c.flags(); len(flags) > 0 {
		b.WriteString("\nOptions:\n")
		writeFlags(&b, flags)
	}
	b.WriteString("\nOptions of every command:\n")
	writeFlags(&b, tabcmdGlobalFlags())
	fmt.Fprintf(&b, "\nWith tabctl's own commands: %s\n", c.tabctl)
	return b.String()
}

func writeFlags(b *strings.Builder, flags []*tabcmdFlag) {
	for _, f := range flags {
		fmt.Fprintf(b, "  %s\n        %s\n", f.usage(), f.describe())
	}
}

// usage is how the option is written: -s, --server URL.
func (f *tabcmdFlag) usage() string {
	names := slices.Clone(f.names)
	slices.SortFunc(names, func(one, other string) int { return len(one) - len(other) })
	text := strings.Join(names, ", ")
	if f.value != "" {
		text += " " + f.value
	}
	return text
}

// describe says what the option does.
func (f *tabcmdFlag) describe() string {
	text := f.help
	if f.choices != nil {
		text += ": " + strings.Join(f.choices, ", ")
	}
	if f.note != "" {
		text += ", does nothing: " + f.note
	}
	return text
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
