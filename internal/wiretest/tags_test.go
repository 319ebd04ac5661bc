package wiretest

import (
	"context"
	"strings"

	"github.com/tabctl/tableau-go/tableau"
)

var _ = register(tagAdapters())

// tagAdapters adapts the methods that every endpoint has of its own.
func tagAdapters() map[string]adapter {
	all := map[string]adapter{}
	for resource, kind := range contentTypes {
		if kind == tableau.ContentProject || kind == tableau.ContentMetric {
			continue // Python has none for these
		}
		all[resource+".add_tags"] = func(ctx context.Context, c *call) (any, error) {
			item, err := contentOf(c, kind)
			if err != nil {
				return nil, err
			}
			return c.client.Tags.Add(ctx, item, labelsIn(c.args)...)
		}
		all[resource+".delete_tags"] = func(ctx context.Context, c *call) (any, error) {
			item, err := contentOf(c, kind)
			if err != nil {
				return nil, err
			}
			// Python wants an id even when there is nothing to delete.
			return nil, c.client.Tags.Delete(ctx, item, labelsIn(c.args)...)
		}
		all[resource+".update_tags"] = func(ctx context.Context, c *call) (any, error) {
			item, err := contentOf(c, kind)
			if err != nil {
				return nil, err
			}
			return setTags(ctx, c, item)
		}
	}
	return all
}

// setTags gives the item of a call the tags that it holds.
func setTags(ctx context.Context, c *call, content tableau.Content) (any, error) {
	var item arguments
	for _, name := range []string{"item", "virtual_connection"} {
		if text, ok := c.args[name].(string); ok {
			return nil, notCompiled{name, text, "a list of tags"}
		}
		if c.args.has(name) {
			item = c.args.item(name)
		}
	}
	var had []tableau.Tag
	for _, label := range item.texts("initial_tags") {
		had = append(had, tableau.Tag{Label: label})
	}
	return c.client.Tags.Set(ctx, content, had, item.texts("tags")...)
}

// labelsIn reads the labels, one or many.
func labelsIn(args arguments) []string {
	if label, ok := args["tags"].(string); ok {
		return []string{label}
	}
	return args.texts("tags")
}

var _ = register(map[string]adapter{
	"tags.batch_add": func(ctx context.Context, c *call) (any, error) {
		contents, err := contentsIn(c)
		if err != nil {
			return nil, err
		}
		return c.client.Tags.AddBatch(ctx, labelsIn(c.args), contents...)
	},
	"tags.batch_delete": func(ctx context.Context, c *call) (any, error) {
		contents, err := contentsIn(c)
		if err != nil {
			return nil, err
		}
		return c.client.Tags.DeleteBatch(ctx, labelsIn(c.args), contents...)
	},
})

// contentsIn reads items of all kinds: a WorkbookItem is a workbook.
func contentsIn(c *call) ([]tableau.Content, error) {
	if err := c.args.only("tags", "content"); err != nil {
		return nil, err
	}
	var all []tableau.Content
	for _, item := range c.args.items("content") {
		name := strings.TrimSuffix(item.text("$item"), "Item")
		kind := tableau.ContentType(strings.ToLower(name[:min(len(name), 1)]) + name[min(len(name), 1):])
		all = append(all, tableau.Content{Type: kind, ID: item.text("id")})
	}
	return all, nil
}
