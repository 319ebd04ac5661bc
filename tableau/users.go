package tableau

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"
)

// UsersService calls the user methods.
type UsersService service

// User is a user of a site. Lists hold only part of it: ask for Email and
// FullName with the field "_all_".
type User struct {
	ID                   string      `xml:"id,attr"`
	Name                 string      `xml:"name,attr"`
	FullName             string      `xml:"fullName,attr"`
	Email                string      `xml:"email,attr"`
	SiteRole             SiteRole    `xml:"siteRole,attr"`
	AuthSetting          AuthSetting `xml:"authSetting,attr"`
	IDPConfigurationID   string      `xml:"idpConfigurationId,attr"` // since 3.24
	IDPConfigurationName string      `xml:"idpConfigurationName,attr"`
	ExternalAuthUserID   string      `xml:"externalAuthUserId,attr"`
	IdentityPoolName     string      `xml:"identityPoolName,attr"`
	LastLogin            time.Time   `xml:"lastLogin,attr"` // zero when never
	Language             string      `xml:"language,attr"`
	Locale               string      `xml:"locale,attr"`
	Domain               Domain      `xml:"domain"`
	Extra                Attributes  `xml:",any,attr"`
}

func (u *User) id() string { return u.ID }

// Domain is the directory that a user or group comes from.
type Domain struct {
	ID        string `xml:"id,attr"`
	Name      string `xml:"name,attr"` // "local" for those that Tableau keeps itself
	ShortName string `xml:"shortName,attr"`
}

// SiteRole says what a user may do on a site at most.
type SiteRole string

// The site roles. The last group is of servers older than 2018.1; newer ones
// turn them into their successors.
const (
	RoleCreator                   SiteRole = "Creator"
	RoleExplorer                  SiteRole = "Explorer"
	RoleExplorerCanPublish        SiteRole = "ExplorerCanPublish"
	RoleViewer                    SiteRole = "Viewer"
	RoleUnlicensed                SiteRole = "Unlicensed"
	RoleSiteAdministratorCreator  SiteRole = "SiteAdministratorCreator"
	RoleSiteAdministratorExplorer SiteRole = "SiteAdministratorExplorer"
	RoleServerAdministrator       SiteRole = "ServerAdministrator"
	RoleGuest                     SiteRole = "Guest"
	RoleReadOnly                  SiteRole = "ReadOnly"
	RoleSupportUser               SiteRole = "SupportUser"

	RoleInteractor            SiteRole = "Interactor"
	RolePublisher             SiteRole = "Publisher"
	RoleSiteAdministrator     SiteRole = "SiteAdministrator"
	RoleUnlicensedWithPublish SiteRole = "UnlicensedWithPublish"
	RoleViewerWithPublish     SiteRole = "ViewerWithPublish"
)

var siteRoles = []SiteRole{
	RoleCreator, RoleExplorer, RoleExplorerCanPublish, RoleViewer, RoleUnlicensed, RoleSiteAdministratorCreator,
	RoleSiteAdministratorExplorer, RoleServerAdministrator, RoleGuest, RoleReadOnly, RoleSupportUser,
	RoleInteractor, RolePublisher, RoleSiteAdministrator, RoleUnlicensedWithPublish, RoleViewerWithPublish,
}

// check refuses what is no site role. field is how the message calls it.
func (r SiteRole) check(field string) error {
	if slices.Contains(siteRoles, r) {
		return nil
	}
	return invalid(fmt.Sprintf("the %s %q is none of Tableau's site roles", field, string(r)))
}

// AuthSetting says how a user signs in.
type AuthSetting string

// The ways to sign in.
const (
	AuthServerDefault    AuthSetting = "ServerDefault"
	AuthSAML             AuthSetting = "SAML"
	AuthOpenID           AuthSetting = "OpenID"
	AuthTableauIDWithMFA AuthSetting = "TableauIDWithMFA" // Tableau Cloud
)

// AddUser says what user to add to the site. One of a directory is named
// "domain\name".
type AddUser struct {
	Name               string      `xml:"name,attr"`
	SiteRole           SiteRole    `xml:"siteRole,attr"`
	AuthSetting        AuthSetting `xml:"authSetting,attr,omitempty"`        // the site's default when empty
	IDPConfigurationID string      `xml:"idpConfigurationId,attr,omitempty"` // instead of AuthSetting; since 3.24
}

// UserUpdate says what to change; what is nil stays as it is. FullName, Email
// and Password can be changed only where Tableau keeps the users itself.
type UserUpdate struct {
	FullName           *string      `xml:"fullName,attr"`
	Email              *string      `xml:"email,attr"`
	Password           *string      `xml:"password,attr" json:"-"`
	SiteRole           *SiteRole    `xml:"siteRole,attr"`
	AuthSetting        *AuthSetting `xml:"authSetting,attr"`
	IDPConfigurationID *string      `xml:"idpConfigurationId,attr"` // since 3.24
}

// List returns the users of the site that the query chooses.
//
//tableau:op GET /sites/{site}/users since=2.0 retry=safe tsc=users.get,users.filter
func (s *UsersService) List(ctx context.Context, q Query) iter.Seq2[*User, error] {
	return list[User](ctx, s.client, "users>user", get("users"), q)
}

// Page returns one page of the list.
//
//tableau:op GET /sites/{site}/users since=2.0 retry=safe tsc=users.get
func (s *UsersService) Page(ctx context.Context, q Query) (*Page[User], error) {
	return fetchPage[User](ctx, s.client, "users>user", get("users"), q)
}

// Get returns one user.
//
//tableau:op GET /sites/{site}/users/{user} since=2.0 retry=safe tsc=users.get_by_id
func (s *UsersService) Get(ctx context.Context, id string) (*User, error) {
	return fetch[User](ctx, s.client, "user", get("users", id))
}

// Add adds a user to the site, and to the server when it has none of that
// name. Errors: [ErrConflict] when the site has one already.
//
//tableau:op POST /sites/{site}/users since=2.0 retry=unsent tsc=users.add
func (s *UsersService) Add(ctx context.Context, u AddUser) (*User, error) {
	err := u.SiteRole.check("site role")
	if u.Name == "" {
		err = invalid("the user needs a name")
	}
	return fetch[User](ctx, s.client, "user", post("users").send("user", u).fail(err))
}

// AddUserError says which user of [UsersService.AddAll] was not added, and why.
type AddUserError struct {
	User AddUser
	Err  error
}

func (e *AddUserError) Error() string { return fmt.Sprintf("user %q: %v", e.User.Name, e.Err) }

// Unwrap returns why.
func (e *AddUserError) Unwrap() error { return e.Err }

// AddAll adds the users one by one and goes on when the server refuses one; it
// stops when the context ends or the session cannot be renewed. The error joins
// one [*AddUserError] for each user that was not added. [UsersService.BulkAdd]
// adds many in one call.
//
//tableau:op POST /sites/{site}/users since=2.0 retry=unsent tsc=users.add_all,users.create_from_file
func (s *UsersService) AddAll(ctx context.Context, users []AddUser) ([]*User, error) {
	var added []*User
	var failures []error
	for _, u := range users {
		user, err := s.Add(ctx, u)
		if err == nil {
			added = append(added, user)
			continue
		}
		failures = append(failures, &AddUserError{u, err})
		if ctx.Err() != nil || errors.Is(err, ErrUnauthorized) {
			break
		}
	}
	return added, errors.Join(failures...)
}

// Update changes what is set in u and leaves the rest alone.
//
//tableau:op PUT /sites/{site}/users/{user} since=2.0 retry=safe tsc=users.update
func (s *UsersService) Update(ctx context.Context, id string, u UserUpdate) (*User, error) {
	r := put("users", id).send("user", u)
	if u.SiteRole != nil {
		r = r.fail(u.SiteRole.check("site role"))
	}
	return fetch[User](ctx, s.client, "user", r)
}

// Remove removes a user from the site. What the user owns goes to the user
// newOwnerID; when that is "", the server refuses to remove users who own
// something.
//
//tableau:op DELETE /sites/{site}/users/{user} since=2.0 retry=safe tsc=users.remove
func (s *UsersService) Remove(ctx context.Context, id, newOwnerID string) error {
	r := del("users", id)
	if newOwnerID != "" {
		r = r.param("mapAssetsTo", newOwnerID)
	}
	return s.client.run(ctx, r)
}

// Workbooks returns the workbooks that a user may see.
//
//tableau:op GET /sites/{site}/users/{user}/workbooks since=2.0 retry=safe tsc=users.populate_workbooks
func (s *UsersService) Workbooks(ctx context.Context, id string, q Query) iter.Seq2[*Workbook, error] {
	return list[Workbook](ctx, s.client, "workbooks>workbook", get("users", id, "workbooks"), q)
}

// OwnedWorkbooks returns the workbooks that a user owns.
//
//tableau:op GET /sites/{site}/users/{user}/workbooks since=2.0 retry=safe tsc=users.populate_workbooks
func (s *UsersService) OwnedWorkbooks(ctx context.Context, id string, q Query) iter.Seq2[*Workbook, error] {
	return list[Workbook](ctx, s.client, "workbooks>workbook", get("users", id, "workbooks").param("ownedBy", "true"), q)
}

// Groups returns the groups that a user belongs to. Minimum version 3.7.
//
//tableau:op GET /sites/{site}/users/{user}/groups since=3.7 retry=safe tsc=users.populate_groups
func (s *UsersService) Groups(ctx context.Context, id string, q Query) iter.Seq2[*Group, error] {
	return list[Group](ctx, s.client, "groups>group", get("users", id, "groups").since("3.7"), q)
}
