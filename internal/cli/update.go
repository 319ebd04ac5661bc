package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tabctl/tableau-go/tableau"
)

// updateCommand changes an item. Its flags are added afterwards; prepare reads them, and finds what they name, before
// anything is changed.
func (k *kind[T]) updateCommand(a *app, example string, prepare func(ctx context.Context, c *tableau.Client) (update func(id string) (*T, error), err error)) *cobra.Command {
	command := &cobra.Command{
		Use:               "update " + k.placeholder(),
		Short:             "Change a " + k.name,
		Long:              "Change a " + k.name + ". What no flag is given for stays as it is.",
		Example:           example,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: k.complete(a),
	}
	command.RunE = a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
		changes, possible := givenFlags(command)
		if len(changes) == 0 {
			return usage("nothing is to be changed: give %s", strings.Join(possible, " or "))
		}
		item, label, err := k.findDescribed(ctx, c, args[0])
		if err != nil {
			return err
		}
		update, err := prepare(ctx, c)
		if err != nil {
			return err
		}
		if a.left("change %s: %s", label, strings.Join(changes, ", ")) {
			return nil
		}
		changed, err := update(k.id(item))
		if err != nil {
			return fmt.Errorf("change %s: %w", label, err)
		}
		return printList(a, []*T{changed}, k.columns)
	})
	a.dryRunFlag(command)
	return command
}

// givenFlags returns the command's own flags that were given, and all of them.
func givenFlags(command *cobra.Command) (given, all []string) {
	command.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" || f.Name == "dry-run" {
			return
		}
		all = append(all, "--"+f.Name)
		if f.Changed {
			given = append(given, f.Name+" "+f.Value.String())
		}
	})
	return given, all
}

// given is the value of a flag; nil when the command line does not have it.
func given[T any](a *app, flag string, value T) *T {
	if !a.connection.given(flag) {
		return nil
	}
	return &value
}

// foundID is the ID of the item that a flag names; nil when the command line does not have it.
func foundID[T any](ctx context.Context, a *app, c *tableau.Client, k *kind[T], flag, text string) (*string, error) {
	if !a.connection.given(flag) {
		return nil, nil
	}
	item, err := k.find(ctx, c, text)
	if err != nil {
		return nil, fmt.Errorf("--%s: %w", flag, err)
	}
	return new(k.id(item)), nil
}
