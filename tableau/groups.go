package tableau

import (
	"context"
	"fmt"
	"iter"
)

// GroupsService calls the group methods.
type GroupsService service

// Group is a group of users.
type Group struct {
	ID                  string      `xml:"id,attr"`
	Name                string      `xml:"name,attr"`
	MinimumSiteRole     SiteRole    `xml:"minimumSiteRole,attr"` // of a local group; "" when there is none
	UserCount           int         `xml:"userCount,attr"`       // only when the query asks for it
	ExternalUserEnabled bool        `xml:"externalUserEnabled,attr"`
	Domain              Domain      `xml:"domain"`
	Import              GroupImport `xml:"import"` // of a group of a directory
	Extra               Attributes  `xml:",any,attr"`
}

func (g *Group) id() string { return g.ID }

// GroupImport says how a group follows one of Active Directory.
type GroupImport struct {
	Source      string      `xml:"source,attr"`
	DomainName  string      `xml:"domainName,attr"`
	SiteRole    SiteRole    `xml:"siteRole,attr"` // the least that members get
	LicenseMode LicenseMode `xml:"grantLicenseMode,attr"`
	Extra       Attributes  `xml:",any,attr"`
}

// LicenseMode says when the members of a group get their site role.
type LicenseMode string

// The times at which a licence is granted.
const (
	LicenseOnLogin LicenseMode = "onLogin" // when they sign in
	LicenseOnSync  LicenseMode = "onSync"  // when the group is synchronized
)

// CreateGroup says what local group to make.
type CreateGroup struct {
	Name            string   `xml:"name,attr"`
	MinimumSiteRole SiteRole `xml:"minimumSiteRole,attr,omitempty"` // the least that members get; optional
}

// GroupUpdate says what to change in a local group; what is nil stays as it is.
type GroupUpdate struct {
	Name            string    `xml:"name,attr"` // the new name, or the old one: the server wants it
	MinimumSiteRole *SiteRole `xml:"minimumSiteRole,attr"`
}

// ImportGroup names a group of Active Directory and says how to import it.
type ImportGroup struct {
	Name            string
	DomainName      string      // such as "example.com"
	MinimumSiteRole SiteRole    // the least that members get
	LicenseMode     LicenseMode // when they get it
}

type groupImportRequest struct {
	Name   string `xml:"name,attr"`
	Import struct {
		Source      string      `xml:"source,attr"`
		DomainName  string      `xml:"domainName,attr"`
		SiteRole    SiteRole    `xml:"siteRole,attr,omitempty"`
		LicenseMode LicenseMode `xml:"grantLicenseMode,attr,omitempty"`
	} `xml:"import"`
}

// request makes r carry the import.
func (g ImportGroup) request(r request) request {
	switch {
	case g.Name == "":
		return r.fail(errNoGroupName)
	case g.DomainName == "" || g.DomainName == "local":
		return r.fail(invalid(fmt.Sprintf("the group %s needs the DomainName of a directory: local groups cannot be imported", g.Name)))
	case g.LicenseMode != "" && g.LicenseMode != LicenseOnLogin && g.LicenseMode != LicenseOnSync:
		return r.fail(invalid(fmt.Sprintf("the LicenseMode %q is neither onLogin nor onSync", string(g.LicenseMode))))
	case g.MinimumSiteRole != "":
		r = r.fail(g.MinimumSiteRole.check("minimum site role"))
	}
	payload := groupImportRequest{Name: g.Name}
	payload.Import.Source, payload.Import.DomainName = "ActiveDirectory", g.DomainName
	payload.Import.SiteRole, payload.Import.LicenseMode = g.MinimumSiteRole, g.LicenseMode
	return r.send("group", payload)
}

var errNoGroupName = invalid("the group needs a name")

// List returns the groups of the site that the query chooses.
//
//tableau:op GET /sites/{site}/groups since=2.0 retry=safe tsc=groups.get,groups.filter
func (s *GroupsService) List(ctx context.Context, q Query) iter.Seq2[*Group, error] {
	return list[Group](ctx, s.client, "groups>group", get("groups"), q)
}

// Page returns one page of the list.
//
//tableau:op GET /sites/{site}/groups since=2.0 retry=safe tsc=groups.get
func (s *GroupsService) Page(ctx context.Context, q Query) (*Page[Group], error) {
	return fetchPage[Group](ctx, s.client, "groups>group", get("groups"), q)
}

// Users returns the users of a group.
//
//tableau:op GET /sites/{site}/groups/{group}/users since=2.0 retry=safe tsc=groups.populate_users
func (s *GroupsService) Users(ctx context.Context, id string, q Query) iter.Seq2[*User, error] {
	return list[User](ctx, s.client, "users>user", get("groups", id, "users"), q)
}

// Create makes a local group. Errors: [ErrConflict] when there is one of that
// name.
//
//tableau:op POST /sites/{site}/groups since=2.0 retry=unsent tsc=groups.create
func (s *GroupsService) Create(ctx context.Context, g CreateGroup) (*Group, error) {
	r := post("groups").send("group", g)
	if g.MinimumSiteRole != "" {
		r = r.fail(g.MinimumSiteRole.check("minimum site role"))
	}
	if g.Name == "" {
		r = r.fail(errNoGroupName)
	}
	return fetch[Group](ctx, s.client, "group", r)
}

// Import makes a group of one of Active Directory, with its members, and
// returns when it is done.
//
//tableau:op POST /sites/{site}/groups since=2.0 retry=unsent tsc=groups.create_AD_group
func (s *GroupsService) Import(ctx context.Context, g ImportGroup) (*Group, error) {
	return fetch[Group](ctx, s.client, "group", g.request(post("groups")))
}

// ImportAsJob is Import for large groups: it returns the job that does it; wait
// for it with [JobsService.Wait].
//
//tableau:op POST /sites/{site}/groups since=2.0 retry=unsent tsc=groups.create_AD_group
func (s *GroupsService) ImportAsJob(ctx context.Context, g ImportGroup) (*Job, error) {
	return fetch[Job](ctx, s.client, "job", g.request(post("groups").param("asJob", "true")))
}

// Update changes what is set in u and leaves the rest alone. For a group of a
// directory, see [GroupsService.Sync].
//
//tableau:op PUT /sites/{site}/groups/{group} since=2.0 retry=safe tsc=groups.update
func (s *GroupsService) Update(ctx context.Context, id string, u GroupUpdate) (*Group, error) {
	r := put("groups", id).send("group", u)
	if u.MinimumSiteRole != nil {
		r = r.fail(u.MinimumSiteRole.check("minimum site role"))
	}
	if u.Name == "" {
		r = r.fail(errNoGroupName)
	}
	return fetch[Group](ctx, s.client, "group", r)
}

// Sync brings a group up to date with the one of Active Directory that g names,
// and changes how it follows it.
//
//tableau:op PUT /sites/{site}/groups/{group} since=2.0 retry=safe tsc=groups.update
func (s *GroupsService) Sync(ctx context.Context, id string, g ImportGroup) (*Group, error) {
	return fetch[Group](ctx, s.client, "group", g.request(put("groups", id)))
}

// SyncAsJob is Sync for large groups: it returns the job that does it; wait for
// it with [JobsService.Wait].
//
//tableau:op PUT /sites/{site}/groups/{group} since=2.0 retry=unsent tsc=groups.update
func (s *GroupsService) SyncAsJob(ctx context.Context, id string, g ImportGroup) (*Job, error) {
	return fetch[Job](ctx, s.client, "job", g.request(put("groups", id).param("asJob", "true").retry(retryUnsent)))
}

// Delete deletes a group; its users stay.
//
//tableau:op DELETE /sites/{site}/groups/{group} since=2.0 retry=safe tsc=groups.delete
func (s *GroupsService) Delete(ctx context.Context, id string) error {
	return s.client.run(ctx, del("groups", id))
}

// AddUser adds a user to a local group. Errors: [ErrConflict] when the user is
// in it.
//
//tableau:op POST /sites/{site}/groups/{group}/users since=2.0 retry=unsent tsc=groups.add_user
func (s *GroupsService) AddUser(ctx context.Context, groupID, userID string) (*User, error) {
	users, err := usersRequest([]string{userID})
	if err != nil {
		return nil, err
	}
	return fetch[User](ctx, s.client, "user", post("groups", groupID, "users").send("user", users.Users[0]))
}

// RemoveUser removes a user from a local group.
//
//tableau:op DELETE /sites/{site}/groups/{group}/users/{user} since=2.0 retry=safe tsc=groups.remove_user
func (s *GroupsService) RemoveUser(ctx context.Context, groupID, userID string) error {
	return s.client.run(ctx, del("groups", groupID, "users", userID))
}

// AddUsers adds users to a local group and returns them. Minimum version 3.21.
//
//tableau:op POST /sites/{site}/groups/{group}/users since=3.21 retry=unsent tsc=groups.add_users
func (s *GroupsService) AddUsers(ctx context.Context, groupID string, userIDs []string) ([]*User, error) {
	users, err := usersRequest(userIDs)
	return fetchAll[User](ctx, s.client, "users>user", post("groups", groupID, "users").since("3.21").send("users", users).fail(err))
}

// RemoveUsers removes users from a local group. Minimum version 3.21.
//
//tableau:op PUT /sites/{site}/groups/{group}/users/remove since=3.21 retry=safe tsc=groups.remove_users
func (s *GroupsService) RemoveUsers(ctx context.Context, groupID string, userIDs []string) error {
	users, err := usersRequest(userIDs)
	return s.client.run(ctx, put("groups", groupID, "users", "remove").since("3.21").send("users", users).fail(err))
}

type userListRequest struct {
	Users []idRequest `xml:"user"`
}

func usersRequest(ids []string) (userListRequest, error) {
	var list userListRequest
	for i, id := range ids {
		if id == "" {
			return list, invalid(fmt.Sprintf("the ID of user %d is empty", i+1))
		}
		list.Users = append(list.Users, idRequest{id})
	}
	return list, nil
}
