package store

// GrantPlace is where grants hang.
type GrantPlace struct {
	Kind    string // the item's table
	Item    int64
	Content string // of a project: the type of content that the grants are the default for; "": the item's own
}

// Grant allows or denies a grantee one capability.
type Grant struct {
	GranteeType string // "user", "group" or "groupSet"
	Grantee     string // ID
	Capability  string
	Mode        string // "Allow" or "Deny"
}

// Grants returns the grants of a place, in the order in which they were made.
func (tx *Tx) Grants(p GrantPlace) ([]Grant, error) {
	return query(tx, func(row scanner) (g Grant, err error) {
		err = row.Scan(&g.GranteeType, &g.Grantee, &g.Capability, &g.Mode)
		return g, err
	}, "SELECT grantee_type, grantee, capability, mode FROM grants WHERE kind = ? AND item = ? AND content = ? ORDER BY seq",
		p.Kind, p.Item, p.Content)
}

// AddGrant adds a grant to a place, where its grantee must not have the capability yet.
func (tx *Tx) AddGrant(p GrantPlace, g Grant) error {
	_, err := tx.exec("INSERT INTO grants (kind, item, content, grantee_type, grantee, capability, mode) VALUES (?, ?, ?, ?, ?, ?, ?)",
		p.Kind, p.Item, p.Content, g.GranteeType, g.Grantee, g.Capability, g.Mode)
	return err
}

// RemoveGrant removes a grant and reports whether it stood there.
func (tx *Tx) RemoveGrant(p GrantPlace, g Grant) (bool, error) {
	return tx.changes(`DELETE FROM grants WHERE kind = ? AND item = ? AND content = ? AND grantee_type = ? AND grantee = ?
		AND capability = ? AND mode = ?`, p.Kind, p.Item, p.Content, g.GranteeType, g.Grantee, g.Capability, g.Mode)
}

// above is the project ?1 at depth 0 and every project around it.
const above = `WITH RECURSIVE above (seq, depth) AS (VALUES (?1, 0)
	UNION SELECT p.parent, depth + 1 FROM projects p JOIN above USING (seq) WHERE p.parent IS NOT NULL) `

// LockOnContents returns the project that decides for what is in a project, or [ErrNotFound] when each item decides for itself.
func (tx *Tx) LockOnContents(project int64) (Project, error) {
	return tx.lock(project, 0)
}

// LockOnProject returns the project that decides for a project inside it, or [ErrNotFound].
func (tx *Tx) LockOnProject(project int64) (Project, error) {
	return tx.lock(project, 1)
}

func (tx *Tx) lock(project, nearest int64) (Project, error) {
	return projects.one(tx, "p.seq = ("+above+`SELECT q.seq FROM projects q JOIN above USING (seq) WHERE depth >= ?2
		AND (q.content_permissions = 'LockedToProject' OR q.content_permissions = 'LockedToProjectWithoutNested' AND depth = 0)
		ORDER BY depth DESC LIMIT 1)`, project, nearest)
}

// LeadsProject reports whether a user owns a project or one around it, or is a leader there.
func (tx *Tx) LeadsProject(project int64, u User) (leads bool, err error) {
	err = tx.queryRow(above+", "+holders+` SELECT EXISTS (SELECT 1 FROM projects p JOIN above USING (seq) WHERE p.owner = (SELECT seq FROM reader)
		OR EXISTS (SELECT 1 FROM grants WHERE kind = 'projects' AND item = p.seq AND content = '' AND capability = 'ProjectLeader'
			AND mode = 'Allow' AND (grantee_type, grantee) IN (SELECT type, id FROM holders)))`, project, u.Seq).Scan(&leads)
	return leads, err
}
