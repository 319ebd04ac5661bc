package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

// contentTypes are the kinds of content that commands take beside a name, and how one is found.
var contentTypes = []struct {
	name string
	kind tableau.ContentType
	find func(ctx context.Context, c *tableau.Client, text string) (id, label string, err error)
}{
	{"workbook", tableau.ContentWorkbook, findContent(&workbooks)},
	{"view", tableau.ContentView, findContent(&views)},
	{"datasource", tableau.ContentDataSource, findContent(&datasources)},
	{"project", tableau.ContentProject, findContent(&projects)},
}

func findContent[T any](k *kind[T]) func(context.Context, *tableau.Client, string) (string, string, error) {
	return func(ctx context.Context, c *tableau.Client, text string) (string, string, error) {
		item, err := k.find(ctx, c, text)
		if err != nil {
			return "", "", err
		}
		described, err := k.describe(ctx, c, item)
		return k.id(item), fmt.Sprintf("the %s %s", k.name, described), err
	}
}

// content finds what a type and a name stand for.
func content(ctx context.Context, c *tableau.Client, kind, text string) (item tableau.Content, label string, err error) {
	for _, t := range contentTypes {
		if t.name == kind || t.name+"s" == kind {
			item.Type = t.kind
			item.ID, label, err = t.find(ctx, c, text)
			return item, label, err
		}
	}
	return item, "", usage("%q is no type of content: give workbook, view, datasource or project", kind)
}

// completeContent offers types, and names of the type that was given.
func (a *app) completeContent(command *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	switch {
	case len(args) == 0:
		names := make([]string, len(contentTypes))
		for i, t := range contentTypes {
			names[i] = t.name
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	case len(args) > 1:
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	switch args[0] {
	case "workbook":
		return workbooks.complete(a)(command, nil, typed)
	case "view":
		return views.complete(a)(command, nil, typed)
	case "datasource":
		return datasources.complete(a)(command, nil, typed)
	}
	return projects.complete(a)(command, nil, typed)
}
