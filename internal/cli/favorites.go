package cli

import (
	"cmp"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

// favoriteItem is a favorite as it is listed.
type favoriteItem struct {
	Label   string `json:"label"`
	Type    string `json:"type"`
	Project string `json:"parentProjectName"`
	Owner   string `json:"targetOwnerName"`
	ID      string `json:"id"` // of the item
}

var favoriteColumns = []column{
	{title: "LABEL", path: "label"}, {title: "TYPE", path: "type"}, {title: "PROJECT", path: "parentProjectName"},
	{title: "OWNER", path: "targetOwnerName", wide: true}, {title: "ID", path: "id"},
}

// favoritesUser is whose favorites a command is about.
type favoritesUser struct{ name string }

func (f *favoritesUser) add(command *cobra.Command) {
	command.Flags().StringVar(&f.name, "user", "", "`name` or ID of the user (default who is signed in)")
}

func (f *favoritesUser) id(ctx context.Context, c *tableau.Client) (string, error) {
	if f.name != "" {
		user, err := users.find(ctx, c, f.name)
		if err != nil {
			return "", err
		}
		return user.ID, nil
	}
	session, err := signedIn(ctx, c)
	return session.UserID, err
}

func (a *app) favoritesCommand() *cobra.Command {
	return a.groupCommand("favorites", "List, add, move and remove favorites", a.favoritesListCommand(), a.favoritesMoveCommand(),
		a.favoritesChangeCommand("add", "Make something a favorite", "Added", "to",
			func(ctx context.Context, c *tableau.Client, user, label string, item tableau.Content) error {
				return c.Favorites.Add(ctx, user, label, item)
			}),
		a.favoritesChangeCommand("remove", "Take something off the favorites", "Removed", "from",
			func(ctx context.Context, c *tableau.Client, user, _ string, item tableau.Content) error {
				return c.Favorites.Remove(ctx, user, item)
			}))
}

func (a *app) favoritesListCommand() *cobra.Command {
	var whose favoritesUser
	command := &cobra.Command{
		Use: "list", Short: "List favorites", Args: cobra.NoArgs,
		Example: "  tabctl favorites list\n  tabctl favorites list --user ann",
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, _ []string) error {
			user, err := whose.id(ctx, c)
			if err != nil {
				return err
			}
			var items []favoriteItem
			for f, err := range c.Favorites.List(ctx, user, tableau.Query{}) {
				if err != nil {
					return err
				}
				item := f.Content()
				items = append(items, favoriteItem{f.Label, string(item.Type), f.ParentProjectName, f.TargetOwnerName, item.ID})
			}
			return printList(a, items, favoriteColumns)
		}),
	}
	whose.add(command)
	return command
}

func (a *app) favoritesMoveCommand() *cobra.Command {
	var whose favoritesUser
	command := &cobra.Command{
		Use: "move TYPE NAME AFTER-TYPE AFTER-NAME", Short: "Put a favorite behind another", Args: cobra.ExactArgs(4), ValidArgsFunction: a.completeContent,
		Example: "  tabctl favorites move view Sales/Overview workbook Finance/Sales",
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			item, described, err := content(ctx, c, args[0], args[1])
			if err != nil {
				return err
			}
			after, describedAfter, err := content(ctx, c, args[2], args[3])
			if err != nil {
				return err
			}
			user, err := whose.id(ctx, c)
			if err != nil {
				return err
			}
			what := fmt.Sprintf("put %s behind %s", described, describedAfter)
			return a.change(what, upperFirst(what), func() error { return c.Favorites.Move(ctx, user, item.Content, after.Content) })
		}),
	}
	whose.add(command)
	a.dryRunFlag(command)
	return command
}

func (a *app) favoritesChangeCommand(verb, short, done, preposition string, change func(ctx context.Context, c *tableau.Client, user, label string, item tableau.Content) error) *cobra.Command {
	var whose favoritesUser
	var label string
	command := &cobra.Command{
		Use: verb + " " + contentWords, Short: short, Args: cobra.ExactArgs(2), ValidArgsFunction: a.completeContent,
		Example: fmt.Sprintf("  tabctl favorites %s workbook Finance/Sales\n  tabctl favorites %[1]s view Sales/Overview --user ann", verb),
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			item, described, err := content(ctx, c, args[0], args[1])
			if err != nil {
				return err
			}
			user, err := whose.id(ctx, c)
			if err != nil {
				return err
			}
			what := fmt.Sprintf(" %s %s the favorites", described, preposition)
			return a.change(verb+what, done+what, func() error { return change(ctx, c, user, cmp.Or(label, item.name), item.Content) })
		}),
	}
	whose.add(command)
	if verb == "add" {
		command.Flags().StringVar(&label, "label", "", "`text` to show (default the item's name)")
	}
	a.dryRunFlag(command)
	return command
}
