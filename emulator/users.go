package emulator

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func userRoutes() []route {
	return []route{
		listed("/sites/{site}/users", "Get Users on Site", "2.0", SiteAdministrator, &userFields, listUsers),
		answered("POST", "/sites/{site}/users", "Add User to Site", "2.0", SiteAdministrator, addUser),
		answered("GET", "/sites/{site}/users/{user}", "Query User On Site", "2.0", SignedIn, getUser),
		answered("PUT", "/sites/{site}/users/{user}", "Update User", "2.0", SignedIn, updateUser),
		answered("DELETE", "/sites/{site}/users/{user}", "Remove User from Site", "2.0", SiteAdministrator, removeUser),
	}
}

var userFields = fields{
	item:     "user",
	defaults: []string{"id", "name", "siteRole", "lastLogin", "externalAuthUserId"},
	others:   []string{"fullName", "email", "authSetting", "idpConfigurationId", "locale", "language", "domain"},
}

func userElement(u store.User) *tsxml.Element {
	e := tsxml.New("user", "id", u.ID, "name", u.Name, "siteRole", u.SiteRole, "authSetting", u.AuthSetting)
	e.SetIf("idpConfigurationId", u.IDPConfiguration)
	e.SetTime("lastLogin", u.LastLogin)
	e.Set("externalAuthUserId", "").Set("fullName", u.FullName).SetIf("email", u.Email)
	return e.Set("locale", "").Set("language", "en").Add(tsxml.New("domain", "name", u.Domain))
}

// ownerElement is a user where something else is shown.
func ownerElement(u store.User) *tsxml.Element {
	e := tsxml.New("owner", "id", u.ID, "name", u.Name, "fullName", u.FullName).SetIf("email", u.Email)
	e.Set("siteRole", u.SiteRole)
	e.SetTime("lastLogin", u.LastLogin)
	return e
}

// ownerFields are the fields of ownerElement.
func ownerFields(names ...string) []string {
	for i, name := range names {
		names[i] = "owner." + name
	}
	return names
}

func listUsers(c *call) (*tsxml.Element, error) {
	return pageOf(c, "users", userElement, func(tx *store.Tx, q store.Query) ([]store.User, int64, error) {
		return tx.Users(c.site.Seq, q)
	})
}

// pathUser returns the user of the path.
func (c *call) pathUser(tx *store.Tx) (store.User, error) {
	return findUser(tx, c.site.Seq, c.id("user"))
}

func findUser(tx *store.Tx, site int64, id string) (store.User, error) {
	u, err := tx.User(site, id)
	return u, orNotFound(err, userNotFound, "User", id)
}

// addMember adds the person of an account to a site.
func (s *Server) addMember(tx *store.Tx, site, account int64, siteRole string) (store.User, error) {
	u := store.User{ID: newID(), Site: site, Account: account, SiteRole: siteRole, AuthSetting: "ServerDefault", Created: s.now()}
	if err := tx.AddUser(&u); err != nil {
		return u, err
	}
	return tx.User(site, u.ID) // with what the account says
}

func getUser(c *call) (*tsxml.Element, error) {
	u, err := read(c, c.pathUser)
	if err != nil {
		return nil, err
	}
	if u.Seq != c.user.Seq && !isSiteAdmin(c.user) {
		return nil, fail(queryUserForbidden, "Only a site administrator may query another user.")
	}
	return userElement(u), nil
}

// authSettings are the ways to sign in that a user can have.
var authSettings = []string{"OpenID", "SAML", "ServerDefault"}

// changeUser takes over the site role and the authentication that a request asks for.
func (c *call) changeUser(tx *store.Tx, u *store.User, change *tsxml.Element) error {
	if text, ok := change.Lookup("siteRole"); ok {
		role, err := parseSiteRole(text)
		if err != nil {
			return err
		}
		if wasAdmin, isAdmin := u.ServerAdmin, role == "ServerAdministrator"; wasAdmin != isAdmin && !c.user.ServerAdmin {
			return fail(forbidden, "Only a server administrator may make or unmake a server administrator.")
		}
		if err := setSiteRole(tx, u, role); err != nil {
			return err
		}
		u.ServerAdmin = role == "ServerAdministrator"
	}
	if setting, ok := change.Lookup("authSetting"); ok {
		if !slices.Contains(authSettings, setting) {
			return fail(badValue, "The value '%s' of 'authSetting' is not valid: use one of %s.", setting, strings.Join(authSettings, ", "))
		}
		u.AuthSetting, u.IDPConfiguration = setting, ""
	}
	if id, ok := change.Lookup("idpConfigurationId"); ok {
		u.IDPConfiguration = id
		for _, configuration := range authConfigurations(c.site) {
			if configuration.Attr("idpConfigurationId") == id {
				u.AuthSetting = configuration.Attr("authSetting")
			}
		}
	}
	return nil
}

// mustManageUsers refuses site administrators on a site where only server administrators add and remove users.
func (c *call) mustManageUsers(tx *store.Tx) error {
	settings, err := tx.SiteSettings(c.site.Seq)
	if err == nil && settings["adminMode"] == "ContentOnly" && !c.user.ServerAdmin {
		err = fail(forbidden, "The administrators of this site manage content only: a server administrator has to add and remove users.")
	}
	return err
}

// accountOf returns the account of a person, made when there is none.
func accountOf(tx *store.Tx, p person, passwordHash []byte) (store.Account, error) {
	account, err := tx.AccountByName(p.login)
	if errors.Is(err, store.ErrNotFound) {
		account = store.Account{Name: p.login, FullName: p.fullName, Email: p.email, PasswordHash: passwordHash}
		err = tx.AddAccount(&account)
	}
	return account, err
}

func addUser(c *call) (*tsxml.Element, error) {
	wanted, err := c.payload("user")
	if err != nil {
		return nil, err
	}
	name, role := strings.TrimSpace(wanted.Attr("name")), wanted.Attr("siteRole")
	if name == "" || role == "" {
		return nil, incomplete("A user needs a name and a siteRole.")
	}
	if role == "Guest" {
		return nil, fail(guestForbidden, "A guest cannot be added to a site: a site setting lets guests in.")
	}
	known, err := c.directory()
	if err != nil {
		return nil, err
	}
	who, err := known.person(name)
	if err != nil {
		return nil, err
	}
	u := store.User{ID: newID(), Site: c.site.Seq, AuthSetting: "ServerDefault", Created: c.now()}
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		if err := c.mustManageUsers(tx); err != nil {
			return err
		}
		account, err := accountOf(tx, who, nil)
		if err != nil {
			return err
		}
		if _, err := tx.UserByAccount(c.site.Seq, account.Seq); err == nil {
			return fail(userAlreadyOnSite, "The user '%s' is already on the site.", name)
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if u.Account = account.Seq; account.ServerAdmin {
			u.SiteRole, u.ServerAdmin = "ServerAdministrator", true // which nobody stops being by joining a site
		} else if err := c.changeUser(tx, &u, wanted); err != nil {
			return err
		}
		if err := tx.AddUser(&u); err != nil {
			return err
		}
		if u.ServerAdmin != account.ServerAdmin {
			account.ServerAdmin = u.ServerAdmin
			if err := tx.UpdateAccount(account); err != nil {
				return err
			}
		}
		u, err = tx.User(c.site.Seq, u.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.status = http.StatusCreated
	return userElement(u), nil
}

// mustChange refuses a change of a user that the caller may not make.
func (c *call) mustChange(tx *store.Tx, u store.User, change *tsxml.Element) error {
	self := u.Seq == c.user.Seq
	role, hasRole := change.Lookup("siteRole")
	newRole := hasRole && role != u.SiteRole && formerRoles[role] != u.SiteRole
	switch {
	case !self && !isSiteAdmin(c.user):
		return fail(forbidden, "Only a site administrator may change another user.")
	case u.ServerAdmin && !c.user.ServerAdmin:
		return fail(forbidden, "Only a server administrator may change a server administrator.")
	case self && newRole:
		return fail(ownRoleForbidden, "Nobody can change their own site role.")
	case newRole && role == "Guest":
		return fail(badSiteRole, "Nobody can be made a guest.")
	case !isSiteAdmin(c.user) && change.Attr("authSetting")+change.Attr("idpConfigurationId") != "":
		return fail(forbidden, "Only a site administrator may change how a user signs in.")
	}
	ofTheAccount := false
	for _, name := range []string{"fullName", "email", "password"} {
		_, given := change.Lookup(name)
		ofTheAccount = ofTheAccount || given
	}
	if !ofTheAccount || self || c.user.ServerAdmin {
		return nil
	}
	others, err := tx.OnOtherSites(u)
	if err == nil && others {
		err = fail(forbidden, "The user '%s' is on other sites too: only a server administrator may change the full name, the email address and the password.", u.Name)
	}
	return err
}

func updateUser(c *call) (*tsxml.Element, error) {
	change, err := c.payload("user")
	if err != nil {
		return nil, err
	}
	if email := change.Attr("email"); email != "" && !isEmail(email) {
		return nil, fail(badRequest, "The email address '%s' is not valid.", email)
	}
	var passwordHash []byte
	if password := change.Attr("password"); password != "" {
		if passwordHash, err = c.hashPassword(password); err != nil { // slow, so not in the transaction
			return nil, err
		}
	}
	var u store.User
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		if u, err = c.pathUser(tx); err != nil {
			return err
		}
		if err := c.mustChange(tx, u, change); err != nil {
			return err
		}
		if err := c.changeUser(tx, &u, change); err != nil {
			return err
		}
		if fullName, ok := change.Lookup("fullName"); ok {
			u.FullName = fullName
		}
		if email, ok := change.Lookup("email"); ok {
			u.Email = email
		}
		if passwordHash != nil {
			if c.config.directory != "" && u.Domain != localDomain {
				return fail(badRequest, "The password of '%s' is kept by Active Directory.", u.Name)
			}
			u.PasswordHash = passwordHash
		}
		return tx.UpdateUser(u)
	})
	if err != nil {
		return nil, err
	}
	return userElement(u), nil
}

// isEmail reports whether text has the form of an email address.
func isEmail(text string) bool {
	name, host, ok := strings.Cut(text, "@")
	return ok && name != "" && host != "" && !strings.ContainsAny(text, " \t\r\n<>,;") && !strings.Contains(host, "@")
}

func removeUser(c *call) (*tsxml.Element, error) {
	return nil, c.store.Write(c.ctx(), func(tx *store.Tx) error {
		u, err := c.pathUser(tx)
		if err != nil {
			return err
		}
		if err := c.mustManageUsers(tx); err != nil {
			return err
		}
		if u.Seq == c.user.Seq || u.ServerAdmin && !c.user.ServerAdmin {
			return fail(forbidden, "Nobody can remove themselves, and only a server administrator can remove another.")
		}
		if id := c.query.Get("mapAssetsTo"); id != "" {
			heir, err := findUser(tx, c.site.Seq, id)
			if err != nil {
				return err
			}
			if heir.Seq == u.Seq {
				return fail(badRequest, "What the user '%s' owns must go to somebody else.", u.Name)
			}
			if err := tx.GiveContent(u.Seq, heir.Seq); err != nil {
				return err
			}
		}
		owns, err := tx.OwnsContent(u.Seq)
		if err != nil {
			return err
		}
		if owns {
			return fail(userOwnsContent, "The user '%s' owns content: give it to somebody else, or say to whom with mapAssetsTo.", u.Name)
		}
		return tx.RemoveUser(u)
	})
}
