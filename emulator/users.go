package emulator

import (
	"errors"
	"net/http"
	"slices"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

var userFields = fields{
	defaults: []string{"id", "name", "siteRole", "lastLogin", "externalAuthUserId"},
	others:   []string{"fullName", "email", "authSetting", "locale", "language", "domain"},
}

func userElement(u store.User) *tsxml.Element {
	e := tsxml.New("user", "id", u.ID, "name", u.Name, "siteRole", u.SiteRole, "authSetting", u.AuthSetting)
	e.SetTime("lastLogin", u.LastLogin)
	e.Set("externalAuthUserId", "").Set("fullName", u.FullName).SetIf("email", u.Email)
	return e.Set("locale", "").Set("language", "en").Add(tsxml.New("domain", "name", "local"))
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
	q, err := c.listQuery()
	if err != nil {
		return nil, err
	}
	var found []store.User
	var total int64
	err = c.store.Read(c.ctx(), func(tx *store.Tx) error {
		found, total, err = tx.Users(c.site.Seq, q)
		return err
	})
	if err != nil {
		return nil, err
	}
	list := tsxml.List("users")
	for _, u := range found {
		list.Add(userElement(u))
	}
	return list, c.counted(total)
}

// pathUser returns the user of the path.
func (c *call) pathUser(tx *store.Tx) (store.User, error) {
	u, err := tx.User(c.site.Seq, c.id("user"))
	return u, orNotFound(err, userNotFound, "User", c.id("user"))
}

func getUser(c *call) (*tsxml.Element, error) {
	var u store.User
	err := c.store.Read(c.ctx(), func(tx *store.Tx) (err error) {
		u, err = c.pathUser(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	if u.Seq != c.user.Seq && !isSiteAdmin(c.user) {
		return nil, fail(forbidden, "Only a site administrator may query another user.")
	}
	return userElement(u), nil
}

// changeUser takes over the site role and the authentication that a request asks for.
func (c *call) changeUser(u *store.User, change *tsxml.Element) error {
	if role, ok := change.Lookup("siteRole"); ok {
		if !slices.Contains(siteRoles, role) {
			return fail(badSiteRole, "The site role '%s' is not valid: use one of %s.", role, siteRoles)
		}
		wasAdmin := u.ServerAdmin
		u.SiteRole, u.ServerAdmin = role, role == "ServerAdministrator"
		if u.ServerAdmin != wasAdmin && !c.user.ServerAdmin {
			return fail(forbidden, "Only a server administrator may make or unmake a server administrator.")
		}
	}
	if setting, ok := change.Lookup("authSetting"); ok {
		if !slices.Contains([]string{"OpenID", "SAML", "ServerDefault"}, setting) {
			return fail(badValue, "The value '%s' of 'authSetting' is not valid: use OpenID, SAML or ServerDefault.", setting)
		}
		u.AuthSetting = setting
	}
	return nil
}

func addUser(c *call) (*tsxml.Element, error) {
	wanted, err := c.payload("user")
	if err != nil {
		return nil, err
	}
	name := wanted.Attr("name")
	if name == "" || wanted.Attr("siteRole") == "" {
		return nil, fail(badPayload, "Payload is either malformed or incomplete. A user needs a name and a siteRole.")
	}
	u := store.User{ID: newID(), Site: c.site.Seq, AuthSetting: "ServerDefault", Created: c.now()}
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		account, err := tx.AccountByName(name)
		if errors.Is(err, store.ErrNotFound) {
			account = store.Account{Name: name}
			err = tx.AddAccount(&account)
		}
		if err != nil {
			return err
		}
		if _, err := tx.UserByAccount(c.site.Seq, account.Seq); err == nil {
			return fail(userAlreadyOnSite, "The user '%s' is already on the site.", name)
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		u.Account, u.ServerAdmin = account.Seq, account.ServerAdmin
		if !account.ServerAdmin || wanted.Attr("siteRole") == "ServerAdministrator" {
			if err := c.changeUser(&u, wanted); err != nil {
				return err
			}
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

func updateUser(c *call) (*tsxml.Element, error) {
	change, err := c.payload("user")
	if err != nil {
		return nil, err
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
		if u.ServerAdmin && !c.user.ServerAdmin {
			return fail(forbidden, "Only a server administrator may change a server administrator.")
		}
		if err := c.changeUser(&u, change); err != nil {
			return err
		}
		if fullName, ok := change.Lookup("fullName"); ok {
			u.FullName = fullName
		}
		if email, ok := change.Lookup("email"); ok {
			u.Email = email
		}
		if passwordHash != nil {
			u.PasswordHash = passwordHash
		}
		return tx.UpdateUser(u)
	})
	if err != nil {
		return nil, err
	}
	return userElement(u), nil
}

func removeUser(c *call) (*tsxml.Element, error) {
	return nil, c.store.Write(c.ctx(), func(tx *store.Tx) error {
		u, err := c.pathUser(tx)
		if err != nil {
			return err
		}
		if u.Seq == c.user.Seq || u.ServerAdmin && !c.user.ServerAdmin {
			return fail(forbidden, "Nobody can remove themselves, and only a server administrator can remove another.")
		}
		if id := c.query.Get("mapAssetsTo"); id != "" {
			heir, err := tx.User(c.site.Seq, id)
			if err != nil {
				return orNotFound(err, userNotFound, "User", id)
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
