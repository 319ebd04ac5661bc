package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

// contentTypes are the kinds of content that commands take beside a name, how one is found, and how names complete.
var contentTypes = []contentType{
	contentOf("workbook", tableau.ContentWorkbook, &workbooks),
	contentOf("view", tableau.ContentView, &views),
	contentOf("datasource", tableau.ContentDataSource, &dataSources),
	contentOf("project", tableau.ContentProject, &projects),
}

// contentWords is how help names a type and a name.
const contentWords = "workbook|view|datasource|project NAME"

type contentType struct {
	name     string
	find     func(ctx context.Context, c *tableau.Client, text string) (item contentItem, label string, err error)
	complete func(a *app) cobra.CompletionFunc
}

// contentItem is what a type and a name stand for.
type contentItem struct {
	tableau.Content
	name string
}

func contentOf[T any](name string, content tableau.ContentType, k *kind[T]) contentType {
	find := func(ctx context.Context, c *tableau.Client, text string) (contentItem, string, error) {
		item, label, err := k.findDescribed(ctx, c, text)
		if err != nil {
			return contentItem{}, "", err
		}
		return contentItem{tableau.Content{Type: content, ID: k.id(item)}, k.title(item)}, label, nil
	}
	return contentType{name, find, k.complete}
}

// contentTypeOf finds the type of that name, in any case, of one or of many.
func contentTypeOf(word string) (contentType, bool) {
	for _, t := range contentTypes {
		if strings.EqualFold(word, t.name) || strings.EqualFold(word, t.name+"s") {
			return t, true
		}
	}
	return contentType{}, false
}

// content finds what a type and a name stand for.
func content(ctx context.Context, c *tableau.Client, word, text string) (item contentItem, label string, err error) {
	t, ok := contentTypeOf(word)
	if !ok {
		return item, "", usage("%q is no type of content: give workbook, view, datasource or project", word)
	}
	return t.find(ctx, c, text)
}

// completeContent offers types, and names of the type that was given.
func (a *app) completeContent(command *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		names := make([]string, len(contentTypes))
		for i, t := range contentTypes {
			names[i] = t.name
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	case 1:
		if t, ok := contentTypeOf(args[0]); ok {
			return t.complete(a)(command, nil, typed)
		}
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}
