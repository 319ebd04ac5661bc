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

// complete offers names from the server to the shell. It says nothing and asks nothing, whatever goes wrong.
func (k *kind[T]) complete(a *app) cobra.CompletionFunc {
	return func(command *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		a.connection.remember(command)
		silent := *a
		silent.err, silent.canAsk, silent.in = io.Discard, false, strings.NewReader("")
		ctx, cancel := context.WithTimeout(command.Context(), completionTime)
		defer cancel()
		done := make(chan []string, 1)
		go func() { // signing out may take longer than there is time for
			var names []string
			err := silent.connected(ctx, func(ctx context.Context, c *tableau.Client) error {
				for item, err := range k.list(ctx, c, tableau.Query{PageSize: mostCompletions}) {
					if err != nil {
						return err
					}
					names = append(names, offered([]string{k.title(item)}, args, typed)...)
					if len(names) == mostCompletions {
						break
					}
				}
				return nil
			})
			if err != nil {
				names = nil
			}
			done <- names
		}()
		select {
		case names := <-done:
			return names, cobra.ShellCompDirectiveNoFileComp
		case <-ctx.Done():
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
	}
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
		"workbook": workbooks.complete(a), "owner": users.complete(a), "user": users.complete(a), "give-content-to": users.complete(a), "thumbnails-user": users.complete(a),
		"group": groups.complete(a),
	} {
		flag := command.Flags().Lookup(name)
		if flag == nil {
			flag = command.PersistentFlags().Lookup(name)
		}
		if flag == nil || flag.Value.Type() == "bool" {
			continue
		}
		if _, ok := command.GetFlagCompletionFunc(name); ok {
			continue // the command knows better
		}
		if err := command.RegisterFlagCompletionFunc(name, complete); err != nil {
			panic(err) // the flag is there
		}
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
