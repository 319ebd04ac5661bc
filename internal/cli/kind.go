package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

// itemsOf is a list as the client gives it.
type itemsOf[T any] = iter.Seq2[*T, error]

// kind is what the commands of one kind of item share: how it is listed, found by what a user calls it, and deleted.
type kind[T any] struct {
	name       string // of one, in sentences
	group      string // the command group
	holder     string // what they are of; "" is the site
	columns    []column
	list       func(ctx context.Context, c *tableau.Client, q tableau.Query) itemsOf[T]
	byName     func(ctx context.Context, c *tableau.Client, name string) (*T, error) // nil: the list is searched
	get        func(ctx context.Context, c *tableau.Client, id string) (*T, error)   // nil when only the list has it
	delete     func(ctx context.Context, c *tableau.Client, id string) error         // nil when it cannot be deleted
	id         func(*T) string
	names      func(*T) []string // what it may be called by, the name first
	project    func(*T) string   // ID of the project that it is in; nil when it is in none
	label      func(*T) string   // what tells it from others of the name; nil: the project path and the name
	page       func(*T) string   // its address in a browser; nil when it has none
	searchable bool              // its list can be filtered by name
	domains    bool              // that of its directory may stand before a name: domain\name
	order      []tableau.Sort    // of its list, when the user asks for none
}

func (k *kind[T]) title(item *T) string { return k.names(item)[0] }

// listCommand lists the items of the kind.
func (k *kind[T]) listCommand(a *app, example string) *cobra.Command {
	var flags listFlags
	command := &cobra.Command{
		Use:     "list",
		Short:   "List the " + k.name + "s of " + cmp.Or(k.holder, "the site"),
		Example: example,
		Args:    cobra.NoArgs,
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, _ []string) error {
			query, err := flags.query(k.order)
			if err != nil {
				return err
			}
			return printEach(a, limited(a, k.list(ctx, c, query), &flags), k.columns)
		}),
	}
	flags.add(command)
	return command
}

func (k *kind[T]) getCommand(a *app, example string) *cobra.Command {
	return &cobra.Command{
		Use:               "get " + k.placeholder(),
		Short:             "Show all about a " + k.name,
		Example:           example,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: k.complete(a),
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			item, err := k.find(ctx, c, args[0])
			if err != nil {
				return err
			}
			if k.get != nil && !isID(args[0]) { // lists leave things out
				if item, err = k.get(ctx, c, k.id(item)); err != nil {
					return err
				}
			}
			return printOne(a, item, k.columns)
		}),
	}
}

// placeholder is how help names an argument of this kind.
func (k *kind[T]) placeholder() string {
	words := "NAME|ID"
	switch {
	case k.columns[0].path == "id": // which have no name
		words = "ID"
	case k.columns[0].path == "subject":
		words = "SUBJECT|ID"
	case k.project != nil, k.columns[0].path == "path":
		words = "NAME|PATH|ID"
	}
	if k.page != nil {
		words += "|URL"
	}
	return words
}

// deleteCommand deletes items; what says what goes with one, such as " and its views".
func (k *kind[T]) deleteCommand(a *app, what, example string) *cobra.Command {
	command := &cobra.Command{
		Use:               "delete " + k.placeholder() + "...",
		Short:             "Delete a " + k.name + what,
		Example:           example,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: k.complete(a),
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			items, err := k.findAll(ctx, c, args) // all of them are known before the first is gone
			if err != nil {
				return err
			}
			for _, item := range items {
				label, err := k.described(ctx, c, item)
				if err != nil {
					return err
				}
				if a.left("delete %s%s", label, what) {
					continue
				}
				if err := a.confirm("Delete " + label + what + "?"); err != nil {
					return err
				}
				if err := k.delete(ctx, c, k.id(item)); err != nil {
					return err
				}
				a.say("Deleted %s (%s)", label, k.id(item))
			}
			return nil
		}),
	}
	a.yesFlag(command)
	a.dryRunFlag(command)
	return command
}

// describe names an item so that people know which one it is.
func (k *kind[T]) describe(ctx context.Context, c *tableau.Client, item *T) (string, error) {
	if k.label != nil {
		return fmt.Sprintf("%q", k.label(item)), nil
	}
	if k.project == nil {
		return fmt.Sprintf("%q", k.title(item)), nil
	}
	path, err := k.path(ctx, c, item)
	return fmt.Sprintf("%q", path), err
}

// described is how messages call an item: the workbook "Finance/Sales".
func (k *kind[T]) described(ctx context.Context, c *tableau.Client, item *T) (string, error) {
	text, err := k.describe(ctx, c, item)
	return "the " + k.name + " " + text, err
}

// findDescribed finds an item, and how messages call it.
func (k *kind[T]) findDescribed(ctx context.Context, c *tableau.Client, text string) (item *T, label string, err error) {
	if item, err = k.find(ctx, c, text); err == nil {
		label, err = k.described(ctx, c, item)
	}
	return item, label, err
}

// findAll finds the items that the texts name, each once.
func (k *kind[T]) findAll(ctx context.Context, c *tableau.Client, texts []string) ([]*T, error) {
	var items []*T
	for _, text := range texts {
		item, err := k.find(ctx, c, text)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(items, func(other *T) bool { return k.id(other) == k.id(item) }) {
			items = append(items, item)
		}
	}
	return items, nil
}

// path is the item's project path and name, such as Finance/EMEA/Sales.
func (k *kind[T]) path(ctx context.Context, c *tableau.Client, item *T) (string, error) {
	paths, err := projectPaths(ctx, c)
	if err != nil {
		return "", err
	}
	if path, ok := paths[k.project(item)]; ok {
		return path + "/" + k.title(item), nil
	}
	return k.title(item), nil // in a personal space, or in a project that the user may not see
}

// find finds the one item that the text names: its ID, its name, its project path and name, or its address in a
// browser. Several are an error that lists the candidates.
func (k *kind[T]) find(ctx context.Context, c *tableau.Client, text string) (*T, error) {
	switch {
	case isID(text) && k.get != nil:
		return k.get(ctx, c, text)
	case isAddress(text):
		return k.findPage(ctx, c, text)
	}
	found, err := k.named(ctx, c, text)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 && strings.Contains(text, "/") && k.project != nil {
		if found, err = k.atPath(ctx, c, strings.Trim(text, "/")); err != nil {
			return nil, err
		}
	}
	return k.only(ctx, c, text, found)
}

func (k *kind[T]) named(ctx context.Context, c *tableau.Client, text string) ([]*T, error) {
	if k.byName != nil && !isID(text) {
		item, err := k.byName(ctx, c, text)
		switch {
		case errors.Is(err, tableau.ErrNotFound):
			return nil, nil
		case err != nil:
			return nil, err
		}
		return []*T{item}, nil
	}
	query := tableau.Query{}
	if k.searchable && !isID(text) {
		name := text
		if _, short, ok := strings.Cut(text, `\`); ok && k.domains {
			name = short
		}
		query.Filter = []tableau.Filter{tableau.Eq("name", name)}
	}
	return matching(k.list(ctx, c, query), func(item *T) bool {
		return k.id(item) == text || slices.Contains(k.names(item), text)
	})
}

// atPath finds items by project path and name. Either may hold slashes, so that each may be where the name begins.
func (k *kind[T]) atPath(ctx context.Context, c *tableau.Client, path string) ([]*T, error) {
	paths, err := projectPaths(ctx, c)
	if err != nil {
		return nil, err
	}
	var found []*T
	for i, r := range path {
		if r != '/' {
			continue
		}
		project, name := path[:i], path[i+1:]
		items, err := k.named(ctx, c, name)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			if paths[k.project(item)] == project {
				found = append(found, item)
			}
		}
	}
	return found, nil
}

// findPage finds the item of an address that was copied from a browser.
func (k *kind[T]) findPage(ctx context.Context, c *tableau.Client, text string) (*T, error) {
	if _, err := signedIn(ctx, c); err != nil { // the session knows the site
		return nil, err
	}
	place, err := parseAddress(c, text)
	if err != nil {
		return nil, err
	}
	found, err := matching(k.list(ctx, c, tableau.Query{}), func(item *T) bool {
		if k.page != nil && k.page(item) != "" {
			if own, err := parseAddress(c, k.page(item)); err == nil && own == place {
				return true
			}
		}
		return slices.Contains(k.names(item), place.item)
	})
	if err != nil {
		return nil, err
	}
	return k.only(ctx, c, text, found)
}

// only returns the one item that was found.
func (k *kind[T]) only(ctx context.Context, c *tableau.Client, text string, found []*T) (*T, error) {
	switch len(found) {
	case 0:
		return nil, withHint(&missingError{k.name, text}, "tabctl "+k.group+" list")
	case 1:
		return found[0], nil
	}
	var lines strings.Builder
	for _, item := range found {
		described, err := k.describe(ctx, c, item)
		if err != nil {
			return nil, err
		}
		lines.WriteString("\n  " + k.id(item) + "  " + described)
	}
	return nil, withHint(usage("%d %ss match %q:%s", len(found), k.name, text, lines.String()), "one of these IDs instead of the name")
}
