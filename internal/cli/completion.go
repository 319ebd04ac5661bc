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

// completionPatience is how long somebody who has pressed the tab key waits.
const completionPatience = 2 * time.Second

// mostCompletions bounds what a shell is offered.
const mostCompletions = 200

func (a *app) completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print the script that lets a shell complete tabctl's command lines",
		Long: `Prints a script for the shell, which completes commands, flags, their values and
names: of profiles, and of what is on the server, when there is a sign-in and
the server answers within two seconds.

  bash        needs the package bash-completion; in ~/.bashrc:
              source <(tabctl completion bash)
  zsh         tabctl completion zsh > "${fpath[1]}/_tabctl"
              with "autoload -U compinit; compinit" in ~/.zshrc
  fish        tabctl completion fish > ~/.config/fish/completions/tabctl.fish
  PowerShell  tabctl completion powershell | Out-String | Invoke-Expression
              in the file that $PROFILE names`,
		Example:   "  source <(tabctl completion bash)\n  tabctl completion fish > ~/.config/fish/completions/tabctl.fish",
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		RunE: func(command *cobra.Command, args []string) error {
			root := command.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.out, true)
			case "zsh":
				return root.GenZshCompletion(a.out)
			case "fish":
				return root.GenFishCompletion(a.out, true)
			}
			return root.GenPowerShellCompletionWithDesc(a.out)
		},
	}
}

// isCompletion reports whether it is the shell that asks.
func isCompletion(args []string) bool {
	return len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// completeFlags lets the flags be completed that name something on the server, and profiles.
func (a *app) completeFlags(command *cobra.Command) {
	user := users.complete(a)
	for name, complete := range map[string]cobra.CompletionFunc{
		"profile": a.completeProfile,
		"project": projects.complete(a), "parent": projects.complete(a), "workbook": workbooks.complete(a),
		"user": user, "owner": user, "give-content-to": user, "thumbnails-user": user,
		"group": groups.complete(a), "schedule": schedules.complete(a),
	} {
		if command.Flag(name) == nil || name != "profile" && command.Flag("server") == nil { // the emulator has users of its own
			continue
		}
		if _, own := command.GetFlagCompletionFunc(name); own {
			continue
		}
		if err := command.RegisterFlagCompletionFunc(name, complete); err != nil {
			panic(err) // the flag is there and has none
		}
	}
	for _, child := range command.Commands() {
		a.completeFlags(child)
	}
}

// complete offers names from the server to the shell.
func (k *kind[T]) complete(a *app) cobra.CompletionFunc {
	return func(command *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		names := a.completing(command, func(ctx context.Context, c *tableau.Client) (names []string, err error) {
			for item, err := range k.list(ctx, c, tableau.Query{PageSize: mostCompletions}) {
				if err != nil {
					return nil, err
				}
				if name := k.title(item); strings.HasPrefix(name, typed) && !slices.Contains(args, name) {
					names = append(names, name)
				}
				if len(names) == mostCompletions {
					break
				}
			}
			return names, nil
		})
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

// completing asks the server for names, silently and not for long.
func (a *app) completing(command *cobra.Command, find func(ctx context.Context, c *tableau.Client) ([]string, error)) []string {
	a.err, a.canAsk = io.Discard, false
	a.connection.remember(command)
	ctx, cancel := context.WithTimeout(command.Context(), completionPatience)
	defer cancel()
	done := make(chan []string, 1)
	go func() {
		var names []string
		err := a.connected(ctx, func(ctx context.Context, c *tableau.Client) (err error) {
			names, err = find(ctx, c)
			return err
		})
		if err != nil {
			names = nil
		}
		done <- names
	}()
	select {
	case names := <-done:
		return names
	case <-ctx.Done(): // what does not heed it, such as a keyring that waits, ends with the program
		return nil
	}
}
