package wiretest

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"os"

	"github.com/tabctl/tableau-go/tableau"
)

func init() {
	ourValues["UserItem.Roles"] = texts(tableau.RoleCreator, tableau.RoleExplorer, tableau.RoleExplorerCanPublish, tableau.RoleViewer,
		tableau.RoleUnlicensed, tableau.RoleSiteAdministratorCreator, tableau.RoleSiteAdministratorExplorer, tableau.RoleServerAdministrator,
		tableau.RoleGuest, tableau.RoleReadOnly, tableau.RoleSupportUser, tableau.RoleInteractor, tableau.RolePublisher,
		tableau.RoleSiteAdministrator, tableau.RoleUnlicensedWithPublish, tableau.RoleViewerWithPublish)
	ourValues["UserItem.Auth"] = texts(tableau.AuthServerDefault, tableau.AuthSAML, tableau.AuthOpenID, tableau.AuthTableauIDWithMFA)
	aliases["UserItem.domain_name"] = "Domain.Name"
}

// Python asks for all fields of users whatever its caller says; here the caller
// says so.
var _ = register(listAdapters("users", func(c *call) (lister, error) {
	users := listing(c.client.Users.Page, c.client.Users.List)
	all := func(q tableau.Query) tableau.Query {
		if len(q.Fields) == 0 {
			q.Fields = []string{tableau.FieldsAll}
		}
		return q
	}
	return lister{
		page: func(ctx context.Context, q tableau.Query) (pageResult, error) { return users.page(ctx, all(q)) },
		list: func(ctx context.Context, q tableau.Query) iter.Seq2[any, error] { return users.list(ctx, all(q)) },
	}, nil
}))

var _ = register(map[string]adapter{
	"users.get_by_id": func(ctx context.Context, c *call) (any, error) {
		return c.client.Users.Get(ctx, c.args.text("user_id"))
	},
	"users.add": func(ctx context.Context, c *call) (any, error) {
		user, err := addUser(c.args.item("user_item"))
		if err != nil {
			return nil, err
		}
		return c.client.Users.Add(ctx, user)
	},
	"users.add_all": func(ctx context.Context, c *call) (any, error) {
		var users []tableau.AddUser
		for _, item := range c.args.items("users") {
			user, err := addUser(item)
			if err != nil {
				return nil, err
			}
			users = append(users, user)
		}
		return addAll(ctx, c, users)
	},
	"users.create_from_file": func(ctx context.Context, c *call) (any, error) {
		file, err := c.args.file(c.c, "filepath")
		if err != nil {
			return nil, err
		}
		opened, err := os.Open(file.onDisk(c.t))
		if err != nil {
			return nil, err
		}
		defer opened.Close()
		lines, err := tableau.ReadUsers(opened)
		if err != nil {
			return nil, err
		}
		var users []tableau.AddUser
		for _, line := range lines {
			users = append(users, tableau.AddUser{Name: line.Name, SiteRole: line.SiteRole, AuthSetting: line.AuthSetting})
		}
		return addAll(ctx, c, users)
	},
	"users.update": func(ctx context.Context, c *call) (any, error) {
		// A call may fetch the item first; Python sends back all of it.
		kept := tableau.User{}
		item := c.args.item("user_item")
		if fetched, ok := c.previous.(*tableau.User); ok {
			kept = *fetched
			item = changed(c, arguments{"id": kept.ID, "name": kept.Name, "fullname": kept.FullName, "email": kept.Email,
				"site_role": string(kept.SiteRole), "auth_setting": string(kept.AuthSetting)})
		} else if err := c.args.only("user_item", "password"); err != nil {
			return nil, err
		}
		if err := item.only("id", "name", "fullname", "email", "site_role", "auth_setting", "idp_configuration_id", "domain_name"); err != nil {
			return nil, err
		}
		update := tableau.UserUpdate{
			FullName:           optional[string](item, "fullname"),
			Email:              optional[string](item, "email"),
			Password:           optional[string](c.args, "password"),
			SiteRole:           optional[tableau.SiteRole](item, "site_role"),
			AuthSetting:        optional[tableau.AuthSetting](item, "auth_setting"),
			IDPConfigurationID: optional[string](item, "idp_configuration_id"),
		}
		user, err := c.client.Users.Update(ctx, item.text("id"), update)
		if err != nil {
			return nil, err
		}
		// Python returns its argument, with only this of the answer.
		kept.ID, kept.Name, kept.FullName, kept.Email = item.text("id"), item.text("name"), user.FullName, user.Email
		kept.SiteRole, kept.AuthSetting = user.SiteRole, cmp.Or(user.AuthSetting, tableau.AuthSetting(item.text("auth_setting")))
		return &kept, nil
	},
	"users.remove": func(ctx context.Context, c *call) (any, error) {
		return nil, c.client.Users.Remove(ctx, c.args.text("user_id"), c.args.text("map_assets_to"))
	},
	"users.populate_workbooks": func(ctx context.Context, c *call) (any, error) {
		q, err := populateQuery(c, "user_item", "owned_only")
		if err != nil {
			return nil, err
		}
		if c.args.flag("owned_only") {
			return tableau.Collect(c.client.Users.OwnedWorkbooks(ctx, c.args.id("user_item"), q), -1)
		}
		return tableau.Collect(c.client.Users.Workbooks(ctx, c.args.id("user_item"), q), -1)
	},
	"users.populate_groups": func(ctx context.Context, c *call) (any, error) {
		q, err := populateQuery(c, "user_item")
		if err != nil {
			return nil, err
		}
		return tableau.Collect(c.client.Users.Groups(ctx, c.args.id("user_item"), q), -1)
	},
	"users.populate_favorites": favoritesOf,
	"users.bulk_add": func(ctx context.Context, c *call) (any, error) {
		users, err := importUsers(c.args.items("users"))
		if err != nil {
			return nil, err
		}
		return c.client.Users.BulkAdd(ctx, users)
	},
	"users.bulk_remove": func(ctx context.Context, c *call) (any, error) {
		users, err := importUsers(c.args.items("users"))
		if err != nil {
			return nil, err
		}
		return nil, c.client.Users.BulkRemove(ctx, users)
	},
	"model.UserItem": func(ctx context.Context, c *call) (any, error) {
		item := c.args.item("item")
		if !item.has("site_role") { // also UserItem(…).to_reference()
			return nil, noCounterpart("reading an attribute that was not fetched")
		}
		user, err := addUser(item)
		if err != nil {
			return nil, err
		}
		return c.client.Users.Add(ctx, user)
	},
})

// populateQuery reads the options of a call that fills an item.
func populateQuery(c *call, known ...string) (tableau.Query, error) {
	if err := c.args.only(append(known, "req_options")...); err != nil {
		return tableau.Query{}, err
	}
	q, err := optionsQuery(c.args.item("req_options"))
	q.PageSize = cmp.Or(q.PageSize, 100) // Python's page
	return q, err
}

func addUser(item arguments) (tableau.AddUser, error) {
	return tableau.AddUser{
		Name: item.text("name"), SiteRole: tableau.SiteRole(item.text("site_role")),
		AuthSetting: tableau.AuthSetting(item.text("auth_setting")), IDPConfigurationID: item.text("idp_configuration_id"),
	}, item.only("name", "site_role", "auth_setting", "idp_configuration_id", "fullname", "email") // Python does not send the last two
}

// addAll returns what Python does: those added, and those that were not.
func addAll(ctx context.Context, c *call, users []tableau.AddUser) (any, error) {
	added, err := c.client.Users.AddAll(ctx, users)
	failed := []any{}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range joined.Unwrap() {
			failure, ok := errors.AsType[*tableau.AddUserError](err)
			if !ok || errors.Is(err, tableau.ErrUnsupportedVersion) {
				return nil, err
			}
			failed = append(failed, failedUser(c, failure))
		}
	}
	return []any{added, failed}, nil
}

// failedUser is the user, together with the error where Python tells it.
func failedUser(c *call, failure *tableau.AddUserError) any {
	if c.args.has("filepath") {
		return []any{failure.User, failure.Error()}
	}
	return failure.User
}

func importUsers(items []arguments) ([]tableau.ImportUser, error) {
	var users []tableau.ImportUser
	for _, item := range items {
		if err := item.only("id", "name", "domain_name", "password", "fullname", "email", "site_role", "auth_setting", "idp_configuration_id"); err != nil {
			return nil, err
		}
		user := tableau.ImportUser{
			Name: item.text("name"), Password: item.text("password"), FullName: item.text("fullname"), Email: item.text("email"),
			SiteRole: tableau.SiteRole(item.text("site_role")), AuthSetting: tableau.AuthSetting(item.text("auth_setting")),
			IDPConfigurationID: item.text("idp_configuration_id"),
		}
		if domain := item.text("domain_name"); domain != "" {
			user.Name = domain + `\` + user.Name
		}
		users = append(users, user)
	}
	return users, nil
}
