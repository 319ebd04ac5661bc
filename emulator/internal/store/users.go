package store

import "time"

// User is somebody's membership of one site. What is one person's everywhere (name, full name, email, password) is
// kept once, in the account.
type User struct {
	Seq, Site, Account int64
	ID                 string
	Name               string
	Domain             string // of the directory, or "local"
	FullName           string
	Email              string
	SiteRole           string
	AuthSetting        string
	IDPConfiguration   string // id, or ""
	LastLogin          time.Time
	Created            time.Time
	ServerAdmin        bool
	PasswordHash       []byte // nil: no sign-in by password
}

// siteRole is what a user may do: a server administrator is that on every site.
const siteRole = "CASE WHEN a.server_admin THEN 'ServerAdministrator' ELSE u.site_role END"

var users = list[User]{
	columns: "u.seq, u.site, u.account, u.id, a.name, a.domain, a.full_name, a.email, " + siteRole + `, u.auth_setting,
		u.idp_configuration, u.last_login, u.created, a.server_admin, a.password_hash`,
	from:  "users u JOIN accounts a ON a.seq = u.account",
	order: "u.seq",
	fields: map[string]field{
		"name":         {column: "a.name"},
		"friendlyName": {column: "a.full_name"},
		"fullName":     {column: "a.full_name"},
		"email":        {column: "a.email"},
		"siteRole":     {column: "(" + siteRole + ")"},
		"lastLogin":    {column: "u.last_login", kind: moment},
		"luid":         {column: "u.id"},
		"domainName":   {column: "a.domain"},
		"isLocal":      {column: "(a.domain = 'local')", kind: boolean},
	},
	scan: func(row scanner) (u User, err error) {
		err = row.Scan(&u.Seq, &u.Site, &u.Account, &u.ID, &u.Name, &u.Domain, &u.FullName, &u.Email, &u.SiteRole, &u.AuthSetting,
			&u.IDPConfiguration, timeColumn{&u.LastLogin}, timeColumn{&u.Created}, &u.ServerAdmin, &u.PasswordHash)
		return u, err
	},
}

// Users lists the users of a site.
func (tx *Tx) Users(site int64, q Query) ([]User, int64, error) {
	return users.page(tx, where{"u.site = ?", []any{site}}, q)
}

// User returns a user of a site.
func (tx *Tx) User(site int64, id string) (User, error) {
	return users.one(tx, "u.site = ? AND u.id = ?", site, id)
}

// UserByLogin returns a user of a site by the name to sign in with, in any case.
func (tx *Tx) UserByLogin(site int64, login string) (User, error) {
	return users.one(tx, "u.site = ? AND a.login = ?", site, login)
}

// UserByAccount returns the membership that an account has in a site.
func (tx *Tx) UserByAccount(site, account int64) (User, error) {
	return users.one(tx, "u.site = ? AND u.account = ?", site, account)
}

// Account is one person on the server.
type Account struct {
	Seq          int64
	Name         string // to sign in with; domain\name for somebody of the directory
	FullName     string
	Email        string
	ServerAdmin  bool
	PasswordHash []byte
}

const accountColumns = "a.seq, a.login, a.full_name, a.email, a.server_admin, a.password_hash"

func scanAccount(row scanner) (a Account, err error) {
	err = row.Scan(&a.Seq, &a.Name, &a.FullName, &a.Email, &a.ServerAdmin, &a.PasswordHash)
	return a, err
}

// AccountByName returns an account by the name to sign in with, in any case.
func (tx *Tx) AccountByName(login string) (Account, error) {
	return queryOne(tx, scanAccount, "SELECT "+accountColumns+" FROM accounts a WHERE a.login = ?", login)
}

// AccessToken is a personal access token.
type AccessToken struct {
	Seq           int64
	Created, Used time.Time // Used is when it signed somebody in last, or when it was made
}

// AccountByToken returns the personal access token with this name and secret's hash, and whose it is.
func (tx *Tx) AccountByToken(name string, secretHash []byte) (a Account, t AccessToken, err error) {
	a, err = queryOne(tx, func(row scanner) (a Account, err error) {
		err = row.Scan(&a.Seq, &a.Name, &a.FullName, &a.Email, &a.ServerAdmin, &a.PasswordHash, &t.Seq, timeColumn{&t.Created}, timeColumn{&t.Used})
		return a, err
	}, "SELECT "+accountColumns+`, t.seq, t.created, t.used FROM access_tokens t JOIN accounts a ON a.seq = t.account
		WHERE t.secret_hash = ? AND t.name = ?`, secretHash, name)
	return a, t, err
}

// UseToken notes that a personal access token has signed somebody in.
func (tx *Tx) UseToken(token int64, now time.Time) error {
	_, err := tx.exec("UPDATE access_tokens SET used = ? WHERE seq = ?", seconds(now), token)
	return err
}

// RevokeAdminTokens deletes the personal access tokens of server administrators, and ends the sessions made with them.
func (tx *Tx) RevokeAdminTokens() error {
	_, err := tx.exec("DELETE FROM access_tokens WHERE account IN (SELECT seq FROM accounts WHERE server_admin)")
	return err
}

// AddAccount adds a person and sets Seq.
func (tx *Tx) AddAccount(a *Account) (err error) {
	a.Seq, err = tx.insert("INSERT INTO accounts (login, full_name, email, server_admin, password_hash) VALUES (?, ?, ?, ?, ?)",
		a.Name, a.FullName, a.Email, a.ServerAdmin, a.PasswordHash)
	return err
}

// UpdateAccount writes what can be changed of an account.
func (tx *Tx) UpdateAccount(a Account) error {
	_, err := tx.exec("UPDATE accounts SET full_name = ?, email = ?, server_admin = ?, password_hash = ? WHERE seq = ?",
		a.FullName, a.Email, a.ServerAdmin, a.PasswordHash, a.Seq)
	return err
}

// OnOtherSites reports whether the account behind a user is also on another site.
func (tx *Tx) OnOtherSites(u User) (others bool, err error) {
	err = tx.queryRow("SELECT EXISTS (SELECT 1 FROM users WHERE account = ? AND site <> ?)", u.Account, u.Site).Scan(&others)
	return others, err
}

// SetToken adds an account's personal access token, or gives the one with this name a new secret and a new life.
func (tx *Tx) SetToken(account int64, name string, secretHash []byte, now time.Time) error {
	_, err := tx.exec(`INSERT INTO access_tokens (account, name, secret_hash, created, used) VALUES (?1, ?2, ?3, ?4, ?4)
		ON CONFLICT (account, name) DO UPDATE SET secret_hash = excluded.secret_hash, created = excluded.created, used = excluded.used`,
		account, name, secretHash, seconds(now))
	return err
}

// AddUser adds u.Account to u.Site and sets u.Seq.
func (tx *Tx) AddUser(u *User) (err error) {
	u.Seq, err = tx.insert("INSERT INTO users (id, site, account, site_role, auth_setting, idp_configuration, created) VALUES (?, ?, ?, ?, ?, ?, ?)",
		u.ID, u.Site, u.Account, u.SiteRole, u.AuthSetting, u.IDPConfiguration, seconds(u.Created))
	return err
}

// UpdateUser writes what can be changed of a user and of the account behind it.
func (tx *Tx) UpdateUser(u User) error {
	if _, err := tx.exec("UPDATE users SET site_role = ?, auth_setting = ?, idp_configuration = ?, last_login = ? WHERE seq = ?",
		u.SiteRole, u.AuthSetting, u.IDPConfiguration, seconds(u.LastLogin), u.Seq); err != nil {
		return err
	}
	_, err := tx.exec("UPDATE accounts SET full_name = ?, email = ?, server_admin = ?, password_hash = ? WHERE seq = ?",
		u.FullName, u.Email, u.ServerAdmin, u.PasswordHash, u.Account)
	return err
}

// owned are the tables of what users own, in the order in which a site's rows can be deleted.
var owned = []string{"workbooks", "datasources", "projects"}

// OwnsContent reports whether a user owns anything.
func (tx *Tx) OwnsContent(user int64) (bool, error) {
	for _, table := range owned {
		var owns bool
		if err := tx.queryRow("SELECT EXISTS (SELECT 1 FROM "+table+" WHERE owner = ?)", user).Scan(&owns); owns || err != nil {
			return owns, err
		}
	}
	return false, nil
}

// GiveContent makes everything that one user owns another's.
func (tx *Tx) GiveContent(from, to int64) error {
	for _, table := range owned {
		if _, err := tx.exec("UPDATE "+table+" SET owner = ? WHERE owner = ?", to, from); err != nil {
			return err
		}
	}
	return nil
}

// RemoveUser removes a user from the site, and the account with the last of its sites.
func (tx *Tx) RemoveUser(u User) error {
	if _, err := tx.exec("DELETE FROM users WHERE seq = ?", u.Seq); err != nil {
		return err
	}
	_, err := tx.exec("DELETE FROM accounts WHERE seq = ?1 AND NOT EXISTS (SELECT 1 FROM users WHERE account = ?1)", u.Account)
	return err
}
