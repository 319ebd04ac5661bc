package wiretest

import "context"

var _ = register(listAdapters("sites", func(c *call) (lister, error) {
	return listing(c.client.Sites.Page, c.client.Sites.List), nil
}))

var _ = register(map[string]adapter{
	"sites.get_by_id": func(ctx context.Context, c *call) (any, error) {
		return c.client.Sites.Get(ctx, c.args.text("site_id"))
	},
	"sites.get_by_name": func(ctx context.Context, c *call) (any, error) {
		return c.client.Sites.GetByName(ctx, c.args.text("site_name"))
	},
	"sites.get_by_content_url": func(ctx context.Context, c *call) (any, error) {
		return c.client.Sites.GetByContentURL(ctx, c.args.text("content_url"))
	},
})
