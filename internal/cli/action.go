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
	command := &cobra.Command{
		Use: act.verb + " " + k.placeholder(), Short: act.short, Example: act.example,
		Args: cobra.ExactArgs(1), ValidArgsFunction: k.completeFirst(a),
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			item, label, err := k.findDescribed(ctx, c, args[0])
			if err != nil {
				return err
			}
			if act.before != nil {
				if err := act.before(ctx, c); err != nil {
					return err
				}
			}
			what := act.sentence + " " + label
			if a.left("%s", what) {
				return nil
			}
			if act.asks {
				if err := a.confirm(upperFirst(what) + "?"); err != nil {
					return err
				}
			}
			return work(ctx, c, item, what)
		}),
	}
	if act.asks {
		a.yesFlag(command)
	}
	a.dryRunFlag(command)
	return command
}

// change does something, unless it is to be left at telling it.
func (a *app) change(what, done string, work func() error) error {
	if a.left("%s", what) {
		return nil
	}
	if err := work(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	a.say("%s", done)
	return nil
}

// partsCommand lists what an item has, all of it.
func partsCommand[T, S any](a *app, k *kind[T], verb, short, example string, columns []column, list func(ctx context.Context, c *tableau.Client, item *T) itemsOf[S]) *cobra.Command {
	return &cobra.Command{
		Use: verb + " " + k.placeholder(), Short: short, Example: example,
		Args: cobra.ExactArgs(1), ValidArgsFunction: k.completeFirst(a),
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			item, err := k.find(ctx, c, args[0])
			if err != nil {
				return err
			}
			return printEach(a, list(ctx, c, item), columns)
		}),
	}
}

// subListCommand lists what belongs to an item, which may be long.
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
