package cli

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

// completionTime is how long a shell may wait for names.
const completionTime = 2 * time.Second

// mostCompletions bounds what a shell is offered.
const mostCompletions = 200

// complete offers names from the server to the shell. It says nothing and asks nothing, whatever goes wrong, and it does
// not sign in: with a personal access token that would end the session of a command that runs.
func (k *kind[T]) complete(a *app) cobra.CompletionFunc {
	return func(command *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		a.connection.remember(command)
		silent := *a
		silent.err = io.Discard
		ctx, cancel := context.WithTimeout(command.Context(), completionTime)
		defer cancel()
		// A keyring may take longer than there is time for.
		names, err := unlessEnded(ctx.Done(), func() ([]string, error) { return k.savedNames(ctx, &silent, args, typed) })
		if err != nil {
			names = nil
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeFirst offers names for the first argument only.
func (k *kind[T]) completeFirst(a *app) cobra.CompletionFunc {
	return func(command *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return k.complete(a)(command, args, typed)
	}
}

// savedNames are the names that the session of the profile sees, when there is a living one.
func (k *kind[T]) savedNames(ctx context.Context, a *app, args []string, typed string) ([]string, error) {
	t, _, _, err := a.place()
	if err != nil || !alive(t.session) {
		return nil, err
	}
	c, err := a.client(t)
	if err != nil {
		return nil, err
	}
	var names []string
	for item, err := range k.list(ctx, c, tableau.Query{PageSize: mostCompletions}) {
		if err != nil {
			return nil, err
		}
		names = append(names, offered([]string{k.title(item)}, args, typed)...)
		if len(names) == mostCompletions {
			break
		}
	}
	return names, nil
}

// offered are the names that begin as typed and are not given yet.
func offered(names, given []string, typed string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return !strings.HasPrefix(name, typed) || slices.Contains(given, name)
	})
}

// completeFlags has the flags that name things complete, in all commands at once.
func (a *app) completeFlags(command *cobra.Command) {
	for name, complete := range map[string]cobra.CompletionFunc{
		"profile": a.completeProfiles,
		"project": projects.complete(a), "parent": projects.complete(a),
		"workbook": workbooks.complete(a), "group": groups.complete(a), "schedule": schedules.complete(a),
		"owner": users.complete(a), "user": users.complete(a), "give-content-to": users.complete(a), "thumbnails-user": users.complete(a),
	} {
		flag := command.Flags().Lookup(name)
		if flag == nil {
			flag = command.PersistentFlags().Lookup(name)
		}
		if flag == nil || flag.Value.Type() == "bool" || name != "profile" && command.Flag("server") == nil { // the emulator has users of its own
			continue
		}
		if _, ok := command.GetFlagCompletionFunc(name); ok {
			continue // the command knows better
		}
		mustAdd(command.RegisterFlagCompletionFunc(name, complete))
	}
	for _, below := range command.Commands() {
		a.completeFlags(below)
	}
}

// explainCompletion gives the commands that cobra makes the examples that all commands have.
func explainCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	examples := map[string]string{
		"bash":       "  source <(tabctl completion bash)\n  tabctl completion bash > /etc/bash_completion.d/tabctl",
		"zsh":        "  source <(tabctl completion zsh)\n  tabctl completion zsh > \"${fpath[1]}/_tabctl\"",
		"fish":       "  tabctl completion fish | source\n  tabctl completion fish > ~/.config/fish/completions/tabctl.fish",
		"powershell": "  tabctl completion powershell | Out-String | Invoke-Expression",
	}
	completion, _, err := root.Find([]string{"completion"})
	if err != nil {
		panic(err) // it has just been made
	}
	for _, shell := range completion.Commands() {
		shell.Example = examples[shell.Name()]
	}
}
