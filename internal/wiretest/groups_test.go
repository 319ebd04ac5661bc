package wiretest

import (
	"cmp"
	"context"

	"github.com/tabctl/tableau-go/tableau"
)

func init() {
	ourValues["GroupItem.LicenseMode"] = texts(tableau.LicenseOnLogin, tableau.LicenseOnSync)
	aliases["GroupItem.domain_name"] = "Domain.Name|Import.DomainName"
	aliases["GroupItem.license_mode"] = "Import.LicenseMode"
	aliases["GroupItem.minimum_site_role"] = "MinimumSiteRole|Import.SiteRole"
}

var _ = register(listAdapters("groups", func(c *call) (lister, error) {
	return listing(c.client.Groups.Page, c.client.Groups.List), nil
}))

var _ = register(map[string]adapter{
	"groups.populate_users": func(ctx context.Context, c *call) (any, error) {
		q, err := populateQuery(c, "group_item")
		if err != nil {
			return nil, err
		}
		return tableau.Collect(c.client.Groups.Users(ctx, c.args.id("group_item"), q), -1)
	},
	"groups.create": createGroup("group_item"),
	"model.GroupItem": func(ctx context.Context, c *call) (any, error) {
		if len(c.args.item("item")) < 2 {
			return nil, noCounterpart("reading an attribute that was not fetched")
		}
		if c.args.item("item").has("license_mode") { // only imported groups have one
			group, err := importGroup(c.args.item("item"))
			if err != nil {
				return nil, err
			}
			group.DomainName = cmp.Or(group.DomainName, "example.com")
			return c.client.Groups.Import(ctx, group)
		}
		return createGroup("item")(ctx, c)
	},
	"groups.create_AD_group": func(ctx context.Context, c *call) (any, error) {
		group, err := importGroup(c.args.item("group_item"))
		if err != nil {
			return nil, err
		}
		if c.args.flag("asJob") {
			return c.client.Groups.ImportAsJob(ctx, group)
		}
		return c.client.Groups.Import(ctx, group)
	},
	"groups.update": func(ctx context.Context, c *call) (any, error) {
		if err := c.args.only("group_item", "as_job"); err != nil {
			return nil, err
		}
		item := c.args.item("group_item")
		if fetched := firstOf[tableau.Group](c); fetched != nil && item == nil {
			item = changed(c, arguments{"id": fetched.ID, "domain_name": fetched.Domain.Name}) // all that Python has read of a local group
		}
		group, err := importGroup(item)
		switch {
		case err != nil:
			return nil, err
		case c.args.flag("as_job"):
			return c.client.Groups.SyncAsJob(ctx, item.text("id"), group)
		case group.DomainName != "" && group.DomainName != "local":
			return c.client.Groups.Sync(ctx, item.text("id"), group)
		}
		return c.client.Groups.Update(ctx, item.text("id"), tableau.GroupUpdate{
			Name: group.Name, MinimumSiteRole: optional[tableau.SiteRole](item, "minimum_site_role"),
		})
	},
	"groups.delete": func(ctx context.Context, c *call) (any, error) {
		return nil, c.client.Groups.Delete(ctx, c.args.text("group_id"))
	},
	"groups.add_user": func(ctx context.Context, c *call) (any, error) {
		return c.client.Groups.AddUser(ctx, c.args.id("group_item"), c.args.text("user_id"))
	},
	"groups.remove_user": func(ctx context.Context, c *call) (any, error) {
		return nil, c.client.Groups.RemoveUser(ctx, c.args.id("group_item"), c.args.text("user_id"))
	},
	"groups.add_users": func(ctx context.Context, c *call) (any, error) {
		return c.client.Groups.AddUsers(ctx, c.args.id("group_item"), userIDs(c))
	},
	"groups.remove_users": func(ctx context.Context, c *call) (any, error) {
		return nil, c.client.Groups.RemoveUsers(ctx, c.args.id("group_item"), userIDs(c))
	},
})

func createGroup(argument string) adapter {
	return func(ctx context.Context, c *call) (any, error) {
		item := c.args.item(argument)
		if err := item.only("name", "minimum_site_role", "domain_name", "license_mode"); err != nil { // Python sends the first two
			return nil, err
		}
		return c.client.Groups.Create(ctx, tableau.CreateGroup{
			Name: item.text("name"), MinimumSiteRole: tableau.SiteRole(item.text("minimum_site_role")),
		})
	}
}

func importGroup(item arguments) (tableau.ImportGroup, error) {
	return tableau.ImportGroup{
		Name: item.text("name"), DomainName: item.text("domain_name"),
		MinimumSiteRole: tableau.SiteRole(item.text("minimum_site_role")), LicenseMode: tableau.LicenseMode(item.text("license_mode")),
	}, item.only("id", "name", "domain_name", "minimum_site_role", "license_mode")
}

// userIDs reads the users of a call, each an item or its ID.
func userIDs(c *call) []string {
	var ids []string
	for _, user := range elements(c.args["users"]) {
		ids = append(ids, arguments{"user": user}.id("user"))
	}
	return ids
}
