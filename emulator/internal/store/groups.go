package store

// Group is a group of users of one site.
type Group struct {
	Seq             int64
	ID              string
	Name            string
	Domain          string // of the directory whose group it follows, or "local"
	MinimumSiteRole string // the least that members get; "": no least
	LicenseMode     string // when members of a group of a directory get it: "onLogin", "onSync"; "" for a local group
	Everyone        bool   // the one that holds every user of the site
	Users           int64  // how many users are in it
}

const groupUsers = `(SELECT count(*) FROM group_members WHERE "group" = g.seq)`

var groups = list[Group]{
	columns: "g.seq, g.id, g.name, g.domain, g.minimum_site_role, g.license_mode, g.is_everyone, " + groupUsers,
	from:    "groups g",
	order:   "g.seq",
	fields: map[string]field{
		"id":                    {column: "g.id"},
		"luid":                  {column: "g.id"},
		"name":                  {column: "g.name"},
		"domainName":            {column: "g.domain"},
		"domainNickname":        {column: "g.domain"},
		"minimumSiteRole":       {column: "g.minimum_site_role"},
		"isLocal":               {column: "(g.domain = 'local')", kind: boolean},
		"isExternalUserEnabled": {column: "0", kind: boolean},
		"userCount":             {column: groupUsers, kind: number},
	},
	scan: func(row scanner) (g Group, err error) {
		err = row.Scan(&g.Seq, &g.ID, &g.Name, &g.Domain, &g.MinimumSiteRole, &g.LicenseMode, &g.Everyone, &g.Users)
		return g, err
	},
}

// Groups lists the groups of a site; with user those that one user is in.
func (tx *Tx) Groups(site, user int64, q Query) ([]Group, int64, error) {
	return groups.page(tx, where{`g.site = ?1 AND (?2 = 0 OR g.seq IN (SELECT "group" FROM group_members WHERE user = ?2))`,
		[]any{site, user}}, q)
}

// Group returns a group of a site.
func (tx *Tx) Group(site int64, id string) (Group, error) {
	return groups.one(tx, "g.site = ? AND g.id = ?", site, id)
}

// GroupNamed returns a group of a site by its name, in any case.
func (tx *Tx) GroupNamed(site int64, name string) (Group, error) {
	return groups.one(tx, "g.site = ? AND g.name = ?", site, name)
}

// Everyone returns the group that holds every user of a site.
func (tx *Tx) Everyone(site int64) (Group, error) {
	return groups.one(tx, "g.site = ? AND g.is_everyone", site)
}

// AddGroup adds a group to a site and sets its Seq.
func (tx *Tx) AddGroup(site int64, g *Group) (err error) {
	g.Seq, err = tx.insert("INSERT INTO groups (id, site, name, domain, minimum_site_role, license_mode) VALUES (?, ?, ?, ?, ?, ?)",
		g.ID, site, g.Name, g.Domain, g.MinimumSiteRole, g.LicenseMode)
	return err
}

// UpdateGroup writes a group's name, minimum site role and when members get it.
func (tx *Tx) UpdateGroup(g Group) error {
	_, err := tx.exec("UPDATE groups SET name = ?, minimum_site_role = ?, license_mode = ? WHERE seq = ?", g.Name, g.MinimumSiteRole,
		g.LicenseMode, g.Seq)
	return err
}

// DeleteGroup deletes a group; its users stay.
func (tx *Tx) DeleteGroup(group int64) error {
	_, err := tx.exec("DELETE FROM groups WHERE seq = ?", group)
	return err
}

// GroupUsers lists the users in a group.
func (tx *Tx) GroupUsers(group int64, q Query) ([]User, int64, error) {
	return users.page(tx, where{`u.seq IN (SELECT user FROM group_members WHERE "group" = ?)`, []any{group}}, q)
}

// AddToGroup puts a user into a group and reports whether the user was not in it before.
func (tx *Tx) AddToGroup(group, user int64) (bool, error) {
	return tx.changes(`INSERT INTO group_members ("group", user) VALUES (?, ?) ON CONFLICT DO NOTHING`, group, user)
}

// RemoveFromGroup takes a user out of a group and reports whether the user was in it.
func (tx *Tx) RemoveFromGroup(group, user int64) (bool, error) {
	return tx.changes(`DELETE FROM group_members WHERE "group" = ? AND user = ?`, group, user)
}

// changes runs a statement and reports whether it changed a row.
func (tx *Tx) changes(statement string, args ...any) (bool, error) {
	result, err := tx.exec(statement, args...)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}
