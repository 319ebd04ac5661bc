package emulator

import (
	"net/http"
	"slices"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func groupRoutes() []route {
	return []route{
		listed("/sites/{site}/groups", "Query Groups", "2.0", SiteAdministrator, &groupFields, listGroups),
		answered("POST", "/sites/{site}/groups", "Create Group", "2.0", SiteAdministrator, createGroup).
			but("Active Directory is a file given to the server"),
		answered("PUT", "/sites/{site}/groups/{group}", "Update Group", "2.0", SiteAdministrator, updateGroup).
			but("Active Directory is a file given to the server"),
		answered("DELETE", "/sites/{site}/groups/{group}", "Delete Group", "2.0", SiteAdministrator, deleteGroup),
		listed("/sites/{site}/groups/{group}/users", "Get Users in Group", "2.0", SiteAdministrator, &userFields, listGroupUsers),
		answered("POST", "/sites/{site}/groups/{group}/users", "Add User to Group", "2.0", SiteAdministrator, addGroupUsers),
		answered("PUT", "/sites/{site}/groups/{group}/users/remove", "Remove Users from Group", "3.21", SiteAdministrator, removeGroupUsers),
		answered("DELETE", "/sites/{site}/groups/{group}/users/{user}", "Remove User from Group", "2.0", SiteAdministrator, removeGroupUser),
		listed("/sites/{site}/users/{user}/groups", "Get Groups for a User", "3.7", SignedIn, &groupFields, listUserGroups),
	}
}

var groupFields = fields{
	item:     "group",
	defaults: []string{"id", "name", "minimumSiteRole", "domain", "import"},
	others:   []string{"userCount"},
}

func groupElement(g store.Group) *tsxml.Element {
	e := tsxml.New("group", "id", g.ID, "name", g.Name).SetIf("minimumSiteRole", g.MinimumSiteRole)
	e.SetInt("userCount", g.Users).Add(tsxml.New("domain", "name", g.Domain))
	if g.Domain != localDomain {
		e.Add(tsxml.New("import", "source", "ActiveDirectory", "domainName", g.Domain, "siteRole", g.MinimumSiteRole, "grantLicenseMode", g.LicenseMode))
	}
	return e
}

func listGroups(c *call) (*tsxml.Element, error) {
	return c.groupsOf(func(*store.Tx) (int64, error) { return 0, nil })
}

func listUserGroups(c *call) (*tsxml.Element, error) {
	return c.groupsOf(func(tx *store.Tx) (int64, error) {
		u, err := c.pathUser(tx)
		if err == nil && u.Seq != c.user.Seq && !isSiteAdmin(c.user) {
			err = fail(forbidden, "Only a site administrator may query the groups of another user.")
		}
		return u.Seq, err
	})
}

// groupsOf lists the groups of the user that find returns; 0: all of the site.
func (c *call) groupsOf(find func(*store.Tx) (int64, error)) (*tsxml.Element, error) {
	return pageOf(c, "groups", groupElement, func(tx *store.Tx, q store.Query) ([]store.Group, int64, error) {
		user, err := find(tx)
		if err != nil {
			return nil, 0, err
		}
		return tx.Groups(c.site.Seq, user, q)
	})
}

// pathGroup returns the group of the path.
func (c *call) pathGroup(tx *store.Tx) (store.Group, error) {
	g, err := tx.Group(c.site.Seq, c.id("group"))
	return g, orNotFound(err, groupNotFound, "Group", c.id("group"))
}

// changeableGroup returns the group of the path, unless it is the one that Tableau keeps itself.
func (c *call) changeableGroup(tx *store.Tx) (store.Group, error) {
	g, err := c.pathGroup(tx)
	if err == nil && g.Everyone {
		err = fail(forbidden, "The group '%s' always holds every user of the site: it cannot be changed or deleted.", g.Name)
	}
	return g, err
}

// changeGroup takes over what a request says about a group.
func (c *call) changeGroup(tx *store.Tx, g *store.Group, change *tsxml.Element) error {
	if name, ok := change.Lookup("name"); ok {
		g.Name = strings.TrimSpace(name)
	}
	if g.Name == "" {
		return incomplete("A group needs a name.")
	}
	if role, ok := change.Lookup("minimumSiteRole"); ok {
		if now, ok := formerRoles[role]; ok {
			role = now
		}
		if role != "" && !slices.Contains(roleLadder, role) {
			return fail(badSiteRole, "The minimum site role '%s' is not valid: use one of %s.", role, strings.Join(roleLadder, ", "))
		}
		g.MinimumSiteRole = role
	}
	other, err := tx.GroupNamed(c.site.Seq, g.Name)
	if err == nil && other.Seq != g.Seq {
		return fail(groupExists, "Group name conflict: there is a group named '%s' on the site.", other.Name)
	}
	return unlessNotFound(err)
}

func createGroup(c *call) (*tsxml.Element, error) {
	wanted, err := c.payload("group")
	if err != nil {
		return nil, err
	}
	if in, err := c.importOf(wanted); err != nil {
		return nil, err
	} else if in != nil {
		return c.importGroup(*in)
	}
	g := store.Group{ID: newID(), Domain: localDomain}
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		if err := c.changeGroup(tx, &g, wanted); err != nil {
			return err
		}
		return tx.AddGroup(c.site.Seq, &g)
	})
	if err != nil {
		return nil, err
	}
	c.status = http.StatusCreated
	return groupElement(g), nil
}

func updateGroup(c *call) (*tsxml.Element, error) {
	change, err := c.payload("group")
	if err != nil {
		return nil, err
	}
	if in, err := c.importOf(change); err != nil {
		return nil, err
	} else if in != nil {
		in.GroupID = c.id("group")
		return c.importGroup(*in)
	}
	var g store.Group
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		if g, err = c.changeableGroup(tx); err != nil {
			return err
		}
		named := g.Name
		if err := c.changeGroup(tx, &g, change); err != nil {
			return err
		}
		if g.Domain != localDomain && g.Name != named {
			return fail(importedName, "The group '%s' follows one of Active Directory, and keeps its name.", named)
		}
		if err := tx.UpdateGroup(g); err != nil {
			return err
		}
		if g.LicenseMode == grantOnLogin {
			return nil
		}
		members, _, err := tx.GroupUsers(g.Seq, store.Query{})
		for _, u := range members {
			if err == nil {
				err = raise(tx, &u, g.MinimumSiteRole)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return groupElement(g), nil
}

func deleteGroup(c *call) (*tsxml.Element, error) {
	return nil, c.store.Write(c.ctx(), func(tx *store.Tx) error {
		g, err := c.changeableGroup(tx)
		if err != nil {
			return err
		}
		return tx.DeleteGroup(g.Seq)
	})
}

func listGroupUsers(c *call) (*tsxml.Element, error) {
	return pageOf(c, "users", userElement, func(tx *store.Tx, q store.Query) ([]store.User, int64, error) {
		g, err := c.pathGroup(tx)
		if err != nil {
			return nil, 0, err
		}
		return tx.GroupUsers(g.Seq, q)
	})
}

// roleLadder holds the site roles that a group can give, each more than the one before.
var roleLadder = []string{"Unlicensed", "Viewer", "Explorer", "ExplorerCanPublish", "Creator", "SiteAdministratorExplorer", "SiteAdministratorCreator"}

// atLeast returns the site role of a user who has role and must have minimum: it takes nothing away.
func atLeast(role, minimum string) string {
	have, want := slices.Index(roleLadder, role), slices.Index(roleLadder, minimum)
	switch {
	case have < 0 || want < 0: // a role of its own kind, such as Guest, or no minimum
		return role
	case role == "Creator" && minimum == "SiteAdministratorExplorer", role == "SiteAdministratorExplorer" && minimum == "Creator":
		return "SiteAdministratorCreator" // neither includes the other
	}
	return roleLadder[max(have, want)]
}

// raise gives a user the minimum site role of a group, unless the user has more, or the site has no licence for it.
func raise(tx *store.Tx, u *store.User, minimum string) error {
	role := atLeast(u.SiteRole, minimum)
	if role == u.SiteRole {
		return nil
	}
	if err := setSiteRole(tx, u, role); err != nil {
		return err
	}
	return tx.UpdateUser(*u)
}

// namedUser is the user on the site whom an element <user id="…"/> names.
func (c *call) namedUser(tx *store.Tx, named *tsxml.Element) (store.User, error) {
	id := named.Attr("id")
	if named.Name != "user" || id == "" {
		return store.User{}, incomplete("Each <user> needs an id.")
	}
	return findUser(tx, c.site.Seq, id)
}

// addGroupUsers adds the one user of <user>, who may not be in the group yet, or from 3.21 on all of <users>.
func addGroupUsers(c *call) (*tsxml.Element, error) {
	root, err := c.document()
	if err != nil {
		return nil, err
	}
	many, err := childOf(root, "users")
	var wanted []*tsxml.Element
	switch {
	case err != nil:
		one, err := childOf(root, "user")
		if err != nil {
			return nil, err
		}
		wanted = []*tsxml.Element{one}
	case c.version.before(mustVersion("3.21")):
		return nil, incomplete("Several users at once are part of the API from version 3.21 on.")
	default:
		wanted = many.Children
	}
	list := tsxml.List("users")
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		g, err := c.pathGroup(tx)
		if err != nil {
			return err
		}
		for _, named := range wanted {
			u, err := c.namedUser(tx, named)
			if err != nil {
				return err
			}
			added, err := tx.AddToGroup(g.Seq, u.Seq)
			if err != nil {
				return err
			}
			if !added && many == nil {
				return fail(userInGroup, "The user '%s' is already in the group '%s'.", u.Name, g.Name)
			}
			if g.LicenseMode != grantOnLogin {
				if err := raise(tx, &u, g.MinimumSiteRole); err != nil {
					return err
				}
			}
			list.Add(userElement(u))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if many == nil {
		return list.Children[0], nil
	}
	c.total = int64(len(list.Children))
	c.page = &page{1, max(defaultPageSize, c.total)} // all of them, as the schema wants it told
	return list, nil
}

func removeGroupUser(c *call) (*tsxml.Element, error) {
	return nil, c.store.Write(c.ctx(), func(tx *store.Tx) error {
		g, err := c.changeableGroup(tx)
		if err != nil {
			return err
		}
		u, err := c.pathUser(tx)
		if err != nil {
			return err
		}
		removed, err := tx.RemoveFromGroup(g.Seq, u.Seq)
		if err == nil && !removed {
			err = fail(userNotFound, "The user '%s' is not in the group '%s'.", u.Name, g.Name)
		}
		return err
	})
}

// removeGroupUsers takes users out of a group; those who are not in it do no harm.
func removeGroupUsers(c *call) (*tsxml.Element, error) {
	wanted, err := c.payload("users")
	if err != nil {
		return nil, err
	}
	return nil, c.store.Write(c.ctx(), func(tx *store.Tx) error {
		g, err := c.changeableGroup(tx)
		if err != nil {
			return err
		}
		for _, named := range wanted.Children {
			u, err := c.namedUser(tx, named)
			if err != nil {
				return err
			}
			if _, err := tx.RemoveFromGroup(g.Seq, u.Seq); err != nil {
				return err
			}
		}
		return nil
	})
}
