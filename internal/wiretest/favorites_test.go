package wiretest

import (
	"cmp"
	"context"

	"github.com/tabctl/tableau-go/tableau"
)

func init() {
	for attribute, field := range map[string]string{
		"owner_id": "Owner.ID", "project_id": "Project.ID", "project_name": "Project.Name",
	} {
		for _, kind := range []string{"DatasourceItem.", "FlowItem.", "MetricItem."} {
			aliases[kind+attribute] = cmp.Or(aliases[kind+attribute], field)
		}
	}
}

// favoriteKinds are what Python calls the kinds in its dictionary of favorites.
var favoriteKinds = map[string]tableau.ContentType{
	"collections": tableau.ContentCollection, "datasources": tableau.ContentDataSource, "flows": tableau.ContentFlow,
	"metrics": tableau.ContentMetric, "projects": tableau.ContentProject, "views": tableau.ContentView, "workbooks": tableau.ContentWorkbook,
}

// favoritesOf returns a user's favorites by kind.
func favoritesOf(ctx context.Context, c *call) (any, error) {
	q, err := populateQuery(c, "user_item")
	if err != nil {
		return nil, err
	}
	page, err := c.client.Favorites.Page(ctx, c.args.id("user_item"), q)
	if err != nil {
		return nil, err
	}
	byKind := map[string]any{}
	for name, kind := range favoriteKinds {
		items := []any{}
		for _, favorite := range page.Items {
			if favorite.Content().Type == kind {
				items = append(items, favoriteItem(favorite))
			}
		}
		byKind[name] = items
	}
	return byKind, nil
}

func favoriteItem(f *tableau.Favorite) any {
	switch f.Content().Type {
	case tableau.ContentCollection:
		return f.Collection
	case tableau.ContentDataSource:
		return f.DataSource
	case tableau.ContentFlow:
		return f.Flow
	case tableau.ContentMetric:
		return f.Metric
	case tableau.ContentProject:
		return f.Project
	case tableau.ContentView:
		return f.View
	}
	return f.Workbook
}

var _ = register(map[string]adapter{"favorites.get": favoritesOf})

var _ = register(favoriteAdapters())

// favoriteAdapters adapts Python's methods for each kind, and those that name
// the kind.
func favoriteAdapters() map[string]adapter {
	all := map[string]adapter{}
	add := func(method, argument string, kind tableau.ContentType) {
		content := func(c *call) tableau.Content {
			if kind == "" {
				return tableau.Content{Type: tableau.ContentType(c.args.text("content_type")), ID: c.args.id(argument)}
			}
			return tableau.Content{Type: kind, ID: c.args.id(argument)}
		}
		all["favorites.add_"+method] = func(ctx context.Context, c *call) (any, error) {
			if err := c.args.only("user_item", "content_type", argument); err != nil {
				return nil, err
			}
			return nil, c.client.Favorites.Add(ctx, c.args.id("user_item"), c.args.item(argument).text("name"), content(c))
		}
		all["favorites.delete_"+method] = func(ctx context.Context, c *call) (any, error) {
			if err := c.args.only("user_item", "content_type", argument); err != nil {
				return nil, err
			}
			return nil, c.client.Favorites.Remove(ctx, c.args.id("user_item"), content(c))
		}
	}
	add("favorite", "item", "")
	for _, kind := range favoriteKinds {
		add("favorite_"+string(kind), string(kind)+"_item", kind)
	}
	return all
}
