package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

// tagCommands put labels on an item and take them off.
func (k *kind[T]) tagCommands(a *app, content tableau.ContentType) []*cobra.Command {
	tag := k.labelsCommand(a, "tag", "Put tags on a "+k.name, "Tagged", content, func(ctx context.Context, c *tableau.Client, item tableau.Content, labels []string) error {
		_, err := c.Tags.Add(ctx, item, labels...)
		return err
	})
	untag := k.labelsCommand(a, "untag", "Take tags off a "+k.name, "Untagged", content, func(ctx context.Context, c *tableau.Client, item tableau.Content, labels []string) error {
		return c.Tags.Delete(ctx, item, labels...)
	})
	return []*cobra.Command{tag, untag}
}

func (k *kind[T]) labelsCommand(a *app, verb, short, done string, content tableau.ContentType, change func(context.Context, *tableau.Client, tableau.Content, []string) error) *cobra.Command {
	command := &cobra.Command{
		Use:               verb + " " + k.placeholder() + " LABEL...",
		Short:             short,
		Example:           fmt.Sprintf("  tabctl %s %s Sales monthly \"year end\"\n  tabctl %[1]s list --filter tags=monthly", k.group, verb),
		Args:              cobra.MinimumNArgs(2),
		ValidArgsFunction: k.completeFirst(a),
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			item, label, err := k.findDescribed(ctx, c, args[0])
			if err != nil {
				return err
			}
			label += ": " + strings.Join(args[1:], ", ")
			return a.change(verb+" "+label, done+" "+label, func() error {
				return change(ctx, c, tableau.Content{Type: content, ID: k.id(item)}, args[1:])
			})
		}),
	}
	a.dryRunFlag(command)
	return command
}
