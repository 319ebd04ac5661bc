package store

import "time"

// User is somebody's membership of one site. What is one person's everywhere (name, full name, email, password) is
// kept once, in the account.
type User struct {
	Seq, Site, Account int64
	ID                 string
	Name               string
	FullName           string
	Email              string
	SiteRole           string
	AuthSetting        string
	LastLogin          time.Time
	Created            time.Time
	ServerAdmin        bool
	PasswordHash       []byte // nil: no sign-in by password
}

// siteRole is what a user may do: a server administrator is that on every site.
const siteRole = "CASE WHEN a.server_admin THEN 'ServerAdministrator' ELSE u.site_role END"

var users = list[User]{
	columns: "u.seq, u.site, u.account, u.id, a.name, a.full_name, a.email, " + siteRole + `, u.auth_setting, u.last_login,
		u.created, a.server_admin, a.password_hash`,
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
		"domainName":   {column: "'local'"},
		"isLocal":      {column: "1", kind: boolean},
	},
	scan: func(row scanner) (u User, err error) {
		err = row.Scan(&u.Seq, &u.Site, &u.Account, &u.ID, &u.Name, &u.FullName, &u.Email, &u.SiteRole, &u.AuthSetting,
			timeColumn{&u.LastLogin}, timeColumn{&u.Created}, &u.ServerAdmin, &u.PasswordHash)
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

// UserByName returns a user of a site by name, in any case.
func (tx *Tx) UserByName(site int64, name string) (User, error) {
	return users.one(tx, "u.site = ? AND a.name = ?", site, name)
}

// UserByAccount returns the membership that an account has in a site.
func (tx *Tx) UserByAccount(site, account int64) (User, error) {
	return users.one(tx, "u.site = ? AND u.account = ?", site, account)
}

// Account is one person on the server.
type Account struct {
	Seq          int64
	Name         string
	ServerAdmin  bool
	PasswordHash []byte
}

func scanAccount(row scanner) (a Account, err error) {
	err = row.Scan(&a.Seq, &a.Name, &a.ServerAdmin, &a.PasswordHash)
	return a, err
}

// AccountByName returns an account by name, in any case.
func (tx *Tx) AccountByName(name string) (Account, error) {
	return queryOne(tx, scanAccount, "SELECT seq, name, server_admin, password_hash FROM accounts WHERE name = ?", name)
}

// AccountByToken returns the account and the seq of the personal access token with this name and secret's hash.
func (tx *Tx) AccountByToken(name string, secretHash []byte) (a Account, token int64, err error) {
	a, err = queryOne(tx, func(row scanner) (a Account, err error) {
		err = row.Scan(&a.Seq, &a.Name, &a.ServerAdmin, &token)
		return a, err
	}, `SELECT a.seq, a.name, a.server_admin, t.seq FROM access_tokens t JOIN accounts a ON a.seq = t.account
		WHERE t.secret_hash = ? AND t.name = ?`, secretHash, name)
	return a, token, err
}

// AddAccount adds a person and sets Seq.
func (tx *Tx) AddAccount(a *Account) (err error) {
	a.Seq, err = tx.insert("INSERT INTO accounts (name, full_name, server_admin, password_hash) VALUES (?1, ?1, ?2, ?3)",
		a.Name, a.ServerAdmin, a.PasswordHash)
	return err
}

// UpdateAccount writes an account's password and whether it is a server administrator's.
func (tx *Tx) UpdateAccount(a Account) error {
	_, err := tx.exec("UPDATE accounts SET server_admin = ?, password_hash = ? WHERE seq = ?", a.ServerAdmin, a.PasswordHash, a.Seq)
	return err
}

// SetToken adds an account's personal access token, or gives the one with this name a new secret.
func (tx *Tx) SetToken(account int64, name string, secretHash []byte, now time.Time) error {
	_, err := tx.exec(`INSERT INTO access_tokens (account, name, secret_hash, created) VALUES (?, ?, ?, ?)
		ON CONFLICT (account, name) DO UPDATE SET secret_hash = excluded.secret_hash`, account, name, secretHash, seconds(now))
	return err
}

// AddUser adds u.Account to u.Site and sets u.Seq.
func (tx *Tx) AddUser(u *User) (err error) {
	u.Seq, err = tx.insert("INSERT INTO users (id, site, account, site_role, auth_setting, created) VALUES (?, ?, ?, ?, ?, ?)",
		u.ID, u.Site, u.Account, u.SiteRole, u.AuthSetting, seconds(u.Created))
	return err
}

// UpdateUser writes what can be changed of a user and of the account behind it.
func (tx *Tx) UpdateUser(u User) error {
	if _, err := tx.exec("UPDATE users SET site_role = ?, auth_setting = ?, last_login = ? WHERE seq = ?",
		u.SiteRole, u.AuthSetting, seconds(u.LastLogin), u.Seq); err != nil {
		return err
	}
	_, err := tx.exec("UPDATE accounts SET full_name = ?, email = ?, server_admin = ?, password_hash = ? WHERE seq = ?",
		u.FullName, u.Email, u.ServerAdmin, u.PasswordHash, u.Account)
	return err
}

// OwnsContent reports whether a user owns a project, a workbook or a data source.
func (tx *Tx) OwnsContent(user int64) (owns bool, err error) {
	err = tx.queryRow(`SELECT EXISTS (SELECT 1 FROM workbooks WHERE owner = ?1)
		OR EXISTS (SELECT 1 FROM datasources WHERE owner = ?1)
		OR EXISTS (SELECT 1 FROM projects WHERE owner = ?1)`, user).Scan(&owns)
	return owns, err
}

// GiveContent makes everything that one user owns another's.
func (tx *Tx) GiveContent(from, to int64) error {
	for _, table := range []string{"workbooks", "datasources", "projects"} {
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
