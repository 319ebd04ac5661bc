package wiretest

import (
	"context"

	"github.com/tabctl/tableau-go/tableau"
)

var _ = register(listAdapters("projects", func(c *call) (lister, error) {
	return listing(c.client.Projects.Page, c.client.Projects.List), nil
}))

var _ = register(map[string]adapter{
	"projects.get_by_id": func(ctx context.Context, c *call) (any, error) {
		return c.client.Projects.Get(ctx, c.args.text("project_id"))
	},
	"projects.create": func(ctx context.Context, c *call) (any, error) {
		if err := c.args.only("project_item", "samples"); err != nil {
			return nil, err
		}
		item := c.args.item("project_item")
		return c.client.Projects.Create(ctx, tableau.CreateProject{
			Name:               item.text("name"),
			Description:        item.text("description"),
			ParentProjectID:    item.text("parent_id"),
			ContentPermissions: tableau.ContentPermissions(item.text("content_permissions")),
			PublishSamples:     c.args.flag("samples") || item.flag("samples"),
		})
	},
	"projects.update": func(ctx context.Context, c *call) (any, error) {
		if err := c.args.only("project_item", "samples"); err != nil {
			return nil, err
		}
		item := c.args.item("project_item")
		if fetched := firstOf[tableau.Project](c); fetched != nil && item == nil { // Python sends back all of it
			item = changed(c, arguments{"id": fetched.ID, "name": fetched.Name, "description": fetched.Description,
				"content_permissions": string(fetched.ContentPermissions), "parent_id": fetched.ParentProjectID, "owner_id": fetched.Owner.ID})
		}
		return c.client.Projects.Update(ctx, item.text("id"), tableau.ProjectUpdate{
			Name:               optional[string](item, "name"),
			Description:        optional[string](item, "description"),
			ParentProjectID:    optional[string](item, "parent_id"),
			ContentPermissions: optional[tableau.ContentPermissions](item, "content_permissions"),
			OwnerID:            optional[string](item, "owner_id"),
			PublishSamples:     c.args.flag("samples") || item.flag("samples"),
		})
	},
	"projects.delete": func(ctx context.Context, c *call) (any, error) {
		return nil, c.client.Projects.Delete(ctx, c.args.text("project_id"))
	},
	"model.ProjectItem": func(ctx context.Context, c *call) (any, error) {
		item := c.args.item("item")
		if len(item) < 2 {
			return nil, noCounterpart("reading an attribute that was not fetched")
		}
		return c.client.Projects.Create(ctx, tableau.CreateProject{
			Name: item.text("name"), ContentPermissions: tableau.ContentPermissions(item.text("content_permissions")),
		})
	},
})

// firstOf is the first item of the page that a call has fetched before, nil
// when it has fetched none.
func firstOf[T any](c *call) *T {
	page, _ := c.previous.(pageResult)
	if items, ok := page.Items.([]*T); ok && len(items) > 0 {
		return items[0]
	}
	return nil
}

// optional returns a pointer to a text that is set, nil otherwise.
func optional[T ~string](a arguments, name string) *T {
	if !a.has(name) {
		return nil
	}
	return new(T(a.text(name)))
}
