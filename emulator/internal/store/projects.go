package store

import "time"

// Project is a folder for content.
type Project struct {
	Seq                int64
	ID                 string
	Parent             int64 // seq, or 0 at the top
	ParentID           string
	Name               string
	Description        string
	ContentPermissions string
	Default            bool // the one that cannot be deleted
	Created, Updated   time.Time
	Owner              User
	Contents           Contents // zero until CountContents
	Writable           bool     // by who asks: the store does not know
}

// Contents counts what is directly in a project.
type Contents struct{ Projects, Workbooks, Views, DataSources int64 }

// owner is what lists show of the owner of their rows.
const owner = "u.seq, u.id, a.name, a.full_name, a.email, " + siteRole + ", u.last_login"

func ownerColumns(u *User) []any {
	return []any{&u.Seq, &u.ID, &u.Name, &u.FullName, &u.Email, &u.SiteRole, timeColumn{&u.LastLogin}}
}

var projects = list[Project]{
	columns: `p.seq, p.id, coalesce(p.parent, 0), coalesce(up.id, ''), p.name, p.description, p.content_permissions, p.is_default,
		p.created, p.updated, ` + owner,
	from: `projects p LEFT JOIN projects up ON up.seq = p.parent
		JOIN users u ON u.seq = p.owner JOIN accounts a ON a.seq = u.account`,
	order:    "p.seq",
	readable: readableProject,
	fields: map[string]field{
		"id":              {column: "p.id"},
		"name":            {column: "p.name"},
		"parentProjectId": {column: "up.id"},
		"topLevelProject": {column: "(p.parent IS NULL)", kind: boolean},
		"ownerName":       {column: "a.name"},
		"ownerEmail":      {column: "a.email"},
		"ownerDomain":     {column: "a.domain"},
		"createdAt":       {column: "p.created", kind: moment},
		"updatedAt":       {column: "p.updated", kind: moment},
	},
	scan: func(row scanner) (p Project, err error) {
		err = row.Scan(append([]any{&p.Seq, &p.ID, &p.Parent, &p.ParentID, &p.Name, &p.Description, &p.ContentPermissions, &p.Default,
			timeColumn{&p.Created}, timeColumn{&p.Updated}}, ownerColumns(&p.Owner)...)...)
		return p, err
	},
}

// Projects lists the projects of a site.
func (tx *Tx) Projects(site int64, q Query) ([]Project, int64, error) {
	return projects.page(tx, where{"p.site = ?", []any{site}}, q)
}

// Project returns a project of a site.
func (tx *Tx) Project(site int64, id string) (Project, error) {
	return projects.one(tx, "p.site = ? AND p.id = ?", site, id)
}

// DefaultProject returns the project that every site has.
func (tx *Tx) DefaultProject(site int64) (Project, error) {
	return projects.one(tx, "p.site = ? AND p.is_default", site)
}

// ProjectNamed returns a project by its name inside its parent (0: at the top), in any case.
func (tx *Tx) ProjectNamed(site, parent int64, name string) (Project, error) {
	return projects.one(tx, "p.site = ? AND ifnull(p.parent, 0) = ? AND p.name = ? COLLATE NOCASE", site, parent, name)
}

// CountContents sets p.Contents.
func (tx *Tx) CountContents(p *Project) error {
	return tx.queryRow(`SELECT (SELECT count(*) FROM projects WHERE parent = ?1), (SELECT count(*) FROM workbooks WHERE project = ?1),
		(SELECT count(*) FROM views v JOIN workbooks w ON w.seq = v.workbook WHERE w.project = ?1 AND NOT v.hidden),
		(SELECT count(*) FROM datasources WHERE project = ?1)`, p.Seq).
		Scan(&p.Contents.Projects, &p.Contents.Workbooks, &p.Contents.Views, &p.Contents.DataSources)
}

func orNull(seq int64) any {
	if seq == 0 {
		return nil
	}
	return seq
}

// AddProject adds a project owned by p.Owner to a site and sets its Seq.
func (tx *Tx) AddProject(site int64, p *Project) (err error) {
	p.Seq, err = tx.insert(`INSERT INTO projects (id, site, parent, owner, name, description, content_permissions, is_default,
		created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, p.ID, site, orNull(p.Parent), p.Owner.Seq, p.Name, p.Description,
		p.ContentPermissions, p.Default, seconds(p.Created), seconds(p.Updated))
	return err
}

// UpdateProject writes what can be changed of a project.
func (tx *Tx) UpdateProject(p Project) error {
	_, err := tx.exec(`UPDATE projects SET parent = ?, owner = ?, name = ?, description = ?, content_permissions = ?, updated = ?
		WHERE seq = ?`, orNull(p.Parent), p.Owner.Seq, p.Name, p.Description, p.ContentPermissions, seconds(p.Updated), p.Seq)
	return err
}

// within is the project ?1 and every project inside it.
const within = `WITH RECURSIVE inside (seq) AS (VALUES (?1) UNION SELECT p.seq FROM projects p JOIN inside ON p.parent = inside.seq) `

// ProjectContains reports whether the project inner is outer or lies inside it.
func (tx *Tx) ProjectContains(outer, inner int64) (contains bool, err error) {
	err = tx.queryRow(within+"SELECT EXISTS (SELECT 1 FROM inside WHERE seq = ?2)", outer, inner).Scan(&contains)
	return contains, err
}

// ProjectHoldsDefault reports whether the default project lies inside a project.
func (tx *Tx) ProjectHoldsDefault(seq int64) (holds bool, err error) {
	err = tx.queryRow(within+"SELECT EXISTS (SELECT 1 FROM projects p JOIN inside USING (seq) WHERE p.is_default)", seq).Scan(&holds)
	return holds, err
}

// DeleteProject deletes a project with everything in it and returns the names of the contents it named.
func (tx *Tx) DeleteProject(seq int64) ([]string, error) {
	blobs, err := query(tx, scanString, within+`SELECT w.blob FROM workbooks w JOIN inside ON inside.seq = w.project
		UNION SELECT d.blob FROM datasources d JOIN inside ON inside.seq = d.project`, seq)
	if err != nil {
		return nil, err
	}
	_, err = tx.exec("DELETE FROM projects WHERE seq = ?", seq)
	return blobs, err
}
