package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

// action is a verb that does something to one item.
type action struct {
	verb, short, example string
	sentence             string // what it does: "cancel"
	done                 string // what it has done, for [kind.actionCommand]: "Cancelled"
	asks                 bool   // it cannot be undone
	// before finds what flags name; nil when there is nothing to find.
	before func(ctx context.Context, c *tableau.Client) error
}

// actionCommand is the command of an action that has no other outcome than that it is done.
func (k *kind[T]) actionCommand(a *app, act action, work func(ctx context.Context, c *tableau.Client, item *T) error) *cobra.Command {
	return k.workCommand(a, act, func(ctx context.Context, c *tableau.Client, item *T, what string) error {
		if err := work(ctx, c, item); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		a.say("%s%s", act.done, strings.TrimPrefix(what, act.sentence))
		return nil
	})
}

// workCommand is the command of an action whose work says by itself what comes of it; it is told what it does in words.
func (k *kind[T]) workCommand(a *app, act action, work func(ctx context.Context, c *tableau.Client, item *T, what string) error) *cobra.Command {
	var yes bool
	command := &cobra.Command{
		Use: act.verb + " " + k.placeholder(), Short: act.short, Example: act.example,
		Args: cobra.ExactArgs(1), ValidArgsFunction: k.completeFirst(a),
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			item, err := k.find(ctx, c, args[0])
			if err != nil {
				return err
			}
			described, err := k.describe(ctx, c, item)
			if err != nil {
				return err
			}
			if act.before != nil {
				if err := act.before(ctx, c); err != nil {
					return err
				}
			}
			what := fmt.Sprintf("%s the %s %s", act.sentence, k.name, described)
			if a.left("%s", what) {
				return nil
			}
			if act.asks {
				if err := a.confirm(yes, upperFirst(what)+"?"); err != nil {
					return err
				}
			}
			return work(ctx, c, item, what)
		}),
	}
	if act.asks {
		command.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	}
	a.dryRunFlag(command)
	return command
}

// subListCommand lists what belongs to one item.
func subListCommand[T, S any](a *app, k *kind[T], verb, short, example string, columns []column, list func(ctx context.Context, c *tableau.Client, item *T, query tableau.Query) itemsOf[S]) *cobra.Command {
	var flags listFlags
	command := &cobra.Command{
		Use: verb + " " + k.placeholder(), Short: short, Example: example,
		Args: cobra.ExactArgs(1), ValidArgsFunction: k.completeFirst(a),
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			query, err := flags.query(nil)
			if err != nil {
				return err
			}
			item, err := k.find(ctx, c, args[0])
			if err != nil {
				return err
			}
			return printEach(a, limited(a, list(ctx, c, item, query), &flags), columns)
		}),
	}
	flags.add(command)
	return command
}
