package store

// Whether a user has a capability on an item is told by the rules there for the user and for the user's groups: a denial
// for the user, else a permission for the user, else a denial for any group, else a permission for any group decides.
// Owners, project leaders and site roles come before: lists know owners and leaders, the rest is the caller's.

// strength orders rules, the one that decides first; what allows is odd.
const strength = `CASE WHEN grantee_type = 'user' THEN 0 ELSE 2 END + (mode = 'Allow')`

// holders are the grantees that a reader is. The parameter is the seq of the reader.
const holders = `reader (seq, id, site) AS (SELECT seq, id, site FROM users WHERE seq = ?),
	holders (type, id) AS (SELECT 'user', id FROM reader UNION ALL
		SELECT 'group', g.id FROM groups g JOIN group_members m ON m."group" = g.seq JOIN reader ON m.user = reader.seq)`

// verdict is an expression: 1 when the rules of an item allow holders the capability, 0 or NULL when they do not. The
// last four arguments are expressions.
func verdict(kind, content, item, capability string) string {
	return `(SELECT min(` + strength + `) % 2 FROM grants WHERE capability = ` +
		capability + ` AND kind = ` + kind + ` AND content = ` + content + ` AND item = ` + item +
		` AND (grantee_type, grantee) IN (SELECT type, id FROM holders))`
}

// readerTables are what the conditions below look into. Their parameter is the seq of the reader.
//   - holders: the grantees that the reader is
//   - led: the projects that the reader owns or leads, with all that are inside them
//   - readable: the lists of rules in read_lists that let the reader read
//   - decided: of each project of the site the one that decides instead of it (around), and the one that decides instead of
//     its contents (lock); NULL where each decides for itself
const readerTables = "WITH RECURSIVE " + holders + `,
	led (seq) AS (SELECT p.seq FROM projects p JOIN reader ON p.owner = reader.seq
		UNION SELECT item FROM grants WHERE capability = 'ProjectLeader' AND kind = 'projects' AND content = '' AND mode = 'Allow'
			AND (grantee_type, grantee) IN (SELECT type, id FROM holders)
		UNION SELECT p.seq FROM led JOIN projects p ON p.parent = led.seq),
	readable (list) AS (SELECT list FROM read_rules WHERE (grantee_type, grantee) IN (SELECT type, id FROM holders)
		GROUP BY list HAVING min(` + strength + `) % 2 = 1),
	decided (project, around, inside, lock) AS (
		SELECT p.seq, NULL, iif(p.content_permissions = 'LockedToProject', p.seq, NULL), iif(p.content_permissions <> 'ManagedByOwner', p.seq, NULL)
			FROM projects p JOIN reader ON p.site = reader.site WHERE p.parent IS NULL
		UNION ALL SELECT p.seq, d.inside, coalesce(d.inside, iif(p.content_permissions = 'LockedToProject', p.seq, NULL)),
			coalesce(d.inside, iif(p.content_permissions <> 'ManagedByOwner', p.seq, NULL))
			FROM decided d JOIN projects p ON p.parent = d.project) `

// readableContent is the condition that the reader may read a row of alias, which has an owner and a project. own is the
// condition by the row's own rules, where no project decides; content is the type of content whose defaults decide in locked
// projects. Of a kind without read_list, own is its verdict.
func readableContent(alias, content, own string) string {
	return alias + `.owner = (SELECT seq FROM reader) OR ` + alias + `.project IN (SELECT seq FROM led) OR ` +
		alias + `.project IN (SELECT project FROM decided WHERE lock IS NOT NULL AND ` + verdict("'projects'", content, "lock", "'Read'") + `) OR ` +
		alias + `.project IN (SELECT project FROM decided WHERE lock IS NULL) AND ` + own
}

var (
	readableWorkbook   = readableContent("w", "'workbooks'", "w.read_list IN (SELECT list FROM readable)")
	readableDataSource = readableContent("d", "'datasources'", "d.read_list IN (SELECT list FROM readable)")
	// While a workbook shows its views as tabs, they follow its rules.
	readableView = readableContent("w", "'workbooks'",
		"CASE WHEN w.show_tabs THEN w.read_list ELSE v.read_list END IN (SELECT list FROM readable)")
	readableProject = `p.seq IN (SELECT seq FROM led) OR p.seq IN (SELECT project FROM decided WHERE ` +
		verdict("'projects'", "''", "coalesce(around, project)", "'Read'") + `)`
)

// Granted reports whether the rules of a place allow a user a capability.
func (tx *Tx) Granted(p GrantPlace, u User, capability string) (granted bool, err error) {
	err = tx.queryRow("WITH "+holders+" SELECT coalesce("+verdict("?", "?", "?", "?")+", 0)", u.Seq, capability, p.Kind, p.Content, p.Item).Scan(&granted)
	return granted, err
}

// CopyGrants gives a project the rules of another, save for who leads it.
func (tx *Tx) CopyGrants(from, to int64) error {
	_, err := tx.exec(`INSERT INTO grants (kind, item, content, grantee_type, grantee, capability, mode)
		SELECT kind, ?, content, grantee_type, grantee, capability, mode FROM grants
		WHERE kind = 'projects' AND item = ? AND capability <> 'ProjectLeader' ORDER BY seq`, to, from)
	return err
}

// forgetReadLists deletes the lists of rules that no item has any more.
func (tx *Tx) forgetReadLists() error {
	if _, err := tx.exec(`DELETE FROM read_lists WHERE seq NOT IN
		(SELECT read_list FROM workbooks UNION SELECT read_list FROM views UNION SELECT read_list FROM datasources)`); err != nil {
		return err
	}
	_, err := tx.exec("DELETE FROM read_rules WHERE list NOT IN (SELECT seq FROM read_lists)")
	return err
}
